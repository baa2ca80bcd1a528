"""The verb: a run is undone in pieces, each in a transaction of its own, so that nobody waits long for the books.

How far an undo has come stands in its run, and moves in the transaction of each piece. So a daemon that is killed in
the middle goes on after its start, and nothing is taken back twice.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tillbridge.core.moments import moment
from tillbridge.errors import Malformed
from tillbridge.ports import DONE, FAILED, PLAN, UNDO, UNDOING, Books, Run, Said, Story, Unit
from tillbridge.undo.piece import AT_ONCE, UNDONE_BY, Piece, undone_by

FINAL = "final"
"""The fact of a run that cannot be undone, with the sentence that says why."""

PATIENCE = 10.0
"""Seconds that who asks waits at the most for a large undo; the schedule does the rest."""

log = logging.getLogger(__name__)


class UnknownRun(Malformed):
    """No run has this number."""


class CannotUndo(Malformed):
    """This run cannot be undone, or not now."""


@dataclass(slots=True)
class _Asked:
    """One undo as it is answered: what was taken back and what was left while somebody waited for it."""

    number: int
    undid: int
    began: float
    now: float
    state: str = UNDOING
    undone: int = 0
    rows: list[dict[str, object]] = field(default_factory=list)
    left: list[dict[str, object]] = field(default_factory=list)


class Undo:
    """Undoes when called, and goes on with what a killed daemon left when the schedule says so. `stirred` wakes the
    writers."""

    def __init__(self, books: Books, stirred: Callable[[], object], at_once: int = AT_ONCE) -> None:
        self._books = books
        self._stirred = stirred
        self._at_once = at_once
        self._lock = threading.Lock()
        self._may_be_open = True

    def __call__(self, number: int) -> Said:
        """Undo the run of that number; one that is half undone is undone to its end. A large one is answered before its
        end, with the state `undoing`. Raises `UnknownRun`, `CannotUndo`, `StorageTrouble`."""
        with self._lock:
            self._may_be_open = True
            asked = self._begin(number)
            while asked.state == UNDOING and asked.now - asked.began < PATIENCE:
                self._go_on(asked)
        return {
            "run": asked.number, "undid": asked.undid, "state": asked.state, "undone": asked.undone,
            "rows": asked.rows, "left": asked.left,
        }  # fmt: skip

    def go_on(self) -> bool:
        """Finish what was left unfinished; whether there was anything. Somebody who asks right now is not disturbed."""
        if not self._may_be_open or not self._lock.acquire(blocking=False):
            return False
        try:
            with self._books.writing() as unit:
                left, now = unit.runs_in((UNDOING,)), unit.now
            for run in left:
                asked = _Asked(run.id, int(run.scope), now, now)
                while asked.state == UNDOING:
                    self._go_on(asked)
                log.info("run %d, the undo of run %s, is done", run.id, run.scope)
            self._may_be_open = False
            return bool(left)
        finally:
            self._lock.release()

    def _begin(self, number: int) -> _Asked:
        """Start the undo with its first piece, or find the one that is under way."""
        with self._books.writing() as unit:
            run = unit.run(number)
            if run is None:
                raise UnknownRun(unknown(unit, number))
            new = undone_by(unit, run)
            if new is not None and new.state == UNDOING:
                return _Asked(new.id, number, unit.now, unit.now)
            _check(unit, run)
            new = unit.start_run(UNDO, str(number), UNDOING, {"of": unit.count_links_of_run(number)})
            unit.save_run(replace(run, facts={**run.facts, UNDONE_BY: new.id}))
            asked = _Asked(new.id, number, unit.now, unit.now)
            self._piece(unit, asked)
            if asked.state == DONE and not (asked.rows or asked.left or Piece.moves_more(run)):
                raise CannotUndo(f"run {number} changed nothing, so there is nothing to undo")
        self._stirred()
        return asked

    def _go_on(self, asked: _Asked) -> None:
        with self._books.writing() as unit:
            self._piece(unit, asked)
        self._stirred()

    def _piece(self, unit: Unit, asked: _Asked) -> None:
        """The next piece of it, in the transaction of `unit`."""
        new, run = unit.run(asked.number), unit.run(asked.undid)
        assert new is not None
        assert run is not None, "a run is kept as long as its undo is under way"
        piece = Piece(unit, run, new, self._at_once)
        after = piece.take_back()
        asked.now, asked.state = unit.now, after.state
        asked.undone = int(str(after.facts["undone"]))
        asked.rows += piece.rows
        asked.left += piece.left


def _check(unit: Unit, run: Run) -> None:
    if run.kind == PLAN:
        raise CannotUndo(f"run {run.id} was a plan: it did nothing that could be undone")
    if UNDONE_BY in run.facts:
        raise CannotUndo(_already(unit, run))
    if run.state not in (DONE, FAILED):
        fix = f"decide it first (`tillbridge decide run:{run.id} drop`)" if run.finished else "wait until it ends"
        raise CannotUndo(f"run {run.id} is {run.state} and may still do more: {fix}")
    if run.facts.get(FINAL):
        raise CannotUndo(f"run {run.id} cannot be undone: {run.facts[FINAL]}")


def _already(unit: Unit, run: Run) -> str:
    """By which run, and how to take that back: the last of a chain is the one that can be undone."""
    last, undone = run, False
    while (follower := undone_by(unit, last)) is not None:
        last, undone = follower, not undone
    fix = f"`tillbridge undo {last.id}` takes that back" if undone else f"`tillbridge undo {last.id}` undoes it again"
    return f"run {run.id} was undone already, by run {run.facts[UNDONE_BY]}; {fix}"


def unknown(story: Story, number: int) -> str:
    """Why there is no run of that number."""
    before = story.runs_tidied(number)
    if before is None:
        return f"no run has the number {number}; `tillbridge runs` lists the latest"
    return f"run {number} is older than {moment(before)} and no longer kept, so it can be neither shown nor undone"
