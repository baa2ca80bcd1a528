"""The sandbox shop comes to the same cent as a real WooCommerce: taxes, coupons, fees, shipping, edits, refunds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.contracts.money_contract import MoneyContract
from tests.contracts.order_figures import COUPONS, GOODS, RATES
from tests.sandbox.builders import Store
from tillbridge.sandbox import taxes


class SandboxDesk:
    """A sandbox shop with the rates, coupons and goods of the scenarios."""

    def __init__(self) -> None:
        self.store = Store()
        shop = self.store.shop
        self.rates: dict[int, str] = {}
        for rate in RATES:
            tax_class = str(rate["class"]).replace("standard", "")
            priority, compound = int(str(rate["priority"])), bool(rate.get("compound"))
            made = shop.add_rate(
                str(rate["rate"]), str(rate["name"]), tax_class=tax_class, priority=priority, compound=compound
            )
            self.rates[made.id] = made.name
        for coupon in COUPONS:
            shop.add_coupon(*coupon)
        self.goods = {
            name: shop.add_product(name, regular_price=price, tax_class=tax_class).id
            for name, (price, tax_class) in GOODS.items()
        }

    def mode(self, included: bool, at_subtotal: bool) -> None:
        self.store.shop.set_option(taxes.INCLUDED, taxes.YES if included else taxes.NO)
        self.store.shop.set_option(taxes.AT_SUBTOTAL, taxes.YES if at_subtotal else taxes.NO)

    def call(self, method: str, route: str, body: object = None) -> Any:
        """As a program of the owner's calls it."""
        status, answer = self.store.rest(method, route, body)
        assert status in (200, 201), answer
        return answer


class TestSandboxMoney(MoneyContract):
    @pytest.fixture
    def desk(self) -> SandboxDesk:
        return SandboxDesk()


def test_an_order_of_whole_cents_without_taxes_is_the_sum_of_its_lines() -> None:
    store = Store()
    cup = store.shop.add_product("Cup", regular_price="9.99")
    _, order = store.rest("POST", "orders", {"line_items": [{"product_id": cup.id, "quantity": 3}]})
    assert (order["total"], order["total_tax"], order["tax_lines"]) == ("29.97", "0.00", [])
    assert store.shop.state.orders[order["id"]].total == Decimal("29.97")
