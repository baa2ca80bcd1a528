"""What an event means for the books."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.builders import (
    CUP_POS,
    CUP_STORE,
    POS,
    STORE,
    account,
    attempt,
    level_seen,
    line,
    moved,
    movement,
    of_line,
    shelf,
    shelf_with,
    store_moved,
)  # fmt: skip
from tillbridge.core import positions, routing, targets
from tillbridge.core.accounts import Account, EntryKind
from tillbridge.core.events import Cause, StockMoved
from tillbridge.core.positions import Line, Order
from tillbridge.core.routing import OrderBook, Posted, Rules, Unbookable
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Authority, Effect, Fall, Terms

OF_BOTH = Rules()
AT_COMPLETED = frozenset({"completed"})

CUP = shelf(account(STORE, "15"), account(POS, "10"), account(POS, "5", outlet="cellar"))


def book(event: StockMoved, found: Shelf = CUP) -> Posted:
    """Book an event that can be booked."""
    posted = routing.post(event, "pos:1", 1, {found.link.ref(event.side): found})
    assert isinstance(posted, Posted)
    return posted


def test_a_sale_at_the_till_lowers_its_account() -> None:
    posted = book(moved(movement("-2")))
    (changed,) = posted.shelves
    assert targets.known(POS, changed) == Decimal(13)
    assert targets.next_write(STORE, changed) == Decimal(-2)
    ((_, entry),) = posted.entries
    assert (entry.kind, entry.amount, entry.source, entry.cause, entry.document) == (
        EntryKind.BORN, Decimal(-2), "pos:1", "sale", "S-1",
    )  # fmt: skip


def test_a_web_order_lowers_the_shops_account() -> None:
    (changed,) = book(moved(movement("-2", CUP_STORE, ""), side=STORE)).shelves
    assert changed.store.known == Decimal(13)
    assert targets.next_write(POS, changed) == Decimal(-2)


def test_a_transfer_is_not_a_sale() -> None:
    (changed,) = book(moved(movement("-3"), movement("3", outlet="cellar"))).shelves
    assert [one.known for one in changed.pos] == [Decimal(7), Decimal(8)]
    assert targets.next_write(STORE, changed) == 0


def test_lines_of_one_document_about_one_item_are_one_entry() -> None:
    posted = book(moved(movement("-1"), movement("-2"), movement("0.5")))
    assert [entry.amount for _, entry in posted.entries] == [Decimal("-2.5")]


def test_lines_that_net_to_nothing_leave_no_entry() -> None:
    posted = book(moved(movement("-1"), movement("1")))
    assert posted.entries == ()


def test_our_own_change_is_never_born() -> None:
    assert book(moved(movement("-2"), ours=True)) == Posted((), (), ())


def test_a_change_of_an_item_without_a_link_is_recorded_and_dropped() -> None:
    posted = book(moved(movement("-1", "77"), movement("-2")))
    assert posted.unlinked == ("77",)
    assert [entry.amount for _, entry in posted.entries] == [Decimal(-2)]


def test_a_new_outlet_opens_with_the_level_before() -> None:
    posted = book(moved(movement("-1", outlet="attic", before="4")))
    assert [(entry.kind, entry.amount, entry.source) for _, entry in posted.entries] == [
        (EntryKind.OPENING, Decimal(4), "pos:1"),
        (EntryKind.BORN, Decimal(-1), "pos:1"),
    ]
    assert targets.known(POS, posted.shelves[0]) == Decimal(18)


def test_a_new_outlet_opens_before_the_first_of_several_lines() -> None:
    posted = book(moved(movement("-1", outlet="attic", before="4"), movement("-1", outlet="attic", before="3")))
    assert posted.shelves[0].pos[-1].known == Decimal(2)


def test_a_count_that_changed_nothing_still_opens_a_new_outlet() -> None:
    posted = book(moved(movement("0", outlet="attic", before="4")))
    assert [entry.kind for _, entry in posted.entries] == [EntryKind.OPENING]


def test_an_outlet_whose_level_nobody_told_needs_a_person() -> None:
    posted = routing.post(moved(movement("-2"), movement("-1", outlet="attic")), "pos:1", 1, {CUP_POS: CUP})
    assert isinstance(posted, Unbookable)
    assert posted.reason == "unknown_outlet"
    assert "attic" in posted.sentence
    assert "[pos] outlets" in posted.fix


def test_a_delivery_of_several_items_moves_each_of_them() -> None:
    other = shelf(account(STORE, "1"), account(POS, "1"))
    posted = routing.post(moved(movement("5"), movement("6", "13")), "pos:1", 1, {CUP_POS: CUP, "13": other})
    assert isinstance(posted, Posted)
    assert [targets.known(POS, found) for found in posted.shelves] == [Decimal(20), Decimal(7)]


def test_goods_at_an_outlet_seen_for_the_first_time_do_not_look_like_a_delivery() -> None:
    (found,) = book(moved(movement("-1", outlet="attic", before="40"))).shelves
    assert targets.target(STORE, found) - targets.target(STORE, CUP) == Decimal(-1)
    assert found.link.offset == CUP.link.offset - 40
    assert targets.known(POS, found) == Decimal(54)


def test_what_happened_at_an_outlet_before_its_opening_is_not_booked_again() -> None:
    event = moved(movement("-1", outlet="attic", before="40"))
    opened = routing.post(event, "pos:2", 8, {CUP_POS: CUP})
    assert isinstance(opened, Posted)
    late = routing.post(moved(movement("-5", outlet="attic")), "pos:1", 7, {CUP_POS: opened.shelves[0]})
    assert isinstance(late, Posted)
    assert late.entries == ()


# --- by whose word counts

BEGIN = shelf_with(Terms(), "10", "10")


@pytest.mark.parametrize(
    ("event", "authority", "effect", "at_store", "at_pos"),
    [
        (store_moved("-2"), Authority.BOTH, Effect.COUNTED, "0", "-2"),
        (store_moved("-2"), Authority.STORE, Effect.COUNTED, "0", "-2"),
        (store_moved("-2"), Authority.POS, Effect.HELD, "0", "0"),
        (store_moved("2"), Authority.BOTH, Effect.COUNTED, "0", "2"),
        (store_moved("2"), Authority.STORE, Effect.COUNTED, "0", "2"),
        (store_moved("2"), Authority.POS, Effect.PUT_BACK, "-2", "0"),
        (store_moved("-2", of_line()), Authority.BOTH, Effect.LINE, "0", "-2"),
        (store_moved("-2", of_line()), Authority.STORE, Effect.LINE, "0", "-2"),
        (store_moved("-2", of_line()), Authority.POS, Effect.LINE, "0", "-2"),
        (store_moved("2", of_line(type_="restore")), Authority.POS, Effect.LINE, "0", "2"),
        (moved(movement("-2")), Authority.BOTH, Effect.COUNTED, "-2", "0"),
        (moved(movement("-2")), Authority.STORE, Effect.COUNTED, "-2", "0"),
        (moved(movement("-2")), Authority.POS, Effect.COUNTED, "-2", "0"),
        (replace(moved(movement("5")), cause=Cause("delivery", "D-1")), Authority.BOTH, Effect.COUNTED, "5", "0"),
        (replace(moved(movement("5")), cause=Cause("delivery", "D-1")), Authority.POS, Effect.COUNTED, "5", "0"),
        (replace(moved(movement("5")), cause=Cause("delivery", "D-1")), Authority.STORE, Effect.PUT_BACK, "0", "-5"),
    ],
)
def test_what_follows_from_a_change_is_decided_by_whose_word_counts(
    event: StockMoved, authority: Authority, effect: Effect, at_store: str, at_pos: str
) -> None:
    posted = routing.post(event, "e:1", 1, {BEGIN.link.ref(event.side): BEGIN}, Rules(authority))
    assert isinstance(posted, Posted)
    (changed,), ((_, entry),) = posted.shelves, posted.entries
    assert entry.effect is effect
    assert targets.next_write(STORE, changed) == Decimal(at_store)
    assert targets.next_write(POS, changed) == Decimal(at_pos)


def test_a_rise_that_restores_a_held_fall_dissolves_it() -> None:
    fallen = shelf_with(Terms(held=Decimal(3), last_fall=Fall(Decimal(10), Decimal(3))))
    posted = of_store(store_moved("3", before="7"), fallen, Rules(Authority.POS))
    assert posted.entries[0][1].effect is Effect.DISSOLVED
    assert posted.shelves[0].terms == Terms()


@pytest.mark.parametrize("cause", [Cause("order_line"), Cause("order_line", "9001"), Cause("restock", "", "3")])
def test_a_change_of_which_no_line_is_known_is_free(cause: Cause) -> None:
    posted = of_store(store_moved("-2", cause), BEGIN, OF_BOTH)
    assert posted.entries[0][1].effect is Effect.COUNTED
    assert (posted.lines, posted.orders, posted.shelves[0].terms) == ((), (), Terms(free=Decimal(-2)))


def of_store(event: StockMoved, found: Shelf, rules: Rules, *lines: Line, order: Order | None = None) -> Posted:
    """Book a change at the store, with these lines and this order in the books."""
    book = OrderBook({} if order is None else {order.ref: order}, {positions.key(one): one for one in lines})
    posted = routing.post(event, "store:1", 1, {CUP_STORE: found}, rules, book)
    assert isinstance(posted, Posted)
    return posted


def test_a_line_change_names_its_order_and_line_and_is_held_by_them() -> None:
    posted = of_store(store_moved("-2", of_line()), BEGIN, Rules(send_on=AT_COMPLETED))
    ((_, entry),) = posted.entries
    assert (entry.cause, entry.document, entry.line) == ("order_line", "9001", "3")
    assert posted.lines == (line("2"),)
    assert posted.orders == (Order("9001"),)
    assert posted.shelves[0].terms == Terms(positions=Decimal(2))


def test_a_line_of_an_order_that_is_sent_crosses_at_once() -> None:
    posted = of_store(store_moved("-2", of_line()), BEGIN, OF_BOTH)
    assert posted.orders == (Order("9001", admitted=True),)
    assert posted.shelves[0].terms == Terms(positions=Decimal(2), admitted=Decimal(2))


def test_a_later_change_of_a_line_moves_only_by_what_it_is() -> None:
    sent = Order("9001", "completed", admitted=True)
    before = shelf_with(Terms(positions=Decimal(5), admitted=Decimal(2)), "8")
    posted = of_store(store_moved("1", of_line(type_="restock")), before, OF_BOTH, line("2"), order=sent)
    assert posted.lines == (line("1"),)
    assert posted.orders == (), "nothing about it changed"
    assert posted.shelves[0].terms == Terms(positions=Decimal(4), admitted=Decimal(1))


def test_a_restore_that_arrives_before_its_sale_is_no_error() -> None:
    posted = of_store(store_moved("2", of_line(type_="restore")), BEGIN, OF_BOTH)
    assert posted.lines == (line("-2"),)
    again = of_store(store_moved("-2", of_line()), posted.shelves[0], OF_BOTH, *posted.lines, order=posted.orders[0])
    assert again.lines == (line("0"),)
    assert again.shelves[0].terms == Terms()


def test_what_the_opening_contains_moves_no_line() -> None:
    opened = replace(BEGIN, store=replace(BEGIN.store, contains=1))
    posted = of_store(store_moved("-2", of_line()), opened, OF_BOTH)
    assert (posted.entries, posted.lines, posted.orders) == ((), (), ())


# --- admission

LINES = {
    positions.key(one): one
    for one in (line("2"), line("1", number="4"), line("0", "9001", "5", booked="3"), line("7", "9002"))
}


def test_an_order_that_is_admitted_takes_its_lines_along_once() -> None:
    order, more = routing.admit(Order("9001", "processing"), "completed", LINES, Rules(send_on=AT_COMPLETED))
    assert order == Order("9001", "completed", admitted=True)
    assert more == {1: Decimal(3)}
    assert routing.admit(order, "completed", LINES, Rules(send_on=AT_COMPLETED)) == (order, {})


def test_each_item_of_an_order_gets_its_own_part() -> None:
    lines = {("9001", "3", 1): line("2"), ("9001", "4", 2): replace(line("5", number="4"), link=2)}
    _, more = routing.admit(Order("9001"), "completed", lines, Rules(send_on=AT_COMPLETED))
    assert more == {1: Decimal(2), 2: Decimal(5)}


@pytest.mark.parametrize(
    ("order", "status", "admitted"),
    [
        (Order("9001"), "processing", False),
        (Order("9001"), "", False),
        (Order("9001", "completed"), "", False),
        (Order("9001", admitted=True), "cancelled", True),
    ],
)
def test_what_tells_no_status_to_send_on_sends_nothing(order: Order, status: str, admitted: bool) -> None:
    after, more = routing.admit(order, status, LINES, Rules(send_on=AT_COMPLETED))
    assert (after.admitted, after.status, more) == (admitted, status or order.status, {})


def test_without_a_status_to_wait_for_an_order_is_sent_when_anything_is_told() -> None:
    order, more = routing.admit(Order("9001"), "", LINES, OF_BOTH)
    assert (order.admitted, more) == (True, {1: Decimal(3)})


# --- a feed of levels

LAG = 10.0


def seen(level: str, begun: float, found: Account, number: int = 5, authority: Authority = Authority.BOTH) -> Posted:
    """Book a level of the till, which has this account."""
    there = shelf(account(STORE, "10"), found)
    return routing.post_level(level_seen(level, begun), "pos:1", number, there, LAG, Rules(authority))


QUIET = replace(account(POS, "10"), touched=100.0, contains=3)


@pytest.mark.parametrize(("level", "born"), [("8", "-2"), ("10.25", "0.25"), ("0.5", "-9.5")])
def test_a_level_that_differs_tells_what_was_born(level: str, born: str) -> None:
    posted = seen(level, 111.0, QUIET)
    ((changed, entry),) = posted.entries
    assert (entry.kind, entry.amount, entry.cause, entry.effect, entry.source) == (
        EntryKind.BORN, Decimal(born), "level", Effect.COUNTED, "pos:1",
    )  # fmt: skip
    assert (changed.known, changed.read_at) == (Decimal(level), 111.0)
    assert targets.next_write(STORE, posted.shelves[0]) == Decimal(born)
    assert posted.look_again == ()


def test_a_level_that_is_known_tells_nothing() -> None:
    assert seen("10", 111.0, QUIET) == Posted()


@pytest.mark.parametrize(
    ("begun", "found"),
    [
        (111.0, replace(QUIET, unsettled=attempt())),  # a write of ours is under way
        (110.0, QUIET),  # the read may have begun before the last change: the level trails by the lag
        (99.0, QUIET),
        (111.0, replace(QUIET, read_at=101.0)),  # it may be older than the read that posted the last change
        (90.0, replace(QUIET, touched=0.0, read_at=90.0)),
    ],
)
def test_a_level_that_was_not_read_in_quiet_moves_nothing_and_is_read_again(begun: float, found: Account) -> None:
    assert seen("8", begun, found) == Posted(look_again=(CUP_POS,))


def test_a_level_that_an_opening_contains_is_passed_over() -> None:
    assert seen("8", 111.0, QUIET, number=3) == Posted()


def test_where_the_stores_word_counts_every_change_of_a_level_passes() -> None:
    posted = seen("15", 111.0, QUIET, authority=Authority.STORE)
    assert posted.entries[0][1].effect is Effect.COUNTED
    assert targets.next_write(POS, posted.shelves[0]) == 0


def test_a_level_of_a_new_outlet_opens_it_and_moves_nothing() -> None:
    there = shelf(account(STORE, "10"), QUIET)
    posted = routing.post_level(level_seen("40", 111.0, outlet="attic"), "pos:1", 5, there, LAG, OF_BOTH)
    ((opened, entry),) = posted.entries
    assert (entry.kind, entry.amount, entry.source, opened.contains) == (EntryKind.OPENING, Decimal(40), "pos:1", 4)
    (changed,) = posted.shelves
    assert changed.link.offset == Decimal(-40)
    assert [targets.next_write(side, changed) for side in (STORE, POS)] == [0, 0]


def test_a_level_of_an_item_without_a_link_is_recorded_and_dropped() -> None:
    assert routing.post_level(level_seen("8", 111.0), "pos:1", 5, None, LAG, OF_BOTH) == Posted(unlinked=(CUP_POS,))
