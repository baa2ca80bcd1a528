"""Playing one schedule from its seed, and finding the shortest part of it that still fails."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.simulation.books import PlainConnection, fresh_books, fresh_till
from tests.simulation.invariants import violations
from tests.simulation.options import MIXED, Options, Wishes, chosen
from tests.simulation.resting import NoRest, come_to_rest
from tests.simulation.steps import Step, schedule
from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Played:
    """How a schedule ended. `problems` is empty where every invariant held."""

    seed: int
    options: Options
    problems: tuple[str, ...]
    met: Counter[str]
    trace: tuple[str, ...]


def play(seed: int, wishes: Wishes = MIXED, keep: Sequence[int] | None = None) -> Played:
    """Play the schedule of a seed, or only the steps with these numbers."""
    options = chosen(seed, wishes)
    steps = schedule(seed, options)
    kept = steps if keep is None else [steps[number] for number in keep]
    with fresh_books() as books, fresh_till() as till:
        return _played(seed, options, kept, books, till)


def _played(
    seed: int, options: Options, steps: Sequence[Step], books: PlainConnection, till: sqlite3.Connection
) -> Played:
    world = World(seed, options, books, till)
    try:
        world.play(steps)
        come_to_rest(world)
        problems = violations(world)
    except NoRest as error:
        problems = [str(error)]
    except Exception as error:  # a defect that stops the engine is a finding like any other, and shrinks like one
        problems = [f"defect: {type(error).__name__}: {error}"]
    world.met.update(f"till:{one.how}" for one in world.pos.spoilt.values())
    return Played(seed, options, tuple(problems), world.met, tuple(world.trace))


def shrink(seed: int, wishes: Wishes = MIXED) -> list[int]:
    """The numbers of the steps without which the schedule would not fail: halves, then quarters, then one by one."""
    keep = list(range(len(schedule(seed, chosen(seed, wishes)))))
    size = len(keep) // 2
    while size >= 1:
        at = 0
        while at < len(keep):
            fewer = keep[:at] + keep[at + size :]
            if play(seed, wishes, fewer).problems:
                keep = fewer
            else:
                at += size
        size //= 2
    return keep
