"""What the web shop's side counts, hears and checks: unknown stays unknown, and no shape is ever guessed at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.sandbox.builders import HOME, SECRET
from tests.sides.woocommerce_wire import Wire, answers, raises
from tillbridge.core.actions import AdjustStock, Trace, VoidAdjustment
from tillbridge.core.codec import decode
from tillbridge.core.events import LookAt, StockMoved
from tillbridge.errors import BadAnswer, NoAnswer, NotSent, SideTrouble, Unauthorised, Unsupported
from tillbridge.ports import Side
from tillbridge.sandbox.site import Facts
from tillbridge.sides.http import Answer
from tillbridge.sides.woocommerce.side import StoreSide


@pytest.fixture(params=["/wp-json", "/?rest_route="])
def wire(request: pytest.FixtureRequest) -> Wire:
    return Wire(request.param)


def test_it_is_a_side_of_the_bridge(wire: Wire) -> None:
    side: Side = wire.side
    assert side.abilities.actions == {AdjustStock, VoidAdjustment}
    with pytest.raises(Unsupported):
        side.find(Trace("0" * 32, "1", "", Decimal(1), side.watermark()))
    assert side.lost("1", "") == ()


# --- count ------------------------------------------------------------------------------------------------------------


def test_levels_are_counted_and_unknown_stays_unknown(wire: Wire) -> None:
    cup, gift = wire.store.product(7, sku="CUP"), wire.store.product(None)
    jar = wire.store.product(10, type="variable")
    small = wire.store.product(None, parent_id=jar.id)
    wire.store.shop.checkout((cup.id, 2))
    found = {level.ref: level for level in wire.side.levels()}
    assert (found[str(cup.id)].quantity, found[str(cup.id)].sku, found[str(cup.id)].moving) == (Decimal(5), "CUP", True)
    assert (found[str(jar.id)].quantity, found[str(jar.id)].moving) == (Decimal(10), False)
    assert found[str(gift.id)].quantity is None
    assert found[str(small.id)].quantity is None


def test_the_catalogue_says_whose_stock_a_variation_shares(wire: Wire) -> None:
    jar = wire.store.product(10, type="variable")
    small, large = wire.store.product(None, parent_id=jar.id), wire.store.product(3, parent_id=jar.id)
    found = {item.ref: (item.tracked, item.parent) for item in wire.side.catalogue()}
    assert found == {str(jar.id): (True, ""), str(small.id): (False, str(jar.id)), str(large.id): (True, "")}


def test_a_count_goes_through_every_page(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tillbridge.sides.woocommerce.side.COUNT_PAGE", 1000)
    made = [wire.store.shop.add_product(f"Good {n}", level=Decimal(n)).id for n in range(2100)]
    assert [int(level.ref) for level in wire.side.levels()] == made
    assert len(wire.calls) == 3


def level_row(**fields: object) -> dict[str, object]:
    row = {"product_id": 1, "parent_id": 0, "sku": "A", "name": "A", "level": "5", "managed": True, "moving": False}
    return row | fields


@pytest.mark.parametrize(
    ("told", "read"),
    [("9.799999999999999", Decimal("9.8")), ("5.0000", Decimal(5)), ("-2", Decimal(-2)), ("0", Decimal(0))],
)
def test_a_level_is_rounded_as_it_is_read(wire: Wire, told: str, read: Decimal) -> None:
    wire.trouble = answers(200, {"levels": [level_row(level=told)], "next": None})
    assert [level.quantity for level in wire.side.levels()] == [read]


@pytest.mark.parametrize("told", [None, "", "abc", "NaN", "Infinity", "1e99", 5, 5.5, True])
def test_what_is_no_level_is_unknown_and_never_zero(wire: Wire, told: object) -> None:
    wire.trouble = answers(200, {"levels": [level_row(level=told)], "next": None})
    assert [level.quantity for level in wire.side.levels()] == [None]


@pytest.mark.parametrize(
    "body",
    [
        {}, {"levels": None, "next": None}, {"levels": ["x"], "next": None}, {"levels": [{}], "next": None},
        {"levels": [level_row(product_id="1")], "next": None}, {"levels": [level_row(managed="maybe")], "next": None},
        {"levels": [level_row(sku=None)], "next": None}, {"levels": [], "next": 0}, {"levels": [], "next": "2"},
        {"levels": [], "next": True}, [],
    ],
)  # fmt: skip
def test_a_count_of_unknown_shape_is_refused(wire: Wire, body: object) -> None:
    wire.trouble = answers(200, body)
    with pytest.raises(BadAnswer):
        list(wire.side.levels())


def test_a_level_says_whether_it_may_be_sold_below_zero(wire: Wire) -> None:
    made = {word: str(wire.store.product(1, backorders=word).id) for word in ("no", "notify", "yes")}
    found = {level.ref: level.backorders for level in wire.side.levels()}
    assert [found[made[word]] for word in ("no", "notify", "yes")] == [False, True, True]


@pytest.mark.parametrize("told", [{}, {"backorders": None}, {"backorders": 1}])
def test_whether_it_may_be_sold_below_zero_is_unknown_where_nobody_says(wire: Wire, told: dict[str, object]) -> None:
    wire.trouble = answers(200, {"levels": [level_row(**told)], "next": None})
    assert [level.backorders for level in wire.side.levels()] == [None]


def test_a_row_that_does_not_say_whether_it_moves_counts_as_moving(wire: Wire) -> None:
    row = level_row()
    del row["moving"]
    wire.trouble = answers(200, {"levels": [row], "next": None})
    assert [level.moving for level in wire.side.levels()] == [True]


# --- watch ------------------------------------------------------------------------------------------------------------


def test_events_are_told_as_they_came_and_forgotten_only_with_the_next_call(wire: Wire) -> None:
    cup = wire.store.product(7)
    order = wire.store.shop.checkout((cup.id, 2))
    page = wire.side.changes_since("")
    events = [decode(told.kind, told.body) for told in page.told]
    (moved,) = [event for event in events if isinstance(event, StockMoved)]
    (move,) = moved.movements
    assert (move.ref, move.delta, move.before) == (str(cup.id), Decimal(-2), Decimal(7))
    assert (moved.cause.type, moved.cause.document, moved.ours) == ("order_line", str(order.id), False)
    assert all(isinstance(event, StockMoved | LookAt) for event in events)
    assert wire.side.changes_since("").told == page.told
    assert wire.side.changes_since(page.cursor).told == ()
    assert wire.store.shop.shim.unacked() == 0
    assert wire.side.changes_since(page.cursor).told == ()


def test_a_long_outbox_is_read_page_by_page(wire: Wire) -> None:
    cup = wire.store.product(5000)
    for _ in range(400):
        wire.store.shop.checkout((cup.id, 1))
    cursor, keys, more = "", [], True
    while more:
        page = wire.side.changes_since(cursor)
        keys += [told.key for told in page.told]
        cursor, more = page.cursor, page.more
    assert len(keys) == len(set(keys)) == 1200
    assert all(key.startswith("store:") for key in keys)


@pytest.mark.parametrize("cursor", ["not json", "{}", "[1]", "null"])
def test_a_cursor_that_cannot_be_read_acknowledges_nothing(wire: Wire, cursor: str) -> None:
    cup = wire.store.product(7)
    wire.store.shop.checkout((cup.id, 2))
    assert wire.side.changes_since(cursor).told
    assert [target for _, target, _ in wire.calls if "ack" in target] == []


@pytest.mark.parametrize(
    "body",
    [{}, {"events": None, "more": False}, {"events": [{}], "more": False}, {"events": [{"id": 5}], "more": False},
     {"events": []}, {"events": [], "more": "no"}, {"events": ["x"], "more": False}],
)  # fmt: skip
def test_an_outbox_of_unknown_shape_is_refused(wire: Wire, body: object) -> None:
    wire.trouble = answers(200, body)
    with pytest.raises(BadAnswer):
        wire.side.changes_since("")


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (answers(401, {"code": "x", "message": "clock"}), Unauthorised), (answers(403), Unauthorised),
        (answers(404, {"code": "rest_no_route", "message": "No route"}), NotSent), (answers(500, b"<html>"), NoAnswer),
        (answers(503), NoAnswer), (answers(302), BadAnswer), (answers(400), BadAnswer),
        (answers(200, b"<html>maintenance"), BadAnswer), (answers(200, b'{"events":[{"id"'), BadAnswer),
    ],
)  # fmt: skip
def test_trouble_while_watching_has_its_kind(
    wire: Wire, trouble: Callable[[], Answer | None], expected: type[SideTrouble]
) -> None:
    wire.trouble = trouble
    with pytest.raises(expected):
        wire.side.changes_since("")


# --- check ------------------------------------------------------------------------------------------------------------


def test_a_healthy_shop_has_no_problems(wire: Wire) -> None:
    report = wire.side.check()
    assert report.problems == ()
    assert (report.facts["site"], report.facts["address"], report.facts["woocommerce"]) == ("shop-1", HOME, "11.0.1")


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        (Facts(site="other"), "Another shop"), (Facts(site="shop-1", plugin="0.0.9"), "plugin is too old"),
        (Facts(site="shop-1", plugin="new"), "plugin is too old"), (Facts(site="shop-1", innodb=False), "InnoDB"),
        (Facts(site="shop-1", woocommerce="7.6.9"), "WooCommerce is too old"),
    ],
)  # fmt: skip
def test_each_problem_comes_with_its_fix(facts: Facts, word: str) -> None:
    (problem,) = Wire(facts=facts).side.check().problems
    assert word in problem


def test_all_problems_are_told_at_once() -> None:
    wire = Wire(facts=Facts(site="other", plugin="0.0.9", innodb=False, woocommerce="7.0.0"))
    assert len(wire.side.check().problems) == 4


@pytest.mark.parametrize(
    ("trouble", "word"),
    [(raises(NotSent("refused")), "cannot be reached"), (raises(NoAnswer("time-out")), "does not answer as agreed"),
     (answers(404), "plugin is active"), (answers(200, b"<html>"), "does not answer as agreed")],
)  # fmt: skip
def test_a_shop_that_does_not_answer_is_a_problem(wire: Wire, trouble: Callable[[], Answer | None], word: str) -> None:
    wire.trouble = trouble
    (problem,) = wire.side.check().problems
    assert word in problem


def test_another_secret_is_told_as_such() -> None:
    (problem,) = Wire(secret="another").side.check().problems
    assert "signature" in problem
    assert "tillbridge_bad_signature" in problem


def test_clocks_that_differ_are_told_before_they_hurt() -> None:
    wire = Wire()
    ahead = StoreSide(wire.exchange, SECRET, wire.store.dice, lambda: wire.store.time() + timedelta(seconds=90))
    (problem,) = ahead.check().problems
    assert "-90 s" in problem
