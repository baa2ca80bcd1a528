"""What the daemon relies on when it has orders and refunds made in a shop for sales and returns at the POS: each once,
to the cent, without a movement of stock."""

from __future__ import annotations

import secrets
from typing import Any, Protocol

import pytest

from tests.contracts.order_figures import Desk, Json
from tests.contracts.shim_caller import Caller, Shim
from tillbridge.sides.http import Answer

AT = "2026-11-20T09:30:00"
ADDRESS = {"first_name": "Ann", "last_name": "Lee", "email": "ann@customers.example", "country": "DE", "city": "Köln"}


class Counter(Protocol):
    """A shop whose wc/v3 and whose plugin can both be called."""

    @property
    def desk(self) -> Desk: ...
    @property
    def shim(self) -> Shim: ...


class Clerk:
    """Makes documents of a fixed kind: two cups at 9.99 with 19 %, a bag without a product, and shipping."""

    def __init__(self, counter: Counter) -> None:
        self.desk, self.shim, self.caller = counter.desk, counter.shim, Caller(counter.shim)
        self.rate = next(number for number, name in self.desk.rates.items() if name == "VAT 19")
        self.cup = self.desk.call(
            "POST", "products",
            {"name": "Cup", "regular_price": "9.99", "manage_stock": True, "stock_quantity": 10},
        )["id"]  # fmt: skip
        self.caller.acknowledge(self.cup)

    def tax(self, amount: str) -> list[Json]:
        return [{"rate_id": self.rate, "amount": amount}]

    def line(self, no: str, net: str, tax: str, **fields: Any) -> Json:
        kept = {"line": no, "kind": "item", "product_id": 0, "name": no, "quantity": "1", "net": net,
                "taxes": self.tax(tax), "tax_class": "", "method": "", "held": "0"}  # fmt: skip
        return {**kept, **fields}

    def sale(self, **fields: Any) -> Json:
        lines = [
            self.line("1", "16.79", "3.19", product_id=self.cup, name="Cup", quantity="2", held="2"),
            self.line("2", "0.42", "0.08", name="Paper bag"),
            self.line("3", "4.12", "0.78", kind="shipping", name="Courier", method="flat_rate"),
        ]
        kept = {"key": secrets.token_hex(16), "document": "sale 17", "at": AT + "Z", "paid": AT + "Z",
                "status": "completed", "currency": "EUR", "total": "25.38", "method": "pos_cash",
                "method_title": "Cash at the till", "payments": [], "customer_id": 0, "billing": ADDRESS,
                "shipping": {}, "note": "", "mail": False, "lines": lines}  # fmt: skip
        return {**kept, **fields}

    def refund(self, order: Json, **fields: Any) -> Json:
        line = {"line_id": order["lines"]["1"], "quantity": "1", "net": "8.40", "taxes": self.tax("1.59"),
                "restocked": "1"}  # fmt: skip
        kept = {"key": secrets.token_hex(16), "document": "return 4", "order_id": order["order_id"], "at": AT + "Z",
                "amount": "9.99", "reason": "too blue", "mail": False, "lines": [line]}  # fmt: skip
        return {**kept, **fields}

    def made(self, route: str, draft: Json) -> Json:
        answer = self.caller.post(route, draft)
        assert answer.status == 200, answer.body
        body: Json = answer.json()
        return body

    def shown(self, made: Json) -> Json:
        order: Json = self.desk.call("GET", f"orders/{made['order_id']}?dp=2")
        return order

    def document(self, made: Json) -> str:
        """What the shop's positions say that an order was made from."""
        (row,) = self.caller.positions(order=made["order_id"])["orders"]
        found: str = row["pos_document"]
        return found

    def held(self, made: Json) -> str:
        (row,) = self.caller.positions(order=made["order_id"])["orders"]
        found: str = row["lines"][0]["reduced_stock"]
        return found

    def stock(self) -> tuple[str, list[Json]]:
        return self.caller.level(self.cup)["level"], self.caller.events(self.cup)


def refused(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.json()["code"]) == (status, f"tillbridge_{code}"), answer.body
    assert answer.json()["message"]


def meta(body: Json) -> Json:
    return {row["key"]: row["value"] for row in body["meta_data"]}


