"""A schedule finds everything as new, although it is played with the databases of the one before."""

from __future__ import annotations

import sqlite3
from typing import Any

from tests.simulation.books import fresh_books, fresh_till
from tests.simulation.options import Wishes
from tests.simulation.play import play
from tests.simulation.restoring import exchange


def content(raw: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, and what was made for the time of a connection."""
    tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
    found = {name: raw.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
    return found | {"temporary": raw.execute("SELECT name FROM sqlite_temp_master").fetchall()}


def test_what_a_schedule_leaves_behind_is_not_there_in_the_next() -> None:
    with fresh_books() as books, fresh_till() as till:
        new = content(books.raw), content(till)
    for kind in ("keys", "history"):
        play(4, Wishes(kind, restoring="on"))
        with fresh_books() as books, fresh_till() as till:
            assert (content(books.raw), content(till)) == new


def test_a_schedule_is_the_same_whatever_was_played_before_it() -> None:
    alone = play(7, Wishes("keys"))
    for kind in ("levels", "repeating"):
        play(8, Wishes(kind))
        again = play(7, Wishes("keys"))
        assert (again.trace, again.met, again.problems) == (alone.trace, alone.met, alone.problems)


def test_two_borrowers_have_two_databases() -> None:
    with fresh_till() as one, fresh_till() as other:
        assert one is not other


def test_what_was_left_in_the_middle_of_something_is_not_lent_again() -> None:
    with fresh_till() as left:
        left.execute("BEGIN")
    with fresh_till() as till:
        assert till is not left
        assert not till.in_transaction


class Careful(sqlite3.Connection):
    """Says which triggers pointed into the tables that went."""

    pointed: tuple[str, ...] = ("not asked",)

    def deserialize(self, data: Any, /, *, name: str = "main") -> None:
        self.pointed = tuple(one for (one,) in self.execute("SELECT name FROM sqlite_temp_master WHERE type='trigger'"))
        super().deserialize(data, name=name)


def test_what_watches_a_database_points_into_none_that_went_and_watches_the_one_that_came() -> None:
    """In the till's a trigger notes when each change was committed."""
    watched = sqlite3.connect(":memory:", isolation_level=None, factory=Careful)
    watched.execute("CREATE TABLE document (n INTEGER)")
    watched.execute("CREATE TEMP TABLE posted (n INTEGER)")
    watched.execute("CREATE TEMP TRIGGER rung AFTER INSERT ON document BEGIN INSERT INTO posted VALUES (new.n); END")
    exchange(watched, watched.serialize())
    watched.execute("INSERT INTO document VALUES (2)")
    assert watched.pointed == ()
    assert watched.execute("SELECT n FROM posted").fetchall() == [(2,)]
    watched.close()
