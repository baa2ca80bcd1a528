"""Fills the make-believe shop with a small homeware shelf, the same that the demo till has."""

from __future__ import annotations

import json
from decimal import Decimal
from importlib import resources

from tillbridge.sandbox.shop import Shop

JARS = {"JAR-S": "small", "JAR-L": "large"}
"""These two are variations of one product."""


def shelf() -> list[dict[str, str]]:
    """The demo's goods: sku, name, price, level."""
    text = resources.files("tillbridge.sandbox").joinpath("demo_shelf.json").read_text(encoding="utf-8")
    goods: list[dict[str, str]] = json.loads(text)
    return goods


def seed(shop: Shop) -> None:
    """Stock an empty shop; one that has goods is left as it is."""
    if len(shop.state.products):
        return
    parent = 0
    for one in shelf():
        fields: dict[str, object] = {"regular_price": one["price"]}
        if one["sku"] in JARS:
            if not parent:
                parent = shop.add_product("Storage jar with cork lid", "JAR", type="variable").id
            fields |= {"parent_id": parent, "options": (("Size", JARS[one["sku"]]),)}
        shop.add_product(one["name"], one["sku"], Decimal(one["level"]), **fields)
