"""The workers: they book events, write to the sides and read their feeds, and stop when told to.

Each side has its own writers, as many as it bears calls at once, so that a side that is away holds nobody else up. A
breaker stands before each side: while it is away, one probe goes out now and then, and when it answers, everything
that failed there is due again at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from functools import partial

from tillbridge.booking import Posted
from tillbridge.core.actions import Status
from tillbridge.core.events import Hinted
from tillbridge.core.stock import SideName
from tillbridge.errors import SideTrouble, StorageTrouble, Throttled
from tillbridge.gate import Gate
from tillbridge.holding import Holding
from tillbridge.poll import Poll
from tillbridge.ports import Books, Clock
from tillbridge.relay import Relay, Written

EVENTS_AT_ONCE = 200
"""Events booked in one transaction: enough to drain a backlog, short enough not to hold the listener's commits up."""

LONGEST_REST = 30.0
"""Seconds that a worker rests at the most, should every bell be missed."""

CALLS_AT_A_STRETCH = 10
"""Calls that a writer makes one after the other before it looks around again."""

HOLD_AT_MOST = 30.0
"""Seconds for which writers are held back while a backlog is booked."""

SHORTEST_REST = 0.25
"""Seconds that a worker rests at the least when there is work that it may not do now (paused, a probe is out)."""

AFTER_STORAGE_TROUBLE = 5.0
"""Seconds before trying again when the database refused (disk full, locked)."""

log = logging.getLogger(__name__)


