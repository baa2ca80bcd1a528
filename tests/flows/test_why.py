"""Every number of an item and of an order is explained by what the books hold, and it adds up."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import CUP, free_change, line_changed, order_told, sale_at_pos
from tests.fakes import outcomes
from tests.flows.world import POS, STORE, World
from tillbridge import alerts
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.findings import Seen
from tillbridge.db.archive import SqlArchive
from tillbridge.ports import DECISION, DONE
from tillbridge.resync import UnknownSku
from tillbridge.why import Why


class Asking:
    """Somebody who wants to know."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.why = Why(world.sql, world.sql)

    def __call__(self, what: str = CUP, lines: int = 50) -> Any:
        said = self.why(what, lines)
        assert json.loads(json.dumps(said)) == said
        return said

    def cup(self, lines: int = 50) -> Any:
        """What is said of the cup's one link."""
        (link,) = self(lines=lines)["links"]
        return link

    def target(self, side: str) -> Any:
        (found,) = [one for one in self.cup()["targets"] if one["side"] == side]
        return found

    def entries(self, side: str, lines: int = 50) -> Any:
        return [one for one in self.cup(lines)["entries"] if one["side"] == side]


@pytest.fixture
def asking(world: World) -> Asking:
    world.link_cup()
    return Asking(world)


def test_an_item_at_rest_is_what_both_sides_opened_with(asking: Asking) -> None:
    said = asking()
    (cup,) = said["links"]
    assert (said["what"], said["order"], cup["sku"], cup["explained"]) == (CUP, None, CUP, True)
    assert cup["accounts"][0] == {
        "side": "store", "outlet": "", "opening": "10", "born": "0", "written": "0", "known": "10", "under_way": "",
        "explained": True,
    }  # fmt: skip
    assert set(cup["terms"].values()) == {"0", False}
    assert [one["words"] for one in cup["targets"]] == ["nothing is to be written: it shows what it should"] * 2
    assert [(one["side"], one["outlet"], one["amount"], one["words"], one["sum"]) for one in cup["entries"]] == [
        ("store", "", "10", "the level at first contact", "10"),
        ("pos", "main", "10", "the level at first contact", "10"),
    ]  # fmt: skip
    assert cup["rulings"] == cup["orders"] == cup["sightings"] == cup["alerts"] == []


def test_the_journal_says_what_moved_why_and_when_and_sums_up_to_what_is_known(asking: Asking) -> None:
    asking.world.clock.advance(60)
    asking.world.book(line_changed("a", "-2"), free_change("b", "3"))
    asking.world.relay.write(POS)
    shown = ("amount", "cause", "document", "words", "sum")
    assert [tuple(one[name] for name in shown) for one in asking.entries("store")] == [
        ("10", "opening", "", "the level at first contact", "10"),
        ("-2", "order_line", "9001", "it belongs to an order", "8"),
        ("3", "admin", "", "it counts on both sides", "11"),
    ]  # fmt: skip
    assert [(one["amount"], one["words"], one["sum"]) for one in asking.entries("pos")][-1] == (
        "1",
        "we wrote it",
        "11",
    )
    assert asking.entries("store")[1]["at"] == "2025-10-09T08:54:20Z"
    assert [one["known"] for one in asking.cup()["accounts"]] == ["11", "11"]


def test_old_lines_are_folded_into_one_row_and_the_sum_is_still_right(asking: Asking) -> None:
    for number in range(6):
        asking.world.clock.advance(1)
        asking.world.book(free_change(f"e{number}", "-1"))
    rows = asking.entries("store", lines=2)
    assert [(one["words"], one["amount"], one["sum"]) for one in rows] == [
        ("before that: 5 lines", "6", "6"),
        ("it counts on both sides", "-1", "5"),
        ("it counts on both sides", "-1", "4"),
    ]
    assert asking.cup(lines=2)["explained"] is True
    SqlArchive(asking.world.connection).fold_journal(asking.world.clock.now() - 2)
    assert [one["sum"] for one in asking.entries("store")][-1] == "4"
    assert "older lines, folded into one" in [one["words"] for one in asking.entries("store")]


def test_a_journal_that_does_not_explain_the_account_is_said_not_to(asking: Asking) -> None:
    with asking.world.connection.write() as db:
        db.run("UPDATE entry SET amount = '9' WHERE side = 'pos'")
    cup = asking.cup()
    assert (cup["explained"], [one["explained"] for one in cup["accounts"]]) == (False, [True, False])


def test_the_targets_are_shown_with_the_next_write(asking: Asking) -> None:
    asking.world.book(sale_at_pos("a", "-3"))
    assert asking.target("store") == {
        "side": "store", "target": "7", "known": "10", "next_write": "-3", "words": "-3 is written next",
    }  # fmt: skip
    assert [one["figures"] for one in asking.cup()["formulas"]][:2] == ["10 + (-3) - 0 + 0", "7 - 0 - 0 + 0"]


