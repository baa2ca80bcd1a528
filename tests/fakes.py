"""What stands in for the world in tests: a clock that moves when told to, and a side that answers by a script."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from tillbridge.core.actions import Action, AdjustStock, Loss, Outcome, Status, Trace, VoidAdjustment
from tillbridge.core.events import Told
from tillbridge.core.marks import Mark
from tillbridge.core.positions import LineSeen, OrderSeen
from tillbridge.core.stock import Item, Level, SideName
from tillbridge.errors import SideTrouble
from tillbridge.ports import Abilities, Changes, Hop, HopState, Report

START = 1_760_000_000.0

STORE_ABILITIES = Abilities(frozenset({AdjustStock, VoidAdjustment}), batch=100)
POS_ABILITIES = Abilities(frozenset({AdjustStock}), batch=100, key_memory=86_400.0)
"""As the two real sides are: the store voids a key, the POS remembers it."""

Answer = Outcome | Callable[[Action], Outcome]


class VirtualClock:
    """`ports.Clock` that moves only when told to."""

    def __init__(self) -> None:
        self.seconds = START

    def now(self) -> float:
        return self.seconds

    def wall(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


class FakeSide:
    """`ports.Side` by script: it applies everything unless `answers` say otherwise, and tells what `tell` put in."""

    def __init__(self, name: SideName, abilities: Abilities) -> None:
        self.name = name
        self.abilities = abilities
        self.answers: deque[Answer] = deque()
        self.calls: list[list[Action]] = []
        self.during_apply: Callable[[], None] = _nothing
        self.items: list[Item] = []
        self.shelf: list[Level] = []
        self.during_count: Callable[[], None] = _nothing
        self.counts = 0
        self.page = 100
        self.cursors: list[str] = []
        self.feed_trouble: SideTrouble | None = None
        self.mark: Mark | None = None
        self.ours: Mark | None = None
        self.history = ""
        self.traces: list[Trace] = []
        self.found: dict[str, Outcome] = {}
        self.losses: dict[tuple[str, str], tuple[Loss, ...]] = {}
        self._feed: list[Told] = []

    @property
    def actions(self) -> list[Action]:
        """Everything that was asked of this side, in order."""
        return [action for call in self.calls for action in call]

    @property
    def deltas(self) -> list[Decimal]:
        """The amounts of the adjustments that were asked of this side, in order."""
        return [action.delta for action in self.actions if isinstance(action, AdjustStock)]

    def answer(self, *answers: Answer) -> None:
        """The answers to the next actions; after them everything is applied again."""
        self.answers.extend(answers)

    def tell(self, *told: Told) -> None:
        """Put events into the feed."""
        self._feed.extend(told)

    def stock(self, ref: str, sku: str, quantity: str | None, outlet: str) -> None:
        """Put a tracked item with a level on the shelf; `quantity` None is a level that nobody knows."""
        if all(item.ref != ref for item in self.items):
            self.items.append(Item(ref, sku, f"Item {sku}", tracked=True))
        level = Level(ref, sku, f"Item {sku}", outlet, None if quantity is None else Decimal(quantity))
        self.shelf = [one for one in self.shelf if (one.ref, one.outlet) != (ref, outlet)] + [level]

    def stir(self, ref: str) -> None:
        """Mark an item's level as moving."""
        self.shelf = [replace(level, moving=True) if level.ref == ref else level for level in self.shelf]

    def settle(self) -> None:
        """Nothing is moving any more."""
        self.shelf = [replace(level, moving=False) for level in self.shelf]

    def check(self) -> Report:
        return Report()

    def levels(self) -> Iterator[Level]:
        self.counts += 1
        yield from tuple(self.shelf)
        self.during_count()

    def hops(self) -> tuple[Hop, ...]:
        return (Hop(str(self.name), HopState.WELL, "it answers"),)

    def levels_of(self, ref: str) -> tuple[Level, ...]:
        if self.feed_trouble is not None:
            raise self.feed_trouble
        found = tuple(level for level in self.shelf if level.ref == ref)
        self.during_count()
        return found

    def catalogue(self) -> Iterator[Item]:
        return iter(tuple(self.items))

    def changes_since(self, cursor: str) -> Changes:
        self.cursors.append(cursor)
        if self.feed_trouble is not None:
            raise self.feed_trouble
        if cursor == "":
            return Changes((), "0", more=bool(self._feed), mark=self.mark, ours=self.ours)
        start = int(cursor)
        told = tuple(self._feed[start : start + self.page])
        more = start + len(told) < len(self._feed)
        return Changes(told, str(start + len(told)), more=more, mark=self.mark, ours=self.ours)

    def watermark(self) -> str:
        return self.history

    def find(self, trace: Trace) -> Outcome:
        self.traces.append(trace)
        return self.found.get(trace.key, Outcome(Status.NOT_FOUND))

    def lost(self, ref: str, outlet: str, /) -> tuple[Loss, ...]:
        return self.losses.get((ref, outlet), ())

    def apply(self, actions: Sequence[Action]) -> list[Outcome]:
        self.calls.append(list(actions))
        self.during_apply()
        return [self._outcome(action) for action in actions]

    def _outcome(self, action: Action) -> Outcome:
        if not self.answers:
            return Outcome(Status.VOIDED if isinstance(action, VoidAdjustment) else Status.APPLIED)
        answer = self.answers.popleft()
        return answer if isinstance(answer, Outcome) else answer(action)


