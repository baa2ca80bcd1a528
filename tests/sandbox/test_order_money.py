"""Orders that a real shop recorded: the sandbox comes to their amounts. And what else changes an order's money."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.builders import Store
from tillbridge.sandbox import taxes
from tillbridge.sandbox.records import State
from tillbridge.sandbox.snapshot import Snapshot

PAPERS = Path(__file__).resolve().parent.parent / "recordings" / "woocommerce-11.0.1" / "papers"
SUMS = ("discount_total", "discount_tax", "shipping_total", "shipping_tax", "cart_tax", "total", "total_tax")
MONEY = ("subtotal", "subtotal_tax", "total", "total_tax", "taxes", "price", "quantity", "tax_class")


class Recorded(Store):
    """A shop with the recorded shop's taxes, coupon, and goods of these prices."""

    def __init__(self, **prices: str) -> None:
        super().__init__()
        for country, standard, reduced in (("DE", "19", "7"), ("AT", "20", "10")):
            self.shop.add_rate(standard, f"{country} {standard}", country=country)
            self.shop.add_rate(reduced, f"{country} {reduced}", country=country, tax_class="reduced-rate")
        self.shop.add_coupon("proz10", "percent", "10")
        self.goods = {name: self.shop.add_product(name, name, regular_price=price).id for name, price in prices.items()}

    def reduced(self, name: str) -> int:
        with self.shop.request() as request:
            self.shop.change_product(request, self.goods[name], tax_class="reduced-rate")
        return self.goods[name]

    def made(self, **body: Any) -> dict[str, Any]:
        status, order = self.rest("POST", "orders", body)
        assert status == 201, order
        shown: dict[str, Any] = order
        return shown


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAPERS / f"{name}.json").read_text(encoding="utf-8"))["response"]["body"]
    return found


def same_money(mine: dict[str, Any], theirs: dict[str, Any], lines: tuple[str, ...] = ("line_items",)) -> None:
    assert {name: mine[name] for name in SUMS} == {name: theirs[name] for name in SUMS}
    for name in lines:
        for one, other in zip(mine[name], theirs[name], strict=True):
            shown = {field: other[field] for field in MONEY if field in other}
            assert {field: one[field] for field in shown} == shown


def test_an_order_of_two_rates_comes_to_the_recorded_amounts() -> None:
    store = Recorded(coffee="37.62", shirt="19.00")
    billing = {"country": "DE"}
    lines = [
        {"product_id": store.reduced("coffee"), "quantity": 2},
        {"product_id": store.goods["shirt"], "quantity": 1},
    ]
    order = store.made(line_items=lines, billing=billing)
    same_money(order, recorded("orders-create-pos"))
    percents = [line["rate_percent"] for line in order["tax_lines"]]
    assert percents == [line["rate_percent"] for line in recorded("orders-create-pos")["tax_lines"]]


def test_given_amounts_shipping_and_a_rebate_come_to_the_recorded_amounts() -> None:
    store, theirs = Recorded(tea="1.00"), recorded("orders-create-custom-totals")
    line = {"product_id": store.reduced("tea"), "quantity": 3, "subtotal": "30.00", "total": "25.00"}
    order = store.made(
        line_items=[line],
        fee_lines=[{"name": "Rabatt", "total": "-2.00", "tax_status": "taxable"}],
        shipping_lines=[{"method_id": "flat_rate", "method_title": "Flat", "total": "4.90"}],
    )
    same_money(order, theirs, ("line_items", "shipping_lines", "fee_lines"))


def test_a_coupon_takes_off_the_recorded_amount() -> None:
    store, theirs = Recorded(tea="5.55"), recorded("orders-create-coupon")
    line = {"product_id": store.reduced("tea"), "quantity": 2}
    order = store.made(line_items=[line], coupon_lines=[{"code": "PROZ10"}])
    same_money(order, theirs)
    names = ("code", "discount", "discount_tax", "discount_type", "nominal_amount")
    (mine,), (other,) = order["coupon_lines"], theirs["coupon_lines"]
    assert {name: mine[name] for name in names} == {name: other[name] for name in names}


def test_an_order_with_everything_comes_to_the_recorded_amounts() -> None:
    store, theirs = Recorded(cup="34.88", book="36.25", shirt="21.00"), recorded("orders-get-full")
    store.reduced("book")
    lines = [{"product_id": store.goods[name], "quantity": n} for name, n in (("cup", 2), ("book", 1), ("shirt", 1))]
    order = store.made(
        line_items=lines,
        billing={"country": "DE"},
        shipping_lines=[{"method_id": "flat_rate", "method_title": "Flat rate", "total": "4.12"}],
        fee_lines=[{"name": "Geschenkverpackung", "total": "2.50"}],
        coupon_lines=[{"code": "proz10"}],
    )
    same_money(order, theirs, ("line_items", "shipping_lines", "fee_lines"))


