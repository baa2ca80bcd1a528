"""Where the till keeps its books: one SQLite file, brought up to date step by step when it is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE outlet (id TEXT PRIMARY KEY, name TEXT NOT NULL, place INTEGER NOT NULL)",
        "CREATE TABLE item (id INTEGER PRIMARY KEY, sku TEXT NOT NULL, name TEXT NOT NULL, price INTEGER NOT NULL,"
        " tracked INTEGER NOT NULL)",
        "CREATE INDEX item_sku ON item (sku)",
        "CREATE TABLE document (id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, number TEXT NOT NULL UNIQUE,"
        " n INTEGER UNIQUE, kind TEXT NOT NULL, key TEXT UNIQUE, author TEXT NOT NULL, at TEXT NOT NULL,"
        " outlet TEXT NOT NULL REFERENCES outlet, destination TEXT NOT NULL, sale TEXT NOT NULL, reason TEXT NOT NULL,"
        " payment TEXT NOT NULL, total INTEGER NOT NULL, content TEXT NOT NULL, lines TEXT NOT NULL)",
        "CREATE INDEX document_waiting ON document (id) WHERE n IS NULL",
        "CREATE INDEX document_sale ON document (sale) WHERE sale <> ''",
        "CREATE TABLE movement (document INTEGER NOT NULL REFERENCES document, line INTEGER NOT NULL,"
        " item INTEGER NOT NULL REFERENCES item, outlet TEXT NOT NULL REFERENCES outlet, delta INTEGER NOT NULL,"
        " before INTEGER NOT NULL, PRIMARY KEY (document, line)) WITHOUT ROWID",
        "CREATE TABLE level (item INTEGER NOT NULL REFERENCES item, outlet TEXT NOT NULL REFERENCES outlet,"
        " quantity INTEGER NOT NULL, PRIMARY KEY (item, outlet)) WITHOUT ROWID",
        "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    ),
    # The database's random name. Whoever reads the feed tells by it a database that was made anew, or exchanged.
    ("INSERT INTO setting (name, value) VALUES ('incarnation', lower(hex(randomblob(16))))",),
    # Web orders, each under its reference, how documents were paid, and who bought.
    (
        "CREATE TABLE customer (id INTEGER PRIMARY KEY, external_id TEXT UNIQUE, name TEXT NOT NULL,"
        " email TEXT NOT NULL, phone TEXT NOT NULL, address TEXT NOT NULL, email_sought TEXT NOT NULL,"
        " phone_sought TEXT NOT NULL, erased INTEGER NOT NULL DEFAULT 0)",
        "CREATE INDEX customer_email ON customer (email_sought) WHERE email_sought <> ''",
        "CREATE INDEX customer_phone ON customer (phone_sought) WHERE phone_sought <> ''",
        "ALTER TABLE document ADD COLUMN reference TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE document ADD COLUMN order_number TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE document ADD COLUMN payments TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE document ADD COLUMN customer INTEGER REFERENCES customer",
        "CREATE INDEX document_reference ON document (reference) WHERE reference <> ''",
        "CREATE INDEX document_at ON document (at)",
    ),
)
"""Each step is applied once, in one transaction; `user_version` says how many a file has seen. Only ever append."""


class NewerDatabase(Exception):
    """The file was written by a newer till; opening it with this one could harm it."""


def open_file(path: str) -> sqlite3.Connection:
    """Open or create the books. A recorded document survives a power cut: WAL, and every commit reaches the disk."""
    connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return _ready(connection)


def open_memory() -> sqlite3.Connection:
    """Books that live as long as the connection: for a simulation."""
    return _ready(sqlite3.connect(":memory:", isolation_level=None))


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and nobody else writes meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[None]:
    """Several reads that all see one moment."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def migrate(connection: sqlite3.Connection) -> None:
    """Apply the steps that this file has not seen. Two programs that open it at once do not collide."""
    for number, steps in enumerate(MIGRATIONS, start=1):
        with writing(connection):
            if _version(connection) < number:
                for step in steps:
                    connection.execute(step)
                connection.execute(f"PRAGMA user_version = {number}")
    if _version(connection) > len(MIGRATIONS):
        raise NewerDatabase("a newer version of the till wrote this database: update the till, or use another file")


def _ready(connection: sqlite3.Connection) -> sqlite3.Connection:
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
