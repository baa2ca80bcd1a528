"""What the daemon relies on when it talks to the plugin in WordPress: the same tests for the sandbox shop and the
real one.

Subclass `ShimContract` and give it a fixture `shim`. A real shop is shared by all tests and keeps what they leave
behind, so each test makes its own products and looks only at those.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.contracts.orders_contract import OrdersContract
from tests.contracts.remembering_contract import RememberingContract
from tests.contracts.shim_caller import Caller, Shim, change, key
from tillbridge.sides.http import Answer
from tillbridge.sides.signing import SIGNATURE
from tillbridge.sides.woocommerce.zones import zone_of


class ShimContract(OrdersContract, RememberingContract):
    """The tests."""

    # --- the door -----------------------------------------------------------------------------------------------------

    def refused(self, answer: Answer) -> None:
        body = answer.json()
        assert answer.status == 401
        assert body["code"]
        assert body["message"]

    def test_an_unsigned_request_is_refused(self, caller: Caller) -> None:
        self.refused(caller.send("GET", "/health", "", {}))

    def test_another_secret_is_refused(self, caller: Caller) -> None:
        self.refused(caller.send("GET", "/health", "", caller.headers("GET", "/health", {}, b"", secret="other")))

    @pytest.mark.parametrize("age", [310, -310])
    def test_a_request_from_another_time_is_refused(self, caller: Caller, age: int) -> None:
        self.refused(caller.send("GET", "/health", "", caller.headers("GET", "/health", {}, b"", age=age)))

    @pytest.mark.parametrize("age", [290, -290])
    def test_clocks_may_differ_by_five_minutes(self, caller: Caller, age: int) -> None:
        assert caller.send("GET", "/health", "", caller.headers("GET", "/health", {}, b"", age=age)).status == 200

    def test_a_request_that_comes_twice_is_refused_the_second_time(self, caller: Caller) -> None:
        headers = caller.headers("GET", "/health", {}, b"")
        assert caller.send("GET", "/health", "", headers).status == 200
        self.refused(caller.send("GET", "/health", "", headers))

    def test_a_body_that_was_changed_on_the_way_is_refused(self, caller: Caller) -> None:
        headers = caller.headers("POST", "/outbox/ack", {}, b'{"ids":[]}')
        self.refused(caller.send("POST", "/outbox/ack", "", headers, b'{"ids":["x"]}'))

    def test_a_query_that_was_changed_on_the_way_is_refused(self, caller: Caller) -> None:
        headers = caller.headers("GET", "/outbox", {"limit": "1"}, b"")
        self.refused(caller.send("GET", "/outbox", "limit=2", headers))

    def test_a_signature_for_another_route_or_method_is_refused(self, caller: Caller) -> None:
        self.refused(caller.send("GET", "/outbox", "", caller.headers("GET", "/health", {}, b"")))
        self.refused(caller.send("GET", "/health", "", caller.headers("POST", "/health", {}, b"")))

    def test_the_order_of_the_query_does_not_matter(self, caller: Caller) -> None:
        headers = caller.headers("GET", "/stock/levels", {"limit": "1", "after": "0"}, b"")
        assert caller.send("GET", "/stock/levels", "limit=1&after=0", headers).status == 200
        headers = caller.headers("GET", "/stock/levels", {"limit": "1", "after": "0"}, b"")
        assert caller.send("GET", "/stock/levels", "after=0&limit=1", headers).status == 200

    def test_a_refused_request_does_not_use_up_its_nonce(self, caller: Caller) -> None:
        headers = caller.headers("GET", "/health", {}, b"")
        self.refused(caller.send("GET", "/health", "", {**headers, SIGNATURE: "v1=" + "0" * 64}))
        assert caller.send("GET", "/health", "", headers).status == 200

    def test_no_answer_is_kept_by_a_cache(self, caller: Caller) -> None:
        assert "no-store" in caller.get("/health").headers["cache-control"]

    def test_health_says_who_answers(self, caller: Caller) -> None:
        health = caller.get("/health").json()
        for name in ("plugin", "wordpress", "woocommerce", "php", "time", "address", "site", "incarnation"):
            assert isinstance(health[name], str), name
            assert health[name], name
        assert isinstance(health["hpos"], bool)
        assert zone_of(health["zone"]) is not None
        assert health["innodb"] is True
        assert isinstance(health["outbox"]["unacked"], int)
        assert health["outbox"]["oldest_seconds"] is None or health["outbox"]["oldest_seconds"] >= 0
        assert isinstance(health["outbox"]["bytes"], int)
        assert (health["elsewhere"], health["door"], health["multisite"]) == (False, True, False)
        assert isinstance(health["fastcgi"], bool)
        assert {name: table["engine"] for name, table in health["tables"].items()} == {
            "outbox": "InnoDB", "keys": "InnoDB", "nonces": "InnoDB",
        }  # fmt: skip
        assert all(isinstance(table[what], int) for table in health["tables"].values() for what in ("rows", "bytes"))
        assert health["rest_url"].startswith(health["address"])
        assert set(health["limits"]) == {"memory", "seconds", "request_body"}
        assert isinstance(health["counter"], int)
        assert datetime.fromisoformat(health["time"]).utcoffset() == timedelta(0)

    def test_a_copy_at_another_address_gives_nothing_but_its_health(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("10")
        with shim.being_a_copy():
            assert caller.get("/health").json()["elsewhere"] is True
            refused = [
                caller.get("/outbox"), caller.get("/stock/levels"), caller.get("/orders/positions", open=1),
                caller.get("/outbox", replay=1), caller.get("/stock/keys"),
                caller.post("/outbox/ack", {"ids": []}), caller.knock(shim.door, b"{}"),
                caller.post("/stock/apply", {"changes": [change(product, "1")]}), caller.post("/orders", {}),
                caller.post("/refunds", {}), caller.post("/orders/7/status", {}),
            ]  # fmt: skip
            assert {(answer.status, answer.json()["code"]) for answer in refused} == {(409, "tillbridge_elsewhere")}
            self.refused(caller.send("GET", "/outbox", "", {}))
        assert caller.get("/health").json()["elsewhere"] is False
        assert caller.level(product)["level"] == "10"

    # --- what the shop tells ------------------------------------------------------------------------------------------

    def test_a_sale_is_told_with_its_order_and_line(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("7")
        caller.acknowledge(product)
        order = shim.sell(product, 2)
        (event,) = caller.events(product)
        data = event["data"]
        assert (data["before"], data["delta"], data["path"]) == ("7", "-2", "relative")
        assert (data["cause"]["type"], data["cause"]["order_id"]) == ("order_line", order)
        assert isinstance(data["cause"]["line_id"], int)
        assert isinstance(data["sku"], str)
        assert event["origin"] == "store"
        assert len(event["id"]) == 32
        assert datetime.fromisoformat(event["at"]).utcoffset() == timedelta(0)

    def test_a_cancelled_order_is_told_as_restored(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("7")
        order = shim.sell(product, 2)
        caller.acknowledge(product)
        shim.cancel(order)
        (event,) = caller.events(product)
        assert event["data"]["delta"] == "2"
        assert event["data"]["cause"]["type"] == "restore"
        assert event["data"]["cause"]["order_id"] == order

    def test_a_typed_level_is_told_as_the_difference(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("7")
        caller.acknowledge(product)
        shim.write_level(product, "30")
        (event,) = caller.events(product)
        assert (event["data"]["before"], event["data"]["delta"], event["data"]["path"]) == ("7", "23", "absolute")
        assert "order_id" not in event["data"]["cause"]

    def test_a_level_that_is_typed_again_is_not_told(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("7")
        caller.acknowledge(product)
        shim.write_level(product, "7")
        assert caller.events(product) == []

    def test_events_come_in_order_each_with_its_own_id(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("9")
        caller.acknowledge(product)
        for quantity in (1, 2, 3):
            shim.sell(product, quantity)
        events = caller.events(product)
        assert [event["data"]["delta"] for event in events] == ["-1", "-2", "-3"]
        assert sorted({event["n"] for event in events}) == [event["n"] for event in events]
        assert len({event["id"] for event in events}) == 3

    def test_events_are_told_until_they_are_acknowledged(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("9")
        caller.acknowledge(product)
        shim.sell(product, 1)
        told = caller.events(product)
        assert caller.events(product) == told
        ids = [event["id"] for event in told]
        assert caller.post("/outbox/ack", {"ids": ids}).json() == {"acked": 1}
        assert caller.events(product) == []
        assert caller.post("/outbox/ack", {"ids": ids}).status == 200

    def test_unknown_ids_are_ignored_in_an_acknowledgement(self, caller: Caller) -> None:
        answer = caller.post("/outbox/ack", {"ids": [key()]})
        assert (answer.status, answer.json()) == (200, {"acked": 0})

    def test_a_page_says_whether_there_are_more(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("9")
        shim.sell(product, 1)
        shim.sell(product, 1)
        page = caller.get("/outbox", limit=1).json()
        assert len(page["events"]) == 1
        assert page["more"] is True
        assert isinstance(page["counter"], int)
        assert isinstance(page["incarnation"], str)

    @pytest.mark.parametrize("limit", ["0", "1001", "many"])
    def test_an_impossible_page_is_refused(self, caller: Caller, limit: str) -> None:
        assert caller.get("/outbox", limit=limit).status == 400

    # --- what we change -----------------------------------------------------------------------------------------------

    def test_a_change_moves_the_level_and_is_not_told_back(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("10")
        caller.acknowledge(product)
        sent = change(product, "-3")
        (result,) = caller.apply(sent)
        assert (result["key"], result["status"], result["level"]) == (sent["key"], "applied", "7")
        assert caller.level(product)["level"] == "7"
        assert caller.level(product)["moving"] is False
        assert caller.events(product) == []

    def test_the_same_key_takes_effect_once(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("10")
        sent = change(product, "-3")
        assert [caller.apply(sent)[0]["status"] for _ in range(3)] == ["applied", "duplicate", "duplicate"]
        assert caller.level(product)["level"] == "7"

    def test_the_same_key_twice_in_one_request_takes_effect_once(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("10")
        sent = change(product, "-3")
        assert [result["status"] for result in caller.apply(sent, sent)] == ["applied", "duplicate"]
        assert caller.level(product)["level"] == "7"

    def test_a_voided_change_never_takes_effect(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("10")
        sent = change(product, "-3")
        void = {"key": sent["key"], "void": True}
        assert [caller.apply(void)[0]["status"] for _ in range(2)] == ["voided", "voided"]
        assert caller.apply(sent)[0]["status"] == "voided"
        assert caller.level(product)["level"] == "10"

    def test_a_change_that_took_effect_cannot_be_voided(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("10")
        sent = change(product, "-3")
        caller.apply(sent)
        assert caller.apply({"key": sent["key"], "void": True})[0]["status"] == "applied"
        assert caller.apply(sent)[0]["status"] == "duplicate"
        assert caller.level(product)["level"] == "7"

    def test_one_bad_change_does_not_fail_its_neighbours(self, shim: Shim, caller: Caller) -> None:
        product, unmanaged = shim.make_product("10"), shim.make_product(None)
        _parent, variation = shim.make_variation("5")
        changes = [
            change(product, "1"), change(999_999_999, "1"), change(unmanaged, "1"), change(variation, "1"),
            change(product, "abc"), change(product, "1", "not-a-key"), change(product, "2"),
        ]  # fmt: skip
        results = caller.apply(*changes)
        assert [result["status"] for result in results] == [
            "applied", "not_found", "not_managed", "parent_managed", "invalid", "invalid", "applied",
        ]  # fmt: skip
        assert [result["key"] for result in results] == [sent["key"] for sent in changes]
        assert caller.level(product)["level"] == "13"

    def test_a_change_that_was_refused_leaves_its_key_free(self, shim: Shim, caller: Caller) -> None:
        product, own = shim.make_product("10"), key()
        assert caller.apply(change(999_999_999, "1", own))[0]["status"] == "not_found"
        assert caller.apply(change(product, "1", own))[0]["status"] == "applied"

    def test_stock_that_the_parent_holds_is_changed_at_the_parent(self, shim: Shim, caller: Caller) -> None:
        parent, _variation = shim.make_variation("5")
        assert caller.apply(change(parent, "-1"))[0] | {"key": "", "message": ""} == {
            "key": "", "status": "applied", "level": "4", "message": "",
        }  # fmt: skip

    def test_a_level_may_fall_below_zero(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("1")
        assert caller.apply(change(product, "-3"))[0]["level"] == "-2"
        assert caller.level(product)["level"] == "-2"

    def test_a_settled_key_still_keeps_out_a_late_duplicate(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("10")
        sent = change(product, "-3")
        caller.apply(sent)
        caller.apply(change(product, "1"), settled=(sent["key"],))
        assert caller.apply(sent)[0]["status"] == "duplicate"
        assert caller.level(product)["level"] == "8"

    def test_too_many_changes_are_refused_as_a_whole(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("10")
        answer = caller.post("/stock/apply", {"changes": [change(product, "1")] * 1001})
        assert answer.status == 413
        assert caller.level(product)["level"] == "10"

    @pytest.mark.parametrize("body", [{}, {"changes": "x"}, {"changes": {"a": 1}}, []])
    def test_a_request_without_changes_is_refused(self, caller: Caller, body: object) -> None:
        assert caller.post("/stock/apply", body).status == 400

    # --- levels -------------------------------------------------------------------------------------------------------

    def test_a_level_is_moving_until_its_events_are_acknowledged(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("10")
        caller.acknowledge(product)
        assert caller.level(product)["moving"] is False
        shim.sell(product, 1)
        row = caller.level(product)
        assert (row["level"], row["moving"]) == ("9", True)
        caller.acknowledge(product)
        assert caller.level(product)["moving"] is False

    def test_levels_show_who_holds_the_stock(self, shim: Shim, caller: Caller) -> None:
        unmanaged = shim.make_product(None)
        parent, variation = shim.make_variation("5")
        assert (caller.level(unmanaged)["managed"], caller.level(unmanaged)["level"]) == (False, None)
        assert (caller.level(parent)["managed"], caller.level(parent)["level"]) == (True, "5")
        assert caller.level(variation)["managed"] == "parent"
        assert caller.level(variation)["parent_id"] == parent

    def test_levels_are_paged_by_id_without_a_gap(self, shim: Shim, caller: Caller) -> None:
        made = [shim.make_product("1") for _ in range(3)]
        after: int | None = made[0] - 1
        seen: list[int] = []
        while after is not None:
            page = caller.get("/stock/levels", after=after, limit=1).json()
            seen += [row["product_id"] for row in page["levels"]]
            after = page["next"]
        assert seen == sorted(set(seen))
        assert set(made) <= set(seen)

    def test_a_level_row_has_its_fields(self, shim: Shim, caller: Caller) -> None:
        row = caller.level(shim.make_product("3"))
        assert {name: type(value) for name, value in row.items()} == {
            "product_id": int, "parent_id": int, "sku": str, "name": str, "level": str, "managed": bool,
            "backorders": str, "status": str, "moving": bool,
        }  # fmt: skip
        assert (row["backorders"], row["status"]) == ("no", "instock")

    def test_the_status_follows_the_level(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("1")
        caller.apply(change(product, "-1"))
        assert caller.level(product)["status"] == "outofstock"
        caller.apply(change(product, "1"))
        assert caller.level(product)["status"] == "instock"
