"""The sandbox shop keeps the contract of the plugin, in one process and over HTTP, with both kinds of permalinks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.contracts.shim_contract import ShimContract
from tests.sandbox.builders import DOOR, SECRET, Store, listening
from tillbridge.sandbox.counter import Counter
from tillbridge.sandbox.server import create_app
from tillbridge.sandbox.shop import Shop
from tillbridge.sides.http import Exchange, HttpExchange


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Store, str]]:
    store = Store()
    counter = Counter(store.shop, store.routes, SECRET, None)
    with listening(create_app(counter)) as address:
        yield store, address


class Sandbox:
    """A sandbox shop as the contract wants to meet it."""

    secret = SECRET
    door = DOOR

    def __init__(self, shop: Shop, exchange: Exchange, prefix: str, clock: Any) -> None:
        self.shop = shop
        self.exchange = exchange
        self.prefix = prefix
        self.now = clock

    def make_product(self, level: str | None) -> int:
        return self.shop.add_product("Cup", level=None if level is None else Decimal(level)).id

    def make_variation(self, parent_level: str) -> tuple[int, int]:
        parent = self.shop.add_product("Jar", level=Decimal(parent_level), type="variable").id
        return parent, self.shop.add_product("Jar - S", parent_id=parent).id

    def sell(self, product_id: int, quantity: int) -> int:
        return self.shop.checkout((product_id, quantity)).id

    def cancel(self, order_id: int) -> None:
        self.shop.set_status(order_id, "cancelled")

    def complete(self, order_id: int) -> None:
        self.shop.set_status(order_id, "completed")

    def refund(self, order_id: int, quantity: int, restock: bool) -> None:
        line = self.shop.state.orders[order_id].lines[0].id
        back = self.shop.refund if restock else self.shop.refund_without_goods
        back(order_id, [(line, quantity)])

    @contextmanager
    def being_a_copy(self) -> Iterator[None]:
        self.shop.site.paired_at = "https://original.example"
        yield
        self.shop.site.paired_at = self.shop.site.facts.address

    def write_level(self, product_id: int, level: str) -> None:
        self.shop.write_level(product_id, Decimal(level))


class TestInOneProcess(ShimContract):
    @pytest.fixture
    def shim(self) -> Sandbox:
        store = Store()
        return Sandbox(store.shop, store.exchange, "/wp-json", store.time)


class TestWithPlainPermalinks(ShimContract):
    @pytest.fixture
    def shim(self) -> Sandbox:
        store = Store()
        return Sandbox(store.shop, store.exchange, "/?rest_route=", store.time)


class TestOverHttp(ShimContract):
    @pytest.fixture(params=["/wp-json", "/?rest_route="])
    def shim(self, served: tuple[Store, str], request: pytest.FixtureRequest) -> Sandbox:
        store, address = served
        store.time.at = datetime.now(UTC)
        return Sandbox(store.shop, HttpExchange(address), request.param, store.time)
