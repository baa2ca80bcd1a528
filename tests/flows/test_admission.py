"""An owner who sends orders earlier than before has what they hold taken off at the till."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.builders import line_changed, order_told
from tests.flows.world import POS, World
from tillbridge.admission import admit_waiting
from tillbridge.core.positions import Order
from tillbridge.core.routing import Rules
from tillbridge.core.stock import SideName
from tillbridge.core.terms import Authority


@pytest.fixture
def waiting(world: World) -> World:
    """Two orders of the cup, of two and of one, in processing, while orders are sent when they are completed."""
    world.link_cup()
    world.put_together(world.sql, rules=rules("completed"))
    world.book(order_told("a", "processing"), line_changed("b", "-2"))
    world.book(order_told("c", "processing", 9002), line_changed("d", "-1", 9002))
    world.book(order_told("e", "on-hold", 9003), line_changed("f", "-1", 9003))
    world.work.write(POS)
    assert world.pos.deltas == []
    return world


def rules(*send_on: str) -> Rules:
    """Orders are sent at these statuses."""
    return Rules(Authority.BOTH, frozenset(send_on))


def admit(world: World, *send_on: str) -> tuple[frozenset[SideName], list[Decimal]]:
    """Another life of the daemon; what it writes at the till because of its settings."""
    world.put_together(world.sql, rules=rules(*send_on))
    due = admit_waiting(world.sql, rules(*send_on))
    world.work.write(POS)
    return due, world.pos.deltas


def orders(world: World) -> dict[str, bool]:
    with world.sql.writing() as unit:
        found = unit.orders(["9001", "9002", "9003"])
    return {ref: order.admitted for ref, order in found.items()}


def test_what_is_sent_by_the_new_settings_crosses_at_once(waiting: World) -> None:
    assert admit(waiting, "completed", "processing") == (frozenset({POS}), [Decimal(-3)])
    assert orders(waiting) == {"9001": True, "9002": True, "9003": False}
    with waiting.sql.writing() as unit:
        assert unit.shelves_by_link([1])[1].terms.admitted == Decimal(3)


def test_where_every_order_is_sent_none_waits(waiting: World) -> None:
    assert admit(waiting) == (frozenset({POS}), [Decimal(-4)])


def test_the_same_settings_admit_nothing_and_a_second_start_nothing_more(waiting: World) -> None:
    assert admit(waiting, "completed") == (frozenset(), [])
    admit(waiting, "processing")
    assert admit(waiting, "processing") == (frozenset(), [Decimal(-3)])


def test_an_order_that_was_deleted_is_left_to_a_person(waiting: World) -> None:
    waiting.book(order_told("g", topic="order.deleted", order=9002))
    assert admit(waiting, "processing") == (frozenset({POS}), [Decimal(-2)])


def test_more_orders_than_a_transaction_takes_are_all_admitted(world: World) -> None:
    world.link_cup(store="1000", pos="1000")
    with world.sql.writing() as unit:
        unit.save_orders([Order(str(number), "processing") for number in range(450)])
    admit_waiting(world.sql, rules("processing"))
    assert world.rows("SELECT COUNT(*) FROM shop_order WHERE admitted = 1") == [(450,)]
