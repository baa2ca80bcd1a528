"""Products, orders and refunds in the shape in which WooCommerce's wc/v3 shows them (the fields this shop has)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Any

from tillbridge.sandbox.records import Line, Order, Product, Refund, RefundLine
from tillbridge.sandbox.shop import Shop


def money(amount: Decimal) -> str:
    return format(amount.quantize(Decimal("0.01")), "f")


def dates(name: str, moment: datetime | None) -> dict[str, str | None]:
    """Both spellings of a time. This shop's zone is UTC, so they are equal."""
    text = moment.strftime("%Y-%m-%dT%H:%M:%S") if moment else None
    return {name: text, f"{name}_gmt": text}


def whole(level: Decimal | None) -> int | float | None:
    """A level as wc/v3 shows it: a JSON number."""
    if level is None:
        return None
    return int(level) if level == level.to_integral_value() else float(level)


def product(shop: Shop, item: Product) -> dict[str, Any]:
    """A product, or a variation as the products route shows it."""
    children = [p.id for p in shop.state.products if p.parent_id == item.id and p.status != "trash"]
    prices = [Decimal(shop.state.products[i].price) for i in children if shop.state.products[i].price]
    price = str(min(prices)) if item.type == "variable" and prices else item.price
    return {
        "id": item.id, "name": escape(item.name, quote=False), "slug": _slug(item.name),
        "permalink": f"{shop.site.facts.address}/?p={item.id}", **dates("date_created", item.created),
        **dates("date_modified", item.modified), "type": item.type, "status": item.status,
        "description": item.description, "short_description": "", "sku": item.sku, "price": price,
        "regular_price": item.regular_price, "sale_price": item.sale_price, "on_sale": bool(item.sale_price),
        "purchasable": bool(price), "total_sales": item.total_sales, "virtual": False, "downloadable": False,
        "tax_status": "taxable", "tax_class": item.tax_class, **_stock(shop, item), "weight": "",
        "parent_id": item.parent_id, "categories": [], "tags": [], "images": [],
        "attributes": _attributes(shop, item, children), "variations": children, "meta_data": [],
        "has_options": bool(children), "global_unique_id": "",
    }  # fmt: skip


def variation(shop: Shop, item: Product) -> dict[str, Any]:
    """A variation as its own route shows it."""
    return {
        "id": item.id, "type": item.type, **dates("date_created", item.created),
        **dates("date_modified", item.modified), "description": item.description,
        "permalink": f"{shop.site.facts.address}/?p={item.parent_id}", "sku": item.sku, "global_unique_id": "",
        "price": item.price, "regular_price": item.regular_price, "sale_price": item.sale_price,
        "on_sale": bool(item.sale_price), "status": item.status, "purchasable": bool(item.price), "virtual": False,
        "downloadable": False, "tax_status": "taxable", "tax_class": item.tax_class, **_stock(shop, item),
        "weight": "", "image": None,
        "attributes": [{"id": 0, "name": name, "slug": name, "option": option} for name, option in item.options],
        "meta_data": [], "name": ", ".join(option for _, option in item.options), "parent_id": item.parent_id,
    }  # fmt: skip


def order(shop: Shop, item: Order) -> dict[str, Any]:
    """An order. This shop knows no taxes, shipping, fees or coupons."""
    refunds = [r for r in shop.state.refunds if r.order_id == item.id]
    return {
        "id": item.id, "parent_id": 0, "status": item.status, "currency": item.currency,
        "version": shop.site.facts.woocommerce, "prices_include_tax": True, **dates("date_created", item.created),
        **dates("date_modified", item.modified), "discount_total": "0.00", "discount_tax": "0.00",
        "shipping_total": "0.00", "shipping_tax": "0.00", "cart_tax": "0.00", "total": money(item.total),
        "total_tax": "0.00", "customer_id": item.customer_id, "order_key": item.key, "billing": item.billing,
        "shipping": item.shipping, "payment_method": item.payment_method,
        "payment_method_title": item.payment_method_title, "transaction_id": item.transaction_id,
        "customer_ip_address": "", "customer_user_agent": "", "created_via": item.created_via,
        "customer_note": item.customer_note, **dates("date_completed", item.completed),
        **dates("date_paid", item.paid), "cart_hash": "", "number": str(item.id),
        "meta_data": [{"id": i, "key": key, "value": value} for i, key, value in item.meta],
        "line_items": [line(shop, one) for one in item.lines], "tax_lines": [], "shipping_lines": [], "fee_lines": [],
        "coupon_lines": [],
        "refunds": [
            {"id": r.id, "reason": r.reason, "total": money(-r.amount), "total_tax": "0.00"} for r in reversed(refunds)
        ],
        "is_editable": item.status in {"pending", "on-hold"},
        "needs_payment": item.status in {"pending", "failed"} and item.total > 0,
        "needs_processing": bool(item.lines), "currency_symbol": "€",
    }  # fmt: skip


