"""What documents do to the shelf and to the change feed."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.till.builders import CUP, TEE, WRAP, Hands, a_book, ring
from tillbridge.till import storage
from tillbridge.till.book import Book
from tillbridge.till.catalogue import Card
from tillbridge.till.papers import Author, Draft, Kind, Line
from tillbridge.till.refusal import Refusal


def refused(book: Book, code: str, kind: Kind, *lines: tuple[int, str], **more: Any) -> None:
    before = (book.feed.head(), book.recent(1))
    with pytest.raises(Refusal) as no:
        ring(book, kind, *lines, **more)
    assert no.value.code == code
    assert (book.feed.head(), book.recent(1)) == before, "a refusal leaves nothing behind"


def test_a_sale_lowers_the_level_and_a_delivery_raises_it() -> None:
    book = a_book()
    ring(book, Kind.DELIVERY, (CUP, "10"))
    ring(book, Kind.SALE, (CUP, "2.25"))
    assert book.feed.level(CUP, "main") == 7750
    assert book.feed.level(CUP, "annex") == 0


def test_every_document_is_one_change_with_the_level_before() -> None:
    book = a_book()
    ring(book, Kind.DELIVERY, (CUP, "10"), (TEE, "4"))
    ring(book, Kind.EXCHANGE, (TEE, "1"), taken_back=(Line.of(CUP, "2"),))
    first, second = book.feed.changes(0, 10).changes
    assert [(m.item, m.delta, m.before) for m in first.movements] == [(CUP, 10000, 0), (TEE, 4000, 0)]
    assert [(m.item, m.delta, m.before) for m in second.movements] == [(CUP, 2000, 10000), (TEE, -1000, 4000)]
    assert (first.n, second.n) == (1, 2)


def test_a_transfer_nets_to_zero_in_one_change() -> None:
    book = a_book()
    ring(book, Kind.DELIVERY, (CUP, "10"))
    ring(book, Kind.TRANSFER, (CUP, "3"), to="annex")
    (change,) = book.feed.changes(1, 10).changes
    assert sum(m.delta for m in change.movements) == 0
    assert (book.feed.level(CUP, "main"), book.feed.level(CUP, "annex")) == (7000, 3000)


def test_the_same_item_on_two_lines_counts_twice() -> None:
    book = a_book()
    ring(book, Kind.SALE, (CUP, "1"), (CUP, "2"))
    (change,) = book.feed.changes(0, 10).changes
    assert [(m.delta, m.before) for m in change.movements] == [(-1000, 0), (-2000, -1000)]
    assert book.feed.level(CUP, "main") == -3000


def test_a_count_sets_the_level_and_tells_the_difference() -> None:
    book = a_book()
    ring(book, Kind.DELIVERY, (CUP, "10"))
    ring(book, Kind.COUNT, (CUP, "8"))
    assert book.feed.changes(1, 1).changes[0].movements[0].delta == -2000
    assert book.feed.level(CUP, "main") == 8000


def test_a_count_that_finds_what_was_there_moves_nothing() -> None:
    book = a_book()
    ring(book, Kind.COUNT, (CUP, "0"))
    assert book.feed.changes(0, 1).changes[0].movements == ()


def test_a_count_begun_at_another_level_is_refused() -> None:
    book = a_book()
    ring(book, Kind.DELIVERY, (CUP, "10"))
    line = Line(CUP, 4000, expected=9000)
    with pytest.raises(Refusal) as no:
        book.record(Draft(Kind.COUNT, "main", (line,)))
    assert no.value.code == "level_moved"
    assert book.feed.level(CUP, "main") == 10000


def test_the_same_key_twice_has_one_effect() -> None:
    book = a_book()
    first = ring(book, Kind.SALE, (CUP, "1"), key="k-1")
    second = ring(book, Kind.SALE, (CUP, "1"), key="k-1")
    assert (first.number, first.repeated) == (second.number, False)
    assert second.repeated
    assert book.feed.level(CUP, "main") == -1000


def test_a_key_is_not_lent_to_another_content() -> None:
    book = a_book()
    ring(book, Kind.SALE, (CUP, "1"), key="k-1")
    refused(book, "key_reused", Kind.SALE, (CUP, "2"), key="k-1")
    refused(book, "key_reused", Kind.RETURN, (CUP, "1"), key="k-1")


def test_a_price_that_changed_between_two_attempts_is_still_the_same_sale() -> None:
    book = a_book()
    ring(book, Kind.SALE, (CUP, "1"), key="k-1")
    book.catalogue.change(CUP, Card("CUP", "Cup, blue", 1200))
    assert ring(book, Kind.SALE, (CUP, "1"), key="k-1").repeated


def test_a_refused_document_uses_up_no_key() -> None:
    book = a_book()
    refused(book, "outlet_unknown", Kind.SALE, (CUP, "1"), key="k-1", outlet="moon")
    assert not ring(book, Kind.SALE, (CUP, "1"), key="k-1").repeated


def test_an_untracked_item_is_sold_but_never_moved() -> None:
    book = a_book()
    ring(book, Kind.SALE, (WRAP, "1"), (CUP, "1"))
    assert [m.item for m in book.feed.changes(0, 1).changes[0].movements] == [CUP]
    assert book.feed.level(WRAP, "main") is None
    refused(book, "untracked", Kind.ADJUSTMENT, (WRAP, "1"))
    refused(book, "untracked", Kind.DELIVERY, (CUP, "1"), (WRAP, "1"))


def test_an_item_that_is_tracked_again_has_its_level_again() -> None:
    book = a_book()
    ring(book, Kind.DELIVERY, (CUP, "5"))
    book.catalogue.change(CUP, Card("CUP", "Cup", 990, tracked=False))
    assert book.feed.level(CUP, "main") is None
    book.catalogue.change(CUP, Card("CUP", "Cup", 990))
    assert book.feed.level(CUP, "main") == 5000


def test_no_more_comes_back_than_the_receipt_sold() -> None:
    book = a_book()
    sale = ring(book, Kind.SALE, (CUP, "3")).number
    ring(book, Kind.RETURN, (CUP, "2"), sale=sale)
    refused(book, "returned_more", Kind.RETURN, (CUP, "2"), sale=sale)
    refused(book, "returned_more", Kind.RETURN, (TEE, "1"), sale=sale)
    exchanged = Draft(Kind.EXCHANGE, "main", (Line.of(TEE, "1"),), taken_back=(Line.of(CUP, "1"),), sale=sale)
    book.record(exchanged)
    refused(book, "returned_more", Kind.RETURN, (CUP, "0.001"), sale=sale)


def test_a_document_that_cannot_be_is_refused() -> None:
    book = a_book()
    delivery = ring(book, Kind.DELIVERY, (CUP, "1")).number
    refused(book, "item_unknown", Kind.SALE, (99, "1"))
    refused(book, "lines_missing", Kind.SALE)
    refused(book, "outlet_same", Kind.TRANSFER, (CUP, "1"), to="main")
    refused(book, "outlet_same", Kind.TRANSFER, (CUP, "1"))
    refused(book, "item_twice", Kind.COUNT, (CUP, "1"), (CUP, "2"))
    refused(book, "document_unknown", Kind.RETURN, (CUP, "1"), sale="S-000999")
    refused(book, "sale_unknown", Kind.RETURN, (CUP, "1"), sale=delivery)


def test_a_level_too_large_to_be_true_is_refused() -> None:
    book = a_book()
    book._db.execute("INSERT INTO level VALUES (?, 'main', ?)", (CUP, 10**15))
    refused(book, "too_large", Kind.DELIVERY, (CUP, "1"))


def test_an_exception_inside_the_transaction_leaves_nothing() -> None:
    connection = storage.open_memory()
    book = a_book(connection)
    connection.execute("CREATE TRIGGER crash BEFORE INSERT ON movement BEGIN SELECT raise(FAIL, 'power cut'); END")
    with pytest.raises(sqlite3.Error, match="power cut"):
        ring(book, Kind.SALE, (CUP, "1"), key="k-1")
    connection.execute("DROP TRIGGER crash")
    assert (book.find("k-1"), book.feed.head(), book.feed.level(CUP, "main")) == (None, 0, 0)
    assert ring(book, Kind.SALE, (CUP, "1"), key="k-1").n == 1


def test_a_clock_that_fails_leaves_the_book_usable() -> None:
    class Stopped(Exception):
        """The clock is out of order."""

    def clock() -> None:
        raise Stopped

    connection = storage.open_memory()
    a_book(connection)
    broken = Book(connection, clock, lambda: "0" * 32)  # type: ignore[arg-type]
    with pytest.raises(Stopped):
        ring(broken, Kind.SALE, (CUP, "1"))
    assert not connection.in_transaction


def test_what_is_rung_offline_waits_and_is_posted_with_its_old_time() -> None:
    clock, heads = Hands(), list[int]()
    book = a_book(clock=clock, told=heads.append)
    book.go_offline()
    first = ring(book, Kind.SALE, (CUP, "1"))
    clock.pass_by(hours=1)
    second = ring(book, Kind.RETURN, (CUP, "3"))
    clock.pass_by(hours=14)
    ring(book, Kind.ADJUSTMENT, (TEE, "5"), author=Author.API, key="api-1")
    assert (first.n, second.n, book.waiting()) == (None, None, 2)
    assert (book.feed.level(CUP, "main"), book.feed.head()) == (0, 1)
    assert book.go_online() == 2
    told = book.feed.changes(0, 10).changes
    assert [(change.n, change.document) for change in told] == [(1, "A-000003"), (2, "S-000001"), (3, "R-000002")]
    assert told[1].at == "2026-11-22T10:00:00.000Z"
    assert [m.before for change in told[1:] for m in change.movements] == [0, -1000]
    assert (heads, book.waiting(), book.is_offline()) == ([1, 3], 0, False)


def test_a_sale_rung_twice_offline_is_posted_once() -> None:
    book = a_book()
    book.go_offline()
    ring(book, Kind.SALE, (CUP, "1"), key="k-1")
    assert ring(book, Kind.SALE, (CUP, "1"), key="k-1").repeated
    book.go_online()
    assert ring(book, Kind.SALE, (CUP, "1"), key="k-1").n == 1
    assert book.feed.level(CUP, "main") == -1000


def test_a_count_waits_until_the_register_is_online() -> None:
    book = a_book()
    book.go_offline()
    refused(book, "offline", Kind.COUNT, (CUP, "1"))


def test_coming_online_posts_everything_or_nothing() -> None:
    connection = storage.open_memory()
    book = a_book(connection)
    book.go_offline()
    ring(book, Kind.SALE, (CUP, "1"))
    ring(book, Kind.SALE, (TEE, "1"))
    connection.execute(
        f"CREATE TRIGGER crash BEFORE INSERT ON movement WHEN new.item = {TEE} BEGIN SELECT raise(FAIL, 'cut'); END"
    )
    with pytest.raises(sqlite3.Error, match="cut"):
        book.go_online()
    assert (book.feed.head(), book.waiting(), book.is_offline()) == (0, 2, True)


def test_a_cursor_from_the_future_is_refused() -> None:
    book = a_book()
    with pytest.raises(Refusal) as no:
        book.feed.changes(1, 10)
    assert (no.value.code, no.value.status) == ("cursor_unknown", 410)


def test_a_page_of_levels_never_splits_an_item() -> None:
    book = a_book()
    page = book.feed.levels(0, 2)
    assert [(row.item, row.outlet) for row in page.levels] == [(1, "main"), (1, "annex"), (2, "main"), (2, "annex")]
    assert page.next == 2
    rest = book.feed.levels(2, 2)
    assert ([row.level for row in rest.levels], rest.next) == ([None, None], None)


def test_two_books_on_one_file_give_a_key_one_effect(tmp_path: Path) -> None:
    path = str(tmp_path / "till.sqlite3")
    books = [a_book(storage.open_file(path), first_id=1 + 10_000 * at) for at in range(6)]
    results: list[tuple[str, bool]] = []
    gate = threading.Barrier(len(books))

    def work(book: Book) -> None:
        gate.wait()
        for number in range(20):
            recorded = ring(book, Kind.ADJUSTMENT, (CUP, "-1"), key=f"k-{number}", author=Author.API)
            results.append((recorded.number, recorded.repeated))

    threads = [threading.Thread(target=work, args=(book,)) for book in books]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 120
    assert sum(not repeated for _, repeated in results) == 20
    assert books[0].feed.level(CUP, "main") == -20_000
    assert [change.n for change in books[0].feed.changes(0, 100).changes] == list(range(1, 21))
    for book in books:
        book._db.close()


def test_a_file_remembers_everything_when_it_is_opened_again(tmp_path: Path) -> None:
    path = str(tmp_path / "till.sqlite3")
    connection = storage.open_file(path)
    ring(a_book(connection), Kind.SALE, (CUP, "1"), key="k-1")
    connection.close()
    again = storage.open_file(path)
    assert a_book(again).feed.level(CUP, "main") == -1000
    assert again.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert again.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    again.close()


def test_a_database_of_a_newer_till_is_left_alone(tmp_path: Path) -> None:
    path = str(tmp_path / "till.sqlite3")
    connection = storage.open_file(path)
    connection.execute(f"PRAGMA user_version = {len(storage.MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(storage.NewerDatabase, match="update the till"):
        storage.open_file(path)


Step = tuple[Kind | str, list[tuple[int, int]], str, str | None, Author]

STEPS = st.lists(
    st.tuples(
        st.sampled_from([*Kind, "offline", "online"]),
        st.lists(st.tuples(st.sampled_from([CUP, TEE, WRAP]), st.integers(1, 9000)), min_size=1, max_size=3),
        st.sampled_from(["main", "annex"]),
        st.sampled_from([None, "k1", "k2"]),
        st.sampled_from(list(Author)),
    ),
    max_size=25,
)


@settings(max_examples=80, deadline=None)
@given(STEPS)
def test_every_level_is_the_sum_of_its_movements(steps: list[Step]) -> None:
    book = a_book()
    for kind, lines, outlet, key, author in steps:
        if kind == "offline":
            book.go_offline()
        elif kind == "online":
            book.go_online()
        else:
            made = tuple(Line(item, quantity) for item, quantity in lines)
            try:
                book.record(Draft(Kind(kind), outlet, made, key, author, to="annex" if kind is Kind.TRANSFER else ""))
            except Refusal:
                continue
    book.go_online()
    sums: dict[tuple[int, str], int] = {}
    changes = book.feed.changes(0, 1000).changes
    for change in changes:
        for move in change.movements:
            assert move.before == sums.get((move.item, move.outlet), 0)
            sums[move.item, move.outlet] = move.before + move.delta
    for row in book.feed.levels(0, 100).levels:
        assert row.level == (None if row.item == WRAP else sums.get((row.item, row.outlet), 0))
    assert [change.n for change in changes] == list(range(1, len(changes) + 1))
