"""Entering what a side told us into the accounts: in the transaction that settles the event's message, and only once.

Booking makes due whatever the one rule now has to write, on either side; the amount is computed when a worker takes it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tillbridge.core import codec, routing, targets
from tillbridge.core.accounts import Account, Entry
from tillbridge.core.events import Event, Hinted, LookAt, StockMoved, Unreadable
from tillbridge.core.routing import Unbookable
from tillbridge.core.stock import SideName
from tillbridge.core.targets import Shelf
from tillbridge.ports import Message, Unit

PRODUCT_BACK = frozenset({"product.changed", "product.restored"})
"""Topics after which a product may be linked, or take a change that it refused before."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What booking a batch of events stirred up."""

    events: int = 0
    due: frozenset[SideName] = frozenset()
    unknown: Mapping[SideName, frozenset[str]] = field(default_factory=dict)
    """Refs that stirred and are neither linked nor known to be kept out: there may be something new to link."""
    hints: tuple[Hinted, ...] = ()
    """What came in by the public address for webhooks. It is erased from the books already."""


def post(unit: Unit, messages: Sequence[Message]) -> Posted:
    """Book these events in the transaction of `unit`, and settle their messages."""
    if not messages:
        return Posted()
    events = [(message, codec.decode(message.kind, message.body)) for message in messages]
    known_already = unit.posted([message.key for message, event in events if isinstance(event, StockMoved)])
    shelves = {side: unit.shelves(side, list(_refs(side, [event for _, event in events]))) for side in SideName}
    current = {shelf.link.id: shelf for found in shelves.values() for shelf in found.values()}
    entries: list[tuple[Account, Entry]] = []
    dropped: dict[SideName, dict[str, int]] = {side: {} for side in SideName}
    done: list[Message] = []
    for message, event in events:
        if isinstance(event, Unreadable):
            unit.park(message, event.reason, f"{event.sentence} — {event.fix}")
            continue
        if isinstance(event, LookAt | Hinted) or message.key in known_already:
            done.append(message)
            continue
        here = {ref: current[shelf.link.id] for ref, shelf in shelves[event.side].items()}
        result = routing.post(event, message.key, message.id, here)
        if isinstance(result, Unbookable):
            unit.park(message, result.reason, f"{result.sentence} — {result.fix}")
            continue
        entries += result.entries
        for shelf in result.shelves:
            if shelf.link.offset != current[shelf.link.id].link.offset:
                unit.set_offsets([shelf.link])
            current[shelf.link.id] = shelf
        dropped[event.side].update(dict.fromkeys(result.unlinked, message.id))
        done.append(message)
    unit.post(entries)
    unit.done(done)
    unit.erase([message for message, event in events if isinstance(event, Hinted)])
    hints = tuple(event for _, event in events if isinstance(event, Hinted))
    for side, told_in in dropped.items():
        if told_in:
            unit.drop(side, told_in)
    unknown = {side: _unknown(unit, side, [event for _, event in events], shelves[side].keys()) for side in SideName}
    return Posted(
        len(messages), _make_due(unit, current.values()), {side: refs for side, refs in unknown.items() if refs}, hints
    )


def _refs(side: SideName, events: Iterable[Event]) -> set[str]:
    """The items at `side` that these events are about. A product that was changed or restored counts: what was refused
    because of it may go through now."""
    refs: set[str] = set()
    for event in events:
        if event.side is not side:
            continue
        if isinstance(event, StockMoved):
            refs.update(move.ref for move in event.movements)
        elif isinstance(event, LookAt) and event.topic in PRODUCT_BACK and event.ref:
            refs.add(event.ref)
    return refs


def _unknown(unit: Unit, side: SideName, events: Sequence[Event], linked: Container[str]) -> frozenset[str]:
    """Items that stirred and that nobody has looked at yet. A linked one is known, and one that is kept out is looked
    at again on the schedule: it would otherwise cost a count of both sides with each of its sales."""
    stirred = _refs(side, events)
    new = sorted(ref for ref in stirred if ref not in linked)
    if not new:
        return frozenset()
    return frozenset(new) - unit.held_of_refs(side, new) - unit.shelves(side, new).keys()


def _make_due(unit: Unit, shelves: Iterable[Shelf]) -> frozenset[SideName]:
    """Make due what the one rule has to write now; the sides concerned."""
    due = set()
    for side in SideName:
        amounts = {shelf.link.id: targets.next_write(side, shelf) for shelf in shelves if targets.busy(side, shelf)}
        if amounts:
            unit.make_due(side, amounts)
            due.add(side)
    return frozenset(due)


def together(parts: Sequence[Posted]) -> Posted:
    """Several batches as one."""
    unknown: dict[SideName, frozenset[str]] = {}
    for part in parts:
        for side, refs in part.unknown.items():
            unknown[side] = unknown.get(side, frozenset()) | refs
    due = frozenset(side for part in parts for side in part.due)
    hints = tuple(hint for part in parts for hint in part.hints)
    return Posted(sum(part.events for part in parts), due, unknown, hints)
