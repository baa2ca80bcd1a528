"""A till that was restored from a backup, or made anew: all writing stops, with the reason, and reading goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.builders import sale_in_store
from tests.flows.world import POS, STORE, World
from tests.sides.test_till_side import in_process, moved
from tests.sides.test_till_trouble import INFO, Scripted, answer
from tests.till.builders import CUP, TOKEN, Hands, a_book, ring
from tillbridge.core.actions import AdjustStock
from tillbridge.core.marks import Mark
from tillbridge.errors import BadAnswer
from tillbridge.sides.http import Answer
from tillbridge.sides.till import place
from tillbridge.sides.till.place import Place
from tillbridge.sides.till.side import TillSide
from tillbridge.till import storage
from tillbridge.till.api import Api
from tillbridge.till.papers import Kind


class Counter:
    """A till that keeps its address while a backup is put back, or another database put in its place."""

    def __init__(self) -> None:
        self._use(storage.open_memory(), 1)

    def __call__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        return in_process(self._api)(method, target, headers, body)

    def sell(self, times: int = 1) -> None:
        for _ in range(times):
            ring(self._book, Kind.SALE, (CUP, "1"))

    def back_up(self) -> sqlite3.Connection:
        backup = sqlite3.connect(":memory:", isolation_level=None)
        self._connection.backup(backup)
        return backup

    def restore(self, backup: sqlite3.Connection) -> None:
        """What is rung from now on has ids that nobody has seen, as with real dice."""
        self._use(backup, 1000)

    def begin_anew(self) -> None:
        self._use(storage.open_memory(), 2000)

    def side(self) -> TillSide:
        return TillSide(self, TOKEN, Hands(), sell_from="main")

    def _use(self, connection: sqlite3.Connection, first_id: int) -> None:
        self._connection = connection
        self._book = a_book(connection, first_id=first_id)
        self._api = Api(self._book, TOKEN)


class Shop:
    """A daemon whose POS is that till."""

    def __init__(self, folder: Path) -> None:
        self.till = Counter()
        self.world = World(folder)
        self.begin()

    def begin(self) -> None:
        self.world.sides[POS] = self.till.side()
        self.world.put_together(self.world.sql, "main")

    def reads(self) -> bool:
        return self.world.work.read(POS)

    @property
    def why(self) -> str:
        return dict(self.world.sql.summary().stopped).get(POS, "")

    def told(self) -> int:
        """How many events of the till lie in the queue or were booked."""
        return len(self.world.rows("SELECT 1 FROM message WHERE key LIKE 'pos:%'"))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def restored_after(shop: Shop, *, lost: int) -> None:
    """The till is put back to where it was so many sales ago, all of which the daemon knows."""
    shop.till.sell(3)
    assert shop.reads()
    backup = shop.till.back_up()
    shop.till.sell(lost)
    assert shop.reads()
    assert shop.why == ""
    shop.till.restore(backup)


def test_a_restored_till_stops_all_writing_and_says_why(shop: Shop) -> None:
    shop.reads()
    restored_after(shop, lost=2)
    assert shop.reads()
    assert "the database of the pos" in shop.why
    assert "fell from 5 to 3: it was restored from a backup" in shop.why
    assert set(shop.world.sql.summary().stopped) == {STORE, POS}
    shop.world.link_cup()
    shop.world.book(sale_in_store("a"))
    assert not shop.world.work.write(POS)


def test_it_is_read_on_afterwards_from_where_it_is_now(shop: Shop) -> None:
    shop.reads()
    restored_after(shop, lost=2)
    shop.till.sell()
    assert shop.reads()
    before = shop.told()
    shop.till.sell(2)
    assert shop.reads()
    assert shop.told() == before + 2
    assert shop.why


def test_a_person_says_go_on_and_it_goes_on(shop: Shop) -> None:
    shop.reads()
    restored_after(shop, lost=2)
    assert shop.reads()
    with shop.world.sql.writing() as unit:
        unit.resume((STORE, POS))
    shop.till.sell()
    assert shop.reads()
    assert shop.why == ""


def test_a_till_that_was_restored_while_the_daemon_was_down_is_noticed_too(shop: Shop) -> None:
    shop.reads()
    restored_after(shop, lost=2)
    shop.world.restart()
    shop.begin()
    assert shop.reads()
    assert "restored from a backup" in shop.why


def test_a_new_database_is_noticed_and_nothing_of_it_is_booked_however_far_it_is(shop: Shop) -> None:
    shop.reads()
    shop.till.sell(2)
    assert shop.reads()
    before = shop.told()
    shop.till.begin_anew()
    shop.till.sell(5)
    assert shop.reads()
    assert "it has another name" in shop.why
    assert shop.told() == before


def test_a_till_that_lives_on_stops_nothing(shop: Shop) -> None:
    for _ in range(3):
        assert shop.reads()
        shop.till.sell()
    shop.world.restart()
    shop.begin()
    assert shop.reads()
    assert (shop.why, shop.told()) == ("", 3)


def test_a_till_that_names_its_database_for_the_first_time_stops_nothing(shop: Shop) -> None:
    shop.till.sell(2)
    with shop.world.sql.writing() as unit:
        unit.move_cursor(POS, "1")
    assert shop.reads()
    assert (shop.why, shop.told()) == ("", 1)


def test_a_daemon_whose_own_books_were_restored_is_told_again_what_it_wrote_and_under_which_key() -> None:
    till = Counter()
    side = till.side()
    older = side.changes_since("").cursor
    side.apply([AdjustStock("9f0c", str(CUP), "main", Decimal(-2), "")])
    first, again = (moved(side.changes_since(older).told) for _ in range(2))
    assert first == again
    assert [(event.ours, event.key) for event in again] == [(True, "9f0c")]


# --- a POS that does not say enough

UNKNOWN = answer({"code": "cursor_unknown", "message": "beyond the newest"}, 410)
OF_NOW: dict[str, Any] = {"changes": [], "cursor": "3", "more": False}
KNOWN = Mark("6f1c", 5)


def reading(cursor: str, *answers: Answer) -> TillSide:
    side = TillSide(Scripted(*answers), TOKEN, Hands())
    side.changes_since(cursor)
    return side


@pytest.mark.parametrize(
    ("cursor", "now"),
    [
        ("7", OF_NOW | {"incarnation": "6f1c", "counter": 3}),
        (place.encode(Place("7", KNOWN)), OF_NOW),
        (place.encode(Place("7", KNOWN)), OF_NOW | {"incarnation": "6f1c", "counter": 5}),
        (place.encode(Place("7", KNOWN)), OF_NOW | {"incarnation": "6f1c", "counter": "3"}),
    ],
)
def test_a_cursor_that_is_unknown_without_proof_that_the_pos_went_back_passes_over_nothing(
    cursor: str, now: dict[str, Any]
) -> None:
    with pytest.raises(BadAnswer, match="was it restored"):
        reading(cursor, UNKNOWN, answer(now))


def test_another_refusal_of_the_feed_is_no_restored_backup() -> None:
    with pytest.raises(BadAnswer, match="too much"):
        reading(place.encode(Place("7", KNOWN)), answer({"code": "limit_invalid", "message": "too much"}, 400))


def test_a_pos_that_does_not_name_its_database_is_read_by_its_bare_cursor_and_that_is_said() -> None:
    side = TillSide(Scripted(answer(OF_NOW), answer(INFO)), TOKEN, Hands())
    page = side.changes_since("2")
    assert (page.cursor, page.mark) == ("3", None)
    report = side.check()
    assert report.problems == ()
    assert "not noticed" in report.facts["restored backup"]


@pytest.mark.parametrize("name", ["", "two words", "\ud800", "x" * 65, 7, None])
def test_a_name_that_cannot_be_kept_is_none(name: object) -> None:
    page = TillSide(Scripted(answer(OF_NOW | {"incarnation": name, "counter": 9})), TOKEN, Hands()).changes_since("2")
    assert (page.cursor, page.mark) == ("3", None)


def test_a_counter_that_rises_by_itself_does_not_make_a_page_that_repeats_look_new() -> None:
    pages = (answer(OF_NOW | {"incarnation": "6f1c", "counter": counter}) for counter in (5, 6))
    side = TillSide(Scripted(*pages), TOKEN, Hands())
    first = side.changes_since("2").cursor
    assert side.changes_since(first).cursor == first


@pytest.mark.parametrize("cursor", ["", "7", "a b", "@7", "@6f1c 5 7", "@  7", "@", "@ "])
def test_a_place_is_kept_and_read_again_whatever_cursor_a_pos_makes(cursor: str) -> None:
    for mark in (None, KNOWN):
        assert place.decode(place.encode(Place(cursor, mark))) == Place(cursor, mark)
