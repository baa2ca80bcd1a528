"""Every kind of till that the simulation can be played with, by name, and how each is put up."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random

from tests.simulation.network import Wire
from tests.simulation.tills.absolute import AbsoluteTill
from tests.simulation.tills.floor import Floor, Spoilt
from tests.simulation.tills.history import HistoryTill
from tests.simulation.tills.leveled import LevelsTill
from tests.simulation.tills.line import Line
from tests.simulation.tills.mute import MuteTill
from tests.simulation.tills.racing import RacingFloor
from tests.simulation.tills.repeating import RepeatingApi
from tillbridge.ports import Clock, Side
from tillbridge.sides.till.side import TillSide
from tillbridge.till.api import Api
from tillbridge.till.book import Book

TOKEN = "a token of the simulation"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a till is put up. `connection` is the book's own; `between`, `later` and `met` are as for a `Wire`.
    `topics` is what an adapter tells beside stock."""

    connection: sqlite3.Connection
    book: Book
    clock: Clock
    between: Callable[[], None]
    later: Callable[[float, Callable[[], None]], None]
    met: Counter[str]
    dice: Random
    topics: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pos:
    """A till that stands.

    `wire` is cut, blocked and fated. `side` makes a new adapter, which remembers nothing, for each start of a daemon.
    `is_heard` says whether whoever holds a cursor was told everything. `spoilt` grows by what no connector could have
    kept right, by the row's id: it bounds what may be corrected. `took_effect` says what a person finds who looks up
    the write of a key.
    """

    wire: Wire | Line
    side: Callable[[], Side]
    is_heard: Callable[[str], bool]
    spoils: Callable[[], Mapping[str, Spoilt]]
    took_effect: Callable[[str], bool]
    went_back: Callable[[], None]

    @property
    def spoilt(self) -> Mapping[str, Spoilt]:
        return self.spoils()


def _keys(place: Place) -> Pos:
    """Our own till: a key with each write, known for 90 days, and every change told once."""
    wire = Wire(Api(place.book, TOKEN).handle, place.between, place.later, place.met)
    return Pos(
        wire,
        lambda: TillSide(wire, TOKEN, place.clock.wall, topics=place.topics),
        partial(_at_head, place.book),
        dict,
        partial(_has_key, place.book),
        _nothing,
    )


def _repeating(place: Place) -> Pos:
    """The same with a cursor of whole seconds, so that changes come again."""
    floor = _floor(place)
    api = RepeatingApi(Api(place.book, TOKEN), floor)
    wire = Wire(api.handle, place.between, place.later, place.met)
    return Pos(
        wire,
        lambda: TillSide(wire, TOKEN, place.clock.wall, topics=place.topics),
        lambda cursor: api.is_heard(bare(cursor)),
        lambda: floor.spoilt,
        partial(_has_key, place.book),
        floor.went_back,
    )


def _history(place: Place) -> Pos:
    """No keys; a history that can be searched; nothing below zero."""
    return _on_line(place, HistoryTill, _floor(place))


def _lossy(place: Place) -> Pos:
    """The same, and of two who write a level at once one is lost."""
    floor = RacingFloor(place.connection, place.book, place.clock, place.between, place.dice)
    return _on_line(place, HistoryTill, floor)


def _mute(place: Place) -> Pos:
    """No keys, no history."""
    return _on_line(place, MuteTill, _floor(place))


def _absolute(place: Place) -> Pos:
    """Takes levels only, checked against the expected one; no keys, no history."""
    return _on_line(place, AbsoluteTill, _floor(place))


def _levels(place: Place) -> Pos:
    """Tells levels that trail; takes keys."""
    return _on_line(place, partial(LevelsTill, dice=place.dice), _floor(place))


def _mute_levels(place: Place) -> Pos:
    """Tells levels that trail; no keys, no history."""
    return _on_line(place, partial(LevelsTill, dice=place.dice, keyed=False), _floor(place))


def _floor(place: Place) -> Floor:
    return Floor(place.connection, place.book, place.clock)


def _on_line(place: Place, till: Callable[[Line, Floor], Side], floor: Floor) -> Pos:
    line = Line(place.between, place.later, place.met)
    heard = partial(_at_head, place.book)
    return Pos(line, lambda: till(line, floor), heard, lambda: floor.spoilt, floor.took_effect, floor.went_back)


def _nothing() -> None:
    """Nobody remembers anything beside the till's own database."""


def bare(cursor: str) -> str:
    """The POS's own cursor, before which an adapter may put what it wants to know of it."""
    return cursor.rpartition(" ")[2]


def _has_key(book: Book, key: str) -> bool:
    return book.find(key) is not None


def _at_head(book: Book, cursor: str) -> bool:
    """Whether everything was read. One who read before the till went back may stand beyond its end, and hears nothing
    of what comes until then."""
    at = bare(cursor)
    return at.isdecimal() and int(at) >= book.feed.head()


KINDS: dict[str, Callable[[Place], Pos]] = {
    "keys": _keys,
    "history": _history,
    "mute": _mute,
    "absolute": _absolute,
    "lossy": _lossy,
    "levels": _levels,
    "mute-levels": _mute_levels,
    "repeating": _repeating,
}