def test_a_customer_abroad_bears_the_taxes_there() -> None:
    store = Recorded(cup="11.90")
    order = store.made(line_items=[{"product_id": store.goods["cup"], "quantity": 1}], billing={"country": "AT"})
    assert (order["line_items"][0]["total"], order["total_tax"], order["total"]) == ("10.00", "2.00", "12.00")


def test_goods_that_are_fetched_bear_the_taxes_of_the_shop() -> None:
    store = Recorded(cup="11.90")
    fetched = [{"method_id": "local_pickup", "method_title": "Pickup", "total": "0"}]
    order = store.made(
        line_items=[{"product_id": store.goods["cup"], "quantity": 1}],
        billing={"country": "AT"},
        shipping_lines=fetched,
    )
    assert (order["total_tax"], order["total"]) == ("1.90", "11.90")


def test_prices_without_tax_get_it_on_top() -> None:
    store = Recorded(cup="10.00")
    store.shop.set_option(taxes.INCLUDED, taxes.NO)
    order = store.made(line_items=[{"product_id": store.goods["cup"], "quantity": 3}])
    assert (order["prices_include_tax"], order["total_tax"], order["total"]) == (False, "5.70", "35.70")


@pytest.mark.parametrize(("decimals", "net"), [("", "10.08"), ("?dp=6", "10.084034"), ("?dp=0", "10")])
def test_amounts_are_shown_with_as_many_decimals_as_are_asked_for(decimals: str, net: str) -> None:
    store = Recorded(cup="12.00")
    order = store.made(line_items=[{"product_id": store.goods["cup"], "quantity": 1}])
    _, shown = store.rest("GET", f"orders/{order['id']}{decimals}")
    assert shown["line_items"][0]["total"] == net


def test_a_refund_takes_back_the_tax_that_it_names() -> None:
    store = Recorded(cup="11.90")
    order = store.made(line_items=[{"product_id": store.goods["cup"], "quantity": 2}], status="processing")
    line = order["line_items"][0]
    back = {"id": line["id"], "quantity": 1, "refund_total": 10, "refund_tax": [{"id": 1, "refund_total": 1.9}]}
    status, refund = store.rest(
        "POST", f"orders/{order['id']}/refunds", {"line_items": [back], "api_refund": False, "api_restock": False}
    )
    assert (status, refund["amount"]) == (201, "11.90")
    assert refund["line_items"][0]["taxes"] == [{"id": 1, "total": "-1.90", "subtotal": "-1.90"}]
    assert refund["tax_lines"][0]["tax_total"] == "-1.90"
    assert store.shop.orders.left(order["id"]) == Decimal("11.90")


def test_people_refund_a_line_with_its_tax() -> None:
    store = Recorded(cup="11.90")
    order = store.shop.checkout((store.goods["cup"], 2))
    assert store.shop.refund(order.id, [(order.lines[0].id, 1)]).amount == Decimal("11.90")


def test_a_status_of_a_plugin_is_one_of_the_shops() -> None:
    store = Recorded(cup="11.90")
    order = store.made(line_items=[{"product_id": store.goods["cup"], "quantity": 1}])
    assert store.rest("PUT", f"orders/{order['id']}", {"status": "shipped"})[0] == 400
    store.shop.add_status("shipped")
    assert store.rest("PUT", f"orders/{order['id']}", {"status": "shipped"})[1]["status"] == "shipped"
    assert [one["id"] for one in store.rest("GET", "orders?status=shipped")[1]] == [order["id"]]


def test_money_is_kept_over_a_restart(tmp_path: Path) -> None:
    store = Recorded(cup="11.90")
    order = store.made(
        line_items=[{"product_id": store.goods["cup"], "quantity": 2}], coupon_lines=[{"code": "proz10"}],
        fee_lines=[{"name": "Wrapping", "total": "2.50"}],
    )  # fmt: skip
    snapshot, state = Snapshot(tmp_path / "shop.sqlite3"), State()
    snapshot.save(store.shop.state)
    snapshot.load(state)
    snapshot.close()
    assert state.orders[order["id"]] == store.shop.state.orders[order["id"]]
    assert list(state.rates) == list(store.shop.state.rates)
    assert state.coupons["proz10"] == store.shop.state.coupons["proz10"]