class FakeOrders:
    """`ports.Orders` by script: a shop has the orders that `hold` put in, until they are deleted from `shop`."""

    def __init__(self) -> None:
        self.shop: dict[str, OrderSeen] = {}
        self.asked: list[tuple[str, ...]] = []
        self.trouble: SideTrouble | None = None
        self.during_read: Callable[[], None] = _nothing

    def hold(
        self, reduced: str, status: str = "processing", order: str = "9001", line: str = "3", ref: str = "51"
    ) -> None:
        """A line of an order that holds so much of an item; other lines of it stay."""
        others = self.shop[order].lines if order in self.shop else ()
        lines = tuple(one for one in others if one.line != line)
        self.shop[order] = OrderSeen(order, status, (*lines, LineSeen(line, (ref,), Decimal(reduced))))

    def spoil(self, order: str = "9001", line: str = "3", ref: str = "51") -> None:
        """Nobody can read any more what a line holds."""
        self.hold("0", order=order, line=line, ref=ref)
        seen = self.shop[order]
        lines = tuple(replace(one, reduced=None) if one.line == line else one for one in seen.lines)
        self.shop[order] = replace(seen, lines=lines)

    def positions(self, orders: Sequence[str]) -> tuple[OrderSeen, ...]:
        self.asked.append(tuple(orders))
        if self.trouble is not None:
            raise self.trouble
        found = tuple(self.shop[ref] for ref in orders if ref in self.shop)
        self.during_read()
        return found

    def open_positions(self) -> Iterator[OrderSeen]:
        if self.trouble is not None:
            raise self.trouble
        settled = ("completed", "refunded", "cancelled", "failed")
        found = [seen for seen in self.shop.values() if seen.status not in settled]
        self.during_read()
        yield from found


def store_side() -> FakeSide:
    """A shop without products."""
    return FakeSide(SideName.STORE, STORE_ABILITIES)


def pos_side() -> FakeSide:
    """A till without items."""
    return FakeSide(SideName.POS, POS_ABILITIES)


def keys(prefix: str = "key") -> Callable[[], str]:
    """Keys of writes that a test can foretell: key-1, key-2 …"""
    numbers = iter(range(1, 10**9))
    return lambda: f"{prefix}-{next(numbers)}"


def outcomes(*statuses: Status) -> Iterable[Outcome]:
    """Answers that say nothing but their status."""
    return [Outcome(status) for status in statuses]


def _nothing() -> None:
    return None
