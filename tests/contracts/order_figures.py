"""Orders that force WooCommerce to round, each made over wc/v3 in a shop with taxes, and all figures of each.

`FIGURES` holds what a real WooCommerce 11.0.1 came to. The real shop and the sandbox must both still come to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

Json = dict[str, Any]
AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
FIGURES = Path(__file__).with_name("order_figures.json")

RATES = (
    {"rate": "19", "name": "VAT 19", "class": "standard", "priority": 1},
    {"rate": "7", "name": "VAT 7", "class": "reduced-rate", "priority": 1},
    {"rate": "5", "name": "GST", "class": "zero-rate", "priority": 1},
    {"rate": "9.975", "name": "QST", "class": "zero-rate", "priority": 2, "compound": True},
)
"""The class zero-rate is one of those that WooCommerce brings along; here it has two rates, the second compound."""
COUPONS = (("third", "percent", "33.33"), ("ten", "percent", "10"), ("five", "fixed_cart", "5.00"),
           ("each", "fixed_product", "1.11"))  # fmt: skip
GOODS = {"cup": ("9.99", ""), "book": ("9.99", "reduced-rate"), "pen": ("0.35", ""), "tea": ("24.95", "zero-rate"),
         "bread": ("3.333", "reduced-rate")}  # fmt: skip
MODES = {f"{price}-{rounding}": (price == "gross", rounding == "subtotal")
         for price in ("gross", "net") for rounding in ("line", "subtotal")}  # fmt: skip


class Desk(Protocol):
    """A shop with these rates, coupons and goods, and a caller of its wc/v3."""

    goods: dict[str, int]
    rates: dict[int, str]
    """Their names by id."""

    def mode(self, included: bool, at_subtotal: bool) -> None:
        """Whether prices include tax, and whether it is rounded at the subtotal."""

    def call(self, method: str, route: str, body: object = None) -> Any:
        """The answer's JSON; fails where it is refused."""


@dataclass
class Counter:
    """Makes the orders of the scenarios."""

    desk: Desk

    def order(self, *lines: tuple[str, int] | Json, **fields: Any) -> Json:
        posted = [line if isinstance(line, dict) else self.line(*line) for line in lines]
        made: Json = self.desk.call("POST", "orders", {"status": "processing", "line_items": posted, **fields})
        return made

    def line(self, good: str, quantity: int, **fields: str) -> Json:
        return {"product_id": self.desk.goods[good], "quantity": quantity, **fields}

    def edit(self, order: Json, **fields: Any) -> Json:
        changed: Json = self.desk.call("PUT", f"orders/{order['id']}", fields)
        return changed

    def refund(self, order: Json, lines: list[Json] | None = None, **fields: Any) -> None:
        body = {"api_refund": False, "api_restock": False, **({"line_items": lines} if lines else {}), **fields}
        self.desk.call("POST", f"orders/{order['id']}/refunds", body)

    def back(self, line: Json, quantity: int | None = None) -> Json:
        """The line of a refund that gives so many back, as wp-admin proposes it; without a quantity all of it."""
        of = line.get("quantity", 1)
        share = (of if quantity is None else quantity) / of

        def part(amount: str) -> str:
            return format(round(float(amount) * share + 1e-9, 2), ".2f")

        taxes = [{"id": tax["id"], "refund_total": float(part(tax["total"]))} for tax in line["taxes"] if tax["total"]]
        counted = {"quantity": quantity or of} if "quantity" in line else {"quantity": 0}
        return {"id": line["id"], **counted, "refund_total": float(part(line["total"])), "refund_tax": taxes}


SHIPPING = [{"method_id": "flat_rate", "method_title": "Post", "total": "4.90"}]
WRAPPING = [{"name": "Wrapping", "total": "2.50", "tax_status": "taxable"}]
REBATE = [{"name": "Rebate", "total": "-2.00", "tax_status": "taxable"}]


def _codes(*codes: str) -> list[Json]:
    return [{"code": code} for code in codes]


def _edited_price(counter: Counter) -> Json:
    order = counter.order(("cup", 3), ("book", 1))
    return counter.edit(order, line_items=[{"id": order["line_items"][0]["id"], "total": "20.00"}])


