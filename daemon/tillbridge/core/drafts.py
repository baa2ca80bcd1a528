"""What the shop is asked to keep of a sale or return that happened at the POS: an order or a refund, complete.

Money is in whole cents (or what the currency has) and adds up: lines and taxes come to the total. Nothing of it moves
stock: `held` is what a line is said to hold, so that WooCommerce does not take it again and gives it back if somebody
cancels the order later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from tillbridge.core.paper import LineKind, Part, Person, TaxShare
from tillbridge.core.stock import ZERO


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line of an order to be. `line` is the POS's own name of it, `ref` the store's product or variation, "" where
    it has none: then, and where the store has lost the product, it becomes a fee with that name."""

    line: str
    name: str
    quantity: Decimal
    net: Decimal
    taxes: tuple[TaxShare, ...] = ()
    kind: LineKind = LineKind.ITEM
    ref: str = ""
    tax_class: str = ""
    """`standard`, `reduced-rate` …; "" is that of its product, of a fee the standard one."""
    method: str = ""
    """Of shipping: the shipping method's id."""
    held: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order to be. The same `key` always means the same order, however often it is asked for.

    `document` is the POS's name of the sale, `mail` whether the shop may write to the customer. `parts` are given
    where more than one payment paid; `method` is then the first of them.
    """

    key: str
    document: str
    at: datetime
    status: str
    currency: str
    total: Decimal
    lines: tuple[DraftLine, ...]
    paid: datetime | None = None
    method: str = ""
    method_title: str = ""
    parts: tuple[Part, ...] = ()
    billing: Person = Person()
    shipping: Person = Person()
    note: str = ""
    mail: bool = False


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """What a refund to be takes off a line of its order; amounts are positive. `restocked`: how many of the goods lie
    on the POS's shelf again, so the line holds so much less; the others stay with it."""

    line: str
    quantity: Decimal
    net: Decimal
    taxes: tuple[TaxShare, ...] = ()
    restocked: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class RefundDraft:
    """A refund to be. `amount` is what the customer got, tax included. No gateway is asked to pay it out."""

    key: str
    document: str
    order: str
    at: datetime
    amount: Decimal
    lines: tuple[ReturnedLine, ...] = ()
    reason: str = ""
    mail: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """What was made, or had been made before under that key (`again`). `lines`: the store's line of each line of the
    draft, by the POS's name of it; of a refund, none. `fees`: those of the draft's goods that the shop keeps as a fee,
    which holds no stock, because it counts them in whole pieces."""

    ref: str
    status: str
    again: bool = False
    lines: Mapping[str, str] = field(default_factory=dict)
    fees: frozenset[str] = frozenset()
