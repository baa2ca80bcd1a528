"""What the till told of orders and sales, held against what the shop made of it: each once, to the cent, or shown.

Neither is asked of the engine: the one is the till's own book, the other is noted whenever the shop's plugin makes
something, so that nothing is forgotten which people throw away afterwards.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.simulation.tills.floor import pieces
from tests.simulation.truth import opened_at
from tillbridge.core.stock import SideName
from tillbridge.sandbox.orders import GivenBack
from tillbridge.sandbox.records import Order, Refund
from tillbridge.sandbox.routes import Routes
from tillbridge.sandbox.shop import Shop
from tillbridge.till.orders import Standing, standing
from tillbridge.till.papers import Author, Document, Entry, Kind, coming_back

if TYPE_CHECKING:
    from tests.simulation.world import World

DOCUMENT = "_tillbridge_pos_document"
AMOUNT = "amount"
"""What the till calls money that is of no line of the order: in the shop it is in the sum alone."""

ZERO = Decimal(0)
OVER = frozenset({"completed", "cancelled", "refunded", "failed", "trash"})
HANDED_OVER = frozenset({Kind.PICKUP, Kind.SHIPMENT})

SHOWN = frozenset(
    {
        "returned_twice",
        "no_order",
        "store_refused",
        "unknown_line",
        "unmapped_tax",
        "unknown_order",
        "negative_total",
        "sale_waits",
    }
)
"""Why something that the till told may be kept back, for a person to see."""


class Kept:
    """Everything that the shop's plugin ever made of a document of the till: `refunds` and `orders` by its number,
    `completed` by the order's id. `twice`: what lay on both shelves, by the shop's product: it came back at the till,
    and its line in the shop held it no more, because somebody had put it back there."""

    def __init__(self, shop: Shop, routes: Routes) -> None:
        self.refunds: defaultdict[str, dict[int, Refund]] = defaultdict(dict)
        self.orders: defaultdict[str, dict[int, Order]] = defaultdict(dict)
        self.completed: Counter[int] = Counter()
        self.twice: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._shop = shop
        self._watch(shop.state.refunds, self.refunds)
        self._watch(shop.state.orders, self.orders)
        documents = routes._shim._documents
        status, self._release = documents.status, documents._release

        def completing(order_id: int, body: Any) -> dict[str, Any]:
            answer = status(order_id, body)
            self.completed[order_id] += not answer["again"]
            return answer

        documents.status = completing  # type: ignore[method-assign]
        documents._release = self._releasing  # type: ignore[method-assign]

    def _releasing(self, order_id: int, back: GivenBack, mark: str) -> None:
        line = self._shop.state.orders[order_id].line(back.line_id)
        if line is not None and mark not in self._shop.state.texts:
            self.twice[str(line.sellable)] += max(Decimal(back.quantity) - (line.reduced or ZERO), ZERO)
        self._release(order_id, back, mark)

    @staticmethod
    def _watch(table: Any, made: defaultdict[str, dict[int, Any]]) -> None:
        put = table.put

        def putting(key: int, row: Any) -> None:
            put(key, row)
            if (number := document_of(row)) and not _has_lines(made[number].get(key)):
                made[number][key] = row

        table.put = putting


def _has_lines(made: Order | Refund | None) -> bool:
    """Whether it was made to its end; an order is kept before its lines are."""
    return made is not None and (isinstance(made, Refund) or bool(made.lines or made.extras))


def document_of(made: Order | Refund) -> str:
    """The till's document that an order or a refund was made of, "" where it is the shop's own."""
    return next((str(value) for _, name, value in made.meta if name == DOCUMENT), "")


def of_the_order(there: Standing) -> Standing:
    """What the till has of a web order, without what its own people sold in the place of goods that came back, which
    no line of the order has a name for."""

    def shown(one: Document) -> Document:
        lines, back = ([entry for entry in side if entry.line] for side in (one.lines, one.taken_back))
        return replace(one, lines=tuple(lines), taken_back=tuple(back)) if one.author is Author.TILL else one

    return standing(there.reference, map(shown, there.documents))


def of_its_lines(one: Document) -> tuple[Entry, ...]:
    """What a document brings back of its web order."""
    return tuple(entry for entry in coming_back(one) if entry.line)


def problems(world: World) -> Iterator[str]:
    """What of the counter the shop lacks, has twice, or has with other amounts."""
    if world.options.counter is None:
        return
    shown, told = shown_of(world), told_of(world)
    for one in told:
        if one.reference:
            yield from _of_an_order(world, one, shown)
        elif one.kind in (Kind.SALE, Kind.EXCHANGE):
            yield from _of_the_counter(world, one, shown)
        if one.sale and not one.reference:
            yield from _on_a_receipt(world, one, shown)
    numbers = {one.number for one in told}
    for number in sorted({*world.kept.refunds, *world.kept.orders} - numbers):
        yield f"counter: something was made of {number}, which nobody rang"
    handed = Counter(int(one.reference.rpartition(":")[2]) for one in told if one.kind in HANDED_OVER)
    for order, times in world.kept.completed.items():
        if times > handed[order]:
            yield f"counter: order {order} was completed {times} times, handed over {handed[order]}"


def told_of(world: World) -> list[Document]:
    """What people rang, oldest first."""
    return [one for one in reversed(world.book.recent(10**9)) if one.author is Author.TILL]


def shown_of(world: World) -> dict[str, str]:
    """What a person is shown, by the document's number, with the reason."""
    with world.connection.read() as db:
        rows = db.rows("SELECT body, reason FROM message WHERE key LIKE 'pos-paper:%' AND state = 'parked'")
    return {str(number): str(reason) for number, reason in rows}


