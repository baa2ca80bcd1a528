"""The owner's policy for orders that travel as sales: what is done where something is not mapped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

STANDARD = "standard"
"""The name of WooCommerce's standard tax class, which is "" in an order."""

NO_METHOD = "none"
"""The method of an order without a gateway, as people make in the admin."""


class UnlinkedLine(StrEnum):
    """What becomes of a product line that is linked to no POS item."""

    PARK = "park"
    CUSTOM = "custom"
    """An open line with its name, price and tax."""
    LEAVE_OUT = "leave-out"


class UnmappedPayment(StrEnum):
    """What becomes of an order whose gateway has no POS payment type."""

    PARK = "park"
    IGNORE = "ignore"
    DEFAULT = "default"


class UnmappedTax(StrEnum):
    """What becomes of a tax that has no POS tax."""

    PARK = "park"
    DEFAULT = "default"


class Unpaid(StrEnum):
    """How an order is recorded that is sent before it is paid (cash on delivery, a bank transfer)."""

    GATEWAY = "gateway"
    """As paid by its gateway's type. That is how a till is reconciled: money on delivery under its own type."""
    TYPE = "type"
    """As paid by one type for all of them (`unpaid_type`: on account, invoice)."""
    OUTSTANDING = "outstanding"
    """As not paid; the payment follows once it is."""


@dataclass(frozen=True, slots=True)
class OrderPolicy:
    """How orders become sales.

    `payments`: gateway → POS payment type (`gift_card` for gift cards, `none` for orders without a gateway). `taxes`:
    rate id, or tax class (`standard`, `reduced-rate` …) → POS tax; a rate id goes first. `start`: orders made before
    are left alone. `nothing`: the statuses at which an order wants nothing of the POS. `currency` is the POS's, ""
    where it does not say. `places`: the decimals in which the shop shows prices, None for those of the currency.
    """

    payments: Mapping[str, str] = field(default_factory=dict)
    taxes: Mapping[str, str] = field(default_factory=dict)
    unlinked_line: UnlinkedLine = UnlinkedLine.PARK
    unmapped_payment: UnmappedPayment = UnmappedPayment.PARK
    default_payment: str = ""
    unmapped_tax: UnmappedTax = UnmappedTax.PARK
    default_tax: str = ""
    unpaid: Unpaid = Unpaid.GATEWAY
    unpaid_type: str = ""
    start: datetime | None = None
    nothing: frozenset[str] = frozenset({"cancelled", "failed", "pending", "checkout-draft"})
    currency: str = ""
    open_lines: bool = True
    """Whether the POS takes lines without an item."""
    places: int | None = None

    def leaving_nothing_out(self) -> OrderPolicy:
        """The same for an order that is to be sent though this would leave it alone: what is missing parks it."""
        ignores = self.unmapped_payment is UnmappedPayment.IGNORE
        return replace(self, start=None, unmapped_payment=UnmappedPayment.PARK if ignores else self.unmapped_payment)
