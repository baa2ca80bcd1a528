"""What the simulation asks of the books in one go, and does not ask again, is what the daemon's own threads ask."""

from __future__ import annotations

from decimal import Decimal

from tests.simulation.books import fresh_books
from tests.simulation.clock import VirtualClock
from tests.simulation.idle import Asked
from tests.simulation.watch import Watch, WatchedBooks
from tillbridge.core.events import Told
from tillbridge.core.stock import SideName


def test_what_is_due_is_what_each_worker_would_find_due() -> None:
    clock = VirtualClock()
    with fresh_books() as connection:
        books = WatchedBooks(connection, clock, "boot", Watch())
        with books.writing() as unit:
            unit.add([Told("store:1", "store.event.1", "{}")])
        clock.seconds += 5
        with books.writing() as unit:
            unit.make_due(SideName.POS, {7: Decimal(-1)})
            unit.make_due(SideName.STORE, {7: Decimal(1)})
            unit.pause((SideName.STORE,))
        places = (None, *SideName)
        assert books.dues() == {place: books.next_due(place) for place in places}
        assert books.dues() == {None: clock.seconds - 5, SideName.STORE: None, SideName.POS: clock.seconds}


def test_an_answer_holds_until_something_is_written_or_a_lease_may_have_run_out() -> None:
    answers = iter(range(9))
    written = 1
    asked = Asked(lambda: written, lambda: next(answers))
    assert [asked.get(at) for at in (0.0, 9.0, 10.0)] == [0, 0, 1]
    written = 2
    assert asked.get(11.0) == 2
