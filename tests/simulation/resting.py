"""The end of a schedule: faults are over, people do what is asked of them, and everything must come to rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.simulation.options import RECONCILE_EVERY, SETTLE
from tests.simulation.tills.floor import thousandths
from tillbridge.core.accounts import LONGEST_FLIGHT
from tillbridge.core.stock import SideName
from tillbridge.ports import DONE, FAILED, HELD
from tillbridge.sides.till import place

if TYPE_CHECKING:
    from tests.simulation.world import World

RIPE = 300.0
"""Seconds after which the shop tells what a dead request of it did."""

WRITES_STOP_AFTER = 2 * RECONCILE_EVERY + SETTLE + LONGEST_FLIGHT + RIPE + 400.0 + 120.0
"""Seconds after the last fault within which the last write is made: two reconcile periods and `settle`, after whatever
was in flight has arrived and the shop has told everything, by a clock that may have been ahead; and the pauses of a
message that waited for that."""

LONGEST_REST = 4 * 3600.0
"""Seconds after which nobody waits any more."""

STEP = 60.0


class NoRest(Exception):
    """It did not come to rest."""


def come_to_rest(world: World) -> None:
    """Let everything settle, with a person who answers whatever is asked. Raises `NoRest`."""
    world.troubles.end()
    world.troubles.restored.see_through()
    world.daemon.resume()
    world.daemon.sync()
    began = world.clock.seconds
    _wait_until_quiet(world)
    while world.desk.answer(at_rest=True):
        began = world.clock.seconds
        _wait_until_quiet(world)
    if world.options.reconcile:
        _reconcile_once_more(world)
        if world.dice.random() < 0.3:
            world.desk.undo()
            _wait_until_quiet(world)
            _reconcile_once_more(world)
    late = world.watch.last_attempt - began
    if late > WRITES_STOP_AFTER:
        raise NoRest(f"quiet: a write was still made {late:.0f} s after the last fault")


def _wait_until_quiet(world: World) -> None:
    until = world.clock.seconds + LONGEST_REST
    while not is_quiet(world):
        if world.clock.seconds > until:
            raise NoRest(f"rest: the bridge did not come to rest: {list(_reasons(world))}")
        world.run_daemons()
        if not is_quiet(world):
            world.go_on(min([world.clock.seconds + STEP, *(one[0] for one in world.agenda[:1])]))


def _reconcile_once_more(world: World) -> None:
    """A whole run that begins after everything is quiet, and whatever follows from it."""
    quiet_since = world.clock.seconds
    until = quiet_since + LONGEST_REST
    run = world.daemon.reconcile.begin()
    while True:
        world.run_daemons()
        with world.daemon.books.writing() as unit:
            found = unit.run(run.id)
        assert found is not None
        if found.state == FAILED or (found.state == DONE and found.started < quiet_since):
            run = world.daemon.reconcile.begin()  # one that was under way goes on first
        elif found.state in (DONE, HELD) and is_quiet(world):
            return
        if world.clock.seconds > until:
            raise NoRest(f"rest: run {run.id} is still {found.state}")
        world.go_on(min([world.clock.seconds + STEP, *(one[0] for one in world.agenda[:1])]))


def is_quiet(world: World) -> bool:
    """Nothing is on its way, waits, or is under way."""
    return next(_reasons(world), None) is None


def _reasons(world: World) -> Iterator[str]:
    """What keeps it from being quiet, the cheapest question first."""
    if world.agenda:
        yield "something is on its way"
    if any(True for _ in world.shop.state.rows):
        yield "the shop has rows"
    with world.daemon.books.glancing() as books:
        if books.are_stirred():
            yield "an order stirred"
        if books.are_looks_wanted() and any(books.to_look_at(side, 1, books.now) for side in SideName):
            yield "a level is to be read again"
    with world.daemon.books.writing() as unit:
        cursor = place.decode(unit.cursor(SideName.POS)).cursor
    if not world.pos.is_heard(cursor):
        yield "the till has news"
    ready = _ready(world)
    if ready:
        yield f"messages ready: {ready}"
    summary = world.daemon.books.summary()
    if summary.links < len(world.people.products):
        yield f"{summary.links} links"
    if summary.unsettled and not _only_parked(world):
        yield f"{summary.unsettled} unsettled"


def _ready(world: World) -> list[str]:
    """Messages that are still to be settled. One that the till refuses, because by what spoilt it there is less than
    our account says, waits for the run that finds it, and for ever where nobody reconciles."""
    with world.connection.read() as db:
        rows = db.rows("SELECT key, error FROM message WHERE state = 'ready'")
    if not world.options.reconcile:
        rows = [row for row in rows if not (row[1].endswith("are left") and _is_off(world, row[0]))]
    return [f"{key} ({error})" for key, error in rows]


def _is_off(world: World, key: str) -> bool:
    """Whether the till has something else than we know, of what that message is about. Where it has not, the message
    is tried again by itself, with what is left."""
    side, _, link = key.removeprefix("due:").partition(":")
    if side != SideName.POS:
        return False
    with world.daemon.books.writing() as unit:
        (shelf,) = unit.shelves_by_link([int(link)]).values()
    account = shelf.account(SideName.POS, "main")
    return account is not None and world.book.feed.level(int(shelf.link.pos_ref), "main") != thousandths(account.known)


def _only_parked(world: World) -> bool:
    """Whether every unsettled write waits for a person."""
    with world.connection.read() as db:
        waiting = db.rows(
            "SELECT 1 FROM account WHERE attempt_key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM message WHERE key ="
            " 'due:' || account.side || ':' || account.link AND state = 'parked') LIMIT 1"
        )
    return not waiting
