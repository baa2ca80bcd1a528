"""The arithmetic of the benches on a real store."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.bench.paired import Middle, differences, middle, percentile, turns


def test_the_median_lies_between_two_values_of_the_sample() -> None:
    assert middle([float(n) for n in range(1, 21)]) == Middle(10.5, 6.0, 15.0)


def test_the_interval_of_a_small_sample_is_all_of_it() -> None:
    assert middle([3.0, 1.0, 2.0]) == Middle(2.0, 1.0, 3.0)


def test_one_stray_value_does_not_move_the_interval() -> None:
    quiet = middle([1.0] * 30)
    assert middle([1.0] * 29 + [900.0]) == quiet


def test_differences_are_taken_pair_by_pair() -> None:
    assert differences([3.0, 30.0], [1.0, 20.0]) == [2.0, 10.0]
    with pytest.raises(ValueError, match="shorter"):
        differences([1.0], [])


def test_a_percentile_is_a_value_that_was_seen() -> None:
    assert [percentile([4.0, 1.0, 3.0, 2.0], share) for share in (0.0, 0.5, 0.75, 0.99)] == [1.0, 2.0, 3.0, 4.0]


def test_every_arm_goes_as_often_at_each_place() -> None:
    places = Counter((arm, at) for order in turns(("a", "b", "c"), 12) for at, arm in enumerate(order))
    assert set(places.values()) == {4}
