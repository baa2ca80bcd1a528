"""The goods themselves. What each side may show is worked out here from what lies in both sides' own databases and from
what people said, by none of the engine's formulas: the levels as they are, the orders as the shop keeps them, what the
shop's plugin and the till's book wrote down as ours.

Two sums must come out at the shop for every item. Whoever forgets a change, carries it over twice or to the wrong side
breaks one of them:

- by the till: what lies there, less what the shop's customers ordered and the till was not told of, less what is kept
  off sale, and a difference that is left standing;
- by the shop: what it would show if we had never written there, and by how much the till has more or less since first
  contact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from math import inf
from typing import TYPE_CHECKING

from tests.simulation import mistaken
from tests.simulation.rows import Row
from tests.simulation.spoils import size_of
from tests.simulation.tills.floor import pieces
from tests.simulation.truth import Truth, opened_at
from tillbridge.comparing import ORDER_COMPARED
from tillbridge.core.accounts import EntryKind
from tillbridge.core.explaining import SETTLED
from tillbridge.core.stock import ZERO, SideName
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Effect
from tillbridge.ports import Ruling

if TYPE_CHECKING:
    from tests.simulation.world import World


def problems(world: World, shelves: Sequence[Shelf], entries: Sequence[Row], truth: Truth) -> Iterator[str]:
    """Where a level shows what the shelf does not have, or hides what it has."""
    for shelf in shelves:
        if not world.options.reconcile and size_of(world, shelf):
            continue  # nobody looks for what was spoilt
        shows = world.shop.state.products[int(shelf.link.store_ref)].stock
        assert shows is not None, shelf
        yield from _by_the_till(world, shelf, shows)
        if not _began_anew(world, shelf):
            yield from _by_the_shop(world, shelf, shows, entries, truth)
            yield from _dissolved(shelf, entries)


def _began_anew(world: World, shelf: Shelf) -> bool:
    """Whether a restored backup forgot what we wrote, or that there was a link: what went before is nobody's."""
    restored = world.troubles.restored
    return restored.forgot or any(opened_at(world, shelf.store) >= at for _, at in restored.done)


def may_show(world: World, quantity: Decimal) -> Decimal:
    """What of a quantity the shop shows, by the owner's buffer: a shortage is shown as it is."""
    buffer = world.options.buffer
    if quantity <= ZERO:
        return quantity
    return max(ZERO, quantity - buffer)


def _by_the_till(world: World, shelf: Shelf, shows: Decimal) -> Iterator[str]:
    lies_there = _at_the_till(world, shelf)
    promised = promised_to_orders(world, shelf)
    left = lies_there - promised - shelf.terms.held + shelf.link.offset
    wanted = may_show(world, left)
    exact = world.daemon.sides[SideName.POS].abilities.below_zero
    if shows > wanted or (exact and shows != wanted):
        yield (
            f"shelf: {shelf.link.sku} shows {shows} at the shop; at the till lie {lies_there}, {promised} of them are"
            f" promised, {shelf.terms.held} kept off sale, {shelf.link.offset} left standing: {wanted}"
        )


def _by_the_shop(world: World, shelf: Shelf, shows: Decimal, entries: Sequence[Row], truth: Truth) -> Iterator[str]:
    mine = [one for one in entries if one.link == shelf.link.id]
    by_itself = shows - _ours_at_the_shop(world, shelf) - world.kept.twice[shelf.link.store_ref]
    began = sum((account.opening for account in shelf.pos), ZERO)
    since = _till_by_itself(world, shelf, mine, truth) - began
    put_back = sum((one.amount for one in mine if one.effect == Effect.PUT_BACK), ZERO)
    apart = sum((one.amount for one in mine if (one.side, one.effect) == (SideName.POS, Effect.APART)), ZERO)
    word = ruled(world, shelf, mine)
    wanted = may_show(world, by_itself + since - put_back - apart + word)
    if shows != wanted:
        yield (
            f"goods: {shelf.link.sku} shows {shows} at the shop; by itself it would show {by_itself}, the till has"
            f" {since:+f} since, of both {put_back + apart} go nowhere, people ruled {word:+f}: {wanted}"
        )


