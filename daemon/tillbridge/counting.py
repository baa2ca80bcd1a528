"""Comparing what a side shows with what the books know of it, and saying only what was read while nothing moved.

A level differs for certain where no write was under way and nothing was booked for its account since the reading
began. Whatever else differs is moving, and is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from tillbridge import alerts
from tillbridge.booking import make_due
from tillbridge.core import accounts
from tillbridge.core.findings import Seen
from tillbridge.core.stock import Level, SideName
from tillbridge.ports import Books, Clock, Side

COMPARED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Reading:
    """A level that differed from its account when both were read; the reading began at `begun` (steady seconds)."""

    seen: Seen
    ref: str
    begun: float
    moving: bool
    contains: int = 0
    """The highest message id before the reading began: the level contains every event up to it."""


@dataclass(slots=True)
class Looked:
    """What a look at one side came to: levels compared, links met, and those that differ."""

    compared: int = 0
    unknown: int = 0
    readings: list[Reading] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sorted:
    """Differences that are certain, with their readings, and places that are moving."""

    quiet: list[Reading]
    moving: list[Reading]


class Counting:
    """Reads levels and compares them, page by page."""

    def __init__(self, books: Books, sides: Mapping[SideName, Side], clock: Clock) -> None:
        self._books = books
        self._sides = sides
        self._clock = clock

    def everything(self, side: SideName, told: Callable[[int], None]) -> Looked:
        """Count a whole side, streamed. `told` hears from time to time how many levels were compared. Raises
        `SideTrouble`."""
        since, looked = self._since(), Looked()
        levels = iter(self._sides[side].levels())
        while page := list(islice(levels, COMPARED_AT_ONCE)):
            self._compare(side, page, since, looked)
            told(looked.compared)
        return looked

    def some(self, side: SideName, refs: Iterable[str]) -> Looked:
        """Read these items one by one. Raises `SideTrouble`."""
        looked = Looked()
        for ref in refs:
            since = self._since()
            self._compare(side, list(self._sides[side].levels_of(ref)), since, looked)
        return looked

    def _since(self) -> tuple[float, int]:
        """When a reading begins, and the highest message id by then."""
        with self._books.writing() as unit:
            return self._clock.now(), unit.last_id()

    def _compare(self, side: SideName, levels: Sequence[Level], since: tuple[float, int], looked: Looked) -> None:
        """Unknown is never zero: what has no level moves nothing. An outlet without an account is opened when something
        moves there."""
        known = self._books.known(side, list(dict.fromkeys(level.ref for level in levels)))
        allowed: dict[int, bool] = {}
        for level in levels:
            found = known.get((level.ref, level.outlet))
            if found is None:
                continue
            looked.compared += 1
            if level.backorders is not None and level.backorders != found.backorders:
                allowed[found.link] = level.backorders
            if level.quantity is None:
                looked.unknown += 1
            elif level.quantity != found.known or level.moving:
                seen = Seen(found.link, side, level.outlet, level.quantity, found.known)
                looked.readings.append(Reading(seen, level.ref, since[0], level.moving, since[1]))

        if allowed:
            self._allow(allowed)

    def _allow(self, backorders: Mapping[int, bool]) -> None:
        """The shop has changed its mind on which items may be sold below zero. No level moves by that itself; but what
        is an oversell, and what a buffer keeps back, is another thing from now on."""
        with self._books.writing() as unit:
            after = [
                replace(shelf, terms=replace(shelf.terms, backorders=backorders[link]))
                for link, shelf in unit.shelves_by_link(list(backorders)).items()
            ]
            unit.save_links(after)
            alerts.watch(unit, after)
            make_due(unit, after)

    def sort(self, readings: Sequence[Reading]) -> Sorted:
        """After both feeds were read to their end once more: what of it is certain? What agrees by now is dropped."""
        quiet: list[Reading] = []
        moving: list[Reading] = []
        for part in _parts(readings):
            with self._books.writing() as unit:
                shelves = unit.shelves_by_link([one.seen.link for one in part])
            for reading in part:
                seen = reading.seen
                shelf = shelves.get(seen.link)
                account = None if shelf is None else shelf_account(shelf.of(seen.side), seen.outlet)
                if account is None:
                    continue
                lag = self._sides[seen.side].abilities.lag
                if reading.moving or not accounts.is_quiet(account, reading.begun - lag):
                    moving.append(reading)
                elif seen.level != account.known:
                    quiet.append(reading)
        return Sorted(quiet, moving)


def shelf_account(found: Sequence[accounts.Account], outlet: str) -> accounts.Account | None:
    """The account of one outlet among those of a side."""
    return next((account for account in found if account.outlet == outlet), None)


def _parts(readings: Sequence[Reading]) -> Iterator[Sequence[Reading]]:
    for at in range(0, len(readings), COMPARED_AT_ONCE):
        yield readings[at : at + COMPARED_AT_ONCE]
