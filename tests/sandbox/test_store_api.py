"""The sandbox shop's wc/v3: who may use it, and what the `woocommerce` client sees over plain http."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import woocommerce

from tests.sandbox.builders import HOME, KEYS, SECRET, Store, listening
from tillbridge.sandbox.counter import Counter
from tillbridge.sandbox.routes import Routes
from tillbridge.sandbox.server import create_app
from tillbridge.sandbox.shop import Shop


class Served:
    """A shop over plain http, as WordPress without a certificate is."""

    def __init__(self) -> None:
        self.store = Store()
        self.shop: Shop = self.store.shop
        self.store.time.at = datetime.now(UTC)
        self.address = ""
        self.app: Any = None

    def get(self, target: str) -> tuple[int, str]:
        """The address as it is, with the signature that it carries: status and error code."""
        response = self.store.routes.handle("GET", target, {}, b"")
        return response.status, json.loads(response.body)["code"]

    def client(self, key: str = KEYS.key, secret: str = KEYS.secret) -> Any:
        return woocommerce.API(self.address, key, secret, version="wc/v3", timeout=10)


@pytest.fixture
def served() -> Iterator[Served]:
    found = Served()
    with listening(lambda environ, start: found.app(environ, start)) as address:
        found.address = address
        found.store.routes = Routes(found.shop, SECRET, KEYS, address)
        found.app = create_app(Counter(found.shop, found.store.routes, SECRET, None))
        yield found


def test_the_client_reads_and_writes_over_plain_http(served: Served) -> None:
    cup = served.shop.add_product("Cup", "CUP", Decimal(7), regular_price="5.00")
    api = served.client()
    listed = api.get("products", params={"sku": "CUP", "per_page": 5, "orderby": "id", "order": "asc"})
    assert (listed.status_code, [item["id"] for item in listed.json()]) == (200, [cup.id])
    assert listed.headers["X-WP-Total"] == "1"
    made = api.post("orders", {"status": "processing", "line_items": [{"sku": "CUP", "quantity": 2}]})
    assert (made.status_code, made.json()["total"]) == (201, "10.00")
    assert served.shop.level(cup.id) == 5
    changed = api.put(f"products/{cup.id}", {"stock_quantity": 30})
    assert changed.json()["stock_quantity"] == 30
    batch = api.post("products/batch", {"create": [{"name": "Bowl", "sku": "BOWL"}], "update": [{"id": 99999}]})
    assert [len(batch.json()["create"]), batch.json()["update"][0]["error"]["code"]] == [
        1, "woocommerce_rest_product_invalid_id",
    ]  # fmt: skip
    assert api.delete(f"products/{cup.id}", params={"force": True}).status_code == 200
    assert api.get(f"products/{cup.id}").status_code == 404


def test_a_wrong_key_and_a_wrong_secret_are_told_apart_as_in_woocommerce(served: Served) -> None:
    stranger = served.client(key="ck_other").get("products")
    forged = served.client(secret="cs_other").get("products")
    assert (stranger.status_code, stranger.json()["code"]) == (401, "woocommerce_rest_cannot_view")
    assert (forged.status_code, forged.json()["code"]) == (401, "woocommerce_rest_authentication_error")


def test_a_signed_address_works_once(served: Served) -> None:
    first = served.client().get("products")
    assert first.status_code == 200
    assert served.client().get("products").status_code == 200
    replayed = served.get(first.request.url.removeprefix(served.address))
    assert replayed == (401, "woocommerce_rest_authentication_error")


def test_a_signed_address_that_was_changed_is_refused(served: Served) -> None:
    target = served.client().get("products").request.url.removeprefix(served.address)
    assert served.get(target + "&per_page=100") == (401, "woocommerce_rest_authentication_error")


def test_basic_works_over_https_only() -> None:
    store = Store()
    assert store.rest("GET", "products")[0] == 200
    store.routes = Routes(store.shop, SECRET, KEYS, "http://shop.example")
    status, body = store.rest("GET", "products")
    assert (status, body["code"]) == (401, "woocommerce_rest_cannot_view")


def test_a_shop_without_a_rest_key_lets_nobody_in() -> None:
    store = Store()
    store.routes = Routes(store.shop, SECRET, None, HOME)
    assert store.rest("GET", "products")[0] == 401


def test_goods_and_orders_are_listed_in_pages_and_by_filter() -> None:
    store = Store()
    for number in range(25):
        store.shop.add_product(f"Cup {number}", f"CUP-{number}", Decimal(number))
    for _ in range(3):
        store.shop.checkout((1, 1))
    store.shop.trash_order(store.shop.checkout((2, 1)).id)
    pages = [store.rest("GET", f"products?per_page=10&page={page}&orderby=id&order=asc")[1] for page in (1, 2, 3, 4)]
    assert [item["id"] for page in pages for item in page] == list(range(1, 26))
    assert [item["name"] for item in store.rest("GET", "products?search=cup-24&_fields=name")[1]] == ["Cup 24"]
    assert len(store.rest("GET", "orders?status=processing")[1]) == 3
    assert len(store.rest("GET", "orders?status=trash")[1]) == 1
    assert [item["name"] for item in store.rest("GET", "products?stock_status=outofstock")[1]] == ["Cup 1", "Cup 0"]


def test_a_head_request_answers_the_counts_alone() -> None:
    store = Store()
    store.product(1)
    assert store.rest("HEAD", "products") == (200, None)
