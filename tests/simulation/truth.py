"""What really happened on both sides, from their own records: the measure of every entry in our journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.simulation.clock import BEGIN
from tests.simulation.tills.floor import pieces
from tillbridge.core.accounts import Account
from tillbridge.core.routing import OF_A_LINE
from tillbridge.core.stock import ZERO, SideName
from tillbridge.sandbox.records import Row
from tillbridge.till.feed import Change as Told
from tillbridge.till.papers import Author

if TYPE_CHECKING:
    from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Change:
    """A change that a side made by itself. `source` is what our entry must name; `at` when it was acknowledged there
    (steady seconds). `line` says whether it belongs to a line of an order; `cause` is the side's own word."""

    side: SideName
    source: str
    ref: str
    outlet: str
    delta: Decimal
    at: float
    cause: str
    line: bool = False


@dataclass(frozen=True, slots=True)
class Truth:
    """Every change that was born on a side, and every write of ours that took effect there."""

    born: dict[tuple[str, str, str], Change]
    """By source, ref and outlet."""
    written: dict[SideName, dict[str, list[Decimal]]]
    """By ref, in no order."""
    ours: frozenset[str]
    """The sources of what we did ourselves: none of them may ever be born."""


def truth_of(world: World) -> Truth:
    """Read both sides' records."""
    told = world.book.feed.changes(0, 10**9).changes
    changes = [*_at_the_store(world), *_at_the_till(world, told)]
    ours: set[str] = set()
    at_the_till: defaultdict[str, list[Decimal]] = defaultdict(list)
    for change in told:
        if change.author == Author.API:
            ours.add(f"{SideName.POS}:{change.id}")
            moved: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
            for move in change.movements:  # a sale may have several lines of an item
                moved[str(move.item)] += pieces(move.delta)
            for item, delta in moved.items():
                if delta:
                    at_the_till[item].append(delta)
    at_the_store: defaultdict[str, list[Decimal]] = defaultdict(list)
    for key in world.shop.state.keys:
        ours.add(key.key)
        if key.delta is not None:
            at_the_store[str(key.product_id)].append(key.delta)
    written = {SideName.STORE: dict(at_the_store), SideName.POS: dict(at_the_till)}
    return Truth({(one.source, one.ref, one.outlet): one for one in changes}, written, frozenset(ours))


def opened_at(world: World, account: Account) -> float:
    """When an account was opened, steady seconds."""
    with world.connection.read() as db:
        rows = db.rows(
            "SELECT MIN(at) FROM entry WHERE link = ? AND side = ? AND outlet = ? AND kind = 'opening'",
            (account.link, str(account.side), account.outlet),
        )
    return float(rows[0][0])


def rows_of(world: World) -> Iterator[Row]:
    """Every row that the shop's plugin ever told or is about to tell."""
    yield from (kept.row for kept in world.shop.state.acked)
    yield from world.shop.state.rows


def _at_the_store(world: World) -> Iterator[Change]:
    for row in rows_of(world):
        if row.topic == "stock.changed" and row.delta:
            is_line = row.cause.type in OF_A_LINE
            at = world.rows_opened.get(row.id, BEGIN)
            yield Change(
                SideName.STORE, f"store:{row.id}", str(row.product_id), "", row.delta, at, row.cause.type, is_line
            )


def _at_the_till(world: World, told: Sequence[Told]) -> Iterator[Change]:
    for change in told:
        if change.author == Author.API:
            continue
        sums: defaultdict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        for move in change.movements:
            sums[str(move.item), move.outlet] += pieces(move.delta)
        at = world.posted_at.get(change.n, BEGIN)
        for (ref, outlet), delta in sums.items():
            if delta:
                yield Change(SideName.POS, f"pos:{change.id}", ref, outlet, delta, at, change.kind)
