"""Orders, what their lines hold, and which of them must be looked at, as they lie in the database."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.builders import POS, STORE, line, open_links
from tests.fakes import VirtualClock
from tillbridge.core.positions import Line, Order
from tillbridge.db.books import SqlBooks
from tillbridge.db.connect import Connection
from tillbridge.ports import Stirred, Unit


def of(link: int, order: str, position: str = "1", number: str = "3") -> Line:
    """A line of an order that holds some of a link's stock."""
    return Line(order, number, link, Decimal(position))


def stirring(unit: Unit) -> list[str]:
    return [one.order for one in unit.stirred(100)]


ORDERS = [
    Order("9001", "processing"),
    Order("9002", "completed", admitted=True),
    Order("9003", "", gone=True),
    Order("9004", "cancelled", admitted=True, gone=True),
]


def test_orders_are_found_again_as_they_were(books: SqlBooks, connection: Connection, clock: VirtualClock) -> None:
    with books.writing() as unit:
        unit.save_orders(ORDERS)
    with SqlBooks(connection, clock, "boot-2").writing() as unit:
        assert unit.orders({"9001", "9002", "9003", "9004", "77"}) == {one.ref: one for one in ORDERS}
        assert unit.orders(set()) == {}


def test_of_an_order_the_last_state_counts(books: SqlBooks) -> None:
    with books.writing() as unit:
        unit.save_orders([Order("9001", "processing")])
        unit.save_orders([Order("9001", "completed", admitted=True)])
        assert unit.orders({"9001"}) == {"9001": Order("9001", "completed", admitted=True)}


def test_lines_are_found_again_with_every_quantity(books: SqlBooks) -> None:
    full = line("-0.125", booked="1.5", taken="1000000000000", rest="-0.5")
    with books.writing() as unit:
        unit.save_lines([full, line("3", number="4"), line("5", "9002")])
    with books.writing() as unit:
        assert unit.lines_of_orders({"9001"}) == [full, line("3", number="4")]
        assert unit.lines_of_orders({"77"}) == unit.lines_of_orders(set()) == []


def test_a_line_is_known_by_its_order_its_number_and_its_item(books: SqlBooks) -> None:
    with books.writing() as unit:
        unit.save_lines([of(1, "9001"), of(2, "9001"), of(1, "9001", number="4"), of(1, "9002")])
        unit.save_lines([of(1, "9001", "7")])
        found = {(one.order, one.line, one.link): str(one.position) for one in unit.lines_of_orders({"9001", "9002"})}
        assert found == {
            ("9001", "3", 1): "7", ("9001", "3", 2): "1", ("9001", "4", 1): "1", ("9002", "3", 1): "1",
        }  # fmt: skip
        assert {one.order for one in unit.lines_of_link(2)} == {"9001"}


def test_more_orders_than_a_statement_takes_are_found_together(books: SqlBooks) -> None:
    refs = [str(number) for number in range(1100)]
    with books.writing() as unit:
        unit.save_orders([Order(ref) for ref in refs])
        unit.save_lines([of(1, ref) for ref in refs])
        assert len(unit.orders(refs)) == len(unit.lines_of_orders(refs)) == 1100


def test_the_latest_lines_that_hold_something_come_first(books: SqlBooks) -> None:
    with books.writing() as unit:
        unit.save_lines([of(1, "9001"), of(1, "9002"), of(1, "9003"), of(2, "9004"), of(1, "9005")])
        unit.save_lines([of(1, "9002", "0"), of(1, "9001", "2")])
        found = {link: [one.order for one in lines] for link, lines in unit.recent_lines([1, 2, 3], 10).items()}
        assert found == {1: ["9005", "9003", "9001"], 2: ["9004"]}
        assert [one.order for one in unit.recent_lines([1], 2)[1]] == ["9005", "9003"]


def test_orders_that_wait_to_be_sent_are_paged_through(books: SqlBooks) -> None:
    with books.writing() as unit:
        unit.save_orders([*ORDERS, Order("9005", "on-hold")])
        first = unit.not_admitted(2)
        assert [one.ref for one in first] == ["9001", "9003"]
        assert [one.ref for one in unit.not_admitted(2, first[-1].ref)] == ["9005"]
        assert unit.not_admitted(2, "9005") == []


def test_what_was_told_of_orders_since_a_time_is_found(books: SqlBooks, clock: VirtualClock) -> None:
    with books.writing() as unit:
        unit.save_orders([Order("9001"), Order("9002")])
    clock.advance(60)
    with books.writing() as unit:
        unit.save_orders([Order("9002", "completed")])
        assert unit.orders_since(unit.now) == {"9002": Order("9002", "completed")}
        assert set(unit.orders_since(unit.now - 60)) == {"9001", "9002"}


