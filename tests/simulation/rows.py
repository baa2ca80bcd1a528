"""The entries of our journal as they lie in the database."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from tillbridge.core.stock import SideName

if TYPE_CHECKING:
    from tests.simulation.world import World

OF_A_RUN = ("run:", "lost:")
"""What the source of a correction begins with."""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry."""

    id: int
    link: int
    side: SideName
    outlet: str
    kind: str
    amount: Decimal
    source: str
    effect: str
    at: float
    run: int

    @property
    def corrects(self) -> bool:
        return self.source.startswith(OF_A_RUN)


def entries_of(world: World) -> list[Row]:
    """The whole journal, oldest first."""
    with world.connection.read() as db:
        rows = db.rows("SELECT id, link, side, outlet, kind, amount, source, effect, at, run FROM entry ORDER BY id")
    return [
        Row(number, link, SideName(side), outlet, kind, Decimal(amount), source, effect, float(at), int(run or 0))
        for number, link, side, outlet, kind, amount, source, effect, at, run in rows
    ]