class Bell:
    """Wakes a resting worker. A ring while nobody rests is not lost."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._over = False

    def ring(self) -> None:
        self._event.set()

    def silence(self) -> None:
        """Nobody rests here any more: the workers are to stop."""
        self._over = True
        self._event.set()

    def rest(self, seconds: float) -> None:
        """Until rung, at most so long."""
        self._event.wait(seconds)
        if not self._over:
            self._event.clear()


class Work:
    """The steps of the workers, each one thing done once, and the threads that repeat them."""

    def __init__(
        self,
        relay: Relay,
        polls: Mapping[SideName, Poll],
        books: Books,
        clock: Clock,
        stirred: Callable[[SideName, frozenset[str]], None],
        is_from_pos: Callable[[Hinted], bool] = lambda _: False,
    ) -> None:
        """`is_from_pos`: whether what came in by the public address for webhooks was sent by the POS."""
        self._relay = relay
        self._polls = polls
        self._books = books
        self._clock = clock
        self._stirred = stirred
        self._is_from_pos = is_from_pos
        self._look_twice: Callable[[str], object] = lambda _: None
        self._papers: dict[SideName, Callable[[], Written]] = {}
        self.gates = {side: Gate(side, clock) for side in SideName}
        self.heard: dict[SideName, float] = {}
        self._holding = Holding(clock, HOLD_AT_MOST)
        self._events = Bell()
        self._writes = {side: Bell() for side in SideName}
        self._feeds = {side: Bell() for side in SideName}
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()

    def post(self) -> bool:
        """Book waiting events; whether there were any. Of a backlog all is booked before anything of it is written:
        what comes later in it may take back what came first, and writers and booking would wait for each other."""
        posted = self._relay.post_events(EVENTS_AT_ONCE)
        if posted.events < EVENTS_AT_ONCE:
            self.booked(posted)
            return posted.events > 0
        with self._holding:
            self.booked(posted)
            while posted.events == EVENTS_AT_ONCE and not self._stopping.is_set():
                posted = self._relay.post_events(EVENTS_AT_ONCE)
                self.booked(posted)
        self.ring_writers(tuple(SideName))
        return True

    def on_second_look(self, look: Callable[[str], object]) -> None:
        """Whom to tell of an SKU whose level must be read again before a change of it counts."""
        self._look_twice = look

    def on_papers(self, side: SideName, tell: Callable[[], Written]) -> None:
        """What tells a side of one document that is due there: the POS of an order, the shop of a return or a sale."""
        self._papers[side] = tell

    def booked(self, posted: Posted) -> None:
        """Wake whoever has something to do after a booking."""
        for sku in posted.second_looks:
            self._look_twice(sku)
        if not self._holding.holds():
            self.ring_writers(posted.due)
        for side, refs in posted.unknown.items():
            self._stirred(side, refs)
        for hint in posted.hints:
            if self._is_from_pos(hint):
                self.ring_feed(SideName.POS)
            else:
                log.warning("a webhook that the POS did not sign came in by the shop's public address; it is ignored")

    def write(self, side: SideName) -> bool:
        """A few calls to a side; whether more may follow at once."""
        if self._holding.holds_up(side):
            return False
        gate = self.gates[side]
        ticket = gate.enter()
        if ticket is None:
            return False
        try:
            written = self._written(side, ticket)
        except BaseException:
            gate.left()
            raise
        if written.trouble is not None:
            words = written.trouble.sentence or str(written.trouble.status)
            if written.trouble.status is Status.UNCERTAIN:
                gate.stumbled(words)
            else:
                gate.away(words, written.trouble.retry_after)
            return False
        if written.calls == 0:
            gate.left()
            return written.messages > 0
        if gate.answered(ticket):
            self._revive(side, gate)
        return True

    def _going_on(self, side: SideName, ticket: int) -> Callable[[], bool]:
        """Whether a writer may make another call before it looks around."""
        left = iter(range(CALLS_AT_A_STRETCH - 1))

        def goes_on() -> bool:
            undisturbed = self.gates[side].is_well(ticket) and not self._holding.holds()
            return undisturbed and not self._stopping.is_set() and next(left, None) is not None

        return goes_on

    def _written(self, side: SideName, ticket: int) -> Written:
        """At the POS documents go first: what they take need not be written as stock. At the shop they go last: they
        move nothing there, and no level waits for them."""
        tell = self._papers.get(side, _nothing_told)
        move = partial(self._relay.write, side, self._going_on(side, ticket))
        first, then = (tell, move) if side is SideName.POS else (move, tell)
        written = first()
        return written if written.messages else then()

    def read(self, side: SideName) -> bool:
        """Read a side's feed; whether it could be read. An answer also says that a side which was away is back."""
        gate = self.gates[side]
        ticket = gate.enter()
        if ticket is None:
            return False
        try:
            self._polls[side]()
        except SideTrouble as trouble:
            gate.away(str(trouble), trouble.retry_after if isinstance(trouble, Throttled) else None)
            return False
        except BaseException:
            gate.left()
            raise
        self.heard[side] = self._clock.now()
        if gate.answered(ticket):
            self._revive(side, gate)
        return True

    def hear(self, side: SideName) -> None:
        """Read a side's feed to its end now, whatever its gate says, and book what it brought. Raises `SideTrouble`."""
        self._polls[side]()
        while self.post():
            pass

    def drain(self) -> dict[SideName, bool]:
        """Read both feeds to their end and book what they brought; which side could be read."""
        heard = {side: self.read(side) for side in SideName}
        while self.post():
            pass
        return heard

    def _revive(self, side: SideName, gate: Gate) -> None:
        try:
            with self._books.writing() as unit:
                unit.revive(side)
        except BaseException:
            gate.not_revived()
            raise
        self._writes[side].ring()

    def may_speak(self) -> bool:
        """Whether neither side is away or has asked for patience."""
        return all(gate.open() for gate in self.gates.values())

    def ring_events(self) -> None:
        self._events.ring()

    def ring_feed(self, side: SideName) -> None:
        self._feeds[side].ring()

    def ring_writers(self, sides: Collection[SideName]) -> None:
        """Something is to be written to these sides."""
        for side in sides:
            self._writes[side].ring()

    def ring_all_writers(self) -> None:
        """For the sweep: whatever fell due while a bell was missed is taken up now."""
        for bell in (self._events, *self._writes.values()):
            bell.ring()

    def ring_all(self) -> None:
        for bell in self._bells():
            bell.ring()

    def _bells(self) -> tuple[Bell, ...]:
        return (self._events, *self._writes.values(), *self._feeds.values())

    def start(self, writers: Mapping[SideName, int]) -> None:
        """Start the threads: one for events, one for each feed, and so many writers for each side."""
        self._spawn("events", self._events, self.post, partial(self._books.next_due, None))
        for side in SideName:
            self._spawn(f"feed-{side}", self._feeds[side], partial(self._read_once, side), _never)
            for number in range(writers[side]):
                step, due = partial(self.write, side), partial(self._due, side)
                self._spawn(f"write-{side}-{number}", self._writes[side], step, due)

    def _read_once(self, side: SideName) -> bool:
        """A feed is read when its bell rings (a hint, the schedule), not again because there was something in it."""
        self.read(side)
        return False

    def _due(self, side: SideName) -> float | None:
        due = self._books.next_due(side)
        return None if due is None else max(due, self.gates[side].opens_at(), self._holding.ends_at())

    def _spawn(self, name: str, bell: Bell, step: Callable[[], bool], next_due: Callable[[], float | None]) -> None:
        thread = threading.Thread(target=self._loop, args=(bell, step, next_due), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _loop(self, bell: Bell, step: Callable[[], bool], next_due: Callable[[], float | None]) -> None:
        while not self._stopping.is_set():
            try:
                if step():
                    continue
                due = next_due()
                rest = LONGEST_REST if due is None else min(max(due - self._clock.now(), SHORTEST_REST), LONGEST_REST)
            except StorageTrouble as trouble:
                log.error("%s", trouble)
                rest = AFTER_STORAGE_TROUBLE
            except Exception:  # a worker that dies silently is the worst failure of all: say it, rest, go on
                log.exception("a worker met a defect; it goes on")
                rest = AFTER_STORAGE_TROUBLE
            bell.rest(rest)

    def alive(self) -> bool:
        """Whether every worker still runs."""
        return all(thread.is_alive() for thread in self._threads)

    def stop(self, grace_seconds: float) -> bool:
        """Let every worker finish what it is at; whether all did. What is left is released by the end of the process:
        a lease of an earlier run is void, and its attempt is settled by its key."""
        self._stopping.set()
        for bell in self._bells():
            bell.silence()
        deadline = self._clock.now() + grace_seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - self._clock.now()))
        return not any(thread.is_alive() for thread in self._threads)


def _never() -> None:
    return None


def _nothing_told() -> Written:
    return Written(0)
