"""How much stock the lines of orders hold, as the web shop's side reads it: what cannot be read is never zero."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.sides.woocommerce_wire import Wire, answers
from tillbridge.core.positions import LineSeen
from tillbridge.errors import BadAnswer
from tillbridge.ports import Orders


@pytest.fixture(params=["/wp-json", "/?rest_route="])
def wire(request: pytest.FixtureRequest) -> Wire:
    return Wire(request.param)


def test_an_order_shows_its_status_and_what_each_line_holds(wire: Wire) -> None:
    side: Orders = wire.side
    cup, jar = wire.store.product(7), wire.store.product(10, type="variable")
    small = wire.store.product(4, parent_id=jar.id)
    order = wire.store.shop.checkout((cup.id, 2), (small.id, 1))
    (seen,) = side.positions([str(order.id)])
    assert (seen.order, seen.status) == (str(order.id), "processing")
    first, second = order.lines
    assert seen.lines == (
        LineSeen(str(first.id), (str(cup.id),), Decimal(2)),
        LineSeen(str(second.id), (str(small.id), str(jar.id)), Decimal(1)),
    )


def test_orders_that_are_not_there_and_refs_that_are_no_order_are_absent(wire: Wire) -> None:
    cup = wire.store.product(7)
    order = wire.store.shop.checkout((cup.id, 2))
    seen = wire.side.positions(["x", "", "0", "-1", "007", "\u0663", "1" * 19, "999999", str(order.id), str(order.id)])
    assert [one.order for one in seen] == [str(order.id)]
    assert wire.side.positions(["x", ""]) == ()
    assert len(wire.calls) == 1


def test_many_orders_are_asked_for_a_hundred_at_a_time(wire: Wire) -> None:
    cup = wire.store.product(1000)
    made = [str(wire.store.shop.checkout((cup.id, 1)).id) for _ in range(201)]
    assert [one.order for one in wire.side.positions(made)] == made
    assert len(wire.calls) == 3


def test_open_orders_are_read_through_every_page(wire: Wire) -> None:
    cup = wire.store.product(1000)
    made = [wire.store.shop.checkout((cup.id, 1)).id for _ in range(201)]
    wire.store.shop.set_status(made[5], "completed")
    seen = [one.order for one in wire.side.open_positions()]
    assert seen == [str(order) for order in made if order != made[5]]
    assert len(wire.calls) == 2


def line(**fields: object) -> dict[str, object]:
    return {"line_id": 3, "product_id": 51, "variation_id": 0, "reduced_stock": "2"} | fields


def order(*lines: object, **fields: object) -> dict[str, object]:
    return {"order_id": 9, "status": "processing", "lines": list(lines)} | fields


@pytest.mark.parametrize(
    ("told", "read"), [("2", Decimal(2)), ("0", Decimal(0)), ("-1", Decimal(-1)), ("1.4999999999", Decimal("1.5"))]
)
def test_what_a_line_holds_is_rounded_as_it_is_read(wire: Wire, told: str, read: Decimal) -> None:
    wire.trouble = answers(200, {"orders": [order(line(reduced_stock=told))], "next": None})
    assert [seen.lines[0].reduced for seen in wire.side.open_positions()] == [read]


@pytest.mark.parametrize("told", [None, "", "abc", "NaN", "1e99", 2, 2.5, True])
def test_a_line_whose_stock_cannot_be_read_holds_an_unknown_amount_and_its_neighbours_what_they_hold(
    wire: Wire, told: object
) -> None:
    strange = order(line(reduced_stock=told), line(line_id=4))
    wire.trouble = answers(200, {"orders": [strange], "next": None})
    for (seen,) in (wire.side.positions(["9"]), wire.side.open_positions()):
        assert [one.reduced for one in seen.lines] == [None, Decimal(2)]
        assert seen.unreadable == ("3",)


def test_a_line_without_a_product_holds_nobodys_stock(wire: Wire) -> None:
    wire.trouble = answers(200, {"orders": [order(line(product_id=0))], "next": None})
    assert wire.side.positions(["9"])[0].lines[0].refs == ()


@pytest.mark.parametrize(
    "body",
    [
        {}, {"orders": None}, {"orders": ["x"]}, {"orders": [{}]}, {"orders": [order(order_id="9")]},
        {"orders": [order(order_id=True)]}, {"orders": [order(order_id=0)]}, {"orders": [order(status=None)]},
        {"orders": [order(lines=None)]}, {"orders": [order("x")]}, {"orders": [order(line(line_id=0))]},
        {"orders": [order(line(product_id="51"))]}, {"orders": [order(line(variation_id=-1))]},
        {"orders": [order(line(variation_id=None))]}, [],
    ],
)  # fmt: skip
def test_orders_of_unknown_shape_are_refused(wire: Wire, body: object) -> None:
    wire.trouble = answers(200, {**body, "next": None} if isinstance(body, dict) else body)
    with pytest.raises(BadAnswer):
        wire.side.positions(["9"])
    with pytest.raises(BadAnswer):
        list(wire.side.open_positions())


@pytest.mark.parametrize("rows", [[order(order_id=8)], [order(), order()]])
def test_an_answer_about_other_orders_or_twice_about_one_is_refused(wire: Wire, rows: list[object]) -> None:
    wire.trouble = answers(200, {"orders": rows, "next": None})
    with pytest.raises(BadAnswer):
        wire.side.positions(["9"])


@pytest.mark.parametrize("following", [0, -1, "9", True])
def test_a_page_that_leads_nowhere_is_refused(wire: Wire, following: object) -> None:
    wire.trouble = answers(200, {"orders": [], "next": following})
    with pytest.raises(BadAnswer):
        list(wire.side.open_positions())
