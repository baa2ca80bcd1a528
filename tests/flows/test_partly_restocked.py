"""Five of a line come back and only two of them go on the shelf: five are returned in money, two move, and the others
stay with the line on both sides."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.core.orders import refund
from tests.fakes import POS_ABILITIES
from tests.flows.return_desk import ReturnDesk, document, piece, targets_of
from tests.flows.world import POS, STORE, World
from tillbridge.core.difference import Returns
from tillbridge.core.documents import RecordReturn, VoidSale
from tillbridge.why import Why

D = Decimal


@pytest.fixture
def desk(tmp_path: Path) -> ReturnDesk:
    """Five cups of ten were ordered, and the till knows."""
    made = ReturnDesk(World(tmp_path))
    made.order("5", "50")
    made.write()
    return made


def refunded_online(desk: ReturnDesk) -> RecordReturn | VoidSale:
    """The shop refunds all five and puts two of them back; what the till was told of it."""
    desk.refund(refund("50", ("3", "5", "50", None)), event="refund", moved="2")
    desk.write()
    told = desk.documents[-1]
    assert isinstance(told, RecordReturn | VoidSale)
    assert told.total == D(50)
    return told


def test_what_the_shop_refunded_and_put_back_only_in_part_comes_back_at_the_till_in_two_parts(desk: ReturnDesk) -> None:
    told = refunded_online(desk)
    assert [(line.portion.quantity, line.portion.net, line.restock) for line in told.lines] == [
        (D(2), D(20), True),
        (D(3), D(30), False),
    ]
    assert (desk.levels(), targets_of(desk)) == (("7", "7"), ("7", "7"))
    assert (desk.stock(STORE), desk.stock(POS), desk.parked()) == ([], [], [])
    said: Any = Why(desk.world.sql, desk.world.sql)("9001")
    (line,) = said["order"]["documents"]["lines"]
    assert (line["quantity"], line["stock"]) == ("0", "3")


def test_a_till_that_puts_all_back_loses_as_stock_what_the_shop_did_not_put_back(tmp_path: Path) -> None:
    desk = ReturnDesk(World(tmp_path))
    desk.world.pos.abilities = replace(POS_ABILITIES, returns=Returns.ALL_BACK)
    desk.order("5", "50")
    desk.write()
    told = refunded_online(desk)
    assert [(line.portion.quantity, line.restock) for line in told.lines] == [(D(5), True)]
    assert (desk.levels(), targets_of(desk)) == (("7", "7"), ("7", "7"))
    assert desk.stock(POS) == [D(-3)]


def test_what_came_back_at_the_counter_and_went_on_the_shelf_only_in_part_is_one_refund(desk: ReturnDesk) -> None:
    back = (piece("2", "20"), piece("3", "30", restock=False))
    desk.happens(document("return", "R-1", "-50", returned=back, payments={"transfer": D(-50)}))
    desk.write()
    (made,) = desk.made.refunds.values()
    (line,) = made.lines
    assert (line.quantity, line.net, line.restocked) == (D(5), D(50), D(2))
    assert (desk.levels(), targets_of(desk)) == (("7", "7"), ("7", "7"))
    assert desk.papers.shop["9001"].lines[0].reduced == desk.line().holds == D(3)
    assert (desk.stock(STORE), desk.stock(POS), desk.kinds, desk.parked()) == ([D(2)], [], ["RecordSale"], [])


def test_what_the_line_still_holds_is_for_sale_on_both_sides_when_the_order_is_cancelled_afterwards(
    desk: ReturnDesk,
) -> None:
    """WooCommerce gives back all that the line holds, also what somebody found to be broken."""
    back = (piece("1", "10"), piece("1", "10", restock=False))
    desk.happens(document("return", "R-1", "-20", returned=back, payments={"transfer": D(-20)}))
    desk.write()
    assert (desk.levels(), desk.line().holds) == (("6", "6"), D(4))
    desk.change("cancelled", moved="4", status="cancelled")
    desk.write()
    assert (desk.levels(), targets_of(desk)) == (("10", "10"), ("10", "10"))
