"""What a run may change by itself is one sum over all of its looks, not one for each of them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.flows.test_reconcile import SETTLE
from tests.flows.world import STORE, World
from tillbridge.core.findings import Limits
from tillbridge.core.routing import Rules
from tillbridge.ports import DONE, HELD, Run
from tillbridge.reconcile import Care, Reconcile

MANY = 9


class Flood:
    """Nine items at 1000; their levels at the shop change one look after the other, two at a time."""

    def __init__(self, world: World, limits: Limits) -> None:
        self.world = world
        world.link_many(MANY)
        for number in range(1, MANY + 1):
            self.show(number, "1000")
            world.pos.stock(str(number), f"SKU-{number}", "1000", "main")
        care = Care(Rules(), limits, SETTLE)
        self.reconcile = Reconcile(world.sql, world.sides, world.work.drain, care, world.clock, lambda _: None)

    def show(self, number: int, level: str) -> None:
        self.world.store.stock(str(number), f"SKU-{number}", level, "")

    def run(self, level: str, scheduled: bool) -> Run:
        """What differs is seen from the start; but of it all but the next two move until the look before it counts."""
        for number in range(1, MANY + 1):
            self.show(number, level)
        self.world.clock.advance(1)
        if scheduled:
            self.reconcile.on_schedule()
        number = self.reconcile.begin().id
        for look in range(6):
            self.reconcile.advance()
            self.world.clock.advance(SETTLE)
            for late in range(2 * look + 3, MANY + 1):  # these differ by another amount at each look
                self.show(late, str(int(level) + look + 1))
        with self.world.sql.writing() as unit:
            run = unit.run(number)
        assert run is not None
        return run

    def entered(self) -> int:
        return sum(self.world.known(STORE, number) != "1000" for number in range(1, MANY + 1))


@pytest.mark.parametrize("scheduled", [False, True])
def test_a_run_is_held_once_all_its_looks_together_would_change_too_much(world: World, scheduled: bool) -> None:
    flood = Flood(world, Limits(least_changed=4, max_changed=Decimal("0.001")))
    run = flood.run("990", scheduled)
    assert (run.state, flood.entered()) == (HELD, 4)
    assert "6 of 9" in str(run.facts["reason"])


@pytest.mark.parametrize("scheduled", [False, True])
def test_a_run_is_held_once_all_its_looks_together_would_zero_too_many(world: World, scheduled: bool) -> None:
    flood = Flood(world, Limits(least_changed=100, max_zeroed=1))
    flood.show(1, "0")
    flood.world.clock.advance(1)
    number = flood.reconcile.begin().id
    if scheduled:
        flood.reconcile.on_schedule()
    flood.show(2, "5")
    flood.reconcile.advance()
    flood.world.clock.advance(SETTLE)
    flood.show(2, "0")
    flood.reconcile.advance()
    assert flood.world.known(STORE, 1) == "0", "the first is entered, the second is seen anew"
    flood.world.clock.advance(SETTLE)
    flood.reconcile.advance()
    with world.sql.writing() as unit:
        run = unit.run(number)
    assert run is not None
    assert (run.state, flood.world.known(STORE, 2)) == (HELD, "1000")


def test_a_run_that_stays_within_its_bounds_enters_everything(world: World) -> None:
    flood = Flood(world, Limits(least_changed=9))
    run = flood.run("990", scheduled=False)
    assert (run.state, flood.entered()) == (DONE, MANY)
