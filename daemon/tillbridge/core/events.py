"""What a side told us: something happened there, by itself or by our hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tillbridge.core.stock import SideName


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a level moved, in the telling side's own words: order_line, restock, admin, sale, return, delivery …

    `document` and `line` name the paper behind it (an order id, a receipt number) where there is one.
    """

    type: str
    document: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True)
class Movement:
    """One level that moved by `delta`; `before` is the level the side held just before, None where it did not say."""

    ref: str
    outlet: str
    delta: Decimal
    before: Decimal | None = None
    sku: str = ""


@dataclass(frozen=True, slots=True)
class StockMoved:
    """Levels moved on a side. All movements of one document belong to one event (a transfer nets to nothing).

    `id` is the side's own unique id of the change. `ours` marks an echo: a change that we wrote ourselves, under `key`
    as we made it ("" where the side does not say).
    """

    side: SideName
    id: str
    at: str
    movements: tuple[Movement, ...]
    cause: Cause
    ours: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class LookAt:
    """Something about an object changed; the event carries no content, the truth is read when it is needed."""

    side: SideName
    id: str
    at: str
    topic: str
    ref: str
    order: str = ""
    status: str = ""
    """What is about an order, or a refund of one, names the order, and its status where the event tells it."""


@dataclass(frozen=True, slots=True)
class LevelSeen:
    """A level that a side's feed tells, where it tells levels and not changes.

    What changed is the difference to what we know, if the read that brought it was quiet. `begun` is when that read
    began (steady seconds); `id` names the level and its version, so that the same one is told once. `confirmed`: we
    read it once more, because what the feed told needed a second look.
    """

    side: SideName
    id: str
    at: str
    ref: str
    outlet: str
    level: Decimal
    begun: float
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Hinted:
    """Somebody called the shop's public address for the POS's webhooks: perhaps the POS, which its adapter can tell.

    `side` is the side that passed it on. `query` is raw, `headers` has lower-case names, `body` is as it came; none of
    it is kept.
    """

    side: SideName
    id: str
    method: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An event that we cannot understand: kept and parked, with the reason and the fix a person reads."""

    side: SideName
    id: str
    reason: str
    sentence: str
    fix: str


Event = StockMoved | LevelSeen | LookAt | Hinted | Unreadable


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it is stored: its key (unique per side), its versioned kind, and the JSON text it arrived as.

    Storing comes before understanding, so that nothing a side says can be lost to a parser.
    """

    key: str
    kind: str
    body: str
