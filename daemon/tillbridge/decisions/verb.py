"""Listing what waits for a person's word, and doing what the word says."""

from __future__ import annotations

from collections.abc import Callable

from tillbridge.attempts import UNCERTAIN_WRITE
from tillbridge.decisions.asked import Asked, Kind, UnknownDecision, begin
from tillbridge.decisions.brakes import BrakedSides, HeldRuns, PutBack
from tillbridge.decisions.differences import Reported
from tillbridge.decisions.links import AllOffsets, HeldFalls, Offsets, Vanished
from tillbridge.decisions.orders import DeletedOrders
from tillbridge.decisions.papers import ParkedOrders
from tillbridge.decisions.people import People
from tillbridge.decisions.writes import UnsureWrites
from tillbridge.errors import Malformed
from tillbridge.mending import REPORTED
from tillbridge.ports import Attention, Books, Pending, Said, Stories

KINDS: tuple[Kind, ...] = (
    PutBack(), BrakedSides(), Vanished(), HeldRuns(), UnsureWrites(), HeldFalls(), Reported(), DeletedOrders(),
    ParkedOrders(), People(),
    Offsets(), AllOffsets(),
)  # fmt: skip
"""The most urgent first."""

LONGEST_WORDS = 300
"""Characters of a person's reason."""


class Decisions:
    """What waits for a person. `stirred` wakes the writers."""

    def __init__(self, books: Books, stories: Stories, stirred: Callable[[], None]) -> None:
        self._books = books
        self._stories = stories
        self._stirred = stirred

    def listed(self) -> Said:
        """Everything, with the choices; of each kind at the most a thousand. `total` counts them all."""
        with self._stories.reading() as story:
            rows = [asked.row() for kind in KINDS for asked in kind.rows(story)]
            return {"rows": rows, "total": attention(story, 0).decisions}

    def decide(self, name: str, choice: str, words: str = "") -> Said:
        """Do it, under a run of its own. Raises `UnknownDecision`, and `Malformed` that names the choices."""
        reason = words.strip()
        if len(reason) > LONGEST_WORDS:
            raise Malformed(f"words: found {len(reason)} characters, allowed are at most {LONGEST_WORDS}")
        with self._books.writing() as unit:
            kind, asked = _find(unit, name.strip())
            if choice not in [one.choice for one in asked.choices]:
                allowed = ", ".join(one.choice for one in asked.choices)
                raise Malformed(f"choice: found {choice[:40]!r}, allowed for {asked.id!r} are {allowed}")
            deciding = begin(unit, asked, choice, reason)
            kind.decide(deciding, asked.subject, choice)
            deciding.close()
        self._stirred()
        return {"run": deciding.run.id, "id": asked.id, "choice": choice, "rows": deciding.rows}


def attention(pending: Pending, alerts: int) -> Attention:
    """What a person should look at; of the alerts so many at the most."""
    return pending.attention(alerts, REPORTED, UNCERTAIN_WRITE)


def _find(pending: Pending, name: str) -> tuple[Kind, Asked]:
    begins, _, subject = name.partition(":")
    for kind in KINDS:
        if kind.name == begins and (found := kind.find(pending, subject)) is not None:
            return kind, found
    raise UnknownDecision(f"nothing waits for your word under {name[:80]!r}; `tillbridge decide` lists what does")
