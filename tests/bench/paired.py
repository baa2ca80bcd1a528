"""Medians with the interval in which they lie, and differences of pairs: a busy machine needs both."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TypeVar

Arm = TypeVar("Arm")


@dataclass(frozen=True, slots=True)
class Middle:
    """The median of a sample; the true one lies between `low` and `high` in 95 of 100 cases."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"

    def rounded(self, places: int = 3) -> list[float]:
        """The interval, for a line of JSON."""
        return [round(self.low, places), round(self.high, places)]


def middle(sample: Sequence[float]) -> Middle:
    """From the order of the values alone: no assumption on how they scatter."""
    ordered = sorted(sample)
    below = _safe_rank(len(ordered))
    return Middle(statistics.median(ordered), ordered[below], ordered[-1 - below])


def _safe_rank(size: int) -> int:
    """How many values at either end lie outside of the interval: the median is beyond the kth smallest value only if
    at most k of `size` fair coins fall the wrong way. With fewer than six values the interval is all of them."""
    tail, rank = 0.0, 0
    for wrong in range(size // 2):
        tail += math.comb(size, wrong) / 2**size
        if tail > 0.025:
            break
        rank = wrong
    return rank


def differences(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Pair by pair: what slows one round of a busy machine slows both halves of it."""
    return [one - other for one, other in zip(ours, theirs, strict=True)]


def percentile(sample: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the sample does not exceed."""
    ordered = sorted(sample)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def turns(arms: Sequence[Arm], rounds: int) -> Iterator[tuple[Arm, ...]]:
    """An order of the arms for each round; over the rounds each arm goes as often first, between and last."""
    orders = list(permutations(arms))
    for number in range(rounds):
        yield orders[number % len(orders)]
