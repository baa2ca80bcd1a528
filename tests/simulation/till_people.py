"""Whoever stands at the till: what they ring."""

from __future__ import annotations

from collections.abc import Callable

from tests.simulation.shop_people import Lines
from tillbridge.till.book import Book
from tillbridge.till.papers import Draft, Kind, Line
from tillbridge.till.refusal import Refusal


class TillPeople:
    """`refused` collects what the till would not take."""

    def __init__(self, book: Book, items: list[int]) -> None:
        """`items` are the ids of the till's items by number."""
        self.book = book
        self.items = items
        self.refused: list[str] = []

    def ring(self, kind: Kind, lines: Lines, to: str = "", back: Lines | None = None, fraction: int = 0) -> None:
        """Ring a document at the counter; `fraction` are thousandths on top of every line."""

        def made(pairs: Lines) -> tuple[Line, ...]:
            return tuple(Line(self.items[sku], quantity * 1000 + fraction) for sku, quantity in pairs)

        try:
            self.book.record(Draft(kind, "main", made(lines), to=to, taken_back=made(back or [])))
        except Refusal as refusal:
            self.refused.append(str(refusal))

    def delivery(self, lines: Lines, _: int) -> None:
        self.ring(Kind.DELIVERY, [(sku, quantity * 3) for sku, quantity in lines])

    def delivery_of_fractions(self, lines: Lines, number: int) -> None:
        self.ring(Kind.DELIVERY, lines, fraction=1 + number % 999)

    def adjustment(self, lines: Lines, number: int) -> None:
        self.ring(Kind.ADJUSTMENT, [(sku, quantity if number % 2 else -quantity) for sku, quantity in lines])

    def exchange(self, lines: Lines, _: int) -> None:
        (sku, quantity), *rest = lines
        back = rest or [((sku + 1) % len(self.items), 1)]
        self.ring(Kind.EXCHANGE, [(sku, quantity)], back=back)

    def count(self, lines: Lines, number: int) -> None:
        if not self.book.is_offline():
            self.ring(Kind.COUNT, [(lines[0][0], number % 25)])


AT_THE_TILL: dict[str, Callable[[TillPeople, Lines, int], None]] = {
    "sale": lambda people, lines, _: people.ring(Kind.SALE, lines),
    "return": lambda people, lines, _: people.ring(Kind.RETURN, lines),
    "delivery": TillPeople.delivery,
    "delivery-of-fractions": TillPeople.delivery_of_fractions,
    "adjustment": TillPeople.adjustment,
    "transfer": lambda people, lines, _: people.ring(Kind.TRANSFER, lines, to="annex"),
    "exchange": TillPeople.exchange,
    "count": TillPeople.count,
}
