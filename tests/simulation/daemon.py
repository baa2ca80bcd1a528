"""The production engine in one thread: what `app.py` does with threads, sockets and a clockwork."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from math import inf
from random import Random

from tests.simulation.books import PlainConnection
from tests.simulation.clock import BEGIN, VirtualClock
from tests.simulation.idle import Asked, Idle
from tests.simulation.options import POLL_EVERY, PULL_EVERY, RECONCILE_EVERY, Options, settings_of
from tests.simulation.watch import Watch, WatchedBooks
from tillbridge.core.actions import VoidAdjustment
from tillbridge.core.stock import SideName
from tillbridge.db.mailbox import SqlMailbox
from tillbridge.engine import Arriving, Telling, build_engine
from tillbridge.errors import BridgeError
from tillbridge.intake import Intake
from tillbridge.ports import LOOKING, WAITING, Books, Checkpoint, Run, Side
from tillbridge.ports.papers import Papers
from tillbridge.relay import Chance
from tillbridge.settings import order_policy
from tillbridge.sides.till.side import TillSide
from tillbridge.sides.woocommerce.side import StoreSide

SITE = "sandbox"

SIDES = tuple(SideName)

BEGAN = datetime.fromtimestamp(BEGIN, UTC)
"""When orders first travelled as sales."""

LOOKS_EVERY = 5.0
LINK_EVERY = 300.0
SLEEPS = 60.0
"""Seconds after which a feed that told nothing is read again, although nothing happened: what a side tells with a lag
comes by time alone."""

LATE = 2.0
"""Seconds after which a beat was slept through: what has happened since is read at the next one, not at once."""


class Daemon:
    """One life of the daemon, between a start and a crash or stop."""

    def __init__(
        self,
        connection: PlainConnection,
        sides: Callable[[Books], tuple[StoreSide, Side]],
        papers: Callable[[], Papers],
        options: Options,
        clock: VirtualClock,
        dice: Random,
        checkpoint: Checkpoint,
        watch: Watch,
        happened: Callable[[], int],
        keeping: Callable[[tuple[StoreSide, Side], Telling | None], Arriving | None],
    ) -> None:
        """`happened` counts what happens in the world outside the daemon. `keeping` puts together what keeps in the
        shop what the till tells."""
        self._clock = clock
        self._reads_first = {SideName.POS: options.sells, SideName.STORE: options.counter is not None}
        raw = connection.raw
        self._idle = Idle(lambda: (raw.total_changes, happened()))
        self.books = WatchedBooks(connection, clock, f"{dice.getrandbits(64):016x}", watch)
        self.books.take_over()
        changes = partial(getattr, raw, "total_changes")
        self._dues = Asked(changes, self.books.dues)
        self._waiting = Asked(changes, self._runs_and_looks)
        chance = Chance(lambda: f"{dice.getrandbits(128):032x}", dice.random)
        store, pos = sides(self.books)
        self.sides: dict[SideName, Side] = {SideName.STORE: store, SideName.POS: pos}
        chosen = settings_of(options)
        telling = None
        if options.sells:
            assert isinstance(pos, TillSide)
            telling = Telling(SITE, papers(), partial(order_policy, chosen, UTC, BEGAN, "EUR"), clock.wall, pos)
        arriving = keeping((store, pos), telling)
        self._engine = build_engine(
            chosen, self.books, (store, pos), clock, chance, checkpoint, lambda _: False, telling, arriving
        )
        self.work = self._engine.work
        self.reconcile = self._engine.reconcile
        self._write = {side: partial(self.work.write, side) for side in SIDES}
        self._read = {side: partial(self.work.read, side) for side in SIDES}
        self._steps: Mapping[str, tuple[float, Callable[[], bool]]] = {
            "linking": (0.0, partial(_is_done, self._engine.linking.run_if_wanted)),
            "looking": (1.0, partial(_is_done, self._engine.look_again)),
            "comparing": (2.0, partial(_is_done, self._engine.comparing)),
            "recovering": (5.0, partial(_is_done, self._engine.recovering)),
            "advancing": (1.0, partial(_is_done, self.reconcile.advance)),
        }
        self._next_step = dict.fromkeys(self._steps, clock.now())
        self.look_for_links()
        self.intake = Intake(SqlMailbox(connection, clock, lambda: None, checkpoint), SITE)
        now = clock.now()
        self._next_poll = {SideName.POS: now, SideName.STORE: now}
        self._every = {SideName.POS: POLL_EVERY, SideName.STORE: PULL_EVERY}
        self._next_run = now + RECONCILE_EVERY if options.reconcile else None

    def workers(self) -> Iterator[Callable[[], object]]:
        """What a second worker might do while the first is in the middle of something."""
        now = self._clock.now()
        dues = self._dues.get(now)
        due = dues[None]
        if due is not None and due <= now:
            yield self.work.post
        for side in SIDES:
            due = dues[side]
            if due is not None and due <= now and not self._would_wait(side):
                yield self._write[side]

    def _would_wait(self, side: SideName) -> bool:
        """Whether a writer might have to wait for somebody who is just reading that side's feed, because only a quiet
        level can tell what became of a write there; or because the feeds are read to their ends before an order is. In
        one thread it would wait for ever."""
        if self._reads_first[side]:
            return any(poll._lock.locked() for poll in self.work._polls.values())
        able = self.sides[side].abilities
        asks_the_level = able.key_memory is None and not able.history and VoidAdjustment not in able.actions
        return asks_the_level and self.work._polls[side]._lock.locked()

    def due(self) -> Iterator[Callable[[], object]]:
        """What the daemon would do now, one step after the other."""
        now = self._clock.now()
        for side in SIDES:
            if now >= self._next_poll[side]:
                if self._idle.sleeps(side, now) or now > self._next_poll[side] + LATE:
                    self._next_poll[side] = self._next_beat(side, now)
                else:
                    self._next_poll[side] = now + self._every[side]
                    yield partial(self._idle.tried, side, self._read[side], now + SLEEPS)
        if now >= self._next_link:
            self.look_for_links()
        if self._next_run is not None and now >= self._next_run:
            self._next_run = now + RECONCILE_EVERY
            yield partial(self.reconcile.begin)
        for name, (every, step) in self._steps.items():
            if now >= self._next_step[name] and not self._idle.sleeps(name, now):
                self._next_step[name] = now + every
                yield partial(self._idle.tried, name, step, now + LOOKS_EVERY)
        yield from self.workers()

    def wakes_at(self, soonest: float) -> float:
        """When there is something to do again, as far as this daemon knows. Once something is found that is to be done
        by `soonest`, nothing more is asked."""
        found = min(self._next_run or inf, *(self._reads_at(side) for side in SIDES))
        for at in self._wakes():
            if found <= soonest:
                break
            found = min(found, at)
        return found

    def _wakes(self) -> Iterator[float]:
        """What the books have to be asked for."""
        dues = self._dues.get(self._clock.now())
        events = dues[None]
        if events is not None:
            yield events
        for side in SIDES:
            due = dues[side]
            if due is not None:
                yield max(due, self.work.gates[side].opens_at())
        now = self._clock.now()
        runs, looks = self._waiting.get(now)
        for run in runs:
            at = run.facts.get("due_at")
            yield at if run.state == WAITING and isinstance(at, float) else now
        if looks:
            yield now + LOOKS_EVERY

    def _runs_and_looks(self) -> tuple[list[Run], bool]:
        """The runs that go on by themselves, and whether an order or a level is to be read again."""
        with self.books.glancing() as books:
            runs = books.runs_in((LOOKING, WAITING))
            looks = books.are_looks_wanted() and any(books.to_look_at(side, 1, books.now) for side in SIDES)
            return runs, looks or books.are_stirred()

    def _next_beat(self, side: SideName, now: float) -> float:
        """When that side's feed would be read again, had it been read at every beat until now."""
        missed = (now - self._next_poll[side]) // self._every[side] + 1
        return self._next_poll[side] + missed * self._every[side]

    def _reads_at(self, side: SideName) -> float:
        """When that side's feed is read again, if nothing happens."""
        asleep_until = self._idle.wakes_at(side)
        return self._next_poll[side] if asleep_until is None else max(asleep_until, self._next_poll[side])

    def look_for_links(self) -> None:
        """As the schedule does, and `tillbridge sync`."""
        self._next_link = self._clock.now() + LINK_EVERY
        self._idle.rouse("linking")
        self._engine.linking.wanted()

    def hint(self, side: SideName) -> None:
        """Somebody says that the side has news."""
        self._idle.rouse(side)
        self._next_poll[side] = self._clock.now()

    def sync(self) -> None:
        """A person says `tillbridge sync`."""
        with self.books.writing() as unit:
            unit.release(tuple(SideName))
            for side in SideName:
                unit.revive(side)
        self.look_for_links()

    def pause(self, side: SideName) -> None:
        """A person pauses writing to a side, if nobody stopped it before."""
        with self.books.writing() as unit:
            unit.pause((side,))

    def resume(self) -> None:
        """A person lets writing go on where a person paused it; not where the daemon stopped by itself."""
        stopped = self.books.summary().stopped
        with self.books.writing() as unit:
            unit.resume(tuple(side for side in SideName if side not in stopped))


def _is_done(step: Callable[[], object]) -> bool:
    """A step that ends without trouble is done."""
    step()
    return True


def tolerated(step: Callable[[], object]) -> object:
    """What a step says; None after trouble that a thread of the real daemon logs and rests after."""
    try:
        return step()
    except BridgeError:
        return None
