"""How an order is paid, by the POS's payment types, and how money of it is paid back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from tillbridge.core.documents import Payment
from tillbridge.core.money import rounded
from tillbridge.core.order_policy import NO_METHOD, OrderPolicy, UnmappedPayment, Unpaid
from tillbridge.core.paper import Paper
from tillbridge.core.reckoning import GIFT_CARD
from tillbridge.core.stock import ZERO

OUTSTANDING = "outstanding"
"""The method of a part that is still to be paid."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid by each POS type, and by which gateways for which there is none (`unmapped`). What is missing to
    the total is outstanding."""

    payments: Mapping[str, Decimal]
    unmapped: tuple[str, ...] = ()

    @property
    def total(self) -> Decimal:
        return sum(self.payments.values(), ZERO)


def paid(paper: Paper, total: Decimal, step: Decimal, policy: OrderPolicy) -> Paid:
    """How `total` (the whole order, refunds not off, gift cards in it) is paid.

    An order of nothing has no payment. Two parts of one type are one payment.
    """
    payments: dict[str, Decimal] = {}
    unmapped: dict[str, None] = {}
    for method, amount in parts(paper, total, step).items():
        if method == OUTSTANDING or (not_yet := _not_yet(paper, method)) and policy.unpaid is Unpaid.OUTSTANDING:
            continue
        name = policy.unpaid_type if not_yet and policy.unpaid is Unpaid.TYPE else policy.payments.get(method, "")
        if not name and policy.unmapped_payment is UnmappedPayment.DEFAULT:
            name = policy.default_payment
        if name:
            payments[name] = payments.get(name, ZERO) + amount
        else:
            unmapped[method] = None
    return Paid(payments, tuple(unmapped))


def parts(paper: Paper, total: Decimal, step: Decimal) -> dict[str, Decimal]:
    """The methods by which an order is paid, with amounts of more than zero that sum to `total`.

    What the order's parts do not cover was paid by its gateway; what they have too much is taken off the largest.
    """
    found: dict[str, Decimal] = {}
    for part in paper.parts:
        if (amount := rounded(part.amount, step)) > 0:
            method = part.method or NO_METHOD
            found[method] = found.get(method, ZERO) + amount
    lacking = total - sum(found.values(), ZERO)
    if lacking > 0:
        method = paper.method or NO_METHOD
        found[method] = found.get(method, ZERO) + lacking
    return less(found, -lacking)


def paid_back(amount: Decimal, taken: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """An amount paid back of what was taken, by type: from the largest first, the first name of equals.

    Never more than was taken of a type, so less than `amount` where not so much was taken.
    """
    back: dict[str, Decimal] = {}
    for name in sorted(taken, key=lambda name: (-taken[name], name)):
        part = min(amount - sum(back.values(), ZERO), taken[name])
        if part > 0:
            back[name] = part
    return back


def less(payments: Mapping[str, Decimal], amount: Decimal) -> dict[str, Decimal]:
    """Payments after an amount of them was paid back (nothing, where it is not more than zero)."""
    back = paid_back(amount, payments)
    left = {name: taken - back.get(name, ZERO) for name, taken in payments.items()}
    return {name: amount for name, amount in left.items() if amount}


def listed(payments: Mapping[str, Decimal]) -> tuple[Payment, ...]:
    """Payments as a document has them, by name."""
    return tuple(Payment(name, payments[name]) for name in sorted(payments) if payments[name])


def by_type(payments: Iterable[Payment]) -> dict[str, Decimal]:
    """A document's payments by type."""
    found: dict[str, Decimal] = {}
    for payment in payments:
        found[payment.type] = found.get(payment.type, ZERO) + payment.amount
    return found


def _not_yet(paper: Paper, method: str) -> bool:
    """Whether this part is still to come. Gift cards and deposits are paid, a gateway once the store says so."""
    deposit = any(part.method == OUTSTANDING for part in paper.parts)
    return paper.paid is None and method != GIFT_CARD and not deposit