class DocumentsContract:
    """The tests. Subclasses give a fixture `counter`."""

    @pytest.fixture
    def clerk(self, counter: Counter) -> Clerk:
        counter.desk.mode(included=True, at_subtotal=False)
        return Clerk(counter)

    # --- orders -------------------------------------------------------------------------------------------------------

    def test_a_sale_becomes_an_order_to_the_cent(self, clerk: Clerk) -> None:
        made = clerk.made("/orders", clerk.sale())
        order = clerk.shown(made)
        assert (made["status"], made["again"], set(made["lines"])) == ("completed", False, {"1", "2", "3"})
        assert clerk.document(made) == clerk.sale()["document"]
        sums = ("status", "currency", "total", "total_tax", "shipping_total", "shipping_tax", "created_via")
        assert [order[name] for name in sums] == ["completed", "EUR", "25.38", "4.05", "4.12", "0.78", "tillbridge"]
        (cup,), (bag,), (courier,) = order["line_items"], order["fee_lines"], order["shipping_lines"]
        assert (cup["product_id"], cup["quantity"], cup["total"], cup["total_tax"]) == (clerk.cup, 2, "16.79", "3.19")
        assert (bag["name"], bag["total"], bag["total_tax"]) == ("Paper bag", "0.42", "0.08")
        assert (courier["method_title"], courier["method_id"], courier["total"]) == ("Courier", "flat_rate", "4.12")
        assert [(tax["rate_id"], tax["tax_total"]) for tax in order["tax_lines"]] == [(clerk.rate, "3.27")]
        assert (order["payment_method"], order["payment_method_title"]) == ("pos_cash", "Cash at the till")
        assert [order[f"date_{what}_gmt"] for what in ("created", "paid", "completed")] == [AT] * 3
        assert (order["billing"]["email"], order["billing"]["city"]) == ("ann@customers.example", "Köln")
        assert meta(order)["_tillbridge_pos_document"] == "sale 17"
        assert made["lines"] == {"1": cup["id"], "2": bag["id"], "3": courier["id"]}

    def test_the_taxes_of_each_rate_come_to_the_cent_that_the_pos_told_whatever_the_shop_would_round_to(
        self, clerk: Clerk
    ) -> None:
        seven = next(number for number, name in clerk.desk.rates.items() if name == "VAT 7")
        reduced = [{"rate_id": seven, "amount": "0.66"}]
        lines = [
            clerk.line("1", "25.19", "4.78", product_id=clerk.cup, name="Cup", quantity="3", tax_class="standard"),
            clerk.line("2", "9.33", "0", name="Book", taxes=reduced, tax_class="reduced-rate"),
            clerk.line("3", "9.33", "0", product_id=clerk.cup, name="Cup", taxes=reduced, tax_class="reduced-rate"),
        ]
        order = clerk.shown(clerk.made("/orders", clerk.sale(total="49.95", lines=lines)))
        assert (order["total"], order["total_tax"]) == ("49.95", "6.10")
        taxes = {tax["rate_id"]: tax["tax_total"] for tax in order["tax_lines"]}
        assert taxes == {clerk.rate: "4.78", seven: "1.32"}
        shown = [*order["line_items"], *order["fee_lines"]]
        assert [line["tax_class"] for line in shown] == ["", "reduced-rate", "reduced-rate"]
        assert [[(tax["id"], tax["total"]) for tax in line["taxes"]] for line in shown] == [
            [(clerk.rate, "4.78")], [(seven, "0.66")], [(seven, "0.66")],
        ]  # fmt: skip

    def test_making_an_order_moves_no_stock(self, clerk: Clerk) -> None:
        made = clerk.made("/orders", clerk.sale())
        assert clerk.stock() == ("10", [])
        assert clerk.held(made) == "2"

    def test_an_order_that_is_cancelled_later_gives_its_goods_back(self, clerk: Clerk) -> None:
        made = clerk.made("/orders", clerk.sale())
        clerk.desk.call("PUT", f"orders/{made['order_id']}", {"status": "cancelled"})
        level, (event,) = clerk.stock()
        assert (level, event["data"]["delta"], clerk.held(made)) == ("12", "2", "0")

    @pytest.mark.parametrize("status", ["processing", "on-hold", "completed"])
    def test_no_later_status_takes_the_goods_again(self, clerk: Clerk, status: str) -> None:
        made = clerk.made("/orders", clerk.sale(status="processing", paid=None))
        clerk.desk.call("PUT", f"orders/{made['order_id']}", {"status": "on-hold"})
        clerk.desk.call("PUT", f"orders/{made['order_id']}", {"status": status})
        assert clerk.stock() == ("10", [])

    def test_the_same_key_is_the_same_order(self, clerk: Clerk) -> None:
        sale = clerk.sale()
        first, again = clerk.made("/orders", sale), clerk.made("/orders", sale)
        assert again == {**first, "again": True}
        assert clerk.made("/orders", clerk.sale())["order_id"] != first["order_id"]

    def test_the_same_key_finds_an_order_that_was_trashed_since(self, clerk: Clerk) -> None:
        sale = clerk.sale()
        first = clerk.made("/orders", sale)
        clerk.desk.call("DELETE", f"orders/{first['order_id']}")
        assert clerk.made("/orders", sale) == {**first, "again": True, "status": "trash"}

    def test_what_the_shop_cannot_count_or_has_lost_is_a_named_fee(self, clerk: Clerk) -> None:
        lines = [
            clerk.line("a", "3.00", "0.57", product_id=clerk.cup, name="Cheese", quantity="0.35"),
            clerk.line("b", "1.00", "0.19", product_id=999_999_999, name="Lost"),
        ]
        order = clerk.shown(clerk.made("/orders", clerk.sale(lines=lines, total="4.76")))
        assert (order["line_items"], [fee["name"] for fee in order["fee_lines"]]) == ([], ["Cheese × 0.35", "Lost"])
        assert order["total"] == "4.76"

    def test_several_payments_are_kept_for_who_reads_the_order(self, clerk: Clerk) -> None:
        payments = [{"method": "cash", "amount": "20"}, {"method": "card", "amount": "5.38"}]
        order = clerk.shown(clerk.made("/orders", clerk.sale(payments=payments)))
        assert meta(order)["_tillbridge_payments"] == payments

    @pytest.mark.parametrize(
        "wrong",
        [
            {"key": "x"}, {"document": ""}, {"at": "yesterday"}, {"paid": 7}, {"status": "sold"}, {"currency": "€"},
            {"total": "25.39"}, {"total": 25.38}, {"total": "25,38"}, {"lines": []}, {"lines": {}}, {"billing": "Ann"},
            {"customer_id": "4"}, {"payments": None},
        ],
    )  # fmt: skip
    def test_an_order_that_is_incomplete_or_does_not_add_up_is_refused(self, clerk: Clerk, wrong: Json) -> None:
        refused(clerk.caller.post("/orders", clerk.sale(**wrong)), 400, "invalid_draft")

    @pytest.mark.parametrize(
        "wrong",
        [{"kind": "gift"}, {"name": ""}, {"quantity": "-1"}, {"quantity": 1}, {"net": "1e3"}, {"held": ""},
         {"product_id": -1}, {"taxes": [{"rate_id": 987654, "amount": "1"}]}, {"taxes": None}, {"line": ""}],
    )  # fmt: skip
    def test_a_line_that_is_incomplete_is_refused(self, clerk: Clerk, wrong: Json) -> None:
        line = {**clerk.line("1", "1.00", "0.19"), **wrong}
        refused(clerk.caller.post("/orders", clerk.sale(lines=[line], total="1.19")), 400, "invalid_draft")

    # --- refunds ------------------------------------------------------------------------------------------------------

    def test_a_return_becomes_a_refund_to_the_cent(self, clerk: Clerk) -> None:
        order = clerk.made("/orders", clerk.sale())
        made = clerk.made("/refunds", clerk.refund(order))
        (refund,) = clerk.desk.call("GET", f"orders/{order['order_id']}/refunds?dp=2")
        assert (made["refund_id"], made["again"], made["status"]) == (refund["id"], False, "completed")
        assert (refund["amount"], refund["reason"], refund["date_created_gmt"]) == ("9.99", "too blue", AT)
        (line,) = refund["line_items"]
        assert (line["quantity"], line["total"], line["total_tax"]) == (-1, "-8.40", "-1.59")
        assert meta(line)["_refunded_item_id"] == str(order["lines"]["1"])
        assert meta(refund)["_tillbridge_pos_document"] == "return 4"

    def test_goods_that_lie_at_the_pos_again_are_held_no_longer_and_move_no_stock(self, clerk: Clerk) -> None:
        order = clerk.made("/orders", clerk.sale())
        clerk.made("/refunds", clerk.refund(order))
        assert (clerk.stock(), clerk.held(order)) == (("10", []), "1")
        clerk.desk.call("PUT", f"orders/{order['order_id']}", {"status": "cancelled"})
        assert clerk.stock()[0] == "11"

    def test_goods_that_did_not_come_back_stay_held(self, clerk: Clerk) -> None:
        order = clerk.made("/orders", clerk.sale())
        draft = clerk.refund(order)
        draft["lines"][0]["restocked"] = "0"
        clerk.made("/refunds", draft)
        assert (clerk.stock(), clerk.held(order)) == (("10", []), "2")

    def test_of_what_came_back_only_what_lies_at_the_pos_again_is_held_no_longer(self, clerk: Clerk) -> None:
        order = clerk.made("/orders", clerk.sale())
        draft = clerk.refund(order, amount="19.98")
        draft["lines"][0] |= {"quantity": "2", "net": "16.79", "taxes": clerk.tax("3.19"), "restocked": "1"}
        clerk.made("/refunds", draft)
        assert (clerk.stock(), clerk.held(order)) == (("10", []), "1")
        (refund,) = clerk.desk.call("GET", f"orders/{order['order_id']}/refunds?dp=2")
        assert [line["quantity"] for line in refund["line_items"]] == [-2]
        assert clerk.made("/refunds", draft)["again"] is True
        assert clerk.held(order) == "1"

    def test_the_same_key_is_the_same_refund(self, clerk: Clerk) -> None:
        order = clerk.made("/orders", clerk.sale())
        draft = clerk.refund(order)
        first, again = clerk.made("/refunds", draft), clerk.made("/refunds", draft)
        assert again == {**first, "again": True}
        assert len(clerk.desk.call("GET", f"orders/{order['order_id']}/refunds?dp=2")) == 1
        assert clerk.held(order) == "1"

    def test_the_same_key_finds_a_refund_of_an_order_that_was_trashed_since(self, clerk: Clerk) -> None:
        order = clerk.made("/orders", clerk.sale())
        draft = clerk.refund(order)
        first = clerk.made("/refunds", draft)
        clerk.desk.call("DELETE", f"orders/{order['order_id']}")
        assert clerk.made("/refunds", draft) == {**first, "again": True, "status": "trash"}
        refused(clerk.caller.post("/refunds", clerk.refund(order)), 409, "no_order")

    def test_a_refund_of_everything_settles_the_order(self, clerk: Clerk) -> None:
        order = clerk.made("/orders", clerk.sale())
        made = clerk.made("/refunds", clerk.refund(order, amount="25.38", lines=[]))
        assert (made["status"], clerk.shown(order)["status"]) == ("refunded", "refunded")
        assert clerk.stock() == ("10", [])

    def test_a_refund_that_the_order_does_not_bear_is_refused_and_leaves_nothing(self, clerk: Clerk) -> None:
        order = clerk.made("/orders", clerk.sale())
        line = clerk.refund(order)["lines"][0]
        refused(clerk.caller.post("/refunds", clerk.refund(order, amount="25.39")), 409, "no_refund")
        refused(clerk.caller.post("/refunds", clerk.refund(order, order_id=999_999_999)), 409, "no_order")
        foreign = clerk.refund(order, lines=[{**line, "line_id": 999_999_999}])
        refused(clerk.caller.post("/refunds", foreign), 409, "no_line")
        assert clerk.desk.call("GET", f"orders/{order['order_id']}/refunds?dp=2") == []
        assert clerk.held(order) == "2"

    @pytest.mark.parametrize("wrong", [{"key": ""}, {"amount": "-1"}, {"order_id": 0}, {"at": None}, {"lines": None}])
    def test_a_refund_that_is_incomplete_is_refused(self, clerk: Clerk, wrong: Json) -> None:
        order = {"order_id": 1, "lines": {"1": 1}}
        refused(clerk.caller.post("/refunds", clerk.refund(order, **wrong)), 400, "invalid_draft")

    # --- status -------------------------------------------------------------------------------------------------------

    def test_an_order_that_was_fetched_is_completed(self, clerk: Clerk) -> None:
        order = clerk.desk.call(
            "POST", "orders", {"status": "processing", "line_items": [{"product_id": clerk.cup, "quantity": 3}]}
        )
        clerk.caller.acknowledge(clerk.cup)
        route = f"/orders/{order['id']}/status"
        made = clerk.made(route, {"status": "completed", "mail": False})
        assert (made["order_id"], made["status"], made["again"]) == (order["id"], "completed", False)
        assert clerk.made(route, {"status": "completed", "mail": False})["again"] is True
        assert clerk.stock() == ("7", [])

    def test_a_status_that_there_is_not_and_an_order_that_there_is_not_are_refused(self, clerk: Clerk) -> None:
        refused(clerk.caller.post("/orders/999999999/status", {"status": "completed"}), 409, "no_order")
        refused(clerk.caller.post("/orders/999999999/status", {"status": "sold"}), 400, "invalid_draft")
        refused(clerk.caller.post("/orders/999999999/status", {}), 400, "invalid_draft")

    # --- the door -----------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("route", ["/orders", "/refunds", "/orders/7/status"])
    def test_nobody_else_has_anything_made(self, clerk: Clerk, route: str) -> None:
        wrong = clerk.caller.headers("POST", route, {}, b"{}", secret="other")
        assert clerk.caller.send("POST", route, "", {}, b"{}").status == 401
        assert clerk.caller.send("POST", route, "", wrong, b"{}").status == 401

    @pytest.mark.parametrize("route", ["/orders", "/refunds", "/orders/7/status"])
    def test_a_copy_of_the_shop_makes_nothing(self, clerk: Clerk, route: str) -> None:
        with clerk.shim.being_a_copy():
            refused(clerk.caller.post(route, clerk.sale()), 409, "elsewhere")
