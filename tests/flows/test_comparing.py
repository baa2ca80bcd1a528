"""What lines of orders hold is checked against the shop's record: a difference that stays is put down to its order."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.builders import free_change, line_changed, order_told
from tests.flows.order_desk import SETTLE, Desk
from tests.flows.world import POS, STORE, World
from tillbridge.core.positions import Line, Order
from tillbridge.core.terms import Authority


@pytest.fixture
def desk(world: World) -> Desk:
    """Both sides' words count, and every order is sent at once."""
    return Desk(world)


def test_while_no_order_stirs_nobody_is_asked(desk: Desk) -> None:
    assert not desk.look(1000)
    assert (desk.orders.asked, desk.world.store.cursors) == ([], [])


def test_an_order_that_is_in_step_is_read_once(desk: Desk) -> None:
    desk.told(line_changed("a", "-2"), order_told("b", "processing"))
    desk.orders.hold("2")
    assert not desk.look(9)
    assert desk.look(1)
    assert (desk.orders.asked, desk.calm(), desk.look(1000)) == ([("9001",)], True, False)
    assert (desk.runs(), desk.rung) == ([], [])


def test_an_edit_over_rest_is_given_to_its_line(desk: Desk) -> None:
    desk.told(line_changed("a", "-2"), free_change("b", "-1"), order_told("c", "processing"))
    desk.orders.hold("3")
    desk.show("7")
    desk.settle()
    assert desk.lines() == [Line("9001", "3", 1, position=Decimal(3))]
    assert (desk.weights(), desk.calm()) == (("0", "0", "3", "3"), True)
    assert desk.written() == ([], [Decimal(-3)])


def test_what_an_edit_took_goes_back_to_the_till_until_its_order_is_sent(world: World) -> None:
    desk = Desk(world, send_on=frozenset({"completed"}))
    desk.told(line_changed("a", "-2"), free_change("b", "-1"), order_told("c", "processing"))
    desk.orders.hold("3")
    desk.show("7")
    desk.settle()
    assert (desk.written(), desk.rung) == (([], [Decimal(-1), Decimal(1)]), [frozenset({POS})])
    desk.told(order_told("d", "completed"))
    assert desk.written()[1][2:] == [Decimal(-3)]


def test_a_lost_hook_is_found_and_put_down_to_its_order(desk: Desk) -> None:
    desk.told(order_told("a", "processing"))
    desk.orders.hold("2")
    desk.show("8")
    desk.settle()
    assert (desk.world.known(STORE), desk.weights(), desk.written()) == ("8", ("0", "0", "2", "2"), ([], [Decimal(-2)]))
    assert desk.runs() == [("reconcile", "order 9001", "done")]
    with desk.world.sql.writing() as unit:
        ((_, entry),) = unit.entries_of(1)
        (ruling,) = unit.rulings_of_run(1)
    assert (entry.cause, entry.document, entry.line, entry.source) == ("unexplained", "9001", "3", "run:1")
    assert (ruling.kind, ruling.document) == ("order_compared", "9001")
    assert ruling.changes == {"positions": Decimal(2), "admitted": Decimal(2)}


def test_a_position_that_died_before_it_was_written_leaves_a_free_fall(desk: Desk) -> None:
    desk.told(line_changed("a", "-2"), order_told("b", "processing"))
    desk.orders.hold("0")
    desk.show("8")
    desk.settle()
    assert (desk.weights(), desk.written()) == (("-2", "0", "0", "0"), ([], [Decimal(-2)]))


@pytest.mark.parametrize("shown", ["2", "3"])
def test_a_deleted_refund_moves_nothing_on_either_side(desk: Desk, shown: str) -> None:
    """The goods stay where they are, whether or not the line says again that it holds them."""
    desk.told(line_changed("a", "-3"), order_told("b", "processing"), line_changed("c", "1", type_="restock"))
    desk.told(order_told("d", "processing", topic="refund.deleted"))
    desk.orders.hold(shown)
    desk.show("8")
    desk.settle()
    assert (desk.calm(), desk.lines()[0].holds) == (True, Decimal(shown))
    assert desk.written() == ([], [Decimal(-2)])


def test_a_late_row_explains_itself(desk: Desk) -> None:
    desk.told(order_told("a", "processing"))
    desk.orders.hold("2")
    desk.show("8")
    desk.look(10)
    desk.world.store.tell(line_changed("b", "-2"))
    desk.settle()
    assert (desk.calm(), desk.runs(), desk.weights()) == (True, [], ("0", "0", "2", "2"))


