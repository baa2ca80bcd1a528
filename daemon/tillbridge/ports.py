"""What the verbs may rely on: the two sides, the books, the clock. Promises only, no behaviour."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from tillbridge.core.accounts import Account, Entry
from tillbridge.core.actions import Action, Outcome
from tillbridge.core.backoff import Verdict
from tillbridge.core.events import Told
from tillbridge.core.links import Held, Pair
from tillbridge.core.marks import Mark
from tillbridge.core.pairing import Code, Paired
from tillbridge.core.stock import PRECISION, Item, Level, Link, SideName
from tillbridge.core.targets import Shelf

Checkpoint = Callable[[str], None]
"""Called at every named point where a process may die; does nothing in production (see `app.py`)."""


class Clock(Protocol):
    """Time, injected. `now` never jumps while the process lives; `wall` is what the world calls it."""

    def now(self) -> float:
        """Seconds since the epoch, steady: wall time at start plus what the monotonic clock counted since."""

    def wall(self) -> datetime:
        """The world's time now, aware, UTC. For signatures and for people, never for intervals."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a side can do, so that the planner refuses early and in words.

    `actions`: accepted action types. `precision`: decimal places of a quantity. `batch`: actions a call.
    `parallel`: calls borne at once. `key_memory`: seconds for which it knows a key (None: it knows none).
    """

    actions: frozenset[type]
    precision: int = PRECISION
    batch: int = 100
    parallel: int = 2
    key_memory: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Can we work with this account? Every problem at once, each with its fix; `facts` for people."""

    problems: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of the change feed, and the cursor that the side itself gave for the next one. `mark`: how far the side's
    database has come, where it says so."""

    told: tuple[Told, ...]
    cursor: str
    more: bool
    mark: Mark | None = None


class Side(Protocol):
    """One end of the bridge: count, watch, look, act. Both ends have this one shape."""

    name: SideName
    abilities: Abilities

    def check(self) -> Report:
        """Everything that would keep us from working with this account. Never raises for what it finds."""

    def levels(self) -> Iterator[Level]:
        """A full count, streamed; unknown where unknown. Raises `SideTrouble`."""

    def catalogue(self) -> Iterator[Item]:
        """Every sellable item, streamed. Raises `SideTrouble`."""

    def changes_since(self, cursor: str) -> Changes:
        """The next page after `cursor`; "" means from now on. Handing a cursor back says that everything before it
        is durably ours, and the side may forget it. Raises `SideTrouble`."""

    def find(self, key: str) -> Outcome:
        """What a key left behind: `applied`, or `not_found`. Raises `SideTrouble`, and `Unsupported`."""

    def apply(self, actions: Sequence[Action]) -> list[Outcome]:
        """One outcome for each action, in order; never raises: trouble is an outcome."""


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

    def last_id(self) -> int:
        """The highest message id so far: a mark in time. It never falls."""

    def events_wait(self, mark: int) -> bool:
        """Whether an event that was stored after `mark` is not settled yet."""


class Ledger(Protocol):
    """Links, accounts and journal inside a transaction."""

    def shelves(self, side: SideName, refs: Sequence[str]) -> dict[str, Shelf]:
        """The linked ones of these refs, with all their accounts."""

    def shelves_by_link(self, links: Sequence[int]) -> dict[int, Shelf]: ...
    def post(self, entries: Sequence[tuple[Account, Entry]]) -> None:
        """Save the accounts (the last state of each counts) together with the journal entries that explain them."""

    def save(self, changed: Sequence[Account]) -> None:
        """Save accounts whose sums did not move (an attempt began or ended)."""

    def posted(self, sources: Sequence[str]) -> set[str]:
        """Those of these event keys that moved an account already, as far as the journal tells each change."""

    def open_link(
        self, pair: Pair, offset: Decimal, openings: Mapping[tuple[SideName, str], Decimal], contains: int
    ) -> Link:
        """Make a link with its opening levels by side and outlet, which contain every event up to that message id."""

    def set_offsets(self, links: Sequence[Link]) -> None:
        """Save the offsets of links that moved (an outlet was counted for the first time)."""

    def linked_refs(self) -> dict[SideName, list[str]]: ...
    def drop(self, side: SideName, refs: Mapping[str, int]) -> None:
        """Note that the message of this id told about a ref which no link covers."""

    def dropped_since(self, side: SideName, mark: int) -> set[str]:
        """Refs of which a message after `mark` told while no link covered them."""

    def hold(self, held: Sequence[Held]) -> None:
        """Replace the list of items that are kept out."""

    def held_of_refs(self, side: SideName, refs: Sequence[str]) -> set[str]:
        """Those of these refs that are known to be kept out."""

    def cursor(self, side: SideName) -> str: ...
    def move_cursor(self, side: SideName, cursor: str) -> None: ...
    def paused(self) -> set[SideName]:
        """The sides to which a person has stopped the flow."""

    def pause(self, sides: Sequence[SideName], why: str = "") -> None:
        """Write nothing to these sides until `resume`. `why`: where not a person wanted it; the first reason stays."""

    def resume(self, sides: Sequence[SideName]) -> None: ...
    def note(self, name: str, value: str) -> None:
        """Remember a small fact with the time."""

    def noted(self, name: str) -> str:
        """The fact of that name, "" where there is none."""


class Unit(Outbox, Ledger, Protocol):
    """One transaction on the books: all of it becomes durable together, or none."""

    @property
    def now(self) -> float:
        """Steady seconds at its start."""


class Books(Protocol):
    """Queue, ledger and journal: one database, one transaction at a time."""

    def writing(self) -> AbstractContextManager[Unit]:
        """Raises `StorageTrouble`; then nothing of the transaction is stored."""

    def summary(self) -> Summary:
        """A consistent picture for people and monitoring."""

    def next_due(self, side: SideName | None) -> float | None:
        """When the next message for a side (None: the next event) falls due; None where nothing waits."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that needs a person, or that failed: what, why, and since when."""

    id: int
    key: str
    side: str
    state: str
    reason: str
    sentence: str
    attempts: int
    due_at: float