def test_a_write_under_way_is_told_with_its_time_and_key(asking: Asking) -> None:
    asking.world.pos.answer(*outcomes(Status.UNCERTAIN))
    asking.world.book(free_change("a", "-2"))
    asking.world.relay.write(POS)
    assert "a change of -2 was sent at 2025-10-09T08:53:20Z" in asking.cup()["accounts"][1]["under_way"]
    assert "key-1" in asking.cup()["accounts"][1]["under_way"]
    assert asking.target("pos")["words"].startswith("nothing more is written before it is certain")


def test_a_write_that_waits_says_for_what(asking: Asking) -> None:
    asking.world.pos.answer(Outcome(Status.NOT_FOUND, reason="not_found", sentence="no such item"))
    asking.world.book(free_change("a", "-2"))
    asking.world.relay.write(POS)
    assert "it waits for you (message 2): no such item" in asking.target("pos")["words"]
    with asking.world.sql.writing() as unit:
        unit.pause([POS])
    assert "writing to the pos is paused" in asking.target("pos")["words"]
    assert "paused" not in asking.target("store")["words"]


def test_rulings_sightings_and_alerts_are_shown(asking: Asking) -> None:
    with asking.world.sql.writing() as unit:
        (shelf,) = unit.shelves_by_sku(CUP)
        run = unit.start_run(DECISION, "", DONE, {})
        after = replace(shelf, terms=replace(shelf.terms, free=Decimal(2)))
        unit.rule(shelf, after, run.id, "store", "", "the store is right")
        unit.sight([Seen(1, STORE, "", Decimal(7), Decimal(10))])
        alerts.tell(unit, 1, "unexplained", Decimal(3), "3 are missing")
    cup, at = asking.cup(), "2025-10-09T08:53:20Z"
    assert cup["rulings"] == [
        {"at": at, "run": 1, "kind": "store", "document": "", "changes": {"free": "2"}, "words": "the store is right"}
    ]
    assert cup["sightings"] == [{"side": "store", "outlet": "", "level": "7", "difference": "-3", "since": at}]
    assert cup["alerts"] == [
        {"kind": "unexplained", "sku": CUP, "amount": "3", "words": "3 are missing", "since": at}
    ]  # fmt: skip


def test_orders_that_hold_something_are_shown_with_their_item(asking: Asking) -> None:
    asking.world.book(line_changed("a", "-2"), order_told("b", "processing"), line_changed("c", "-1", order=9002))
    asking.world.book(line_changed("d", "1", order=9002, type_="restore"))
    assert asking.cup()["orders"] == [
        {"order": "9001", "line": "3", "status": "processing", "admitted": True, "gone": False, "position": "2",
         "booked": "0"},
    ]  # fmt: skip


@pytest.mark.parametrize("what", ["9001", "#9001", " 9001 "])
def test_an_order_is_explained_by_its_lines_and_the_journal(asking: Asking, what: str) -> None:
    asking.world.book(line_changed("a", "-2"), order_told("b", "processing"), free_change("c", "-1"))
    order = asking(what)["order"]
    assert (order["order"], order["status"], order["admitted"], order["gone"]) == ("9001", "processing", True, False)
    assert "still to be compared" in order["words"]
    assert [(one["sku"], one["line"], one["position"], one["booked"]) for one in order["lines"]] == [
        (CUP, "3", "2", "0")
    ]
    assert [(one["sku"], one["side"], one["amount"]) for one in order["entries"]] == [(CUP, "store", "-2")]


def test_an_order_without_linked_products_is_not_said_to_have_crossed(asking: Asking) -> None:
    asking.world.book(order_told("a", "processing"))
    words = asking("9001")["order"]["words"]
    assert words.startswith("it may cross to the POS, but no line of it holds a linked product")
    asking.world.book(line_changed("b", "-2"))
    assert asking("9001")["order"]["words"].startswith("sent: what its lines hold of linked products has crossed")


def test_a_deleted_order_says_that_nothing_was_given_back(asking: Asking) -> None:
    asking.world.book(line_changed("a", "-2"), order_told("b", topic="order.deleted"))
    assert "deleted in the shop, and nothing was given back" in asking("9001")["order"]["words"]


def test_a_document_of_the_pos_is_explained_too(asking: Asking) -> None:
    asking.world.book(sale_at_pos("a", "-3"))
    order = asking("S-1")["order"]
    assert ("no order of the shop" in order["words"], order["lines"]) == (True, [])
    assert [(one["sku"], one["side"], one["amount"], one["cause"]) for one in order["entries"]] == [
        (CUP, "pos", "-3", "sale")
    ]


@pytest.mark.parametrize("what", ["", "  ", "#", "NO-SUCH", "'; DROP TABLE entry --", "\x00", "💥" * 200])
def test_what_nobody_knows_is_said_to_be_unknown(asking: Asking, what: str) -> None:
    asking.world.book(free_change("a", "-1"))
    with pytest.raises(UnknownSku, match="no item is linked"):
        asking(what)


def test_an_item_that_is_held_out_is_told_why(asking: Asking) -> None:
    asking.world.store.stock("60", "MUG", "3", "")
    asking.world.linking()
    with pytest.raises(UnknownSku, match=r"held out of the sync \(only_here\)"):
        asking("MUG")
