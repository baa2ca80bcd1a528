"""One item looked at on both sides: what is there, what the books say, and what is only on its way."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import CUP, CUP_POS, CUP_STORE, sale_at_pos, sale_in_store
from tests.fakes import FakeOrders, outcomes
from tests.flows.world import POS, STORE, World
from tillbridge.core.actions import Status
from tillbridge.errors import NoAnswer
from tillbridge.resync import Resync, UnknownSku


class Look:
    """A person who looks at the cup."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.orders = FakeOrders()

    def __call__(self, what: str = CUP) -> dict[str, Any]:
        world = self.world
        return Resync(world.sql, world.sql, world.sides, world.work, self.orders)(what)

    def at(self, side: str, outlet: str = "") -> dict[str, Any]:
        """The row of one side."""
        (row,) = [row for row in self()["rows"] if (row["side"], row["outlet"]) == (side, outlet)]
        found: dict[str, Any] = row
        return found


@pytest.fixture
def look(world: World) -> Look:
    """Ten cups on both sides."""
    world.link_cup()
    world.store.stock(CUP_STORE, CUP, "10", "")
    world.pos.stock(CUP_POS, CUP, "10", "main")
    return Look(world)


def test_both_sides_agree_with_the_books(look: Look) -> None:
    assert look() == {
        "what": CUP,
        "in_step": True,
        "order": None,
        "rows": [
            {"side": "store", "outlet": "", "ref": CUP_STORE, "level": "10", "known": "10", "difference": "0",
             "waiting": 0, "note": ""},
            {"side": "pos", "outlet": "main", "ref": CUP_POS, "level": "10", "known": "10", "difference": "0",
             "waiting": 0, "note": ""},
        ],
    }  # fmt: skip


def test_what_moved_a_level_without_a_word_is_the_difference(look: Look) -> None:
    look.world.store.stock(CUP_STORE, CUP, "7.5", "")
    assert (look.at("store")["difference"], look()["in_step"]) == ("-2.5", False)
    assert (look.world.store.calls, look.world.pos.calls) == ([], [])


def test_news_that_only_waited_to_be_fetched_are_booked_and_their_write_is_waiting(look: Look) -> None:
    look.world.pos.tell(sale_at_pos("1", "-2"))
    look.world.pos.stock(CUP_POS, CUP, "8", "main")
    found = look()
    assert [(row["side"], row["known"], row["difference"], row["waiting"]) for row in found["rows"]] == [
        ("store", "10", "0", 1), ("pos", "8", "0", 0),
    ]  # fmt: skip
    assert found["in_step"] is False
    assert look.world.store.calls == [], "it is the workers who write"
    look.world.relay.write(STORE)
    look.world.store.stock(CUP_STORE, CUP, "8", "")
    assert look()["in_step"] is True


def test_an_unknown_level_is_unknown_and_never_a_difference(look: Look) -> None:
    look.world.pos.stock(CUP_POS, CUP, None, "main")
    row = look.at("pos", "main")
    assert (row["level"], row["difference"], row["note"]) == (None, None, "its level is unknown there")
    assert look()["in_step"] is False


def test_an_item_that_is_gone_has_no_level(look: Look) -> None:
    look.world.store.shelf.clear()
    row = look.at("store")
    assert (row["level"], row["difference"], row["note"]) == (None, None, "it is not there any more")


def test_a_level_whose_news_are_still_in_the_shop_is_moving(look: Look) -> None:
    look.world.store.stock(CUP_STORE, CUP, "9", "")
    look.world.store.stir(CUP_STORE)
    row = look.at("store")
    assert (row["level"], row["difference"]) == ("9", None)
    assert row["note"].startswith("moving")


def test_a_level_of_which_something_was_told_meanwhile_is_moving(look: Look) -> None:
    def sell() -> None:
        look.world.pos.tell(sale_at_pos("1"))
        look.world.pos.during_count = lambda: None

    look.world.pos.during_count = sell
    row = look.at("pos", "main")
    assert (row["known"], row["difference"]) == ("9", None)
    assert row["note"].startswith("moving")


def test_a_write_under_way_is_said_to_be(look: Look) -> None:
    look.world.pos.answer(*outcomes(Status.UNCERTAIN))
    look.world.book(sale_in_store("a"))
    look.world.relay.write(POS)
    row = look.at("pos", "main")
    assert (row["difference"], row["waiting"], row["note"]) == (None, 1, "moving: a write of -1 is under way")


def test_a_side_that_is_away_is_unknown_and_the_other_is_told_all_the_same(look: Look) -> None:
    look.world.pos.feed_trouble = NoAnswer("time-out")
    found = look()
    assert [(row["side"], row["level"], row["difference"]) for row in found["rows"]] == [
        ("store", "10", "0"), ("pos", None, None),
    ]  # fmt: skip
    assert "time-out" in found["rows"][1]["note"]


def test_each_outlet_has_a_row_and_one_without_account_is_said_to_have_none(look: Look) -> None:
    look.world.pos.stock(CUP_POS, CUP, "3", "annex")
    row = look.at("pos", "annex")
    assert (row["level"], row["known"], row["difference"]) == ("3", None, None)
    assert "no account yet" in row["note"]


def test_an_sku_that_is_not_linked_is_unknown(look: Look) -> None:
    with pytest.raises(UnknownSku, match="no item is linked"):
        look("MUG")


def test_an_sku_that_is_held_out_is_told_why(look: Look) -> None:
    look.world.store.stock("60", "MUG", "3", "")
    look.world.linking()
    with pytest.raises(UnknownSku, match=r"held out of the sync \(only_here\)"):
        look("MUG")


def test_the_lines_of_an_order_are_compared_with_the_books(look: Look) -> None:
    look.world.book(sale_in_store("a", "-2"))
    look.orders.hold("2")
    found = look("#9001")
    assert (found["in_step"], found["rows"], found["order"]["status"]) == (True, [], "processing")
    assert found["order"]["lines"] == [
        {"line": "3", "sku": CUP, "ref": CUP_STORE, "holds": "2", "known": "2", "difference": "0", "note": ""}
    ]


def test_an_order_that_differs_is_said_to_and_compared_at_once(look: Look) -> None:
    look.orders.hold("3")
    look.orders.hold("1", line="4", ref="77")
    found = look("9001")
    assert found["in_step"] is False
    assert [(one["line"], one["known"], one["difference"]) for one in found["order"]["lines"]] == [
        ("4", None, "0"), ("3", "0", "3"),
    ]  # fmt: skip
    assert "not linked" in found["order"]["lines"][0]["note"]
    assert look.world.rows("SELECT order_ref FROM stirred") == [("9001",)]


def test_a_line_that_nobody_can_read_is_unknown(look: Look) -> None:
    look.orders.spoil()
    (line,) = look("9001")["order"]["lines"]
    assert (line["holds"], line["difference"], line["note"]) == (None, None, "its _reduced_stock is no number")
    assert look("9001")["in_step"] is False


def test_an_order_of_a_shop_that_is_away_is_not_compared(look: Look) -> None:
    look.orders.hold("3")
    look.world.store.feed_trouble = NoAnswer("time-out")
    with pytest.raises(NoAnswer):
        look("9001")


def test_a_number_that_neither_a_product_nor_an_order_has_is_unknown(look: Look) -> None:
    with pytest.raises(UnknownSku, match="no order of that number"):
        look("9002")
