"""The engine put together for one thread, between two sides that follow a script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tests import builders
from tests.fakes import FakeSide, VirtualClock, keys, pos_side, store_side
from tillbridge.core.accounts import Account
from tillbridge.core.events import Hinted, Told
from tillbridge.core.findings import Limits
from tillbridge.core.routing import Rules
from tillbridge.core.stock import SideName
from tillbridge.db.books import SqlBooks
from tillbridge.linking import Linking, LinkWhenStirred
from tillbridge.poll import Poll
from tillbridge.ports import Books, Side, Waiting
from tillbridge.relay import Chance, Policy, Relay
from tillbridge.work import Work

STORE, POS = SideName.STORE, SideName.POS
WEEK = 7 * 86_400.0
LEASE = 60.0
OF_BOTH = Rules()
USUAL = Limits()


class World:
    """One daemon's worth of verbs. `books` may be wrapped by a test before `relay` and the rest are used."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock()
        self.connection = builders.database(folder)
        self.sql: SqlBooks = builders.books(self.connection, self.clock)
        self.store: FakeSide = store_side()
        self.pos: FakeSide = pos_side()
        self.sides: dict[SideName, Side] = {STORE: self.store, POS: self.pos}
        self.passed: list[str] = []
        self.put_together(self.sql)

    def put_together(
        self,
        books: Books,
        sell_from: str = "",
        is_from_pos: Callable[[Hinted], bool] = lambda _: False,
        rules: Rules = OF_BOTH,
        limits: Limits = USUAL,
    ) -> None:
        """Make the verbs anew on these books."""
        policy = Policy(sell_from, LEASE, WEEK, rules, limits)
        self.relay = Relay(books, self.sides, policy, Chance(keys(), lambda: 0.0), self.passed.append)
        self.polls = {name: Poll(side, books, self._stored, self.passed.append) for name, side in self.sides.items()}
        self.linking = Linking(
            books,
            self.sides,
            self.polls,
            partial(self.relay.post_events, 200),
            lambda posted: self.work.booked(posted),
            self.passed.append,
        )
        self.when_stirred = LinkWhenStirred(self.linking, self.clock, lambda: self.work.may_speak())
        self.work = Work(self.relay, self.polls, books, self.clock, self.when_stirred.stirred, is_from_pos)

    def _stored(self) -> None:
        self.work.ring_events()

    def restart(self, limits: Limits = USUAL) -> None:
        """Another life of the daemon, on the same database: the leases of the first are void."""
        self.sql = builders.books(self.connection, self.clock, "boot-2")
        self.sql.take_over()
        self.put_together(self.sql, limits=limits)

    def link_cup(self, store: str = "10", pos: str = "10", offset: str = "0", **outlets: str) -> None:
        """Link the cup without a first contact."""
        with self.sql.writing() as unit:
            builders.open_cup(unit, store, pos, offset, **outlets)
            unit.note("sell_from", "main")

    def link_many(self, count: int) -> None:
        """Link items 1 … count at level 1000."""
        with self.sql.writing() as unit:
            builders.open_links(unit, count)
            unit.note("sell_from", "main")

    def put(self, *events: Told) -> None:
        """Events in the queue, as intake or poll leave them."""
        with self.sql.writing() as unit:
            unit.add(events)

    def book(self, *events: Told) -> None:
        """Events in the queue, and everything there booked."""
        self.put(*events)
        while self.relay.post_events(200).events:
            pass

    def account(self, side: SideName, number: int = 1, outlet: str = "main") -> Account:
        """An account of a link as the books have it."""
        with self.sql.writing() as unit:
            shelf = unit.shelves_by_link([number])[number]
        found = shelf.account(side, outlet)
        assert found is not None
        return found

    def known(self, side: SideName, number: int = 1) -> str:
        """What the books believe a side shows."""
        return str(self.account(side, number).known)

    def waiting(self) -> list[Waiting]:
        """Messages that need a person or failed."""
        return self.sql.waiting(100)

    def states(self) -> dict[str, int]:
        """How many messages are ready, parked and dead."""
        found: dict[str, int] = {}
        for (state, _), number in self.sql.summary().messages.items():
            found[state] = found.get(state, 0) + number
        return found

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """What the database says, for facts that no port tells."""
        with self.connection.read() as db:
            return db.rows(sql, values)
