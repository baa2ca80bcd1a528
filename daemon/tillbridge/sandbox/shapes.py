"""Products in the shape in which WooCommerce's wc/v3 shows them (the fields this shop has)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Any

from tillbridge.sandbox.records import Product
from tillbridge.sandbox.shop import Shop


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
