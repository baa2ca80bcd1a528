"""Every recorded order and refund of a real WooCommerce 11.0.1 becomes a paper; and what cannot be read is named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tillbridge.core.paper import LineKind, Paper, Part, RefundLine, TaxShare
from tillbridge.errors import BadAnswer
from tillbridge.sides.woocommerce import paper_shapes

RECORDINGS = Path(__file__).resolve().parent.parent / "recordings" / "woocommerce-11.0.1" / "papers"
CENT = Decimal("0.01")


def body(name: str) -> Any:
    return json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))["response"]["body"]


def recorded(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(RECORDINGS.glob(f"{kind}-*.json")):
        found = body(path.stem)
        for one in found if isinstance(found, list) else [found]:
            yield f"{path.stem}-{one['id']}", one


ORDERS, REFUNDS = list(recorded("orders")), list(recorded("refunds"))


def given(changes: Mapping[str, Any] | None = None, name: str = "orders-get-full") -> dict[str, Any]:
    """A recorded order, with some of its fields replaced: `line_items.0.total` is a path."""
    order: dict[str, Any] = deepcopy(body(name))
    for path, value in (changes or {}).items():
        at: Any = order
        *way, last = path.split(".")
        for step in way:
            at = at[int(step) if step.isdecimal() else step]
        at[int(last) if last.isdecimal() else last] = value
    return order


def read(changes: Mapping[str, Any] | None = None) -> Paper:
    return paper_shapes.paper(given(changes), [])


def test_there_are_recordings_to_read() -> None:
    assert len(ORDERS) >= 25
    assert len(REFUNDS) >= 12


@pytest.mark.parametrize("order", [pytest.param(order, id=name) for name, order in ORDERS])
def test_a_recorded_orders_lines_and_taxes_come_to_its_total(order: dict[str, Any]) -> None:
    paper = paper_shapes.paper(order, [])
    assert (paper.ref, paper.number, paper.status) == (str(order["id"]), order["number"], order["status"])
    assert paper.created.isoformat() == order["date_created_gmt"] + "+00:00"
    assert len(paper.lines) == sum(len(order[name]) for name in ("line_items", "shipping_lines", "fee_lines"))
    edited_without_its_money = order["id"] == 94 and order["line_items"][0]["quantity"] == 5
    sums = sum((line.net for line in paper.lines), Decimal(0)) + sum((rate.total for rate in paper.rates), Decimal(0))
    assert abs(sums - paper.total) <= CENT * len(paper.lines) or edited_without_its_money
    for rate in paper.rates:
        share = sum((tax.amount for line in paper.lines for tax in line.taxes if tax.rate == rate.id), Decimal(0))
        assert abs(share - rate.total) <= CENT * len(paper.lines)


@pytest.mark.parametrize("refund", [pytest.param(refund, id=name) for name, refund in REFUNDS])
def test_a_recorded_refund_takes_positive_amounts_off_lines(refund: dict[str, Any]) -> None:
    read = paper_shapes.refund(refund, "order 7")
    assert (read.id, read.amount) == (str(refund["id"]), Decimal(refund["amount"]))
    assert read.at.isoformat() == refund["date_created_gmt"] + "+00:00"
    assert len(read.lines) == len(refund["line_items"])
    for line, row in zip(read.lines, refund["line_items"], strict=True):
        assert (line.quantity, line.net) == (-row["quantity"], -Decimal(row["total"]))
        assert line.line in {meta["value"] for meta in row["meta_data"] if meta["key"] == "_refunded_item_id"}


def test_an_order_is_read_in_full() -> None:
    paper = read()
    cup, book, shirt, shipping, wrapping = paper.lines
    assert (paper.currency, paper.total, paper.method, paper.created_via) == (
        "EUR",
        Decimal("122.18"),
        "bacs",
        "checkout",
    )
    assert paper.created == paper.paid == datetime(2026, 11, 22, 4, 50, 56, tzinfo=UTC)
    assert (cup.kind, cup.name, cup.quantity, cup.net) == (
        LineKind.ITEM,
        "Tasse Modell 24",
        Decimal(2),
        Decimal("52.76"),
    )
    assert (cup.taxes, cup.sku, cup.refs, cup.reduced) == (
        (TaxShare("1", Decimal("10.03")),),
        "SKU-024",
        ("36",),
        Decimal(2),
    )
    assert (book.tax_class, shirt.refs) == ("reduced-rate", ("59", "55"))
    assert (shipping.kind, shipping.name, shipping.quantity) == (LineKind.SHIPPING, "Flat rate", Decimal(1))
    assert (wrapping.kind, wrapping.name, wrapping.net) == (LineKind.FEE, "Geschenkverpackung", Decimal("2.5"))
    assert [(rate.id, rate.percent, rate.total) for rate in paper.rates] == [
        ("1", Decimal(19), Decimal("14.3")), ("2", Decimal(7), Decimal("2.13")),
    ]  # fmt: skip
    assert paper.coupons == ("proz10",)
    assert (paper.billing.id, paper.billing.email, paper.billing.city) == ("4", "anna@kunden.example", "Köln")
    assert (paper.shipping.email, paper.shipping.street) == ("", "Musterweg 5")
    assert (paper.parts, paper.from_pos) == ((), "")


def test_a_guest_has_no_id() -> None:
    assert paper_shapes.paper(body("orders-get-guest"), []).billing.id == ""


def test_a_refunds_tax_is_positive_too_and_refunds_are_in_their_order() -> None:
    order = body("orders-get-partial-norestock")
    later = {**body("refunds-get"), "id": 9000}
    paper = paper_shapes.paper(order, [later, *body("refunds-list-of-order-norestock")])
    first, last = paper.refunds
    assert (first.id, last.id) == ("90", "9000")
    assert first.lines == (RefundLine("27", Decimal(1), Decimal("28.76"), (TaxShare("2", Decimal("2.01")),)),)
    assert (last.amount, last.lines) == (Decimal("0.5"), ())


def test_refunded_shipping_and_fees_name_their_lines() -> None:
    meta = [{"id": 1, "key": "_refunded_item_id", "value": "43"}]
    row = {**body("refunds-get"), "shipping_lines": [{
        "id": 5, "method_title": "Flat rate", "total": "-4.12", "taxes": [{"id": 1, "total": "-0.78", "subtotal": ""}],
        "meta_data": meta,
    }], "fee_lines": [{"id": 6, "name": "Rabatt", "total": "2.00", "taxes": [], "meta_data": meta}]}  # fmt: skip
    shipping, fee = paper_shapes.refund(row, "order 94").lines
    assert shipping == RefundLine("43", Decimal(0), Decimal("4.12"), (TaxShare("1", Decimal("0.78")),))
    assert fee.net == -2


def test_names_are_as_people_wrote_them() -> None:
    paper = read({"line_items.0.name": "Kaffee &amp; Espresso", "shipping_lines.0.method_title": "Post &lt;1 kg&gt;"})
    assert (paper.lines[0].name, paper.lines[3].name) == ("Kaffee & Espresso", "Post <1 kg>")


def test_amounts_keep_what_is_smaller_than_a_cent() -> None:
    paper = read({"line_items.0.total": "52.764706", "line_items.0.taxes": [{"id": 1, "total": "10.025294"}]})
    assert (paper.lines[0].net, paper.lines[0].taxes[0].amount) == (Decimal("52.764706"), Decimal("10.025294"))


def test_a_rate_that_does_not_concern_a_line_is_no_share_of_it() -> None:
    taxes = [{"id": 1, "total": "10.03", "subtotal": ""}, {"id": 2, "total": "", "subtotal": ""}]
    assert read({"line_items.0.taxes": taxes}).lines[0].taxes == (TaxShare("1", Decimal("10.03")),)


def test_goods_that_a_coupon_made_free_still_say_of_which_class_their_rate_is() -> None:
    taxes = [{"id": 1, "total": "0", "subtotal": "10.03"}, {"id": 2, "total": "0", "subtotal": "0"}]
    assert read({"line_items.0.taxes": taxes}).lines[0].taxes == (TaxShare("1", Decimal(0)),)


def test_a_fractional_quantity_is_exact() -> None:
    assert read({"line_items.0.quantity": 0.1}).lines[0].quantity == Decimal("0.1")


UNREADABLE: list[tuple[str, object, str]] = [
    ("total", "", "order 94: total"),
    ("total", None, "order 94: total"),
    ("total", "1,50", "order 94: total"),
    ("total", "NaN", "order 94: total"),
    ("total", True, "order 94: total"),
    ("number", None, "order 94: number"),
    ("status", None, "order 94: status"),
    ("currency", None, "order 94: currency"),
    ("date_created_gmt", None, "order 94: date_created_gmt"),
    ("date_paid_gmt", "yesterday", "order 94: date_paid_gmt"),
    ("line_items", {}, "order 94: line_items"),
    ("line_items.0", [], r"order 94: line_items\[0\]"),
    ("line_items.0.id", 0, r"order 94: line_items\[0\]: id"),
    ("line_items.0.quantity", None, r"order 94: line_items\[0\]: quantity"),
    ("line_items.0.total", "", r"order 94: line_items\[0\]: total"),
    ("line_items.0.product_id", "36", r"order 94: line_items\[0\]: product_id"),
    ("line_items.0.taxes.0.total", "?", r"order 94: line_items\[0\]: taxes\[0\]: total"),
    ("line_items.0.taxes.0.id", None, r"order 94: line_items\[0\]: taxes\[0\]: id"),
    ("line_items.0.meta_data.0.value", "two", r"order 94: line_items\[0\]: meta_data _reduced_stock"),
    ("tax_lines.1.tax_total", None, r"order 94: tax_lines\[1\]: tax_total"),
    ("shipping_lines.0.total", None, r"order 94: shipping_lines\[0\]: total"),
    ("fee_lines.0.total", "x", r"order 94: fee_lines\[0\]: total"),
    ("billing", "Anna", "order 94: billing"),
    ("meta_data", [{"key": "_tillbridge_payments", "value": "half"}], "order 94: meta_data _tillbridge_payments"),
    ("meta_data", [{"key": "_tillbridge_pos_document", "value": 7}], "order 94: meta_data _tillbridge_pos_document"),
    ("customer_id", None, "order 94: customer_id"),
]


@pytest.mark.parametrize(("path", "value", "said"), UNREADABLE)
def test_a_field_that_cannot_be_read_is_named_and_never_zero(path: str, value: object, said: str) -> None:
    with pytest.raises(BadAnswer, match=said):
        read({path: value})


def test_a_refund_line_of_no_line_is_not_guessed_at() -> None:
    row = deepcopy(body("refunds-create-line-restock"))
    row["line_items"][0]["meta_data"] = []
    with pytest.raises(BadAnswer, match=r"refund 125 of order 93: line_items\[0\]: meta_data _refunded_item_id"):
        paper_shapes.refund(row, "order 93")


def meta(**values: object) -> list[dict[str, object]]:
    return [{"id": at, "key": key, "value": value} for at, (key, value) in enumerate(values.items())]


def deposit(**values: str) -> dict[str, Any]:
    return {"meta_data": meta(**{f"_wc_deposits_{name}": value for name, value in values.items()})}


CASH = {"method": "cash", "amount": "100"}
PAID: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"gift_cards": [{"id": 1, "code": "AB", "amount": "20.000000"}]}, [("gift_card", "20"), ("bacs", "122.18")]),
    ({"gift_cards": [{"id": 1, "code": "AB", "amount": 122.18}], "total": "0.00"}, [("gift_card", "122.18")]),
    ({"gift_cards": []}, []),
    (
        {"meta_data": meta(_tillbridge_payments=[CASH, {"method": "card", "amount": "22.18"}])},
        [("cash", "100"), ("card", "22.18")],
    ),
    ({"meta_data": meta(_tillbridge_payments='[{"method": "cash", "amount": 122.18}]')}, [("cash", "122.18")]),
    (
        deposit(order_has_deposit="yes", deposit_paid="yes", deposit_amount="50", second_payment_paid="no"),
        [("bacs", "50"), ("outstanding", "72.18")],
    ),
    (deposit(order_has_deposit="yes", deposit_paid="no", deposit_amount="50"), [("outstanding", "122.18")]),
    (deposit(order_has_deposit="yes", deposit_paid="yes", deposit_amount="50", second_payment_paid="yes"), []),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "parts"), PAID)
def test_what_the_shop_tells_apart_of_a_payment_is_told_apart(
    fields: dict[str, Any], parts: list[tuple[str, str]]
) -> None:
    assert read(fields).parts == tuple(Part(method, Decimal(amount)) for method, amount in parts)


def test_a_deposit_of_an_unknown_amount_is_not_zero() -> None:
    with pytest.raises(BadAnswer, match="order 94: meta_data _wc_deposits_deposit_amount"):
        read(deposit(order_has_deposit="yes", deposit_paid="yes"))


def test_an_order_that_was_made_from_a_sale_says_which() -> None:
    assert read({"meta_data": meta(_tillbridge_pos_document="sale 17")}).from_pos == "sale 17"
