"""A shop and a till that keep real levels, with the bridge between them: whoever sells takes a piece off a shelf."""

from __future__ import annotations

from decimal import Decimal

from tests.builders import CUP, CUP_POS, CUP_STORE, line_changed, sale_at_pos
from tests.fakes import POS_ABILITIES, STORE_ABILITIES, FakeSide
from tests.flows.world import POS, STORE, World
from tillbridge.core.actions import Action, AdjustStock, Outcome, Status
from tillbridge.core.events import Told
from tillbridge.core.findings import Limits
from tillbridge.core.routing import Rules
from tillbridge.core.stock import plain
from tillbridge.ports import Run
from tillbridge.reconcile import Care, Reconcile

OF_BOTH = Rules()
USUAL = Limits()
SETTLE = 60.0


class RealSide(FakeSide):
    """A side whose levels move with every change that it accepts."""

    def move(self, ref: str, delta: str | Decimal, outlet: str) -> None:
        """Somebody, or we, moved a level."""
        (level,) = (one for one in self.shelf if (one.ref, one.outlet) == (ref, outlet))
        assert level.quantity is not None
        self.stock(ref, level.sku, str(level.quantity + Decimal(delta)), outlet)

    def _outcome(self, action: Action) -> Outcome:
        outcome = super()._outcome(action)
        if isinstance(action, AdjustStock) and outcome.status is Status.APPLIED:
            self.move(action.ref, action.delta, action.outlet)
        return outcome


class Shelves:
    """Ten cups, sold by both."""

    def __init__(self, world: World, rules: Rules = OF_BOTH, limits: Limits = USUAL) -> None:
        self.world = world
        self.store = world.store = world.sides[STORE] = RealSide(STORE, STORE_ABILITIES)
        self.pos = world.pos = world.sides[POS] = RealSide(POS, POS_ABILITIES)
        self.store.stock(CUP_STORE, CUP, "10", "")
        self.pos.stock(CUP_POS, CUP, "10", "main")
        world.put_together(world.sql, rules=rules, limits=limits)
        world.link_cup()
        care = Care(rules, limits, SETTLE)
        self.reconcile = Reconcile(world.sql, world.sides, world.work.drain, care, world.clock, lambda _: None)

    def web(self, event_id: str, delta: str, order: int = 9001, type_: str = "order_line", line: int = 3) -> Told:
        """The shop moves stock for a line of an order; the row that tells it."""
        self.store.move(CUP_STORE, delta, "")
        return line_changed(event_id, delta, order, line, type_)

    def till(self, event_id: str, delta: str) -> Told:
        """The till sells, or takes back; the row that tells it."""
        self.pos.move(CUP_POS, delta, "main")
        return sale_at_pos(event_id, delta)

    def book(self, *told: Told) -> None:
        """What was told arrives, and what follows is written."""
        self.world.book(*told)
        self.write()

    def write(self) -> None:
        for side in (STORE, POS):
            while self.world.relay.write(side).calls:
                pass
        self.world.clock.advance(1)

    def look(self) -> Run:
        """A whole run of reconcile, and what follows from it."""
        self.world.clock.advance(1)
        number = self.reconcile.begin().id
        for _ in range(8):
            self.reconcile.advance()
            self.world.clock.advance(SETTLE)
        self.write()
        with self.world.sql.writing() as unit:
            run = unit.run(number)
        assert run is not None
        return run

    def levels(self) -> tuple[str, str]:
        """What shop and till really show, over all outlets."""
        store, pos = (sum(one.quantity or 0 for one in side.shelf) for side in (self.store, self.pos))
        return str(plain(Decimal(store))), str(plain(Decimal(pos)))
