"""What was told to us lies in the queue until it is settled, once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.builders import POS, sale_at_pos, sale_in_store
from tests.fakes import VirtualClock
from tillbridge.core.backoff import Verdict
from tillbridge.db.books import SqlBooks
from tillbridge.db.connect import Connection


def test_an_event_whose_key_is_known_is_passed_over(books: SqlBooks) -> None:
    first = sale_in_store("a", "-1")
    with books.writing() as unit:
        assert unit.add([first, first, sale_in_store("b")]) == 2
    with books.writing() as unit:
        assert unit.add([replace(first, body="{}"), sale_in_store("c")]) == 1
        assert [(one.key, one.body) for one in unit.claim_events(10)][0] == ("store:a", first.body)


def test_nothing_told_is_nothing_stored(books: SqlBooks) -> None:
    with books.writing() as unit:
        assert unit.add([]) == 0
        assert unit.last_id() == 0


def test_the_key_of_a_settled_event_is_still_known(books: SqlBooks) -> None:
    with books.writing() as unit:
        unit.add([sale_in_store("a")])
        unit.done(unit.claim_events(10))
    with books.writing() as unit:
        assert unit.add([sale_in_store("a")]) == 0
        assert unit.claim_events(10) == []


def test_both_sides_may_use_the_same_id(books: SqlBooks) -> None:
    with books.writing() as unit:
        assert unit.add([sale_in_store("7"), sale_at_pos("7")]) == 2


def test_events_are_claimed_oldest_first(books: SqlBooks) -> None:
    with books.writing() as unit:
        unit.add([sale_in_store(name) for name in "cab"])
        assert [one.key for one in unit.claim_events(2)] == ["store:c", "store:a"]


def test_an_event_that_failed_comes_back_when_it_is_due(books: SqlBooks, clock: VirtualClock) -> None:
    with books.writing() as unit:
        unit.add([sale_in_store("a"), sale_in_store("b")])
        unit.retry(unit.claim_events(1)[0], Verdict(clock.now() + 5, 0.0), "booking failed")
    with books.writing() as unit:
        assert [one.key for one in unit.claim_events(10)] == ["store:b"]
    clock.advance(5)
    with books.writing() as unit:
        assert [one.key for one in unit.claim_events(10)] == ["store:a", "store:b"]


def test_a_parked_event_is_shown_with_reason_and_words(books: SqlBooks) -> None:
    with books.writing() as unit:
        unit.add([sale_in_store("a")])
        unit.park(unit.claim_events(1)[0], "unknown_topic", "update Tillbridge")
    (shown,) = books.waiting(10)
    assert (shown.key, shown.state, shown.reason, shown.sentence) == (
        "store:a", "parked", "unknown_topic", "update Tillbridge",
    )  # fmt: skip


def test_the_last_id_is_a_mark_in_time(books: SqlBooks) -> None:
    with books.writing() as unit:
        unit.add([sale_in_store("a")])
        mark = unit.last_id()
        unit.add([sale_in_store("b")])
        assert unit.last_id() > mark


def test_a_transaction_that_fails_stores_nothing_of_it(books: SqlBooks) -> None:
    def half() -> None:
        with books.writing() as unit:
            unit.add([sale_in_store("a")])
            unit.move_cursor(POS, "7")
            raise KeyError("half-way")

    with pytest.raises(KeyError):
        half()
    with books.writing() as unit:
        assert unit.last_id() == 0
        assert unit.cursor(POS) == ""


def test_what_lies_in_the_queue_survives_the_process(connection: Connection, clock: VirtualClock) -> None:
    with SqlBooks(connection, clock, "first").writing() as unit:
        unit.add([sale_in_store("a")])
    with SqlBooks(connection, clock, "second").writing() as unit:
        assert [one.key for one in unit.claim_events(10)] == ["store:a"]
