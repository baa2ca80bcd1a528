"""What an event means for the books."""

from __future__ import annotations

from decimal import Decimal

from tests.builders import CUP_POS, CUP_STORE, POS, STORE, account, moved, movement, shelf
from tillbridge.core import routing, targets
from tillbridge.core.accounts import EntryKind
from tillbridge.core.events import StockMoved
from tillbridge.core.routing import Posted, Unbookable
from tillbridge.core.targets import Shelf

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
