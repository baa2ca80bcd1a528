"""Never sell what is gone: the shop was never raised above what the goods allowed by the news that we had by then.

A piece may be sold at both places at once, as long as the news of it are on their way; that is all that may be
oversold. So each rise of ours at the shop is held against what the till's own records say of every change that was
entered before the write was made up, and against nothing that the engine computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import nextafter
from typing import TYPE_CHECKING

from tests.simulation.rows import Row
from tests.simulation.shelf import ruled
from tests.simulation.truth import Truth
from tillbridge.core.accounts import EntryKind
from tillbridge.core.stock import ZERO, SideName
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Effect

if TYPE_CHECKING:
    from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Rise:
    """A rise of ours that took effect at the shop. `written`: what all our writes of the item came to by then; `news`:
    the newest entry of the journal when it was made up, at `at` (steady seconds)."""

    sku: str
    written: Decimal
    news: int
    at: float


def problems(world: World, shelves: Sequence[Shelf], entries: Sequence[Row], truth: Truth) -> Iterator[str]:
    """Rises that came to more than the till had more by then, as far as anybody had told."""
    if world.troubles.restored.done:
        return  # what was known then is not known any more
    by_sku = {shelf.link.sku: shelf for shelf in shelves}
    for rise in world.watch.rises:
        shelf = by_sku.get(rise.sku)
        if shelf is None:
            continue
        mine = [one for one in entries if one.link == shelf.link.id and one.id <= rise.news]
        said = max(ruled(world, shelf, mine, until) for until in (rise.at, nextafter(rise.at, 0.0)))
        allowed = (
            _gained(truth, shelf, mine) + said
        )  # what a person said at the same moment may have been said after it
        if rise.written > allowed:
            yield (
                f"gone: our writes of {rise.sku} at the shop came to {rise.written}; by the news that we had, the till"
                f" had {allowed} more to offer"
            )


def _gained(truth: Truth, shelf: Shelf, mine: Sequence[Row]) -> Decimal:
    """By how much the till had more than at first contact, less what is put back at the shop. Of what the till told as
    a change its own record counts; what a level told is in our journal only."""
    gained = ZERO
    for one in mine:
        if one.kind != EntryKind.BORN or one.effect == Effect.APART:
            continue
        if one.side is SideName.STORE:
            gained -= one.amount if one.effect == Effect.PUT_BACK else ZERO
        elif one.effect != Effect.PUT_BACK:
            told = truth.born.get((one.source, shelf.link.pos_ref, one.outlet))
            gained += one.amount if told is None else told.delta
    return gained
