"""What the daemon relies on when its books were restored from a backup: the shop remembers how far they had come, what
it told, and what was written in it. A part of `ShimContract`."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.contracts.shim_caller import Caller, Shim, change, key


class RememberingContract:
    """The tests. Subclasses give the fixtures `shim` and `caller`."""

    # --- the daemon's books -------------------------------------------------------------------------------------------

    def test_the_shop_says_how_far_the_books_had_come_before(self, caller: Caller) -> None:
        name = key()
        assert caller.books(name, 10) == (name, None)
        assert caller.books(name, 12) == (name, 10)
        assert caller.books(name, 12) == (name, 12)

    def test_books_that_went_back_are_told_their_highest_counter_again_and_again(self, caller: Caller) -> None:
        name = key()
        caller.books(name, 12)
        assert caller.books(name, 7) == (name, 12)
        assert caller.books(name, 8) == (name, 12)
        assert caller.books() == (name, 12)

    def test_books_from_before_new_ones_are_still_known(self, caller: Caller) -> None:
        old, new = key(), key()
        caller.books(old, 40)
        assert caller.books(new, 3) == (new, None)
        assert caller.books() == (new, 3)
        assert caller.books(old, 30) == (old, 40)

    def test_books_at_their_very_beginning_are_remembered(self, caller: Caller) -> None:
        name = key()
        caller.books(name, 0)
        assert caller.books(name, 0) == (name, 0)

    def test_an_acknowledgement_tells_of_the_books_too(self, caller: Caller) -> None:
        name = key()
        assert caller.post("/outbox/ack", {"ids": [], "books": name, "books_counter": 9}).status == 200
        assert caller.books(name, 4) == (name, 9)

    @pytest.mark.parametrize(
        "query",
        [{"books": "a"}, {"books_counter": 1}, {"books": "a", "books_counter": "-1"}, {"books": "", "books_counter": 1},
         {"books": "a", "books_counter": "x"}, {"books": "a" * 65, "books_counter": 1}],
    )  # fmt: skip
    def test_books_that_cannot_be_read_are_refused_and_change_nothing(
        self, caller: Caller, query: dict[str, object]
    ) -> None:
        caller.books("before", 1)
        before = caller.books()
        assert caller.get("/outbox", **query).status == 400
        assert caller.post("/outbox/ack", {"ids": [], **query}).status == 400
        assert caller.books() == before

    # --- told again ---------------------------------------------------------------------------------------------------

    def test_what_was_acknowledged_is_told_again_as_it_was(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("9")
        caller.acknowledge(product)
        since = caller.get("/health").json()["counter"]
        shim.sell(product, 1)
        shim.sell(product, 2)
        told = caller.events(product)
        assert caller.replay(product, since) == told
        caller.acknowledge(product)
        assert caller.events(product) == []
        assert caller.replay(product, since) == told
        assert [event["data"]["delta"] for event in told] == ["-1", "-2"]

    def test_a_replay_is_paged_by_number_without_a_gap(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("9")
        since = caller.get("/health").json()["counter"]
        for _ in range(3):
            shim.sell(product, 1)
        told = caller.replay(product, since)
        assert [event["data"]["delta"] for event in told] == ["-1"] * 3
        assert caller.replay(product, since, limit=1) == told
        assert caller.replay(product, told[0]["n"], limit=1) == told[1:]
        assert caller.replay(product, told[-1]["n"]) == []

    def test_a_replay_leaves_webhooks_out_and_acknowledges_nothing(self, shim: Shim, caller: Caller) -> None:
        since = caller.get("/health").json()["counter"]
        caller.knock(shim.door, b"{}")
        page = caller.get("/outbox", replay=1, after=since).json()
        assert (page["events"], page["next"]) == ([], None)
        assert isinstance(page["counter"], int)
        (event,) = caller.webhooks(since)
        caller.post("/outbox/ack", {"ids": [event["id"]]})
        assert caller.get("/outbox", replay=1, after=since).json()["events"] == []

    @pytest.mark.parametrize(
        "query", [{"replay": 0}, {"replay": "yes"}, {"replay": 1, "limit": 1001}, {"replay": 1, "after": "x"}]
    )
    def test_an_impossible_replay_is_refused(self, caller: Caller, query: dict[str, object]) -> None:
        assert caller.get("/outbox", **query).status == 400

    # --- what was written ---------------------------------------------------------------------------------------------

    def test_writes_are_listed_by_their_keys(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("10")
        sent, void, refused = change(product, "-3"), key(), change(999_999_999, "1")
        caller.apply(sent, {"key": void, "void": True}, refused)
        found = caller.taken_keys()
        assert (found[sent["key"]]["product_id"], found[sent["key"]]["delta"]) == (product, "-3")
        assert (found[void]["product_id"], found[void]["delta"]) == (None, None)
        assert refused["key"] not in found
        for taken in (sent["key"], void):
            assert abs(shim.now() - datetime.fromisoformat(found[taken]["at"])) < timedelta(minutes=1)

    def test_a_write_that_was_settled_is_still_listed(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("10")
        sent, void = change(product, "-3"), key()
        caller.apply(sent, {"key": void, "void": True})
        before = caller.taken_keys()
        caller.apply(settled=(sent["key"], void))
        caller.post("/outbox/ack", {"ids": []})
        after = caller.taken_keys()
        assert [after[one] for one in (sent["key"], void)] == [before[one] for one in (sent["key"], void)]

    def test_keys_are_paged_without_a_gap(self, shim: Shim, caller: Caller) -> None:
        product = shim.make_product("10")
        sent = [change(product, "1") for _ in range(4)]
        caller.apply(*sent)
        assert {one["key"] for one in sent} <= caller.taken_keys(limit=3).keys()

    @pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 5001}, {"after": "x"}, {"after": "0" * 31}])
    def test_an_impossible_page_of_keys_is_refused(self, caller: Caller, query: dict[str, object]) -> None:
        assert caller.get("/stock/keys", **query).status == 400
