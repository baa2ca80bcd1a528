"""Between the words of tillbridge-pos/1 and ours: nothing is guessed, nothing is lost."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tillbridge.core import codec
from tillbridge.core.actions import AdjustStock, Status
from tillbridge.core.events import StockMoved, Unreadable
from tillbridge.errors import BadAnswer
from tillbridge.sides.till import mapping

MOVE = {"item_id": "1", "sku": "CUP", "outlet": "main", "delta": "-2", "before": "7"}
CHANGE: dict[str, Any] = {
    "id": "c1",
    "n": 5,
    "at": "2026-11-22T10:00:00Z",
    "kind": "sale",
    "document": "S-000005",
    "key": None,
    "author": "till",
    "movements": [MOVE],
}


def read(change: Any) -> Any:
    (told,) = mapping.feed({"changes": [change], "cursor": "5", "more": False}, None).told
    return codec.decode(told.kind, told.body)


@pytest.mark.parametrize(
    ("author", "key", "ours"),
    [
        ("api", "tillbridge-k", True),
        ("api", "k", False),
        ("api", None, False),
        ("till", "tillbridge-k", False),
        ("till", None, False),
    ],
)
def test_a_change_is_ours_when_a_program_wrote_it_under_a_key_of_ours(author: str, key: str | None, ours: bool) -> None:
    event = read(CHANGE | {"author": author, "key": key})
    assert isinstance(event, StockMoved)
    assert (event.ours, event.key) == (ours, "k" if ours else "")


def test_an_echo_carries_the_key_as_the_engine_made_it_with_its_tag() -> None:
    change = CHANGE | {"author": "api", "key": "tillbridge-6f1c-9a"}
    for tag, key in [("", "6f1c-9a"), ("6f1c-", "6f1c-9a"), ("77aa-", "")]:
        (told,) = mapping.feed({"changes": [change], "cursor": "5", "more": False}, None, tag).told
        event = codec.decode(told.kind, told.body)
        assert isinstance(event, StockMoved)
        assert (event.ours, event.key) == (key != "", key)


@pytest.mark.parametrize(
    "wrong",
    [
        {"movements": None},
        {"movements": [7]},
        {"movements": [MOVE | {"delta": "0.0001"}]},
        {"movements": [MOVE | {"delta": -2}, MOVE | {"delta": -2.5}]},
        {"movements": [MOVE | {"outlet": None}]},
        {"movements": [MOVE | {"item_id": 1}]},
        {"movements": [MOVE | {"sku": "\ud800"}]},
        {"movements": [MOVE | {"before": "NaN"}]},
        {"author": None},
        {"kind": ""},
        {"at": 7},
        {"key": 7},
    ],
)
def test_an_unreadable_change_is_told_with_its_id_and_its_raw_text(wrong: dict[str, Any]) -> None:
    change = CHANGE | wrong
    (told,) = mapping.feed({"changes": [change], "cursor": "5", "more": False}, None).told
    event = codec.decode(told.kind, told.body)
    assert isinstance(event, Unreadable)
    assert (event.id, told.key) == ("c1", "pos:c1")
    assert json.loads(json.loads(told.body)["raw"]) == change
    told.body.encode()


@pytest.mark.parametrize("change", [None, 7, "x", [], {}, {"id": 7}, {"id": ""}, {"id": "\ud800"}])
def test_a_change_without_an_id_gets_the_same_one_every_time(change: Any) -> None:
    first, second = (
        mapping.feed({"changes": [change], "cursor": "5", "more": False}, None).told[0].key for _ in range(2)
    )
    assert first == second
    assert len(first) == len("pos:") + 32


@pytest.mark.parametrize(
    "page",
    [
        None,
        {},
        {"changes": [], "cursor": 5, "more": False},
        {"changes": [], "cursor": "5"},
        {"changes": {}, "cursor": "5", "more": False},
        {"changes": [], "cursor": "5", "more": "no"},
    ],
)
def test_a_page_of_another_shape_is_refused_as_a_whole(page: Any) -> None:
    with pytest.raises(BadAnswer):
        mapping.feed(page, None)


def test_unknown_is_never_zero() -> None:
    row = {"item_id": "1", "sku": "", "name": "", "outlet": "main", "level": None}
    (level,) = mapping.levels({"levels": [row], "next": None}, None).rows
    assert level.quantity is None
    del row["level"]
    assert mapping.levels({"levels": [row], "next": None}, None).rows[0].quantity is None


def test_a_level_is_rounded_as_it_is_read_and_may_be_negative() -> None:
    row = {"item_id": "1", "sku": "", "name": "", "outlet": "main", "level": "-9.799999999"}
    assert mapping.levels({"levels": [row], "next": None}, None).rows[0].quantity == Decimal("-9.8")
    with pytest.raises(BadAnswer):
        mapping.levels({"levels": [row | {"level": 9.8}], "next": None}, None)


def test_an_adjustment_is_spelled_without_an_exponent() -> None:
    action = AdjustStock("k", "1", "main", Decimal("1E+2"), "web")
    assert mapping.adjustment(action, "main")["delta"] == "100"


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["applied", "k", "1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*CHANGE, *MOVE, "results", "status", "level", "changes", "cursor", "more"]), inner
        )
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(ANYTHING)
def test_no_change_however_strange_stops_the_feed(change: Any) -> None:
    told = mapping.feed({"changes": [change, CHANGE], "cursor": "5", "more": False}, None).told
    assert told[-1].key == "pos:c1"
    for one in told:
        one.body.encode()
        one.key.encode()


@settings(max_examples=300, deadline=None)
@given(ANYTHING)
def test_no_answer_however_strange_is_taken_for_an_effect(body: Any) -> None:
    action = AdjustStock("k", "1", "main", Decimal(1), "")
    (outcome,) = mapping.outcomes(body, [action])
    row = body["results"][0] if outcome.status is not Status.UNCERTAIN else None
    assert row is None or (row["key"] == "k" and row["status"] == outcome.status)
