"""The books: queue, ledger and journal in one database, one transaction at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from tillbridge.core.accounts import Account, Entry
from tillbridge.core.links import Ended, Held, Pair
from tillbridge.core.marks import Mark
from tillbridge.core.stock import Link, SideName
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Terms
from tillbridge.ports.glance import Glance
from tillbridge.ports.orderbook import Alert, Alerts, OrderBook
from tillbridge.ports.paperwork import Paperwork
from tillbridge.ports.persons import Persons
from tillbridge.ports.queue import NEEDS_LOOKING, Detail, Outbox, Waiting
from tillbridge.ports.runs import Known, Runs
from tillbridge.ports.story import Story

LOOKED = "looked-for-links"
"""The note of a look for links that left nothing waiting to be linked: the latest message when it began."""

NO_TERMS = Terms()
"""What nothing weighs on."""


class Ledger(Protocol):
    """Links, accounts and journal inside a transaction."""

    def shelves(self, side: SideName, refs: Sequence[str]) -> dict[str, Shelf]:
        """The linked ones of these refs, with all their accounts."""

    def shelves_by_link(self, links: Sequence[int]) -> dict[int, Shelf]: ...
    def shelves_by_sku(self, sku: str) -> list[Shelf]:
        """The links that were made for this SKU."""

    def shelves_after(self, link: int, limit: int) -> list[Shelf]:
        """The links whose numbers are above that, in their order."""

    def post(self, entries: Sequence[tuple[Account, Entry]]) -> None:
        """Save the accounts (the last state of each counts) together with the journal entries that explain them."""

    def save(self, changed: Sequence[Account]) -> None:
        """Save accounts whose sums did not move (an attempt began or ended)."""

    def posted(self, sources: Sequence[str]) -> set[str]:
        """Those of these event keys that moved an account already, as far as the journal tells each change."""

    def open_link(
        self,
        pair: Pair,
        offset: Decimal,
        openings: Mapping[tuple[SideName, str], Decimal],
        contains: int,
        terms: Terms = NO_TERMS,
    ) -> Link:
        """Make a link with its opening levels by side and outlet, which contain every event up to that message id, and
        with the terms that hold from then on."""

    def retire(self, ended: Sequence[Ended]) -> None:
        """End these links, with what waits or is told of them; their journal stays."""

    def told_deleted(self, refs: Sequence[str]) -> set[str]:
        """Those of these refs of which the store told that it deleted them for good."""

    def save_links(self, shelves: Sequence[Shelf]) -> None:
        """Save the offsets and terms of these links."""

    def rename(self, skus: Mapping[str, str]) -> int:
        """Links are called by these SKUs, by the store's ref; how many had another."""

    def count_links(self) -> int: ...
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


class Unit(Outbox, Ledger, OrderBook, Alerts, Runs, Story, Paperwork, Persons, Protocol):
    """One transaction on the books: all of it becomes durable together, or none."""

    @property
    def now(self) -> float:
        """Steady seconds at its start."""


class Books(Protocol):
    """Queue, ledger and journal: one database, one transaction at a time."""

    def writing(self) -> AbstractContextManager[Unit]:
        """Raises `StorageTrouble`; then nothing of the transaction is stored."""

    def glancing(self) -> AbstractContextManager[Glance]:
        """What waits as it stands now: it waits for nobody, and holds nobody up. Raises `StorageTrouble`."""

    def noted(self, name: str) -> str:
        """A small fact as it stands now, "" where there is none."""

    def mark(self) -> Mark:
        """How far these books have come: their random name, and a number that only rises."""

    def known(self, side: SideName, refs: Sequence[str]) -> dict[tuple[str, str], Known]:
        """What is known of the linked ones of these refs, by ref and outlet; waits for nobody."""

    def summary(self) -> Summary:
        """A consistent picture for people and monitoring."""

    def next_due(self, side: SideName | None) -> float | None:
        """When the next message for a side (None: the next event) falls due; None where nothing waits."""


class Listing(Protocol):
    """The books as a person looks at them, also while no daemon runs. All raise `StorageTrouble`."""

    def waiting(self, limit: int, states: Sequence[str] = NEEDS_LOOKING) -> list[Waiting]:
        """What needs a person or failed: parked and dead first, then what is being tried again, the newest last."""

    def waiting_in_all(self, states: Sequence[str] = NEEDS_LOOKING) -> int: ...
    def message(self, number: int) -> Detail | None:
        """One message with everything in it, settled or not."""

    def held(self) -> list[Held]:
        """Items kept out of the sync."""

    def alerts(self, limit: int) -> list[Alert]:
        """What a person was told about items and is not over, the oldest first."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The books at a glance. `messages` counts by state and side ("" are events); `notes` are (value, at) by name;
    `stopped` says why nothing is written to a side, where it was not a person who paused it. `settled` is when the last
    message was settled, None where none is kept."""

    messages: Mapping[tuple[str, str], int]
    links: int
    unsettled: int
    held: Mapping[str, int]
    oldest_ready: float | None
    paused: tuple[SideName, ...]
    notes: Mapping[str, tuple[str, float]]
    bytes: int
    stopped: Mapping[SideName, str] = field(default_factory=dict)
    settled: float | None = None
