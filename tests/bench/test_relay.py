"""How many calls a second a POS answered while everything ran evenly."""

from __future__ import annotations

import pytest

from tests.bench.relay import steady


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
