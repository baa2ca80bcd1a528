"""Orders that the POS was not told of: listed with the fix, released by themselves when mended, decided by a person."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.builders import CUP_STORE, order_told
from tests.core.orders import goods, order, refund
from tests.flows.paper_desk import USUAL, PaperDesk
from tests.flows.world import POS, STORE, World
from tillbridge.backlog import Backlog, retry_refused
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.documents import RecordSale, VoidSale
from tillbridge.core.order_policy import UnlinkedLine
from tillbridge.core.paper import Person
from tillbridge.core.stock import Item, Level
from tillbridge.core.targets import target
from tillbridge.decisions import Decisions
from tillbridge.errors import Malformed
from tillbridge.undo import Undo
from tillbridge.why import Why

CLOSED = Outcome(Status.INVALID, reason="register_closed", sentence="the register is closed")
POSTCODE = Outcome(Status.INVALID, reason="customer_invalid", sentence="postcode: found 1, allowed are five digits")


class Desk(PaperDesk):
    """With somebody who looks after what waits."""

    @property
    def backlog(self) -> Backlog:
        return Backlog(self.world.sql, self.world.sql, lambda: None)

    @property
    def decisions(self) -> Decisions:
        return Decisions(self.world.sql, self.world.sql, lambda: None)

    def asked(self) -> Any:
        return self.decisions.listed()

    def choices(self) -> list[str]:
        (row,) = self.asked()["rows"]
        return [one["choice"] for one in row["choices"]]

    def decide(self, name: str, choice: str) -> Any:
        said = self.decisions.decide(name, choice)
        self.write()
        return said

    def explained(self, number: str = "9001") -> Any:
        said: Any = Why(self.world.sql, self.world.sql)(number)
        return said["order"]["documents"]

    def deleted(self, number: str = "9001") -> None:
        """Somebody deletes the order for good: nothing is given back."""
        del self.papers.shop[number]
        self.tell(order_told("deleted", "", int(number), topic="order.deleted"))
        self.write()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(World(tmp_path))


def refused(desk: Desk, outcome: Outcome, **more: Any) -> None:
    desk.world.pos.answer(outcome)
    desk.order("2", **more)
    desk.write()


def test_the_queue_names_the_order_and_never_an_item_of_the_same_number(desk: Desk) -> None:
    desk.wake(replace(USUAL, payments={}))
    desk.order("2", number="1")  # the cup's link has this number, too
    desk.write()
    said: Any = desk.backlog.listed("parked", 10)
    (row,) = said["rows"]
    assert (row["order"], row["sku"], row["reason"]) == ("1", "", "unmapped_payment")
    assert "Set bacs = " in row["sentence"]
    shown: Any = desk.backlog.shown(row["id"])
    assert shown["row"]["documents"]["words"].startswith("the POS has nothing of it; parked (unmapped_payment)")


def test_a_new_link_releases_the_orders_that_waited_for_one(desk: Desk) -> None:
    desk.order("2")
    paper = desk.papers.shop["9001"]
    mug = goods("4", "5", refs=("77",), reduced=Decimal(0))
    desk.papers.shop["9001"] = replace(paper, total=Decimal(25), lines=(*paper.lines, mug))
    desk.write()
    assert [reason for reason, _ in desk.parked()] == ["unlinked_line"]
    for side, ref, outlet in ((desk.world.store, "77", ""), (desk.world.pos, "30", "main")):
        side.items.append(Item(ref, "MUG", "Mug", tracked=True))
        side.shelf.append(Level(ref, "MUG", "Mug", outlet, Decimal(5)))
    desk.world.store.stock(CUP_STORE, "CUP-BLUE", "8", "")
    desk.world.pos.stock("12", "CUP-BLUE", "8", "main")
    assert desk.world.linking().linked == 1
    desk.write()
    (sale,) = desk.documents
    assert (sale.total, desk.parked()) == (Decimal(25), [])


def test_what_the_pos_refused_is_tried_again_by_itself_and_what_we_park_is_not(desk: Desk) -> None:
    refused(desk, CLOSED)
    words = "The POS says: the register is closed — it was told: sale: 2 × “Cup 3” 20.00; total 20.00"
    assert desk.parked() == [("register_closed", words)]
    assert retry_refused(desk.world.sql) == 1
    desk.write()
    assert (len(desk.documents), desk.parked(), desk.dossier().taken.total) == (2, [], Decimal(20))
    desk.wake(replace(USUAL, payments={}))
    desk.order("1", number="9002")
    desk.write()
    assert retry_refused(desk.world.sql) == 0


def test_an_order_that_is_refused_for_its_customer_may_go_without_one(desk: Desk) -> None:
    refused(desk, POSTCODE, billing=Person(id="7", email="a@example.com", postcode="1"))
    assert desk.choices() == ["retry", "without-customer", "stock-only"]
    desk.decide("order:9001", "without-customer")
    first, second = desk.documents
    assert isinstance(first, RecordSale)
    assert isinstance(second, RecordSale)
    assert (first.customer is None, second.customer) == (False, None)
    assert (desk.parked(), desk.asked()["total"]) == ([], 0)


def test_an_order_may_travel_as_stock_only(desk: Desk) -> None:
    refused(desk, CLOSED)
    assert (desk.choices(), desk.asked()["total"]) == (["retry", "stock-only"], 1)
    desk.decide("order:9001", "stock-only")
    assert (desk.stock(POS), len(desk.documents), desk.asked()["rows"]) == ([Decimal(-2)], 1, [])
    assert desk.explained()["alone"] == "stock_only"
    desk.change("note")
    desk.write()
    assert len(desk.documents) == 1


def test_an_order_is_tried_again_when_a_person_says_so(desk: Desk) -> None:
    refused(desk, CLOSED)
    desk.decide("order:9001", "retry")
    assert desk.dossier().taken.total == 20


def test_a_deleted_order_that_came_back_becomes_void_at_the_pos(desk: Desk) -> None:
    desk.order("2")
    desk.write()
    desk.deleted()
    (row,) = desk.asked()["rows"]
    assert (row["id"], row["words"]) == (
        "deleted:9001",
        "order 9001 was deleted in the shop and still holds 2 of 'CUP-BLUE'; the POS has a sale of it over 20",
    )
    desk.decide("deleted:9001", "returned")
    void = desk.documents[-1]
    assert isinstance(void, VoidSale)
    assert (void.total, void.lines[0].restock, desk.dossier().taken.empty) == (Decimal(20), True, True)
    shelf = desk.shelf()
    assert (desk.world.known(STORE), desk.world.known(POS)) == ("10", "10")
    assert (target(STORE, shelf), target(POS, shelf)) == (Decimal(10), Decimal(10))
    assert (desk.stock(POS), desk.stock(STORE), desk.asked()) == ([], [Decimal(2)], {"rows": [], "total": 0})


def test_a_deleted_order_that_was_sold_stays_as_it_is(desk: Desk) -> None:
    desk.order("2")
    desk.write()
    desk.deleted()
    desk.decide("deleted:9001", "sold")
    assert (desk.kinds, desk.asked()) == (["RecordSale"], {"rows": [], "total": 0})


def test_the_pos_gives_up_as_stock_what_was_sold_with_a_deleted_order_that_it_never_had(desk: Desk) -> None:
    refused(desk, CLOSED)
    desk.deleted()
    (row,) = desk.asked()["rows"]
    assert row["choices"][1]["words"] == (
        "the goods are gone: the shop stays as it is, and the POS takes off its stock what it was not told of,"
        " and nobody asks again"
    )
    said = desk.decide("deleted:9001", "sold")
    assert (desk.world.known(STORE), desk.world.known(POS)) == ("8", "8")
    assert desk.stock(POS) == [Decimal(-2)]
    Undo(desk.world.sql, lambda: None)(said["run"])
    desk.write()
    assert (desk.world.known(STORE), desk.world.known(POS)) == ("8", "10")
    assert [one["id"] for one in desk.asked()["rows"]] == ["deleted:9001"]


def test_what_came_back_broken_of_a_deleted_order_is_back_on_both_shelves_when_a_person_says_so(desk: Desk) -> None:
    desk.order("2")
    desk.write()
    desk.refund(refund("20", ("3", "2", "20", None)), event="broken")
    desk.write()
    desk.deleted()
    said = desk.decide("deleted:9001", "returned")
    assert desk.kinds == ["RecordSale", "VoidSale"]
    assert (desk.world.known(STORE), desk.world.known(POS)) == ("10", "10")
    assert (desk.stock(STORE), desk.stock(POS)) == ([Decimal(2)], [Decimal(2)])
    Undo(desk.world.sql, lambda: None)(said["run"])
    desk.write()
    assert (desk.world.known(STORE), desk.world.known(POS)) == ("8", "8")


def test_a_deleted_order_whose_sale_is_on_its_way_becomes_void_once_it_is_there(desk: Desk) -> None:
    desk.order("2")
    desk.world.pos.answer(Outcome(Status.UNCERTAIN))
    desk.send()
    desk.deleted()
    desk.decide("deleted:9001", "returned")
    desk.world.clock.advance(60)
    desk.write()
    assert desk.kinds == ["RecordSale", "RecordSale", "VoidSale"]
    assert (desk.world.known(STORE), desk.world.known(POS)) == ("10", "10")


def test_a_deleted_order_that_the_pos_never_had_is_nobody_s_sale(desk: Desk) -> None:
    refused(desk, CLOSED)
    desk.deleted()
    assert desk.asked()["rows"][0]["words"].endswith("still holds 2 of 'CUP-BLUE'")


def test_what_is_in_doubt_at_the_pos_is_not_given_up(desk: Desk) -> None:
    desk.world.pos.answer(Outcome(Status.UNCERTAIN))
    desk.order("2")
    desk.send()
    (row,) = desk.world.waiting()
    with pytest.raises(Malformed, match="in doubt"):
        desk.backlog.discard(row.id, "no more")


def test_an_order_that_is_given_up_says_what_becomes_of_it(desk: Desk) -> None:
    refused(desk, CLOSED)
    (row,) = desk.world.waiting()
    said: Any = desk.backlog.discard(row.id, "rung by hand")
    assert (said["changed"], "audit lists it" in said["sentence"], desk.parked()) == (1, True, [])


def test_why_tells_what_the_pos_has_of_an_order(desk: Desk) -> None:
    desk.order("2")
    assert desk.explained()["waiting"]["state"] == "ready"
    desk.write()
    said = desk.explained()
    assert (said["words"], said["total"], said["payments"], said["waiting"], said["under_way"]) == (
        "the POS has it at 20.00", "20.00", {"transfer": "20.00"}, None, None,
    )  # fmt: skip
    assert said["lines"] == [
        {"line": "3", "item": "12", "name": "Cup 3", "quantity": "2", "net": "20.00", "tax": "0.00", "stock": "2"}
    ]


def test_why_tells_of_a_document_under_way(desk: Desk) -> None:
    desk.world.pos.answer(Outcome(Status.UNCERTAIN))
    desk.order("2")
    desk.send()
    said = desk.explained()
    assert (said["under_way"]["kind"], said["under_way"]["key"]) == ("sale", "key-paper-1")
    assert "it is not certain yet what became of it" in said["words"]


def test_of_what_the_pos_has_already_nothing_can_be_left_out(desk: Desk) -> None:
    desk.order("2")
    desk.write()
    desk.world.pos.answer(CLOSED)
    desk.refund(refund("10", ("3", "1", "10", None)), event="r1", moved="1")
    desk.write()
    assert desk.choices() == ["retry", "by-hand"]


def test_a_deleted_order_that_held_no_stock_is_asked_about_for_its_sale(desk: Desk) -> None:
    desk.wake(replace(USUAL, unlinked_line=UnlinkedLine.CUSTOM))
    desk.papers.shop["7"] = order("5", goods("1", "5", refs=("999",)), ref="7", number="7")
    desk.tell(desk.stirs("7"))
    desk.write()
    desk.deleted("7")
    (row,) = desk.asked()["rows"]
    assert (row["id"], desk.asked()["total"]) == ("deleted:7", 1)
    assert row["words"] == "order 7 was deleted in the shop; the POS has a sale of it over 5"
    desk.decide("deleted:7", "returned")
    assert (desk.kinds, desk.asked()["total"]) == (["RecordSale", "VoidSale"], 0)


def test_what_a_deleted_order_held_before_first_contact_does_not_keep_its_sale_from_being_void(desk: Desk) -> None:
    desk.order("2")
    desk.write()
    with desk.world.sql.writing() as unit:
        unit.save_lines([replace(line, booked=Decimal(1)) for line in unit.lines_of_orders(["9001"])])
    desk.deleted()
    desk.decide("deleted:9001", "returned")
    assert desk.kinds == ["RecordSale", "VoidSale"]


def test_a_deleted_order_that_was_made_from_a_sale_of_the_till_leaves_that_alone(desk: Desk) -> None:
    desk.order("2")
    desk.write()
    with desk.world.sql.writing() as unit:
        unit.save_dossier(replace(unit.dossier("9001"), alone="from_pos"))
        unit.save_lines([replace(line, position=Decimal(0)) for line in unit.lines_of_orders(["9001"])])
    desk.deleted()
    assert desk.asked() == {"rows": [], "total": 0}
