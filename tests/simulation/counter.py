"""The counter, where orders travel as sales: web orders are collected, sent off, brought back and exchanged there, and
goods are sold and brought back that no web order is about, with prices, taxes and payments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random

from tests.simulation.money import CLASSES, NAMES, PRICES
from tests.simulation.shop_people import Lines
from tillbridge.till.book import Book
from tillbridge.till.orders import Left, Standing
from tillbridge.till.papers import Amounts, Author, Document, Draft, Entry, Kind, Line, Payment, coming_back
from tillbridge.till.refusal import Refusal

PERCENT = {"": 19, "reduced-rate": 7}
WAYS = ("cash", "card", "other", "transfer", "")
"""How money is given back; "" leaves it out."""


class CounterPeople:
    """They act on the web orders and receipts that the till has; where there is none that fits, nothing happens.
    `refused` collects what the till would not take."""

    def __init__(self, book: Book, items: list[int], *, taxed: bool) -> None:
        """`items` are the ids of the till's items by number."""
        self.book = book
        self.items = items
        self.taxed = taxed
        self.refused: list[str] = []

    def hand_over(self, kind: Kind) -> Callable[[Lines, int], None]:
        """Say that an order left the shop."""

        def do(_: Lines, number: int) -> None:
            if (order := self._order(number)) is not None:
                self._record(Draft(kind, "main", (), reference=order.reference))

        return do

    def bring_back(self, _: Lines, number: int) -> None:
        """Some pieces of a line or two of an order; now and then broken ones."""
        dice = Random(number)
        if (order := self._order(number)) is not None:
            lines = self._pieces(order, dice, restock=dice.random() < 0.8)
            self._record(
                Draft(Kind.RETURN, "main", lines, reference=order.reference, payment=_way(order, dice)),
            )

    def bring_back_all(self, _: Lines, number: int) -> None:
        """Everything, and all the money."""
        if (order := self._order(number)) is not None:
            self._record(Draft(Kind.VOID, "main", (), reference=order.reference))

    def swap(self, lines: Lines, number: int) -> None:
        """Something of an order comes back, and something else is taken along in its place."""
        dice = Random(number)
        if (order := self._order(number)) is not None:
            back = self._pieces(order, dice, restock=dice.random() < 0.9)
            new = self._line(lines[0][0], 1000)
            self._record(Draft(Kind.EXCHANGE, "main", (new,), taken_back=back, reference=order.reference))

    def ring_up(self, lines: Lines, number: int, at: str = "") -> None:
        """A sale of the counter's own, now and then with a line that is no item, or half a piece."""
        dice = Random(number)
        half = 500 if dice.random() < 0.1 else 0
        sold = [self._line(sku, quantity * 1000 + half) for sku, quantity in lines]
        if dice.random() < 0.2:
            sold.append(Line(0, 1000, name="Repair", amounts=self._amounts(500, "")))
        total = sum(_gross(line) for line in sold)
        self._record(Draft(Kind.SALE, "main", tuple(sold), payments=_paid(total, dice), at=at))

    def ring_up_late(self, lines: Lines, number: int) -> None:
        """The same, entered hours after it happened."""
        now = datetime.fromisoformat(self.book.now())
        then = now - timedelta(minutes=1 + number % 3000)
        self.ring_up(lines, number, then.isoformat(timespec="milliseconds").replace("+00:00", "Z"))

    def ring_back(self, _: Lines, number: int) -> None:
        """Something comes back on a receipt of the counter's own."""
        dice = Random(number)
        if (receipt := self._receipt(number)) is not None and (entry := self._left(receipt, dice)) is not None:
            back = _back(entry, dice.randint(1, max(1, entry.quantity // 1000)) * 1000, restock=dice.random() < 0.8)
            way = dice.choice(("cash", "card"))
            self._record(Draft(Kind.RETURN, "main", (back,), sale=receipt.number, payment=way))

    def ring_swap(self, lines: Lines, number: int) -> None:
        """The same, and something else is taken along."""
        dice = Random(number)
        if (receipt := self._receipt(number)) is not None and (entry := self._left(receipt, dice)) is not None:
            new = self._line(lines[0][0], 1000)
            self._record(
                Draft(Kind.EXCHANGE, "main", (new,), taken_back=(_back(entry, 1000),), sale=receipt.number),
            )

    def _record(self, draft: Draft) -> None:
        try:
            self.book.record(draft)
        except Refusal as refusal:
            self.refused.append(str(refusal))

    def _order(self, number: int) -> Standing | None:
        """A web order of which there is something left."""
        found = [self.book.order(name) for name in sorted(self.book.archive.references(10**6))]
        found = [order for order in found if not order.empty]
        return found[number % len(found)] if found else None

    def _pieces(self, order: Standing, dice: Random, *, restock: bool) -> tuple[Line, ...]:
        """Some of what can come back of it, as the order calls it."""
        there = [left for left in order.left.values() if left.quantity >= 1000 and left.entry.line]
        chosen = dice.sample(there, min(len(there), dice.choice((1, 1, 2))))
        return tuple(_of_order(left, dice.randint(1, left.quantity // 1000) * 1000, restock=restock) for left in chosen)

    def _receipt(self, number: int) -> Document | None:
        found = [one for one in self.book.recent(10**6) if one.kind is Kind.SALE and not one.reference]
        found = [one for one in found if one.author is Author.TILL]
        return found[number % len(found)] if found else None

    def _left(self, receipt: Document, dice: Random) -> Entry | None:
        """An item of a receipt of which a whole piece has not come back."""
        back = [entry for one in self.book.archive.of_sale(receipt.number) for entry in coming_back(one)]
        there = [
            entry
            for entry in receipt.lines
            if entry.item and entry.quantity - sum(one.quantity for one in back if one.item == entry.item) >= 1000
        ]
        return dice.choice(there) if there else None

    def _line(self, sku: int, quantity: int) -> Line:
        """So many thousandths of a thing at its price, tax included."""
        gross = round(float(PRICES[sku]) * 100 * quantity / 1000)
        return Line(self.items[sku], quantity, amounts=self._amounts(gross, CLASSES[sku]))

    def _amounts(self, gross: int, tax_class: str) -> Amounts:
        if not self.taxed:
            return Amounts(gross)
        net = round(gross * 100 / (100 + PERCENT[tax_class]))
        return Amounts(net, ((NAMES[tax_class], gross - net),))


def _way(order: Standing, dice: Random) -> str:
    """How the money of an order is given back: mostly as it was paid."""
    return dice.choice((*order.payments, *order.payments, *WAYS))


def _paid(total: int, dice: Random) -> tuple[Payment, ...]:
    """By one type or two, or not at all yet."""
    if dice.random() < 0.1:
        return ()
    if total > 100 and dice.random() < 0.2:
        return Payment("cash", 100), Payment("card", total - 100)
    return (Payment(dice.choice(("cash", "card", "transfer")), total),)


def _gross(line: Line) -> int:
    assert line.amounts is not None
    return line.amounts.gross


def _of_order(left: Left, quantity: int, *, restock: bool) -> Line:
    name = "" if left.entry.item else left.entry.name
    return Line(left.entry.item, quantity, name=name, line=left.entry.line, restock=restock)


def _back(entry: Entry, quantity: int, *, restock: bool = True) -> Line:
    """So much of a receipt's line, worth its share."""
    net = entry.net * quantity // entry.quantity
    taxes = tuple((name, amount * quantity // entry.quantity) for name, amount in entry.taxes)
    return Line(entry.item, quantity, amounts=Amounts(net, taxes), restock=restock)


Act = Callable[[CounterPeople, Lines, int], None]

AT_THE_COUNTER: Mapping[str, Act] = {
    "collect": lambda people, lines, number: people.hand_over(Kind.PICKUP)(lines, number),
    "ship-out": lambda people, lines, number: people.hand_over(Kind.SHIPMENT)(lines, number),
    "bring-back": CounterPeople.bring_back,
    "bring-back-all": CounterPeople.bring_back_all,
    "swap": CounterPeople.swap,
    "ring-up": CounterPeople.ring_up,
    "ring-up-late": CounterPeople.ring_up_late,
    "ring-back": CounterPeople.ring_back,
    "ring-swap": CounterPeople.ring_swap,
}
