"""A difference is acted on only where it is certain, and nothing that goes wrong with one order holds up another."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from tests.builders import CUP, CUP_STORE, line_changed, order_told, sale_at_pos
from tests.flows.order_desk import SETTLE, Desk
from tests.flows.world import POS, STORE, World
from tillbridge.comparing import AGAIN_AFTER, PUT_OFF
from tillbridge.core import positions
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.codec import STORE_KIND
from tillbridge.core.events import Told
from tillbridge.core.links import Pair
from tillbridge.core.positions import OrderSeen
from tillbridge.errors import BadAnswer, NoAnswer
from tillbridge.poll import restored


@pytest.fixture
def desk(world: World) -> Desk:
    """Both sides' words count, and every order is sent at once."""
    return Desk(world)


# --- what is not certain


def test_a_difference_is_acted_on_only_when_it_was_the_same_long_enough(desk: Desk) -> None:
    desk.told(order_told("a", "processing"))
    desk.orders.hold("2")
    desk.show("8")
    desk.look(10)
    desk.told(order_told("b", "processing"))
    desk.look(SETTLE - 1)
    assert desk.runs() == []
    desk.look(1)
    assert len(desk.runs()) == 1


def test_an_order_seen_twice_with_different_differences_is_not_acted_on(desk: Desk) -> None:
    desk.told(order_told("a", "processing"))
    desk.orders.hold("2")
    desk.show("8")
    desk.look(10)
    desk.orders.hold("3")
    desk.show("7")
    desk.look(SETTLE)
    assert desk.runs() == []
    desk.look(SETTLE)
    assert desk.weights() == ("0", "0", "3", "3")


def test_a_level_that_is_moving_is_waited_for(desk: Desk) -> None:
    desk.told(order_told("a", "processing"))
    desk.orders.hold("2")
    desk.show("8")
    desk.world.store.stir(CUP_STORE)
    desk.settle()
    assert (desk.runs(), desk.calm()) == ([], False)
    desk.world.store.settle()
    desk.look(AGAIN_AFTER)
    assert len(desk.runs()) == 1


@pytest.mark.parametrize("level", [None, "gone"])
def test_a_level_that_nobody_knows_is_waited_for(desk: Desk, level: str | None) -> None:
    desk.told(order_told("a", "processing"))
    desk.orders.hold("2")
    desk.world.store.stock(CUP_STORE, CUP, None, "")
    if level == "gone":
        desk.world.store.shelf.clear()
    desk.settle()
    assert (desk.runs(), desk.calm()) == ([], False)


def test_an_order_waits_as_a_whole_while_one_of_its_items_moves(desk: Desk) -> None:
    with desk.world.sql.writing() as unit:
        unit.open_link(Pair("MUG", "52", "13"), Decimal(0), {(STORE, ""): Decimal(5), (POS, "main"): Decimal(5)}, 0)
    desk.told(order_told("a", "processing"))
    desk.orders.hold("2")
    desk.orders.hold("1", line="4", ref="52")
    desk.show("8")
    desk.world.store.stock("52", "MUG", "4", "")
    desk.world.store.stir("52")
    desk.settle()
    assert (desk.runs(), desk.lines()) == ([], [])
    desk.world.store.settle()
    desk.settle()
    assert (len(desk.runs()), desk.written()[1]) == (1, [Decimal(-2), Decimal(-1)])


def test_a_write_of_ours_under_way_is_waited_for(desk: Desk) -> None:
    desk.told(order_told("a", "processing"))
    desk.orders.hold("2")
    desk.show("8")
    desk.world.store.answer(*[Outcome(Status.UNCERTAIN)] * 9)
    desk.told(sale_at_pos("p"))
    desk.settle()
    assert desk.runs() == []


