"""What happens in a schedule: things people do, and things that go wrong. Made from a seed, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tests.simulation import faults
from tests.simulation.options import PLAIN, Options


@dataclass(frozen=True, slots=True)
class Step:
    """At `at` seconds `what` happens, with `details` that depend on it."""

    at: float
    what: str
    details: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.at:8.2f}  {self.what} {' '.join(str(one) for one in self.details)}"


CHANGES = {
    "checkout": 10, "checkout-on-hold": 2, "complete": 4, "hold": 1, "cancel": 3, "fail": 1, "reinstate": 2,
    "refund": 2, "refund-without-goods": 1, "delete-refund": 1, "edit-line": 2, "edit-line-silently": 2,
    "remove-line": 1, "trash": 1, "untrash": 1, "delete-order": 1, "admin-level": 2, "admin-fraction": 1,
    "sale": 10, "return": 3, "delivery": 2, "adjustment": 2, "transfer": 2, "exchange": 1, "count": 1,
    "delivery-of-fractions": 1,
}  # fmt: skip
"""What people do, by weight."""

WITH_MONEY = {
    "buy": 14, "pay": 4, "ship": 2, "refund-amount": 2, "refund-all": 2, "refund-twice": 1, "refund-by-status": 1,
    "reprice": 2, "add-line": 1, "add-fee": 1,
}  # fmt: skip
"""What they do besides, where orders travel as sales. There nobody buys without money."""

AT_THE_COUNTER = {
    "collect": 4, "ship-out": 2, "bring-back": 8, "bring-back-all": 2, "swap": 2, "ring-up": 6, "ring-up-late": 2,
    "ring-back": 4, "ring-swap": 2,
}  # fmt: skip
"""What happens at the counter of which the shop is to hear, where it is to hear of it."""

SELLING = {**{what: often for what, often in CHANGES.items() if not what.startswith("checkout")}, **WITH_MONEY}

AT_THE_DESK = {"decide": 3, "undo": 2, "plan": 1, "sync": 1}
"""What a person does with Tillbridge itself."""

SKUS = 4


def schedule(seed: int, options: Options = PLAIN) -> list[Step]:
    """The steps of one schedule: at least 20 changes on at least 3 SKUs, and at least 2 faults."""
    dice = Random(seed)
    begin, length = dice.choice((0.0, 20.0, 20.0)), dice.choice((30.0, 120.0, 600.0))
    rushes = [begin + dice.uniform(0, length) for _ in range(dice.randint(3, 8))]
    happens = SELLING if options.sells else CHANGES
    harmless = faults.HARMLESS | (faults.SELLING if options.sells else {})
    steps = [_change(dice, _at(dice, rushes), happens) for _ in range(dice.randint(20, 32))]
    steps += [_fault(dice, _at(dice, rushes), harmless) for _ in range(dice.randint(2, 8))]
    steps += [Step(round(_at(dice, rushes), 3), _drawn(dice, AT_THE_DESK)[0]) for _ in range(dice.randint(0, 2))]
    if options.spoiling:
        steps += [_fault(dice, _at(dice, rushes), faults.SPOILING) for _ in range(dice.randint(1, 3))]
    if options.restoring:
        restored = faults.RESTORED_WITH_SALES if options.sells else faults.RESTORING
        steps.append(_fault(dice, begin + length * dice.uniform(0.5, 1.0), restored))
    if options.sells:
        points = Random(f"paper crashes of {seed}")
        steps = [_at_a_paper(step, points) for step in steps]
    if options.counter is not None:
        steps = _with_counter(Random(f"at the counter of {seed}"), steps, rushes)
    return sorted(steps, key=lambda step: step.at)


def _at(dice: Random, rushes: list[float]) -> float:
    """A time close to one of the rushes: things go wrong where several happen at once. A third begins with first
    contact still under way, the others some time after it."""
    return max(0.0, dice.choice(rushes) + dice.choice((dice.uniform(-0.3, 0.3), dice.uniform(-3.0, 3.0))))


def _at_a_paper(step: Step, dice: Random) -> Step:
    """Half of the crashes happen while the till is told of an order."""
    if step.what != "crash" or dice.random() < 0.5:
        return step
    return replace(step, details=(dice.choice(faults.PAPER_POINTS), *step.details[1:]))


def _with_counter(dice: Random, steps: list[Step], rushes: list[float]) -> list[Step]:
    """With what happens at the counter, while an order is told there or some time after it. Some of what dies, here or
    there, dies over what follows from that."""
    more = [_change(dice, _at(dice, rushes) + dice.choice((0.0, 5.0, 40.0)), AT_THE_COUNTER) for _ in range(14)]
    return [_at_a_return(step, dice) for step in steps] + more


def _at_a_return(step: Step, dice: Random) -> Step:
    points = {"crash": faults.RETURN_POINTS, "php-dies": faults.DOCUMENT_POINTS}.get(step.what, ())
    if not points or dice.random() < 0.5:
        return step
    return replace(step, details=(dice.choice(points), *step.details[1:]))


def _change(dice: Random, at: float, among: dict[str, int]) -> Step:
    (what,) = _drawn(dice, among)
    lines = tuple((sku, dice.randint(1, 4)) for sku in dice.sample(range(SKUS), dice.choice((1, 1, 2))))
    return Step(round(at, 3), what, (lines, dice.randint(0, 10**6)))


def _fault(dice: Random, at: float, among: dict[str, int]) -> Step:
    (what,) = _drawn(dice, among)
    return Step(round(at, 3), what, faults.details_of(what, dice))


def _drawn(dice: Random, among: dict[str, int]) -> list[str]:
    """One of these, by weight."""
    return dice.choices(list(among), list(among.values()))
