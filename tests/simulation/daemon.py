"""The production engine, put together for one thread: what `app.py` does with threads and sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from random import Random

from tillbridge.booking import Posted
from tillbridge.core.findings import Limits
from tillbridge.core.stock import SideName
from tillbridge.db.books import SqlBooks
from tillbridge.db.connect import Connection
from tillbridge.db.mailbox import SqlMailbox
from tillbridge.errors import BridgeError
from tillbridge.intake import Intake
from tillbridge.linking import Linking, LinkWhenStirred
from tillbridge.poll import Poll
from tillbridge.ports import Checkpoint, Side
from tillbridge.reconcile import Care, Reconcile
from tillbridge.relay import Chance, Policy, Relay
from tillbridge.work import Work

SITE = "sandbox"
POLL_EVERY = 5.0
PULL_EVERY = 60.0
RECONCILE_EVERY = 120.0
SETTLE = 20.0


class VirtualClock:
    """Time that moves only when the simulation says so."""

    def __init__(self) -> None:
        self.seconds = 1_760_000_000.0

    def now(self) -> float:
        return self.seconds

    def wall(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)


class Daemon:
    """One life of the daemon, between a start and a crash or stop."""

    def __init__(
        self,
        connection: Connection,
        sides: dict[SideName, Side],
        clock: VirtualClock,
        dice: Random,
        checkpoint: Checkpoint,
    ) -> None:
        self._clock = clock
        self.books = SqlBooks(connection, clock, f"{dice.getrandbits(64):016x}")
        self.books.take_over()
        chance = Chance(lambda: f"{dice.getrandbits(128):032x}", dice.random)
        policy = Policy("", 60.0, 7 * 86400.0)
        relay = Relay(self.books, sides, policy, chance, checkpoint, lambda side: self.work.hear(side))
        polls = {name: Poll(side, self.books, lambda: None, checkpoint) for name, side in sides.items()}
        self.linking = LinkWhenStirred(
            Linking(self.books, sides, polls, partial(relay.post_events, 200), self._booked, checkpoint),
            clock,
            lambda: self.work.may_speak(),
        )
        self.linking.wanted()
        self.work = Work(relay, polls, self.books, clock, self.linking.stirred)
        care = Care(policy.rules, Limits(), SETTLE)
        self.reconcile = Reconcile(self.books, sides, self.work.drain, care, clock, lambda _: None)
        self._next_run = clock.now() + RECONCILE_EVERY
        self.intake = Intake(SqlMailbox(connection, clock, lambda: None, checkpoint), SITE)
        self._next_poll = {SideName.POS: clock.now(), SideName.STORE: clock.now()}
        self._every = {SideName.POS: POLL_EVERY, SideName.STORE: PULL_EVERY}

    def _booked(self, posted: Posted) -> None:
        self.work.booked(posted)

    def workers(self) -> Iterator[Callable[[], object]]:
        """What a second worker might do while the first is in the middle of something."""
        yield self.work.post
        for side in SideName:
            if self.books.next_due(side) is not None:
                yield partial(self.work.write, side)

    def due(self) -> Iterator[Callable[[], object]]:
        """What the daemon would do now, one step after the other."""
        now = self._clock.now()
        for side in SideName:
            if now >= self._next_poll[side]:
                self._next_poll[side] = now + self._every[side]
                yield partial(self.work.read, side)
        yield self.linking.run_if_wanted
        if now >= self._next_run:
            self._next_run = now + RECONCILE_EVERY
            yield partial(self.reconcile.begin)
        yield self.reconcile.advance
        yield from self.workers()

    def hint(self, side: SideName) -> None:
        self._next_poll[side] = self._clock.now()

    def set_paused(self, to: tuple[SideName, ...]) -> None:
        with self.books.writing() as unit:
            unit.resume(tuple(SideName))
            unit.pause(to)


@contextmanager
def tolerated() -> Iterator[None]:
    """Trouble that a thread of the real daemon logs and rests after."""
    try:
        yield
    except BridgeError:
        return
