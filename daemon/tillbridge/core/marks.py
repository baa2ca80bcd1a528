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


def went_back(side: SideName, known: Mark, told: Mark) -> str:
    """Why this is not the database that we knew, in a sentence; "" where it is."""
    if told.incarnation != known.incarnation:
        change = "it has another name: it was made anew, another was put in its place, or nobody watched it for a while"
    elif told.counter < known.counter:
        change = f"its counter fell from {known.counter} to {told.counter}: it was restored from a backup"
    else:
        return ""
    return (
        f"the database of the {side} is not the one of before ({change}). Nothing is written to either side, so that no"
        " number is built on it; compare the stock of what was sold since, then say `tillbridge resume`"
    )


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
