"""The people of the simulation: what customers and staff do in the shop and at the till."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random

from tests.simulation.steps import SKUS
from tillbridge.sandbox.shop import Shop
from tillbridge.till.book import Book
from tillbridge.till.catalogue import Card
from tillbridge.till.papers import Draft, Kind, Line
from tillbridge.till.refusal import Refusal

Lines = list[tuple[int, int]]
"""Pairs of an item's number (0 … SKUS − 1) and how many."""


class People:
    """Everybody who moves stock besides the daemon. `refused` collects what the till would not take."""

    def __init__(self, shop: Shop, book: Book, dice: Random) -> None:
        self.shop = shop
        self.book = book
        self.products: list[int] = []
        self.items: list[int] = []
        self.refused: list[str] = []
        for number in range(SKUS):
            level = dice.randint(0, 20)
            at_shop = level if dice.random() < 0.7 else dice.randint(0, 20)
            self.products.append(shop.add_product(f"Thing {number}", f"SKU-{number}", Decimal(at_shop)).id)
            self.items.append(book.catalogue.add(Card(f"SKU-{number}", f"Thing {number}", 999)).id)
            self._ring(Kind.DELIVERY, [(number, level)])
        for sku in ("", "TWICE", "TWICE"):
            shop.add_product("Held out", sku, Decimal(3))

    def happens_at_the_shop(self, what: str) -> bool:
        """Whether it is something of the shop; else it is of the till."""
        return what in AT_THE_SHOP

    def do(self, what: str, lines: Lines, number: int) -> None:
        """Let it happen. `number` chooses an order, a level, a direction, where one is needed."""
        (AT_THE_SHOP | AT_THE_TILL)[what](self, lines, number)

    def _checkout(self, lines: Lines, _: int) -> None:
        self.shop.checkout(*((self.products[sku], quantity) for sku, quantity in lines))

    def _order(self, number: int) -> int | None:
        orders = sorted(order.id for order in self.shop.state.orders if order.status == "processing")
        return orders[number % len(orders)] if orders else None

    def _cancel(self, _: Lines, number: int) -> None:
        if (order := self._order(number)) is not None:
            self.shop.set_status(order, "cancelled")

    def _refund(self, _: Lines, number: int) -> None:
        order = self._order(number)
        if order is None:
            return
        line = self.shop.state.orders[order].lines[0]
        if line.reduced and line.reduced > 0:
            self.shop.refund(order, [(line.id, 1)])

    def _edit_line(self, _: Lines, number: int) -> None:
        if (order := self._order(number)) is not None:
            self.shop.edit_line(order, self.shop.state.orders[order].lines[0].id, 1 + number % 5)

    def _admin_level(self, lines: Lines, number: int) -> None:
        self.shop.write_level(self.products[lines[0][0]], Decimal(number % 25))

    def _sale(self, lines: Lines, _: int) -> None:
        self._ring(Kind.SALE, lines)

    def _return(self, lines: Lines, _: int) -> None:
        self._ring(Kind.RETURN, lines)

    def _delivery(self, lines: Lines, _: int) -> None:
        self._ring(Kind.DELIVERY, [(sku, quantity * 3) for sku, quantity in lines])

    def _adjustment(self, lines: Lines, number: int) -> None:
        self._ring(Kind.ADJUSTMENT, [(sku, quantity if number % 2 else -quantity) for sku, quantity in lines])

    def _transfer(self, lines: Lines, _: int) -> None:
        self._ring(Kind.TRANSFER, lines, to="annex")

    def _exchange(self, lines: Lines, _: int) -> None:
        (sku, quantity), *rest = lines
        back = rest or [((sku + 1) % SKUS, 1)]
        self._ring(Kind.EXCHANGE, [(sku, quantity)], back=back)

    def _count(self, lines: Lines, number: int) -> None:
        if not self.book.is_offline():
            self._ring(Kind.COUNT, [(lines[0][0], number % 25)])

    def _ring(self, kind: Kind, lines: Lines, to: str = "", back: Lines | None = None) -> None:
        def made(pairs: Lines) -> tuple[Line, ...]:
            return tuple(Line(self.items[sku], quantity * 1000) for sku, quantity in pairs)

        try:
            self.book.record(Draft(kind, "main", made(lines), to=to, taken_back=made(back or [])))
        except Refusal as refusal:
            self.refused.append(str(refusal))


Happening = Callable[[People, Lines, int], None]

AT_THE_SHOP: dict[str, Happening] = {
    "checkout": People._checkout,
    "cancel": People._cancel,
    "refund": People._refund,
    "edit-line": People._edit_line,
    "admin-level": People._admin_level,
}
AT_THE_TILL: dict[str, Happening] = {
    "sale": People._sale,
    "return": People._return,
    "delivery": People._delivery,
    "adjustment": People._adjustment,
    "transfer": People._transfer,
    "exchange": People._exchange,
    "count": People._count,
}
