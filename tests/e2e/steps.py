"""One step of a flow at a time: do something in the shop, then look at everything that must have come of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from tests.e2e.report import Checks
from tests.e2e.stage import Entry, Stage


class Steps:
    """Steps of one flow, on one stage."""

    def __init__(self, stage: Stage, checks: Checks) -> None:
        self.stage = stage
        self.shop = stage.shop
        self.checks = checks

    def step(self, what: str, act: Callable[[], Sequence[Entry]]) -> None:
        """Do it, wait until nothing is left to do, then compare: journal, levels of both sides, changes at the till."""
        stage = self.stage
        before, entry, cursor = stage.at_till(), stage.last_entry(), stage.till_cursor()
        wanted = act()
        stage.await_rest(what)
        sums: dict[str, float] = defaultdict(float)
        for one in wanted:
            sums[one.sku] += float(one.amount)
        found, told = sorted(stage.born(entry), key=repr), sorted(wanted, key=repr)
        self.checks.expect(f"{what}: told once, with its cause", found=found, wanted=told)
        expected = {sku: level + sums[sku] for sku, level in before.items()}
        self.checks.expect(f"{what}: the till has it", found=stage.at_till(), wanted=expected)
        moved: dict[str, float] = defaultdict(float)
        for sku, amount in stage.till_changes(cursor):
            moved[sku] += amount
        moves = {sku: amount for sku, amount in sums.items() if amount}
        self.checks.expect(f"{what}: and moved by just that", found=dict(moved), wanted=moves)
        shown = stage.in_shop()
        self.checks.expect(f"{what}: as the shop shows", found=shown, wanted={sku: expected[sku] for sku in shown})
