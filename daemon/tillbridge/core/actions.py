"""The one remote write that a message stands for, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from tillbridge.core.documents import AmendSale, RecordReturn, RecordSale, VoidSale


@dataclass(frozen=True, slots=True)
class AdjustStock:
    """Move the level of `ref` at `outlet` ("" at the store) by `delta`, once, however often it is sent under `key`."""

    key: str
    ref: str
    outlet: str
    delta: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class VoidAdjustment:
    """Make sure that the adjustment sent under `key` never takes effect, unless it already has.

    Answered `applied` (it had) or `voided` (it had not, and now never will).
    """

    key: str
    ref: str


@dataclass(frozen=True, slots=True)
class CountStock:
    """Set the level of `ref` at `outlet` to `level`, for a POS that takes no differences.

    `expected` is the level it is based on (None: the POS checks none). Answered `refused` with the reason `changed`
    where the POS shows another level by now.
    """

    key: str
    ref: str
    outlet: str
    level: Decimal
    expected: Decimal | None


Action = AdjustStock | VoidAdjustment | CountStock | RecordSale | AmendSale | RecordReturn | VoidSale


@dataclass(frozen=True, slots=True)
class Trace:
    """What an adjustment of which nobody knows what became may have left behind in a side's own records.

    `mark` is where the side's history stood before it was first sent.
    """

    key: str
    ref: str
    outlet: str
    delta: Decimal
    mark: str


@dataclass(frozen=True, slots=True)
class Loss:
    """A write of ours that a side recorded in its history (`id` is the record's), and whose effect its level lost."""

    id: str
    delta: Decimal


@dataclass(frozen=True, slots=True)
class OwnWrite:
    """A write of ours that a side carried out and still remembers by its key."""

    key: str
    ref: str
    outlet: str
    delta: Decimal


class Status(StrEnum):
    """What became of an action, in the only words that the engine knows."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    VOIDED = "voided"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    INVALID = "invalid"
    UNAUTHORISED = "unauthorised"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    UNCERTAIN = "uncertain"


REGISTER_CLOSED = "register_closed"
"""The reason by which a POS refuses every document until its register is open."""

VOID_DIFFERS = "void_differs"
"""The reason by which a POS refuses to make a sale void as a whole, since it has something else of the order than what
was to be void."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer to one action.

    `level` is the level found there afterwards (None: not told). `reason` is a stable code, `sentence` the side's own
    words, `retry_after` seconds where the side asks for patience, `document` the POS's number of the document that was
    recorded, or of the customer who was written down.
    """

    status: Status
    level: Decimal | None = None
    reason: str = ""
    sentence: str = ""
    retry_after: float | None = None
    document: str = ""


def of_void(outcome: Outcome) -> Outcome:
    """What an answer to a `VoidAdjustment` is worth: only its own two words settle anything. A refused void never
    proves that the adjustment had no effect."""
    if outcome.status in (Status.NOT_FOUND, Status.REFUSED, Status.INVALID):
        return replace(outcome, status=Status.UNCERTAIN)
    return outcome
