"""Drafts become orders and refunds of the shop: over the wire as the plugin reads them, and what it answers in ours."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.sides.woocommerce_wire import Wire, answers, raises
from tillbridge.core.drafts import DraftLine, OrderDraft, RefundDraft, ReturnedLine
from tillbridge.core.paper import LineKind, Part, Person, TaxShare
from tillbridge.errors import BadAnswer, BridgeError, CallRefused, Malformed, NoAnswer, NotSent
from tillbridge.sandbox.records import Order
from tillbridge.sides.woocommerce.client import ShimClient
from tillbridge.sides.woocommerce.documents import StoreDocuments

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


class Office:
    """A sandbox shop with a cup and a tax of 19 %, and documents made in it."""

    def __init__(self) -> None:
        self.wire = Wire()
        store = self.wire.store
        self.rate = str(store.shop.add_rate("19", "VAT 19").id)
        self.cup = str(store.shop.add_product("Cup", "CUP", Decimal(10), regular_price="9.99").id)
        shim = ShimClient(self.wire.exchange, "a secret between two", store.dice, store.time)
        self.documents = StoreDocuments(shim)

    def draft(self, **fields: Any) -> OrderDraft:
        taxes = (TaxShare(self.rate, Decimal("3.19")),)
        lines = (
            DraftLine("1", "Cup", Decimal(2), Decimal("16.79"), taxes, ref=self.cup, held=Decimal(2)),
            DraftLine("2", "Courier", Decimal(1), Decimal("4.9"), kind=LineKind.SHIPPING, method="flat_rate"),
        )
        kept: dict[str, Any] = {
            "key": self.wire.store.dice(), "document": "sale 17", "at": AT, "status": "completed", "currency": "EUR",
            "total": Decimal("24.88"), "lines": lines, "paid": AT, "method": "pos_cash", "method_title": "Cash",
            "parts": (Part("cash", Decimal(20)), Part("card", Decimal("4.88"))),
            "billing": Person(first_name="Ann", email="ann@customers.example", street="Main St 1", country="DE"),
        }  # fmt: skip
        return OrderDraft(**{**kept, **fields})

    def refund(self, order: str, line: str, **fields: Any) -> RefundDraft:
        taxes = (TaxShare(self.rate, Decimal("1.59")),)
        lines = (ReturnedLine(line, Decimal(1), Decimal("8.40"), taxes, restocked=Decimal(1)),)
        kept: dict[str, Any] = {
            "key": self.wire.store.dice(), "document": "return 4", "order": order, "at": AT, "amount": Decimal("9.99"),
            "lines": lines,
        }  # fmt: skip
        return RefundDraft(**{**kept, **fields})

    def order(self, ref: str) -> Order:
        return self.wire.store.shop.state.orders[int(ref)]


def test_a_draft_becomes_an_order_and_names_its_lines() -> None:
    office = Office()
    draft = office.draft()
    made = office.documents.make_order(draft)
    order = office.order(made.ref)
    assert (made.status, made.again, order.total, order.created) == ("completed", False, Decimal("24.88"), AT)
    assert made.lines == {"1": str(order.lines[0].id), "2": str(order.extras[0].id)}
    assert (order.billing["address_1"], order.billing["email"]) == ("Main St 1", "ann@customers.example")
    assert {key: value for _, key, value in order.meta}["_tillbridge_payments"] == [
        {"method": "cash", "amount": "20"}, {"method": "card", "amount": "4.88"},
    ]  # fmt: skip
    again = office.documents.make_order(draft)
    assert (again.ref, again.again, again.lines) == (made.ref, True, made.lines)


def test_a_draft_becomes_a_refund_and_lowers_what_its_line_holds() -> None:
    office = Office()
    order = office.documents.make_order(office.draft())
    draft = office.refund(order.ref, order.lines["1"])
    made, again = office.documents.make_refund(draft), office.documents.make_refund(draft)
    assert (made.status, made.again, again.again, again.ref) == ("completed", False, True, made.ref)
    assert office.order(order.ref).lines[0].reduced == 1
    assert office.wire.store.shop.level(int(office.cup)) == 10


def test_an_order_gets_a_status() -> None:
    office = Office()
    order = office.wire.store.shop.checkout((int(office.cup), 1))
    made = office.documents.set_status(str(order.id), "completed")
    assert (made.ref, made.status, made.again) == (str(order.id), "completed", False)


def test_what_the_shop_refuses_is_refused_in_its_own_words_and_nothing_was_done() -> None:
    office = Office()
    order = office.documents.make_order(office.draft())
    with pytest.raises(CallRefused, match=r"Invalid refund amount. \[tillbridge_no_refund\]"):
        office.documents.make_refund(office.refund(order.ref, order.lines["1"], amount=Decimal(25)))
    with pytest.raises(CallRefused, match=r"the sum of the lines and their taxes. \[tillbridge_invalid_draft\]"):
        office.documents.make_order(office.draft(total=Decimal("24.87")))
    with pytest.raises(CallRefused, match="tillbridge_no_order"):
        office.documents.set_status("987654", "completed")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"billing": Person(id="guest")}, "customer"),
        ({"lines": (DraftLine("1", "x", Decimal(1), Decimal(1), ref="CUP"),)}, "product"),
    ],
)
def test_ids_that_the_shop_cannot_have_never_leave(fields: dict[str, Any], said: str) -> None:
    office = Office()
    with pytest.raises(Malformed, match=said):
        office.documents.make_order(office.draft(**fields))
    assert office.wire.calls == []


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (raises(NotSent("refused")), NotSent),
        (answers(500, {"code": "tillbridge_unknown_outcome", "message": "broke"}), NoAnswer),
        (answers(403, b"<html>a firewall</html>"), NoAnswer),
        (answers(200, {"order_id": 7, "status": "completed"}), BadAnswer),
        (answers(200, {"order_id": 0, "status": "completed", "again": False}), BadAnswer),
        (answers(200, {"order_id": 7, "status": "completed", "again": False, "lines": {"1": "x"}}), BadAnswer),
        (answers(200, {"order_id": 7, "status": None, "again": False, "lines": {}}), BadAnswer),
    ],
)
def test_every_answer_has_its_meaning(trouble: Any, error: type[BridgeError]) -> None:
    office = Office()
    office.wire.trouble = trouble
    with pytest.raises(error):
        office.documents.make_order(office.draft())
