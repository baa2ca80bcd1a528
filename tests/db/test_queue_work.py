"""Work for a side: claimed under a lease, the most urgent first, and settled only by who holds the lease."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.builders import POS, STORE
from tests.builders import books as open_books
from tests.fakes import VirtualClock
from tillbridge.core.backoff import Verdict
from tillbridge.core.stock import SideName
from tillbridge.db.books import SqlBooks
from tillbridge.db.connect import Connection
from tillbridge.ports import Message, Unit

LEASE = 60.0


def due(books: SqlBooks, side: SideName = POS, **amounts: str) -> None:
    """Make links due: due(books, l1="-2")."""
    with books.writing() as unit:
        unit.make_due(side, {int(name[1:]): Decimal(amount) for name, amount in amounts.items()})


def claim(books: SqlBooks, side: SideName = POS, limit: int = 100) -> list[Message]:
    """Claim work in a transaction of its own."""
    with books.writing() as unit:
        return unit.claim_writes(side, limit, LEASE)


def settle(books: SqlBooks, how: Callable[[Unit], None]) -> None:
    """Settle something in a transaction of its own."""
    with books.writing() as unit:
        how(unit)


def test_falls_go_before_rises(books: SqlBooks) -> None:
    due(books, l1="5", l2="-1", l3="3", l4="-0.5")
    assert [one.body for one in claim(books)] == ["2", "4", "1", "3"]


def test_a_rise_that_turned_into_a_fall_moves_up(books: SqlBooks) -> None:
    due(books, l1="5", l2="5")
    due(books, l2="-1")
    assert [one.body for one in claim(books)] == ["2", "1"]


def test_work_for_one_side_is_not_seen_by_the_other(books: SqlBooks) -> None:
    due(books, l1="-1")
    assert claim(books, STORE) == []


def test_no_more_is_claimed_than_asked_for(books: SqlBooks) -> None:
    due(books, l1="-1", l2="-1", l3="-1")
    assert len(claim(books, limit=2)) == 2
    assert len(claim(books, limit=2)) == 1
    assert claim(books) == []


def test_there_is_one_message_for_each_link_and_side(books: SqlBooks, connection: Connection) -> None:
    for _ in range(10):
        due(books, l1="-1")
    due(books, STORE, l1="-1")
    with connection.read() as db:
        assert db.rows("SELECT side, COUNT(*) FROM message GROUP BY side ORDER BY side") == [("pos", 1), ("store", 1)]


def test_what_is_leased_is_not_claimed_again(books: SqlBooks, clock: VirtualClock) -> None:
    due(books, l1="-1")
    assert len(claim(books)) == 1
    due(books, l1="-2")
    clock.advance(LEASE - 1)
    assert claim(books) == []


def test_a_lease_that_ran_out_can_be_taken_over(books: SqlBooks, clock: VirtualClock) -> None:
    due(books, l1="-1")
    (slow,) = claim(books)
    clock.advance(LEASE)
    (quick,) = claim(books)
    assert quick.lease != slow.lease
    assert quick.attempts == 2
    with books.writing() as unit:
        assert unit.held_of([slow]) == set()
        assert unit.held_of([quick]) == {quick.id}


def test_a_lease_that_ran_out_untaken_is_still_ours(books: SqlBooks, clock: VirtualClock) -> None:
    due(books, l1="-1")
    claimed = claim(books)
    clock.advance(LEASE * 10)
    with books.writing() as unit:
        assert unit.held_of(claimed) == {claimed[0].id}


def test_a_lease_of_another_boot_is_void(connection: Connection, clock: VirtualClock) -> None:
    before, after = open_books(connection, clock, "boot-1"), open_books(connection, clock, "boot-2")
    due(before, l1="-1")
    old = claim(before)
    (taken,) = claim(after)
    assert taken.attempts == 2
    with before.writing() as unit:
        assert unit.held_of(old) == set()


def test_boots_whose_names_begin_alike_are_kept_apart(connection: Connection, clock: VirtualClock) -> None:
    one, ten = open_books(connection, clock, "boot-1"), open_books(connection, clock, "boot-10")
    due(one, l1="-1")
    claim(ten)
    assert len(claim(one)) == 1


@pytest.mark.parametrize("count", [1, 499, 500, 501, 1200])
def test_any_number_of_messages_can_be_settled_at_once(books: SqlBooks, count: int) -> None:
    with books.writing() as unit:
        unit.make_due(POS, dict.fromkeys(range(1, count + 1), Decimal(-1)))
        claimed = unit.claim_writes(POS, 5000, LEASE)
        assert len(unit.held_of(claimed)) == count
        unit.done(claimed)
    assert books.summary().messages == {}


def test_a_lane_is_processed_in_order(books: SqlBooks, connection: Connection) -> None:
    due(books, l1="5", l2="-1")
    with connection.write() as db:
        db.run("UPDATE message SET lane = 'stock:CUP'")
    assert [one.body for one in claim(books)] == ["1"]
    assert claim(books) == []


def test_a_lane_goes_on_when_its_elder_is_settled(books: SqlBooks, connection: Connection) -> None:
    due(books, l1="5", l2="-1")
    with connection.write() as db:
        db.run("UPDATE message SET lane = 'stock:CUP'")
    elder = claim(books)
    settle(books, lambda unit: unit.done(elder))
    assert [one.body for one in claim(books)] == ["2"]


def test_what_is_done_is_gone_until_it_is_due_again(books: SqlBooks) -> None:
    due(books, l1="-1")
    claimed = claim(books)
    settle(books, lambda unit: unit.done(claimed, "applied"))
    assert claim(books) == []
    due(books, l1="-1")
    (anew,) = claim(books)
    assert (anew.id, anew.attempts, anew.failing_for) == (claimed[0].id, 1, 0)


def test_again_is_due_at_once_and_no_failure(books: SqlBooks) -> None:
    due(books, l1="-1")
    claimed = claim(books)
    settle(books, lambda unit: unit.again(claimed))
    (anew,) = claim(books)
    assert (anew.attempts, anew.failing_for) == (1, 0)


def test_waiting_for_a_side_is_no_failure(books: SqlBooks) -> None:
    due(books, l1="-1")
    for _ in range(20):
        claimed = claim(books)
        settle(books, lambda unit, held=claimed: unit.wait(held, "refused"))  # type: ignore[misc]
    (anew,) = claim(books)
    assert (anew.attempts, anew.failing_for) == (1, 0)
    assert [one.sentence for one in books.waiting(10)] == ["refused"]


def test_a_failure_is_due_again_when_the_verdict_says(books: SqlBooks, clock: VirtualClock) -> None:
    due(books, l1="-1")
    (claimed,) = claim(books)
    settle(books, lambda unit: unit.retry(claimed, Verdict(clock.now() + 60, 5.0), "closed"))
    clock.advance(59)
    assert claim(books) == []
    clock.advance(1)
    (anew,) = claim(books)
    assert (anew.attempts, anew.failing_for, anew.tried_at) == (2, 5.0, clock.now() - 60)


def test_who_gave_up_is_dead_and_shown(books: SqlBooks, clock: VirtualClock) -> None:
    due(books, l1="-1")
    (claimed,) = claim(books)
    settle(books, lambda unit: unit.retry(claimed, Verdict(None, 9.0), "closed for good"))
    clock.advance(1e9)
    assert claim(books) == []
    assert [(one.state, one.sentence) for one in books.waiting(10)] == [("dead", "closed for good")]


def bury(unit: Unit, message: Message) -> None:
    unit.retry(message, Verdict(None, 700_000.0), "closed")


def park(unit: Unit, message: Message) -> None:
    unit.park(message, "not_found", "gone")


def put_off(unit: Unit, message: Message) -> None:
    unit.retry(message, Verdict(unit.now + 21_600, 90_000.0), "closed")


@pytest.mark.parametrize("how", [bury, park, put_off])
def test_new_activity_revives_what_failed(books: SqlBooks, how: Callable[[Unit, Message], None]) -> None:
    due(books, l1="-1")
    (claimed,) = claim(books)
    settle(books, lambda unit: how(unit, claimed))
    due(books, l1="-2")
    (anew,) = claim(books)
    assert anew.id == claimed.id


@pytest.mark.parametrize("how", [bury, park])
def test_what_new_activity_revives_begins_afresh(
    books: SqlBooks, clock: VirtualClock, how: Callable[[Unit, Message], None]
) -> None:
    due(books, l1="-1")
    (claimed,) = claim(books)
    settle(books, lambda unit: how(unit, claimed))
    clock.advance(1e7)
    due(books, l1="-2")
    (anew,) = claim(books)
    assert (anew.attempts, anew.failing_for) == (1, 0)


def test_a_side_that_is_back_gets_everything_that_failed_there(books: SqlBooks) -> None:
    due(books, l1="-1", l2="-1", l3="-1")
    due(books, STORE, l1="-1")
    claimed = [*claim(books), *claim(books, STORE)]
    with books.writing() as unit:
        for message, how in zip(claimed, (bury, put_off, park, bury), strict=True):
            how(unit, message)
    with books.writing() as unit:
        assert unit.revive(POS) == 2
    assert {one.body for one in claim(books)} == {"1", "2"}
    assert [(one.side, one.state) for one in books.waiting(10)][:2] == [("store", "dead"), ("pos", "parked")]


def test_what_an_earlier_run_put_off_is_due_at_a_start(connection: Connection, clock: VirtualClock) -> None:
    before = open_books(connection, clock, "boot-1")
    due(before, l1="-1")
    (claimed,) = claim(before)
    settle(before, lambda unit: put_off(unit, claimed))
    clock.seconds -= 5e8  # the machine's clock was wrong
    after = open_books(connection, clock, "boot-2")
    after.take_over()
    assert len(claim(after)) == 1


def test_it_is_known_when_the_next_message_falls_due(books: SqlBooks, clock: VirtualClock) -> None:
    assert books.next_due(POS) is None
    assert books.next_due(None) is None
    due(books, l1="-1")
    assert books.next_due(POS) == clock.now()
    (claimed,) = claim(books)
    assert books.next_due(POS) is None
    settle(books, lambda unit: put_off(unit, claimed))
    assert books.next_due(POS) == clock.now() + 21_600
    assert books.next_due(STORE) is None
