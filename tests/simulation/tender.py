"""How orders were paid and taxed, at the till and in the shop: by each payment type, and tax by tax.

Worked out from the shop's own orders and refunds and from what the owner wrote. What people at the counter gave back is
theirs: the shop's order gave so much less by its own type, whatever they paid it out by.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.simulation.arrivals import cents, document_of, kept_back, of_its_lines, of_the_order
from tests.simulation.documents import NOTHING, SITE, parked_of, removed, untold
from tests.simulation.money import NAMES, TYPES
from tests.simulation.options import settings_of
from tillbridge.sandbox.records import Order, Refund
from tillbridge.till.orders import Standing
from tillbridge.till.papers import Author

if TYPE_CHECKING:
    from tests.simulation.world import World

ZERO, CENT = Decimal(0), Decimal("0.01")
OTHER, OTHER_TAX = "other", "VAT other"
"""What the owners of the simulation name for what is not mapped, and for orders that are not paid yet."""

Amounts = dict[str, Decimal]


def problems(world: World) -> Iterator[str]:
    """What differs of the orders of which the till was told everything."""
    if not world.options.sells:
        return
    away = {*parked_of(world), *kept_back(world)}
    with world.daemon.books.writing() as unit:
        known = unit.orders({str(order.id) for order in world.shop.state.orders})
    for order in world.shop.state.orders:
        ref = str(order.id)
        told = ref in known and known[ref].admitted and not known[ref].alone
        if not told or ref in away or order.status == "trash" or order.id in untold(world):
            continue
        if document_of(order) or _is_left_out(world, order):
            continue
        refunds = [one for one in world.shop.state.refunds if one.order_id == order.id]
        there = of_the_order(world.book.order(f"{SITE}:{ref}"))
        yield from _payments(world, order, refunds, there)
        if not removed(order, refunds):
            yield from _taxes(order, refunds, there, _named(world))


def _is_left_out(world: World, order: Order) -> bool:
    """Whether the owner leaves a line of it out, with a share of the money that stands nowhere."""
    if settings_of(world.options).orders.unlinked_line != "leave-out" or world.people.buyers is None:
        return False
    return any(line.sellable == world.people.buyers.unlinked for line in order.lines)


def _payments(world: World, order: Order, refunds: Sequence[Refund], there: Standing) -> Iterator[str]:
    type_ = TYPES.get(order.payment_method or "none", OTHER)
    unpaid = settings_of(world.options).orders.unpaid if "on-hold" in world.statuses[order.id] else "gateway"
    counter = [one for one in there.documents if one.author is Author.TILL]
    if unpaid == "outstanding" and counter:
        return  # what came back before it was paid was given back by nothing
    took: defaultdict[str, Decimal] = defaultdict(Decimal)
    if order.status not in NOTHING and (unpaid != "outstanding" or order.paid is not None):
        took[type_] += order.total - sum((one.amount for one in refunds), ZERO)
    for one in counter:
        took[type_] += cents(sum(entry.amount for entry in of_its_lines(one)))
        for payment in one.payments:
            took[payment.type] += cents(payment.amount if one.paid > 0 else -payment.amount)
    has = {name: cents(amount) for name, amount in there.payments.items()}
    if unpaid == "type":
        took, has = _together(took, {type_, OTHER}), _together(has, {type_, OTHER})
    if _told(took) != _told(has):
        yield f"payments: order {order.id} ({order.status}) took {_told(took)} in the shop, {_told(has)} at the till"


def _together(amounts: Mapping[str, Decimal], names: set[str]) -> defaultdict[str, Decimal]:
    """Those of these types as one: which it was depends on when the order was paid."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for name, amount in amounts.items():
        found["/".join(sorted(names)) if name in names else name] += amount
    return found


def _named(world: World) -> dict[int, str]:
    """The till's tax by the shop's rate, as the owner named it."""
    named = {tax_class: name for tax_class, name in NAMES.items() if not tax_class or world.options.money.named}
    return {rate.id: named.get(rate.tax_class, OTHER_TAX) for rate in world.shop.state.rates}


def _taxes(order: Order, refunds: Sequence[Refund], there: Standing, named: Mapping[int, str]) -> Iterator[str]:
    """Tax by tax. Each refund, and a rate whose total has parts of a cent, may move a cent of it."""
    wanted: defaultdict[str, Decimal] = defaultdict(Decimal)
    may_move: Counter[str] = Counter()
    for sign, lines in ((1, order.tax_lines), *((-1, one.tax_lines) for one in refunds)):
        for line in lines:
            may_move[named[line.rate]] += 1
            if order.status not in NOTHING:
                wanted[named[line.rate]] += sign * (line.total + line.shipping)
    has: defaultdict[str, Decimal] = defaultdict(Decimal)
    for left in there.left.values():
        for name, amount in left.taxes.items():
            has[name] += cents(amount)
    for name in sorted({*wanted, *has}):
        if abs(has[name] - wanted[name]) > CENT * may_move[name]:
            yield f"taxes: order {order.id} ({order.status}) has {wanted[name]} of {name}, {has[name]} at the till"


def _told(amounts: Mapping[str, Decimal]) -> str:
    """The amounts in words, without those that are nothing."""
    listed = [f"{amount:.2f} by {name}" for name, amount in sorted(amounts.items()) if amount]
    return ", ".join(listed) or "nothing"
