"""What is written down at a till: sales, returns, deliveries and the like, and what each does to the shelf. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tillbridge.till.amounts import line_total, thousandths


class Kind(StrEnum):
    """The documents of the till."""

    SALE = "sale"
    RETURN = "return"
    EXCHANGE = "exchange"
    VOID = "void"
    PICKUP = "pickup"
    SHIPMENT = "shipment"
    CUSTOMER = "customer"
    DELIVERY = "delivery"
    ADJUSTMENT = "adjustment"
    TRANSFER = "transfer"
    COUNT = "count"


PREFIX = {
    Kind.SALE: "S",
    Kind.RETURN: "R",
    Kind.EXCHANGE: "X",
    Kind.VOID: "V",
    Kind.PICKUP: "P",
    Kind.SHIPMENT: "H",
    Kind.CUSTOMER: "K",
    Kind.DELIVERY: "D",
    Kind.ADJUSTMENT: "A",
    Kind.TRANSFER: "T",
    Kind.COUNT: "C",
}
"""The letter before the number on a receipt."""

AT_THE_COUNTER = frozenset({Kind.SALE, Kind.RETURN, Kind.EXCHANGE, Kind.VOID})
"""Documents with money: they may hold items whose stock is not tracked (a service), which then move nothing."""

HANDED_OVER = frozenset({Kind.PICKUP, Kind.SHIPMENT})
"""Notes that a web order left the shop: they move nothing, its sale has moved it."""


class Author(StrEnum):
    """Who made a document: a person at the register, or a program over the API."""

    TILL = "till"
    API = "api"


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a line comes to, in cents, where it does not follow from a price: without tax, and each tax by its name.
    A discount is below zero."""

    net: int
    taxes: tuple[tuple[str, int], ...] = ()

    @property
    def gross(self) -> int:
        return self.net + sum(amount for _, amount in self.taxes)


@dataclass(frozen=True, slots=True)
class Payment:
    """So many cents by one payment type, more than zero; the document says which way they go."""

    type: str
    amount: int


@dataclass(frozen=True, slots=True)
class Line:
    """An item and how many, in thousandths. In a count `quantity` is the level found, `expected` the one before.

    `price` in cents, None for the item's own; `amounts` where the line brings its own. `item` 0 is an open line, which
    has only a `name`. `line` is what a web order calls it. What comes back without `restock` stays off the shelf.
    """

    item: int
    quantity: int
    price: int | None = None
    expected: int | None = None
    name: str = ""
    line: str = ""
    amounts: Amounts | None = None
    restock: bool = True

    @classmethod
    def of(cls, item: int, quantity: str) -> Line:
        """A line with a quantity as people write it."""
        return cls(item, thousandths(quantity, "quantity"))


