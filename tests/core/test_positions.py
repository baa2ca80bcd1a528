"""What lines of orders hold, which orders are sent, and where our record of a line differs from the shop's."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

import pytest

from tests.builders import line
from tillbridge.core import positions
from tillbridge.core.positions import Line, LineKey, LineSeen, Order, OrderSeen

CUP, CUP_RED, LINKS = 1, 2, {"51": 1, "52": 2}
COMPLETED = frozenset({"completed"})
SEVERAL = frozenset({"processing", "wc-packed"})


@pytest.mark.parametrize(("delta", "position"), [("-2", "2"), ("1", "-1"), ("-0.125", "0.125")])
def test_a_line_holds_what_its_changes_took(delta: str, position: str) -> None:
    assert positions.moved(line(), Decimal(delta)).position == Decimal(position)


def test_changes_of_a_line_add_up_and_leave_the_rest_of_it_alone() -> None:
    before = line("2", booked="1", taken="2", rest="1")
    after = positions.moved(positions.moved(before, Decimal(1)), Decimal(-3))
    assert after == line("4", booked="1", taken="2", rest="1")


@pytest.mark.parametrize(
    ("found", "holds", "crosses"),
    [
        (line("2"), "2", "2"),
        (line("2", booked="1"), "3", "2"),
        (line("0", booked="3"), "3", "0"),  # taken before first contact, or a document of ours: in no target
        (line("2", rest="0"), "2", "0"),  # a document will carry it
        (line("2", taken="2", rest="0"), "2", "2"),
        (line("3", taken="2", rest="1"), "3", "3"),  # the rest is a stock write
        (line("0", taken="2", rest="0"), "0", "2"),  # a document that nobody has taken back yet
        (line("0", taken="2", rest="-2"), "0", "0"),  # and that nobody ever will
    ],
)
def test_a_line_holds_and_crosses_each_piece_once(found: Line, holds: str, crosses: str) -> None:
    assert (found.holds, found.crossing) == (Decimal(holds), Decimal(crosses))


@pytest.mark.parametrize(
    ("status", "send_on", "sent"),
    [
        ("completed", COMPLETED, True),
        ("processing", COMPLETED, False),
        ("wc-packed", SEVERAL, True),
        ("packed", SEVERAL, False),
        ("", COMPLETED, False),
        ("pending", frozenset(), True),
        ("", frozenset(), True),
    ],
)
def test_an_order_is_sent_at_the_statuses_that_the_owner_named(
    status: str, send_on: Collection[str], sent: bool
) -> None:
    assert positions.admits(status, send_on) is sent


def test_admission_never_ends() -> None:
    sent = positions.told(Order("9001", "processing"), "completed", COMPLETED)
    assert sent == Order("9001", "completed", admitted=True)
    assert positions.told(sent, "cancelled", COMPLETED) == Order("9001", "cancelled", admitted=True)
    assert positions.told(sent, "processing", frozenset({"shipped"})).admitted


def test_what_tells_no_status_leaves_the_one_that_is_known() -> None:
    assert positions.told(Order("9001", "processing"), "", COMPLETED) == Order("9001", "processing")
    assert positions.told(Order("9001", "completed", admitted=True, gone=True), "", COMPLETED).gone


def seen(*lines: LineSeen) -> OrderSeen:
    return OrderSeen("9001", "processing", lines)


def shows(number: str, reduced: str, *refs: str) -> LineSeen:
    return LineSeen(number, refs or ("51",), Decimal(reduced))


@pytest.mark.parametrize(
    ("shown", "ours", "found"),
    [
        ([shows("3", "2")], [line("2")], {}),
        ([shows("3", "3")], [line("2", booked="1")], {}),
        ([shows("3", "5")], [line("2")], {("9001", "3", CUP): Decimal(3)}),  # edited over REST
        ([shows("3", "0")], [line("2")], {("9001", "3", CUP): Decimal(-2)}),  # a hook was lost
        ([shows("3", "2")], [], {("9001", "3", CUP): Decimal(2)}),  # never told
        ([], [line("2")], {("9001", "3", CUP): Decimal(-2)}),  # the line was taken out of the order
        ([], [line("0", booked="2")], {("9001", "3", CUP): Decimal(-2)}),
        ([], [line("0")], {}),
        ([shows("3", "0")], [], {}),
        ([shows("3", "1.25")], [line("1")], {("9001", "3", CUP): Decimal("0.25")}),
    ],
)
def test_a_line_is_compared_with_the_shops_own_record(
    shown: list[LineSeen], ours: list[Line], found: dict[LineKey, Decimal]
) -> None:
    assert positions.differences(seen(*shown), ours, LINKS) == found


def test_a_line_that_nobody_can_read_differs_by_nothing_and_its_neighbours_are_compared() -> None:
    strange, other = LineSeen("3", ("51",), None), shows("4", "1")
    assert positions.differences(seen(strange), [line("2")], LINKS) == {}
    assert positions.differences(seen(strange, other), [line("2")], LINKS) == {("9001", "4", CUP): Decimal(1)}


def test_the_variation_holds_the_stock_before_its_product() -> None:
    both = shows("3", "2", "52", "51")
    assert positions.differences(seen(both), [], LINKS) == {("9001", "3", CUP_RED): Decimal(2)}


def test_the_product_holds_the_stock_where_only_it_is_linked() -> None:
    parent = shows("3", "2", "77", "51")
    assert positions.differences(seen(parent), [line("2")], LINKS) == {}


def test_a_line_without_a_link_is_nobodys() -> None:
    assert positions.differences(seen(shows("3", "2", "77")), [], LINKS) == {}


def test_a_line_whose_item_was_exchanged_gives_back_the_one_and_takes_the_other() -> None:
    assert positions.differences(seen(shows("3", "2", "52")), [line("2")], LINKS) == {
        ("9001", "3", CUP): Decimal(-2),
        ("9001", "3", CUP_RED): Decimal(2),
    }


def test_differences_come_in_one_order() -> None:
    shown = seen(*(shows(number, "1") for number in ("9", "10", "2")))
    assert list(positions.differences(shown, [], LINKS)) == [("9001", number, CUP) for number in ("10", "2", "9")]


@pytest.mark.parametrize(
    ("position", "told", "expected"),
    [
        ("-2", ["-2", "4"], True),  # took two, gave four back: the other two were taken since then too
        ("-1", ["1"], False),  # it only gave back: what it had was before first contact
        ("-1", ["-3", "1"], False),  # its earlier row was tidied away: what it had is remembered elsewhere
        ("2", ["-2"], True),
        ("0", [], False),
    ],
)
def test_a_line_was_watched_where_its_position_is_what_was_told_of_it(
    position: str, told: list[str], expected: bool
) -> None:
    found = line(position)
    amounts = {positions.key(found): [Decimal(one) for one in told]}
    assert (positions.key(found) in positions.watched([found], amounts)) is expected