def test_a_cancelled_order_whose_restore_is_still_on_its_way_moves_nothing(desk: Desk) -> None:
    desk.told(line_changed("a", "-2"), order_told("b", "cancelled"))
    desk.orders.hold("0", "cancelled")
    desk.show("10")
    assert desk.look(10)
    desk.look(SETTLE - 1)
    desk.told(line_changed("c", "2", type_="restore"))
    desk.settle()
    assert (desk.calm(), desk.runs(), desk.written()) == (True, [], ([], [Decimal(-2), Decimal(2)]))


def test_a_lost_restore_is_found_too(desk: Desk) -> None:
    desk.told(line_changed("a", "-2"), order_told("b", "cancelled"))
    desk.orders.hold("0", "cancelled")
    desk.settle()
    assert (desk.world.known(STORE), desk.written()) == ("10", ([], [Decimal(-2), Decimal(2)]))


def test_where_the_word_of_the_pos_counts_a_held_fall_that_a_line_explains_is_held_no_more(world: World) -> None:
    desk = Desk(world, Authority.POS)
    desk.told(line_changed("a", "-2"), free_change("b", "-1", before="8"), order_told("c", "processing"))
    assert desk.weights() == ("0", "1", "2", "2")
    desk.orders.hold("3")
    desk.show("7")
    desk.settle()
    assert (desk.weights(), desk.written()) == (("0", "0", "3", "3"), ([], [Decimal(-2), Decimal(-1)]))


def test_an_order_that_was_settled_before_first_contact_moves_nothing_when_it_stirs(world: World) -> None:
    desk = Desk(world, Authority.POS, frozenset({"processing"}))
    desk.told(order_told("a", "completed"))
    desk.orders.hold("3", "completed")
    desk.settle()
    assert desk.lines() == [Line("9001", "3", 1, booked=Decimal(3))]
    assert (desk.calm(), desk.runs(), desk.written(), desk.weights()) == (True, [], ([], []), ("0", "0", "0", "0"))


def test_a_rise_that_no_line_explains_is_left_to_the_next_reconcile(desk: Desk) -> None:
    desk.told(order_told("a", "processing"))
    desk.orders.hold("2")
    desk.show("508")
    desk.settle()
    assert (desk.world.known(STORE), desk.weights()) == ("10", ("2", "0", "2", "2"))
    assert desk.written() == ([], [])


def test_several_lines_of_an_item_are_one_entry(desk: Desk) -> None:
    desk.told(order_told("a", "processing"))
    desk.orders.hold("2")
    desk.orders.hold("1", line="4")
    desk.show("7")
    desk.settle()
    assert [line.position for line in desk.lines()] == [Decimal(2), Decimal(1)]
    with desk.world.sql.writing() as unit:
        assert [(entry.amount, entry.line) for _, entry in unit.entries_of(1)] == [(Decimal(-3), "")]


def test_a_line_of_an_item_that_nobody_linked_is_no_difference(desk: Desk) -> None:
    desk.told(order_told("a", "processing"))
    desk.orders.hold("2", ref="77")
    desk.look(10)
    assert desk.calm()


# --- orders come and go


def test_a_deleted_order_is_listed_and_moves_nothing(desk: Desk) -> None:
    desk.told(line_changed("a", "-2"), order_told("b", "processing"))
    desk.settle()
    with desk.world.sql.writing() as unit:
        assert [line.order for line in unit.gone_and_holding()] == ["9001"]
    assert (desk.calm(), desk.runs(), desk.weights()) == (True, [], ("0", "0", "2", "2"))


def test_an_order_that_is_back_is_not_gone(desk: Desk) -> None:
    desk.told(line_changed("a", "-2"), order_told("b", "processing"))
    desk.settle()
    desk.told(order_told("c", "processing"))
    desk.orders.hold("2")
    desk.settle()
    assert desk.order() == Order("9001", "processing", admitted=True)


def test_an_order_that_held_nothing_is_forgotten_without_a_word(desk: Desk) -> None:
    desk.told(order_told("a", "processing"))
    desk.settle()
    assert (desk.calm(), desk.order()) == (True, Order("9001", "processing", admitted=True))


def test_a_status_that_the_read_shows_sends_the_order(world: World) -> None:
    desk = Desk(world, send_on=frozenset({"completed"}))
    desk.told(line_changed("a", "-2"), order_told("b", "processing"))
    desk.orders.hold("2", "completed")
    desk.settle()
    assert (desk.order(), desk.rung) == (Order("9001", "completed", admitted=True), [frozenset({POS})])
    assert (desk.weights(), desk.written()) == (("0", "0", "2", "2"), ([], [Decimal(-2)]))


def test_a_piece_that_a_lost_hook_sold_twice_is_told_to_a_person(desk: Desk) -> None:
    desk.told(line_changed("a", "-9", 9002), order_told("b", "processing"))
    desk.orders.hold("2")
    desk.show("-1")
    desk.settle()
    assert [(one.kind, one.amount) for one in desk.world.sql.alerts(9)] == [("oversold", Decimal(1))]
