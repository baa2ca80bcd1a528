"""Runs: looks at a whole shop and what came of them, and the rulings that moved the terms of a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from tillbridge.core.accounts import Account, Entry
from tillbridge.core.findings import Finding, Seen
from tillbridge.core.stock import SideName
from tillbridge.core.targets import Shelf

RECONCILE, PLAN, UNDO, DECISION = "reconcile", "plan", "undo", "decision"
"""The kinds of runs. A plan finds what a reconcile would, and does nothing."""

LOOKING, WAITING, HELD, DONE, FAILED = "looking", "waiting", "held", "done", "failed"
UNDOING = "undoing"
"""The states of a run. Held: it would change too much, and a person must say `go-on`. Undoing: an undo that is not at
its end."""

RECONCILED, RECONCILE_FAILED = "reconciled", "reconcile_failed"
"""The notes of the last run over the whole shop that ended well, and of the latest that failed since ("": none did)."""


@dataclass(frozen=True, slots=True)
class Run:
    """Something that was done to many items under one number. `scope` is "" for the whole shop, else an SKU or the
    number of another run. Times are steady seconds; `facts` are JSON-ready figures and words."""

    id: int
    kind: str
    scope: str
    state: str
    started: float
    finished: float | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A finding as it is shown, with its item."""

    link: int
    sku: str
    side: SideName
    outlet: str
    level: Decimal
    known: Decimal
    amount: Decimal
    verdict: str
    words: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """A difference that was seen once, since when it has been the same; acted on when it is seen again."""

    seen: Seen
    since: float


@dataclass(frozen=True, slots=True)
class Ruling:
    """What moved the terms of a link without moving an account: by how much each of them (`offset` among them)."""

    link: int
    run: int
    kind: str
    document: str
    changes: Mapping[str, Decimal]
    words: str
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Known:
    """What the books know of one level, for a comparison of many. `quiet_since` is when the account last changed, None
    while a write is under way; `backorders` whether the shop may sell the item below zero."""

    link: int
    known: Decimal
    quiet_since: float | None
    backorders: bool = False


class Runs(Protocol):
    """Runs, sightings and rulings inside a transaction."""

    def start_run(self, kind: str, scope: str, state: str, facts: Mapping[str, object]) -> Run: ...
    def run(self, number: int) -> Run | None: ...
    def runs_in(self, states: Sequence[str]) -> list[Run]:
        """The oldest first."""

    def save_run(self, run: Run) -> None:
        """State, end and facts."""

    def findings(self, run: int, found: Sequence[tuple[Finding, str]]) -> None:
        """Keep them with what was done, in words."""

    def found_by(self, run: int, links: Sequence[int] | None = None) -> list[Row]:
        """What it found; at these links only, where they are named."""

    def links_of_run(self, run: int, after: int, limit: int | None) -> list[int]:
        """The links at which a run entered or ruled something, by number, above `after`; None: all of them."""

    def count_links_of_run(self, run: int) -> int: ...
    def entries_of(self, run: int) -> list[tuple[Account, Entry]]:
        """What a run entered, with the accounts as they are now, in the order in which it did."""

    def sightings(self) -> list[Sighting]: ...
    def sight(self, seen: Sequence[Seen]) -> None:
        """Remember them, each since it was first the same."""

    def forget_sightings(self, places: Sequence[Seen]) -> None: ...
    def rule(self, before: Shelf, after: Shelf, run: int, kind: str, document: str, words: str) -> None:
        """Save a link whose terms moved, with the reason. Moves nothing where nothing differs."""

    def rulings_of_run(self, run: int, links: Sequence[int] | None = None) -> list[Ruling]: ...
    def rulings_of_link(self, link: int, limit: int) -> list[Ruling]:
        """The latest first."""

    def noted_under(self, beginning: str) -> dict[str, str]:
        """The facts whose names begin so and that say something."""
