"""The journal's entries and the lines of orders add up to every number that a target is made of (stock.md, invariant
7), and each of those is what the shop's own records say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.simulation.rows import Row
from tests.simulation.truth import rows_of
from tillbridge.comparing import ORDER_COMPARED
from tillbridge.core.accounts import EntryKind
from tillbridge.core.explaining import SETTLED
from tillbridge.core.positions import Line
from tillbridge.core.stock import ZERO, SideName
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Effect

if TYPE_CHECKING:
    from tests.simulation.world import World


def problems(world: World, shelves: Sequence[Shelf], entries: Sequence[Row]) -> Iterator[str]:
    """What does not add up."""
    yield from _accounts(shelves, entries)
    for shelf in shelves:
        with world.daemon.books.writing() as unit:
            lines = unit.lines_of_link(shelf.link.id)
            admitted = {ref for ref, one in unit.orders({line.order for line in lines}).items() if one.admitted}
        yield from _lines(shelf, lines, admitted)
        if not world.troubles.restored.forgot:
            yield from _terms(world, shelf, entries)
        if not world.troubles.restored.forgot:
            yield from _positions(world, shelf, lines)
    yield from _admitted(world)


def _accounts(shelves: Sequence[Shelf], entries: Sequence[Row]) -> Iterator[str]:
    """The entries of an account sum to what is known, kind by kind."""
    sums: defaultdict[tuple[int, SideName, str, str], Decimal] = defaultdict(lambda: ZERO)
    for one in entries:
        sums[one.link, one.side, one.outlet, one.kind] += one.amount
    for account in (account for shelf in shelves for account in shelf.all()):
        for kind in EntryKind:
            found = sums[account.link, account.side, account.outlet, kind]
            value = getattr(account, kind)
            if found != value:
                yield f"explained: {kind} of {account.side} {account.outlet} is {value}, the journal says {found}"


def _lines(shelf: Shelf, lines: Sequence[Line], admitted: set[str]) -> Iterator[str]:
    """What all lines hold, and those of admitted orders, is in the terms."""
    positions = sum((line.position for line in lines), ZERO)
    crossing = sum((line.crossing for line in lines if line.order in admitted), ZERO)
    if (positions, crossing) != (shelf.terms.positions, shelf.terms.admitted):
        yield (
            f"explained: lines of {shelf.link.sku} hold {positions}, {crossing} of it admitted; the terms say"
            f" {shelf.terms.positions} and {shelf.terms.admitted}"
        )


def _terms(world: World, shelf: Shelf, entries: Sequence[Row]) -> Iterator[str]:
    """What was born at the store is free, held, in lines, or put back; what was born at the till counts or does not;
    and a person's rulings are kept beside them."""
    sums: defaultdict[tuple[SideName, str], Decimal] = defaultdict(lambda: ZERO)
    for one in entries:
        if one.link == shelf.link.id and one.kind == EntryKind.BORN:
            sums[one.side, one.effect] += one.amount
    terms, ruled = shelf.terms, _ruled(world, shelf)
    began = shelf.store.opening - sum((account.opening for account in shelf.pos), ZERO)
    moved = shelf.link.offset + terms.free - terms.held - terms.positions - began
    told = shelf.store.born - sums[SideName.STORE, Effect.PUT_BACK]
    told += ruled["offset"] + ruled["free"] - ruled["held"] - ruled["positions"]
    told -= world.kept.twice[shelf.link.store_ref]
    if moved != told:
        yield f"explained: {shelf.link.sku}: born at the store, kept, and ruled were {told}, the terms moved by {moved}"
    uncounted = sums[SideName.POS, Effect.PUT_BACK] + ruled["uncounted"]
    if terms.uncounted != uncounted:
        yield f"explained: {shelf.link.sku} has {terms.uncounted} uncounted, the journal says {uncounted}"


def _ruled(world: World, shelf: Shelf) -> defaultdict[str, Decimal]:
    """By how much people moved each term. What a look at an order moved stands for an entry of the journal."""
    sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    with world.daemon.books.writing() as unit:
        for ruling in unit.rulings_of_link(shelf.link.id, 10**6):
            if ruling.kind != ORDER_COMPARED:
                for name, amount in ruling.changes.items():
                    sums[name] += amount
    return sums


def _positions(world: World, shelf: Shelf, lines: Sequence[Line]) -> Iterator[str]:
    """Each line holds what the shop's own record of it says, once its order was looked at. A line that was settled
    before first contact is nobody's any more."""
    ours = {(line.order, line.line): line.holds for line in lines}
    theirs = {
        (str(order.id), str(line.id)): line.reduced or ZERO
        for order in world.shop.state.orders
        for line in order.lines
        if str(line.sellable) == shelf.link.store_ref
    }
    statuses = {str(order.id): order.status for order in world.shop.state.orders}
    for key in sorted({*ours, *theirs}):
        if key[0] not in statuses or (key not in ours and statuses[key[0]] in SETTLED):
            continue
        if ours.get(key, ZERO) != theirs.get(key, ZERO):
            yield f"position: order {key[0]} line {key[1]} holds {theirs.get(key, ZERO)}, ours {ours.get(key, ZERO)}"


def _admitted(world: World) -> Iterator[str]:
    """An order is admitted where any word about it told a status at which it is sent; never one that had none."""
    send_on = world.options.send_on
    if not send_on or world.troubles.restored.forgot:
        return
    told: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows_of(world):
        if row.about.get("order_id") and row.about.get("status"):
            told[str(row.about["order_id"])].add(str(row.about["status"]))
    with world.daemon.books.writing() as unit:
        orders = unit.orders({str(number) for number in world.statuses})
    from_pos = {number for made in world.kept.orders.values() for number in made}
    for number, had in world.statuses.items():
        order = orders.get(str(number))
        if order is None or number in from_pos:
            continue
        if order.admitted and not had & send_on:
            yield f"admitted: order {number} was never more than {sorted(had)}"
        if not order.admitted and told[str(number)] & send_on:
            yield f"admitted: order {number} told {sorted(told[str(number)])} and is not admitted"
