"""What came back at the till of an order is refunded in the shop: once, and told to nobody twice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.core.orders import refund
from tests.flows.return_desk import ReturnDesk, come_back, document, piece, sold_two, targets_of
from tests.flows.world import POS, STORE, World
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.documents import VoidSale
from tillbridge.core.drafts import RefundDraft
from tillbridge.errors import CallRefused

D = Decimal


@pytest.fixture
def desk(tmp_path: Path) -> ReturnDesk:
    return sold_two(tmp_path)


def the_refund(desk: ReturnDesk) -> RefundDraft:
    (made,) = desk.made.refunds.values()
    return made


def test_what_came_back_at_the_counter_is_refunded_in_the_shop_by_line_and_amount(desk: ReturnDesk) -> None:
    come_back(desk)
    desk.write()
    made = the_refund(desk)
    assert (made.order, made.document, made.amount, made.mail) == ("9001", "R-1", D(10), False)
    (line,) = made.lines
    assert (line.line, line.quantity, line.net, line.restocked) == ("3", D(1), D(10), D(1))
    assert (len(made.key), set(made.key) <= set("0123456789abcdef")) == (32, True)


def test_two_sold_one_back_at_the_counter_and_the_rest_cancelled_in_the_shop_in_numbers(desk: ReturnDesk) -> None:
    assert desk.levels() == ("8", "8")
    come_back(desk)
    desk.write()
    assert (desk.levels(), targets_of(desk)) == (("9", "9"), ("9", "9"))
    assert (desk.line().position, desk.line().booked, desk.line().taken) == (D(2), D(-1), D(2))
    assert desk.dossier().taken.portions["3"].quantity == D(1)
    assert desk.papers.shop["9001"].lines[0].reduced == desk.line().holds == D(1)
    desk.change("cancelled", moved="1", status="cancelled")
    desk.write()
    assert (desk.levels(), targets_of(desk)) == (("10", "10"), ("10", "10"))
    assert desk.kinds == ["RecordSale", "VoidSale"]
    void = desk.documents[1]
    assert isinstance(void, VoidSale)
    assert [(line.portion.quantity, line.restock) for line in void.lines] == [(D(1), True)]
    assert void.total == D(10)
    assert (desk.stock(STORE), desk.stock(POS)) == ([D(1)], [])
    assert desk.parked() == []


def test_a_refund_that_we_made_is_told_to_the_till_by_nobody(desk: ReturnDesk) -> None:
    come_back(desk)
    desk.write()
    for event in ("a", "b"):
        desk.change(event)
        desk.write()
    assert desk.kinds == ["RecordSale"]
    assert len(desk.made.refunds) == 1


def test_a_return_that_we_made_at_the_till_is_no_refund(desk: ReturnDesk) -> None:
    come_back(desk, key="key-1")
    desk.write()
    assert desk.made.refunds == {}
    assert desk.notes() == [("we made this document ourselves",)]


def test_a_document_that_is_told_again_is_kept_once(desk: ReturnDesk) -> None:
    come_back(desk)
    desk.write()
    desk.happens(desk.till.papers["R-1"], again="2")
    desk.write()
    assert (desk.made.calls, desk.line().booked) == (1, D(-1))


def test_documents_about_orders_of_another_shop_are_passed_over(desk: ReturnDesk) -> None:
    desk.happens(document("return", "R-1", "-10", returned=(piece(restock=False),), reference="shop-2:9001"))
    assert desk.world.rows("SELECT 1 FROM message WHERE key LIKE 'pos-paper:%'") == []


def test_what_the_shop_refuses_waits_with_its_words_until_the_order_stirs(desk: ReturnDesk) -> None:
    come_back(desk)
    desk.made.trouble = CallRefused("The order has no line 3 any more.")
    desk.write()
    assert desk.parked() == [("store_refused", "The shop says: The order has no line 3 any more.")]
    desk.made.trouble = None
    desk.change("mended")
    desk.write()
    assert (desk.parked(), len(desk.made.refunds)) == ([], 1)


def test_goods_that_came_back_broken_stay_off_both_shelves_and_with_the_line(desk: ReturnDesk) -> None:
    desk.happens(document("return", "R-1", "-10", returned=(piece(restock=False),)))
    desk.write()
    assert the_refund(desk).lines[0].restocked == 0
    assert (desk.line().booked, desk.line().holds, desk.levels()) == (D(0), D(2), ("8", "8"))
    assert desk.kinds == ["RecordSale"]


def test_of_an_exchange_the_shop_refunds_what_came_back_and_the_rest_is_the_tills_own_sale(desk: ReturnDesk) -> None:
    sold = piece("1", "15", line="", item="77")
    desk.happens(document("exchange", "X-1", "5", returned=(piece(),), sold=(sold,), payments={"cash": D(5)}))
    desk.write()
    assert (the_refund(desk).amount, desk.made.orders) == (D(10), {})
    assert desk.dossier().taken.payments == {"transfer": D(10)}
    assert (desk.kinds, desk.levels()) == (["RecordSale"], ("9", "9"))


def test_everything_back_at_the_counter_leaves_nothing_to_be_told(desk: ReturnDesk) -> None:
    desk.happens(document("void", "V-1", "-20", returned=(piece("2", "20"),)))
    desk.write()
    assert (the_refund(desk).amount, desk.papers.shop["9001"].status) == (D(20), "refunded")
    assert (desk.dossier().taken.empty, desk.kinds) == (True, ["RecordSale"])
    assert desk.levels() == ("10", "10")


def test_what_the_counter_had_sold_in_an_exchange_and_takes_back_with_the_rest_is_no_refund(desk: ReturnDesk) -> None:
    desk.happens(document("void", "V-1", "-25", returned=(piece("1", "15", line=""), piece("1", "10"))))
    desk.write()
    made = the_refund(desk)
    assert (made.amount, [(line.line, line.quantity) for line in made.lines]) == (D(10), [("3", D(1))])


def test_a_void_that_only_pays_out_what_was_owed_is_no_refund(desk: ReturnDesk) -> None:
    desk.happens(document("void", "V-1", "0", payments={"cash": D(-10)}))
    desk.write()
    assert (desk.made.calls, desk.parked(), desk.dossier().taken.total) == (0, [], D(20))


def test_one_piece_refunded_in_the_shop_and_returned_at_the_counter_waits_for_a_person(tmp_path: Path) -> None:
    desk = ReturnDesk(World(tmp_path))
    desk.order("1", "10")
    desk.write()
    desk.refund(refund("10", ("3", "1", "10", None)), event="r1", moved="1")
    come_back(desk)
    desk.world.pos.answer(Outcome(Status.REFUSED, reason="returned_more", sentence="more comes back than was sold"))
    desk.write()
    assert {reason for reason, _ in desk.parked()} == {"returned_more", "returned_twice"}
    assert all("—" in words or words.startswith("The POS says:") for _, words in desk.parked())
    assert desk.made.refunds == {}


def test_once_the_shops_own_refund_is_deleted_the_counters_is_made_and_counted_once(tmp_path: Path) -> None:
    desk = ReturnDesk(World(tmp_path))
    desk.order("1", "10")
    desk.write()
    desk.refund(refund("10", ("3", "1", "10", None)), event="r1", moved="1")
    come_back(desk)
    desk.world.pos.answer(Outcome(Status.REFUSED, reason="returned_more", sentence="more comes back than was sold"))
    desk.write()
    desk.refund(event="deleted")
    desk.write()
    assert (desk.parked(), len(desk.made.refunds)) == ([], 1)
    assert (desk.levels(), targets_of(desk)) == (("10", "10"), ("10", "10"))
    assert desk.papers.shop["9001"].lines[0].reduced == desk.line().holds == D(0)


@pytest.mark.parametrize(
    ("paper", "reason"),
    [
        (document("return", "R-1", "-10", returned=(piece(line="4", restock=False),)), "unknown_line"),
        (document("return", "R-1", "-11", returned=(piece(restock=False),)), "totals_differ"),
        (document("return", "R-1", "-11", returned=(piece(restock=False, VAT="1"),)), "unmapped_tax"),
        (document("return", "R-1", "-30", returned=(piece("3", "30", restock=False),)), "returned_twice"),
        (document("return", "R-1", "-10", order="404", returned=(piece(restock=False),)), "no_order"),
    ],
)
def test_what_cannot_be_a_refund_waits_with_reason_and_fix(desk: ReturnDesk, paper: object, reason: str) -> None:
    desk.happens(paper)  # type: ignore[arg-type]
    desk.write()
    ((found, words),) = desk.parked()
    assert (found, " — " in words, desk.made.calls) == (reason, True, 0)


@pytest.mark.parametrize("kind", ["pickup", "shipment"])
def test_an_order_that_was_handed_over_is_completed_without_a_mail(desk: ReturnDesk, kind: str) -> None:
    desk.happens(document(kind, "P-1", "0"))
    desk.write()
    assert desk.made.statuses == [("9001", "completed", False)]
    desk.happens(document(kind, "P-1", "0"), again="2")
    desk.write()
    assert len(desk.made.statuses) == 1
    assert (desk.kinds, desk.levels()) == (["RecordSale"], ("8", "8"))


def test_the_customer_gets_a_mail_where_the_owner_wants_it(desk: ReturnDesk) -> None:
    desk.home = replace(desk.home, mail=True)
    desk.wake()
    desk.happens(document("pickup", "P-1", "0"))
    desk.write()
    assert desk.made.statuses == [("9001", "completed", True)]


@pytest.mark.parametrize("status", ["completed", "cancelled", "trash"])
def test_an_order_that_is_over_is_left_as_it_is(desk: ReturnDesk, status: str) -> None:
    desk.change("over", status=status)
    desk.happens(document("pickup", "P-1", "0"))
    desk.write()
    assert desk.made.statuses == []
    assert desk.notes() == [(f"order 9001 is {status} in the shop: nothing is to be done",)]
