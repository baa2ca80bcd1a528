"""Wears the site as the `Shim` of the contract tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from tests.wordpress.rig import Site
from tillbridge.sides.http import Exchange, HttpExchange


class RigShim:
    """What people do in the shop, done by the hand inside it."""

    def __init__(self, site: Site, prefix: str = "/wp-json") -> None:
        self.site = site
        self.exchange: Exchange = HttpExchange(site.url)
        self.secret = site.secret
        self.door = site.door
        self.prefix = prefix

    def now(self) -> datetime:
        return datetime.now(UTC)

    def make_product(self, level: str | None) -> int:
        number = None if level is None else float(level)
        return int(self.site.call("Tillbridge_Hand\\make_product", number))

    def make_variation(self, parent_level: str) -> tuple[int, int]:
        parent, variation = self.site.call("Tillbridge_Hand\\make_variation", int(parent_level))
        return int(parent), int(variation)

    def sell(self, product_id: int, quantity: int) -> int:
        return int(self.site.call("wc_double_make_order", [[product_id, quantity]]))

    def cancel(self, order_id: int) -> None:
        self.site.call("Tillbridge_Hand\\cancel", order_id)

    def complete(self, order_id: int) -> None:
        self.site.call("Tillbridge_Hand\\complete", order_id)

    def refund(self, order_id: int, quantity: int, restock: bool) -> None:
        self.site.call("Tillbridge_Hand\\refund", order_id, quantity, restock)

    @contextmanager
    def being_a_copy(self) -> Iterator[None]:
        self.site.connect("", address_hash="0" * 64)
        yield
        self.site.connect("")

    def write_level(self, product_id: int, level: str) -> None:
        self.site.call("Tillbridge_Hand\\write_level", product_id, int(level))
