"""What became of a change at the web shop: every answer, and every lack of one, is an outcome the engine knows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sides.woocommerce_wire import Wire, answers, raises
from tillbridge.core.actions import Action, AdjustStock, CountStock, Status, VoidAdjustment
from tillbridge.errors import NoAnswer, NotSent, SideTrouble
from tillbridge.sides.http import Answer


@pytest.fixture(params=["/wp-json", "/?rest_route="])
def wire(request: pytest.FixtureRequest) -> Wire:
    return Wire(request.param)


# --- act --------------------------------------------------------------------------------------------------------------


def test_adjustments_are_made_and_each_has_its_outcome(wire: Wire) -> None:
    cup, gift = wire.store.product(7), wire.store.product(None)
    jar = wire.store.product(10, type="variable")
    small = wire.store.product(None, parent_id=jar.id)
    first = wire.adjust(cup.id, -3)
    others = [wire.adjust(ref, 1) for ref in (999, gift.id, small.id)]
    outcomes = wire.side.apply([first, first, *others, VoidAdjustment(first.key, "1")])
    assert [(o.status, o.level, o.reason) for o in outcomes] == [
        (Status.APPLIED, 4, ""), (Status.DUPLICATE, 4, ""), (Status.NOT_FOUND, None, "not_found"),
        (Status.REFUSED, None, "not_managed"), (Status.REFUSED, None, "parent_managed"), (Status.APPLIED, 4, ""),
    ]  # fmt: skip
    assert all(outcome.sentence for outcome in outcomes[2:5])
    assert len(wire.calls) == 1


def test_a_voided_adjustment_never_happens(wire: Wire) -> None:
    cup = wire.store.product(7)
    late = wire.adjust(cup.id, -3)
    assert wire.side.apply([VoidAdjustment(late.key, late.ref)])[0].status is Status.VOIDED
    assert wire.side.apply([late])[0].status is Status.VOIDED
    assert wire.store.level(cup) == 7


def test_what_cannot_be_asked_is_not_sent(wire: Wire) -> None:
    cup = wire.store.product(7)
    bad: list[Action] = [
        wire.adjust("x", 1), wire.adjust("0", 1), wire.adjust("-1", 1), wire.adjust("٣", 1), wire.adjust(cup.id, 0),
        AdjustStock("k", str(cup.id), "main", Decimal(1), ""), AdjustStock("k", str(cup.id), "", Decimal("0.0001"), ""),
        CountStock("k", str(cup.id), "", Decimal(1), Decimal(7)),
    ]  # fmt: skip
    outcomes = wire.side.apply([*bad, wire.adjust(cup.id, 1)])
    assert [outcome.status for outcome in outcomes] == [Status.INVALID] * len(bad) + [Status.APPLIED]
    assert len(wire.calls[0][2]["changes"]) == 1
    assert wire.side.apply(bad[:1])[0].status is Status.INVALID
    assert len(wire.calls) == 1


def test_parts_of_a_piece_cross_the_wire_exactly(wire: Wire) -> None:
    tea = wire.store.product(7)
    (outcome,) = wire.side.apply([AdjustStock("a" * 32, str(tea.id), "", Decimal("-0.250"), "")])
    assert outcome.level == Decimal("6.75")
    assert wire.calls[0][2]["changes"][0]["delta"] == "-0.25"


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (raises(NotSent("refused")), Status.UNREACHABLE), (raises(NoAnswer("time-out")), Status.UNCERTAIN),
        (answers(404, {"code": "rest_no_route"}), Status.UNREACHABLE), (answers(404, b"<html>"), Status.UNCERTAIN),
        (answers(401, {"code": "tillbridge_stale"}), Status.UNAUTHORISED), (answers(403), Status.UNCERTAIN),
        (answers(500), Status.UNCERTAIN), (answers(502, b"<html>"), Status.UNCERTAIN), (answers(302), Status.UNCERTAIN),
        (answers(400, {"code": "c", "message": "words"}), Status.INVALID),
        (answers(413, {"code": "c"}), Status.INVALID),
        (answers(406, b"<html>"), Status.UNCERTAIN),
        (answers(429, retry_after="7"), Status.THROTTLED), (answers(200, b"<html>"), Status.UNCERTAIN),
        (answers(200, []), Status.UNCERTAIN), (answers(200, {}), Status.UNCERTAIN),
        (answers(200, {"results": [{"key": "other", "status": "applied"}]}), Status.UNCERTAIN),
    ],
)  # fmt: skip
def test_trouble_is_an_outcome_of_every_action(
    wire: Wire, trouble: Callable[[], Answer | None], status: Status
) -> None:
    wire.trouble = trouble
    outcomes = wire.side.apply([wire.adjust(1, 1), VoidAdjustment("b" * 32, "1")])
    assert [outcome.status for outcome in outcomes] == [status, status]
    assert all(outcome.sentence for outcome in outcomes)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [("7", 7), ("Sun, 22 Nov 2026 10:01:30 GMT", 90), ("Sun, 22 Nov 2026 09:00:00 GMT", 0), ("soon", 60), ("", 60),
     ("²", 60), ("inf", 60), ("999999999999", 86400)],
)
def test_patience_is_asked_in_seconds_or_until_a_date(wire: Wire, retry_after: str, seconds: float) -> None:
    wire.trouble = answers(429, retry_after=retry_after)
    assert wire.side.apply([wire.adjust(1, 1)])[0].retry_after == seconds


@pytest.mark.parametrize("row", [None, 5, {}, {"key": "k" * 32}, {"status": []}, {"status": "sold"}, {"status": None}])
def test_a_row_that_says_nothing_leaves_its_action_uncertain(wire: Wire, row: object) -> None:
    own = "c" * 32
    told = {"key": own} | row if isinstance(row, dict) else row
    wire.trouble = answers(200, {"results": [told, {"key": "d" * 32, "status": "applied", "level": "3"}]})
    outcomes = wire.side.apply([wire.adjust(1, 1, own), wire.adjust(2, 1, "d" * 32)])
    assert [outcome.status for outcome in outcomes] == [Status.UNCERTAIN, Status.APPLIED]


def test_an_error_row_was_undone_so_a_write_is_refused_and_a_void_still_open(wire: Wire) -> None:
    rows = [{"key": "c" * 32, "status": "error", "message": "deadlock"}, {"key": "d" * 32, "status": "error"}]
    wire.trouble = answers(200, {"results": rows})
    first, second = wire.side.apply([wire.adjust(1, 1, "c" * 32), VoidAdjustment("d" * 32, "1")])
    assert (first.status, first.reason) == (Status.REFUSED, "store_error")
    assert "deadlock" in first.sentence
    assert second.status is Status.UNCERTAIN


def test_many_actions_go_in_several_calls_and_trouble_stops_them(wire: Wire) -> None:
    cup = wire.store.product(7)
    left = [1]

    def later() -> Answer | None:
        left[0] -= 1
        if left[0] < 0:
            raise NoAnswer("time-out")
        return None

    wire.trouble = later
    outcomes = wire.side.apply([wire.adjust(cup.id, 1) for _ in range(1200)])
    found = [outcome.status for outcome in outcomes]
    assert found == [Status.APPLIED] * 500 + [Status.UNCERTAIN] * 500 + [Status.UNREACHABLE] * 200
    assert len(wire.calls) == 2


# --- settled keys -----------------------------------------------------------------------------------------------------


def settled(wire: Wire) -> list[str]:
    keys: list[str] = wire.calls[-1][2]["settled"]
    return keys


def test_a_key_is_settled_a_minute_after_its_outcome(wire: Wire) -> None:
    cup = wire.store.product(7)
    done = wire.adjust(cup.id, -1)
    refused = wire.adjust(999, 1)
    wire.side.apply([done, refused])
    wire.store.time.passes(seconds=59)
    wire.side.apply([wire.adjust(cup.id, -1)])
    assert settled(wire) == []
    wire.store.time.passes(seconds=1)
    wire.side.apply([wire.adjust(cup.id, -1)])
    assert settled(wire) == [done.key]
    wire.side.apply([wire.adjust(cup.id, -1)])
    assert settled(wire) == []
    assert wire.store.shop.state.keys[done.key].settled_at is not None


def test_settled_keys_are_told_again_when_the_call_failed(wire: Wire) -> None:
    cup = wire.store.product(7)
    done = wire.adjust(cup.id, -1)
    wire.side.apply([done])
    wire.store.time.passes(seconds=60)
    wire.trouble = raises(NoAnswer("time-out"))
    lost = wire.adjust(cup.id, -1)
    wire.side.apply([lost])
    wire.trouble = lambda: None
    wire.store.time.passes(seconds=60)
    wire.side.apply([wire.adjust(cup.id, -1)])
    assert settled(wire) == [done.key]


NAMES = [
    "results", "key", "status", "level", "events", "id", "more", "levels", "next", "product_id", "orders", "order_id",
    "lines", "line_id", "variation_id", "reduced_stock", "keys", "delta", "books", "books_counter",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


@given(st.integers(100, 599), JSON | st.binary(max_size=30))
def test_no_answer_of_the_shop_breaks_the_side(status: int, body: object) -> None:
    wire = Wire()
    wire.trouble = answers(status, body)
    (outcome,) = wire.side.apply([wire.adjust(1, 1)])
    assert outcome.status not in (Status.APPLIED, Status.DUPLICATE, Status.VOIDED)
    assert wire.side.check().problems
    with suppress(SideTrouble):
        assert all(level.quantity is None or level.ref for level in wire.side.levels())
    with suppress(SideTrouble):
        assert all(told.key.startswith("store:") for told in wire.side.changes_since("").told)
    with suppress(SideTrouble):
        assert all(seen.order.isdecimal() for seen in (*wire.side.positions(["1"]), *wire.side.open_positions()))
    with suppress(SideTrouble):
        assert all(told.key.startswith("store:") for told in wire.side.retained())
    with suppress(SideTrouble):
        assert all(write.key and write.ref.isdecimal() for write in wire.side.own_writes())
