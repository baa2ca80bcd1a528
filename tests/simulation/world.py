"""One shop, one till, one daemon and the wires between them, on one clock: a schedule is played out here."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import count
from random import Random

from tests.simulation.daemon import SITE, Daemon, VirtualClock, tolerated
from tests.simulation.network import GATEWAY, HTML, Wire
from tests.simulation.people import People
from tests.simulation.steps import SKUS, Step
from tillbridge.core.stock import SideName
from tillbridge.db.connect import Connection
from tillbridge.ports import Side
from tillbridge.sandbox.routes import Routes
from tillbridge.sandbox.shop import Shop
from tillbridge.sandbox.wire import event
from tillbridge.sides.till.side import TillSide
from tillbridge.sides.woocommerce.side import StoreSide
from tillbridge.till.api import Api
from tillbridge.till.book import Book
from tillbridge.till.catalogue import Outlet
from tillbridge.till.storage import open_memory

SECRET = "a secret of the simulation"
TOKEN = "a token of the simulation"
LONGEST_REST = 4 * 3600.0
"""Virtual seconds within which everything must come to rest after the last fault."""


class Crash(BaseException):
    """The daemon's process is gone: nothing after this point happened."""


COUNTED_WHEN_MET = frozenset(
    {"drop", "time-out-before", "time-out-after", "delay", "duplicate", "error-after", "lying", "crash",
     "push-lost", "push-delayed", "push-twice", "ack-lost", "reorder", "outage-store", "outage-pos", "blocked"}
)  # fmt: skip
"""Faults that lie in wait: they count when something runs into them, not when they are laid."""