def _edited_quantity(counter: Counter) -> Json:
    order = counter.order(("cup", 3))
    return counter.edit(order, line_items=[{"id": order["line_items"][0]["id"], "quantity": 5}])


def _edited_lines(counter: Counter) -> Json:
    order = counter.order(("cup", 3), ("book", 1))
    gone = {"id": order["line_items"][0]["id"], "quantity": 0}
    return counter.edit(order, line_items=[gone, counter.line("tea", 1)], shipping_lines=SHIPPING, fee_lines=WRAPPING)


def _edited_shipping(counter: Counter) -> Json:
    order = counter.order(("book", 1), shipping_lines=SHIPPING, fee_lines=WRAPPING)
    return counter.edit(order, shipping_lines=[{"id": order["shipping_lines"][0]["id"], "total": "1.23"}],
                        fee_lines=[{"id": order["fee_lines"][0]["id"], "name": None}])  # fmt: skip


def _refunded_line(counter: Counter) -> Json:
    order = counter.order(("cup", 3), ("tea", 2), shipping_lines=SHIPPING)
    counter.refund(order, [counter.back(order["line_items"][0], 1), counter.back(order["shipping_lines"][0])])
    counter.refund(order, [counter.back(order["line_items"][1], 2)])
    return order


def _refunded_with_coupon(counter: Counter) -> Json:
    order = counter.order(("cup", 3), ("book", 3), coupon_lines=_codes("third"))
    counter.refund(order, [counter.back(order["line_items"][1], 2)])
    return order


def _refunded_amount(counter: Counter) -> Json:
    order = counter.order(("book", 3))
    counter.refund(order, amount="5.55")
    return order


def _refunded_status(counter: Counter) -> Json:
    order = counter.order(("book", 3), ("pen", 1))
    counter.refund(order, amount="1.00")
    return counter.edit(order, status="refunded")


def _refunded_whole(counter: Counter) -> Json:
    order = counter.order(("book", 3), fee_lines=WRAPPING)
    counter.refund(order, [counter.back(order["line_items"][0]), counter.back(order["fee_lines"][0])],
                   amount=order["total"])  # fmt: skip
    return order


SCENARIOS: dict[str, Callable[[Counter], Json]] = {
    "three cups": lambda c: c.order(("cup", 3)),
    "three books": lambda c: c.order(("book", 3)),
    "seven pens and a tea": lambda c: c.order(("pen", 7), ("tea", 1)),
    "a price of three decimals": lambda c: c.order(("bread", 7), ("pen", 1)),
    "the same thing in two lines": lambda c: c.order(("cup", 1), ("cup", 2), ("pen", 1), ("pen", 1)),
    "many lines": lambda c: c.order(("cup", 1), ("pen", 1), ("pen", 3), ("book", 1), ("bread", 1), ("tea", 3)),
    "shipping takes the standard class": lambda c: c.order(("book", 1), ("cup", 1), shipping_lines=SHIPPING),
    "shipping takes the reduced class": lambda c: c.order(("book", 3), shipping_lines=SHIPPING),
    "shipping takes two rates": lambda c: c.order(("tea", 1), shipping_lines=SHIPPING),
    "shipping alone": lambda c: c.order(shipping_lines=SHIPPING),
    "a fee": lambda c: c.order(("book", 1), fee_lines=WRAPPING),
    "a fee of another class": lambda c: c.order(("cup", 1), fee_lines=[{**WRAPPING[0], "tax_class": "reduced-rate"}]),
    "a fee without tax": lambda c: c.order(("cup", 1), fee_lines=[{**WRAPPING[0], "tax_status": "none"}]),
    "a rebate": lambda c: c.order(("cup", 1), ("book", 2), shipping_lines=SHIPPING, fee_lines=REBATE),
    "a rebate larger than all": lambda c: c.order(("pen", 1), fee_lines=[{**REBATE[0], "total": "-9.00"}]),
    "a third off": lambda c: c.order(("cup", 3), ("book", 1), coupon_lines=_codes("third")),
    "ten per cent off many lines": lambda c: c.order(
        ("cup", 1), ("pen", 7), ("book", 2), ("bread", 3), ("tea", 1), coupon_lines=_codes("ten")),
    "five off": lambda c: c.order(("cup", 1), ("book", 2), ("pen", 1), coupon_lines=_codes("five")),
    "five off less than that": lambda c: c.order(("pen", 3), shipping_lines=SHIPPING, coupon_lines=_codes("five")),
    "some off each": lambda c: c.order(("cup", 2), ("pen", 2), coupon_lines=_codes("each")),
    "two coupons": lambda c: c.order(("cup", 2), ("book", 3), coupon_lines=_codes("third", "five")),
    "amounts as given": lambda c: c.order(
        c.line("book", 3, subtotal="30.00", total="25.00"), shipping_lines=SHIPPING, fee_lines=REBATE),
    "nothing to pay": lambda c: c.order(c.line("cup", 1, subtotal="0", total="0")),
    "an edited price": _edited_price,
    "an edited quantity": _edited_quantity,
    "edited lines": _edited_lines,
    "edited shipping": _edited_shipping,
    "refunded by line": _refunded_line,
    "refunded with a coupon": _refunded_with_coupon,
    "refunded by amount": _refunded_amount,
    "refunded by status": _refunded_status,
    "refunded as a whole": _refunded_whole,
}  # fmt: skip

