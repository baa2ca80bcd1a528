"""Databases that are put back to a backup: of the shop, of the till, of the daemon's own books."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.simulation.faults import NEVER_NOTICED, REMEMBERS_OURS, RESTORING
from tests.simulation.steps import Step
from tests.simulation.taken import Taken
from tillbridge.core import marks
from tillbridge.core.accounts import LONGEST_FLIGHT
from tillbridge.core.stock import SideName

if TYPE_CHECKING:
    from tests.simulation.world import World


NOTICED_WITHIN = 200.0
"""Seconds until both feeds were surely read."""

WATCHED_FOR = 300.0

UP_TO_DATE_AFTER = LONGEST_FLIGHT
"""Seconds within which our own books are up to date again, so that a person may let them go on."""


def exchange(database: sqlite3.Connection, backup: bytes) -> None:
    """Another database is on this connection from now on. A temporary trigger points into the tables that go with the
    old one: without a word it would fire no more, and SQLite would read freed memory when it ends."""
    triggers = database.execute("SELECT name, sql FROM sqlite_temp_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        database.execute(f"DROP TRIGGER temp.{name}")
    database.deserialize(backup)
    for _, sql in triggers:
        database.execute(sql.replace("CREATE TRIGGER", "CREATE TEMP TRIGGER", 1))


class Restoring:
    """Makes backups in time, and puts them back. `done` says what was restored, and when."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.done: list[tuple[str, float]] = []
        self.problems: list[str] = []
        self.taken = Taken(world)
        self._known: dict[SideName, int] = {}
        self._backups: dict[str, tuple[float, Any]] = {}

    def plan(self, steps: Sequence[Step]) -> None:
        """Have a backup made for each step that will put one back."""
        for step in steps:
            if step.what in RESTORING:
                (seconds,) = step.details
                self.world.later(max(0.0, step.at - seconds), partial(self._backup, step.what))

    def stopped(self) -> bool:
        """Whether the daemon stopped writing by itself, for a reason."""
        return any(daemon.books.summary().stopped for daemon in self.world.daemons)

    def see_through(self) -> None:
        """Nothing is written from when it was noticed until a person decides; then the person does."""
        world = self.world
        if not self.done:
            return
        self._pass(NOTICED_WITHIN)
        noticed = self.stopped() or world.met["decided:restored"] > 0
        world.met["restored:noticed" if noticed else "restored:unnoticed"] += 1
        if not noticed:
            self.problems += [f"restored: {why}, and nobody noticed" for why in self._fallen_behind()]
            return
        waits, before = self.stopped(), world.watch.last_attempt  # whoever was quick has decided already
        self._pass(WATCHED_FOR)
        if waits and world.watch.last_attempt != before:
            self.problems.append("restored: something was written before a person had decided")
        until = world.clock.seconds + UP_TO_DATE_AFTER
        while self.stopped() and (world.desk.answer(at_rest=True) or world.clock.seconds < until):
            self._pass(1.0)

    def _fallen_behind(self) -> Iterator[str]:
        """Sides that are known to have come further than they are now, and that say how far they have come."""
        for side, known in self._known.items():
            if side is SideName.STORE or self.world.options.pos not in NEVER_NOTICED:
                now = self._counter(side)
                if now < known:
                    yield f"the {side} had come to {known}, and is at {now}"

    def _counter(self, side: SideName) -> int:
        return self.world.shop.shim.counter if side is SideName.STORE else self.world.book.feed.head()

    def _note(self, side: SideName) -> None:
        """How far we knew that side to have come, before it goes back."""
        with self.world.connection.read() as db:
            rows = db.rows("SELECT value FROM note WHERE name = ?", (marks.note_of(side),))
        mark = marks.decode(rows[0][0]) if rows else None
        if mark is not None:
            self._known[side] = mark.counter

    @property
    def forgot(self) -> bool:
        """Whether somebody forgot for good what happened. Our own books do not, where both sides still know it: then
        not even a correction is needed after them."""
        noticed = self.world.met["restored:noticed"] > 0
        known = self.world.options.pos in REMEMBERS_OURS and noticed
        return any(what != "restored-books" or not known for what, _ in self.done)

    def _pass(self, seconds: float) -> None:
        until = self.world.clock.seconds + seconds
        while self.world.clock.seconds < until:
            self.world.run_daemons()
            self.world.go_on(until)

    def _backup(self, what: str) -> None:
        world = self.world
        match what:
            case "restored-store":
                backup: Any = world.shop.backup()
            case "restored-till":
                backup = world.till_storage.serialize()
            case _:
                backup = world.connection.raw.serialize()
        self._backups[what] = world.clock.seconds, backup

    def restore(self, what: str) -> None:
        """Put it back, as soon as nobody is in the middle of something."""
        world = self.world
        if world.is_in_a_step:
            world.later(0.1, partial(self.restore, what))
            return
        made = self._backups.pop(what, None)
        if made is None:
            return
        since, backup = made
        if what == "restored-books":
            self.taken.by_our_books(since)
            self._put_back(what, backup)
            return
        side = SideName.STORE if what == "restored-store" else SideName.POS
        self._note(side)
        levels, on_its_way = self.taken.levels(), self.taken.about_to_be_lost(side)
        self._put_back(what, backup)
        self.taken.by_a_side(side, levels, on_its_way)

    def _put_back(self, what: str, backup: Any) -> None:
        world = self.world
        self.done.append((what, world.clock.seconds))
        world.watch.is_blind = True
        match what:
            case "restored-store":
                world.shop.restore(backup)
                world.troubles.track_again()
            case "restored-till":
                exchange(world.till_storage, backup)
                world.till_went_back()
            case _:
                world.stop(1.0)
                world.connection.raw.deserialize(backup)
