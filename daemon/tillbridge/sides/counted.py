"""A POS that takes only whole levels, made to take differences: read, add, write what it was based on, read back.

One at a time. Where the POS checks the basis, a sale in between makes it refuse, and the change is worked out anew.
Where it checks none, a sale is lost there that falls between its answering our read and its carrying out our write: the
way of that answer to us and of our write to it, which is as long as one call. Reconcile finds what was lost so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from tillbridge.core.actions import Action, AdjustStock, CountStock, Loss, Outcome, Status, Trace
from tillbridge.core.stock import Item, Level, SideName, plain, spell
from tillbridge.core.trouble import of_unsent
from tillbridge.errors import SideTrouble
from tillbridge.ports import Abilities, Changes, Hop, Report, Side

TRIES = 3
"""How often a change is worked out anew where the level changed in between."""

CHANGED = "changed"
"""The reason of a POS that refuses a level because what it was based on is no more."""


class Counted:
    """`ports.Side` on top of another that accepts `CountStock` and no `AdjustStock`."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self.name: SideName = side.name
        actions = (side.abilities.actions - {CountStock}) | {AdjustStock}
        self.abilities: Abilities = replace(side.abilities, actions=actions, batch=1, parallel=1, key_memory=None)

    def apply(self, actions: Sequence[Action]) -> list[Outcome]:
        """One at a time: two that read the same level would lose one of them."""
        return [self._adjust(action) if isinstance(action, AdjustStock) else _UNSUPPORTED for action in actions]

    def _adjust(self, action: AdjustStock) -> Outcome:
        for _ in range(TRIES):
            try:
                found = self._level(action.ref, action.outlet)
            except SideTrouble as trouble:
                return of_unsent(trouble)
            if found is None:
                return Outcome(Status.REFUSED, reason="unknown_level", sentence="its level is unknown there")
            wanted = plain(found + action.delta)
            (outcome,) = self._side.apply([CountStock(action.key, action.ref, action.outlet, wanted, found)])
            if outcome.status in (Status.APPLIED, Status.DUPLICATE):
                return self._read_back(action, found, wanted, outcome)
            if not (outcome.status is Status.REFUSED and outcome.reason == CHANGED):
                return outcome
        return Outcome(Status.REFUSED, reason=CHANGED, sentence="its level changed each time while we wrote it")

    def _read_back(self, action: AdjustStock, found: Decimal, wanted: Decimal, outcome: Outcome) -> Outcome:
        """What the POS shows after it said yes. Where that is still the old level, its yes is not believed: nobody
        knows whether the write is yet to come. Another level than ours is a sale right after it, which its feed
        tells."""
        try:
            level = self._level(action.ref, action.outlet)
        except SideTrouble:
            return outcome
        if level is None:
            return outcome
        words = f"it showed {spell(found)}, {spell(wanted)} was written, it shows {spell(level)}"
        if level == found:
            return Outcome(Status.UNCERTAIN, level, "not_there", words)
        return replace(outcome, level=level, sentence=words)

    def _level(self, ref: str, outlet: str) -> Decimal | None:
        return next((one.quantity for one in self._side.levels_of(ref) if one.outlet == outlet), None)

    def check(self) -> Report:
        return self._side.check()

    def hops(self) -> tuple[Hop, ...]:
        return self._side.hops()

    def levels(self) -> Iterator[Level]:
        return self._side.levels()

    def levels_of(self, ref: str) -> tuple[Level, ...]:
        return self._side.levels_of(ref)

    def catalogue(self) -> Iterator[Item]:
        return self._side.catalogue()

    def changes_since(self, cursor: str) -> Changes:
        return self._side.changes_since(cursor)

    def watermark(self) -> str:
        return self._side.watermark()

    def find(self, trace: Trace) -> Outcome:
        return self._side.find(trace)

    def lost(self, ref: str, outlet: str, /) -> tuple[Loss, ...]:
        return self._side.lost(ref, outlet)


_UNSUPPORTED = Outcome(Status.INVALID, reason="unsupported", sentence="this POS takes nothing but levels")
