"""After a backup was put back: of the shop, of the POS, or of our own books.

The poll notices it and stops all writing. Our own books are brought up to date by what the sides still know: their
events of the last days, which are taken once however often they come, and our own writes, recognised by their keys. A
write that was on its way when the books went back may arrive minutes later, so they are up to date only when none can
arrive any more. A side that went back has lost what happened since, and only a person can say whose word counts for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from tillbridge import retold
from tillbridge.booking import make_due
from tillbridge.core import routing
from tillbridge.core.accounts import LONGEST_FLIGHT, Account, Entry, recognise
from tillbridge.core.actions import OwnWrite
from tillbridge.core.events import Told
from tillbridge.core.findings import Believe
from tillbridge.core.moments import moment
from tillbridge.core.stock import SideName
from tillbridge.core.targets import Shelf
from tillbridge.errors import Malformed
from tillbridge.poll import BOOKS, restored, undecided
from tillbridge.ports import LOOKING, RECONCILE, Books, Remembers, Run, Unit

T = TypeVar("T")

log = logging.getLogger(__name__)

REPLAYED = "replayed"
"""The note of books whose gap was filled."""

ARRIVED_BY = "arrived-by"
"""The note that says when every write of a forgotten life has arrived at the shop (steady seconds)."""

_AT_ONCE = 500


class Recovering:
    """Fills the gap in restored books, when called by the schedule; and does what a person decides."""

    def __init__(
        self,
        books: Books,
        store: Remembers,
        post: Callable[[], object],
        refile: Callable[[], bool] = lambda: True,
    ) -> None:
        """`post` books what waits. `refile` finds out which documents the POS has that were forgotten; whether it
        could."""
        self._refile = refile
        self._books = books
        self._store = store
        self._post = post

    def __call__(self) -> bool:
        """Fetch again what the shop still knows, if our books went back, and once more our own writes when the last one
        has arrived; whether there was something to do. Raises `SideTrouble`."""
        if not are_behind(self._books.noted):
            return False
        arrived_by = self._books.noted(ARRIVED_BY)
        if arrived_by and self._now() < float(arrived_by):
            return False
        new = 0 if arrived_by else sum(self._take(page) for page in _pages(self._store.retained()))
        self._post()
        ours = sum(self._recognise(page) for page in _pages(self._store.own_writes()))
        if not self._refile():
            return False
        with self._books.writing() as unit:
            if arrived_by:
                unit.note(REPLAYED, "yes")
            else:
                unit.note(ARRIVED_BY, repr(unit.now + LONGEST_FLIGHT))
        log.warning("the books are brought up to date: %d events and %d writes of ours had been forgotten", new, ours)
        return True

    def _now(self) -> float:
        with self._books.glancing() as books:
            return books.now

    def _take(self, told: list[Told]) -> int:
        with self._books.writing() as unit:
            return unit.add(retold.news(unit, told))

    def _recognise(self, writes: list[OwnWrite]) -> int:
        """Those of these writes that no entry knows. One that is under way is settled by its key."""
        with self._books.writing() as unit:
            known = unit.posted([write.key for write in writes])
            current = unit.shelves(SideName.STORE, [write.ref for write in writes])
            entries: list[tuple[Account, Entry]] = []
            for write in writes:
                shelf = current.get(write.ref)
                if shelf is None or write.key in known or _is_under_way(shelf, write.key):
                    continue
                account, entry = recognise(shelf.store, write.delta, write.key, "recognised")
                current[write.ref] = routing.with_account(shelf, account)
                entries.append((account, entry))
            unit.post(entries)
            make_due(unit, current.values())
        return len(entries)


def are_behind(noted: Callable[[str], str]) -> bool:
    """Whether our books were restored from a backup and are not up to date yet: what is missing in them would be taken
    for something else, or count on top of it. `noted` says notes."""
    return bool(noted(restored(BOOKS))) and not noted(REPLAYED)


def go_on(unit: Unit) -> None:
    """A person says that the books are up to date. They go on under a new name: under the old one the shop remembers
    that they had come further. Raises `Malformed` while they are not."""
    refuse_while_behind(unit)
    unit.note(ARRIVED_BY, "")
    unit.note(BOOKS, f"{unit.noted(BOOKS)[:24]}.{unit.now:.3f}")
    unit.note(restored(BOOKS), "")
    unit.note(REPLAYED, "")
    _resume(unit)


def refuse_while_behind(unit: Unit) -> None:
    """Raises `Malformed` while our books are not up to date: whatever is written until then may happen twice."""
    if are_behind(unit.noted):
        arrived_by = unit.noted(ARRIVED_BY)
        when = f"at {moment(float(arrived_by))}" if arrived_by else "some minutes after the shop has answered"
        raise Malformed(
            "the books were restored from a backup and are not up to date yet: writes that were on their way then may"
            f" still arrive at the shop. They will be {when}; say it again then"
        )


def as_it_is(unit: Unit) -> None:
    """A person says `resume` and nothing about whose word counts: what differs is put down as any other difference."""
    for side in SideName:
        if side is SideName.STORE and unit.noted(restored(str(side))):
            _look_at_orders(unit)
        unit.note(restored(str(side)), "")
    if unit.noted(restored(BOOKS)):
        go_on(unit)


def believe(unit: Unit, side: SideName, word: str) -> Run:
    """A person says whose word counts for what a restored side lost: both sides are looked at, and what differs there
    is entered by that word, however much it is. Raises `Malformed`."""
    if word not in list(Believe):
        raise Malformed(f"choice: found {word!r}, allowed are {', '.join(Believe)}")
    unit.note(restored(str(side)), "")
    if side is SideName.STORE:
        _look_at_orders(unit)
    _resume(unit)
    return unit.start_run(RECONCILE, "", LOOKING, {"allowed": True, "believe": {str(side): word}})


def _resume(unit: Unit) -> None:
    """Write again, unless something else that was restored still waits for a word."""
    unit.resume(tuple(SideName))
    why = undecided(unit.noted)
    if why:
        unit.pause(tuple(SideName), why)


def _is_under_way(shelf: Shelf, key: str) -> bool:
    return any(account.unsettled is not None and account.unsettled.key == key for account in shelf.all())


def _pages(rows: Iterable[T]) -> Iterator[list[T]]:
    found = iter(rows)
    while page := list(islice(found, _AT_ONCE)):
        yield page


def _look_at_orders(unit: Unit) -> None:
    """Every order is compared with the shop that went back. One that was deleted since the backup is there again, so
    nobody is asked what became of its goods until comparing has missed it once more."""
    unit.stir_holding(unit.now)
    unit.doubt_gone()
