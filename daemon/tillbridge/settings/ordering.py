"""The owner's settings as the policy by which orders become sales, and what that policy still lacks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta, timezone, tzinfo

from tillbridge.core.order_policy import OrderPolicy, UnlinkedLine, UnmappedPayment, UnmappedTax, Unpaid
from tillbridge.settings.table import Settings

SALE = "sale"
EARLIEST_ZONE = timezone(timedelta(hours=14))
"""Where a day begins first."""


def order_policy(
    settings: Settings,
    zone: tzinfo,
    began: datetime | None = None,
    currency: str = "",
    places: int | None = None,
    *,
    open_lines: bool = True,
) -> OrderPolicy:
    """`zone` is the shop's, in which `start_date` is a day; `began`, when Tillbridge first sent sales, is the start
    where the owner names none. The rest is what the sides say: see `OrderPolicy`."""
    orders = settings.orders
    day = orders.start_date
    return OrderPolicy(
        payments=settings.payments,
        taxes=settings.taxes,
        unlinked_line=UnlinkedLine(orders.unlinked_line),
        unmapped_payment=UnmappedPayment(orders.unmapped_payment),
        default_payment=orders.default_payment,
        unmapped_tax=UnmappedTax(orders.unmapped_tax),
        default_tax=orders.default_tax,
        unpaid=Unpaid(orders.unpaid),
        unpaid_type=orders.unpaid_type,
        start=began if day is None else datetime.combine(day, time.min, zone),
        currency=currency,
        open_lines=open_lines,
        places=places,
    )


def lacking(settings: Settings, now: datetime) -> Iterator[str]:
    """What the settings need and do not have before orders and customers travel as they say, each with its fix. `now`
    has a zone. None of it is refused: what cannot travel waits, and is shown."""
    sold = settings.orders.as_ == SALE and settings.sync.orders != "off"
    if sold:
        yield from _for_sales(settings, now)
    to_pos = settings.sync.customers in ("to-pos", "both")
    if to_pos and settings.people.group == "default" and not settings.people.default_group:
        yield _empty("people.default_group", "people.group = default", "customers are made without a group")
    if (sold or to_pos) and settings.orders.guests == "one" and not settings.orders.guest_customer:
        yield _empty("orders.guest_customer", "orders.guests = one", "a guest's order has no customer")


def _for_sales(settings: Settings, now: datetime) -> Iterator[str]:
    orders = settings.orders
    if orders.unmapped_payment == "default" and not orders.default_payment:
        yield _empty("orders.default_payment", "orders.unmapped_payment = default", "such orders wait")
    if orders.unmapped_tax == "default" and not orders.default_tax:
        yield _empty("orders.default_tax", "orders.unmapped_tax = default", "such orders wait")
    if orders.unpaid == "type" and not orders.unpaid_type:
        yield _empty("orders.unpaid_type", "orders.unpaid = type", "orders that are not paid yet wait")
    # The shop's zone is not known here: before that day begins anywhere, it lies ahead in the shop too.
    if orders.start_date is not None and orders.start_date > now.astimezone(EARLIEST_ZONE).date():
        yield (
            f"orders.start_date: found {orders.start_date.isoformat()}, which lies ahead: until then no order becomes "
            "a sale, allowed: today or earlier to begin now, or nothing"
        )


def _empty(name: str, because: str, meanwhile: str) -> str:
    return f"{name}: found nothing with {because}, so {meanwhile}, allowed: a name that the POS has, or another choice"
