"""How far a side's database had come when it last spoke: whoever falls behind that was restored from a backup.

Auto-increment numbers repeat after a restore, so a side also gives its database a random name.
"""

from __future__ import annotations

from dataclasses import dataclass

from tillbridge.core.stock import SideName


@dataclass(frozen=True, slots=True)
class Mark:
    """The random name of a side's database, and a number that only rises while that database lives on."""

    incarnation: str
    counter: int


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


def encode(mark: Mark) -> str:
    """As it is noted."""
    return f"{mark.incarnation} {mark.counter}"


def decode(noted: str) -> Mark | None:
    """None where nothing was noted, or nothing that is a mark."""
    incarnation, _, counter = noted.rpartition(" ")
    return Mark(incarnation, int(counter)) if incarnation and counter.isdecimal() else None
