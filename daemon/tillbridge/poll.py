"""Reading a side's own feed: the fact behind every hint, and the road that works when every hint is lost."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from tillbridge.core import marks
from tillbridge.core.marks import Mark, Trail
from tillbridge.core.stock import SideName
from tillbridge.errors import BadAnswer
from tillbridge.ports import Books, Checkpoint, Side, Unit

log = logging.getLogger(__name__)


class Poll:
    """Reads one side's feed to its end. The cursor moves in the transaction that stores what was read."""

    def __init__(self, side: Side, books: Books, stored: Callable[[], None], checkpoint: Checkpoint) -> None:
        self._side = side
        self._books = books
        self._stored = stored
        self._checkpoint = checkpoint
        self._lock = threading.Lock()
        self._cursor: str | None = None

    @property
    def name(self) -> SideName:
        return self._side.name

    def __call__(self) -> int:
        """How many new events there were. Raises `SideTrouble`; then the cursor stands where the last stored page
        ended.

        It reads until a page is empty, because handing the last cursor back is what lets the side forget the page.
        """
        with self._lock:
            new = 0
            while True:
                cursor, added = self._where(), 0
                known = marks.decode(self._books.noted(marks.note_of(self._side.name)))
                changes = self._side.changes_since(cursor)
                self._checkpoint("poll.read")
                forgot = self._forgot(changes.ours)
                if changes.told or changes.cursor != cursor or changes.mark not in (None, known) or forgot:
                    with self._books.writing() as unit:
                        self._compare(unit, known, changes.mark)
                        if forgot:
                            _stop(unit, BOOKS, forgot)
                        added = unit.add(changes.told)
                        unit.move_cursor(self._side.name, changes.cursor)
                    new += added
                    self._cursor = changes.cursor
                    self._checkpoint("poll.stored")
                    if changes.told:
                        self._stored()
                if not changes.told and not changes.more:
                    return new
                if not added and not changes.more and self._side.abilities.overlaps:
                    return new
                if not added and changes.cursor == cursor:
                    raise BadAnswer("the side tells the same page again and again: it does not remember what we have")

    def _compare(self, unit: Unit, known: Mark | None, told: Mark | None) -> None:
        """Stop all writing where the side's database went back: whatever we believe of it may be wrong.

        `known` is what was noted before the side was asked: what it has pushed since may be newer than its answer.
        """
        if told is None:
            return
        side = self._side.name
        name, trail = marks.note_of(side), _trail(unit.noted(f"trail:{side}"))
        why = "" if known is None else marks.went_back(side, known, told, _when(marks.stood_at(trail, told.counter)))
        if why:
            _stop(unit, str(side), why)
        pushed = marks.decode(unit.noted(name))
        if why or pushed is None or marks.goes_further(pushed, told):
            unit.note(name, marks.encode(told))
        longer = () if why else marks.trodden(trail, told, unit.now)
        if longer != trail:
            unit.note(f"trail:{side}", json.dumps(longer))

    def _forgot(self, remembered: Mark | None) -> str:
        """Why our own books are not the newest ones, "" where they are, or where it was noticed already."""
        why = "" if remembered is None else marks.books_went_back(self._books.mark(), remembered)
        return "" if why and self._books.noted(restored(BOOKS)) else why

    def _where(self) -> str:
        if self._cursor is None:
            with self._books.writing() as unit:
                self._cursor = unit.cursor(self._side.name)
        return self._cursor


BOOKS = "books"
"""What is called so beside the two sides: our own books, which may be restored too."""


def restored(what: str) -> str:
    """The note that says that a side, or our books, were restored from a backup, until a person decided."""
    return f"restored:{what}"


def undecided(noted: Callable[[str], str]) -> str:
    """What was restored and waits for a person's word, in a sentence; "" where nothing does. `noted` says notes."""
    return next(filter(None, (noted(restored(what)) for what in (*SideName, BOOKS))), "")


def _stop(unit: Unit, what: str, why: str) -> None:
    log.error("%s", why)
    unit.pause(tuple(SideName), why)
    unit.note(restored(what), why)


def _trail(noted: str) -> Trail:
    return tuple((int(counter), float(at)) for counter, at in json.loads(noted)) if noted else ()


def _when(at: float | None) -> str:
    """A time for people; "" where it is not known."""
    return "" if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"