def test_only_what_a_deleted_order_still_holds_is_listed(books: SqlBooks) -> None:
    with books.writing() as unit:
        unit.save_orders(ORDERS)
        unit.save_lines([of(1, "9001"), of(1, "9004", "2"), of(1, "9003", number="7"), of(2, "9003", "-1")])
        unit.save_lines([of(1, "9003", "0", number="8"), Line("9003", "9", 1, booked=Decimal(4))])
        assert [(one.order, one.line, one.link) for one in unit.gone_and_holding()] == [
            ("9003", "3", 2), ("9003", "7", 1), ("9004", "3", 1),
        ]  # fmt: skip


# --- orders that stirred


def test_an_order_that_stirred_is_due_at_its_time(books: SqlBooks, clock: VirtualClock) -> None:
    with books.writing() as unit:
        assert not unit.are_stirred()
        unit.stir({"9002", "9001"}, clock.now() + 10)
        unit.stir({"9003"}, clock.now() + 5)
        assert (unit.are_stirred(), stirring(unit)) == (True, [])
    clock.advance(10)
    with books.writing() as unit:
        assert stirring(unit) == ["9003", "9001", "9002"], "the longest waiting first"
        assert unit.stirred(1) == [Stirred("9003", clock.now() - 10, "", None)]


def test_an_order_that_stirs_again_and_again_does_not_wait_longer_for_it(books: SqlBooks, clock: VirtualClock) -> None:
    for _ in range(3):
        with books.writing() as unit:
            unit.stir({"9001"}, clock.now() + 10)
        clock.advance(5)
    with books.writing() as unit:
        assert unit.stirred(10) == [Stirred("9001", clock.now() - 5, "", None)]


def test_an_order_that_stirred_again_while_it_was_compared_stays(books: SqlBooks, clock: VirtualClock) -> None:
    with books.writing() as unit:
        unit.stir({"9001", "9002"}, clock.now())
        compared = unit.stirred(10)
    clock.advance(1)
    with books.writing() as unit:
        unit.stir({"9001"}, clock.now())
        unit.calm(compared)
        assert stirring(unit) == ["9001"]


def test_a_difference_is_remembered_since_it_was_first_the_same(books: SqlBooks, clock: VirtualClock) -> None:
    with books.writing() as unit:
        unit.stir({"9001"}, clock.now())
        unit.note_difference("9001", "3:1:2", clock.now() + 15)
        assert unit.stirred(10) == []
    first = clock.now()
    clock.advance(15)
    with books.writing() as unit:
        assert [(one.seen, one.seen_at) for one in unit.stirred(10)] == [("3:1:2", first)]
        unit.note_difference("9001", "3:1:2", clock.now())
        assert [one.seen_at for one in unit.stirred(10)] == [first]
        unit.note_difference("9001", "3:1:5", clock.now())
        assert [(one.seen, one.seen_at) for one in unit.stirred(10)] == [("3:1:5", clock.now())]


def test_every_order_that_holds_something_can_be_made_to_stir(books: SqlBooks, clock: VirtualClock) -> None:
    with books.writing() as unit:
        unit.save_lines([of(1, "9001"), of(2, "9001"), of(1, "9002", "0"), of(1, "9003", "-1")])
        unit.stir({"9003"}, clock.now() + 100)
        unit.stir_holding(clock.now())
        assert stirring(unit) == ["9001"], "one that stirs already keeps its time"
    clock.advance(100)
    with books.writing() as unit:
        assert stirring(unit) == ["9001", "9003"]


# --- items whose level must be read again


def test_an_item_is_looked_at_once_however_often_that_is_asked(books: SqlBooks, clock: VirtualClock) -> None:
    begun = clock.now()
    with books.writing() as unit:
        unit.look_again(POS, {"12", "13"})
    clock.advance(1)
    with books.writing() as unit:
        unit.look_again(POS, {"11", "12"})
        unit.look_again(STORE, {"12"})
        assert unit.to_look_at(POS, 10, unit.now) == ["13", "11", "12"], "the longest waiting first"
        assert unit.to_look_at(POS, 1, unit.now) == ["13"]
        assert unit.to_look_at(POS, 10, begun) == ["13"], "what was asked for again waits as long again"
        assert (unit.asked_for(POS, begun), unit.asked_for(POS, unit.now)) == ({"11", "12", "13"}, {"11", "12"})
        unit.looked_at(POS, ["12", "13"], begun)
        assert (unit.to_look_at(POS, 10, unit.now), unit.to_look_at(STORE, 10, unit.now)) == (["11", "12"], ["12"])


def test_what_is_not_saved_to_its_end_is_not_saved_at_all(books: SqlBooks) -> None:
    def die_half_way() -> None:
        with books.writing() as unit:
            open_links(unit, 1)
            unit.save_orders(ORDERS)
            unit.save_lines([of(1, "9001")])
            unit.stir({"9001"}, 0.0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die_half_way()
    with books.writing() as unit:
        assert (unit.orders({"9001"}), unit.lines_of_link(1), unit.are_stirred()) == ({}, [], False)
