"""How far the POS's feed was read: its cursor, and the mark of its database as it was when it gave that cursor.

The books keep both as one text. So a cursor that the POS does not know, or that another database gave, can be told
from a feed that went on, also after a restart.
"""

from __future__ import annotations

from dataclasses import dataclass

from tillbridge.core import marks
from tillbridge.core.marks import Mark
from tillbridge.core.stock import SideName

_WITH_MARK = "@"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the feed; `mark` is None where the POS did not say how far its database had come."""

    cursor: str
    mark: Mark | None = None

    def is_of(self, now: Mark | None) -> bool:
        """Whether a database that is called so now may have given this cursor."""
        return self.mark is None or now is None or self.mark.incarnation == now.incarnation

    def is_ahead_of(self, now: Mark) -> bool:
        """Whether the database went back since it gave this cursor."""
        return self.mark is not None and marks.went_back(SideName.POS, self.mark, now) != ""


def encode(place: Place) -> str:
    """As the books keep it."""
    if place.mark is not None:
        return f"{_WITH_MARK}{marks.encode(place.mark)} {place.cursor}"
    return f"{_WITH_MARK}  {place.cursor}" if place.cursor.startswith(_WITH_MARK) else place.cursor


def decode(kept: str) -> Place:
    """A place as the books keep it; a bare cursor has no mark."""
    parts = kept.removeprefix(_WITH_MARK).split(" ", 2)
    if not kept.startswith(_WITH_MARK) or len(parts) < 3:
        return Place(kept)
    return Place(parts[2], marks.decode(f"{parts[0]} {parts[1]}"))
