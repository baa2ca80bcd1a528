"""Orders that were changed where no hook fires are found before a whole shop is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import pytest

from tests.builders import CUP_STORE, sale_in_store
from tests.flows.world import World
from tillbridge.core.positions import LineSeen, OrderSeen
from tillbridge.core.routing import Rules
from tillbridge.open_orders import OpenOrders


class Shop:
    """What its open orders hold."""

    def __init__(self, *seen: OrderSeen) -> None:
        self.seen = seen

    def positions(self, orders: Sequence[str]) -> tuple[OrderSeen, ...]:
        return tuple(one for one in self.seen if one.order in orders)

    def open_positions(self) -> Iterator[OrderSeen]:
        return iter(self.seen)


def order(reduced: str, ref: str = CUP_STORE, number: str = "9001") -> OrderSeen:
    return OrderSeen(number, "processing", (LineSeen("3", (ref,), Decimal(reduced)),))


def stirred(world: World) -> list[str]:
    with world.sql.writing() as unit:
        return [one.order for one in unit.stirred(10)]


@pytest.fixture(autouse=True)
def _sold(world: World) -> None:
    world.put_together(world.sql, rules=Rules(send_on=frozenset({"completed"})))
    world.link_cup()
    world.book(sale_in_store("a", "-2"))
    with world.sql.writing() as unit:
        unit.calm(unit.stirred(10))


def test_orders_that_hold_what_we_know_stay_calm(world: World) -> None:
    assert (OpenOrders(world.sql, Shop(order("2")))(), stirred(world)) == (0, [])


def test_an_order_that_holds_something_else_is_compared(world: World) -> None:
    assert (OpenOrders(world.sql, Shop(order("3")))(), stirred(world)) == (1, ["9001"])


def test_an_order_that_is_not_there_any_more_is_compared(world: World) -> None:
    assert (OpenOrders(world.sql, Shop())(), stirred(world)) == (1, ["9001"])


def test_a_line_that_nobody_can_read_keeps_no_other_order_from_being_compared(world: World) -> None:
    strange = OrderSeen("9001", "processing", (LineSeen("3", (CUP_STORE,), None),))
    assert (OpenOrders(world.sql, Shop(strange, order("1", number="9002")))(), stirred(world)) == (1, ["9002"])


def test_lines_of_items_that_nobody_linked_are_nobodys(world: World) -> None:
    shop = Shop(order("2"), order("5", "99", "9002"))
    assert (OpenOrders(world.sql, shop)(), stirred(world)) == (0, [])
