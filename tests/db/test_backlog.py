"""Messages that wait for a person: listed with what they are about, tried again, released and given up by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.builders import CUP, CUP_POS, CUP_STORE, POS, STORE, open_cup, open_links, sale_in_store
from tests.builders import books as open_books
from tests.fakes import VirtualClock
from tillbridge.core.backoff import Verdict
from tillbridge.db.books import SqlBooks
from tillbridge.db.connect import Connection
from tillbridge.ports import Waiting

LEASE = 60.0


def spoil(books: SqlBooks, link: int, state: str) -> int:
    """A write to the POS that came to be in this state; its number."""
    with books.writing() as unit:
        unit.make_due(POS, {link: Decimal(-1)})
        (message,) = unit.claim_writes(POS, 1, LEASE)
        if state == "parked":
            unit.park(message, "not_found", "it is gone")
        else:
            due_at = None if state == "dead" else unit.now + 900
            unit.retry(message, Verdict(due_at, 5.0), "closed")
    return message.id


def one(books: SqlBooks, number: int) -> Waiting:
    found = books.message(number)
    assert found is not None
    return found.row


def test_the_dead_are_listed_before_the_parked_and_these_before_what_is_tried_again(books: SqlBooks) -> None:
    numbers = [spoil(books, link, state) for link, state in enumerate(("retrying", "parked", "dead"), start=1)]
    listed = books.waiting(10)
    assert [(row.id, row.state) for row in listed] == [
        (numbers[2], "dead"), (numbers[1], "parked"), (numbers[0], "retrying"),
    ]  # fmt: skip
    assert [row.state for row in books.waiting(10, ["parked"])] == ["parked"]
    assert (len(books.waiting(2)), books.waiting_in_all(), books.waiting_in_all(["dead"])) == (2, 3, 1)


def test_a_write_is_listed_with_the_item_it_is_about(books: SqlBooks) -> None:
    with books.writing() as unit:
        link = open_cup(unit)
    row = one(books, spoil(books, link.id, "parked"))
    assert (row.sku, row.store_ref, row.pos_ref, row.reason) == (CUP, CUP_STORE, CUP_POS, "not_found")


def test_an_event_is_about_no_item_whatever_its_body_looks_like(books: SqlBooks) -> None:
    with books.writing() as unit:
        open_cup(unit)
        unit.add([sale_in_store("a")])
        (message,) = unit.claim_events(1)
        unit.park(message, "malformed", "odd")
    found = books.message(message.id)
    assert found is not None
    assert (found.row.sku, found.row.side, found.kind, '"stock.changed"' in found.body) == ("", "", "store.1", True)


def test_what_is_settled_or_new_is_not_listed(books: SqlBooks) -> None:
    with books.writing() as unit:
        unit.make_due(POS, {1: Decimal(-1)})
        unit.add([sale_in_store("a")])
        unit.done(unit.claim_events(1))
    assert (books.waiting(10), books.waiting_in_all()) == ([], 0)


def test_a_number_that_nobody_has_is_no_message(books: SqlBooks) -> None:
    assert books.message(99) is None


@pytest.mark.parametrize("state", ["parked", "dead", "retrying"])
def test_whatever_failed_is_tried_again_at_once(books: SqlBooks, state: str) -> None:
    number = spoil(books, 1, state)
    with books.writing() as unit:
        assert unit.retry_now(number) == 1
        assert [message.id for message in unit.claim_writes(POS, 10, LEASE)] == [number]


def test_only_what_was_parked_is_released(books: SqlBooks) -> None:
    numbers = {state: spoil(books, link, state) for link, state in enumerate(("parked", "dead", "retrying"), start=1)}
    with books.writing() as unit:
        assert (unit.unpark(numbers["dead"]), unit.unpark(numbers["retrying"]), unit.unpark(None)) == (0, 0, 1)
        assert [message.id for message in unit.claim_writes(POS, 10, LEASE)] == [numbers["parked"]]


def test_all_are_tried_again_together_and_others_are_left_alone(books: SqlBooks) -> None:
    for link, state in enumerate(("parked", "dead", "retrying"), start=1):
        spoil(books, link, state)
    with books.writing() as unit:
        assert (unit.retry_now(99), unit.retry_now(None)) == (0, 3)
        assert len(unit.claim_writes(POS, 10, LEASE)) == 3


def test_a_message_that_was_given_up_is_kept_with_the_reason(books: SqlBooks) -> None:
    number = spoil(books, 1, "parked")
    with books.writing() as unit:
        assert unit.discard(number, "sold by hand") == 1
    assert (one(books, number).state, one(books, number).reason, one(books, number).sentence) == (
        "done", "discarded", "sold by hand",
    )  # fmt: skip
    assert books.waiting(10) == []


def test_giving_up_moves_no_account_and_no_journal(books: SqlBooks, connection: Connection) -> None:
    with books.writing() as unit:
        open_links(unit, 1)
    before = [connection.ask("SELECT * FROM account"), connection.ask("SELECT * FROM entry")]
    number = spoil(books, 1, "dead")
    with books.writing() as unit:
        unit.discard(number, "x")
    assert [connection.ask("SELECT * FROM account"), connection.ask("SELECT * FROM entry")] == before


def test_a_write_that_was_given_up_comes_back_with_the_next_change_and_without_the_old_words(books: SqlBooks) -> None:
    number = spoil(books, 1, "parked")
    with books.writing() as unit:
        unit.discard(number, "x")
        unit.make_due(POS, {1: Decimal(-2)})
        assert [message.id for message in unit.claim_writes(POS, 10, LEASE)] == [number]
    assert (one(books, number).state, one(books, number).reason, one(books, number).sentence) == ("ready", "", "")


def test_what_does_not_wait_for_a_person_is_not_given_up(books: SqlBooks) -> None:
    with books.writing() as unit:
        unit.make_due(POS, {1: Decimal(-1)})
        unit.add([sale_in_store("a")])
        assert [unit.discard(number, "x") for number in (1, 2, 99)] == [0, 0, 0]


def test_what_a_worker_is_at_is_not_given_up(books: SqlBooks, connection: Connection, clock: VirtualClock) -> None:
    number = spoil(books, 1, "retrying")
    clock.advance(901)
    with books.writing() as unit:
        unit.claim_writes(POS, 1, LEASE)
        assert unit.discard(number, "x") == 0
    with open_books(connection, clock, "boot-2").writing() as unit:
        assert unit.discard(number, "x") == 1, "a lease of an earlier run is void"


def test_writes_that_are_not_settled_are_counted_by_link_and_side(books: SqlBooks) -> None:
    spoil(books, 1, "parked")
    with books.writing() as unit:
        unit.make_due(STORE, {2: Decimal(1)})
        assert unit.writes_waiting([1, 2]) == {(1, STORE): 0, (1, POS): 1, (2, STORE): 1, (2, POS): 0}
        unit.done(unit.claim_writes(STORE, 1, LEASE))
        assert unit.writes_waiting([2]) == {(2, STORE): 0, (2, POS): 0}


def test_links_are_found_by_their_sku(books: SqlBooks) -> None:
    with books.writing() as unit:
        link = open_cup(unit)
        assert [shelf.link for shelf in unit.shelves_by_sku(CUP)] == [link]
        assert unit.shelves_by_sku("CUP") == []
