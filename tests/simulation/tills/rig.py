"""One till of a chosen kind with two outlets, a few things on the shelf, and a world that goes on when told to."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from decimal import Decimal
from itertools import count
from random import Random

from tests.fakes import VirtualClock
from tests.simulation.tills.kinds import KINDS, Place
from tillbridge.core import codec
from tillbridge.core.actions import AdjustStock, Outcome, Trace
from tillbridge.core.events import LevelSeen, StockMoved
from tillbridge.ports import Side
from tillbridge.till.book import Book
from tillbridge.till.catalogue import Card, Outlet
from tillbridge.till.papers import Draft, Kind, Line
from tillbridge.till.storage import open_memory


class Loaded(Random):
    """Dice that always show the same."""

    def __init__(self, shown: float) -> None:
        super().__init__(0)
        self.shown = shown

    def random(self) -> float:
        return self.shown


class Rig:
    """Three things (refs "1", "2", "3") with ten pieces each at the outlet `main`.

    `meanwhile` is what happens at the next moments in which a call leaves the world time, one after the other.
    `later` holds requests that were delayed.
    """

    def __init__(self, kind: str, dice: Random | None = None) -> None:
        self.clock = VirtualClock()
        self.meanwhile: deque[Callable[[], object]] = deque()
        self.later: list[tuple[float, Callable[[], None]]] = []
        self.met: Counter[str] = Counter()
        ids = count()
        self.storage = connection = open_memory()
        self.book = Book(connection, self.clock.wall, lambda: f"change-{next(ids)}")
        for outlet in ("main", "annex"):
            self.book.catalogue.open_outlet(Outlet(outlet, outlet))
        chance = dice or Random(1)
        place = Place(connection, self.book, self.clock, self._between, self._later, self.met, chance)
        self.pos = KINDS[kind](place)
        self.side: Side = self.pos.side()
        self._keys = count()
        for number in range(1, 4):
            self.book.catalogue.add(Card(f"SKU-{number}", f"Thing {number}", 100))
            self.ring(Kind.DELIVERY, str(number), 10)
        self.clock.advance(60)

    def ring(self, kind: Kind, ref: str, quantity: int, outlet: str = "main") -> None:
        """Somebody at the till moves stock."""
        self.book.record(Draft(kind, outlet, (Line(int(ref), quantity * 1000),)))

    def sell(self, ref: str, quantity: int) -> Callable[[], None]:
        """A sale that is yet to happen."""
        return lambda: self.ring(Kind.SALE, ref, quantity)

    def level(self, ref: str, outlet: str = "main") -> int:
        """What the till really holds."""
        return (self.book.feed.level(int(ref), outlet) or 0) // 1000

    def fate(self, what: str, seconds: float = 0.0) -> None:
        """What becomes of the next call."""
        self.pos.wire.fates.append((what, seconds))

    def new_key(self) -> str:
        return f"key-{next(self._keys)}"

    def adjust(self, ref: str, delta: str, key: str = "") -> Outcome:
        """A write of ours."""
        action = AdjustStock(key or self.new_key(), ref, "main", Decimal(delta), "tillbridge")
        return self.side.apply([action])[0]

    def trace(self, ref: str, delta: str, mark: str, key: str = "") -> Trace:
        return Trace(key or self.new_key(), ref, "main", Decimal(delta), mark)

    def arrive(self) -> None:
        """What was delayed arrives."""
        for _, then in self.later:
            then()
        self.later.clear()

    def heard(self, cursor: str) -> tuple[list[StockMoved], str]:
        """The changes after a cursor to the feed's end."""
        events: list[StockMoved] = []
        while True:
            page = self.side.changes_since(cursor)
            decoded = [codec.decode(told.kind, told.body) for told in page.told]
            events += [event for event in decoded if isinstance(event, StockMoved)]
            cursor = page.cursor
            if not page.more:
                return events, cursor

    def seen(self, cursor: str) -> tuple[list[LevelSeen], str]:
        """The levels that a feed of levels tells after a cursor."""
        page = self.side.changes_since(cursor)
        decoded = [codec.decode(told.kind, told.body) for told in page.told]
        return [event for event in decoded if isinstance(event, LevelSeen)], page.cursor

    def _between(self) -> None:
        if self.meanwhile:
            self.meanwhile.popleft()()

    def _later(self, seconds: float, then: Callable[[], None]) -> None:
        self.later.append((seconds, then))


def nothing() -> None:
    """A moment in which nothing happens."""
