"""A small shop to try things with: a few items and an opening delivery."""

from __future__ import annotations

from tillbridge.till.book import Book
from tillbridge.till.catalogue import Card
from tillbridge.till.papers import Author, Draft, Kind, Line

GOODS = (
    (Card("CUP-BLUE", "Cup, blue", 990), "24"),
    (Card("CUP-RED", "Cup, red", 990), "18"),
    (Card("TEE-M", "T-shirt, M", 2450), "12"),
    (Card("TEE-L", "T-shirt, L", 2450), "9"),
    (Card("COFFEE-LOOSE", "Coffee, loose, per kg", 2890), "7.5"),
    (Card("WRAP", "Gift wrapping", 250, tracked=False), ""),
)


def seed(book: Book) -> None:
    """Fill an empty till; one that has any item is left as it is."""
    if book.catalogue.items(0, 1):
        return
    outlet = book.catalogue.outlets()[0].id
    lines = []
    for card, quantity in GOODS:
        item = book.catalogue.add(card)
        if quantity:
            lines.append(Line.of(item.id, quantity))
    book.record(Draft(Kind.DELIVERY, outlet, tuple(lines), "demo-opening", Author.TILL, reason="opening stock"))
