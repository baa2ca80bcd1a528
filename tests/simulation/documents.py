"""Orders as the till has them, held against the shop's own state and against nothing that the engine computed: of every
order that the till is told of, each line's pieces and money, the taxes, the total and what was paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.simulation.arrivals import document_of, kept_back, of_the_order
from tests.simulation.customers import PERSON
from tests.simulation.options import settings_of
from tests.simulation.tills.floor import pieces
from tillbridge.sandbox.records import Line, Order, Refund
from tillbridge.till.orders import Standing
from tillbridge.till.papers import Kind

if TYPE_CHECKING:
    from tests.simulation.world import World

ZERO, CENT = Decimal(0), Decimal("0.01")
SITE = "sandbox"
NOTHING = frozenset({"cancelled", "failed", "pending", "checkout-draft"})


def problems(world: World) -> Iterator[str]:
    """What is there twice, missing, or of another amount; and people in our books."""
    if not world.options.sells:
        return
    yield from _people(world)
    parked, waiting = parked_of(world), kept_back(world)
    with world.daemon.books.writing() as unit:
        known = unit.orders({str(order.id) for order in world.shop.state.orders})
        dossiers = {ref: unit.dossier(ref) for ref in known}
    for order in world.shop.state.orders:
        ref = str(order.id)
        there = of_the_order(world.book.order(f"{SITE}:{ref}"))
        yield from _sold_once(ref, there)
        if document_of(order) or ref in waiting:
            continue  # the till's own sale; or something came back of it, and a person has to say what
        if ref not in known or not known[ref].admitted:
            if there.documents:
                yield f"documents: order {ref} was never to be sent, and is there"
            continue
        told = sum((portion.gross for portion in dossiers[ref].taken.portions.values()), ZERO)
        if told != cents(there.total) and not is_refused_as_known(world, ref, parked.get(ref, "")):
            yield f"documents: order {ref} comes to {cents(there.total)} at the till, by our books to {told}"
        if ref in parked or known[ref].alone or order.status == "trash" or order.id in untold(world):
            continue
        yield from _equal(world, order, there)


def parked_of(world: World) -> dict[str, str]:
    """The orders that a person is shown, with the reason."""
    with world.connection.read() as db:
        rows = db.rows("SELECT body, reason FROM message WHERE key LIKE 'paper:%' AND state = 'parked'")
    return {str(ref): str(reason) for ref, reason in rows}


def is_refused_as_known(world: World, ref: str, reason: str) -> bool:
    """Whether a person is shown that the till has an order already, whose sale our books have forgotten: they went back
    to a backup, and nothing told anybody."""
    return reason == "reference_taken" and int(ref) in world.troubles.restored.taken.orders()


def untold(world: World) -> set[int]:
    """Orders of which something changed that the shop tells nobody, or not again."""
    tells = set() if world.people.buyers is None else world.people.buyers.untold
    return tells | world.troubles.restored.taken.orders()


def cents(amount: int) -> Decimal:
    return Decimal(amount) / 100


def _sold_once(ref: str, there: Standing) -> Iterator[str]:
    """An order is sold anew only once it was void."""
    sales = sum(one.kind is Kind.SALE for one in there.documents)
    ends = sum(one.kind in (Kind.VOID, Kind.RETURN) for one in there.documents)
    if sales > 1 + ends:
        yield f"documents: order {ref} was sold {sales} times"
    keys = [one.key for one in there.documents if one.key]
    if len(keys) != len(set(keys)):
        yield f"documents: a document of order {ref} is there twice"


def _equal(world: World, order: Order, there: Standing) -> Iterator[str]:
    """To the cent. A line may differ by a cent for each rounding of it; the total by nothing, but for a line that the
    owner has left out."""
    refunds = [one for one in world.shop.state.refunds if one.order_id == order.id]
    nothing, out = order.status in NOTHING, left_out(world, order)
    wanted = ZERO if nothing else order.total - sum((one.amount for one in refunds), ZERO)
    lacks = [] if nothing else [_left(line, refunds) for line in out]
    off = wanted - sum((net + tax for _, net, tax, _ in lacks), ZERO) - cents(there.total)
    if abs(off) > sum((CENT * (2 + times) for _, _, _, times in lacks), ZERO):
        yield f"money: order {order.id} ({order.status}) is {wanted} in the shop, {cents(there.total)} at the till"
    for line in order.lines:
        quantity, net, _, times = (0, ZERO, ZERO, 0) if nothing or line in out else _left(line, refunds)
        left = there.left.get(str(line.id))
        has = pieces(left.quantity) if left is not None else ZERO
        if has != quantity:
            yield f"pieces: order {order.id} line {line.id} has {quantity} in the shop, {has} at the till"
        net_there = cents(left.net) if left is not None else ZERO
        if abs(net_there - net) > CENT * (1 + times):
            yield f"money: order {order.id} line {line.id} is {net} net in the shop, {net_there} at the till"
    if not removed(order, refunds):
        yield from _taxes(order, refunds, there, sum((tax for _, _, tax, _ in lacks), ZERO))


def left_out(world: World, order: Order) -> list[Line]:
    """The lines of products that no item of the till is linked to, where the owner wants them left out."""
    if world.people.buyers is None or settings_of(world.options).orders.unlinked_line != "leave-out":
        return []
    return [line for line in order.lines if line.sellable == world.people.buyers.unlinked]


def removed(order: Order, refunds: Sequence[Refund]) -> bool:
    """Whether a line that was refunded is no line of the order any more: its refund's tax is that of no line."""
    there = {line.id for line in order.lines} | {extra.id for extra in order.extras}
    return any(line.line_id not in there for one in refunds for line in one.lines)


def _left(line: Line, refunds: list[Refund]) -> tuple[int, Decimal, Decimal, int]:
    """What of a line is sold still: pieces, net, tax; and how often something of it was given back."""
    back = [each for one in refunds for each in one.lines if each.line_id == line.id]
    quantity = max(0, line.quantity - sum(each.quantity for each in back))
    net = line.total - sum((each.total for each in back), ZERO)
    tax = sum((tax.total for tax in line.taxes), ZERO)
    tax -= sum((tax.total for each in back for tax in each.taxes), ZERO)
    return quantity, net, tax, len(back)


def _taxes(order: Order, refunds: list[Refund], there: Standing, left_out: Decimal) -> Iterator[str]:
    """All taxes together; each refund, and each rate whose total has parts of a cent, may move a cent of them."""
    back = [line for one in refunds for line in one.tax_lines]
    tax = sum((line.total + line.shipping for line in order.tax_lines), ZERO)
    tax -= sum((line.total + line.shipping for line in back), ZERO)
    found: defaultdict[str, int] = defaultdict(int)
    for left in there.left.values():
        for name, amount in left.taxes.items():
            found[name] += amount
    wanted = ZERO if order.status in NOTHING else tax - left_out
    if abs(cents(sum(found.values())) - wanted) > CENT * (len(order.tax_lines) + len(back)):
        yield f"taxes: order {order.id} has {wanted} in the shop, {dict(found)} at the till"


def _people(world: World) -> Iterator[str]:
    """Nothing of a person is in our books."""
    with world.connection.read() as db:
        tables = [name for (name,) in db.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        everything = repr([db.rows(f"SELECT * FROM {name}") for name in tables]).lower()  # noqa: S608
    yield from (
        f"people: {name} is in our books"
        for name, what in PERSON.items()
        if len(what) > 5 and what.lower() in everything
    )
