"""Refusing the absurd: what came without a document, and changes too much at once, waits for a person or a second look.

Sales, returns, deliveries and whatever else a document stands behind always pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from tillbridge.core import routing
from tillbridge.core.events import LevelSeen, StockMoved
from tillbridge.core.findings import Limits
from tillbridge.core.stock import ZERO, SideName

WINDOW = 60.0
"""Seconds. What happened within them counts as one feed: an import, or a POS that tells nonsense about everything."""

PART = 20.0
"""Seconds that are counted together. A feed is any run of parts that fits into the window."""

_PARTS = int(WINDOW / PART)

PARTS_KEPT = 12
"""News may come out of their order: so many parts are remembered, those that grew last."""

WITH_A_DOCUMENT = frozenset({"sale", "return", "exchange", "void", "delivery", "transfer", "collection"})
"""Causes at the POS that a document stands behind. A count or a correction has one too, and is still only a number that
somebody typed."""


class Held(StrEnum):
    """Why an event is not booked yet; the reason of its message."""

    BRAKE = "brake"
    """Too many items changed at once: a person says whether that is right."""
    SECOND_LOOK = "second_look"
    """One change too large to believe: the level is read again first."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which links changed without a document in one part of time (its number), and which of them fell to zero."""

    number: int
    changed: frozenset[int] = frozenset()
    zeroed: frozenset[int] = frozenset()


Tally = tuple[Part, ...]
"""What changed without a document lately; what grew last stands last."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change without a document of one link's level."""

    link: int
    known: Decimal
    delta: Decimal


def has_document(event: StockMoved | LevelSeen) -> bool:
    """Whether somebody sold, returned, received or moved something, and not merely set a number."""
    if isinstance(event, LevelSeen):
        return False
    if event.ours:
        return True
    causes = routing.OF_A_LINE if event.side is SideName.STORE else WITH_A_DOCUMENT
    return event.cause.type in causes and event.cause.document != ""


def happened(event: StockMoved | LevelSeen, now: float) -> float:
    """When it happened, in seconds, as far as that is certain. The shop's plugin notes the time in the request that
    moved the stock: a week of it may arrive at once, after an outage, and is a week all the same. Of a POS nobody knows
    what its times mean, so there it is `now`, when it arrived."""
    if not isinstance(event, StockMoved) or event.side is not SideName.STORE:
        return now
    try:
        told = datetime.fromisoformat(event.at)
    except ValueError:
        return now
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()


def weigh(tally: Tally, changes: Sequence[Change], links: int, limits: Limits, at: float) -> tuple[Tally, Held | None]:
    """The tally with these changes, which happened at `at`, in it; and why they must wait, None where they may pass.
    What a brake holds is not in the tally. What waits for a second look is: many such are a flood too."""
    number = int(at // PART)
    parts = {part.number: part for part in tally}
    before = parts.pop(number, Part(number))
    zeroed = {one.link for one in changes if one.known > ZERO and one.known + one.delta == ZERO}
    grown = Part(number, before.changed | {one.link for one in changes}, before.zeroed | zeroed)
    after = {**parts, number: grown}
    most = max(Decimal(limits.least_changed), limits.max_changed * links)
    for feed in _feeds(after, number):
        if _count([part.changed for part in feed], most) > most:
            return tally, Held.BRAKE
        if _count([part.zeroed for part in feed], limits.max_zeroed) > limits.max_zeroed:
            return tally, Held.BRAKE
    return tuple(after.values())[-PARTS_KEPT:], Held.SECOND_LOOK if is_too_large(changes, limits) else None


def is_too_large(changes: Sequence[Change], limits: Limits) -> bool:
    """Whether one of them is too large to believe."""
    return any(abs(change.delta) > limits.max_drop for change in changes)


def most_changed(tally: Tally) -> int:
    """How many links one feed can have changed at the most."""
    return sum(len(part.changed) for part in tally)


def _feeds(parts: Mapping[int, Part], number: int) -> Iterator[list[Part]]:
    """Every feed that this part belongs to."""
    for first in range(number - _PARTS + 1, number + 1):
        yield [parts[one] for one in range(first, first + _PARTS) if one in parts]


def _count(found: Sequence[frozenset[int]], most: Decimal | int) -> int:
    """How many links there are in them; no less than that where it is certainly not too many."""
    together = sum(len(one) for one in found)
    return together if together <= most else len(frozenset[int]().union(*found))