@dataclass(frozen=True, slots=True)
class Draft:
    """A document before it is recorded. The same `key` records the same document once, however often it is handed in.

    `lines` leave the shop in a sale or exchange and come in otherwise; `taken_back` is what comes back in an exchange.
    `to` is the receiving outlet of a transfer, `sale` the receipt that a return belongs to, `reference` the web order,
    `order_number` that order's number for people. `at` "" is now. `total` is what the asker reckons with, if told.
    """

    kind: Kind
    outlet: str
    lines: tuple[Line, ...]
    key: str | None = None
    author: Author = Author.TILL
    taken_back: tuple[Line, ...] = ()
    to: str = ""
    sale: str = ""
    reason: str = ""
    payment: str = ""
    reference: str = ""
    order_number: str = ""
    payments: tuple[Payment, ...] = ()
    customer: int | None = None
    at: str = ""
    total: int | None = None

    def content(self) -> str:
        """Everything that decides the effect, in one spelling: what a reused key is compared with. Whose it is does not
        belong to it."""
        known: list[Any] = [self.kind, self.outlet, self.to, self.sale, _plain(self.lines), _plain(self.taken_back)]
        if self.reference or self.payments:
            paid = [[payment.type, payment.amount] for payment in self.payments]
            known += [self.reference, self.order_number, paid]
        return json.dumps(known, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A line as it stands on the paper: SKU, name and price as they were then."""

    item: int
    sku: str
    name: str
    quantity: int
    price: int
    line: str = ""
    amounts: Amounts | None = None
    restock: bool = True

    @property
    def amount(self) -> int:
        """What it comes to in cents, tax included."""
        return line_total(self.quantity, self.price) if self.amounts is None else self.amounts.gross

    @property
    def net(self) -> int:
        """The same without the taxes that it names."""
        return self.amount if self.amounts is None else self.amounts.net

    @property
    def taxes(self) -> tuple[tuple[str, int], ...]:
        return () if self.amounts is None else self.amounts.taxes


@dataclass(frozen=True, slots=True)
class Document:
    """A recorded document. `n` is its number in the feed, None while it waits for the register to come online."""

    number: str
    n: int | None
    kind: Kind
    key: str | None
    author: Author
    at: str
    outlet: str
    to: str
    sale: str
    reason: str
    payment: str
    total: int
    lines: tuple[Entry, ...]
    taken_back: tuple[Entry, ...]
    reference: str = ""
    order_number: str = ""
    payments: tuple[Payment, ...] = ()
    customer: int | None = None

    @property
    def paid(self) -> int:
        """What was paid with it in cents, below zero where it was paid out."""
        amount = sum(payment.amount for payment in self.payments)
        return amount if self.kind is Kind.SALE or (self.kind is Kind.EXCHANGE and self.total >= 0) else -amount


@dataclass(frozen=True, slots=True)
class Move:
    """One level that is to change by `delta`, or in a count to become `level`."""

    item: int
    outlet: str
    delta: int
    level: int | None = None


def moves(paper: Draft | Document) -> list[Move]:
    """What a document does to the shelf, in order. Open lines, and what does not go back on the shelf, do nothing."""
    here = paper.outlet
    back = [Move(line.item, here, line.quantity) for line in paper.taken_back if line.item and line.restock]
    match paper.kind:
        case Kind.SALE | Kind.EXCHANGE:
            return back + [Move(line.item, here, -line.quantity) for line in paper.lines if line.item]
        case Kind.TRANSFER:
            out = [Move(line.item, here, -line.quantity) for line in paper.lines]
            return out + [Move(line.item, paper.to, line.quantity) for line in paper.lines]
        case Kind.COUNT:
            return [Move(line.item, here, 0, line.quantity) for line in paper.lines]
        case Kind.RETURN | Kind.VOID | Kind.DELIVERY | Kind.ADJUSTMENT:
            return [Move(line.item, here, line.quantity) for line in paper.lines if line.item and line.restock]
        case Kind.PICKUP | Kind.SHIPMENT | Kind.CUSTOMER:
            return []


def coming_back(document: Document) -> tuple[Entry, ...]:
    """What a document brings back."""
    return document.lines if document.kind in (Kind.RETURN, Kind.VOID) else document.taken_back


def total(kind: Kind, lines: Iterable[Entry], taken_back: Iterable[Entry]) -> int:
    """What the customer pays, in cents; less than nothing is paid out."""
    if kind not in AT_THE_COUNTER:
        return 0
    paid = sum(entry.amount for entry in lines)
    back = sum(entry.amount for entry in taken_back)
    return -paid if kind in (Kind.RETURN, Kind.VOID) else paid - back


def _plain(lines: tuple[Line, ...]) -> list[list[Any]]:
    """Lines in one spelling; what only web orders have is left out where there is none of it."""
    found = []
    for line in lines:
        plain: list[Any] = [line.item, line.quantity, line.price, line.expected]
        if line.amounts is not None or line.name or line.line or not line.restock:
            given = line.amounts
            money = None if given is None else [given.net, sorted(given.taxes)]
            plain += [line.name, line.line, money, line.restock]
        found.append(plain)
    return found
