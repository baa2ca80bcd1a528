"""After a day without connection thousands of orders have stirred: they are compared at once, and hold up nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.flows.order_desk import SETTLE, Desk
from tests.flows.world import World
from tillbridge.comparing import AT_A_STRETCH, COMPARED_AT_ONCE, RIPE_AT_ONCE, SETTLED_AT_ONCE
from tillbridge.core.positions import Line, Order
from tillbridge.db.orderbook import OrderRows
from tillbridge.ports import Stirred

MANY = 14_000


def stir(desk: Desk, count: int, holds: str = "2") -> None:
    """So many orders with two cups each, of which the shop says that they hold `holds`; all of them stirred."""
    orders = [str(number) for number in range(1, count + 1)]
    with desk.world.sql.writing() as unit:
        unit.save_orders([Order(ref, "processing", admitted=True) for ref in orders])
        unit.save_lines([Line(ref, "3", 1, position=Line(ref, "3", 1).position + 2) for ref in orders])
        unit.stir(orders, unit.now)
    for ref in orders:
        desk.orders.hold(holds, order=ref)


@pytest.fixture
def desk(world: World) -> Desk:
    """Both sides' words count, and every order is sent at once."""
    return Desk(world)


def test_thousands_of_orders_that_agree_are_settled_in_one_pass(desk: Desk) -> None:
    stir(desk, MANY)
    assert desk.look(0)
    assert (desk.calm(), desk.runs(), desk.look(1000)) == (True, [], False)
    assert {len(asked) for asked in desk.orders.asked} == {COMPARED_AT_ONCE}


def test_between_two_pages_the_feeds_are_read_once(desk: Desk) -> None:
    stir(desk, 3 * COMPARED_AT_ONCE - 1)
    desk.compare()
    assert (len(desk.orders.asked), len(desk.world.store.cursors)) == (3, 4)


def test_no_transaction_settles_more_than_a_few_of_them(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    stir(desk, 2 * COMPARED_AT_ONCE)
    settled: list[int] = []
    real = OrderRows.calm

    def calm(rows: OrderRows, orders: list[Stirred]) -> None:
        settled.append(len(orders))
        real(rows, orders)

    monkeypatch.setattr(OrderRows, "calm", calm)
    desk.compare()
    assert (max(settled), sum(settled)) == (SETTLED_AT_ONCE, 2 * COMPARED_AT_ONCE)


def test_a_pass_leaves_the_rest_to_the_next_one_before_other_jobs_wait_for_its_thread(desk: Desk) -> None:
    stir(desk, 3 * COMPARED_AT_ONCE)
    desk.orders.during_read = lambda: desk.world.clock.advance(AT_A_STRETCH)
    assert desk.compare()
    assert (len(desk.orders.asked), desk.calm()) == (1, False)
    assert [desk.compare(), desk.compare(), desk.compare()] == [True, True, False]
    assert desk.calm()


def test_the_status_that_an_order_shows_is_kept_when_it_agrees(desk: Desk) -> None:
    stir(desk, 3)
    desk.orders.hold("2", "completed", order="2")
    desk.compare()
    with desk.world.sql.writing() as unit:
        assert unit.orders(["1", "2"]) == {
            "1": Order("1", "processing", admitted=True),
            "2": Order("2", "completed", admitted=True),
        }


def test_one_that_differs_is_found_among_many_that_agree(desk: Desk) -> None:
    stir(desk, 250)
    desk.orders.hold("3", order="77")
    desk.compare()
    assert desk.world.rows("SELECT order_ref FROM stirred") == [("77",)]


def test_of_many_that_differ_only_so_many_are_acted_on_in_one_page(desk: Desk) -> None:
    stir(desk, 2 * RIPE_AT_ONCE, holds="3")
    desk.compare()
    asked = len(desk.orders.asked)
    desk.look(SETTLE)
    assert [len(orders) for orders in desk.orders.asked[asked:]] == [RIPE_AT_ONCE, RIPE_AT_ONCE]


def test_an_order_that_stirs_while_its_page_is_read_is_compared_again(desk: Desk) -> None:
    stir(desk, 2)

    def stir_again() -> None:
        desk.orders.during_read = lambda: None
        desk.world.clock.advance(1)
        with desk.world.sql.writing() as unit:
            unit.stir(["2"], unit.now)

    desk.orders.during_read = stir_again
    assert desk.compare()
    assert desk.world.rows("SELECT order_ref FROM stirred") == [("2",)]


def test_a_page_is_settled_together_and_not_order_by_order(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    stir(desk, SETTLED_AT_ONCE)
    taken: list[int] = []
    real = desk.world.connection.write

    @contextmanager
    def write() -> Iterator[object]:
        taken.append(1)
        with real() as db:
            yield db

    monkeypatch.setattr(desk.world.connection, "write", write)
    desk.compare()
    assert len(taken) < 20
