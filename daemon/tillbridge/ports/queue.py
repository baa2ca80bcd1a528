"""The queue: what was told to us and what has to go out, and how people are shown it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from tillbridge.core.backoff import Verdict
from tillbridge.core.events import Told
from tillbridge.core.stock import SideName

NEEDS_LOOKING = ("parked", "dead", "retrying")
"""The states of messages that a person is shown."""


@dataclass(frozen=True, slots=True)
class Message:
    """A row of the queue as the workers see it; `lease` is the token that every settling must carry ("" for events)."""

    id: int
    key: str
    kind: str
    side: str
    body: str
    attempts: int
    failing_for: float
    tried_at: float | None
    lease: str


class Outbox(Protocol):
    """The queue inside a transaction."""

    def add(self, told: Sequence[Told]) -> int:
        """Store events; those whose key is known already are passed over. Returns how many were new."""

    def claim_events(self, limit: int) -> list[Message]:
        """Ready events, oldest first. They are settled in this very transaction, so they need no lease."""

    def claim_writes(self, side: SideName, limit: int, lease_seconds: float) -> list[Message]:
        """Due work for one side under a fresh lease, the most urgent first, each lane in order."""

    def held_of(self, messages: Sequence[Message]) -> set[int]:
        """The ids whose lease is still ours: a worker that was paused past its lease must not settle."""

    def make_due(self, side: SideName, amounts: Mapping[int, Decimal]) -> None:
        """Say that the one rule has something to do at `side` for these links (amounts order the work: falls first).
        One message per link and side, always; it falls due now, whatever failed before, and leaves parked and dead."""

    def done(self, messages: Sequence[Message], note: str = "") -> None:
        """Settled; kept for a while as the memory of its key."""

    def erase(self, messages: Sequence[Message]) -> None:
        """Forget what these messages carried; that they came is still known."""

    def again(self, messages: Sequence[Message]) -> None:
        """Give the lease back: due at once, and not a failure."""

    def wait(self, messages: Sequence[Message], error: str) -> None:
        """Give the lease back because the side is away: due as soon as it is spoken to again, and not a failure."""

    def retry(self, message: Message, verdict: Verdict, error: str) -> None:
        """It failed: due again when the verdict says, or dead."""

    def park(self, message: Message, reason: str, sentence: str) -> None:
        """A person must mend something first; `sentence` says what and how."""

    def revive(self, side: SideName) -> int:
        """Everything that failed at a side which answers again is due now, dead letters included."""

    def release(self, sides: Sequence[SideName]) -> int:
        """Events that are parked, and what is parked or dead at these sides, are tried once more, because a person says
        that it was mended."""

    def retry_now(self, only: int | None) -> int:
        """What failed, was parked or given up (None: all of it, else this message) is tried now; how many."""

    def unpark(self, only: int | None) -> int:
        """What was parked is tried now, because a person says that it was mended; how many."""

    def discard(self, number: int, words: str) -> int:
        """Settle a message that waits for a person or failed without doing it, for the reason in `words`; 0 where it
        is none of these, or a worker is at it. Accounts and journal stay as they are."""

    def unpark_reason(self, reason: str) -> int:
        """What was parked for that reason is tried now; how many."""

    def writes_waiting(self, links: Sequence[int]) -> dict[tuple[int, SideName], int]:
        """How many writes to a side are not settled yet, by link and side."""

    def last_id(self) -> int:
        """The highest message id so far: a mark in time. It never falls."""

    def events_wait(self, mark: int) -> bool:
        """Whether an event that was stored after `mark` is not settled yet."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that needs a person, or that failed: what, why, and since when. Where it is about a linked item, which
    one. `state` is parked, dead or retrying; of other messages, ready or done."""

    id: int
    key: str
    side: str
    state: str
    reason: str
    sentence: str
    attempts: int
    due_at: float
    created_at: float
    sku: str = ""
    store_ref: str = ""
    pos_ref: str = ""


@dataclass(frozen=True, slots=True)
class Detail:
    """A message as a whole."""

    row: Waiting
    kind: str
    lane: str
    body: str
