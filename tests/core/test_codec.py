"""What a side told us is read strictly, and what cannot be read becomes something that a person is shown."""

from __future__ import annotations

import json
import string
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import moved, movement, store_event
from tillbridge.core import codec
from tillbridge.core.codec import LOOK_TOPICS, POS_KIND, STORE_KIND, decode
from tillbridge.core.events import Cause, LookAt, Movement, StockMoved, Unreadable
from tillbridge.core.stock import SideName

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["1e1000000", "NaN", "-1"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = ("id", "n", "topic", "at", "origin", "data", "cause", "movements", "ours", "key", "raw", "sentence")
DATA = (
    "product_id",
    "sku",
    "before",
    "delta",
    "path",
    "cause",
    "order_id",
    "ref",
    "outlet",
    "type",
    "document",
    "line",
)
TOPICS = st.sampled_from(["stock.changed", "stock.moved", "unreadable", "order.changed", "cat.changed"])


def stock_changed(**data: Any) -> str:
    """A stock event of the shop with these fields in its data (None leaves the field out)."""
    full = {"product_id": 51, "sku": "CUP", "before": "7", "delta": "-2", **data}
    return json.dumps(store_event("e1", **{name: value for name, value in full.items() if value is not None}))


def stock_moved(**fields: Any) -> str:
    """A POS event in our own form with these fields."""
    body: dict[str, Any] = json.loads(codec.encode_moved(moved(movement("-1"))).body)
    return json.dumps({**body, **fields})


def test_a_stock_change_of_the_shop_is_read() -> None:
    cause = {"type": "order_line", "order_id": 9001, "line_id": 3}
    assert decode(STORE_KIND, stock_changed(cause=cause)) == StockMoved(
        SideName.STORE,
        "e1",
        "2026-11-22T10:11:12Z",
        (Movement("51", "", Decimal(-2), Decimal(7), "CUP"),),
        Cause("order_line", "9001", "3"),
    )


@pytest.mark.parametrize("cause", [None, "admin", 7, []])
def test_a_change_without_a_known_cause_still_counts(cause: object) -> None:
    event = decode(STORE_KIND, stock_changed(cause=cause))
    assert isinstance(event, StockMoved)
    assert event.cause == Cause("other")


@pytest.mark.parametrize(
    ("origin", "ours"), [("tillbridge", True), ("store", False), ("Tillbridge", False), (1, False)]
)
def test_only_our_own_mark_makes_an_echo(origin: object, ours: bool) -> None:
    event = decode(STORE_KIND, json.dumps({**json.loads(stock_changed()), "origin": origin}))
    assert isinstance(event, StockMoved)
    assert event.ours is ours


@pytest.mark.parametrize("topic", sorted(LOOK_TOPICS))
def test_every_other_topic_only_says_look_at_this(topic: str) -> None:
    subject = topic.split(".")[0]
    event = decode(STORE_KIND, json.dumps(store_event("e", topic, **{f"{subject}_id": 9001})))
    order = "9001" if subject == "order" else ""
    assert event == LookAt(SideName.STORE, "e", "2026-11-22T10:11:12Z", topic, "9001", order)
    bare = decode(STORE_KIND, json.dumps({"id": "e", "topic": topic}))
    assert bare == LookAt(SideName.STORE, "e", "", topic, "")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (stock_changed(delta=None) .replace('"delta"', '"gone"'), "data.delta"),
        (stock_changed(delta=-2.5), "data.delta"),
        (stock_changed(delta="two"), "data.delta"),
        (stock_changed(delta="1e1000000"), "data.delta"),
        (stock_changed(before=7.5), "data.before"),
        (stock_changed(before=""), "data.before"),
        (stock_changed(product_id="51"), "data.product_id"),
        (stock_changed(product_id=0), "data.product_id"),
        (stock_changed(product_id=-1), "data.product_id"),
        (stock_changed(product_id=True), "data.product_id"),
        (stock_changed(product_id=5.0), "data.product_id"),
        (stock_changed(sku=7), "sku"),
        (json.dumps({"topic": "stock.changed", "data": {}}), "id"),
        (json.dumps({"id": "", "topic": "stock.changed", "data": {}}), "id"),
        (json.dumps({"id": 7, "topic": "stock.changed", "data": {}}), "id"),
        (json.dumps({"id": "e", "data": {}}), "topic"),
        (json.dumps({"id": "e", "topic": ["stock.changed"]}), "topic"),
        (json.dumps({"id": "e", "topic": "stock.changed", "data": None}), "data"),
        (json.dumps({"id": "e", "topic": "stock.changed", "at": 5}), "at"),
        (json.dumps(store_event("e", "order.changed", order_id="9001")), "data.order_id"),
        ("[]", "object"), ("null", "object"), ('"text"', "object"), ("7", "object"),
        ("", "JSON"), ("{", "JSON"), ("\x00", "JSON"), ("[" * 100_000, "JSON"), ("9" * 10_000, "JSON"),
    ],
)  # fmt: skip
def test_a_malformed_event_of_the_shop_is_kept_for_a_person(body: str, word: str) -> None:
    event = decode(STORE_KIND, body)
    assert isinstance(event, Unreadable)
    assert event.side is SideName.STORE
    assert event.reason == "malformed"
    assert word in event.sentence
    assert event.fix


