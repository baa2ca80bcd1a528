"""Refusing the absurd: what came without a document, and changes too much at once, waits for a person or a second look.

Sales, returns, deliveries and whatever else a document stands behind always pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from tillbridge.core import routing
from tillbridge.core.events import LevelSeen, StockMoved
from tillbridge.core.findings import Limits
from tillbridge.core.stock import ZERO, SideName

WINDOW = 60.0
"""Seconds. What arrives within them counts as one feed: an import, or a POS that tells nonsense about everything."""

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
class Tally:
    """Which links changed without a document since `since` (steady seconds), and which of them fell to zero."""

    since: float = 0.0
    changed: frozenset[int] = frozenset()
    zeroed: frozenset[int] = frozenset()


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


def weigh(tally: Tally, changes: Sequence[Change], links: int, limits: Limits, now: float) -> tuple[Tally, Held | None]:
    """The tally with these changes in it, and why they must wait, None where they may pass. What waits is not in the
    tally, unless it is what made it too much."""
    if any(abs(change.delta) > limits.max_drop for change in changes):
        return tally, Held.SECOND_LOOK
    current = tally if now - tally.since < WINDOW else Tally(now)
    zeroed = {one.link for one in changes if one.known > ZERO and one.known + one.delta == ZERO}
    after = replace(current, changed=current.changed | {one.link for one in changes}, zeroed=current.zeroed | zeroed)
    most = max(Decimal(limits.least_changed), limits.max_changed * links)
    if len(after.changed) > most or len(after.zeroed) > limits.max_zeroed:
        return current, Held.BRAKE
    return after, None
