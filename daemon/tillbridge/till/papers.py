"""What is written down at a till: sales, returns, deliveries and the like, and what each does to the shelf. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tillbridge.till.amounts import line_total, thousandths


class Kind(StrEnum):
    """The documents of the till."""

    SALE = "sale"
    RETURN = "return"
    EXCHANGE = "exchange"
    DELIVERY = "delivery"
    ADJUSTMENT = "adjustment"
    TRANSFER = "transfer"
    COUNT = "count"


PREFIX = {
    Kind.SALE: "S",
    Kind.RETURN: "R",
    Kind.EXCHANGE: "X",
    Kind.DELIVERY: "D",
    Kind.ADJUSTMENT: "A",
    Kind.TRANSFER: "T",
    Kind.COUNT: "C",
}
"""The letter before the number on a receipt."""

AT_THE_COUNTER = frozenset({Kind.SALE, Kind.RETURN, Kind.EXCHANGE})
"""Documents with a customer: they may hold items whose stock is not tracked (a service), which then move nothing."""


class Author(StrEnum):
    """Who made a document: a person at the register, or a program over the API."""

    TILL = "till"
    API = "api"


@dataclass(frozen=True, slots=True)
class Line:
    """An item and how many, in thousandths. In a count `quantity` is the level found, `expected` the one before.

    `price` in cents, None for the item's own.
    """

    item: int
    quantity: int
    price: int | None = None
    expected: int | None = None

    @classmethod
    def of(cls, item: int, quantity: str) -> Line:
        """A line with a quantity as people write it."""
        return cls(item, thousandths(quantity, "quantity"))


@dataclass(frozen=True, slots=True)
class Draft:
    """A document before it is recorded. The same `key` records the same document once, however often it is handed in.

    `lines` leave the shop in a sale or exchange and come in otherwise; `taken_back` is what comes back in an exchange.
    `to` is the receiving outlet of a transfer, `sale` the receipt that a return belongs to.
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

    def content(self) -> str:
        """Everything that decides the effect, in one spelling: what a reused key is compared with, and posted from."""
        return json.dumps(
            [self.kind, self.outlet, self.to, self.sale, _plain(self.lines), _plain(self.taken_back)],
            separators=(",", ":"),
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """A line as it stands on the paper: SKU, name and price as they were then."""

    item: int
    sku: str
    name: str
    quantity: int
    price: int


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


@dataclass(frozen=True, slots=True)
class Move:
    """One level that is to change by `delta`, or in a count to become `level`."""

    item: int
    outlet: str
    delta: int
    level: int | None = None


def draft_of(content: str) -> Draft:
    """The draft that `Draft.content` wrote down, as far as its effect goes."""
    kind, outlet, to, sale, lines, taken_back = json.loads(content)
    return Draft(
        Kind(kind),
        outlet,
        tuple(Line(*line) for line in lines),
        taken_back=tuple(Line(*line) for line in taken_back),
        to=to,
        sale=sale,
    )


def moves(draft: Draft) -> list[Move]:
    """What a document does to the shelf, in order."""
    here = draft.outlet
    back = [Move(line.item, here, line.quantity) for line in draft.taken_back]
    match draft.kind:
        case Kind.SALE | Kind.EXCHANGE:
            return back + [Move(line.item, here, -line.quantity) for line in draft.lines]
        case Kind.TRANSFER:
            out = [Move(line.item, here, -line.quantity) for line in draft.lines]
            return out + [Move(line.item, draft.to, line.quantity) for line in draft.lines]
        case Kind.COUNT:
            return [Move(line.item, here, 0, line.quantity) for line in draft.lines]
        case Kind.RETURN | Kind.DELIVERY | Kind.ADJUSTMENT:
            return [Move(line.item, here, line.quantity) for line in draft.lines]


def coming_back(draft: Draft) -> tuple[Line, ...]:
    """What a return or an exchange brings back."""
    return draft.taken_back if draft.kind is Kind.EXCHANGE else draft.lines


def total(kind: Kind, lines: Iterable[Entry], taken_back: Iterable[Entry]) -> int:
    """What the customer pays, in cents; less than nothing is paid out."""
    if kind not in AT_THE_COUNTER:
        return 0
    paid = sum(line_total(entry.quantity, entry.price) for entry in lines)
    back = sum(line_total(entry.quantity, entry.price) for entry in taken_back)
    return -paid if kind is Kind.RETURN else paid - back


def _plain(lines: tuple[Line, ...]) -> list[list[int | None]]:
    return [[line.item, line.quantity, line.price, line.expected] for line in lines]