def test_what_moves_while_the_level_is_read_is_waited_for(desk: Desk) -> None:
    desk.told(order_told("a", "processing"))
    desk.orders.hold("2")
    desk.show("8")
    desk.look(10)

    def sell() -> None:
        desk.world.store.during_count = lambda: None
        desk.world.store.tell(line_changed("b", "-1", 9002))

    desk.world.store.during_count = sell
    desk.look(SETTLE)
    assert (desk.runs(), desk.world.known(STORE)) == ([], "9")
    desk.show("7")
    desk.look(AGAIN_AFTER)
    assert (len(desk.runs()), desk.world.known(STORE)) == (1, "7")


def test_an_event_that_was_parked_meanwhile_is_not_booked_on_top(desk: Desk) -> None:
    desk.told(order_told("a", "processing"), Told("store:odd", STORE_KIND, "{"))
    desk.orders.hold("2")
    desk.show("8")
    desk.settle()
    with desk.world.connection.write() as db:
        body = line_changed("odd", "-2").body
        db.run("UPDATE message SET state = 'ready', body = ? WHERE key = 'store:odd'", (body,))
    desk.told()
    assert (desk.world.known(STORE), desk.weights()) == ("8", ("0", "0", "2", "2"))


# --- trouble


def test_a_shop_that_cannot_be_read_is_left_alone(desk: Desk) -> None:
    desk.told(order_told("a", "processing"))
    desk.world.store.feed_trouble = NoAnswer("time-out")
    assert not desk.look(10)
    assert (desk.orders.asked, desk.calm()) == ([], False)


def test_after_trouble_it_rests_and_forgets_nothing(desk: Desk) -> None:
    desk.told(order_told("a", "processing"))
    desk.orders.trouble = NoAnswer("time-out")
    with pytest.raises(NoAnswer):
        desk.look(10)
    desk.orders.trouble = None
    assert not desk.look(AGAIN_AFTER - 1)
    assert desk.look(1)
    assert desk.calm()


def test_one_order_that_cannot_be_read_keeps_no_other_waiting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    real = desk.orders.positions

    def positions_of(orders: Sequence[str]) -> tuple[OrderSeen, ...]:
        if "9002" in orders:
            raise BadAnswer("line 4 holds a poem")
        return real(orders)

    monkeypatch.setattr(desk.orders, "positions", positions_of)
    desk.told(*(order_told(str(number), "processing", number) for number in (9001, 9002, 9003)))
    assert desk.look(10)
    assert desk.world.rows("SELECT order_ref FROM stirred") == [("9002",)]
    assert not desk.look(PUT_OFF - 1)
    monkeypatch.undo()
    assert desk.look(1)
    assert desk.calm()


def test_a_defect_that_one_order_meets_keeps_no_other_waiting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def poison(*_: object) -> None:
        raise ZeroDivisionError("a defect")

    desk.orders.hold("0")
    desk.told(*(order_told(str(number), "processing", number) for number in (9001, 9002)))
    monkeypatch.setattr(positions, "differences", poison)
    assert desk.look(10)
    assert desk.world.rows("SELECT order_ref FROM stirred") == [("9001",)]
    assert not desk.look(PUT_OFF - 1)


def test_an_order_with_a_line_that_cannot_be_read_is_put_off_as_a_whole(desk: Desk) -> None:
    desk.told(order_told("a", "processing"), order_told("b", "processing", 9002))
    desk.orders.hold("2", line="4")
    desk.orders.hold("0", order="9002")
    desk.orders.spoil()
    assert desk.look(10)
    assert desk.world.rows("SELECT order_ref, seen FROM stirred") == [("9001", "")]
    assert not desk.look(PUT_OFF - 1)
    desk.orders.hold("0")
    desk.show("8")
    assert desk.look(1)
    desk.settle()
    assert desk.written() == ([], [Decimal(-2)])


@pytest.mark.parametrize("what", ["store", "books"])
def test_while_a_restored_backup_is_undecided_nothing_is_compared(desk: Desk, what: str) -> None:
    desk.told(order_told("a", "processing"))
    with desk.world.sql.writing() as unit:
        unit.note(restored(what), "its counter fell")
    assert not desk.look(10)
    with desk.world.sql.writing() as unit:
        unit.note(restored(what), "")
    assert desk.look(0)
