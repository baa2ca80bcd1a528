"""How far a side's database had come when it last spoke: whoever falls behind that was restored from a backup.

Auto-increment numbers repeat after a restore, so a side also gives its database a random name.

Pushes pass each other, so one that is behind another says nothing; but what was noted before a question, an answer to
it must have reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tillbridge.core.stock import SideName


@dataclass(frozen=True, slots=True)
class Mark:
    """The random name of a side's database, and a number that only rises while that database lives on."""

    incarnation: str
    counter: int


def read(page: Mapping[str, object]) -> Mark | None:
    """What a page of a side says of its database; None where it does not."""
    incarnation, counter = page.get("incarnation"), page.get("counter")
    if not isinstance(incarnation, str) or isinstance(counter, bool) or not isinstance(counter, int):
        return None
    return Mark(incarnation, counter) if incarnation and " " not in incarnation and counter >= 0 else None


def goes_further(known: Mark | None, told: Mark) -> bool:
    """Whether a push shows the same database further on than was known."""
    return known is not None and told.incarnation == known.incarnation and told.counter > known.counter


def went_back(side: SideName, known: Mark, told: Mark, when: str = "") -> str:
    """Why this is not the database that we knew, in a sentence; "" where it is. `when`: about when it stood there, ""
    where nobody knows."""
    if told.incarnation != known.incarnation:
        change = "it has another name: it was made anew, or another was put in its place"
        if side is SideName.STORE:  # its plugin takes a new name after a time in which it was off
            change = f"{change}, or nobody watched it for a while"
    elif told.counter < known.counter:
        to = f" of about {when}" if when else ""
        change = f"its counter fell from {known.counter} to {told.counter}: it was restored from a backup{to}"
    else:
        return ""
    return (
        f"the database of the {side} is not the one of before ({change}). Nothing is written to either side, so that no"
        f" number is built on it; say whose word counts now: `tillbridge decide restored:{side}`"
    )


def books_went_back(known: Mark, remembered: Mark) -> str:
    """Why our own books are not the newest ones, in a sentence; "" where they are. `remembered`: how far they had come
    by what a side was told; other books, begun anew, say nothing."""
    if remembered.incarnation != known.incarnation or remembered.counter <= known.counter:
        return ""
    return (
        f"the books of this daemon were restored from a backup (they had come to {remembered.counter}, now they are at"
        f" {known.counter}). Nothing is written to either side; what was told since is fetched again, and our own"
        " writes are recognised. Then say `tillbridge decide restored:books go-on`"
    )


Trail = tuple[tuple[int, float], ...]
"""How far a database had come at some times (steady seconds), the oldest first."""

TRAIL_EVERY = 1800.0
TRAIL_LENGTH = 96
"""So two days are remembered, by the half hour: enough to say to about when a backup goes back."""


def trodden(trail: Trail, mark: Mark, now: float) -> Trail:
    """The trail with this mark, if it is time for another."""
    if trail and now - trail[-1][1] < TRAIL_EVERY:
        return trail
    return (*trail, (mark.counter, now))[-TRAIL_LENGTH:]


def stood_at(trail: Trail, counter: int) -> float | None:
    """When the database had about come to this counter; None where nobody remembers."""
    before = [at for known, at in trail if known <= counter]
    return before[-1] if before else None


def note_of(side: SideName) -> str:
    """The name of the note that keeps it."""
    return f"mark:{side}"


def encode(mark: Mark) -> str:
    """As it is noted."""
    return f"{mark.incarnation} {mark.counter}"


def decode(noted: str) -> Mark | None:
    """None where nothing was noted, or nothing that is a mark."""
    incarnation, _, counter = noted.rpartition(" ")
    return Mark(incarnation, int(counter)) if incarnation and counter.isdecimal() else None
