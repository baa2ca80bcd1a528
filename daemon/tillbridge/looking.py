"""Reading once more what a feed of levels told while something was under way, and a zero that it told in place of a
level: it will not repeat it by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tillbridge.core import codec
from tillbridge.core.events import LevelSeen, Told
from tillbridge.core.stock import SideName
from tillbridge.ports import Books, Clock, Side

AT_ONCE = 50


class LookAgain:
    """Looks when called by the schedule."""

    def __init__(self, books: Books, sides: Mapping[SideName, Side], clock: Clock, new_id: Callable[[], str]) -> None:
        self._books = books
        self._sides = sides
        self._clock = clock
        self._new_id = new_id

    def __call__(self) -> int:
        """Read the levels that are asked for; how many were told. Raises `SideTrouble`; then the rest is asked for
        still."""
        with self._books.glancing() as books:
            if not books.are_looks_wanted():
                return 0
        return sum(self._look(side) for side in SideName)

    def _look(self, side: SideName) -> int:
        """What trails is read when it must have come as far as what was told when the level was asked for: an older
        copy would say that nothing happened."""
        with self._books.glancing() as books:
            until = books.now - self._sides[side].abilities.lag
            refs = books.to_look_at(side, AT_ONCE, until)
        told = 0
        for ref in refs:
            begun = self._clock.now()
            seen = [
                self._told(
                    LevelSeen(side, self._new_id(), "", ref, level.outlet, level.quantity, begun, confirmed=True)
                )
                for level in self._sides[side].levels_of(ref)
                if level.quantity is not None
            ]
            with self._books.writing() as unit:
                unit.looked_at(side, [ref], until)
                told += unit.add(seen)
        return told

    @staticmethod
    def _told(seen: LevelSeen) -> Told:
        return codec.encode_level(seen)
