"""What the daemon relies on when it reads orders of the shop, and the till when it calls the shop's public door: a part
of `ShimContract`."""

from __future__ import annotations

import base64

import pytest

from tests.contracts.shim_caller import Caller, Shim


class OrdersContract:
    """The tests. Subclasses give a fixture `shim`."""

    @pytest.fixture
    def caller(self, shim: Shim) -> Caller:
        return Caller(shim)

    # --- orders -------------------------------------------------------------------------------------------------------

    def test_an_order_shows_what_its_line_holds(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("7")
        order = shim.sell(product, 2)
        (row,) = caller.positions(order=order)["orders"]
        (line,) = row["lines"]
        assert (row["order_id"], row["status"]) == (order, "processing")
        assert isinstance(line["line_id"], int)
        assert {name: value for name, value in line.items() if name != "line_id"} == {
            "product_id": product, "variation_id": 0, "quantity": "2", "refunded": "0", "reduced_stock": "2",
        }  # fmt: skip

    @pytest.mark.parametrize(("restock", "held"), [(True, "2"), (False, "3")])
    def test_a_refund_lowers_what_is_held_only_with_the_goods(
        self, shim: Shim, caller: Caller, restock: bool, held: str
    ) -> None:
        order = shim.sell(shim.make_product("7"), 3)
        shim.refund(order, 1, restock)
        (line,) = caller.positions(order=order)["orders"][0]["lines"]
        assert (line["quantity"], line["refunded"], line["reduced_stock"]) == ("3", "1", held)

    def test_a_cancelled_order_holds_nothing(self, shim: Shim, caller: Caller) -> None:
        order = shim.sell(shim.make_product("7"), 2)
        shim.cancel(order)
        (row,) = caller.positions(order=order)["orders"]
        assert (row["status"], row["lines"][0]["reduced_stock"]) == ("cancelled", "0")

    def test_an_unknown_order_is_no_error(self, caller: Caller) -> None:
        page = caller.positions(order=999_999_999)
        assert (page["orders"], page["next"]) == ([], None)

    def test_many_orders_are_read_at_once_and_each_as_by_itself(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("20")
        first, cancelled, completed = (shim.sell(product, quantity) for quantity in (1, 2, 3))
        shim.cancel(cancelled)
        shim.complete(completed)
        page = caller.positions(orders=f"{completed},{first},999999999,{cancelled},{first}")
        alone = [caller.positions(order=order)["orders"][0] for order in (completed, first, cancelled)]
        assert (page["orders"], page["next"]) == (alone, None)
        assert [row["lines"][0]["reduced_stock"] for row in page["orders"]] == ["3", "1", "0"]

    def test_a_hundred_orders_may_be_asked_for_and_no_more(self, caller: Caller) -> None:
        ids = [str(999_999_000 + n) for n in range(101)]
        assert caller.positions(orders=",".join(ids[:100]))["orders"] == []
        assert caller.get("/orders/positions", orders=",".join(ids)).status == 400

    @pytest.mark.parametrize("ids", ["", "x", "0", "01", "-1", "1,", ",1", "1,x", "1, 2", "1.5", "1" * 19, "1;2"])
    def test_ids_that_are_none_are_refused(self, caller: Caller, ids: str) -> None:
        answer = caller.get("/orders/positions", orders=ids)
        assert answer.status == 400
        assert answer.json()["message"]

    def test_open_orders_are_those_that_hold_stock_and_are_not_settled(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("20")
        first, cancelled, completed, last = (shim.sell(product, 1) for _ in range(4))
        shim.cancel(cancelled)
        shim.complete(completed)
        found = [row["order_id"] for row in caller.positions(open=1, after=first - 1, limit=500)["orders"]]
        assert found == [first, last]

    def test_open_orders_are_paged_without_a_gap(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("20")
        made = [shim.sell(product, 1) for _ in range(3)]
        after: int | None = made[0] - 1
        seen: list[int] = []
        while after is not None:
            page = caller.positions(open=1, after=after, limit=1)
            seen += [row["order_id"] for row in page["orders"]]
            after = page["next"]
        assert seen == made

    @pytest.mark.parametrize(
        "query",
        [{}, {"order": "x"}, {"order": 0}, {"open": 0}, {"open": 1, "order": 1}, {"open": 1, "limit": 501},
         {"order": 1, "orders": 1}, {"open": 1, "orders": 1}, {"open": 1, "after": "x"}],
    )  # fmt: skip
    def test_positions_of_nothing_in_particular_are_refused(self, caller: Caller, query: dict[str, object]) -> None:
        assert caller.get("/orders/positions", **query).status == 400

    # --- the door for webhooks ----------------------------------------------------------------------------------------

    def test_a_webhook_is_passed_on_as_it_came(self, shim: Shim, caller: Caller) -> None:
        since, body = caller.get("/health").json()["counter"], b'{"sale": 7, "\xc3\xa9": 1}'
        answer = caller.knock(shim.door, body, "a=1&b=x%20y", Content_Type="application/json", X_Signature="abc",
                              Cookie="session=1")  # fmt: skip
        assert (answer.status, answer.json()) == (200, {"kept": True})
        assert "no-store" in answer.headers["cache-control"]
        (event,) = caller.webhooks(since)
        data = event["data"]
        assert (data["method"], data["path"]) == ("POST", f"/wc-tillbridge/v1/pos/{shim.door}")
        assert data["query"].replace("+", "%20") == "a=1&b=x%20y"
        assert data["headers"]["x-signature"] == "abc"
        assert data["headers"]["content-type"] == "application/json"
        assert not {"cookie", "authorization"} & set(data["headers"])
        assert base64.b64decode(data["body"]) == body
        caller.post("/outbox/ack", {"ids": [event["id"]]})

    @pytest.mark.parametrize("token", ["0" * 32, "x", "0" * 31 + "g"])
    def test_another_address_is_not_the_door(self, caller: Caller, token: str) -> None:
        since = caller.get("/health").json()["counter"]
        assert caller.knock(token, b"{}").status == 404
        assert caller.webhooks(since) == []

    def test_a_webhook_of_more_than_64_kib_is_refused(self, shim: Shim, caller: Caller) -> None:
        since = caller.get("/health").json()["counter"]
        assert caller.knock(shim.door, b"x" * 65537).status == 413
        assert caller.webhooks(since) == []
