"""What lines of orders held at first contact is promised or taken, once, and never guessed while it moves."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.builders import CUP, CUP_POS, CUP_STORE, line_changed, order_told
from tests.fakes import FakeOrders
from tests.flows.world import POS, STORE, World
from tillbridge.core.positions import Line, LineSeen, Order, OrderSeen
from tillbridge.core.routing import Rules
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Authority
from tillbridge.errors import NoAnswer
from tillbridge.linking import Linked, Linking

SENT = frozenset({"completed"})


class Desk:
    """A shop with the cup, eight on the shelf and two in an order that is not sent yet, and a till with ten."""

    def __init__(self, world: World, rules: Rules) -> None:
        self.world = world
        self.orders = FakeOrders()
        world.store.stock(CUP_STORE, CUP, "8", "")
        world.pos.stock(CUP_POS, CUP, "10", "main")
        self.orders.hold("2")
        world.put_together(world.sql, rules=rules)
        set_aside: Callable[[], object] = lambda: world.relay.post_events(200)  # noqa: E731
        self.link = Linking(
            world.sql, world.sides, world.polls, set_aside, world.work.booked, world.passed.append, rules, self.orders
        )

    def shelf(self, number: int = 1) -> Shelf:
        with self.world.sql.writing() as unit:
            return unit.shelves_by_link([number])[number]

    def lines(self, number: int = 1) -> list[Line]:
        with self.world.sql.writing() as unit:
            return unit.lines_of_link(number)

    def order(self, ref: str = "9001") -> Order | None:
        with self.world.sql.writing() as unit:
            return unit.orders([ref]).get(ref)

    def write(self) -> tuple[list[Decimal], list[Decimal]]:
        """The one rule, on both sides; what it has written in all."""
        for side in (STORE, POS):
            self.world.work.write(side)
        return self.world.store.deltas, self.world.pos.deltas


@pytest.fixture
def desk(world: World) -> Desk:
    """Orders are sent when they are completed."""
    return Desk(world, Rules(Authority.BOTH, SENT))


def in_the_middle(desk: Desk, then: Callable[[], None]) -> None:
    """Let something happen once, after the orders were read and while the shop is counted."""

    def happen() -> None:
        desk.world.store.during_count = lambda: None
        desk.world.clock.advance(1)
        then()

    desk.world.store.during_count = happen


def test_what_an_order_holds_that_is_not_sent_yet_is_promised(desk: Desk) -> None:
    assert desk.link() == Linked(linked=1, moving=0, held=0)
    assert desk.lines() == [Line("9001", "3", 1, position=Decimal(2))]
    assert desk.order() == Order("9001", "processing")
    shelf = desk.shelf()
    assert (shelf.terms.positions, shelf.terms.admitted, shelf.link.offset) == (Decimal(2), Decimal(0), Decimal(0))
    assert desk.write() == ([], [])


def test_it_leaves_the_till_when_it_is_sent(desk: Desk) -> None:
    desk.link()
    desk.world.book(order_told("a", "completed"))
    assert desk.write() == ([], [Decimal(-2)])


def test_it_is_for_sale_again_when_it_is_cancelled(desk: Desk) -> None:
    desk.link()
    desk.world.book(line_changed("a", "2", type_="restore"), order_told("b", "cancelled"))
    assert desk.write() == ([], [])
    assert (desk.world.known(STORE), desk.shelf().terms.positions) == ("10", Decimal(0))


@pytest.mark.parametrize("send_on", [frozenset(), frozenset({"processing", "completed"})])
def test_what_a_sent_order_holds_was_taken_and_a_restock_brings_it_back(world: World, send_on: frozenset[str]) -> None:
    desk = Desk(world, Rules(Authority.BOTH, send_on))
    desk.link()
    assert desk.lines() == [Line("9001", "3", 1, booked=Decimal(2))]
    assert (desk.shelf().terms.positions, desk.shelf().link.offset) == (Decimal(0), Decimal(-2))
    world.book(line_changed("a", "1", type_="restock"))
    assert desk.write() == ([], [Decimal(1)])
    assert desk.lines()[0].holds == Decimal(1)


def test_what_settled_orders_hold_is_long_gone(desk: Desk) -> None:
    desk.orders.hold("2", "completed")
    desk.link()
    assert (desk.lines(), desk.shelf().link.offset) == ([], Decimal(-2))


def test_a_shop_whose_orders_cannot_be_read_is_not_linked(desk: Desk) -> None:
    desk.orders.trouble = NoAnswer("time-out")
    with pytest.raises(NoAnswer):
        desk.link()
    assert desk.world.rows("SELECT * FROM link") == []


def test_a_line_of_a_variation_that_holds_its_own_stock_is_not_its_products(desk: Desk) -> None:
    desk.world.store.stock("52", "MUG", "5", "")
    desk.world.pos.stock("13", "MUG", "5", "main")
    line, other = LineSeen("3", ("52", CUP_STORE), Decimal(2)), LineSeen("4", ("77", CUP_STORE), Decimal(1))
    desk.orders.shop["9001"] = OrderSeen("9001", "processing", (line, other))
    assert desk.link().linked == 2
    found = {desk.shelf(number).link.sku: desk.lines(number) for number in (1, 2)}
    assert {sku: [one.position for one in lines] for sku, lines in found.items()} == {
        "MUG": [Decimal(2)],
        CUP: [Decimal(1)],
    }


def test_nor_where_the_variation_was_linked_before(desk: Desk) -> None:
    desk.world.store.stock("52", "MUG", "5", "")
    desk.world.pos.stock("13", "MUG", "5", "main")
    desk.world.store.stir(CUP_STORE)
    assert desk.link().linked == 1
    desk.world.store.settle()
    desk.orders.shop["9001"] = OrderSeen("9001", "processing", (LineSeen("3", ("52", CUP_STORE), Decimal(2)),))
    assert desk.link().linked == 1
    assert desk.lines(2) == []


def test_an_order_that_holds_hundreds_of_items_keeps_none_of_them_waiting(desk: Desk) -> None:
    for number in range(100, 550):
        desk.world.store.stock(str(number), f"SKU-{number}", "5", "")
        desk.world.pos.stock(str(number), f"SKU-{number}", "5", "main")
        desk.orders.hold("1", line=str(number), ref=str(number))
    desk.world.clock.advance(1)
    assert desk.link() == Linked(linked=451, moving=0, held=0)


def test_an_order_that_is_sent_while_the_sides_are_counted_waits_for_the_next_look(world: World) -> None:
    desk = Desk(world, Rules(Authority.BOTH, frozenset({"processing"})))
    desk.orders.hold("2", "on-hold")

    def send() -> None:
        desk.orders.hold("2", "processing")
        world.put(order_told("a", "processing"))

    in_the_middle(desk, send)
    assert desk.link() == Linked(linked=0, moving=1, held=0)
    world.clock.advance(1)
    assert desk.link().linked == 1
    assert (desk.lines(), desk.write()) == ([Line("9001", "3", 1, booked=Decimal(2))], ([], []))


def test_a_deleted_order_waits_for_the_next_look_and_holds_nothing_then(desk: Desk) -> None:
    def delete() -> None:
        del desk.orders.shop["9001"]
        desk.world.put(order_told("a", topic="order.deleted"))

    in_the_middle(desk, delete)
    assert desk.link().linked == 0
    desk.world.clock.advance(1)
    assert desk.link().linked == 1
    assert desk.lines() == []


def test_an_order_that_stirred_before_the_look_does_not_wait(desk: Desk) -> None:
    desk.world.book(order_told("a", "processing"))
    desk.world.clock.advance(1)
    assert desk.link().linked == 1


def test_a_piece_sold_between_the_orders_and_the_count_is_in_both_or_waits(desk: Desk) -> None:
    def sell() -> None:
        desk.orders.during_read = lambda: None
        desk.orders.hold("3", order="9002")
        desk.world.store.stock(CUP_STORE, CUP, "5", "")
        desk.world.store.tell(line_changed("a", "-3", 9002), order_told("b", "processing", 9002))

    desk.world.polls[STORE]()
    desk.orders.during_read = sell
    assert desk.link().linked == 0
    desk.world.clock.advance(1)
    assert desk.link().linked == 1
    assert (desk.shelf().terms.positions, desk.shelf().link.offset) == (Decimal(5), Decimal(0))


def test_what_happens_to_an_order_after_the_look_is_booked_on_top_of_it(desk: Desk) -> None:
    in_the_middle(desk, lambda: None)
    desk.link()
    desk.world.book(line_changed("a", "1", type_="restock"), order_told("b", "completed"))
    assert (desk.shelf().terms.positions, desk.shelf().terms.admitted) == (Decimal(1), Decimal(1))
    assert desk.write() == ([], [Decimal(-1)])


def test_an_order_that_the_read_shows_as_sent_crosses_for_what_is_linked_already(world: World) -> None:
    desk = Desk(world, Rules(Authority.BOTH, frozenset({"processing"})))
    desk.orders.hold("2", "on-hold")
    desk.link()
    world.store.stock("52", "MUG", "5", "")
    world.pos.stock("13", "MUG", "5", "main")
    desk.orders.hold("1", "processing", line="4", ref="52")
    world.clock.advance(1)
    assert desk.link().linked == 1
    assert desk.lines(2) == [Line("9001", "4", 2, booked=Decimal(1))]
    assert desk.write() == ([], [Decimal(-2)])


def test_without_the_orders_of_the_shop_nothing_is_promised(desk: Desk) -> None:
    assert desk.world.linking().linked == 1
    assert (desk.lines(), desk.shelf().link.offset) == ([], Decimal(-2))


# --- a line that nobody can read


def test_a_line_that_nobody_can_read_keeps_out_its_item_alone_until_it_is_mended(desk: Desk) -> None:
    desk.world.store.stock("52", "MUG", "5", "")
    desk.world.pos.stock("13", "MUG", "5", "main")
    desk.orders.spoil()
    desk.orders.hold("1", line="4", ref="52")
    assert desk.link() == Linked(linked=1, moving=0, held=1)
    assert (desk.shelf().link.sku, desk.lines()) == ("MUG", [Line("9001", "4", 1, position=Decimal(1))])
    (held,) = desk.world.sql.held()
    assert (held.side, held.ref, held.sku, held.reason) == (STORE, CUP_STORE, CUP, "unreadable_line")
    assert "line 3 of order 9001 holds: the line's _reduced_stock is no number" in held.sentence
    assert desk.link() == Linked(linked=0, moving=0, held=1)
    desk.orders.hold("2")
    desk.world.clock.advance(1)
    assert desk.link() == Linked(linked=1, moving=0, held=0)
    assert (desk.lines(2), desk.world.sql.held()) == ([Line("9001", "3", 2, position=Decimal(2))], [])


def test_a_line_that_nobody_can_read_of_an_item_that_is_linked_already_keeps_no_other_out(desk: Desk) -> None:
    desk.link()
    desk.world.store.stock("52", "MUG", "5", "")
    desk.world.pos.stock("13", "MUG", "5", "main")
    desk.orders.spoil()
    desk.world.clock.advance(1)
    assert desk.link() == Linked(linked=1, moving=0, held=0)
