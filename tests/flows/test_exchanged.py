"""An order of which something was exchanged at the counter, and which is then changed or cancelled online: what went in
the exchange is the till's own sale and stays, the rest comes back line by line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.builders import moved, movement
from tests.core.orders import refund
from tests.flows.return_desk import ReturnDesk, document, piece, sold_two, targets_of
from tests.flows.world import POS
from tillbridge.core import codec
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.documents import AmendSale, Payment, RecordReturn
from tillbridge.decisions import Decisions

D = Decimal
MUG = piece("1", "12", line="", item="77")
VOID_DIFFERS = Outcome(Status.REFUSED, reason="void_differs", sentence="1 × Cup 10.00, 1 × Mug 12.00 are left")
TOO_MANY = Outcome(Status.REFUSED, reason="returned_more", sentence="more comes back than was sold")


@pytest.fixture
def desk(tmp_path: Path) -> ReturnDesk:
    return sold_two(tmp_path)


def exchange(desk: ReturnDesk) -> None:
    """One of the two cups comes back at the counter, and a dearer mug goes."""
    desk.happens(document("exchange", "X-1", "2", returned=(piece(),), sold=(MUG,), payments={"cash": D(2)}))


def cancel(desk: ReturnDesk, holds: str = "1") -> None:
    desk.change("cancelled", moved=holds, status="cancelled")
    desk.write()


def test_exchanged_at_the_counter_and_then_cancelled_online_it_gives_back_the_rest_and_keeps_what_was_exchanged(
    desk: ReturnDesk,
) -> None:
    exchange(desk)
    desk.write()
    cancel(desk)
    assert desk.kinds == ["RecordSale", "RecordReturn"]
    back = desk.documents[-1]
    assert isinstance(back, RecordReturn)
    assert [(line.line, line.portion.quantity, line.restock) for line in back.lines] == [("3", D(1), True)]
    assert (back.total, back.payments) == (D(10), (Payment("transfer", D(10)),))
    assert (desk.levels(), targets_of(desk)) == (("10", "10"), ("10", "10"))
    assert (desk.dossier().taken.empty, desk.parked()) == (True, [])


def test_cancelled_online_before_the_exchange_was_heard_of_it_ends_the_same(desk: ReturnDesk) -> None:
    desk.world.pos.answer(VOID_DIFFERS)
    desk.world.pos.answer(TOO_MANY)
    cancel(desk, "2")
    assert desk.kinds == ["RecordSale", "VoidSale", "RecordReturn"]
    assert [reason for reason, _ in desk.parked()] == ["returned_more"]
    exchange(desk)
    desk.write()
    assert desk.kinds == ["RecordSale", "VoidSale", "RecordReturn", "RecordReturn"]
    back = desk.documents[-1]
    assert isinstance(back, RecordReturn)
    assert ([line.portion.quantity for line in back.lines], back.total) == ([D(1)], D(10))
    assert [made.amount for made in desk.made.refunds.values()] == [D(10)]
    assert (desk.levels(), targets_of(desk)) == (("10", "10"), ("10", "10"))
    assert (desk.dossier().taken.empty, desk.parked()) == (True, [])


def test_a_void_that_the_till_refuses_for_its_own_goods_is_tried_once_and_never_again(desk: ReturnDesk) -> None:
    desk.world.pos.answer(VOID_DIFFERS)
    cancel(desk, "2")
    for event in ("a", "b"):
        desk.change(event)
        desk.write()
    assert (desk.kinds, desk.parked()) == (["RecordSale", "VoidSale", "RecordReturn"], [])
    assert desk.dossier().taken.empty


def test_what_is_ordered_again_after_an_exchange_is_a_change_of_the_sale_that_is_there(desk: ReturnDesk) -> None:
    exchange(desk)
    desk.write()
    cancel(desk)
    desk.change("again", moved="-1", status="processing")
    desk.write()
    again = desk.documents[-1]
    assert isinstance(again, AmendSale)
    assert ([line.portion.quantity for line in again.sold], again.returned, again.total) == ([D(1)], (), D(10))
    assert (desk.levels(), targets_of(desk)) == (("9", "9"), ("9", "9"))


def test_a_refused_return_shows_both_computations_and_ends_once_somebody_did_it_at_the_till_by_hand(
    desk: ReturnDesk,
) -> None:
    """A till of which only stock is heard: nobody tells that one cup was exchanged there."""
    desk.tell(codec.encode_moved(moved(movement("1"), event_id="exchanged")))
    desk.world.pos.answer(VOID_DIFFERS)
    desk.world.pos.answer(TOO_MANY)
    cancel(desk, "2")
    ((reason, words),) = desk.parked()
    assert reason == "returned_more"
    assert words == (
        "The POS says: more comes back than was sold — it was told: return: 2 × “Cup 3” 20.00; total 20.00"
    )
    desk.tell(codec.encode_moved(moved(movement("1"), event_id="by-hand")))
    decisions = Decisions(desk.world.sql, desk.world.sql, lambda: None)
    said: Any = decisions.listed()
    (row,) = said["rows"]
    assert [one["choice"] for one in row["choices"]] == ["retry", "by-hand"]
    decisions.decide("order:9001", "by-hand")
    desk.write()
    assert desk.kinds == ["RecordSale", "VoidSale", "RecordReturn"]
    assert (desk.levels(), targets_of(desk)) == (("10", "10"), ("10", "10"))
    assert (desk.stock(POS), desk.dossier().taken.empty, desk.parked()) == ([], True, [])
    assert (desk.line().holds, desk.papers.shop["9001"].lines[0].reduced) == (D(0), D(0))


def test_done_by_hand_is_what_was_parked_and_not_what_was_told_of_the_order_since(desk: ReturnDesk) -> None:
    desk.world.pos.answer(TOO_MANY)
    desk.refund(refund("10", ("3", "1", "10", None)), event="refund", moved="1")
    desk.write()
    Decisions(desk.world.sql, desk.world.sql, lambda: None).decide("order:9001", "by-hand")
    desk.world.clock.advance(1)
    cancel(desk)
    assert desk.kinds == ["RecordSale", "RecordReturn", "VoidSale"]
    assert (desk.dossier().taken.empty, desk.line().booked) == (True, D(0))
