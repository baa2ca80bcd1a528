"""The sandbox shop answers as a recorded WooCommerce 11.0.1 did: same status, same error, fields of the same shape.

Each recording is replayed against a shop with goods and orders like those that the recorded shop had, under the same
ids. What the sandbox serves is compared; what it leaves out (pictures, taxes, links) is not.
"""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.sandbox.builders import Store
from tillbridge.sandbox.orders import Wanted

RECORDINGS = Path(__file__).resolve().parent.parent / "recordings" / "woocommerce-11.0.1"
EXACT = ("manage_stock", "stock_quantity", "stock_status", "sku", "type", "backorders")
"""Fields of a product that must have the recorded value and not only its type."""
FREE = {"meta_data", "attributes", "taxes", "image", "sku", "total_sales"}
"""Lists of things that the sandbox does not have, and fields whose type varies in the recordings themselves."""


def names() -> list[str]:
    return sorted(path.stem for path in RECORDINGS.glob("*.json"))


def recording(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))
    return found


class Recorded(Store):
    """A shop with the recorded shop's ids."""

    def __init__(self) -> None:
        super().__init__()
        self.good(13, "SKU-001", 99)
        for product_id, level in ((14, 41), (15, 100), (36, 60), (35, 50), (39, 70), (40, 70)):
            self.good(product_id, f"SKU-{product_id - 12:03d}", level)
        self.good(19, "SKU-007", None)
        self.good(45, "VAR-1", None, type="variable")
        for product_id, size in ((46, "S"), (47, "M"), (48, "L"), (49, "XL")):
            self.good(product_id, f"VAR-1-{size}", 19, parent_id=45, options=(("Größe", size),))
        self.good(50, "VAR-2", None, type="variable")
        self.good(51, "VAR-2-S", 19, parent_id=50, options=(("Größe", "S"),))
        self.good(70, "VAR-6", 48, type="variable")
        self.good(71, "VAR-6-S", None, parent_id=70, options=(("Größe", "S"),))
        self.order(79, "pending", (13, 1))
        self.order(80, "processing", (13, 2), (47, 1), first_line=3)
        self.order(93, "processing", (35, 3), (14, 2), first_line=33)
        self.order(94, "processing", (36, 3), (14, 1), (47, 1), first_line=38)
        self.good(99, "REST-1", 7)
        self.order(115, "completed", (14, 1), first_line=51)

    def good(self, product_id: int, sku: str, level: int | None, **fields: Any) -> None:
        self.shop.state.numbers.put("post", product_id - 1)
        made = self.shop.add_product(
            f"Good {product_id}", sku, None if level is None else Decimal(level), regular_price="31.32", **fields
        )
        assert made.id == product_id

    def order(self, order_id: int, status: str, *pairs: tuple[int, int], first_line: int = 1) -> None:
        """An order with the recorded ids; its stock was taken before the levels above were read."""
        levels = {pair[0]: self.shop.level(pair[0]) for pair in pairs}
        self.shop.state.numbers.put("post", order_id - 1)
        self.shop.state.numbers.put("item", first_line - 1)
        with self.shop.request() as request:
            self.shop.orders.create(request, [Wanted(*pair) for pair in pairs], status)
        for product_id, level in levels.items():
            self.shop.sql_level(product_id, level)

    def before(self, name: str) -> None:
        """What had happened when this was recorded."""
        levels = {"products-update-stock-inventory-delta": 42, "products-delete-trash-again": 0}
        if name in levels or "trash" in name or "untrash" in name:
            self.shop.sql_level(99, Decimal(levels.get(name, 0)))
            self.shop.state.products.put(99, replace(self.shop.state.products[99], stock_status="outofstock"))
        if name in {"products-delete-trash-again", "products-get-trashed", "products-untrash-by-status"}:
            self.rest("DELETE", "products/99")
        if name == "variations-update-delta":
            self.shop.sql_level(47, Decimal(21))
        if name == "products-batch-same-id-twice":
            self.shop.sql_level(13, Decimal(80))
        if name == "products-create-sku-of-trashed":
            made = self.shop.add_product("trash me", "TRASHSKU")
            self.rest("DELETE", f"products/{made.id}")
        if name in {"products-create", "products-get-after-force-delete"}:
            self.rest("DELETE", "products/99?force=true")
        if name in {"orders-get-trashed", "orders-delete-force"}:
            self.rest("DELETE", "orders/115")
        if name in {"orders-delete-trash", "orders-update-meta"}:
            self.rest("PUT", "orders/115", {"status": "cancelled"})
        if name == "orders-get-cancelled":
            self.order(83, "cancelled", (14, 1))
        if name == "refunds-get":
            self.shop.state.numbers.put("post", 126)
            self.rest("POST", "orders/93/refunds", {"amount": "0.50", "api_refund": False})


