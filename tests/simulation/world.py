"""One shop, one till, one daemon and the wires between them, on one clock: a schedule is played out here."""

from __future__ import annotations

import heapq
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from random import Random

from tests.simulation.arrivals import Kept
from tests.simulation.books import PlainConnection
from tests.simulation.clock import BEGIN, VirtualClock
from tests.simulation.daemon import SITE, Daemon, tolerated
from tests.simulation.delivery import Delivery
from tests.simulation.desk import Desk
from tests.simulation.faults import LIE_IN_WAIT
from tests.simulation.homeward import arriving_of
from tests.simulation.network import Wire
from tests.simulation.options import Options, settings_of
from tests.simulation.people import People
from tests.simulation.spoils import Spoil
from tests.simulation.steps import AT_THE_DESK, Step
from tests.simulation.tills.kinds import KINDS, Place
from tests.simulation.troubles import TROUBLES, Troubles
from tests.simulation.watch import Watch, statuses_of, timed, watched, watched_side
from tillbridge import arriving
from tillbridge.core.actions import AdjustStock
from tillbridge.core.stock import SideName
from tillbridge.engine import Arriving, Telling
from tillbridge.ports import Books, Side
from tillbridge.sandbox.routes import Routes
from tillbridge.sandbox.shop import Shop
from tillbridge.sandbox.site import PhpDied
from tillbridge.sandbox.store_auth import Keys
from tillbridge.sides.counted import Counted
from tillbridge.sides.woocommerce.papers import StorePapers
from tillbridge.sides.woocommerce.side import StoreSide
from tillbridge.sides.woocommerce.standard import StandardApi
from tillbridge.till.book import Book
from tillbridge.till.catalogue import Outlet

SECRET = "a secret of the simulation"
KEYS = Keys("ck_simulation", "cs_simulation")
HOME = "https://shop.example"


class Crash(BaseException):
    """The daemon's process is gone: nothing after this point happened."""


