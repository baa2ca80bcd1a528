"""The simulation holds, repeats itself, and plays what it promises."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.simulation import mistaken
from tests.simulation.faults import FAULTS, SPOILING
from tests.simulation.options import Options, Wishes, chosen
from tests.simulation.play import play
from tests.simulation.steps import CHANGES, schedule
from tests.simulation.tills.kinds import KINDS


def test_every_schedule_has_enough_in_it() -> None:
    for seed in range(50):
        steps = schedule(seed, chosen(seed))
        assert sum(step.what in CHANGES for step in steps) >= 20
        assert sum(step.what in FAULTS for step in steps) >= 2


def test_faults_that_spoil_are_only_in_schedules_that_say_so() -> None:
    plain = {step.what for seed in range(200) for step in schedule(seed)}
    spoiling = {step.what for seed in range(200) for step in schedule(seed, Options(spoiling=True))}
    assert not plain & set(SPOILING)
    assert spoiling >= set(SPOILING)


@pytest.mark.parametrize("seed", [7, 8])
def test_the_same_seed_is_the_same_schedule(seed: int) -> None:
    once, again = play(seed), play(seed)
    assert (once.trace, once.met, once.problems) == (again.trace, again.met, again.problems)


@pytest.mark.parametrize("seed", range(40))
def test_at_rest_nothing_is_lost_and_nothing_is_there_twice(seed: int) -> None:
    assert play(seed).problems == ()


@pytest.mark.parametrize("seed", range(10))
def test_orders_that_travel_as_sales_are_at_the_till_once_and_to_the_cent(seed: int) -> None:
    assert play(seed, Wishes(orders="sale")).problems == ()


@pytest.mark.parametrize("kind", KINDS)
def test_of_what_a_backup_takes_away_no_more_is_corrected_than_that(kind: str) -> None:
    for seed in range(2):
        assert play(seed, Wishes(kind, restoring="on")).problems == ()


def test_what_moved_a_level_untold_excuses_a_write_only_as_a_whole() -> None:
    """Between two readings everything counts; at their edges nobody knows what was seen already."""
    moves = [(0.0, Decimal(9)), (80.0, Decimal(3)), (100.0, Decimal(-5)), (160.0, Decimal(2)), (195.0, Decimal(1))]
    assert mistaken._sums(moves, 90.0, 200.0) == {Decimal(-3), Decimal(0), Decimal(-2), Decimal(1)}
    assert Decimal(-5) not in mistaken._sums(moves, 90.0, 200.0)
