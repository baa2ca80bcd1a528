"""The till's adapter: over the API in process, over real HTTP, and over every kind of trouble."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.till.builders import CUP, TEE, TOKEN, WRAP, Hands, a_book, ring
from tests.till.process import running_till
from tillbridge.core import codec
from tillbridge.core.actions import AdjustStock, Status, Trace, VoidAdjustment
from tillbridge.core.events import StockMoved, Told
from tillbridge.ports import Side
from tillbridge.sides.http import Answer, Exchange, HttpExchange
from tillbridge.sides.till import place
from tillbridge.sides.till.side import TillSide
from tillbridge.till.api import Api
from tillbridge.till.papers import Kind


def in_process(api: Api) -> Exchange:
    def exchange(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        answer = api.handle(method, target, headers, body)
        return Answer(answer.status, answer.headers, answer.body)

    return exchange


@dataclass
class Reached:
    """A side, and a way to do at the POS what a person does there."""

    side: TillSide
    post: Callable[[str, dict[str, Any]], Any]


@pytest.fixture(params=["in process", "over HTTP"])
def reached(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reached]:
    if request.param == "in process":
        yield _reached(in_process(Api(a_book(), TOKEN)), TOKEN, Hands())
    else:
        with running_till(tmp_path, "--outlets", "main,annex") as till:
            side = _reached(HttpExchange(till.address), till.token, lambda: datetime.now(UTC))
            for sku, name, tracked in [("CUP", "Cup", True), ("TEE", "T-shirt", True), ("WRAP", "Wrapping", False)]:
                side.post("/v1/items", {"sku": sku, "name": name, "price": "9.90", "tracked": tracked})
            yield side


def _reached(exchange: Exchange, token: str, wall: Callable[[], datetime]) -> Reached:
    def post(path: str, body: dict[str, Any]) -> Any:
        answer = exchange("POST", path, {"Authorization": f"Bearer {token}"}, json.dumps(body).encode())
        assert answer.status < 300, answer.body
        return answer.json()

    return Reached(TillSide(exchange, token, wall, sell_from="main", counted=["main"]), post)


def adjustment(key: str, ref: int = CUP, delta: str = "-2", outlet: str = "main") -> AdjustStock:
    return AdjustStock(key, str(ref), outlet, Decimal(delta), "web order")


def trace(key: str) -> Trace:
    return Trace(key, str(CUP), "main", Decimal(-2), "")


def moved(told: Sequence[Told]) -> list[StockMoved]:
    events = [codec.decode(one.kind, one.body) for one in told]
    assert all(isinstance(event, StockMoved) for event in events)
    return [event for event in events if isinstance(event, StockMoved)]


def test_it_counts_watches_looks_and_acts(reached: Reached) -> None:
    side: Side = reached.side
    start = side.changes_since("")
    assert (start.told, start.more) == ((), False)
    line = {"item_id": "1", "quantity": "5"}
    reached.post("/v1/deliveries", {"key": "d", "author": "till", "outlet": "main", "lines": [line]})
    reached.post("/v1/sales", {"key": "s", "author": "till", "outlet": "main", "lines": [line | {"quantity": "1.5"}]})
    (first, second) = side.apply([adjustment("k-1"), adjustment("k-1")])
    assert (first.status, first.level) == (Status.APPLIED, Decimal("1.5"))
    assert (second.status, second.level) == (Status.DUPLICATE, Decimal("1.5"))
    assert (side.find(trace("k-1")).status, side.find(trace("k-2")).status) == (Status.APPLIED, Status.NOT_FOUND)
    page = side.changes_since(start.cursor)
    events = moved(page.told)
    assert [(event.cause.type, event.movements[0].delta, event.ours, event.key) for event in events] == [
        ("delivery", Decimal(5), False, ""),
        ("sale", Decimal("-1.5"), False, ""),
        ("adjustment", Decimal(-2), True, "k-1"),
    ]
    assert page.told[0].key == f"pos:{events[0].id}"
    assert events[2].movements[0].before == Decimal("3.5")
    assert [(level.ref, level.outlet, level.quantity) for level in side.levels()] == [
        ("1", "main", Decimal("1.5")),
        ("2", "main", Decimal(0)),
        ("3", "main", None),
    ]
    assert [(item.sku, item.tracked) for item in side.catalogue()] == [("CUP", True), ("TEE", True), ("WRAP", False)]


def test_a_good_account_has_no_problems(reached: Reached) -> None:
    report = reached.side.check()
    assert report.problems == ()
    assert (report.facts["outlets"], report.facts["restored backup"]) == ("main, annex", "noticed")


def test_each_refusal_has_its_own_outcome(reached: Reached) -> None:
    outcomes = reached.side.apply(
        [
            adjustment("a"),
            adjustment("b", ref=99),
            adjustment("c", outlet="moon"),
            adjustment("d", ref=WRAP),
            adjustment("e", delta="0"),
            adjustment("a", delta="-3"),
            VoidAdjustment("a", "1"),
        ]
    )
    assert [(outcome.status, outcome.reason) for outcome in outcomes] == [
        (Status.APPLIED, ""),
        (Status.NOT_FOUND, "item_unknown"),
        (Status.NOT_FOUND, "outlet_unknown"),
        (Status.REFUSED, "untracked"),
        (Status.INVALID, "quantity_invalid"),
        (Status.INVALID, "key_reused"),
        (Status.INVALID, "unsupported"),
    ]
    assert all(outcome.sentence for outcome in outcomes)


def test_more_than_a_batch_is_sent_in_batches(reached: Reached) -> None:
    outcomes = reached.side.apply([adjustment(f"k-{number}", delta="-1") for number in range(250)])
    assert [outcome.status for outcome in outcomes] == [Status.APPLIED] * 250
    assert outcomes[-1].level == Decimal(-250)


def test_a_webhook_is_asked_for_shown_and_given_up(reached: Reached) -> None:
    assert reached.side.hints() is None
    reached.side.enable_hints("http://127.0.0.1:9/v1/pos/hint", "s" * 32)
    assert reached.side.hints() == "http://127.0.0.1:9/v1/pos/hint"
    reached.side.disable_hints()
    assert reached.side.hints() is None


def test_levels_and_feed_are_read_over_many_pages() -> None:
    book = a_book()
    for number in range(2500):
        book.catalogue.add(book.catalogue.item(CUP).card)
        ring(book, Kind.SALE, (number % 2 + 1, "1"))
    side = TillSide(in_process(Api(book, TOKEN)), TOKEN, Hands(), sell_from="main")
    levels = list(side.levels())
    assert len(levels) == 2 * 2503
    assert len({(level.ref, level.outlet) for level in levels}) == len(levels)
    assert len(list(side.catalogue())) == 2503
    cursor, seen, pages = "0", 0, 0  # a bare cursor, as the books kept it before marks
    while True:
        page = side.changes_since(cursor)
        seen, pages, cursor = seen + len(page.told), pages + 1, page.cursor
        if not page.more:
            break
    assert (seen, pages, place.decode(cursor).cursor) == (2500, 3, "2500")


def test_an_offline_till_posts_yesterdays_sale_under_a_new_cursor() -> None:
    clock = Hands()
    book = a_book(clock=clock)
    side = TillSide(in_process(Api(book, TOKEN)), TOKEN, clock)
    book.go_offline()
    ring(book, Kind.SALE, (CUP, "1"))
    clock.pass_by(days=1)
    side.apply([adjustment("k-1", outlet="main")])
    cursor = side.changes_since("").cursor
    book.go_online()
    (event,) = moved(side.changes_since(cursor).told)
    assert (event.at, event.movements[0].before) == ("2026-11-22T10:00:00.000Z", Decimal(-2))


def test_a_transfer_is_one_event_and_only_its_counted_half_where_one_outlet_counts() -> None:
    book = a_book()
    ring(book, Kind.TRANSFER, (CUP, "3"), to="annex")
    ring(book, Kind.DELIVERY, (TEE, "3"), outlet="annex")
    exchange = in_process(Api(book, TOKEN))
    both = moved(TillSide(exchange, TOKEN, Hands()).changes_since("0").told)
    assert sum(move.delta for move in both[0].movements) == 0
    main = moved(TillSide(exchange, TOKEN, Hands(), counted=["main"]).changes_since("0").told)
    assert [[move.delta for move in event.movements] for event in main] == [[Decimal(-3)]]


def test_a_change_that_moved_nothing_is_not_told_but_passed() -> None:
    book = a_book()
    ring(book, Kind.SALE, (WRAP, "1"))
    page = TillSide(in_process(Api(book, TOKEN)), TOKEN, Hands()).changes_since("0")
    assert (page.told, place.decode(page.cursor).cursor) == ((), "1")


def test_the_only_outlet_needs_no_name() -> None:
    book = a_book()
    book._db.execute("DELETE FROM outlet WHERE id = 'annex'")
    side = TillSide(in_process(Api(book, TOKEN)), TOKEN, Hands())
    assert side.apply([adjustment("k", outlet="")])[0].status is Status.APPLIED
    assert side.check().problems == ()


def test_without_an_outlet_nothing_is_moved() -> None:
    side = TillSide(in_process(Api(a_book(), TOKEN)), TOKEN, Hands())
    (outcome,) = side.apply([adjustment("k", outlet="")])
    assert (outcome.status, outcome.reason) == (Status.INVALID, "outlet_missing")
