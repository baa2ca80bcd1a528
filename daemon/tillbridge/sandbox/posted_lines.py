"""The lines of orders and refunds as a caller of wc/v3 posts them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tillbridge.sandbox import store_checks as checks
from tillbridge.sandbox.money_records import Extra, Tax
from tillbridge.sandbox.orders import GivenBack
from tillbridge.sandbox.records import Order
from tillbridge.sandbox.rest import RestError

KINDS = {"shipping_lines": "shipping", "fee_lines": "fee"}
NAMES = {"shipping_lines": "method_title", "fee_lines": "name"}
RECOUNTED = ("billing", "shipping", "line_items", *KINDS)
"""An update that names one of these counts the order anew."""


def objects(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = body.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def item_id(posted: dict[str, Any]) -> int:
    return abs(int(checks.amount(posted.get("id"))))


def coupon_codes(body: dict[str, Any]) -> list[str]:
    """The coupons of an order, in small letters."""
    if body.get("coupon_lines") and not objects(body, "coupon_lines"):
        return [""]
    return [str(one.get("code", "")).lower() for one in objects(body, "coupon_lines")]


def new_extras(body: dict[str, Any]) -> list[Extra]:
    """Shipping and fees of a new order, without ids."""
    return [_changed(Extra(0, kind, "", checks.total(0)), name, one) for name, kind, one in _posted(body)]


def with_extras(order: Order, body: dict[str, Any], new_item: Callable[[], int]) -> Order:
    """An order with shipping and fees changed, added and taken away. Null in place of a name takes one away."""
    for name, kind, posted in _posted(body):
        number = item_id(posted)
        if not number:
            order = replace(
                order, extras=(*order.extras, _changed(Extra(new_item(), kind, "", checks.total(0)), name, posted))
            )
            continue
        if order.extra(number) is None:
            raise RestError(
                400, "woocommerce_rest_invalid_item_id", "Order item ID provided is not associated with order."
            )
        gone = any(field in posted and posted[field] is None for field in ("method_id", "method_title", "name"))
        kept = (extra if extra.id != number else _changed(extra, name, posted) for extra in order.extras)
        order = replace(order, extras=tuple(extra for extra in kept if not (gone and extra.id == number)))
    return order


def repriced(order: Order, line_id: int, posted: dict[str, Any]) -> Order:
    """An order of which one line costs something else. A total above the subtotal lifts it."""
    lines = []
    for line in order.lines:
        if line.id == line_id:
            total = checks.total(posted["total"]) if "total" in posted else line.total
            subtotal = checks.total(posted["subtotal"]) if "subtotal" in posted else max(line.subtotal, total)
            line = replace(line, total=total, subtotal=subtotal)
        lines.append(line)
    return replace(order, lines=tuple(lines))


def given_back(posted: dict[str, Any]) -> GivenBack:
    """A line of a refund. A tax of nothing is left out, as WooCommerce does."""
    taxes = ((item_id(one), checks.total(one.get("refund_total", 0))) for one in objects(posted, "refund_tax"))
    return GivenBack(
        item_id(posted),
        int(checks.amount(posted.get("quantity"))),
        checks.total(posted.get("refund_total", 0)),
        tuple(Tax(rate, amount, amount) for rate, amount in taxes if amount),
    )


def _posted(body: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, kind in KINDS.items():
        for posted in objects(body, name):
            yield name, kind, posted


def _changed(extra: Extra, name: str, posted: dict[str, Any]) -> Extra:
    fields: dict[str, Any] = {
        field: str(posted[field]) for field in ("method_id", "tax_class", "tax_status") if field in posted
    }
    if NAMES[name] in posted:
        fields["name"] = str(posted[NAMES[name]])
    if "total" in posted:
        fields["total"] = checks.total(posted["total"])
    return replace(extra, **fields)
