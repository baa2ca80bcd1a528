"""Bringing a database to the schema that this version needs, one numbered step after another.

Every step runs in the transaction of the whole migration, so that a daemon killed in the middle finds the old schema.
"""

from __future__ import annotations

from collections.abc import Callable

import peewee

from tillbridge.db import fifth, fourth, second, seventh, sixth, tables
from tillbridge.errors import StorageTrouble


def _first(database: peewee.Database) -> None:
    with database.bind_ctx(list(tables.FIRST)):
        database.create_tables(list(tables.FIRST))


def _second(database: peewee.Database) -> None:
    for statement in second.STATEMENTS:
        database.execute_sql(statement)


def _third(database: peewee.Database) -> None:
    # Links that ended because one side has no such item any more: their journal stays, and their numbers are not used
    # again.
    database.execute_sql(
        "CREATE TABLE retired (id INTEGER NOT NULL PRIMARY KEY, sku TEXT NOT NULL, store_ref TEXT NOT NULL,"
        " pos_ref TEXT NOT NULL, shift TEXT NOT NULL, at REAL NOT NULL, words TEXT NOT NULL)"
    )
    database.execute_sql("CREATE INDEX retired_sku ON retired (sku)")


def _fourth(database: peewee.Database) -> None:
    for statement in fourth.STATEMENTS:
        database.execute_sql(statement)


def _fifth(database: peewee.Database) -> None:
    for statement in fifth.STATEMENTS:
        database.execute_sql(statement)


def _sixth(database: peewee.Database) -> None:
    for statement in sixth.STATEMENTS:
        database.execute_sql(statement)


def _seventh(database: peewee.Database) -> None:
    for statement in seventh.STATEMENTS:
        database.execute_sql(statement)


STEPS: tuple[Callable[[peewee.Database], None], ...] = (_first, _second, _third, _fourth, _fifth, _sixth, _seventh)
"""Migration n is STEPS[n − 1]. Never edited once released; only appended to."""


def migrate(database: peewee.Database) -> None:
    """Run the steps that this database has not seen. Raises `StorageTrouble` for a database of a newer Tillbridge."""
    database.execute_sql("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)")
    row = database.execute_sql("SELECT version FROM schema_version").fetchone()
    version = int(row[0]) if row else 0
    if version > len(STEPS):
        raise StorageTrouble(
            f"the database has schema {version}, this Tillbridge knows {len(STEPS)}: install the newer version again"
        )
    for step in STEPS[version:]:
        step(database)
    if row is None:
        database.execute_sql("INSERT INTO schema_version (version) VALUES (?)", (len(STEPS),))
    elif version < len(STEPS):
        database.execute_sql("UPDATE schema_version SET version = ?", (len(STEPS),))


def must_be_current(database: peewee.Database) -> None:
    """Raises `StorageTrouble` for a database that this version would first have to migrate, or cannot know."""
    row = database.execute_sql("SELECT version FROM schema_version").fetchone()
    if row is None or int(row[0]) != len(STEPS):
        raise StorageTrouble(f"the database has another schema than {len(STEPS)}: start this version's daemon first")