def test_a_change_too_fine_to_be_counted_says_so_and_how_to_mend_it() -> None:
    event = decode(STORE_KIND, stock_changed(delta="-0.0005"))
    assert isinstance(event, Unreadable)
    assert event.reason == "too_fine"
    assert "'-0.0005', allowed are at most 3 decimal places" in event.sentence
    assert "tillbridge reconcile" in event.fix
    assert "same version" not in event.fix


@pytest.mark.parametrize(("read", "level"), [("8.3645", "8.364"), ("8.3646", "8.365"), ("-0.0004", "0"), ("7", "7")])
def test_a_level_with_more_places_than_are_counted_blocks_no_change(read: str, level: str) -> None:
    event = decode(STORE_KIND, stock_changed(before=read, delta="-1"))
    assert isinstance(event, StockMoved)
    assert event.movements[0].before == Decimal(level)
    assert event.movements[0].delta == Decimal(-1)


def test_an_unknown_topic_says_so_and_how_to_mend_it() -> None:
    event = decode(STORE_KIND, json.dumps(store_event("e9", "loyalty.changed")))
    assert isinstance(event, Unreadable)
    assert (event.id, event.reason) == ("e9", "unknown_topic")
    assert "loyalty.changed" in event.sentence
    assert "update Tillbridge" in event.fix


def test_a_message_of_a_later_version_says_so() -> None:
    event = decode("store.2", json.dumps(store_event("e")))
    assert isinstance(event, Unreadable)
    assert event.reason == "unknown_kind"


def test_a_movement_at_the_pos_is_stored_and_read_again_unchanged() -> None:
    event = moved(movement("-1.5", before="7"), movement("1.5", outlet="cellar"), event_id="d-1", ours=True)
    told = codec.encode_moved(event)
    assert (told.key, told.kind) == ("pos:d-1", POS_KIND)
    assert decode(told.kind, told.body) == event


def test_an_echo_at_the_pos_keeps_the_key_under_which_we_wrote_it() -> None:
    echo = replace(moved(movement("-1"), ours=True), key="9f0c")
    told = codec.encode_moved(echo)
    assert decode(told.kind, told.body) == echo


def test_an_event_that_was_stored_before_echoes_had_keys_is_read_without_one() -> None:
    stored = json.loads(stock_moved(ours=True))
    del stored["key"]
    event = decode(POS_KIND, json.dumps(stored))
    assert isinstance(event, StockMoved)
    assert (event.ours, event.key) == (True, "")


@given(st.lists(st.builds(movement, st.decimals(-999, 999, places=3).map(str), st.text(min_size=1), st.text())))
def test_any_movements_survive_being_stored(movements: list[Movement]) -> None:
    event = moved(*movements)
    told = codec.encode_moved(event)
    assert decode(told.kind, told.body) == event


