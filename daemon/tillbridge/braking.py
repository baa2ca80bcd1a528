"""Holding what would change too much at once, telling the owner once, and going on when told to."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tillbridge.core import brakes
from tillbridge.core.accounts import Account
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


SETTLED = "settled without being booked: the level that was read later does not show it, or contains it already"
"""What is noted with a message whose change a second look did not bear out, or that a run had entered by then."""

_DOUBTS = "doubt:"

Place = tuple[int, SideName, str]
"""A link, a side and an outlet: where an account is."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A message that waits for a second look, since when, and the accounts whose levels say whether it is so."""

    number: int
    since: float
    places: tuple[Place, ...]


class Brakes:
    """The brakes in one transaction. What they count is written when that ends."""

    def __init__(self, unit: Unit, limits: Limits) -> None:
        self._unit = unit
        self._limits = limits
        self._tallies: dict[SideName, Tally] = {}
        self.contained: set[int] = set()
        """Messages held for a second look once, whose change is contained in the levels that were read since."""

    def hold(self, event: StockMoved | LevelSeen, number: int, shelves: Mapping[str, Shelf]) -> Held | None:
        """Why this event (`number` is its message's id) must wait, None where it may pass. What all its levels contain
        already moves nothing, and is not weighed."""
        if brakes.has_document(event):
            return None
        found = [(account, change) for account, change in _changes(event, shelves) if change.delta]
        changes = [change for _, change in found]
        if found and all(number <= account.contains for account, _ in found):
            if self._unit.noted(f"{_DOUBTS}{number}"):
                self.contained.add(number)
            return None
        if not changes or is_released(self._unit, event.side):
            return None
        if is_on(self._unit, event.side):
            return Held.BRAKE  # also after a restart, or a minute later: only a person's word lets it pass
        if brakes.is_too_large(changes, self._limits) and self._unit.noted(f"{_DOUBTS}{number}"):
            return Held.SECOND_LOOK  # tried once more: it was weighed when it came
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
        if held is Held.SECOND_LOOK:
            self._doubt(number, [(account.link, account.side, account.outlet) for account, _ in found])
        return held

    def _doubt(self, number: int, places: Sequence[Place]) -> None:
        """Remember which levels will say whether it is so; and since when, however often it is tried."""
        name = f"{_DOUBTS}{number}"
        if not self._unit.noted(name):
            self._unit.note(name, json.dumps([self._unit.now, places]))

    def save(self) -> None:
        for side, tally in self._tallies.items():
            told = [[part.number, sorted(part.changed), sorted(part.zeroed)] for part in tally]
            self._unit.note(f"feeds:{side}", json.dumps(told))
        for number in self.contained:
            end_doubt(self._unit, number)

    def _noted(self, side: SideName) -> Tally:
        noted = self._unit.noted(f"feeds:{side}")
        told = json.loads(noted) if noted else []
        return tuple(Part(number, frozenset(changed), frozenset(zeroed)) for number, changed, zeroed in told)


def doubts(unit: Unit) -> list[Doubt]:
    """What waits for a second look, the oldest first."""
    found = []
    for name, value in unit.noted_under(_DOUBTS).items():
        since, told = json.loads(value)
        places = tuple((int(link), SideName(side), str(outlet)) for link, side, outlet in told)
        found.append(Doubt(int(name.removeprefix(_DOUBTS)), float(since), places))
    return sorted(found, key=lambda doubt: doubt.number)


def end_doubt(unit: Unit, number: int) -> None:
    """No level is asked about this message any more."""
    unit.note(f"{_DOUBTS}{number}", "")


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


def _changes(event: StockMoved | LevelSeen, shelves: Mapping[str, Shelf]) -> list[tuple[Account, Change]]:
    """What of it is about linked items, by how much each moves."""
    if isinstance(event, LevelSeen):
        account = _account(event.side, event.ref, event.outlet, shelves)
        if account is None:
            return []
        return [(account, Change(account.link, account.known, event.level - account.known))]
    found: list[tuple[Account, Change]] = []
    for move in event.movements:
        account = _account(event.side, move.ref, move.outlet, shelves)
        if account is not None:
            found.append((account, Change(account.link, account.known, move.delta)))
    return found


def _account(side: SideName, ref: str, outlet: str, shelves: Mapping[str, Shelf]) -> Account | None:
    shelf = shelves.get(ref)
    return None if shelf is None else next((one for one in shelf.of(side) if one.outlet == outlet), None)
