"""How many calls a second a POS answered while everything ran evenly."""

from __future__ import annotations

import pytest

from tests.bench.relay import Run, Steady, judge, steady


def test_the_rate_is_that_between_the_slow_start_and_the_end() -> None:
    answered = [0.0, 5.0, 10.0, 10.1, 10.2, 10.3, 10.4, 19.0]
    found = steady(answered, starting=2, ending=1)
    assert found.per_second == pytest.approx(10.0)
    assert found.seconds == pytest.approx(0.4)


def test_answers_may_be_noted_in_any_order() -> None:
    assert steady([3.0, 1.0, 2.0], starting=0, ending=0).per_second == pytest.approx(1.0)


def test_too_few_answers_are_no_rate() -> None:
    with pytest.raises(ValueError, match="too few"):
        steady([1.0, 2.0, 3.0], starting=1, ending=1)


def run(per_second: float, calls: int = 1, *, seconds: float = 15.0, is_right: bool = True) -> Run:
    return Run(Steady(per_second, seconds), 0.003, 77.0, [0.001], calls, is_right)


def test_the_promise_is_judged_by_the_median_run() -> None:
    assert judge([run(72.0), run(50.0), run(76.0)]).holds
    assert not judge([run(71.0), run(50.0), run(76.0)]).holds


@pytest.mark.parametrize("odd", [run(76.0, calls=2), run(76.0, is_right=False), run(76.0, seconds=9.0)])
def test_what_else_is_promised_must_hold_in_every_run(odd: Run) -> None:
    assert not judge([run(76.0), odd, run(76.0)]).holds
