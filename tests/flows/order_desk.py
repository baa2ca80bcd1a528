"""A shop and a till whose orders are compared, for the tests of that."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tests.builders import CUP, CUP_STORE
from tests.fakes import FakeOrders
from tests.flows.world import POS, STORE, World
from tillbridge.comparing import Comparing
from tillbridge.core.events import Told
from tillbridge.core.positions import Line, Order
from tillbridge.core.routing import Rules
from tillbridge.core.stock import SideName
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Authority

SETTLE = 60.0


class Desk:
    """A shop and a till with ten cups each, and the comparison of the shop's orders."""

    def __init__(
        self, world: World, authority: Authority = Authority.BOTH, send_on: frozenset[str] = frozenset()
    ) -> None:
        rules = Rules(authority, send_on)
        self.world = world
        self.orders = FakeOrders()
        self.rung: list[frozenset[SideName]] = []
        world.link_cup()
        world.put_together(world.sql, rules=rules)
        self.show("10")
        self.compare = Comparing(
            world.sql, self.orders, world.store, lambda: world.work.drain()[STORE], rules, SETTLE, self.rung.append
        )  # fmt: skip

    def show(self, level: str) -> None:
        """What the shop really has of the cup."""
        self.world.store.stock(CUP_STORE, CUP, level, "")

    def told(self, *events: Told) -> None:
        """The shop tells something, and what follows is written."""
        self.world.book(*events)
        self.write()

    def write(self) -> None:
        for side in (STORE, POS):
            self.world.work.write(side)

    def look(self, seconds: float) -> bool:
        self.world.clock.advance(seconds)
        return self.compare()

    def settle(self) -> None:
        """Look again and again, until every difference was acted on, and write what follows."""
        for _ in range(12):
            self.look(15)
        self.write()

    def shelf(self) -> Shelf:
        with self.world.sql.writing() as unit:
            return unit.shelves_by_link([1])[1]

    def weights(self) -> tuple[str, ...]:
        """Free, held, positions, admitted."""
        terms = self.shelf().terms
        return tuple(str(one) for one in (terms.free, terms.held, terms.positions, terms.admitted))

    def lines(self) -> list[Line]:
        with self.world.sql.writing() as unit:
            return unit.lines_of_link(1)

    def order(self) -> Order | None:
        with self.world.sql.writing() as unit:
            return unit.orders(["9001"]).get("9001")

    def runs(self) -> list[tuple[object, ...]]:
        return self.world.rows("SELECT kind, scope, state FROM run")

    def calm(self) -> bool:
        with self.world.sql.writing() as unit:
            return not unit.are_stirred()

    def written(self) -> tuple[Sequence[Decimal], Sequence[Decimal]]:
        return self.world.store.deltas, self.world.pos.deltas
