"""What may happen in a schedule: things people do, and things that go wrong. Made from a seed, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """At `at` seconds `what` happens, with `details` that depend on it."""

    at: float
    what: str
    details: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.at:8.2f}  {self.what} {' '.join(str(one) for one in self.details)}"


CHANGES = {
    "checkout": 10, "cancel": 3, "refund": 2, "edit-line": 2, "admin-level": 2,
    "sale": 10, "return": 3, "delivery": 2, "adjustment": 2, "transfer": 2, "exchange": 1, "count": 1,
}  # fmt: skip
"""What moves stock, by weight."""

FAULTS = {
    "drop": 3, "time-out-before": 3, "time-out-after": 5, "delay": 4, "duplicate": 3, "error-after": 3, "lying": 2,
    "push-lost": 3, "push-delayed": 3, "push-twice": 2, "ack-lost": 3, "reorder": 2,
    "crash": 6, "restart": 2, "down": 3, "outage-store": 2, "outage-pos": 3, "offline-till": 3,
    "pause": 1, "blocked": 3,
}  # fmt: skip
"""What goes wrong, by weight. None of these may spoil anything: no correction is ever needed after them."""

CRASH_POINTS = (
    "intake.received",
    "intake.stored",
    "poll.read",
    "poll.stored",
    "relay.posted",
    "write.attempted",
    "write.answered",
    "write.settled",
    "link.stored",
)
"""Where the daemon may die: between any two of its durable steps."""

SKUS = 4


def schedule(seed: int) -> list[Step]:
    """The steps of one schedule: at least 20 changes on at least 3 SKUs, and at least 2 faults."""
    dice = Random(seed)
    begin, length = dice.choice((0.0, 20.0, 20.0)), dice.choice((30.0, 120.0, 600.0))
    rushes = [begin + dice.uniform(0, length) for _ in range(dice.randint(3, 8))]
    steps = [_change(dice, _at(dice, rushes)) for _ in range(dice.randint(20, 32))]
    steps += [_fault(dice, _at(dice, rushes)) for _ in range(dice.randint(2, 8))]
    return sorted(steps, key=lambda step: step.at)


def _at(dice: Random, rushes: list[float]) -> float:
    """A time close to one of the rushes: things go wrong where several happen at once. A third begins with first
    contact still under way, the others some time after it."""
    return max(0.0, dice.choice(rushes) + dice.choice((dice.uniform(-0.3, 0.3), dice.uniform(-3.0, 3.0))))


def _change(dice: Random, at: float) -> Step:
    what = dice.choices(list(CHANGES), list(CHANGES.values()))[0]
    lines = tuple((sku, dice.randint(1, 4)) for sku in dice.sample(range(SKUS), dice.choice((1, 1, 2))))
    return Step(round(at, 3), what, (lines, dice.randint(0, 10**6)))


def _fault(dice: Random, at: float) -> Step:
    what = dice.choices(list(FAULTS), list(FAULTS.values()))[0]
    side = dice.choice(("store", "pos"))
    match what:
        case "drop" | "time-out-before" | "time-out-after" | "delay" | "duplicate" | "error-after" | "lying":
            details: tuple[Any, ...] = (side, dice.randint(1, 3), round(dice.uniform(0.5, 120.0), 2))
        case "push-lost" | "push-delayed" | "push-twice" | "ack-lost" | "reorder":
            details = (dice.randint(1, 3), round(dice.uniform(0.5, 120.0), 2))
        case "crash":
            details = (dice.choice(CRASH_POINTS), dice.randint(1, 3), round(dice.uniform(0.1, 60.0), 2))
        case "blocked":
            # Now and then longer than a given-up request can still be under way.
            seconds = dice.uniform(650.0, 900.0) if dice.random() < 0.2 else dice.uniform(5.0, 200.0)
            details = (side, round(seconds, 2))
        case "down" | "outage-store" | "outage-pos" | "offline-till" | "pause":
            details = (round(dice.uniform(5.0, 400.0), 2),)
        case _:
            details = (0.5,)
    return Step(round(at, 3), what, details)
