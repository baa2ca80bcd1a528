"""The till names its database and says how far it has come, so that a backup that was put back is noticed."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.till.builders import CUP, TEE, Caller, a_book, ring
from tillbridge.till import storage
from tillbridge.till.book import Book
from tillbridge.till.papers import Author, Kind, Line, Payment
from tillbridge.till.refusal import Refusal

AS_IT_WAS = (
    "INSERT INTO outlet VALUES ('main', 'Main street', 0)",
    "INSERT INTO item VALUES (1, 'CUP', 'Cup, blue', 990, 1)",
    "INSERT INTO document VALUES (1, 'u', 'S-000001', 1, 'sale', 'k', 'till', '2026-11-22T10:00:00.000Z', 'main', '',"
    " '', '', 'card', 1980, '[\"sale\",\"main\",\"\",\"\",[[1,2000,null,null]],[]]',"
    ' \'[[[1, "CUP", "Cup, blue", 2000, 990]], []]\')',
    "INSERT INTO movement VALUES (1, 0, 1, 'main', -2000, 0)",
    "INSERT INTO level VALUES (1, 'main', -2000)",
)
"""A sale as the first till wrote it down."""


def told(book: Book) -> tuple[str, int]:
    """What the API says of the database, which is the same on every road."""
    call = Caller(book)
    answers = [call("GET", target)[1] for target in ("/v1/info", "/v1/changes", "/v1/changes?after=0&limit=1")]
    marks = {(answer["incarnation"], answer["counter"]) for answer in answers}
    assert len(marks) == 1
    return marks.pop()


def test_a_database_keeps_its_name_as_long_as_it_lives(tmp_path: Path) -> None:
    path = str(tmp_path / "till.sqlite3")
    names = set()
    for _ in range(3):
        connection = storage.open_file(path)
        names.add(told(a_book(connection))[0])
        connection.close()
    (name,) = names
    assert len(name) == 32


def test_no_two_databases_have_the_same_name() -> None:
    assert len({told(a_book())[0] for _ in range(20)}) == 20


def test_a_database_from_before_gets_a_name_at_opening_and_keeps_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "till.sqlite3")
    with monkeypatch.context() as before:
        before.setattr(storage, "MIGRATIONS", storage.MIGRATIONS[:1])
        connection = storage.open_file(path)
        for statement in AS_IT_WAS:
            connection.execute(statement)
        connection.close()
    marks = []
    for _ in range(2):
        connection = storage.open_file(path)
        marks.append(told(a_book(connection)))
        connection.close()
    assert marks[0] == marks[1]
    assert (len(marks[0][0]), marks[0][1]) == (32, 1)
    connection = storage.open_file(path)
    book = a_book(connection)
    (sale,) = book.recent(5)
    assert (sale.payments, sale.reference, sale.lines[0].amount) == ((Payment("card", 1980),), "", 1980)
    assert ring(book, Kind.SALE, (CUP, "2"), key="k").repeated
    connection.close()


EVERY_KIND: dict[Kind, dict[str, Any]] = {
    Kind.SALE: {},
    Kind.RETURN: {},
    Kind.EXCHANGE: {"taken_back": (Line.of(TEE, "1"),)},
    Kind.DELIVERY: {},
    Kind.ADJUSTMENT: {"author": Author.API, "key": "k"},
    Kind.TRANSFER: {"to": "annex"},
    Kind.COUNT: {},
}
MOVE_NOTHING = frozenset({Kind.VOID, Kind.PICKUP, Kind.SHIPMENT, Kind.CUSTOMER})
"""These are about a web order or a customer; what a void moves is another test's matter."""


def test_no_kind_of_document_is_forgotten_here() -> None:
    assert set(EVERY_KIND) == set(Kind) - MOVE_NOTHING


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_document_that_moves_stock_raises_the_counter(kind: Kind) -> None:
    book = a_book()
    before = told(book)
    ring(book, kind, (CUP, "2"), **EVERY_KIND[kind])
    assert book.feed.level(CUP, "main") != 0
    assert told(book) == (before[0], before[1] + 1)


def test_what_is_rung_offline_raises_the_counter_when_it_moves_stock() -> None:
    book = a_book()
    book.go_offline()
    ring(book, Kind.SALE, (CUP, "1"))
    ring(book, Kind.SALE, (TEE, "1"))
    assert (told(book)[1], book.feed.level(CUP, "main")) == (0, 0)
    book.go_online()
    assert (told(book)[1], book.feed.level(CUP, "main")) == (2, -1000)


def test_a_refusal_and_a_repeated_key_leave_the_counter_where_it_is() -> None:
    book = a_book()
    ring(book, Kind.ADJUSTMENT, (CUP, "1"), author=Author.API, key="k")
    ring(book, Kind.ADJUSTMENT, (CUP, "1"), author=Author.API, key="k")
    with pytest.raises(Refusal):
        ring(book, Kind.SALE, (99, "1"))
    assert told(book)[1] == 1


def test_a_page_in_the_middle_of_the_feed_tells_the_counter_of_its_end() -> None:
    book = a_book()
    for _ in range(3):
        ring(book, Kind.SALE, (CUP, "1"))
    page = Caller(book)("GET", "/v1/changes?after=0&limit=2")[1]
    assert (page["cursor"], page["counter"], page["more"]) == ("2", 3, True)


def test_a_backup_that_is_put_back_has_the_old_name_and_a_lower_counter() -> None:
    connection = storage.open_memory()
    book = a_book(connection)
    ring(book, Kind.SALE, (CUP, "1"))
    backup = sqlite3.connect(":memory:", isolation_level=None)
    connection.backup(backup)
    ring(book, Kind.SALE, (CUP, "1"))
    name, counter = told(book)
    assert told(a_book(backup)) == (name, counter - 1)
