"""Which of the events that the shop tells once more are in a level that was taken over since.

An account knows by message ids what its level contains. What a shop tells again to restored books comes under new ids,
however old it is; so beside each such id stands here how far the shop's own numbers had come by then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from tillbridge.core import codec, marks
from tillbridge.core.accounts import Account
from tillbridge.core.events import StockMoved, Told
from tillbridge.core.marks import Mark
from tillbridge.core.stock import SideName
from tillbridge.ports import Unit

NOTE = "retold"

KEPT_FOR = 8 * 86_400.0
"""Seconds for which it is remembered: a day more than the shop keeps what was acknowledged."""


@dataclass(frozen=True, slots=True)
class _Reached:
    """A level of the shop that contains every event up to `message` was taken over at `at` (steady seconds), when the
    shop had come to `mark`."""

    message: int
    mark: Mark
    at: float


def remember(unit: Unit, message: int) -> None:
    """A level of the shop is taken over, in the transaction of `unit`, that contains every event up to that message."""
    mark = marks.decode(unit.noted(marks.note_of(SideName.STORE)))
    if mark is None:
        return
    known = [one for one in _known(unit) if unit.now - one.at < KEPT_FOR]
    if any(one.message <= message and one.mark == mark for one in known):
        return
    rows = [[one.message, marks.encode(one.mark), one.at] for one in [*known, _Reached(message, mark, unit.now)]]
    unit.note(NOTE, json.dumps(rows, separators=(",", ":")))


def news(unit: Unit, told: Iterable[Told]) -> list[Told]:
    """Without those that are in the level of their item already. What restored books do not know was acknowledged by
    what they forgot, so it happened before they were restored, and is in every level that was taken over since."""
    events = [(one, codec.decode(one.kind, one.body)) for one in told]
    refs = {move.ref for _, event in events if isinstance(event, StockMoved) for move in event.movements}
    shelves = unit.shelves(SideName.STORE, sorted(refs))
    reached, shop = _known(unit), marks.decode(unit.noted(marks.note_of(SideName.STORE)))
    here = [one for one in reached if shop is not None and one.mark.incarnation == shop.incarnation]
    found: list[Told] = []
    for one, event in events:
        about = event.movements if isinstance(event, StockMoved) else ()
        accounts = [shelves[move.ref].store if move.ref in shelves else None for move in about]
        number = codec.number_in(one)
        if not about or not all(_contains(here, account, number) for account in accounts):
            found.append(one)
    return found


def _contains(reached: Iterable[_Reached], account: Account | None, number: int) -> bool:
    return account is not None and any(
        one.message <= account.contains and 0 < number <= one.mark.counter for one in reached
    )


def _known(unit: Unit) -> list[_Reached]:
    rows = json.loads(unit.noted(NOTE) or "[]")
    found = [(int(message), marks.decode(str(mark)), float(at)) for message, mark, at in rows]
    return [_Reached(message, mark, at) for message, mark, at in found if mark is not None]
