"""The recorded documents, as they are read back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from tillbridge.till.papers import Amounts, Author, Document, Entry, Kind, Payment
from tillbridge.till.refusal import Refusal

_DOCUMENT = (
    "SELECT number, n, kind, key, author, at, outlet, destination, sale, reason, payment, total, lines, reference,"
    " order_number, payments, customer FROM document"
)
_PAPER = "kind <> 'customer'"


class Archive:
    """Documents in one database, read only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def document(self, number: str) -> Document:
        """One document by the number on it."""
        for found in self._read(f"WHERE {_PAPER} AND number = ?", number):
            return found
        raise Refusal("document_unknown", f"there is no document {number}", 404)

    def find(self, key: str) -> Document | None:
        """The document that a key left behind."""
        return next(self._read("WHERE key = ?", key), None)

    def recent(self, limit: int) -> list[Document]:
        """The newest documents first, waiting ones too."""
        return list(self._read(f"WHERE {_PAPER} ORDER BY id DESC LIMIT ?", limit))

    def waiting(self) -> list[Document]:
        """Those that wait for the register to come online, oldest first."""
        return list(self._read("WHERE n IS NULL ORDER BY id"))

    def of_sale(self, number: str) -> list[Document]:
        """What was recorded on a receipt afterwards."""
        return list(self._read("WHERE sale <> '' AND sale = ? ORDER BY id", number))

    def of_reference(self, reference: str) -> list[Document]:
        """Everything of a web order, waiting ones too, oldest first."""
        return list(self._read("WHERE reference <> '' AND reference = ? ORDER BY id", reference))

    def references(self, limit: int) -> list[str]:
        """The web orders of which something happened last, the newest first."""
        rows = self._db.execute(
            "SELECT reference FROM document WHERE reference <> '' GROUP BY reference ORDER BY max(id) DESC LIMIT ?",
            (limit,),
        )
        return [str(row[0]) for row in rows]

    def reference_of(self, number: str) -> str:
        """The web order of that number for people, or of that reference, "" where there is none. The newest one, where
        two shops have the same number."""
        row = self._db.execute(
            "SELECT reference FROM document WHERE reference <> '' AND (order_number = ? OR reference = ?)"
            " ORDER BY id DESC LIMIT 1",
            (number, number),
        ).fetchone()
        return "" if row is None else str(row[0])

    def between(self, begin: str, end: str, after: int, limit: int) -> tuple[list[Document], int | None]:
        """Documents that happened from `begin` (included) to `end` (not), "" for no bound, and where the next page
        begins (None: that was all)."""
        where = f"{_PAPER} AND id > ? AND (? = '' OR at >= ?) AND (? = '' OR at < ?)"
        arguments = (after, begin, begin, end, end, limit + 1)
        ids = [
            int(row[0])
            for row in self._db.execute(f"SELECT id FROM document WHERE {where} ORDER BY id LIMIT ?", arguments)  # noqa: S608
        ]
        following = ids[limit - 1] if len(ids) > limit else None
        found = list(self._read(f"WHERE {where} ORDER BY id LIMIT ?", *arguments[:-1], limit))
        return found, following

    def _read(self, which: str, *arguments: object) -> Iterator[Document]:
        for row in self._db.execute(f"{_DOCUMENT} {which}", arguments):
            yield _document(row)


def spelled(entries: Iterable[Entry]) -> list[list[Any]]:
    """Lines as they are kept."""
    found = []
    for entry in entries:
        kept: list[Any] = [entry.item, entry.sku, entry.name, entry.quantity, entry.price]
        if entry.amounts is not None or entry.line or not entry.restock:
            given = entry.amounts
            kept += [entry.line, None if given is None else [given.net, given.taxes], entry.restock]
        found.append(kept)
    return found


def spelled_payments(payments: Iterable[Payment]) -> str:
    """Payments as they are kept."""
    return json.dumps([[payment.type, payment.amount] for payment in payments])


def _document(row: tuple[Any, ...]) -> Document:
    number, n, kind, key, author, at, outlet, to, sale, reason, payment, cost, text, reference, called, paid, who = row
    lines, taken_back = (tuple(_entry(*kept) for kept in side) for side in json.loads(text))
    payments = tuple(Payment(*pair) for pair in json.loads(paid))
    if payment and not payments and cost:
        payments = (Payment(payment, abs(cost)),)
    return Document(
        number,
        n,
        Kind(kind),
        key,
        Author(author),
        at,
        outlet,
        to,
        sale,
        reason,
        payment,
        cost,
        lines,
        taken_back,
        reference,
        called,
        payments,
        who,
    )


def _entry(
    item: int,
    sku: str,
    name: str,
    quantity: int,
    price: int,
    line: str = "",
    money: list[Any] | None = None,
    *restock: bool,
) -> Entry:
    amounts = None if money is None else Amounts(money[0], tuple((tax, amount) for tax, amount in money[1]))
    return Entry(item, sku, name, quantity, price, line, amounts, all(restock))
