"""What WooCommerce checks before it takes a product or an order, and what it lets through although it should not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from tillbridge.sandbox.records import Product
from tillbridge.sandbox.rest import RestError, invalid
from tillbridge.sandbox.shop import Shop

KEPT = ("name", "sku", "description", "status", "backorders", "tax_class")
TEXTS = ("name", "sku", "regular_price", "sale_price", "description", "status", "backorders", "type", "tax_class")
SKU_COMPARED = 100
"""The lookup table cuts SKUs here, and beyond it WooCommerce loses sight of doubles."""


def product_types(body: dict[str, Any]) -> None:
    """The schema's types, which WooCommerce checks on single requests and never on the items of a batch."""
    for name in TEXTS:
        if name in body and not isinstance(body[name], str):
            raise invalid(name, f"{name} is not of type string.", "rest_invalid_type")
    if "manage_stock" in body and not _is_truth(body["manage_stock"]):
        raise invalid("manage_stock", "manage_stock is not of type boolean.", "rest_invalid_type")
    for name in ("stock_quantity", "inventory_delta"):
        if body.get(name) is not None and not _is_whole(body[name]):
            raise invalid(name, f"{name} is not of type integer.", "rest_invalid_type")


def free_sku(shop: Shop, sku: str, own_id: int) -> None:
    """Raises where another product has this SKU, in any letters."""
    if not sku or len(sku) > SKU_COMPARED:
        return
    for other in shop.state.products:
        if other.id != own_id and other.sku.lower() == sku.lower():
            if other.status == "trash":
                raise RestError(
                    400, "woocommerce_rest_product_not_created",
                    f"The product with SKU ({sku}) you are trying to insert is already present in the lookup table",
                )  # fmt: skip
            raise RestError(
                400, "product_invalid_sku", "Invalid or duplicated SKU.", resource_id=other.id, unique_sku=f"{sku}-1"
            )


def price(value: object) -> str:
    """A price as WooCommerce reads it: a comma will do, and what is no number is no price."""
    text = str(value).replace(",", ".").strip()
    return text if re.fullmatch(r"-?\d+(\.\d+)?", text, re.ASCII) else ""


def amount(value: object) -> Decimal:
    """A stock amount as WooCommerce reads it: PHP's intval, so text is zero."""
    match = re.match(r"\s*(-?\d+)", str(value if value is not None else ""), re.ASCII)
    return Decimal(match[1]) if match else Decimal(0)


def total(value: object) -> Decimal:
    """A sum of money in an order."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() else Decimal(0)


def product_fields(body: dict[str, Any], current: Product | None) -> dict[str, Any]:
    """Our fields out of a request; the level is not among them."""
    fields: dict[str, Any] = {name: str(body[name]) for name in KEPT if name in body}
    fields |= {name: price(body[name]) for name in ("regular_price", "sale_price") if name in body}
    if "manage_stock" in body:
        fields["manage_stock"] = body["manage_stock"] in (True, 1, "true", "1")
    if current is None and "type" in body:
        fields["type"] = str(body["type"])
    if isinstance(body.get("attributes"), list):
        given = [one for one in body["attributes"] if isinstance(one, dict) and "option" in one]
        fields["options"] = tuple((str(one.get("name", "")), str(one["option"])) for one in given)
    return fields


def new_order_body(body: dict[str, Any], statuses: Sequence[str]) -> None:
    """What WooCommerce checks of a new order before it starts. This shop knows no customers."""
    order_body(body, statuses)
    if body.get("customer_id"):
        raise RestError(400, "woocommerce_rest_invalid_customer_id", "Customer ID is invalid.")


def order_body(body: dict[str, Any], statuses: Sequence[str]) -> None:
    """What WooCommerce checks of any order."""
    status = body.get("status")
    if status is not None and status not in (*statuses, "auto-draft"):
        allowed = ", ".join(("auto-draft", *statuses[:-1])) + f", and {statuses[-1]}."
        message = f"status is not one of {allowed}"
        raise invalid("status", message, "rest_not_in_enum", {"enum": list(statuses)})
    email = (body.get("billing") or {}).get("email") if isinstance(body.get("billing"), dict) else None
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(email)):
        raise invalid("billing", "Invalid email address.", "rest_invalid_email")


def _is_truth(value: object) -> bool:
    return isinstance(value, bool) or value in (0, 1, "0", "1", "true", "false")


def _is_whole(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, str) and re.fullmatch(r"-?\d+", value, re.ASCII) is not None)
