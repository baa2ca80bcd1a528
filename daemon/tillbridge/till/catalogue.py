"""What the shop sells and where: the till's items and outlets."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from tillbridge.till.refusal import Refusal
from tillbridge.till.storage import writing


@dataclass(frozen=True, slots=True)
class Card:
    """What is written on an item's card. `price` in cents; an item that is not `tracked` has no level."""

    sku: str
    name: str
    price: int
    tracked: bool = True


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the till under the till's own number. A SKU may be blank or used twice: the number is the identity."""

    id: int
    card: Card


@dataclass(frozen=True, slots=True)
class Outlet:
    """A place that holds stock."""

    id: str
    name: str


class Catalogue:
    """Items and outlets in one database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add(self, card: Card) -> Item:
        """A new item, with no stock yet."""
        with writing(self._db):
            row = self._db.execute(
                "INSERT INTO item (sku, name, price, tracked) VALUES (?, ?, ?, ?) RETURNING id",
                (card.sku, card.name, card.price, card.tracked),
            ).fetchone()
        return Item(int(row[0]), card)

    def change(self, item: int, card: Card) -> Item:
        """Rewrite an item's card. Its level stays, also while nobody tracks it."""
        with writing(self._db):
            done = self._db.execute(
                "UPDATE item SET sku = ?, name = ?, price = ?, tracked = ? WHERE id = ?",
                (card.sku, card.name, card.price, card.tracked, item),
            ).rowcount
        if not done:
            raise unknown_item(item)
        return Item(item, card)

    def item(self, item: int) -> Item:
        """One item; a refusal where there is none of that number."""
        row = self._db.execute("SELECT id, sku, name, price, tracked FROM item WHERE id = ?", (item,)).fetchone()
        if row is None:
            raise unknown_item(item)
        return _item(row)

    def items(self, after: int, limit: int) -> list[Item]:
        """Items in the order of their numbers."""
        rows = self._db.execute(
            "SELECT id, sku, name, price, tracked FROM item WHERE id > ? ORDER BY id LIMIT ?", (after, limit)
        )
        return [_item(row) for row in rows]

    def search(self, text: str, limit: int) -> list[Item]:
        """Items for what was scanned or typed: those of exactly that SKU, else those whose SKU or name contain it."""
        exact = self._db.execute(
            "SELECT id, sku, name, price, tracked FROM item WHERE sku = ? ORDER BY id LIMIT ?", (text, limit)
        ).fetchall()
        rows = exact or self._db.execute(
            "SELECT id, sku, name, price, tracked FROM item"
            " WHERE instr(lower(sku), lower(?)) OR instr(lower(name), lower(?)) ORDER BY name, id LIMIT ?",
            (text, text, limit),
        )
        return [_item(row) for row in rows]

    def open_outlet(self, outlet: Outlet) -> None:
        """Make sure that this outlet exists, under this name. Outlets are never removed: movements name them."""
        with writing(self._db):
            self._db.execute(
                "INSERT INTO outlet (id, name, place) VALUES (?, ?, (SELECT count(*) FROM outlet))"
                " ON CONFLICT (id) DO UPDATE SET name = excluded.name",
                (outlet.id, outlet.name),
            )

    def outlets(self) -> list[Outlet]:
        """All outlets, in the order in which they were opened."""
        return [Outlet(*row) for row in self._db.execute("SELECT id, name FROM outlet ORDER BY place")]

    def must_have_outlet(self, outlet: str) -> None:
        """A refusal where there is no such outlet."""
        if self._db.execute("SELECT 1 FROM outlet WHERE id = ?", (outlet,)).fetchone() is None:
            raise Refusal("outlet_unknown", f"there is no outlet {outlet!r}", 404)


def unknown_item(item: int) -> Refusal:
    """The refusal for an item number that nobody has."""
    return Refusal("item_unknown", f"there is no item {item}", 404)


def _item(row: tuple[int, str, str, int, int]) -> Item:
    return Item(row[0], Card(row[1], row[2], row[3], bool(row[4])))