def same_shape(mine: object, recorded: object, where: str) -> list[str]:
    """Where the shapes differ. None fits everything: whether a date is set depends on the goods, not on the shop."""
    if mine is None or recorded is None:
        return []
    if isinstance(mine, dict):
        if not isinstance(recorded, dict):
            return [f"{where}: an object here, {type(recorded).__name__} there"]
        unknown = [f"{where}.{name}: not in the recording" for name in mine if name not in recorded]
        for name in mine:
            if name in recorded and name not in FREE:
                unknown += same_shape(mine[name], recorded[name], f"{where}.{name}")
        return unknown
    if isinstance(mine, list):
        if not isinstance(recorded, list):
            return [f"{where}: a list here, {type(recorded).__name__} there"]
        return same_shape(mine[0], recorded[0], f"{where}[0]") if mine and recorded else []
    number = (int, float)
    if isinstance(mine, number) and isinstance(recorded, number) and not isinstance(mine, bool):
        return []
    return [] if type(mine) is type(recorded) else [f"{where}: {mine!r} here, {recorded!r} there"]


def same_error(mine: Any, recorded: Any) -> bool:
    if not isinstance(recorded["data"], dict):
        return bool(mine == recorded)
    names = ("status", "resource_id", "unique_sku", "params")
    said = {name: recorded["data"][name] for name in names if name in recorded["data"]}
    told = {name: mine["data"][name] for name in said if name in mine["data"]}
    return bool((mine["code"], mine["message"], told) == (recorded["code"], recorded["message"], said))


def test_there_are_recordings_to_compare() -> None:
    assert len(names()) >= 60


@pytest.mark.parametrize("name", names())
def test_the_sandbox_answers_as_the_recorded_shop_did(name: str) -> None:
    store = Recorded()
    store.before(name)
    asked, answered = recording(name)["request"], recording(name)["response"]
    path = asked["path"].removeprefix("/wp-json/wc/v3/")
    query = "?" + urlencode(asked["params"]) if asked["params"] else ""
    status, body = store.rest(asked["method"], path + query, asked["body"])
    assert status == answered["status"], body
    recorded = answered["body"]
    if status >= 400:
        assert same_error(body, recorded), (body, recorded)
        return
    assert same_shape(body, recorded, "answer") == []
    if isinstance(recorded, dict) and path.startswith("products"):
        mine = [body, *body.get("update", ()), *body.get("create", ())]
        theirs = [recorded, *recorded.get("update", ()), *recorded.get("create", ())]
        for one, other in zip(mine, theirs, strict=True):
            if "error" in other:
                assert same_error(one["error"], other["error"]), (one, other)
            assert {field: one.get(field) for field in EXACT} == {field: other.get(field) for field in EXACT}
    if isinstance(recorded, dict) and path.startswith("orders") and "status" in recorded:
        assert body["status"] == recorded["status"]


def test_an_edited_line_holds_what_the_recorded_one_held() -> None:
    store = Recorded()
    asked = recording("orders-update-line-qty")
    _, body = store.rest("PUT", "orders/94", asked["request"]["body"])
    meta = {m["key"]: m["value"] for m in body["line_items"][0]["meta_data"]}
    recorded = {m["key"]: m["value"] for m in asked["response"]["body"]["line_items"][0]["meta_data"]}
    assert meta == recorded == {"_reduced_stock": "5"}
    assert store.shop.level(36) == 58


def test_a_batch_is_not_validated_so_text_becomes_zero() -> None:
    store = Recorded()
    _, body = store.rest("PUT", "products/14", {"stock_quantity": "abc"})
    assert body["code"] == "rest_invalid_param"
    assert store.shop.level(14) == 41
    _, body = store.rest("POST", "products/batch", {"update": [{"id": 14, "stock_quantity": "abc"}]})
    assert body["update"][0]["stock_quantity"] == 0
    assert store.shop.level(14) == 0
