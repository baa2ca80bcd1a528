"""A shop whose orders reach a till as sales, for the tests of that: ten cups each, and orders that a test writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.builders import CUP_STORE, POS, line_changed, order_told
from tests.core.orders import goods, order
from tests.fakes import POS_ABILITIES, FakeSide, keys
from tests.flows.world import LEASE, STORE, WEEK, World
from tillbridge.core.actions import AdjustStock
from tillbridge.core.difference import Returns
from tillbridge.core.documents import AmendSale, Document, RecordReturn, RecordSale, VoidSale
from tillbridge.core.events import Told
from tillbridge.core.order_policy import OrderPolicy
from tillbridge.core.paper import Paper, Refund
from tillbridge.core.positions import Line
from tillbridge.core.routing import Rules, Travel
from tillbridge.core.stock import SideName
from tillbridge.core.taken import Taken
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Authority
from tillbridge.errors import BadAnswer, SideTrouble
from tillbridge.papers import PaperRelay
from tillbridge.ports.paperwork import Dossier
from tillbridge.relay import Chance, Written
from tillbridge.sheets import PaperRules

USUAL = OrderPolicy(payments={"bacs": "transfer"}, currency="EUR")
DOCUMENTS = (RecordSale, AmendSale, RecordReturn, VoidSale)


class FakePapers:
    """`ports.papers.Papers` by script."""

    def __init__(self) -> None:
        self.shop: dict[str, Paper] = {}
        self.trouble: SideTrouble | None = None
        self.reads = 0
        self.strange: set[str] = set()
        self.during_read: Callable[[], None] = lambda: None

    def paper(self, order: str) -> Paper | None:
        self.reads += 1
        self.during_read()
        if self.trouble is not None:
            raise self.trouble
        if order in self.strange:
            raise BadAnswer(f"order {order} cannot be understood")
        return self.shop.get(order)

    def papers_between(self, begin: datetime, end: datetime) -> Iterator[Paper]:
        return (paper for paper in self.shop.values() if begin <= paper.created < end)


class PaperDesk:
    """The engine with documents. What the till was told is `documents`, what it was written as stock `stock`."""

    def __init__(self, world: World, policy: OrderPolicy = USUAL, send_on: frozenset[str] = frozenset()) -> None:
        self.world = world
        self.papers = FakePapers()
        self.rules = Rules(Authority.BOTH, send_on, Travel.SALE)
        world.pos = FakeSide(POS, replace(POS_ABILITIES, returns=Returns.AS_TOLD))
        world.sides[POS] = world.pos
        world.link_cup()
        self.wake(policy)

    def wake(self, policy: OrderPolicy = USUAL, life: str = "key") -> None:
        """Put the verbs together, with the settings of this life of the daemon."""
        self.world.put_together(self.world.sql, rules=self.rules)
        self.relay = PaperRelay(
            self.world.sql,
            self.papers,
            self.world.pos,
            PaperRules("shop-1", lambda: policy, "", LEASE, WEEK),
            Chance(keys(f"{life}-paper"), lambda: 0.0),
            self.world.clock.wall,
            self.world.passed.append,
            lambda: self.world.work.drain()[STORE],
        )

    # --- what happens in the shop

    def order(self, quantity: str, total: str = "20", number: str = "9001", **more: Any) -> None:
        """Somebody buys cups (line 3); the shop tells of the level and of the order."""
        line = goods("3", total, quantity=quantity, refs=(CUP_STORE,))
        self.papers.shop[number] = order(total, line, ref=number, number=number, **more)
        self.tell(line_changed(f"line-{number}", f"-{quantity}", int(number)), self.stirs(number))

    def change(self, event: str, number: str = "9001", moved: str = "", **more: object) -> None:
        """The order is another now; `moved` is how its line moved the level."""
        paper = self.papers.shop[number]
        lines = paper.lines
        if moved:
            lines = tuple(replace(line, reduced=line.reduced - Decimal(moved)) for line in lines)
        self.papers.shop[number] = replace(paper, lines=lines, **more)  # type: ignore[arg-type]
        told = [line_changed(f"{event}-line", moved, int(number), type_="restock")] if moved else []
        self.tell(*told, order_told(event, self.papers.shop[number].status, int(number)))

    def refund(self, *refunds: Refund, event: str, moved: str = "") -> None:
        self.change(event, moved=moved, refunds=refunds)

    def stirs(self, number: str = "9001") -> Told:
        return order_told(f"order-{number}", self.papers.shop[number].status, int(number))

    def tell(self, *events: Told) -> None:
        self.world.book(*events)

    # --- what the daemon does

    def send(self) -> Written:
        return self.relay.write()

    def write(self) -> None:
        """Everything that can be done now."""
        while self.relay.write().messages:
            pass
        for side in (STORE, POS):
            while self.world.work.write(side):
                pass

    # --- what there is to see

    @property
    def documents(self) -> list[Document]:
        return [action for action in self.world.pos.actions if isinstance(action, DOCUMENTS)]

    @property
    def kinds(self) -> list[str]:
        return [type(one).__name__ for one in self.documents]

    def stock(self, side: SideName) -> list[Decimal]:
        made = self.world.pos if side is POS else self.world.store
        return [one.delta for one in made.actions if isinstance(one, AdjustStock)]

    def dossier(self, number: str = "9001") -> Dossier:
        with self.world.sql.writing() as unit:
            return unit.dossier(number)

    def has_taken(self, taken: Taken, number: str = "9001") -> None:
        """Something else changes what the POS is known to have of an order."""
        with self.world.sql.writing() as unit:
            unit.save_dossier(replace(unit.dossier(number), taken=taken))

    def line(self, number: str = "9001") -> Line:
        with self.world.sql.writing() as unit:
            (line,) = unit.lines_of_orders([number])
        return line

    def shelf(self) -> Shelf:
        with self.world.sql.writing() as unit:
            return unit.shelves_by_link([1])[1]

    def parked(self) -> list[tuple[str, str]]:
        return [(one.reason, one.sentence) for one in self.world.waiting() if one.state == "parked"]
