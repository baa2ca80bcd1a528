"""A database that refuses is said in words, and nothing of the refused transaction is stored."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.builders import POS, STORE, database, open_links, sale_in_store
from tests.fakes import VirtualClock
from tillbridge.db.books import SqlBooks
from tillbridge.db.connect import Connection, open_database, sqlite_path
from tillbridge.errors import StorageTrouble

PATIENCE = 50  # milliseconds of busy_timeout
MANY = 2000


def fill_up(connection: Connection, room: int = 1) -> None:
    """Let the database grow by so many pages and no more."""
    with connection.read() as db:
        (pages,) = db.rows("PRAGMA page_count")[0]
        db.rows(f"PRAGMA max_page_count = {pages + room}")


def make_room(connection: Connection) -> None:
    """The disk has space again."""
    with connection.read() as db:
        db.rows("PRAGMA max_page_count = 1073741823")


def add_many(books: SqlBooks) -> None:
    """More events than a page holds, and a cursor, in one transaction."""
    with books.writing() as unit:
        unit.move_cursor(POS, "124")
        unit.add([sale_in_store(str(number)) for number in range(MANY)])


def test_a_full_disk_is_trouble_and_nothing_is_stored(books: SqlBooks, connection: Connection) -> None:
    fill_up(connection)
    with pytest.raises(StorageTrouble, match=r"books\.sqlite3.*full"):
        add_many(books)
    with books.writing() as unit:
        assert unit.last_id() == 0
        assert unit.cursor(POS) == ""


def test_work_goes_on_when_there_is_space_again(books: SqlBooks, connection: Connection) -> None:
    fill_up(connection)
    with pytest.raises(StorageTrouble):
        add_many(books)
    make_room(connection)
    add_many(books)
    with books.writing() as unit:
        assert unit.last_id() == MANY


def test_a_full_disk_in_the_middle_of_booking_is_trouble(books: SqlBooks, connection: Connection) -> None:
    """Not a defect of one event: whatever statement meets it, it is told as what it is."""

    def link() -> None:
        with books.writing() as unit:
            open_links(unit, MANY)

    fill_up(connection)
    with pytest.raises(StorageTrouble, match="full"):
        link()
    with books.writing() as unit:
        assert unit.linked_refs() == {STORE: [], POS: []}


def test_a_database_locked_by_another_is_trouble_after_a_while(tmp_path: Path, clock: VirtualClock) -> None:
    books = SqlBooks(database(tmp_path, {"busy_timeout": PATIENCE}), clock, "boot-1")
    other = sqlite3.connect(tmp_path / "books.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageTrouble, match=r"books\.sqlite3.*locked"):
        add_many(books)
    assert books.summary().messages == {}, "who only reads waits for nobody"
    other.execute("ROLLBACK")
    other.close()
    add_many(books)
    assert books.summary().messages == {("ready", ""): MANY}


def test_a_transaction_holds_the_write_lock_from_its_start(connection: Connection, tmp_path: Path) -> None:
    """What it reads first must still be true when it writes, whoever else has the file open."""
    other = sqlite3.connect(tmp_path / "books.sqlite3", isolation_level=None, timeout=0)
    with connection.write(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.close()


@pytest.mark.parametrize("content", [b"not a database, but a letter\n" * 200, b"SQLite format 3\0" + b"\xff" * 4080])
def test_a_file_that_is_no_database_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "books.sqlite3"
    path.write_bytes(content)
    with pytest.raises(StorageTrouble, match=r"books\.sqlite3"):
        database(tmp_path)
    assert path.read_bytes() == content, "what a person may still repair is left alone"


def test_damage_met_later_is_trouble_and_not_a_defect(tmp_path: Path, clock: VirtualClock) -> None:
    connection = database(tmp_path, {"journal_mode": "delete", "cache_size": 10})
    books = SqlBooks(connection, clock, "boot-1")
    add_many(books)
    connection.forget_thread()
    path = tmp_path / "books.sqlite3"
    whole = path.read_bytes()
    path.write_bytes(whole[: 4096 * 14] + b"\xff" * (len(whole) - 4096 * 14))

    def add_more() -> None:
        with books.writing() as unit:
            unit.add([sale_in_store(f"more-{number}") for number in range(MANY)])

    with pytest.raises(StorageTrouble, match=r"books\.sqlite3.*malformed"):
        add_more()


def test_a_statement_for_many_rows_fails_like_any_other(connection: Connection) -> None:
    def store_nowhere() -> None:
        with connection.write() as db:
            db.run_many("INSERT INTO nowhere (a) VALUES (?)", [(1,)])

    with pytest.raises(StorageTrouble, match="nowhere"):
        store_nowhere()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageTrouble, match="file/state"):
        open_database(f"sqlite:///{tmp_path}/file/state/books.sqlite3")


@pytest.mark.parametrize("url", ["postgresql:///tills", "books.sqlite3", "sqlite:///", ""])
def test_another_kind_of_database_is_refused_in_words(url: str) -> None:
    with pytest.raises(StorageTrouble, match="use sqlite:///"):
        sqlite_path(url)


def test_a_path_may_be_relative_or_not() -> None:
    assert sqlite_path("sqlite:////var/lib/books.sqlite3") == "/var/lib/books.sqlite3"
    assert sqlite_path("sqlite:///books.sqlite3") == "books.sqlite3"


def test_a_commit_is_on_disk_before_it_returns(tmp_path: Path) -> None:
    with open_database(f"sqlite:///{tmp_path}/books.sqlite3").read() as db:
        assert db.rows("PRAGMA synchronous") == [(2,)]
        assert db.rows("PRAGMA journal_mode") == [("wal",)]