class World:
    """Plays a schedule. `met` counts the faults that really happened; `trace` says what was done when."""

    def __init__(self, seed: int, connection: Connection) -> None:
        self.dice = Random(seed)
        self.clock = VirtualClock()
        self.met: Counter[str] = Counter()
        self.trace: list[str] = []
        self._connection = connection
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._depth = 0
        self._crash_at = ""
        self._crash_in = 0
        self._crash_for = 0.0
        self._push_fates: list[tuple[str, float]] = []
        self._wires_and_sides()
        self.daemon: Daemon | None = None
        self.people = People(self.shop, self.book, self.dice)
        self._start()

    # --- setting up

    def _wires_and_sides(self) -> None:
        new_id = lambda: f"{self.dice.getrandbits(128):032x}"  # noqa: E731
        self.shop = Shop(self.clock.wall, new_id)
        self.routes = Routes(self.shop, SECRET)
        self.book = Book(open_memory(), self.clock.wall, new_id, self._till_changed)
        self.book.catalogue.open_outlet(Outlet("main", "Main street"))
        self.book.catalogue.open_outlet(Outlet("annex", "Annex"))
        api = Api(self.book, TOKEN)
        self.wires = {
            SideName.STORE: Wire(self.routes.handle, self._between, self.later, self.met),
            SideName.POS: Wire(api.handle, self._between, self.later, self.met),
        }
        self._new_id = new_id

    def _sides(self) -> dict[SideName, Side]:
        return {
            SideName.STORE: StoreSide(self.wires[SideName.STORE], SECRET, self._new_id, self.clock.wall, site=SITE),
            SideName.POS: TillSide(self.wires[SideName.POS], TOKEN, self.clock.wall),
        }

    # --- time

    def later(self, seconds: float, then: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (self.clock.seconds + seconds, next(self._numbers), then))

    def _between(self) -> None:
        """While a request is on its way or a commit has just happened, the world goes on, now and then."""
        if self._depth >= 2 or self.dice.random() > 0.3:
            return
        self._depth += 1
        try:
            until = self.clock.seconds + self.dice.choice((0.01, 0.05, 0.4, 2.0))
            while self._agenda and self._agenda[0][0] <= until:
                at, _, then = heapq.heappop(self._agenda)
                self.clock.seconds = max(self.clock.seconds, at)
                then()
            self.clock.seconds = max(self.clock.seconds, until)
            if self.daemon is not None and self.dice.random() < 0.5:
                for step in list(self.daemon.workers()):
                    with tolerated():
                        step()
        finally:
            self._depth -= 1

    def _checkpoint(self, point: str) -> None:
        if self._crash_in and point == self._crash_at:
            self._crash_in -= 1
            if self._crash_in == 0:
                self.met[f"crash:{point}"] += 1
                raise Crash(point)
        self._between()

    def play(self, steps: list[Step]) -> None:
        """Play every step, then let everything come to rest. Raises `AssertionError` where it does not."""
        for step in steps:
            self.later(step.at, partial(self._do, step))
        while self._agenda:
            self._run_daemon()
            at = min([self.clock.seconds + 5.0, *(one[0] for one in self._agenda[:1])])
            self.clock.seconds = max(self.clock.seconds, at)
            while self._agenda and self._agenda[0][0] <= self.clock.seconds:
                _, _, then = heapq.heappop(self._agenda)
                self._happen(then)
        self._mend()
        self._rest()

    def _run_daemon(self) -> None:
        """What the daemon would do now, again while that leads to more (at most three times)."""
        for _ in range(3):
            if self.daemon is None:
                return
            more = [self._safely(step) for step in list(self.daemon.due())]
            if True not in more:
                return

    def _happen(self, then: Callable[[], None]) -> None:
        """Something of the world, which may be the end of the daemon."""
        try:
            with tolerated():
                then()
        except Crash as crash:
            self._log("crash", str(crash))
            self._stop(self._crash_for)

    def _safely(self, step: Callable[[], object]) -> bool:
        """Whether the daemon survived the step, and there was something to do."""
        if self.daemon is None:
            return False
        try:
            with tolerated():
                return bool(step())
        except Crash as crash:
            self._log("crash", str(crash))
            self._stop(self._crash_for)
        return False

    def _mend(self) -> None:
        """No more faults: every line works, the till is online, the daemon runs, nothing is paused."""
        self._crash_in = 0
        self._push_fates.clear()
        for wire in self.wires.values():
            wire.down = wire.blocked = False
            wire.fates.clear()
        self.book.go_online()
        if self.daemon is None:
            self._start()
        assert self.daemon is not None
        self.daemon.set_paused(())
        with self.daemon.books.writing() as unit:
            unit.release(tuple(SideName))  # somebody says `tillbridge sync`

    def _rest(self) -> None:
        until = self.clock.seconds + LONGEST_REST
        while self.clock.seconds < until:
            self._run_daemon()
            while self._agenda and self._agenda[0][0] <= self.clock.seconds:
                heapq.heappop(self._agenda)[2]()
            if self._quiet():
                return
            self.clock.seconds += 5.0 if self.clock.seconds < until - LONGEST_REST + 300 else 60.0
        raise AssertionError("writes did not stop: the bridge did not come to rest")

    def _quiet(self) -> bool:
        assert self.daemon is not None
        summary = self.daemon.books.summary()
        with self.daemon.books.writing() as unit:
            heard = unit.cursor(SideName.POS) == str(self.book.feed.head())
        return (
            heard
            and summary.links == SKUS
            and not self.shop.shim.has_sealed()
            and not summary.unsettled
            and not any(state == "ready" for state, _ in summary.messages)
            and not self._agenda
        )

    # --- the daemon

    def _start(self) -> None:
        self.daemon = Daemon(self._connection, self._sides(), self.clock, self.dice, self._checkpoint)

    def _stop(self, seconds: float) -> None:
        self.daemon = None
        self._crash_in = 0
        self.later(seconds, self._start_if_down)

    def _go_down(self, seconds: float) -> None:
        """A stop between two steps is graceful; one in the middle of a step is a kill, for two daemons never
        overlap."""
        if self._depth == 0:
            self._stop(seconds)
        elif self.daemon is not None:
            self._crash_for = seconds
            raise Crash("killed")

    def _start_if_down(self) -> None:
        if self.daemon is None:
            self._start()

    # --- what happens

    def _log(self, what: str, about: str = "") -> None:
        self.trace.append(f"{self.clock.seconds - 1_760_000_000.0:9.2f}  {what} {about}")

    def _do(self, step: Step) -> None:
        self._log(step.what, " ".join(str(one) for one in step.details))
        if step.what not in COUNTED_WHEN_MET:
            self.met[step.what] += 1
        match step.what, step.details:
            case (
                ("drop" | "time-out-before" | "time-out-after" | "delay" | "duplicate" | "error-after" | "lying"),
                (side, times, s),
            ):
                self.wires[SideName(side)].fates.extend([(step.what, s)] * times)
            case (("push-lost" | "push-delayed" | "push-twice" | "ack-lost" | "reorder"), (times, seconds)):
                self._push_fates += [(step.what, seconds)] * times
            case "crash", (point, passes, seconds):
                self._crash_at, self._crash_in, self._crash_for = point, passes, seconds
            case (("restart" | "down"), (seconds,)):
                self._go_down(seconds)
            case (("outage-store" | "outage-pos"), (seconds,)):
                self._cut(self.wires[SideName(step.what.removeprefix("outage-"))], seconds)
            case "blocked", (side, seconds):
                self._block(self.wires[SideName(side)], seconds)
            case "offline-till", (seconds,):
                self.book.go_offline()
                self.later(seconds, lambda: void(self.book.go_online()))
            case "pause", (seconds,):
                self._pause(seconds)
            case what, (lines, number):
                self.people.do(what, lines, number)
                if self.people.happens_at_the_shop(what):
                    self._push()

    def _cut(self, wire: Wire, seconds: float) -> None:
        wire.down = True
        self.later(seconds, lambda: setattr(wire, "down", False))

    def _pause(self, seconds: float) -> None:
        if self.daemon is not None:
            self.daemon.set_paused((SideName.POS,))
            self.later(seconds, self._resume)

    def _block(self, wire: Wire, seconds: float) -> None:
        """One answer is lost, and from then on a firewall refuses every call, whatever it is."""
        wire.fates.append(("time-out-after", 0.0))

        def shut() -> None:
            wire.blocked, wire.blocked_in = True, self.dice.choice((HTML, GATEWAY))
            self.later(seconds, lambda: setattr(wire, "blocked", False))

        self.later(1.0, shut)

    def _resume(self) -> None:
        if self.daemon is not None:
            self.daemon.set_paused(())

    def _till_changed(self, _: int) -> None:
        """The till's webhook: a hint, which gets lost half of the time."""
        daemon = getattr(self, "daemon", None)
        if daemon is not None and self.dice.random() < 0.5:
            daemon.hint(SideName.POS)

    # --- the shop's push

    def _push(self) -> None:
        rows, _ = self.shop.shim.page(500)
        if not rows:
            return
        if self._push_fates and self._push_fates[0][0] == "reorder":
            self._push_fates.pop(0)
            self.met["reorder"] += 1
            rows.reverse()
            for row in rows:
                body = json.dumps({"site": SITE, "events": [event(row)]}).encode()
                self.later(self.dice.uniform(0.0, 30.0), partial(self._arrive, body))
            return
        body = json.dumps({"site": SITE, "events": [event(row) for row in rows]}).encode()
        fate, seconds = self._push_fates.pop(0) if self._push_fates else ("", 0.0)
        if fate:
            self.met[fate] += 1
        if fate == "push-lost":
            return
        if fate == "push-delayed":
            self.later(seconds, partial(self._arrive, body))
            return
        acked = self._deliver(body)
        if fate == "push-twice":
            self._deliver(body)
        if fate != "ack-lost":
            self.shop.shim.ack(acked)

    def _arrive(self, body: bytes) -> None:
        """A push whose answer nobody hears."""
        self._deliver(body)

    def _deliver(self, body: bytes) -> list[str]:
        if self.daemon is None:
            return []
        return self.daemon.intake.receive(body, f"{self.dice.getrandbits(128):032x}", self.clock.seconds + 600)


def void(_: object) -> None:
    """For a callback whose answer nobody needs."""
