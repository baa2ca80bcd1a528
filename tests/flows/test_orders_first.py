"""A difference at the store that lines of orders explain is theirs, and no run puts it down to anybody else first."""

from __future__ import annotations

import pytest

from tests.builders import CUP, CUP_POS, line_changed
from tests.flows.order_desk import SETTLE, Desk
from tests.flows.world import STORE, World
from tillbridge.core.findings import Limits
from tillbridge.core.routing import Rules
from tillbridge.core.terms import Authority
from tillbridge.open_orders import OpenOrders
from tillbridge.reconcile import FOR_ORDERS, Care, Reconcile

EVERY_LOOK = pytest.mark.parametrize("what", ["", CUP])


@pytest.fixture
def desk(world: World) -> Desk:
    """The word of the POS counts: what nobody explains is put back, or kept off sale."""
    world.pos.stock(CUP_POS, CUP, "10", "main")
    return Desk(world, Authority.POS)


def run(desk: Desk, what: str, seconds: int = 400) -> list[tuple[object, ...]]:
    """A run beside the comparison of orders, as the schedule calls both; what was found besides the orders."""
    world = desk.world
    care = Care(Rules(Authority.POS), Limits(), SETTLE)
    reconcile = Reconcile(
        world.sql, world.sides, world.work.drain, care, world.clock, lambda _: None, OpenOrders(world.sql, desk.orders)
    )
    reconcile.begin(what)
    for second in range(seconds):
        world.clock.advance(1)
        reconcile.advance()
        if second % 2:
            desk.compare()
    return world.rows("SELECT side, amount, verdict FROM finding")


@EVERY_LOOK
def test_a_fall_that_a_lost_hook_left_is_its_orders_and_nobody_is_asked(desk: Desk, what: str) -> None:
    desk.orders.hold("3")
    desk.show("7")
    assert run(desk, what) == []
    assert (desk.weights(), desk.world.known(STORE)) == (("0", "0", "3", "3"), "7")


@EVERY_LOOK
def test_a_rise_that_a_lost_hook_left_is_not_put_back(desk: Desk, what: str) -> None:
    desk.told(line_changed("a", "-3"))
    desk.world.pos.stock(CUP_POS, CUP, "7", "main")
    desk.orders.hold("1")
    desk.show("9")
    assert run(desk, what) == []
    desk.write()
    assert (desk.weights(), desk.world.store.deltas) == (("0", "0", "1", "1"), [])


def test_what_no_order_explains_is_mended_as_ever(desk: Desk) -> None:
    desk.show("12")
    assert run(desk, "") == [("store", "2", "put_back")]


def test_an_order_that_cannot_be_compared_does_not_keep_its_items_for_ever(desk: Desk) -> None:
    with desk.world.sql.writing() as unit:
        unit.stir(["9001"], unit.now + 1e6)
        unit.note_difference("9001", '[["3", 1, "1"]]', unit.now + 1e6)
    desk.show("12")
    assert run(desk, "", 200) == []
    desk.world.clock.advance(FOR_ORDERS)
    assert run(desk, "", 200) == [("store", "2", "put_back")]
