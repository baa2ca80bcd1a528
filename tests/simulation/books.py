"""The daemon's books in memory: the production tables and statements, on a connection without ceremony.

A schedule makes some three thousand statements. Peewee's bookkeeping around each of them would be a fifth of its time,
and guards against what one thread with one connection cannot meet.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import peewee

from tillbridge.db.connect import Connection, open_database
from tillbridge.errors import StorageTrouble


class PlainConnection(Connection):
    """A connection of one thread to a database in memory. `changes` is how many rows were ever written."""

    def __init__(self, schema: bytes) -> None:
        super().__init__(peewee.SqliteDatabase(":memory:", pragmas={"synchronous": 0}))
        self._database.connect()
        self.raw: sqlite3.Connection = self._database.connection()
        self.raw.deserialize(schema)

    @property
    def changes(self) -> int:
        return self.raw.total_changes

    @contextmanager
    def write(self) -> Iterator[Connection]:
        assert not self.raw.in_transaction, "a transaction in a transaction would wait for itself for ever"
        self.raw.execute("BEGIN IMMEDIATE")
        try:
            yield self
        except BaseException as error:
            self.raw.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.IntegrityError):
                raise StorageTrouble(f"the database refuses: {error}") from error
            raise
        self.raw.execute("COMMIT")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        yield self

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self.raw.execute(sql, values).fetchall()

    rows = ask

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        return self.raw.execute(sql, values).rowcount

    def run_many(self, sql: str, values: Sequence[Sequence[Any]]) -> int:
        return self.raw.executemany(sql, values).rowcount


@cache
def _migrated() -> bytes:
    """An empty database with its schema: migrating anew for each schedule would be a tenth of its time."""
    connection = open_database("sqlite:///:memory:")
    with connection.read():
        raw: sqlite3.Connection = connection._database.connection()
        return bytes(raw.serialize())


def fresh_books() -> PlainConnection:
    """A database of its own for one schedule, in memory."""
    return PlainConnection(_migrated())