def kept_back(world: World) -> set[str]:
    """The orders of which something waits for a person."""
    shown = shown_of(world)
    return {one.reference.rpartition(":")[2] for one in told_of(world) if one.number in shown and one.reference}


def _of_an_order(world: World, one: Document, shown: Mapping[str, str]) -> Iterator[str]:
    order = int(one.reference.rpartition(":")[2])
    if one.kind in HANDED_OVER:
        if not (world.statuses[order] & OVER) and order in world.shop.state.orders and one.number not in shown:
            yield f"counter: order {order} left the shop ({one.number}), and is not completed"
        return
    back, made = of_its_lines(one), list(world.kept.refunds[one.number].values())
    if len(made) != (bool(back) and one.number not in shown):
        yield f"counter: of {one.number} about order {order} {len(made)} refunds were made ({shown.get(one.number)})"
    for refund in made:
        yield from _refunded(one, back, refund, order)


def _refunded(one: Document, back: tuple[Entry, ...], refund: Refund, order: int) -> Iterator[str]:
    """The refund is what came back, line by line, net and tax alike."""
    amount = cents(sum(entry.amount for entry in back))
    if (refund.order_id, refund.amount) != (order, amount):
        yield f"counter: {one.number} gave {amount} back of {order}, refunded are {refund.amount} of {refund.order_id}"
    there = _sums((entry.line, pieces(entry.quantity), cents(entry.net), cents(entry.amount)) for entry in back)
    made = _sums(
        (
            str(line.line_id),
            Decimal(line.quantity),
            line.total,
            line.total + sum((tax.total for tax in line.taxes), ZERO),
        )
        for line in refund.lines
    )
    for name in sorted({*there, *made} - {AMOUNT}):
        had, has = there.get(name, (ZERO,) * 3), made.get(name, (ZERO,) * 3)
        if had[1:] != has[1:] or (had[0] != has[0] and has[0]):
            yield f"counter: {one.number} gave back {had} of line {name} of order {order}, refunded are {has}"


def _of_the_counter(world: World, one: Document, shown: Mapping[str, str]) -> Iterator[str]:
    """A sale of the counter's own is an order with its lines, its sums and its date, where the owner wants that."""
    assert world.options.counter is not None
    made = list(world.kept.orders[one.number].values())
    wanted = world.options.counter.keeps and one.number not in shown
    if len(made) > world.options.counter.keeps:
        yield f"counter: of the sale {one.number} {len(made)} orders were made"
    if not made and wanted and _was_told(world, one):
        yield f"counter: of the sale {one.number} no order was made"
    for order in made:
        items = sum((line.total + line.total_tax for line in order.lines), ZERO)
        items += sum((extra.total + extra.total_tax for extra in order.extras), ZERO)
        total = cents(sum(entry.amount for entry in one.lines))
        if order.total != total or items != total:
            yield f"counter: the sale {one.number} is {total}, order {order.id} {order.total}, its lines {items}"
        lines = len(order.lines) + sum(extra.kind == "fee" for extra in order.extras)
        if lines != len(one.lines):
            yield f"counter: the sale {one.number} has {len(one.lines)} lines, order {order.id} {lines}"
        at = datetime.fromisoformat(one.at).replace(microsecond=0)
        if order.created != at:
            yield f"counter: the sale {one.number} was at {at}, order {order.id} is of {order.created}"


def _on_a_receipt(world: World, one: Document, shown: Mapping[str, str]) -> Iterator[str]:
    """What came back on a receipt of which an order was made is a refund of that order."""
    amount, made = cents(sum(entry.amount for entry in coming_back(one))), list(world.kept.refunds[one.number].values())
    sold = bool(world.kept.orders[one.sale]) and bool(coming_back(one))
    if len(made) != (sold and one.number not in shown):
        yield f"counter: of {one.number} on {one.sale} {len(made)} refunds were made ({shown.get(one.number)})"
    for refund in made:
        if refund.amount != amount or refund.order_id not in world.kept.orders[one.sale]:
            yield f"counter: {one.number} gave {amount} back on {one.sale}, refunded are {refund.amount}"


def _was_told(world: World, one: Document) -> bool:
    """Whether it was posted after the till's accounts were opened: what is older nobody told."""
    with world.daemon.books.writing() as unit:
        refs = unit.linked_refs()[SideName.POS]
        shelves = unit.shelves(SideName.POS, refs).values()
    opened = max(opened_at(world, account) for shelf in shelves for account in shelf.pos)
    return one.n is not None and world.posted_at[one.n] > opened


def _sums(rows: Any) -> dict[str, tuple[Decimal, ...]]:
    found: dict[str, tuple[Decimal, ...]] = {}
    for name, *amounts in rows:
        had = found.get(name, (ZERO,) * len(amounts))
        found[name] = tuple(one + more for one, more in zip(had, amounts, strict=True))
    return found


def cents(amount: int) -> Decimal:
    return Decimal(amount) / 100
