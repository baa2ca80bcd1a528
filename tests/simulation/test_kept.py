"""A schedule finds everything as new, although it is played with the databases of the one before."""

from __future__ import annotations

import sqlite3
from typing import Any

from tests.simulation.books import fresh_books, fresh_till
from tests.simulation.options import Wishes
from tests.simulation.play import play


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
