"""What the web shop still knows for a daemon whose books were restored: how far they had come, what was told, what was
written."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.sandbox.builders import SECRET
from tests.sides.woocommerce_wire import Wire, answers
from tillbridge.core.actions import OwnWrite, VoidAdjustment
from tillbridge.core.codec import decode
from tillbridge.core.events import StockMoved
from tillbridge.core.marks import Mark
from tillbridge.errors import BadAnswer
from tillbridge.ports import Remembers
from tillbridge.sides.woocommerce.side import StoreSide


@pytest.fixture(params=["/wp-json", "/?rest_route="])
def wire(request: pytest.FixtureRequest) -> Wire:
    return Wire(request.param)


class Books:
    """The daemon's books, as far as they have come."""

    def __init__(self, wire: Wire) -> None:
        self.mark: Mark | None = Mark("books-1", 5)
        self.side = StoreSide(wire.exchange, SECRET, wire.store.dice, wire.store.time, books=lambda: self.mark)


# --- how far our books had come ---------------------------------------------------------------------------------------


def test_the_shop_remembers_how_far_our_books_had_come(wire: Wire) -> None:
    books = Books(wire)
    assert books.side.changes_since("").ours is None
    books.mark = Mark("books-1", 8)
    assert books.side.changes_since("").ours == Mark("books-1", 5)
    books.mark = Mark("books-1", 2)
    assert books.side.changes_since("").ours == Mark("books-1", 8)


def test_an_acknowledgement_tells_the_shop_too_how_far_they_have_come(wire: Wire) -> None:
    books = Books(wire)
    cup = wire.store.product(7)
    wire.store.shop.checkout((cup.id, 2))
    page = books.side.changes_since("")
    books.mark = Mark("books-1", 9)
    assert books.side.changes_since(page.cursor).ours == Mark("books-1", 9)
    acks = [body for _, target, body in wire.calls if target.split("&")[0].endswith("ack")]
    assert [(body["books"], body["books_counter"]) for body in acks] == [("books-1", 9)]


@pytest.mark.parametrize("mark", [None, Mark("", 7)])
def test_books_without_a_name_are_not_told_of(wire: Wire, mark: Mark | None) -> None:
    books = Books(wire)
    books.mark = mark
    assert books.side.changes_since("").ours is None
    assert "books" not in wire.calls[0][1]


@pytest.mark.parametrize(
    "told", [{}, {"books": None, "books_counter": None}, {"books": "books-1"}, {"books": 1, "books_counter": 1},
             {"books": "books-1", "books_counter": "5"}, {"books": "books-1", "books_counter": -1}]
)  # fmt: skip
def test_a_shop_that_does_not_say_how_far_remembers_nothing(wire: Wire, told: dict[str, object]) -> None:
    wire.trouble = answers(200, {"events": [], "more": False, **told})
    assert Books(wire).side.changes_since("").ours is None


# --- what was told ----------------------------------------------------------------------------------------------------


def test_all_that_the_shop_still_has_is_told_again_acknowledged_or_not(wire: Wire) -> None:
    side: Remembers = wire.side
    cup = wire.store.product(5000)
    for _ in range(200):
        wire.store.shop.checkout((cup.id, 1))
    first = wire.side.changes_since("")
    wire.side.changes_since(first.cursor)
    wire.store.shop.checkout((cup.id, 3))
    found = list(side.retained())
    assert set(first.told) <= set(found)
    assert len({told.key for told in found}) == len(found)
    moved = [event for event in (decode(told.kind, told.body) for told in found) if isinstance(event, StockMoved)]
    deltas = [move.delta for event in moved for move in event.movements if move.ref == str(cup.id)]
    assert deltas[-201:] == [Decimal(-1)] * 200 + [Decimal(-3)]


def test_what_was_acknowledged_long_ago_is_not_told_again(wire: Wire) -> None:
    cup = wire.store.product(7)
    wire.store.shop.checkout((cup.id, 1))
    page = wire.side.changes_since("")
    wire.side.changes_since(page.cursor)
    wire.store.time.passes(days=6, hours=23)
    assert set(page.told) <= set(wire.side.retained())
    wire.store.time.passes(hours=2)
    wire.side.changes_since(page.cursor)
    assert list(wire.side.retained()) == []


@pytest.mark.parametrize(
    "body",
    [{"next": None}, {"events": None, "next": None}, {"events": [{}], "next": None}, {"events": [], "next": 0},
     {"events": [], "next": "1"}, []],
)  # fmt: skip
def test_a_replay_of_unknown_shape_is_refused(wire: Wire, body: object) -> None:
    wire.trouble = answers(200, body)
    with pytest.raises(BadAnswer):
        list(wire.side.retained())


# --- what was written -------------------------------------------------------------------------------------------------


def test_our_own_writes_are_recognised_by_their_keys(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tillbridge.sides.woocommerce.side.KEYS_PAGE", 2)
    cup = wire.store.product(70)
    made = [wire.adjust(cup.id, delta) for delta in (-3, 2, -1, 5)]
    late, gone = wire.adjust(cup.id, 1), wire.adjust(999, 1)
    wire.side.apply([*made, VoidAdjustment(late.key, late.ref), late, gone])
    writes = [OwnWrite(action.key, str(cup.id), "", action.delta) for action in made]
    assert sorted(wire.side.own_writes(), key=lambda write: write.key) == writes


def test_a_write_is_known_for_a_week_also_when_it_was_settled(wire: Wire) -> None:
    cup = wire.store.product(70)
    done = wire.adjust(cup.id, -3)
    wire.side.apply([done])
    wire.store.time.passes(minutes=2)
    wire.side.apply([wire.adjust(cup.id, 1)])
    wire.store.time.passes(days=6, hours=23)
    wire.side.apply([wire.adjust(cup.id, 1)])
    assert done.key in {write.key for write in wire.side.own_writes()}
    wire.store.time.passes(hours=2)
    assert done.key not in {write.key for write in wire.side.own_writes()}


def key_row(**fields: object) -> dict[str, object]:
    return {"key": "a" * 32, "product_id": 51, "delta": "-2", "at": "2026-11-22T10:00:00.000Z"} | fields


@pytest.mark.parametrize(
    "body",
    [
        {"next": None}, {"keys": None, "next": None}, {"keys": ["x"], "next": None}, {"keys": [{}], "next": None},
        {"keys": [{"key": "a" * 32, "product_id": 1}], "next": None}, {"keys": [key_row(key="")], "next": None},
        {"keys": [key_row(delta="x")], "next": None}, {"keys": [key_row(delta=-2)], "next": None},
        {"keys": [key_row(product_id=None)], "next": None}, {"keys": [key_row(product_id="51")], "next": None},
        {"keys": [], "next": ""}, {"keys": [], "next": 5}, [],
    ],
)  # fmt: skip
def test_writes_of_unknown_shape_are_refused(wire: Wire, body: object) -> None:
    wire.trouble = answers(200, body)
    with pytest.raises(BadAnswer):
        list(wire.side.own_writes())