SUMS = ("discount_total", "discount_tax", "shipping_total", "shipping_tax", "cart_tax", "total", "total_tax", "status",
        "prices_include_tax")  # fmt: skip
LINE = ("name", "method_title", "quantity", "tax_class", "subtotal", "subtotal_tax", "total", "total_tax")
LINES = ("line_items", "shipping_lines", "fee_lines")


def figures(desk: Desk, order: Json, refunds: list[Json]) -> Json:
    """Everything that an order and its refunds come to, without ids, which differ from shop to shop."""
    places = {line["id"]: f"{name} {at}" for name in LINES for at, line in enumerate(order[name])}
    shown = [
        {"amount": refund["amount"], **_lines(desk, refund, places)}
        for refund in sorted(refunds, key=lambda one: int(one["id"]))
    ]
    coupons = [{name: row[name] for name in ("code", "discount", "discount_tax")} for row in order["coupon_lines"]]
    return {**{name: order[name] for name in SUMS}, **_lines(desk, order, {}), "coupons": coupons, "refunds": shown}


def raw(desk: Desk, order_id: int) -> tuple[Json, list[Json]]:
    """An order and its refunds as they come."""
    return desk.call("GET", f"orders/{order_id}?dp=6"), desk.call("GET", f"orders/{order_id}/refunds?dp=6")


def _lines(desk: Desk, body: Json, places: dict[int, str]) -> Json:
    shown: Json = {name: [_line(desk, line, places) for line in body[name]] for name in LINES}
    shown["taxes"] = {
        desk.rates[row["rate_id"]]: [row["tax_total"], row["shipping_tax_total"], row["rate_percent"], row["compound"]]
        for row in body["tax_lines"]
    }
    return shown


def _line(desk: Desk, line: Json, places: dict[int, str]) -> Json:
    taxes = {desk.rates[tax["id"]]: [tax["total"], tax["subtotal"]] for tax in line["taxes"]}
    shown: Json = {**{name: line[name] for name in LINE if name in line}, "taxes": taxes}
    of = [places.get(int(meta["value"])) for meta in line["meta_data"] if meta["key"] == "_refunded_item_id"]
    return {**shown, "of": of[0]} if of else shown


def numbers(shown: Any) -> Any:
    """The same with amounts as numbers: how many zeros a version of WooCommerce writes behind the point says
    nothing."""
    match shown:
        case dict():
            return {name: numbers(one) for name, one in shown.items()}
        case list():
            return [numbers(one) for one in shown]
        case bool() | None:
            return shown
        case int() | float():
            return Decimal(str(shown))
        case str() if AMOUNT.fullmatch(shown):
            return Decimal(shown)
        case _:
            return shown


def recorded() -> dict[str, Json]:
    """What a real shop came to, by mode and scenario."""
    found: dict[str, Json] = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    return found
