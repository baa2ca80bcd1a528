"""A large undo holds the books only for moments, goes on after a crash, and takes nothing back twice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.flows.world import STORE, World
from tillbridge.core import findings
from tillbridge.core.findings import Finding, Seen, Verdict
from tillbridge.ports import DONE, RECONCILE, UNDOING
from tillbridge.runs import Report
from tillbridge.undo import CannotUndo, Undo

ITEMS = 7
AT_ONCE = 3


class Killed(BaseException):
    """The process is gone."""


def a_run(world: World) -> int:
    """A run that found every item three pieces short at the store."""
    world.link_many(ITEMS)
    with world.sql.writing() as unit:
        run = unit.start_run(RECONCILE, "", DONE, {})
        unit.save_run(replace(run, finished=unit.now))
        for shelf in unit.shelves_after(0, ITEMS):
            seen = Seen(shelf.link.id, STORE, "", shelf.store.known - 3, shelf.store.known)
            finding = Finding(seen, Verdict.BORN)
            after, entries = findings.enter(shelf, finding, run.id, 0)
            unit.post(entries)
            unit.save_links([after])
            unit.findings(run.id, [(finding, "x")])
    return run.id


def offsets(world: World) -> list[Decimal]:
    with world.sql.writing() as unit:
        return [shelf.link.offset for shelf in unit.shelves_after(0, ITEMS)]


def killed_after(world: World, pieces: int) -> Undo:
    """Its process dies after so many pieces."""
    left = [pieces]

    def die() -> None:
        left[0] -= 1
        if not left[0]:
            raise Killed

    return Undo(world.sql, die, AT_ONCE)


def test_it_is_done_in_pieces_and_answered_as_one(world: World) -> None:
    run, stirs = a_run(world), [0]

    def stir() -> None:
        stirs[0] += 1

    said: Any = Undo(world.sql, stir, AT_ONCE)(run)
    assert (said["state"], said["undone"], len(said["rows"]), stirs) == (DONE, ITEMS, ITEMS, [3])
    assert offsets(world) == [Decimal(-3)] * ITEMS
    with world.sql.writing() as unit:
        made = unit.run(said["run"])
    assert made is not None
    assert (made.state, made.finished, made.facts) == (DONE, world.clock.now(), {"undone": ITEMS, "left": 0})


def test_a_daemon_killed_in_the_middle_goes_on_after_its_start(world: World) -> None:
    run = a_run(world)
    with pytest.raises(Killed):
        killed_after(world, 2)(run)
    assert offsets(world) == [Decimal(-3)] * 6 + [Decimal(0)]
    again = Undo(world.sql, lambda: None, AT_ONCE)
    assert (again.go_on(), again.go_on()) == (True, False)
    assert offsets(world) == [Decimal(-3)] * ITEMS
    with pytest.raises(CannotUndo, match="undone already"):
        again(run)


def test_asked_again_it_finishes_what_was_begun(world: World) -> None:
    run = a_run(world)
    with pytest.raises(Killed):
        killed_after(world, 1)(run)
    said: Any = Undo(world.sql, lambda: None, AT_ONCE)(run)
    assert (said["undone"], len(said["rows"]), offsets(world)) == (ITEMS, ITEMS - AT_ONCE, [Decimal(-3)] * ITEMS)


def test_what_is_half_undone_says_how_far_it_is_and_cannot_be_undone_itself(world: World) -> None:
    run = a_run(world)
    with pytest.raises(Killed):
        killed_after(world, 2)(run)
    said: Any = Report(world.sql)(run + 1)
    assert (said["state"], said["progress"]["percent"]) == (UNDOING, 85)
    assert said["words"] == f"still under way: 6 of 7 items of run {run}"
    with pytest.raises(CannotUndo, match="wait until it ends"):
        Undo(world.sql, lambda: None, AT_ONCE)(run + 1)


def test_who_asks_is_not_kept_waiting_for_long(world: World) -> None:
    run = a_run(world)
    undo = Undo(world.sql, lambda: world.clock.advance(11), AT_ONCE)
    said: Any = undo(run)
    assert (said["state"], said["undone"]) == (UNDOING, 6)
    assert undo.go_on()
    assert offsets(world) == [Decimal(-3)] * ITEMS
