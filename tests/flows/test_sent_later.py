"""What the settings leave out can be sent later, when a person says so: an order, or the lines of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.core.orders import CREATED, goods
from tests.flows.paper_desk import USUAL, PaperDesk
from tests.flows.world import POS, STORE, World
from tillbridge.core.order_policy import OrderPolicy, UnlinkedLine, UnmappedPayment
from tillbridge.core.targets import target
from tillbridge.decisions import Decisions
from tillbridge.decisions.asked import UnknownDecision
from tillbridge.why import Why

IGNORING = OrderPolicy(currency="EUR", unmapped_payment=UnmappedPayment.IGNORE)
LATER = replace(USUAL, start=CREATED + timedelta(days=1))


def left_out(folder: Path, policy: OrderPolicy) -> PaperDesk:
    desk = PaperDesk(World(folder), policy)
    desk.order("2")
    desk.write()
    return desk


def decide(desk: PaperDesk, choice: str = "send") -> None:
    Decisions(desk.world.sql, desk.world.sql, lambda: None).decide("order:9001", choice)
    desk.write()


def settings(desk: PaperDesk, policy: OrderPolicy) -> None:
    """The owner has changed them."""
    desk.relay._rules = replace(desk.relay._rules, policy=lambda: policy)


def levels(desk: PaperDesk) -> tuple[str, str, str]:
    return desk.world.known(STORE), desk.world.known(POS), str(target(POS, desk.shelf()))


@pytest.mark.parametrize(
    ("policy", "now"),
    [(IGNORING, replace(IGNORING, payments={"bacs": "transfer"})), (LATER, LATER)],
    ids=["payment_ignored", "before_start"],
)
def test_an_order_that_was_left_alone_becomes_a_sale_and_its_stock_is_taken_once(
    tmp_path: Path, policy: OrderPolicy, now: OrderPolicy
) -> None:
    desk = left_out(tmp_path, policy)
    assert (desk.documents, levels(desk)) == ([], ("8", "8", "8"))
    settings(desk, now)
    decide(desk)
    assert (desk.kinds, desk.dossier().taken.total) == (["RecordSale"], Decimal(20))
    assert (levels(desk), desk.dossier().alone) == (("8", "8", "8"), "")
    desk.change("cancelled", moved="2", status="cancelled")
    desk.write()
    assert (desk.kinds[-1], levels(desk)) == ("VoidSale", ("10", "10", "10"))


def test_what_is_still_missing_for_it_parks_it_with_the_fix(tmp_path: Path) -> None:
    desk = left_out(tmp_path, IGNORING)
    decide(desk)
    ((reason, words),) = desk.parked()
    assert (reason, "Set bacs = " in words) == ("unmapped_payment", True)
    desk.change("note")
    desk.write()
    assert (len(desk.parked()), desk.documents, levels(desk)) == (1, [], ("8", "8", "8"))


def test_an_order_that_was_chosen_to_travel_as_stock_may_be_sent_after_all(tmp_path: Path) -> None:
    desk = left_out(tmp_path, replace(USUAL, payments={}))
    decide(desk, "stock-only")
    assert levels(desk) == ("8", "8", "8")
    settings(desk, USUAL)
    decide(desk)
    assert (desk.kinds, levels(desk)) == (["RecordSale"], ("8", "8", "8"))


def test_lines_that_were_left_out_follow_once_the_settings_take_them(tmp_path: Path) -> None:
    leaving = replace(USUAL, unlinked_line=UnlinkedLine.LEAVE_OUT)
    desk = PaperDesk(World(tmp_path), leaving)
    desk.order("2")
    paper = desk.papers.shop["9001"]
    desk.papers.shop["9001"] = replace(paper, total=Decimal(25), lines=(*paper.lines, goods("4", "5", refs=("77",))))
    desk.write()
    assert desk.dossier().taken.total == Decimal(20)
    settings(desk, replace(USUAL, unlinked_line=UnlinkedLine.CUSTOM))
    decide(desk)
    assert (desk.kinds, desk.dossier().taken.total) == (["RecordSale", "AmendSale"], Decimal(25))


def test_nobody_is_asked_about_it_and_why_says_how(tmp_path: Path) -> None:
    desk = left_out(tmp_path, IGNORING)
    said: Any = Decisions(desk.world.sql, desk.world.sql, lambda: None).listed()
    assert said["rows"] == []
    why: Any = Why(desk.world.sql, desk.world.sql)("9001")
    assert "`tillbridge decide order:9001 send`" in why["order"]["documents"]["words"]


def test_an_order_that_was_made_of_a_sale_at_the_till_is_never_sent_there(tmp_path: Path) -> None:
    desk = PaperDesk(World(tmp_path))
    desk.order("2", from_pos="S-1")
    desk.write()
    with pytest.raises(UnknownDecision):
        decide(desk)


def test_where_orders_travel_as_stock_there_is_nothing_to_send(tmp_path: Path) -> None:
    desk = PaperDesk(World(tmp_path))
    with pytest.raises(UnknownDecision):
        decide(desk)
