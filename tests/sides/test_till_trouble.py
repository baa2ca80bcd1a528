"""The till's adapter when things go wrong: wrong settings, no answer, strange answers, too fast."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from tests.till.builders import Hands
from tillbridge.core import codec
from tillbridge.core.actions import AdjustStock, Status, Trace
from tillbridge.core.events import StockMoved, Unreadable
from tillbridge.core.stock import SideName
from tillbridge.errors import BadAnswer, NoAnswer, NotSent, SideTrouble, Throttled, Unauthorised
from tillbridge.sides.http import Answer, HttpExchange
from tillbridge.sides.till.side import TillSide


def adjustment(key: str, outlet: str = "main") -> AdjustStock:
    return AdjustStock(key, "1", outlet, Decimal(-2), "web order")


TRACE = Trace("k", "1", "main", Decimal(-2), "")


# --- what check finds


INFO: dict[str, Any] = {
    "protocol": "tillbridge-pos/1",
    "name": "T",
    "currency": "EUR",
    "precision": 3,
    "outlets": [{"id": "main", "name": "Main"}],
    "time": "2026-11-22T10:00:00Z",
    "key_memory_seconds": 7776000,
    "cursor": "0",
}


class Scripted:
    """Answers as told, and remembers what it was asked."""

    def __init__(self, *answers: Answer | SideTrouble) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, bytes]] = []

    def __call__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.asked.append((method, target, body))
        answer = self.answers.pop(0)
        if isinstance(answer, SideTrouble):
            raise answer
        return answer


def answer(body: Any, status: int = 200, **headers: str) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


def side_of(*answers: Answer | SideTrouble, **more: Any) -> TillSide:
    return TillSide(Scripted(*answers), "t", Hands(), **more)


@pytest.mark.parametrize(
    ("given", "more", "words"),
    [
        (answer({"code": "unauthorised", "message": "no"}, 401), {}, "[pos] token"),
        (answer("", 403), {}, "[pos] token"),
        (NotSent("refused"), {}, "Start it, or correct [pos] url"),
        (NoAnswer("timed out"), {}, "run check again"),
        (answer(b"<html>"), {}, "not a POS that we know"),
        (answer({"code": "x", "message": "y"}, 404), {}, "not a POS that we know"),
        (answer({"protocol": "tillbridge-pos/2"}), {}, "Update the older of the two"),
        (answer(INFO), {"counted": ["main", "moon"]}, "no outlet 'moon', it has: main"),
        (answer(INFO), {"sell_from": "moon"}, "no outlet 'moon'"),
        (answer(INFO), {"sell_from": "main", "counted": []}, "not counted"),
        (answer(INFO | {"outlets": [{"id": "a"}, {"id": "b"}]}), {}, "[pos] sell_from"),
        (answer(INFO | {"time": "2026-11-22T10:01:01Z"}), {}, "61 s ahead"),
        (answer(INFO | {"time": "2026-11-22T09:58:00+00:00"}), {}, "120 s behind"),
        (answer(INFO | {"time": "2026-11-22T10:00:00"}), {}, "does not say what time it is"),
        (answer(INFO | {"precision": 4}), {}, "keeps 4 decimals"),
        (answer(INFO | {"key_memory_seconds": 86400}), {}, "forgets keys after 1 days"),
        (answer(INFO | {"precision": "3"}), {}, "not a POS that we know"),
    ],
)
def test_check_names_the_problem_and_its_fix(given: Answer | SideTrouble, more: dict[str, Any], words: str) -> None:
    problems = side_of(given, **more).check().problems
    assert any(words in problem for problem in problems), problems


def test_check_finds_every_problem_at_once() -> None:
    wrong = INFO | {"time": "2020-01-01T00:00:00Z", "precision": 5, "key_memory_seconds": 1}
    assert len(side_of(answer(wrong), sell_from="x", counted=["y"]).check().problems) == 6


# --- what apply makes of trouble


def rows(*results: dict[str, Any]) -> Answer:
    return answer({"results": list(results)})


GOOD = {"key": "tillbridge-k", "status": "applied", "level": "5", "message": ""}


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (NotSent("refused"), Status.UNREACHABLE),
        (NoAnswer("timed out"), Status.UNCERTAIN),
        (answer({}, 500), Status.UNCERTAIN),
        (answer(b"bad gateway", 502), Status.UNCERTAIN),
        (answer({}, 408), Status.UNCERTAIN),
        (answer({}, 302), Status.UNCERTAIN),
        (answer(b"<html>hello</html>"), Status.UNCERTAIN),
        (answer(b'{"results":[{"key":"k"'), Status.UNCERTAIN),
        (answer(b"[" * 100_000), Status.UNCERTAIN),
        (answer([]), Status.UNCERTAIN),
        (rows(), Status.UNCERTAIN),
        (rows(GOOD, GOOD), Status.UNCERTAIN),
        (rows(GOOD | {"key": "another"}), Status.UNCERTAIN),
        (rows(GOOD | {"status": "fine"}), Status.UNCERTAIN),
        (rows(GOOD | {"status": ["applied"]}), Status.UNCERTAIN),
        (rows(GOOD | {"level": "many"}), Status.UNCERTAIN),
        (rows(GOOD | {"level": 1.5}), Status.UNCERTAIN),
        (rows(GOOD | {"level": None}), Status.APPLIED),
        (rows(GOOD), Status.APPLIED),
        (answer({"code": "no", "message": "go away"}, 401), Status.UNAUTHORISED),
        (answer(b"", 403), Status.UNCERTAIN),
        (answer(b"<html>not here</html>", 404), Status.UNCERTAIN),
        (answer({"code": "too_large", "message": "too many"}, 413), Status.INVALID),
        (answer({"code": "json_invalid", "message": "what?"}, 400), Status.INVALID),
    ],
)
def test_every_kind_of_trouble_becomes_an_outcome(given: Answer | SideTrouble, status: Status) -> None:
    (outcome,) = side_of(given).apply([adjustment("k")])
    assert outcome.status is status
    assert outcome.sentence or status is Status.APPLIED


def test_a_refusal_of_the_whole_call_is_told_in_the_words_of_the_pos() -> None:
    (outcome,) = side_of(answer({"code": "too_large", "message": "at most 3"}, 413)).apply([adjustment("k")])
    assert (outcome.reason, outcome.sentence) == ("too_large", "at most 3")


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        ("Sun, 22 Nov 2026 10:02:00 GMT", 120.0),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2026 11:02:00 +0100", 120.0),
        ("-5", 0.0),
        ("soon", 60.0),
        ("", 60.0),
        ("nan", 60.0),
        ("inf", 60.0),
        ("99999999", 86400.0),
    ],
)
def test_patience_comes_in_seconds_or_as_a_date(given: str, seconds: float) -> None:
    (outcome,) = side_of(answer({}, 429, retry_after=given)).apply([adjustment("k")])
    assert (outcome.status, outcome.retry_after) == (Status.THROTTLED, seconds)


def test_rows_that_fit_are_believed_beside_rows_that_do_not() -> None:
    answers = rows(GOOD, GOOD | {"key": "x"}, GOOD | {"key": "tillbridge-m", "status": "duplicate"})
    outcomes = side_of(answers).apply([adjustment("k"), adjustment("l"), adjustment("m")])
    assert [outcome.status for outcome in outcomes] == [Status.APPLIED, Status.UNCERTAIN, Status.DUPLICATE]


@pytest.mark.parametrize(
    ("given", "first", "later"),
    [
        (NoAnswer("timed out"), Status.UNCERTAIN, Status.UNREACHABLE),
        (NotSent("refused"), Status.UNREACHABLE, Status.UNREACHABLE),
        (answer({}, 429), Status.THROTTLED, Status.THROTTLED),
        (answer({"code": "unauthorised"}, 401), Status.UNAUTHORISED, Status.UNAUTHORISED),
        (answer(b"<html>blocked</html>", 401), Status.UNCERTAIN, Status.UNREACHABLE),
    ],
)
def test_after_trouble_the_later_batches_are_not_sent(
    given: Answer | SideTrouble, first: Status, later: Status
) -> None:
    exchange = Scripted(given)
    side = TillSide(exchange, "t", Hands())
    outcomes = side.apply([adjustment(f"k-{number}") for number in range(150)])
    assert [outcome.status for outcome in outcomes] == [first] * 100 + [later] * 50
    assert len(exchange.asked) == 1


def test_when_the_outlet_cannot_be_asked_for_nothing_was_sent() -> None:
    (outcome,) = side_of(NoAnswer("timed out")).apply([adjustment("k", outlet="")])
    assert outcome.status is Status.UNREACHABLE


def test_nothing_to_do_asks_nobody() -> None:
    assert side_of().apply([]) == []


# --- what reading makes of trouble


@pytest.mark.parametrize(
    ("given", "trouble"),
    [
        (NotSent("x"), NotSent),
        (NoAnswer("x"), NoAnswer),
        (answer({}, 503), NoAnswer),
        (answer({}, 401), Unauthorised),
        (answer({}, 429), Throttled),
        (answer({}, 404), BadAnswer),
        (answer(b"<html>"), BadAnswer),
        (answer([]), BadAnswer),
        (answer({}), BadAnswer),
    ],
)
def test_reading_raises_what_went_wrong(given: Answer | SideTrouble, trouble: type[SideTrouble]) -> None:
    with pytest.raises(trouble):
        list(side_of(given).levels())
    with pytest.raises(trouble):
        list(side_of(given).catalogue())
    with pytest.raises(trouble):
        side_of(given).changes_since("1")
    with pytest.raises(trouble):
        side_of(given).find(TRACE)


def test_a_page_that_does_not_move_on_is_refused() -> None:
    page = {"levels": [], "items": [], "next": "5", "cursor": "1"}
    with pytest.raises(BadAnswer, match="again and again"):
        list(side_of(answer(page), answer(page)).levels())
    with pytest.raises(BadAnswer, match="again and again"):
        list(side_of(answer(page), answer(page)).catalogue())
    with pytest.raises(BadAnswer, match="no way to get it"):
        side_of(answer({"changes": [], "cursor": "1", "more": True})).changes_since("1")


def test_only_key_unknown_says_that_a_key_left_nothing() -> None:
    assert side_of(answer({"code": "key_unknown", "message": "none"}, 404)).find(TRACE).status is Status.NOT_FOUND
    for other in (
        answer({"code": "route_unknown"}, 404),
        answer(b"not here", 404),
        answer({"key": "j", "status": "applied"}),
    ):
        with pytest.raises(BadAnswer):
            side_of(other).find(TRACE)


def test_a_port_where_nobody_listens_is_unreachable() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        side = TillSide(HttpExchange(f"http://127.0.0.1:{held.getsockname()[1]}"), "t", Hands())
        assert side.apply([adjustment("k")])[0].status is Status.UNREACHABLE
        assert "cannot be reached" in side.check().problems[0]


def test_a_clock_of_another_zone_is_no_skew() -> None:
    there = Hands().time.astimezone(timezone(timedelta(hours=9))).isoformat()
    assert side_of(answer(INFO | {"time": there})).check().problems == ()


def test_an_unreadable_change_blocks_no_other() -> None:
    move = {"item_id": "1", "sku": "CUP", "outlet": "main", "delta": "-1", "before": "3"}
    head = {"n": 2, "at": "2026-11-22T10:00:00Z", "kind": "sale", "document": "S-1", "key": None, "author": "till"}
    good = head | {"id": "g", "movements": [move]}
    bad = head | {"id": "b", "movements": [move | {"delta": "-0.12345"}]}
    page = side_of(answer({"changes": [bad, good], "cursor": "3", "more": False})).changes_since("1")
    first, second = (codec.decode(one.kind, one.body) for one in page.told)
    assert isinstance(first, Unreadable)
    assert "delta" in first.sentence
    assert isinstance(second, StockMoved)
    assert (page.told[0].key, second.side) == ("pos:b", SideName.POS)