def test_a_change_that_an_adapter_could_not_read_is_told_all_the_same() -> None:
    told = codec.encode_unreadable(SideName.POS, "d-2", '{"odd": 1}', "the document has no lines")
    assert told.key == "pos:d-2"
    event = decode(told.kind, told.body)
    assert isinstance(event, Unreadable)
    assert (event.id, event.sentence) == ("d-2", "the document has no lines")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"topic": "sale.rung"}, "unknown_topic"),
        ({"topic": 5}, "malformed"),
        ({"id": None}, "malformed"),
        ({"key": 5}, "malformed"),
        ({"cause": "sale"}, "malformed"),
        ({"cause": {"type": ""}}, "malformed"),
        ({"movements": {}}, "malformed"),
        ({"movements": [7]}, "malformed"),
        ({"movements": [{"ref": "", "outlet": "main", "delta": "1"}]}, "malformed"),
        ({"movements": [{"ref": "12", "outlet": 7, "delta": "1"}]}, "malformed"),
        ({"movements": [{"ref": "12", "outlet": "main", "delta": 1.5}]}, "malformed"),
        ({"movements": [{"ref": "12", "outlet": "main", "delta": "1", "before": "1e1000000"}]}, "malformed"),
    ],
)
def test_a_malformed_event_of_the_pos_is_kept_for_a_person(fields: dict[str, Any], reason: str) -> None:
    event = decode(POS_KIND, stock_moved(**fields))
    assert isinstance(event, Unreadable)
    assert (event.side, event.reason) == (SideName.POS, reason)


@given(st.sampled_from([STORE_KIND, POS_KIND, "store.2", ""]), JSON | st.text())
def test_reading_anything_at_all_never_raises(kind: str, body: object) -> None:
    event = decode(kind, body if isinstance(body, str) else json.dumps(body))
    assert isinstance(event, StockMoved | LookAt | Unreadable)


@given(
    st.sampled_from([STORE_KIND, POS_KIND]),
    TOPICS,
    st.dictionaries(st.sampled_from(NAMES), JSON),
    st.dictionaries(st.sampled_from(DATA), JSON | st.just("-1") | st.just(51)),
)
def test_reading_something_almost_right_never_raises(
    kind: str, topic: str, fields: dict[str, Any], data: dict[str, Any]
) -> None:
    body = {"id": "e", "topic": topic, "data": data, "cause": data, "movements": [data], **fields}
    assert isinstance(decode(kind, json.dumps(body)), StockMoved | LookAt | Unreadable)


@pytest.mark.parametrize("text", ["\ud83d", "caf\u00e9", "\U0001f600", "\x00", string.printable])
def test_whatever_text_a_side_tells_can_be_stored(text: str) -> None:
    """A lone surrogate is valid JSON, and no database takes it as text."""
    shop = codec.told_by_store(store_event("e", sku=text))
    till = codec.encode_moved(moved(Movement("12", "main", Decimal(1), sku=text)))
    odd = codec.encode_unreadable(SideName.POS, "7", text, text)
    for told in (shop, till, odd):
        told.body.encode("utf-8")
    assert json.loads(shop.body)["data"]["sku"] == text


@pytest.mark.parametrize("topic", sorted(codec.POS_LOOK_TOPICS))
def test_what_the_till_says_of_a_paper_is_read_as_it_was_told(topic: str) -> None:
    look = LookAt(SideName.POS, "e:paper", "2026-11-22T10:00:00Z", topic, "R-000001", "shop:41")
    told = codec.encode_look(look)
    assert (told.key, decode(told.kind, told.body)) == ("pos:e:paper", look)
    assert isinstance(decode(told.kind, told.body.replace("R-000001", "")), Unreadable)


@pytest.mark.parametrize(
    "body",
    [
        stock_changed(cause={"type": "\ud83d"}),
        stock_changed(cause={"type": "order_line", "order_id": "\udc00"}),
        stock_changed(sku="\ud83d"),
    ],
)
def test_a_text_that_no_database_takes_is_kept_for_a_person_or_made_harmless(body: str) -> None:
    event = decode(STORE_KIND, body)
    if isinstance(event, StockMoved):
        for text in (event.cause.type, event.cause.document, event.cause.line):
            text.encode("utf-8")
