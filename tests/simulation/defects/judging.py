"""Defects in how levels are read, compared and corrected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.simulation.defects.planting import Defect, Planting
from tests.simulation.options import Wishes
from tillbridge import counting
from tillbridge.core import accounts
from tillbridge.core.accounts import EntryKind
from tillbridge.core.events import Cause
from tillbridge.core.stock import ZERO, Level
from tillbridge.core.terms import Effect
from tillbridge.reconcile import Reconcile
from tillbridge.sides.woocommerce import mapping
from tillbridge.undo.piece import Piece


def _while_moving(planting: Planting) -> None:
    """A run believes what it saw once, whatever is on its way there."""

    def hasty(self: counting.Counting, readings: Any) -> counting.Sorted:
        return counting.Sorted([one for one in readings if one.seen.level != one.seen.known], [])

    planting.put(counting.Counting, "sort", hasty)
    planting.put(Reconcile, "_settle", lambda self, side: 0.0)
    planting.put(accounts, "is_quiet", lambda account, begun: True)


def _while_writing(planting: Planting) -> None:
    """A level that a feed told is compared also while a write is under way there."""
    planting.put(accounts, "is_quiet", lambda account, begun: True)


def _levels(instead: Callable[[Decimal | None], Decimal | None]) -> Callable[[Planting], None]:
    def plant(planting: Planting) -> None:
        real = mapping.level

        def level(row: Any) -> Level:
            read = real(row)
            return replace(read, quantity=instead(read.quantity))

        planting.put(mapping, "level", level)

    return plant


def _undo_of_the_account(planting: Planting) -> None:
    """An undo takes the change out of the account, where the side still has it."""
    real = Piece._entry

    def entry(self: Any, line: Any) -> None:
        real(self, line)
        shelf = self.shelves[line.link]
        account = next(one for one in shelf.of(line.side) if one.outlet == line.outlet)
        if line.kind == EntryKind.BORN:
            source = f"run:{self.new.id}"
            self.unit.post([accounts.bear(account, -line.amount, source, Cause("undo"), Effect.NONE)])

    planting.put(Piece, "_entry", entry)


_SPOILT = Wishes(authority="mixed", reconcile="on", spoiling="on", restoring="off")
_TELLS_LEVELS = Wishes(pos="levels", authority="both", reconcile="on", spoiling="off", restoring="off")
_PLAIN = Wishes(authority="both", reconcile="on", spoiling="off", restoring="off")

JUDGING = (
    Defect("corrected-while-moving", "a run corrects what is still on its way", _while_moving),
    Defect("read-while-writing", "a level read while a write was under way is believed", _while_writing, _TELLS_LEVELS),
    Defect(
        "zero-for-unknown", "a level that nobody knows is taken for zero", _levels(lambda read: read or ZERO), _SPOILT
    ),
    Defect("unknown-for-zero", "a level of zero is taken for unknown", _levels(lambda read: read or None), _PLAIN),
    Defect("undone-undo", "an undo is corrected again by the next run", _undo_of_the_account, _SPOILT),
)
