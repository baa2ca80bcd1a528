"""An order of the store as a paper: what was bought, at which amounts, what was given back, how it is paid.

Read fresh whenever it is needed, never stored: it holds what is known of a person. Money is in units of the currency,
exact as the store computed it, which may be more decimals than the currency has. Times are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tillbridge.core.stock import ZERO


class LineKind(StrEnum):
    """What a line of an order is."""

    ITEM = "item"
    SHIPPING = "shipping"
    FEE = "fee"


@dataclass(frozen=True, slots=True)
class TaxShare:
    """What one tax rate of the store (`rate` is its id) adds to a line."""

    rate: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Rate:
    """A tax rate that an order uses: `percent` None where the store does not say. `total` is what it comes to over the
    whole order, as the store rounded it, refunds not taken off."""

    id: str
    label: str
    percent: Decimal | None
    total: Decimal


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A line. `refs` are the ids that may hold its stock (the variation's, then the product's), none where it is no
    product. `net` is after discounts, without tax. `reduced` is the stock that it holds (`_reduced_stock`)."""

    id: str
    kind: LineKind
    name: str
    quantity: Decimal
    net: Decimal
    taxes: tuple[TaxShare, ...] = ()
    tax_class: str = ""
    refs: tuple[str, ...] = ()
    sku: str = ""
    reduced: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class RefundLine:
    """What a refund takes off a line of its order; all amounts are positive."""

    line: str
    quantity: Decimal
    net: Decimal
    taxes: tuple[TaxShare, ...] = ()


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund. `amount` is what the customer got back, tax included; it may be more than its lines come to, or have
    none."""

    id: str
    at: datetime
    amount: Decimal
    lines: tuple[RefundLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the payment that the store itself tells apart: a gift card, a deposit, one of several payments.

    `method` is the gateway's id, or `gift_card`, or `outstanding` for what is still to be paid.
    """

    method: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as an order or the store's customers show them. Never stored. `id` "" is a guest."""

    id: str = ""
    email: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    street: str = ""
    street_2: str = ""
    postcode: str = ""
    city: str = ""
    state: str = ""
    country: str = ""
    """Two letters, ISO 3166."""


@dataclass(frozen=True, slots=True)
class Paper:
    """An order. `total` is what the customer pays in the end, tax included, refunds not taken off; what a gift card
    paid is not in it where the store takes it off before (`parts` then has it, and says so by `method`).

    `currency` is ISO 4217, `number` the number that people see. `parts` is empty where one gateway (`method`) pays all.
    """

    ref: str
    number: str
    status: str
    currency: str
    created: datetime
    paid: datetime | None
    total: Decimal
    lines: tuple[PaperLine, ...]
    rates: tuple[Rate, ...] = ()
    refunds: tuple[Refund, ...] = ()
    method: str = ""
    method_title: str = ""
    parts: tuple[Part, ...] = ()
    billing: Person = Person()
    shipping: Person = Person()
    coupons: tuple[str, ...] = ()
    created_via: str = ""
    from_pos: str = ""
    """The POS document that this order was made from, "" where the shop's customers made it."""
