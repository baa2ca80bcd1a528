"""A POS whose feed tells levels, read from a copy that trails what happened by up to `lag` seconds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from random import Random

from tests.simulation.tills.floor import Floor
from tests.simulation.tills.line import Line
from tests.simulation.tills.plain import PlainTill, level_of, uncertain, unsupported
from tillbridge.core import codec
from tillbridge.core.actions import Action, AdjustStock, Outcome, Status, Trace
from tillbridge.core.events import LevelSeen
from tillbridge.core.stock import ZERO, Level, SideName, plain
from tillbridge.ports import Abilities, Changes, Feed

LAG = 5.0
KEY_MEMORY = 90 * 86400.0


class LevelsTill(PlainTill):
    """Each read meets a copy of another age (`dice`), so that a later read may show an older level.

    The version of a level is the number of the newest change in it; the cursor is the newest number that was shown.
    Levels that we moved ourselves are told like any other. With `keyed` a write is taken once, however often it comes,
    and its key can be asked about.
    """

    def __init__(self, line: Line, floor: Floor, dice: Random, lag: float = LAG, *, keyed: bool = True) -> None:
        super().__init__(line, floor)
        self.abilities = Abilities(
            frozenset({AdjustStock}),
            batch=1,
            parallel=2 if keyed else 1,
            key_memory=KEY_MEMORY if keyed else None,
            feed=Feed.LEVELS,
            lag=lag,
        )
        self._dice = dice
        self._keyed = keyed

    def find(self, trace: Trace) -> Outcome:
        if not self._keyed:
            return super().find(trace)
        found = self._line.read(lambda: self._floor.book.find(trace.key))
        if found is None:
            return Outcome(Status.NOT_FOUND, reason="key_unknown", sentence="nothing was recorded under this key")
        return Outcome(Status.APPLIED, sentence=f"document {found.number}") if found.n else uncertain("it waits")

    def changes_since(self, cursor: str) -> Changes:
        begun = self._floor.clock.now()
        return self._line.read(lambda: self._seen(cursor, begun))

    def _seen(self, cursor: str, begun: float) -> Changes:
        shown = self._shown()
        if cursor == "":
            return Changes((), str(shown), more=False)
        later = self._since(shown)
        versions: dict[tuple[str, str], int] = {}
        for row in self._floor.rows(int(cursor)):
            if row.n <= shown:
                versions[row.ref, row.outlet] = row.n
        told = []
        for (ref, outlet), version in sorted(versions.items(), key=lambda one: one[1]):
            level = self._floor.level(ref, outlet)
            if level is not None:
                now = plain(level - later[ref, outlet])
                seen = LevelSeen(SideName.POS, f"{ref}@{outlet}:{version}", "", ref, outlet, now, begun)
                told.append(codec.encode_level(seen))
        return Changes(tuple(told), str(max(shown, int(cursor))), more=False)

    def _count_page(self, after: int, limit: int) -> tuple[list[Level], int | None]:
        return self._line.read(lambda: self._old_page(after, limit))

    def _old_page(self, after: int, limit: int) -> tuple[list[Level], int | None]:
        later = self._since(self._shown())
        page = self._floor.book.feed.levels(after, limit)
        return [_less(level_of(row), later) for row in page.levels], page.next

    def _shown(self) -> int:
        """How far the copy has come that answers this read."""
        return self._floor.head_at(self._floor.clock.now() - self._dice.uniform(0.0, self.abilities.lag))

    def _since(self, shown: int) -> defaultdict[tuple[str, str], Decimal]:
        """By how much each level has moved since."""
        moved: defaultdict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        for row in self._floor.rows(shown):
            moved[row.ref, row.outlet] += row.delta
        return moved

    def _act(self, action: Action) -> Outcome:
        if not isinstance(action, AdjustStock):
            return unsupported(action)
        return self._line.write(lambda: self._floor.adjust(action, keyed=self._keyed)).outcome


def _less(level: Level, later: defaultdict[tuple[str, str], Decimal]) -> Level:
    if level.quantity is None:
        return level
    return replace(level, quantity=plain(level.quantity - later[level.ref, level.outlet]))
