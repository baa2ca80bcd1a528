"""Holding what would change too much at once, telling the owner once, and going on when told to."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

from tillbridge.core import brakes
from tillbridge.core.brakes import Change, Held, Part, Tally
from tillbridge.core.events import LevelSeen, StockMoved
from tillbridge.core.findings import Limits
from tillbridge.core.stock import SideName
from tillbridge.core.targets import Shelf
from tillbridge.ports import Unit

OPEN_FOR = 3600.0
"""Seconds for which a brake stays off after a person said go on: as long as an import may last."""

log = logging.getLogger(__name__)

WORDS = {
    Held.BRAKE: "too many items of the {side} changed at once without a sale, a return or a delivery: nothing of it is"
    " carried over — look whether that is right, then `tillbridge decide brake:{side} go-on`",
    Held.SECOND_LOOK: "a change of more than [safety] max_drop pieces without a document: the level is read again"
    " before it counts — wait a minute; a rise needs your word (`tillbridge decide`)",
}


class Brakes:
    """The brakes in one transaction. What they count is written when that ends."""

    def __init__(self, unit: Unit, limits: Limits) -> None:
        self._unit = unit
        self._limits = limits
        self._tallies: dict[SideName, Tally] = {}

    def hold(self, event: StockMoved | LevelSeen, shelves: Mapping[str, Shelf]) -> Held | None:
        """Why this event must wait, None where it may pass."""
        if brakes.has_document(event):
            return None
        changes = [change for change in _changes(event, shelves) if change.delta]
        if not changes or is_released(self._unit, event.side):
            return None
        if is_on(self._unit, event.side):
            return Held.BRAKE  # also after a restart, or a minute later: only a person's word lets it pass
        tally = self._tallies.get(event.side)
        if tally is None:
            tally = self._noted(event.side)
        may_be_many = brakes.most_changed(tally) + len(changes) > self._limits.least_changed
        links = self._unit.count_links() if may_be_many else 0
        at = brakes.happened(event, self._unit.now)
        after, held = brakes.weigh(tally, changes, links, self._limits, at)
        self._tallies[event.side] = after
        if held is Held.BRAKE:
            self._unit.note(note_of(event.side), "on")
            log.error("%s", WORDS[held].format(side=event.side))
        return held

    def save(self) -> None:
        for side, tally in self._tallies.items():
            told = [[part.number, sorted(part.changed), sorted(part.zeroed)] for part in tally]
            self._unit.note(f"feeds:{side}", json.dumps(told))

    def _noted(self, side: SideName) -> Tally:
        noted = self._unit.noted(f"feeds:{side}")
        told = json.loads(noted) if noted else []
        return tuple(Part(number, frozenset(changed), frozenset(zeroed)) for number, changed, zeroed in told)


def note_of(side: SideName) -> str:
    """The note that says that a side's brake is on."""
    return f"brake:{side}"


def is_on(unit: Unit, side: SideName) -> bool:
    """Whether a brake holds what that side told without a document."""
    return unit.noted(note_of(side)) == "on"


def is_released(unit: Unit, side: SideName) -> bool:
    """Whether a person said lately that it is right."""
    until = unit.noted(f"released:{side}")
    return bool(until) and unit.now < float(until)


def release(unit: Unit, side: SideName) -> int:
    """A person says that it is right: what was held is booked; how many messages."""
    unit.note(note_of(side), "")
    unit.note(f"released:{side}", repr(unit.now + OPEN_FOR))
    return unit.unpark_reason(str(Held.BRAKE))


def _changes(event: StockMoved | LevelSeen, shelves: Mapping[str, Shelf]) -> list[Change]:
    """What of it is about linked items, by how much each moves."""
    if isinstance(event, LevelSeen):
        shelf = shelves.get(event.ref)
        account = None if shelf is None else next((a for a in shelf.of(event.side) if a.outlet == event.outlet), None)
        if account is None:
            return []
        return [Change(account.link, account.known, event.level - account.known)]
    found: list[Change] = []
    for move in event.movements:
        shelf = shelves.get(move.ref)
        account = None if shelf is None else next((a for a in shelf.of(event.side) if a.outlet == move.outlet), None)
        if account is not None:
            found.append(Change(account.link, account.known, move.delta))
    return found