class World:
    """Plays a schedule. `met` counts the faults that really happened; `trace` says what was done when; `spoilt` is what
    no connector could have kept right. `posted_at` is when each change of the till was committed, by its number."""

    def __init__(self, seed: int, options: Options, connection: PlainConnection, till: sqlite3.Connection) -> None:
        self.dice = Random(seed)
        self.options = options
        self.connection = connection
        self.till_storage = till
        self.clock, self.met, self.trace = VirtualClock(), Counter[str](), list[str]()
        self.clocks = {"daemon": self.clock, "store": VirtualClock(self.clock), "pos": VirtualClock(self.clock)}
        self.spoilt: list[Spoil] = []
        self.posted_at: dict[int, float] = {}
        self.watch = Watch()
        self.daemons: list[Daemon] = []
        self.stays_down = 0.0
        self.happened = 0
        self.agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._depth = 0
        self._crash: tuple[str, int, float] = ("", 0, 0.0)
        self._set_up()
        self.troubles = Troubles(self)
        self.desk = Desk(self)
        self.start()

    # --- setting up

    def _set_up(self) -> None:
        new_id = self.new_id
        self.shop = Shop(self.clocks["store"].wall, new_id)
        routes = Routes(self.shop, SECRET, KEYS, HOME)
        till = self.till_storage
        self.book = Book(till, self.clocks["pos"].wall, new_id, self._till_changed)
        for name in self.options.outlets:
            self.book.catalogue.open_outlet(Outlet(name, name.capitalize()))
        place = Place(till, self.book, self.clock, self.between, self.later, self.met, self.dice, self._topics())
        self.pos = KINDS[self.options.pos](place)
        store = Wire(routes.handle, self.between, self.later, self.met)
        self.wires = {SideName.STORE: store, SideName.POS: self.pos.wire}
        self.rows_opened = timed(self.shop.shim, self.clock)
        self.statuses = statuses_of(self.shop.state.orders)
        self.kept = Kept(self.shop, routes)
        self.people = People(self.shop, self.book, self.dice, self.options.money if self.options.sells else None)
        watched(self.shop.shim, {number: f"SKU-{at}" for at, number in enumerate(self.people.products)}, self.watch)
        self.push = Delivery(self.shop, self._deliver, self.later, self.met, self.dice)

    def new_id(self) -> str:
        return f"{self.dice.getrandbits(128):032x}"

    def papers(self) -> StorePapers:
        """The shop's orders in full, as the daemon reads them."""
        wire = self.wires[SideName.STORE]
        assert isinstance(wire, Wire)
        return StorePapers(StandardApi(wire, HOME, "/wp-json", KEYS.key, KEYS.secret, self.clock.wall))

    def _topics(self) -> frozenset[str]:
        """What the till tells beside stock."""
        return arriving.topics(settings_of(self.options)) if self.options.counter is not None else frozenset()

    def _keeping(self, sides: tuple[StoreSide, Side], telling: Telling | None) -> Arriving | None:
        if self.options.counter is None or telling is None:
            return None
        return arriving_of(settings_of(self.options), self.shop, sides, telling.papers, telling.policy)

    def _sides(self, books: Books) -> tuple[StoreSide, Side]:
        wire, pos = self.wires[SideName.STORE], self.pos.side()
        assert isinstance(wire, Wire)
        store = StoreSide(wire, SECRET, self.new_id, self.clock.wall, site=SITE, books=books.mark)
        return watched_side(store, self.watch), pos if AdjustStock in pos.abilities.actions else Counted(pos)

    # --- time

    def later(self, seconds: float, then: Callable[[], None]) -> None:
        heapq.heappush(self.agenda, (self.clock.seconds + seconds, next(self._numbers), then))

    def between(self) -> None:
        """While a request is on its way or a commit has just happened, the world goes on, now and then."""
        if self._depth >= 2 or self.dice.random() > 0.3:
            return
        self._depth += 1
        try:
            until = self.clock.seconds + self.dice.choice((0.01, 0.05, 0.4, 2.0))
            while self.agenda and self.agenda[0][0] <= until:
                at, _, then = heapq.heappop(self.agenda)
                self.clock.seconds = max(self.clock.seconds, at)
                self.happened += 1
                then()
            self.clock.seconds = max(self.clock.seconds, until)
            self.work_aside()
        finally:
            self._depth -= 1

    def work_aside(self) -> None:
        """Now and then another worker of the daemon, or a second daemon, does something meanwhile."""
        for daemon in list(self.daemons):
            if self.dice.random() < 0.5:
                for step in list(daemon.workers()):
                    tolerated(step)

    def _checkpoint(self, point: str) -> None:
        at, passes, seconds = self._crash
        if passes and point == at:
            self._crash = (at, passes - 1, seconds)
            if passes == 1:
                self.met[f"crash:{point}"] += 1
                self.stays_down = seconds
                raise Crash(point)
        self.between()

    def play(self, steps: Sequence[Step]) -> None:
        """Play every step, and whatever follows from it on the sides."""
        self.troubles.restored.plan(steps)
        for step in steps:
            self.later(step.at, partial(self.do, step))
        while self.agenda:
            self.run_daemons()
            if self.agenda:
                self.go_on(self.agenda[0][0])

    def go_on(self, latest: float) -> None:
        """Let time pass until there is something to do, at the latest until then; and let it happen."""
        soonest = self.clock.seconds + 0.5
        if latest > soonest:
            wakes = [daemon.wakes_at(soonest) for daemon in self.daemons]
            latest = min(latest, max(soonest, min(wakes, default=latest)))
        self.clock.seconds = max(self.clock.seconds, latest)
        while self.agenda and self.agenda[0][0] <= self.clock.seconds:
            self.happened += 1
            self._survived(heapq.heappop(self.agenda)[2])

    def run_daemons(self) -> None:
        """What the daemon would do now, again while that leads to more (at most three times)."""
        for _ in range(3):
            more = [self._survived(step) for daemon in list(self.daemons) for step in list(daemon.due())]
            if True not in more:
                return

    def _survived(self, step: Callable[[], object]) -> bool:
        """Whether there was something to do. It may be the end of the daemon."""
        try:
            return tolerated(step) is True
        except Crash as crash:
            self.log("crash", str(crash))
            self.stop(self.stays_down)
        return False

    # --- the daemon

    @property
    def daemon(self) -> Daemon:
        """The one that runs, or the first where two do."""
        return self.daemons[0]

    def start(self) -> None:
        """Another life of the daemon begins."""
        parts = (
            self.connection,
            self._sides,
            self.papers,
            self.options,
            self.clock,
            self.dice,
            self._checkpoint,
            self.watch,
        )
        self.daemons.append(Daemon(*parts, lambda: self.happened, self._keeping))

    def stop(self, seconds: float) -> None:
        """The machine is off for so long."""
        self.daemons.clear()
        self._crash = ("", 0, 0.0)
        self.later(seconds, self.start_if_down)

    def go_down(self, seconds: float) -> None:
        """A stop between two steps is graceful; one in the middle of a step is a kill: no step goes on after it."""
        if self._depth == 0:
            self.stop(seconds)
        elif self.daemons:
            self.stays_down = seconds
            raise Crash("killed")

    def start_if_down(self) -> None:
        if not self.daemons:
            self.start()

    def crash_at(self, point: str, passes: int, seconds: float) -> None:
        """Lie in wait for a point of the daemon's own."""
        self._crash = (point, passes, seconds)

    @property
    def is_in_a_step(self) -> bool:
        return self._depth > 0

    # --- what happens

    def log(self, what: str, about: str = "") -> None:
        self.trace.append(f"{self.clock.seconds - BEGIN:9.2f}  {what} {about}")

    def do(self, step: Step) -> None:
        """Let a step of the schedule happen."""
        self.log(step.what, " ".join(str(one) for one in step.details))
        if step.what not in LIE_IN_WAIT:
            self.met[step.what] += 1
        if step.what in AT_THE_DESK:
            self._at_the_desk(step.what)
            return
        if step.what in TROUBLES:
            TROUBLES[step.what](self.troubles, step.what, *step.details)
            return
        lines, number = step.details
        with suppress(PhpDied):
            self.people.do(step.what, lines, number)
            if self.people.happens_at_the_shop(step.what):
                self.push()

    def _at_the_desk(self, what: str) -> None:
        match what:
            case "decide":
                self.desk.answer(at_rest=False)
            case "undo":
                self.desk.undo()
            case "plan":
                self.desk.plan()
            case _ if self.daemons:
                self.daemon.sync()

    def _till_changed(self, head: int) -> None:
        """The till's webhook: a hint, which gets lost half of the time."""
        for n in range(max(self.posted_at, default=0) + 1, head + 1):
            self.posted_at[n] = self.clock.seconds
        for daemon in self.daemons:
            if self.dice.random() < 0.5:
                daemon.hint(SideName.POS)

    def till_went_back(self) -> None:
        """The till's books are older now; what came after is not there any more."""
        head = self.book.feed.head()
        self.posted_at = {n: at for n, at in self.posted_at.items() if n <= head}
        self.pos.went_back()

    def _deliver(self, body: bytes) -> list[str]:
        if not self.daemons:
            return []
        return self.daemon.intake.receive(body, self.new_id(), self.clock.seconds + 600)
