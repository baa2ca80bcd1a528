"""What the counter tells of orders and sales is played where it is asked for, and changes no schedule elsewhere."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.simulation.counter import AT_THE_COUNTER
from tests.simulation.options import Wishes, chosen
from tests.simulation.play import play
from tests.simulation.steps import schedule

SALES = Wishes(orders="sale")
COUNTER = Wishes(orders="sale", counter="on")


def test_only_where_it_is_asked_for_anything_happens_at_the_counter() -> None:
    for seed in range(30):
        assert not {step.what for step in schedule(seed, chosen(seed, SALES))} & set(AT_THE_COUNTER)
    met = Counter(step.what for seed in range(30) for step in schedule(seed, chosen(seed, COUNTER)))
    assert set(AT_THE_COUNTER) <= set(met)


def test_whatever_else_happens_is_the_same_with_a_counter_and_without() -> None:
    for seed in range(30):
        alone = [(step.at, step.what) for step in schedule(seed, chosen(seed, SALES))]
        steps = schedule(seed, chosen(seed, COUNTER))
        assert [(step.at, step.what) for step in steps if step.what not in AT_THE_COUNTER] == alone


def test_where_orders_travel_as_stock_there_is_no_counter() -> None:
    assert chosen(1, Wishes(counter="on")) == chosen(1)


def test_the_same_seed_is_the_same_schedule() -> None:
    once, again = play(3, COUNTER), play(3, COUNTER)
    assert (once.trace, once.met, once.problems) == (again.trace, again.met, again.problems)


@pytest.mark.parametrize("kind", ["keys", "repeating"])
def test_what_the_till_told_is_in_the_shop_once_and_to_the_cent(kind: str) -> None:
    for seed in range(15_000_000, 15_000_005):
        assert play(seed, Wishes(kind, orders="sale", counter="on")).problems == ()