def _dissolved(shelf: Shelf, entries: Sequence[Row]) -> Iterator[str]:
    """A rise is taken for the end of a fall only where there was such a fall."""
    falls: list[Decimal] = []
    for one in entries:
        if (one.link, one.side) != (shelf.link.id, SideName.STORE):
            continue
        if one.effect == Effect.HELD:
            falls.append(one.amount)
        elif one.effect == Effect.DISSOLVED and -one.amount not in falls:
            yield f"dissolved: {one.amount} of {shelf.link.sku} ended a fall that nobody saw"


def promised_to_orders(world: World, shelf: Shelf) -> Decimal:
    """What orders hold by the shop's own record of which the till is not to hear yet. Of one that was deleted for good,
    or of a line of it, there is only ours."""
    with world.daemon.books.writing() as unit:
        ours = {(one.order, one.line): one for one in unit.lines_of_link(shelf.link.id)}
        orders = unit.orders({order for order, _ in ours} | {str(one.id) for one in world.shop.state.orders})
    sent = {ref for ref, one in orders.items() if one.admitted}
    there = {str(order.id): order for order in world.shop.state.orders}
    shown = {(ref, str(line.id)) for ref, order in there.items() for line in order.lines}
    gone = (one for where, one in ours.items() if where not in shown)
    found = sum((one.position - (one.crossing if one.order in sent else ZERO) for one in gone), ZERO)
    for ref, order in there.items():
        for line in order.lines:
            known = ours.get((ref, str(line.id)))
            if str(line.sellable) != shelf.link.store_ref:
                continue
            if ref in sent:  # a document that is kept back has taken nothing yet
                found += ZERO if known is None else known.position - known.crossing
                continue
            if known is not None or order.status not in SETTLED:
                found += (line.reduced or ZERO) - (known.booked if known is not None else ZERO)
    return found


def _at_the_till(world: World, shelf: Shelf) -> Decimal:
    levels = (world.book.feed.level(int(shelf.link.pos_ref), account.outlet) for account in shelf.pos)
    return sum((pieces(level) for level in levels if level is not None), ZERO)


def _ours_at_the_shop(world: World, shelf: Shelf) -> Decimal:
    """By the plugin's own record of keys."""
    mine = (key.delta for key in world.shop.state.keys if str(key.product_id) == shelf.link.store_ref)
    return sum((delta for delta in mine if delta is not None), ZERO)


def _till_by_itself(world: World, shelf: Shelf, mine: Sequence[Row], truth: Truth) -> Decimal:
    """What the till would show if we had never written there. A request that came twice counts as ours once; a write
    that the till lost is none; and one that only the level could judge, and judged wrong, is what it was taken for."""
    ours = sum(truth.written[SideName.POS].get(shelf.link.pos_ref, []), ZERO)
    ours -= sum(
        (one.row.delta for one in world.pos.spoilt.values() if (one.how, one.row.ref) == ("twice", shelf.link.pos_ref)),
        ZERO,
    )
    ours += sum((one.amount for one in mine if one.side is SideName.POS and one.effect == Effect.LOST), ZERO)
    ours += mistaken.at_the_till(world, shelf, mine, truth).net
    return _at_the_till(world, shelf) - ours


def ruled(world: World, shelf: Shelf, mine: Sequence[Row], until: float = inf) -> Decimal:
    """By how much people made the shop show more, until that moment. A look at an order moves what is promised and what
    is free alike, as far as it enters nothing."""
    with world.daemon.books.writing() as unit:
        rulings = [one for one in unit.rulings_of_link(shelf.link.id, 10**6) if one.at <= until]
    looks = {one.run for one in rulings if one.kind == ORDER_COMPARED}
    entered = sum(
        (one.amount for one in mine if one.run in looks and (one.side, one.kind) == (SideName.STORE, EntryKind.BORN)),
        ZERO,
    )
    return sum((raises(one) for one in rulings), ZERO) - entered


def raises(ruling: Ruling) -> Decimal:
    """By how much more the shop may show because of it."""
    moved = ruling.changes
    more = moved.get("free", ZERO) + moved.get("offset", ZERO)
    return more - sum((moved.get(name, ZERO) for name in ("positions", "held", "uncounted")), ZERO)
