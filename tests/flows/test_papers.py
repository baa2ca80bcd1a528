"""Orders reach the POS as sales: once, whatever comes between, and their stock with them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.core.orders import goods, refund
from tests.fakes import Answer
from tests.flows.paper_desk import USUAL, PaperDesk
from tests.flows.world import LEASE, POS, STORE, World
from tillbridge.core import accounts
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.documents import RecordReturn, RecordSale, VoidSale
from tillbridge.core.order_policy import OrderPolicy, UnmappedPayment
from tillbridge.core.paper import Person
from tillbridge.core.taken import Taken
from tillbridge.core.targets import target
from tillbridge.errors import NoAnswer


@pytest.fixture
def desk(tmp_path: Path) -> PaperDesk:
    return PaperDesk(World(tmp_path))


def at(desk: PaperDesk) -> tuple[str, str, str, str]:
    """What the books know of both sides, and what each ought to show."""
    shelf = desk.shelf()
    return (desk.world.known(STORE), desk.world.known(POS), str(target(STORE, shelf)), str(target(POS, shelf)))


def test_an_order_becomes_one_sale_that_takes_its_stock(desk: PaperDesk) -> None:
    desk.order("2")
    desk.write()
    (sale,) = desk.documents
    assert isinstance(sale, RecordSale)
    assert (sale.heading.reference, sale.total, sale.payments[0].type) == ("shop-1:9001", Decimal(20), "transfer")
    assert at(desk) == ("8", "8", "8", "8")
    assert (desk.stock(STORE), desk.stock(POS)) == ([], [])


def test_until_its_sale_is_there_an_order_is_taken_off_the_shop_alone(desk: PaperDesk) -> None:
    desk.order("2")
    assert at(desk) == ("8", "10", "8", "10")
    assert not desk.world.work.write(POS)


def test_what_stirs_again_is_told_once(desk: PaperDesk) -> None:
    desk.order("2")
    desk.write()
    for event in ("a", "b", "c"):
        desk.change(event, status="completed")
        desk.write()
    assert desk.kinds == ["RecordSale"]


def test_a_refund_with_restock_brings_goods_and_money_back_once(desk: PaperDesk) -> None:
    desk.order("2")
    desk.write()
    given_back = refund("10", ("3", "1", "10", None))
    desk.refund(given_back, event="r1", moved="1")
    desk.refund(given_back, event="r2")
    desk.write()
    sale, back = desk.documents
    assert isinstance(back, RecordReturn)
    assert (back.total, back.lines[0].portion.quantity, back.lines[0].restock) == (Decimal(10), Decimal(1), True)
    assert at(desk) == ("9", "9", "9", "9")
    assert (desk.stock(STORE), desk.stock(POS)) == ([], [])


def test_a_refund_without_restock_keeps_the_goods_off_both_shelves(desk: PaperDesk) -> None:
    desk.order("2")
    desk.write()
    desk.refund(refund("10", ("3", "1", "10", None)), event="r1")
    desk.write()
    back = desk.documents[1]
    assert isinstance(back, RecordReturn)
    assert [line.restock for line in back.lines] == [False]
    assert at(desk) == ("8", "8", "8", "8")
    assert (desk.stock(STORE), desk.stock(POS)) == ([], [])


def test_a_cancelled_order_is_void_whichever_news_comes_first(desk: PaperDesk) -> None:
    desk.order("2")
    desk.write()
    desk.change("cancelled", moved="2", status="cancelled")
    desk.write()
    assert isinstance(desk.documents[-1], VoidSale)
    assert at(desk) == ("10", "10", "10", "10")
    assert (desk.stock(STORE), desk.stock(POS)) == ([], [])


def test_an_order_that_is_cancelled_before_it_was_sent_is_never_told(desk: PaperDesk) -> None:
    desk.order("2")
    desk.change("cancelled", moved="2", status="cancelled")
    desk.write()
    assert desk.documents == []
    assert at(desk) == ("10", "10", "10", "10")


def test_a_sale_without_an_answer_is_repeated_under_its_key(desk: PaperDesk) -> None:
    desk.order("2")
    desk.world.pos.answer(Outcome(Status.UNCERTAIN))
    assert desk.send().trouble is not None
    assert desk.world.account(POS).unsettled is not None
    desk.world.clock.advance(60)
    desk.write()
    first, second = desk.documents
    assert first.key == second.key
    assert desk.dossier().taken.total == Decimal(20)
    assert at(desk) == ("8", "8", "8", "8")


def test_a_daemon_that_died_while_a_sale_was_out_repeats_that_very_sale(desk: PaperDesk) -> None:
    desk.order("2")
    desk.world.pos.during_apply = _die
    with pytest.raises(KeyboardInterrupt):
        desk.send()
    desk.world.pos.during_apply = lambda: None
    desk.change("edited", status="on-hold")
    desk.world.restart()
    desk.wake(life="second")
    desk.write()
    first, second = desk.documents
    assert (first.key, first.total) == (second.key, second.total)
    assert at(desk) == ("8", "8", "8", "8")


def _die() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "no",
    [Outcome(Status.REFUSED, reason="register_closed", sentence="the register is closed"), Outcome(Status.INVALID)],
)
def test_what_the_pos_refuses_is_parked_in_its_own_words_and_its_stock_stays_free(desk: PaperDesk, no: Answer) -> None:
    desk.order("2")
    desk.world.pos.answer(no)
    desk.write()
    ((_, words),) = desk.parked()
    assert words.startswith("The POS says:")
    assert desk.world.account(POS).unsettled is None
    assert at(desk) == ("8", "10", "8", "10")
    desk.change("again")
    desk.write()
    assert at(desk) == ("8", "8", "8", "8")
    assert desk.parked() == []


def test_while_a_sale_is_out_no_stock_of_its_items_is_written_there(desk: PaperDesk) -> None:
    desk.order("2")
    desk.world.pos.answer(Outcome(Status.UNCERTAIN))
    desk.send()
    desk.world.work.write(POS)
    assert desk.stock(POS) == []


def test_a_sale_waits_for_the_stock_that_is_being_written(desk: PaperDesk) -> None:
    desk.order("2")
    desk.world.book()  # nothing new
    with desk.world.sql.writing() as unit:
        account = unit.shelves_by_link([1])[1].pos[0]
        unit.save([accounts.attempt(account, Decimal(1), "stock-key", unit.now)])
    desk.send()
    assert desk.documents == []
    assert [one.state for one in desk.world.waiting()] == ["retrying"]


def test_an_order_whose_lines_are_not_known_for_certain_waits(desk: PaperDesk) -> None:
    desk.order("2")
    paper = desk.papers.shop["9001"]
    more = goods("3", "20", quantity="2", refs=("51",), reduced=Decimal(3))
    desk.papers.shop["9001"] = replace(paper, lines=(more,))
    desk.send()
    assert desk.documents == []
    with desk.world.sql.writing() as unit:
        assert unit.are_stirred()


def test_an_order_that_cannot_be_read_is_tried_again(desk: PaperDesk) -> None:
    desk.order("2")
    desk.papers.trouble = NoAnswer("the shop is away")
    desk.send()
    assert desk.documents == []
    desk.papers.trouble = None
    desk.world.clock.advance(60)
    desk.write()
    assert desk.kinds == ["RecordSale"]


def test_an_order_without_a_payment_type_is_parked_until_the_owner_names_one(desk: PaperDesk) -> None:
    desk.wake(OrderPolicy(currency="EUR"))
    desk.order("2")
    desk.write()
    ((reason, words),) = desk.parked()
    assert (reason, "[payments]" in words) == ("unmapped_payment", True)
    desk.world.restart()
    desk.wake(USUAL, "second")
    desk.write()
    assert desk.kinds == ["RecordSale"]


def test_an_order_that_gets_no_document_crosses_as_stock(tmp_path: Path) -> None:
    desk = PaperDesk(World(tmp_path), OrderPolicy(unmapped_payment=UnmappedPayment.IGNORE))
    desk.order("2")
    desk.write()
    assert (desk.documents, desk.dossier().alone) == ([], "payment_ignored")
    assert at(desk) == ("8", "8", "8", "8")
    assert desk.stock(POS) == [Decimal(-2)]
    desk.change("cancelled", moved="2", status="cancelled")
    desk.write()
    assert at(desk) == ("10", "10", "10", "10")


def test_an_order_is_sent_when_it_reaches_its_status(tmp_path: Path) -> None:
    desk = PaperDesk(World(tmp_path), send_on=frozenset({"shipped"}))
    desk.order("2")
    desk.write()
    assert (desk.documents, at(desk)) == ([], ("8", "10", "8", "10"))
    desk.change("shipped", status="shipped")
    desk.write()
    assert (desk.kinds, at(desk)) == (["RecordSale"], ("8", "8", "8", "8"))


def test_nothing_of_a_person_is_stored(desk: PaperDesk) -> None:
    desk.order("2", billing=Person("4", "anna@example.org", "+49 221 1", "Anna", "Müller"))
    desk.world.pos.answer(Outcome(Status.UNCERTAIN))
    desk.send()
    (sale,) = desk.documents
    assert isinstance(sale, RecordSale)
    assert sale.customer is not None
    assert sale.customer.first_name == "Anna"
    with desk.world.connection.read() as db:
        tables = [name for (name,) in db.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        everything = repr([db.rows(f"SELECT * FROM {name}") for name in tables])
    assert "anna" not in everything.lower()


def test_several_orders_are_read_together_and_a_strange_one_keeps_no_other_waiting(desk: PaperDesk) -> None:
    for number in ("9001", "9002", "9003"):
        desk.order("1", number=number)
    desk.papers.strange = {"9002"}
    desk.send()
    assert [one.heading.number for one in desk.documents] == ["9001", "9003"]
    assert [(one.key, one.state) for one in desk.world.waiting()] == [("paper:9002", "retrying")]


def test_while_the_pos_is_away_the_others_of_a_page_wait_for_it(desk: PaperDesk) -> None:
    desk.order("1", number="9001")
    desk.order("1", number="9002")
    desk.world.pos.answer(Outcome(Status.UNREACHABLE))
    assert desk.send().trouble is not None
    assert len(desk.documents) == 1
    desk.write()
    assert [one.heading.number for one in desk.documents] == ["9001", "9001", "9002"]


def test_what_was_told_while_a_sale_was_repeated_is_told_after_it(desk: PaperDesk) -> None:
    desk.order("2")
    desk.world.pos.answer(Outcome(Status.UNCERTAIN))
    desk.send()
    desk.refund(refund("10", ("3", "1", "10", None)), event="r1", moved="1")
    desk.world.clock.advance(60)
    desk.write()
    assert desk.kinds == ["RecordSale", "RecordSale", "RecordReturn"]
    assert at(desk) == ("9", "9", "9", "9")


def test_what_was_claimed_too_long_ago_is_given_back_for_the_call_must_end_within_its_lease(desk: PaperDesk) -> None:
    desk.order("1", number="9001")
    desk.order("1", number="9002")
    desk.world.pos.during_apply = lambda: desk.world.clock.advance(LEASE / 2 + 1)
    desk.send()
    assert [one.heading.number for one in desk.documents] == ["9001"]
    assert desk.world.states() == {"ready": 1}
    desk.send()
    assert [one.heading.number for one in desk.documents] == ["9001", "9002"]


def test_what_the_till_told_while_an_order_was_read_is_not_forgotten_by_a_repeat(desk: PaperDesk) -> None:
    desk.order("2")
    desk.world.pos.answer(Outcome(Status.UNCERTAIN))
    desk.send()
    desk.world.clock.advance(60)
    kept = Taken(payments={"cash": Decimal(1)})
    desk.papers.during_read = lambda: desk.has_taken(kept)
    desk.send()
    assert desk.dossier().taken.payments == {"cash": Decimal(1), "transfer": Decimal(20)}


def test_an_address_that_is_edited_in_an_order_that_was_sent_tells_the_pos_nothing_twice(desk: PaperDesk) -> None:
    desk.order("2", billing=Person("4", "anna@example.org", city="Köln"))
    desk.write()
    moved_house = Person("4", "anna@example.org", city="Bonn")
    desk.change("address", billing=moved_house, shipping=moved_house)
    desk.write()
    assert (desk.kinds, desk.parked(), at(desk)) == (["RecordSale"], [], ("8", "8", "8", "8"))


def test_what_is_stopped_while_the_orders_are_read_is_not_sent_any_more(desk: PaperDesk) -> None:
    def stop() -> None:
        with desk.world.sql.writing() as unit:
            unit.pause([POS])

    desk.order("2")
    desk.papers.during_read = stop
    desk.send()
    assert (desk.documents, desk.dossier().filing) == ([], None)
    desk.papers.during_read = lambda: None
    with desk.world.sql.writing() as unit:
        unit.resume([POS])
    desk.write()
    assert desk.kinds == ["RecordSale"]