def line(shop: Shop, item: Line) -> dict[str, Any]:
    parent = shop.state.products.get(item.product_id) if item.variation_id else None
    meta = [("_reduced_stock", item.reduced), ("_restock_refunded_items", item.restocked or None)]
    kept = [(key, value) for key, value in meta if value is not None]
    return {
        "id": item.id, "name": item.name, "product_id": item.product_id, "variation_id": item.variation_id,
        "quantity": item.quantity, "tax_class": "", "subtotal": money(item.subtotal), "subtotal_tax": "0.00",
        "total": money(item.total), "total_tax": "0.00", "taxes": [],
        "meta_data": [_line_meta(item.id * 10 + i, key, value) for i, (key, value) in enumerate(kept)],
        "sku": item.sku if item.product_id else None, "global_unique_id": "",
        "price": float(item.total / item.quantity) if item.quantity else 0, "image": {"id": "", "src": ""},
        "parent_name": parent.name if parent else None,
    }  # fmt: skip


def refund(shop: Shop, item: Refund) -> dict[str, Any]:
    sold = shop.state.orders.get(item.order_id)
    return {
        "id": item.id, **dates("date_created", item.created), "amount": money(item.amount), "reason": item.reason,
        "refunded_by": 1, "refunded_payment": False, "meta_data": [],
        "line_items": [_refund_line(shop, one, sold) for one in item.lines],
        "shipping_lines": [], "tax_lines": [], "fee_lines": [],
    }  # fmt: skip


def _refund_line(shop: Shop, item: RefundLine, sold: Order | None) -> dict[str, Any]:
    original = sold.line(item.line_id) if sold else None
    base = line(shop, original) if original else {}
    return {
        **base, "id": item.id, "quantity": -item.quantity, "subtotal": money(-item.total), "total": money(-item.total),
        "meta_data": [_line_meta(item.id * 10, "_refunded_item_id", item.line_id)],
    }  # fmt: skip


def _line_meta(meta_id: int, key: str, value: object) -> dict[str, Any]:
    return {"id": meta_id, "key": key, "value": str(value), "display_key": key, "display_value": str(value)}


def _stock(shop: Shop, item: Product) -> dict[str, Any]:
    holder = shop.stock.holder(item.id)
    managed: bool | str = item.manage_stock or ("parent" if holder is not None else False)
    shown = holder or item
    return {
        "manage_stock": managed, "stock_quantity": whole(holder.stock) if holder else None,
        "stock_status": shown.stock_status, "backorders": shown.backorders,
        "backorders_allowed": shown.backorders != "no", "backordered": shown.stock_status == "onbackorder",
        "low_stock_amount": None,
    }  # fmt: skip


def _attributes(shop: Shop, item: Product, children: list[int]) -> list[dict[str, Any]]:
    if item.options:
        return [{"id": 0, "name": name, "slug": name, "option": option} for name, option in item.options]
    choices: dict[str, list[str]] = {}
    for child in children:
        for name, option in shop.state.products[child].options:
            choices.setdefault(name, []).append(option)
    return [
        {"id": 0, "name": name, "slug": name, "position": i, "visible": True, "variation": True, "options": options}
        for i, (name, options) in enumerate(choices.items())
    ]


def _slug(name: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())
