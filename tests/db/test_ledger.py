"""Links, accounts and the journal that explains them."""

from __future__ import annotations

from decimal import Decimal

import peewee
import pytest

from tests.builders import CUP, CUP_POS, CUP_STORE, POS, STORE, bear, open_cup, open_links
from tests.fakes import VirtualClock
from tillbridge.core import accounts
from tillbridge.core.accounts import Account
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.links import Held, Pair
from tillbridge.core.stock import SideName
from tillbridge.db.books import SqlBooks
from tillbridge.db.connect import Connection
from tillbridge.ports import Unit


def journal(connection: Connection) -> list[tuple[str, str, str, str, str]]:
    """Every entry as (side, outlet, kind, amount, source)."""
    with connection.read() as db:
        rows = db.rows("SELECT side, outlet, kind, amount, source FROM entry ORDER BY id")
    return [(side, outlet, kind, amount, source) for side, outlet, kind, amount, source in rows]


def cup(unit: Unit, side: SideName, outlet: str = "main") -> Account:
    """The cup's account as stored."""
    found = unit.shelves(STORE, [CUP_STORE])[CUP_STORE].account(side, outlet)
    assert found is not None
    return found


def test_a_link_opens_with_its_counted_levels(books: SqlBooks, connection: Connection) -> None:
    with books.writing() as unit:
        link = open_cup(unit, "12.5", "10", "-0.5", cellar="3")
        assert (link.sku, link.store_ref, link.pos_ref, link.offset) == (CUP, CUP_STORE, CUP_POS, Decimal("-0.5"))
    with books.writing() as unit:
        by_store, by_pos = unit.shelves(STORE, [CUP_STORE]), unit.shelves(POS, [CUP_POS])
        assert by_store[CUP_STORE] == by_pos[CUP_POS] == unit.shelves_by_link([link.id])[link.id]
        assert by_store[CUP_STORE].link == link
        assert [one.outlet for one in by_store[CUP_STORE].pos] == ["cellar", "main"]
    assert journal(connection) == [
        ("store", "", "opening", "12.5", ""),
        ("pos", "main", "opening", "10", ""),
        ("pos", "cellar", "opening", "3", ""),
    ]


def test_refs_without_a_link_have_no_shelf(books: SqlBooks) -> None:
    with books.writing() as unit:
        open_cup(unit)
        assert set(unit.shelves(STORE, [CUP_STORE, "77", CUP_STORE])) == {CUP_STORE}
        assert unit.shelves(POS, [CUP_STORE]) == {}
        assert unit.shelves_by_link([99]) == {}


@pytest.mark.parametrize("pair", [Pair("B", CUP_STORE, "99"), Pair("B", "99", CUP_POS)])
def test_an_item_belongs_to_one_link_only(books: SqlBooks, pair: Pair) -> None:
    with books.writing() as unit:
        open_cup(unit)

    def link_again() -> None:
        with books.writing() as unit:
            unit.open_link(pair, Decimal(0), {(STORE, ""): Decimal(1), (POS, "main"): Decimal(1)}, 0)

    with pytest.raises(peewee.IntegrityError):
        link_again()


def test_more_links_than_a_statement_takes_are_found_together(books: SqlBooks) -> None:
    with books.writing() as unit:
        open_links(unit, 1100)
        found = unit.shelves(STORE, [str(number) for number in range(1, 1101)])
        assert len(found) == len(unit.shelves_by_link(range(1, 1101))) == 1100


def test_an_entry_and_its_account_are_stored_together(books: SqlBooks, connection: Connection) -> None:
    with books.writing() as unit:
        open_cup(unit)
        unit.post([bear(cup(unit, STORE), Decimal("-2.5"), "store:e1", "order_line", "9001")])
    with books.writing() as unit:
        assert cup(unit, STORE).born == Decimal("-2.5")
    assert journal(connection)[-1] == ("store", "", "born", "-2.5", "store:e1")


def test_of_several_entries_of_an_account_the_last_state_counts(books: SqlBooks) -> None:
    with books.writing() as unit:
        open_cup(unit)
        first = bear(cup(unit, STORE), Decimal(-1), "store:e1", "admin")
        second = bear(first[0], Decimal(-1), "store:e2", "admin")
        unit.post([first, second])
        assert cup(unit, STORE).known == Decimal(8)


def test_a_source_moves_an_account_once(books: SqlBooks) -> None:
    """The journal's unique index is the last word on exactly once."""
    with books.writing() as unit:
        open_cup(unit)
        unit.post([bear(cup(unit, STORE), Decimal(-1), "store:e1", "admin")])

    def post_again() -> None:
        with books.writing() as unit:
            unit.post([bear(cup(unit, STORE), Decimal(-1), "store:e1", "admin")])

    with pytest.raises(Exception, match="UNIQUE"):
        post_again()
    with books.writing() as unit:
        assert cup(unit, STORE).known == Decimal(9)


