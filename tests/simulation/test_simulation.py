"""The simulation holds, repeats itself, and plays what it promises."""

from __future__ import annotations

import pytest

from tests.simulation.faults import FAULTS, SPOILING
from tests.simulation.options import Options, Wishes, chosen
from tests.simulation.play import play
from tests.simulation.steps import CHANGES, schedule


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
    assert play(seed, Wishes(restoring="off")).problems == ()
