"""What came without a document and is too much at once waits; documents pass."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.builders import POS, STORE, moved, movement
from tillbridge.core import brakes
from tillbridge.core.brakes import Change, Held, Tally
from tillbridge.core.events import Cause, LevelSeen, StockMoved
from tillbridge.core.findings import Limits
from tillbridge.core.stock import SideName

LIMITS = Limits(least_changed=3, max_changed=Decimal("0.1"), max_zeroed=1, max_drop=Decimal(100))


def event(cause: str, side: SideName = POS, document: str = "D-1", line: str = "1") -> StockMoved:
    return StockMoved(side, "e", "", (movement("-1"),), Cause(cause, document, line))


@pytest.mark.parametrize(
    ("told", "has"),
    [
        (event("sale"), True), (event("return"), True), (event("delivery"), True), (event("transfer"), True),
        (event("count"), False), (event("adjustment"), False), (event("sale", document=""), False),
        (event("order_line", STORE), True), (event("restock", STORE), True), (event("admin", STORE, ""), False),
        (event("import", STORE, ""), False), (moved(movement("-1"), ours=True), True),
        (LevelSeen(POS, "e", "", "1", "main", Decimal(0), 0.0), False),
    ],
)  # fmt: skip
def test_what_stands_behind_a_change(told: StockMoved | LevelSeen, has: bool) -> None:
    assert brakes.has_document(told) is has


def changes(*links: int, delta: str = "-1", known: str = "10") -> list[Change]:
    return [Change(link, Decimal(known), Decimal(delta)) for link in links]


def test_as_many_as_the_limit_pass_and_one_more_is_held() -> None:
    tally, held = brakes.weigh((), changes(1, 2, 3), 10, LIMITS, 1.0)
    assert (held, brakes.most_changed(tally)) == (None, 3)
    after, held = brakes.weigh(tally, changes(4), 10, LIMITS, 2.0)
    assert (held, after) == (Held.BRAKE, tally)
    assert brakes.weigh(tally, changes(4), 1000, LIMITS, 2.0)[1] is None, "of a large shop it is a small part"


def test_the_same_item_changed_again_is_one_item() -> None:
    tally, _ = brakes.weigh((), changes(1, 2, 3), 10, LIMITS, 1.0)
    assert brakes.weigh(tally, changes(1, 2), 10, LIMITS, 2.0)[1] is None
    later, held = brakes.weigh(tally, changes(1, 2), 10, LIMITS, 30.0)
    assert (held, brakes.weigh(later, changes(3), 10, LIMITS, 31.0)[1]) == (None, None)


def test_a_minute_later_it_is_another_feed() -> None:
    tally, _ = brakes.weigh((), changes(1, 2, 3), 10, LIMITS, 1.0)
    assert brakes.weigh(tally, changes(4), 10, LIMITS, brakes.WINDOW)[1] is None


@pytest.mark.parametrize("at", [0.0, 39.9, 55.0, 79.9])
def test_what_happened_within_forty_seconds_is_always_one_feed(at: float) -> None:
    tally, _ = brakes.weigh((), changes(1, 2, 3), 10, LIMITS, 40.0)
    assert brakes.weigh(tally, changes(4), 10, LIMITS, at)[1] is Held.BRAKE


def test_a_flood_over_several_parts_is_seen_also_when_it_comes_the_other_way_round() -> None:
    tally: Tally = ()
    for number, at in enumerate((55.0, 35.0, 15.0)):
        tally, held = brakes.weigh(tally, changes(number), 10, LIMITS, at)
        assert held is None
    assert brakes.weigh(tally, changes(9), 10, LIMITS, 16.0)[1] is Held.BRAKE


def test_only_the_parts_that_grew_last_are_remembered() -> None:
    tally: Tally = ()
    for number in range(100):
        tally, _ = brakes.weigh(tally, changes(number), 1000, LIMITS, number * 3600.0)
    assert len(tally) == brakes.PARTS_KEPT


def test_what_falls_to_zero_is_counted_for_itself() -> None:
    tally, held = brakes.weigh((), changes(1, delta="-10"), 10, LIMITS, 1.0)
    assert held is None
    assert brakes.weigh(tally, changes(2, delta="-10"), 10, LIMITS, 2.0)[1] is Held.BRAKE
    assert brakes.weigh(tally, changes(2, delta="-10", known="-10"), 10, LIMITS, 2.0)[1] is None


@pytest.mark.parametrize(
    ("told", "at"),
    [
        (event("admin", STORE, ""), 7.0),
        (replace(event("admin", STORE, ""), at="1970-01-01T00:02:00Z"), 120.0),
        (replace(event("admin", STORE, ""), at="1970-01-01T00:02:00"), 120.0),
        (replace(event("admin", STORE, ""), at="yesterday"), 7.0),
        (replace(event("count"), at="1970-01-01T00:02:00Z"), 7.0),
        (LevelSeen(POS, "e", "1970-01-01T00:02:00Z", "1", "main", Decimal(0), 0.0), 7.0),
    ],
)
def test_only_the_shops_own_time_is_believed(told: StockMoved | LevelSeen, at: float) -> None:
    assert brakes.happened(told, 7.0) == at


@pytest.mark.parametrize(("delta", "held"), [("-101", Held.SECOND_LOOK), ("101", Held.SECOND_LOOK), ("-100", None)])
def test_one_change_too_large_needs_a_second_look(delta: str, held: Held | None) -> None:
    tally, found = brakes.weigh((), changes(1, delta=delta, known="500"), 10, LIMITS, 1.0)
    assert (found, bool(tally)) == (held, True)


def test_many_changes_too_large_to_believe_are_held_as_a_flood() -> None:
    tally, held = brakes.weigh((), changes(1, delta="-101", known="500"), 10, LIMITS, 1.0)
    assert held is Held.SECOND_LOOK
    for number in range(2, 40):
        tally, held = brakes.weigh(tally, changes(number, delta="-101", known="500"), 10, LIMITS, 1.0)
    assert held is Held.BRAKE
