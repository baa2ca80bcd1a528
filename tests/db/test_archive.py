"""The old part of the books goes in small pieces, and the sums stay true."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests import builders
from tests.builders import POS, STORE, bear, open_cup, sale_in_store
from tests.fakes import VirtualClock
from tillbridge.core.accounts import Account, Entry, EntryKind
from tillbridge.core.stock import ZERO, SideName
from tillbridge.db.archive import SqlArchive
from tillbridge.db.books import SqlBooks
from tillbridge.db.connect import Connection, open_database
from tillbridge.db.mailbox import SqlMailbox
from tillbridge.ports import Parcel

Sums = dict[tuple[str, str, str], Decimal]


def sums(connection: Connection) -> Sums:
    """What the journal says, by side, outlet and kind."""
    found: Sums = {}
    with connection.read() as db:
        for side, outlet, kind, amount in db.rows("SELECT side, outlet, kind, amount FROM entry"):
            found[side, outlet, kind] = found.get((side, outlet, kind), ZERO) + Decimal(amount)
    return found


def entries(connection: Connection) -> int:
    """How long the journal is."""
    with connection.read() as db:
        return int(db.rows("SELECT COUNT(*) FROM entry")[0][0])


def trade(books: SqlBooks, start: int, count: int) -> None:
    """So many changes at the store and as many writes at the POS."""
    with books.writing() as unit:
        shelf = unit.shelves_by_link([1])[1]
        store, pos = shelf.store, shelf.pos[0]
        posted: list[tuple[Account, Entry]] = []
        for number in range(start, start + count):
            store, entry = bear(store, Decimal("-0.5"), f"store:{number}", "admin")
            posted.append((store, entry))
            written = Entry(EntryKind.WRITTEN, Decimal("-0.5"), f"key-{number}", "write")
            pos = Account(1, POS, "main", pos.opening, pos.born, pos.written + written.amount)
            posted.append((pos, written))
        unit.post(posted)


def test_settled_messages_are_forgotten_when_they_are_old(
    books: SqlBooks, connection: Connection, clock: VirtualClock
) -> None:
    for name in ("old", "young"):
        with books.writing() as unit:
            unit.add([sale_in_store(name)])
            unit.done(unit.claim_events(10))
        clock.advance(100)
    assert SqlArchive(connection).forget_done(clock.now() - 150) == 1
    with books.writing() as unit:
        assert unit.add([sale_in_store("young")]) == 0
        assert unit.add([sale_in_store("old")]) == 1


def test_what_is_not_settled_is_never_forgotten(books: SqlBooks, connection: Connection, clock: VirtualClock) -> None:
    with books.writing() as unit:
        unit.add([sale_in_store("waiting"), sale_in_store("parked")])
        unit.park(unit.claim_events(2)[1], "unknown_topic", "update")
        unit.make_due(POS, {1: Decimal(-1)})
    clock.advance(1e9)
    assert SqlArchive(connection).forget_done(clock.now()) == 0
    assert sum(books.summary().messages.values()) == 3


def test_more_than_a_piece_is_forgotten_in_pieces(books: SqlBooks, connection: Connection, clock: VirtualClock) -> None:
    with books.writing() as unit:
        unit.add([sale_in_store(str(number)) for number in range(1201)])
        unit.done(unit.claim_events(5000))
    assert SqlArchive(connection).forget_done(clock.now() + 1) == 1201


def test_nonces_are_forgotten_when_they_may_be(connection: Connection, clock: VirtualClock) -> None:
    mailbox = SqlMailbox(connection, clock, lambda: None, lambda _: None)
    mailbox.deliver([Parcel((), "early", clock.now() + 10), Parcel((), "late", clock.now() + 600)])
    assert SqlArchive(connection).forget_nonces(clock.now() + 60) == 1
    with connection.read() as db:
        assert db.rows("SELECT value FROM nonce") == [("late",)]


def test_folding_keeps_every_sum(books: SqlBooks, connection: Connection, clock: VirtualClock) -> None:
    with books.writing() as unit:
        open_cup(unit, cellar="3")
    trade(books, 0, 50)
    clock.advance(100)
    trade(books, 50, 7)
    before = sums(connection)
    assert SqlArchive(connection).fold_journal(clock.now() - 50) == 98
    assert sums(connection) == before
    assert entries(connection) == 3 + 2 + 14


def test_folding_again_changes_nothing(books: SqlBooks, connection: Connection, clock: VirtualClock) -> None:
    with books.writing() as unit:
        open_cup(unit)
    trade(books, 0, 5)
    clock.advance(100)
    archive = SqlArchive(connection)
    assert archive.fold_journal(clock.now()) == 8
    assert archive.fold_journal(clock.now()) == 0


def test_folding_does_not_make_the_books_look_restored_from_a_backup(
    books: SqlBooks, connection: Connection, clock: VirtualClock
) -> None:
    with books.writing() as unit:
        open_cup(unit)
    trade(books, 0, 5)
    clock.advance(100)
    before = books.mark()
    assert SqlArchive(connection).fold_journal(clock.now()) == 8
    assert books.mark() == before


def test_a_lone_old_entry_keeps_its_paper(books: SqlBooks, connection: Connection, clock: VirtualClock) -> None:
    with books.writing() as unit:
        open_cup(unit)
        store = unit.shelves_by_link([1])[1].store
        unit.post([bear(store, Decimal(-1), "store:e1", "order_line", "9001")])
    assert SqlArchive(connection).fold_journal(clock.now() + 1) == 0
    with connection.read() as db:
        assert db.rows("SELECT source, document FROM entry WHERE kind = 'born'") == [("store:e1", "9001")]


def test_what_was_carried_is_carried_on(books: SqlBooks, connection: Connection, clock: VirtualClock) -> None:
    with books.writing() as unit:
        open_cup(unit)
    archive = SqlArchive(connection)
    for year in range(5):
        trade(books, year * 10, 10)
        clock.advance(100)
        archive.fold_journal(clock.now())
    assert entries(connection) == 4
    assert sums(connection)["store", "", "born"] == Decimal(-25)


def test_more_accounts_than_a_piece_are_folded(books: SqlBooks, connection: Connection, clock: VirtualClock) -> None:
    with books.writing() as unit:
        builders.open_links(unit, 120)
        shelves = unit.shelves_by_link(range(1, 121)).values()
        for day in range(3):
            unit.post([bear(found.store, Decimal(-1), f"store:{day}", "admin") for found in shelves])
    assert SqlArchive(connection).fold_journal(clock.now() + 1) == 240
    assert entries(connection) == 120 * 3


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.sampled_from([STORE, POS]), st.decimals(-99, 99, places=3), st.integers(0, 9)), max_size=20)
)
def test_after_any_folding_the_journal_still_explains_the_accounts(
    changes: list[tuple[SideName, Decimal, int]],
) -> None:
    clock = VirtualClock()
    connection = open_database("sqlite:///:memory:")
    books = SqlBooks(connection, clock, "boot-1")
    with books.writing() as unit:
        open_cup(unit)
    for number, (side, amount, wait) in enumerate(changes):
        with books.writing() as unit:
            account = unit.shelves_by_link([1])[1].account(side, "main")
            assert account is not None
            unit.post([bear(account, amount, f"{side}:{number}", "admin")])
        clock.advance(wait)
        if wait == 5:
            SqlArchive(connection).fold_journal(clock.now() - 3)
    SqlArchive(connection).fold_journal(clock.now())
    found = sums(connection)
    with books.writing() as unit:
        for account in unit.shelves_by_link([1])[1].all():
            journal = [amount for (side, _, _), amount in found.items() if side == account.side]
            assert sum(journal, ZERO) == account.known
    connection.forget_thread()
