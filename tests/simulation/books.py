"""The daemon's books in memory: the production tables and statements, on a connection without ceremony.

A schedule makes some two thousand statements. Peewee's bookkeeping around each of them would be a fifth of its time,
and guards against what one thread with one connection cannot meet.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, Generic, TypeVar

import peewee

from tests.simulation.kept import Kept
from tillbridge.db.connect import Connection, open_database
from tillbridge.errors import StorageTrouble
from tillbridge.till.storage import open_memory

T = TypeVar("T")

STATEMENTS_KEPT = 1000
"""Compiled statements: all that there are, and more."""


class PlainConnection(Connection):
    """A connection of one thread to a database in memory, which is `raw`."""

    def __init__(self, schema: bytes) -> None:
        super().__init__(peewee.SqliteDatabase(":memory:", {"synchronous": 0}, cached_statements=STATEMENTS_KEPT))
        self._database.connect()
        self.raw: sqlite3.Connection = self._database.connection()
        self.raw.deserialize(schema)
        self._cursor: sqlite3.Cursor = self.raw.cursor()

    def write(self) -> Transaction[Connection]:  # type: ignore[override]  # a context manager all the same
        return Transaction(self.raw, self)

    def read(self) -> nullcontext[Connection]:  # type: ignore[override]
        return nullcontext(self)

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._cursor.execute(sql, values).fetchall()

    rows = ask

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        return self._cursor.execute(sql, values).rowcount

    def run_many(self, sql: str, values: Sequence[Sequence[Any]]) -> int:
        return self._cursor.executemany(sql, values).rowcount


class Transaction(Generic[T]):
    """All or nothing of what is done with `within`. A generator for each of some five hundred in a schedule would cost
    more than what is done in most of them."""

    def __init__(self, raw: sqlite3.Connection, within: T) -> None:
        self._raw = raw
        self._within = within

    def __enter__(self) -> T:
        assert not self._raw.in_transaction, "a transaction in a transaction would wait for itself for ever"
        self._raw.execute("BEGIN IMMEDIATE")
        return self._within

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._raw.execute("COMMIT" if error is None else "ROLLBACK")
        if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.IntegrityError):
            raise StorageTrouble(f"the database refuses: {error}") from error


@cache
def _migrated() -> bytes:
    """An empty database with its schema: migrating anew for each schedule would be a tenth of its time."""
    connection = open_database("sqlite:///:memory:")
    with connection.read():
        raw: sqlite3.Connection = connection._database.connection()
        return bytes(raw.serialize())


_BOOKS = Kept(lambda: PlainConnection(_migrated()), lambda one: one.raw)
_TILLS = Kept(open_memory, lambda one: one)


def fresh_books() -> AbstractContextManager[PlainConnection]:
    """Empty books of the daemon, in memory, for one schedule."""
    return _BOOKS.lent()


def fresh_till() -> AbstractContextManager[sqlite3.Connection]:
    """Empty books of a till, in memory, for one schedule."""
    return _TILLS.lent()
