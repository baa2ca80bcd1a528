"""Databases in memory that one schedule after the other is played with, empty again each time.

What SQLite has compiled of a statement lasts as long as its connection and its tables. A schedule has some two hundred
of them, each used a few times: compiled anew for every schedule they would be a tenth of its time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from graphlib import TopologicalSorter
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Lends what is made by `make`, to one borrower at a time. `raw` says which database is inside of it."""

    def __init__(self, make: Callable[[], T], raw: Callable[[T], sqlite3.Connection]) -> None:
        self._make = make
        self._raw = raw
        self._free: list[tuple[T, _New]] = []

    @contextmanager
    def lent(self) -> Iterator[T]:
        """As new: whatever the last borrower left is gone."""
        one, new = self._free.pop() if self._free else self._made()
        yield one
        with suppress(sqlite3.Error):  # who was left in the middle of something is lent no more, nor after an exception
            new.restore()
            self._free.append((one, new))

    def _made(self) -> tuple[T, _New]:
        one = self._make()
        return one, _New(self._raw(one))


class _New:
    """What is in the tables of a new database: next to nothing."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._db = raw
        tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
        pointing: dict[str, set[str]] = {name: set() for name in tables}
        for name in tables:
            for row in raw.execute(f"PRAGMA foreign_key_list({name})"):
                pointing[row[2]].add(name)
        self._tables = tuple(TopologicalSorter(pointing).static_order())  # whoever points at a row goes before it
        self._rows: dict[str, list[tuple[Any, ...]]] = {
            name: rows for name in reversed(self._tables) if (rows := raw.execute(f"SELECT * FROM {name}").fetchall())
        }

    def restore(self) -> None:
        """Put it back to that."""
        for kind, name in self._db.execute("SELECT type, name FROM sqlite_temp_master").fetchall():
            self._db.execute(f"DROP {kind} IF EXISTS temp.{name}")
        self._db.execute("BEGIN")
        for name in self._tables:
            self._db.execute(f"DELETE FROM {name}")
        for name, rows in self._rows.items():
            self._db.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        self._db.execute("COMMIT")