def test_a_write_under_way_survives_the_process(books: SqlBooks, connection: Connection, clock: VirtualClock) -> None:
    with books.writing() as unit:
        open_cup(unit)
        first = accounts.attempt(cup(unit, POS), Decimal("-0.125"), "k1", unit.now)
        begun = accounts.attempt_again(first, unit.now + 1)
        unit.save([begun])
    with SqlBooks(connection, clock, "boot-2").writing() as unit:
        assert cup(unit, POS) == begun
        unit.save([accounts.settle(begun, Outcome(Status.VOIDED), 0.0).account])
    with books.writing() as unit:
        assert cup(unit, POS).unsettled is None


def test_an_opening_is_never_overwritten(books: SqlBooks) -> None:
    with books.writing() as unit:
        open_cup(unit)
        unit.save([Account(1, POS, "main", Decimal(99), Decimal(-1))])
        assert (cup(unit, POS).opening, cup(unit, POS).born) == (Decimal(10), Decimal(-1))


def test_it_is_known_which_events_moved_an_account(books: SqlBooks) -> None:
    sources = [f"store:e{number}" for number in range(1100)]
    with books.writing() as unit:
        open_cup(unit)
        for source in sources[::100]:
            unit.post([bear(cup(unit, STORE), Decimal(-1), source, "admin")])
    with books.writing() as unit:
        assert unit.posted(sources) == set(sources[::100])
        assert unit.posted([]) == set()


def test_what_is_linked_is_listed_by_side(books: SqlBooks) -> None:
    with books.writing() as unit:
        assert unit.linked_refs() == {STORE: [], POS: []}
        open_cup(unit)
        assert unit.linked_refs() == {STORE: [CUP_STORE], POS: [CUP_POS]}


def test_a_change_of_an_unlinked_item_is_remembered_by_its_message(books: SqlBooks) -> None:
    with books.writing() as unit:
        unit.drop(STORE, {"77": 5, "78": 3})
        unit.drop(STORE, {"78": 6})
        unit.drop(POS, {"12": 9})
    with books.writing() as unit:
        assert unit.dropped_since(STORE, 0) == {"77", "78"}
        assert unit.dropped_since(STORE, 5) == {"78"}
        assert unit.dropped_since(STORE, 6) == set()
        assert unit.dropped_since(POS, 8) == {"12"}


def test_a_side_without_a_cursor_begins_from_now(books: SqlBooks) -> None:
    with books.writing() as unit:
        assert unit.cursor(POS) == ""
        unit.move_cursor(POS, "124")
        unit.move_cursor(POS, "125")
        assert (unit.cursor(POS), unit.cursor(STORE)) == ("125", "")


def test_a_pause_lasts_until_it_is_lifted(books: SqlBooks, connection: Connection, clock: VirtualClock) -> None:
    with books.writing() as unit:
        unit.pause([POS])
        unit.pause([POS, STORE])
        unit.resume([STORE])
    after_restart = SqlBooks(connection, clock, "boot-2")
    with after_restart.writing() as unit:
        assert unit.paused() == {POS}
    assert after_restart.summary().paused == (POS,)
    with books.writing() as unit:
        unit.resume([POS, STORE])
        assert unit.paused() == set()


def test_small_facts_are_remembered_with_their_time(books: SqlBooks, clock: VirtualClock) -> None:
    with books.writing() as unit:
        assert unit.noted("sell_from") == ""
        unit.note("sell_from", "main")
    clock.advance(5)
    with books.writing() as unit:
        unit.note("sell_from", "cellar")
        assert unit.noted("sell_from") == "cellar"
    assert books.summary().notes["sell_from"] == ("cellar", clock.now())


def test_the_list_of_what_is_held_out_is_replaced(books: SqlBooks) -> None:
    blank = Held(STORE, "1", "", "Cup", "blank_sku", "It has no SKU.")
    double = Held(POS, "9", "A", "Mug", "duplicate_sku", "Twice.")
    with books.writing() as unit:
        unit.hold([blank, double, double])
        assert unit.held_of_refs(POS, ["9", "10", "1"]) == {"9"}
    assert books.summary().held == {"blank_sku": 1, "duplicate_sku": 1}
    with books.writing() as unit:
        unit.hold([blank])
    assert books.held() == [blank]


def test_the_picture_for_people_adds_up(books: SqlBooks, clock: VirtualClock) -> None:
    empty = books.summary()
    assert (empty.messages, empty.links, empty.unsettled, empty.oldest_ready) == ({}, 0, 0, None)
    with books.writing() as unit:
        open_cup(unit)
        unit.save([accounts.attempt(cup(unit, POS), Decimal(-1), "k1", unit.now)])
        unit.make_due(POS, {1: Decimal(-1)})
    since = clock.now()
    clock.advance(60)
    with books.writing() as unit:
        unit.make_due(STORE, {1: Decimal(-1)})
        unit.make_due(POS, {1: Decimal(-2)})
    full = books.summary()
    assert full.messages == {("ready", "pos"): 1, ("ready", "store"): 1}
    assert (full.links, full.unsettled, full.oldest_ready) == (1, 1, since)
    assert full.bytes > 4096