@dataclass(frozen=True, slots=True)
class Summary:
    """The books at a glance. `messages` counts by state and side ("" are events); `notes` are (value, at) by name;
    `stopped` says why nothing is written to a side, where it was not a person who paused it."""

    messages: Mapping[tuple[str, str], int]
    links: int
    unsettled: int
    held: Mapping[str, int]
    oldest_ready: float | None
    paused: tuple[SideName, ...]
    notes: Mapping[str, tuple[str, float]]
    bytes: int
    stopped: Mapping[SideName, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one signed request brought, with its nonce and the time (steady seconds) when that may be forgotten."""

    told: Sequence[Told]
    nonce: str
    nonce_until: float


class Mailbox(Protocol):
    """Where the listener puts what it was told, before it answers."""

    def deliver(self, parcels: Sequence[Parcel]) -> None:
        """Return only when all of them are on disk, in one commit. Events whose key is known are passed over.

        Raises `StorageTrouble` where they cannot be made durable: then nothing of this call is stored.
        """

    def nonces(self) -> dict[str, float]:
        """The nonces that must still be refused, with their `nonce_until`: read once at start."""


class Controls(Protocol):
    """What a person may ask of the running daemon."""

    def status(self) -> dict[str, object]:
        """In step? since when? freshness per flow, waiting, parked, what needs a person. JSON-ready."""

    def pause(self, flow: str) -> dict[str, object]:
        """Stop writing: flow is `to-pos`, `to-store` or `all`. Raises `Malformed` for another word. Survives a
        restart."""

    def resume(self, flow: str) -> dict[str, object]: ...

    def sync(self, flow: str) -> dict[str, object]:
        """Look now: both feeds are read and everything due is tried again."""

    def hint(self, side: SideName) -> None:
        """That side says that it has news; read its feed soon. Never blocks."""

    def healthy(self) -> tuple[bool, dict[str, object]]:
        """For a watchdog: is the daemon doing its work? No secrets, no figures of the shop."""

    def figures(self) -> dict[str, float]:
        """Gauges for monitoring by Prometheus name, e.g. `tillbridge_messages{state="ready"}`."""


class Archive(Protocol):
    """The old part of the books. Each call works in small transactions, so that it never holds the listener up."""

    def forget_done(self, before: float) -> int:
        """Delete messages settled before that time; how many."""

    def forget_nonces(self, before: float) -> int: ...

    def fold_journal(self, before: float) -> int:
        """Replace each account's entries older than that by one carried sum of each kind; how many went. The entries
        of an account still sum to what is known."""


class Vault(Protocol):
    """Where the pairing with the shop is kept, readable by the daemon's own user only. All raise `StorageTrouble`."""

    def paired(self) -> Paired | None:
        """What was agreed with the shop, None where nothing is."""

    def keep(self, paired: Paired) -> None: ...
    def forget(self) -> None: ...
    def code(self) -> Code | None:
        """The code that waits, None where none does."""

    def expect(self, code: Code) -> None: ...
    def use_code(self) -> None: ...
