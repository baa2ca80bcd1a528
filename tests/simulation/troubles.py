"""How each fault is brought about."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from tests.simulation import faults, restoring
from tests.simulation.network import GATEWAY, HTML
from tests.simulation.spoils import Spoil
from tests.simulation.tills.floor import thousandths
from tillbridge.core.stock import ZERO, SideName
from tillbridge.sandbox.site import PhpDied

if TYPE_CHECKING:
    from tests.simulation.world import World


class Troubles:
    """Brings faults into a world, and takes them out of it. `unknown` says of which product of the shop nobody could
    know the level, from when until when."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.restored = restoring.Restoring(world)
        self.unknown: list[tuple[str, float, float]] = []
        self.untracked_since: dict[int, float] = {}
        self._deaths: list[tuple[str, int]] = []
        self._overlaps = {"relative": 0, "absolute": 0}
        self._pieces = 1
        self._inside = False
        world.shop.fuse = self._fuse

    def end(self) -> None:
        """No more faults: every line works, the till is online, every clock is right, one daemon runs."""
        world = self.world
        world.crash_at("", 0, 0.0)
        world.push.fates.clear()
        self._deaths.clear()
        self._overlaps = dict.fromkeys(self._overlaps, 0)
        for wire in world.wires.values():
            wire.down = wire.blocked = False
            wire.fates.clear()
        for clock in world.clocks.values():
            clock.off = 0.0
        world.book.go_online()
        if world.options.sells:
            self._register(is_open=True)
        del world.daemons[1:]
        world.start_if_down()

    # --- on the wires

    def on_the_wire(self, what: str, side: str, times: int, seconds: float) -> None:
        self.world.wires[SideName(side)].fates.extend([(what, seconds)] * times)

    def in_the_push(self, what: str, times: int, seconds: float) -> None:
        self.world.push.fates += [(what, seconds)] * times

    def outage(self, what: str, seconds: float) -> None:
        wire = self.world.wires[SideName(what.removeprefix("outage-"))]
        wire.down = True
        self.world.later(seconds, lambda: setattr(wire, "down", False))

    def blocked(self, _: str, side: str, seconds: float) -> None:
        """One answer is lost, and from then on a firewall refuses every call, whatever it is."""
        wire, world = self.world.wires[SideName(side)], self.world
        wire.fates.append(("time-out-after", 0.0))

        def shut() -> None:
            wire.blocked, wire.blocked_in = True, world.dice.choice((HTML, GATEWAY))
            world.later(seconds, lambda: setattr(wire, "blocked", False))

        world.later(1.0, shut)

    def cut_off(self, _: str, side: str, seconds: float) -> None:
        """One answer is lost, and then the line is cut."""
        self.world.wires[SideName(side)].fates.append(("time-out-after", 0.0))
        self.world.later(1.0, lambda: self.outage(f"outage-{side}", seconds))

    # --- to the daemon

    def crash(self, _: str, point: str, passes: int, seconds: float) -> None:
        self.world.crash_at(point, passes, seconds)

    def down(self, _: str, seconds: float) -> None:
        self.world.go_down(seconds)

    def pause(self, _: str, seconds: float) -> None:
        if self.world.daemons:
            self.world.daemon.pause(SideName.POS)
            self.world.later(seconds, self._resume)

    def _resume(self) -> None:
        if self.world.daemons:
            self.world.daemon.resume()

    def second_daemon(self, _: str, seconds: float) -> None:
        """Somebody starts another daemon on the same books, which a lock forbids in production."""
        if len(self.world.daemons) == 1:
            self.world.start()
            self.world.later(seconds, self._end_second)

    def _end_second(self) -> None:
        if self.world.is_in_a_step:
            self.world.later(0.1, self._end_second)
            return
        del self.world.daemons[1:]

    def hint(self, _: str, side: str, __: float) -> None:
        """A hint that nothing stands behind."""
        for daemon in self.world.daemons:
            daemon.hint(SideName(side))

    def clock_jump(self, _: str, machine: str, jump: float, seconds: float) -> None:
        """Somebody sets a machine's wall clock wrong, and right again."""
        clock = self.world.clocks[machine]
        clock.off = jump
        self.world.later(seconds, lambda: setattr(clock, "off", 0.0))

    # --- at the sides

    def offline_till(self, _: str, seconds: float) -> None:
        self.world.book.go_offline()
        self.world.later(seconds, lambda: void(self.world.book.go_online()))

    def register_closed(self, _: str, seconds: float) -> None:
        """No document with money is taken; stock moves as ever."""
        self._register(is_open=False)
        self.world.later(seconds, partial(self._register, is_open=True))

    def _register(self, *, is_open: bool) -> None:
        memory = self.world.book.memory
        memory.keep_rules(replace(memory.rules(), register_open=is_open))

    def php_dies(self, _: str, point: str, passes: int) -> None:
        self._deaths.append((point, passes))

    def overlap(self, what: str, times: int, pieces: int) -> None:
        """The next orders of the shop, or absolute writes, overlap with somebody else's request."""
        self._overlaps["absolute" if what == "overlap-absolute" else "relative"] += times
        self._pieces = pieces

    def untracked(self, what: str, number: int, seconds: float) -> None:
        """Somebody switches stock tracking off for a product, which forgets its level; later on again."""
        world = self.world
        ref = world.people.products[number % len(world.people.products)]
        level = world.shop.state.products[ref].stock
        if level is None:
            return
        world.met[what] += 1
        self._spoil(SideName.STORE, ref, "", -level, what)
        self._spoil(SideName.STORE, ref, "", self.untold(ref, level), what)
        self.untracked_since[ref] = world.clock.seconds
        with suppress(PhpDied), world.shop.request("admin") as request:
            world.shop.change_product(request, ref, manage_stock=False)
        world.later(seconds, partial(self._track, ref, Decimal(number % 20)))

    def untold(self, ref: int, level: Decimal) -> Decimal:
        """What dead requests did to that level: the shop tells it by the level when it is old enough, and nothing of it
        where there is none by then, or where a backup is put back before that."""
        shim = self.world.shop.shim
        dead = next((row for row in self.world.shop.state.rows if row.state == "open" and row.product_id == ref), None)
        if dead is None or dead.before is None:
            return ZERO
        return level - dead.before - shim._told_between(dead, shim.counter + 1)

    def track_again(self) -> None:
        """Whoever sees that a product is not tracked, because a backup is of such a time, mends that. Where the backup
        is of a time when it was tracked, its level is known from now on."""
        now = self.world.clock.seconds
        for ref in self.world.people.products:
            if self.world.shop.state.products[ref].stock is None:
                self.untracked_since.setdefault(ref, now)
                self.world.later(1.0, partial(self._track, ref, ZERO))
            elif ref in self.untracked_since:
                self.unknown.append((str(ref), self.untracked_since.pop(ref), now))

    def _track(self, ref: int, level: Decimal) -> None:
        """Whoever does it sees whether it worked, and else does it again; or that it is tracked already."""
        if ref not in self.untracked_since:
            return
        try:
            with self.world.shop.request("admin") as request:
                self.world.shop.change_product(request, ref, manage_stock=True)
            self.world.shop.write_level(ref, level)
            self.unknown.append((str(ref), self.untracked_since.pop(ref), self.world.clock.seconds))
        except PhpDied:
            self.world.later(1.0, partial(self._track, ref, level))

    def sql_store(self, what: str, number: int, delta: int) -> None:
        """An import behind WooCommerce's back."""
        ref = self.world.people.products[number % len(self.world.people.products)]
        level = self.world.shop.state.products[ref].stock
        if level is not None:
            self.world.shop.sql_level(ref, level + delta)
            self._spoil(SideName.STORE, ref, "", Decimal(delta), what)

    def sql_till(self, what: str, number: int, delta: int) -> None:
        """The same at the till."""
        ref = self.world.people.items[number % len(self.world.people.items)]
        level = self.world.book.feed.level(ref, "main")
        if level is not None:
            changed = thousandths(Decimal(delta)) + level
            self.world.till_storage.execute(
                "INSERT INTO level VALUES (?, 'main', ?) ON CONFLICT DO UPDATE SET quantity = excluded.quantity",
                (ref, changed),
            )
            self._spoil(SideName.POS, ref, "main", Decimal(delta), what)

    def restore(self, what: str, _: float) -> None:
        self.restored.restore(what)

    def _spoil(self, side: SideName, ref: int, outlet: str, delta: Decimal, how: str) -> None:
        if delta:
            self.world.spoilt.append(Spoil(side, str(ref), outlet, delta, self.world.clock.seconds, how))

    # --- inside the shop's requests

    def _fuse(self, point: str) -> None:
        """A named place in a request of the shop was reached."""
        if point == "stock.opened":
            self._overlap()
        for at, (name, passes) in enumerate(self._deaths):
            if name == point:
                self._deaths[at] = (name, passes - 1)
                if passes == 1:
                    del self._deaths[at]
                    self.world.met[f"php-dies:{point}"] += 1
                    raise PhpDied(point)
                return

    def _overlap(self) -> None:
        """Somebody else's request comes in between the two halves of this one, which has just opened its row."""
        row = next(row for row in reversed(list(self.world.shop.state.rows)) if row.state == "open")
        if self._inside or not self._overlaps.get(row.path):
            return
        self._overlaps[row.path] -= 1
        self._inside = True
        try:
            before = self.world.shop.state.products[row.product_id].stock or ZERO
            self.world.shop.checkout((row.product_id, self._pieces))
            self.world.work_aside()
            moved = (self.world.shop.state.products[row.product_id].stock or ZERO) - before
        finally:
            self._inside = False
        self.world.met["overlap" if row.path == "relative" else "overlap-absolute"] += 1
        if row.path == "absolute":
            self._spoil(SideName.STORE, row.product_id, "", -moved, "overlap-absolute")


Trouble = Callable[..., None]

TROUBLES: dict[str, Trouble] = {
    **dict.fromkeys(faults.ON_THE_WIRE, Troubles.on_the_wire),
    **dict.fromkeys(faults.IN_THE_PUSH, Troubles.in_the_push),
    "crash": Troubles.crash,
    "restart": Troubles.down,
    "down": Troubles.down,
    "outage-store": Troubles.outage,
    "outage-pos": Troubles.outage,
    "offline-till": Troubles.offline_till,
    "register-closed": Troubles.register_closed,
    "pause": Troubles.pause,
    "blocked": Troubles.blocked,
    "cut-off": Troubles.cut_off,
    "clock-jump": Troubles.clock_jump,
    "second-daemon": Troubles.second_daemon,
    "php-dies": Troubles.php_dies,
    "overlap": Troubles.overlap,
    "overlap-absolute": Troubles.overlap,
    "hint": Troubles.hint,
    "sql-store": Troubles.sql_store,
    "sql-till": Troubles.sql_till,
    "untracked": Troubles.untracked,
    **dict.fromkeys(faults.RESTORING, Troubles.restore),
}


def void(_: object) -> None:
    """For a callback whose answer nobody needs."""
