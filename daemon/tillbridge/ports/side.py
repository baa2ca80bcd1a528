"""The two ends of the bridge, in one shape: count, watch, look, act."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tillbridge.core.actions import Action, Loss, Outcome, Trace
from tillbridge.core.difference import Returns
from tillbridge.core.events import Told
from tillbridge.core.marks import Mark
from tillbridge.core.paper import Person
from tillbridge.core.pos_papers import PosPaper, PosPerson, PosTerms
from tillbridge.core.stock import PRECISION, Item, Level, SideName


class Feed(StrEnum):
    """What a side's feed tells."""

    CHANGES = "changes"
    LEVELS = "levels"


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a side can do, so that the planner refuses early and in words.

    `actions`: accepted action types. `precision`: decimal places of a quantity. `batch`: actions a call.
    `parallel`: calls borne at once. `key_memory`: seconds for which it knows a key (None: it knows none).
    `history`: `find` can say what a write without a key left behind. `below_zero`: it takes a level below zero.
    `lag`: seconds by which the levels that it shows may trail what happened. `overlaps`: pages of its feed may begin
    with what the page before ended with (a cursor that is a time). `open_lines`: its documents take lines without an
    item. `returns`: which goods of a return it puts back on the shelf. `groups`: its customers come in groups.
    """

    actions: frozenset[type]
    precision: int = PRECISION
    batch: int = 100
    parallel: int = 2
    key_memory: float | None = None
    history: bool = False
    below_zero: bool = True
    feed: Feed = Feed.CHANGES
    lag: float = 0.0
    overlaps: bool = False
    open_lines: bool = False
    returns: Returns = Returns.ALL_BACK
    groups: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Can we work with this account? Every problem at once, each with its fix; `facts` for people."""

    problems: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)


class HopState(StrEnum):
    """How a hop was found. Unknown is not well."""

    WELL = "well"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Hop:
    """One thing on the way from shop to till that must work: how it was found, and what a person does about it."""

    name: str
    state: HopState
    detail: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of the change feed, and the cursor that the side itself gave for the next one.

    `mark`: how far the side's database has come, where it says so. `ours`: how far it had heard that our own books had
    come, before we asked for this page; None where it keeps none of this, or never heard of these books.
    """

    told: tuple[Told, ...]
    cursor: str
    more: bool
    mark: Mark | None = None
    ours: Mark | None = None


class Side(Protocol):
    """One end of the bridge: count, watch, look, act. Both ends have this one shape."""

    name: SideName
    abilities: Abilities

    def check(self) -> Report:
        """Everything that would keep us from working with this account. Never raises for what it finds."""

    def hops(self) -> tuple[Hop, ...]:
        """Everything between us and this side's data, looked at now. Never raises for what it finds."""

    def levels(self) -> Iterator[Level]:
        """A full count, streamed; unknown where unknown. Raises `SideTrouble`."""

    def levels_of(self, ref: str) -> tuple[Level, ...]:
        """What the side shows now for one item, by outlet; nothing where it has no such item. Raises `SideTrouble`."""

    def catalogue(self) -> Iterator[Item]:
        """Every sellable item, streamed. Raises `SideTrouble`."""

    def changes_since(self, cursor: str) -> Changes:
        """The next page after `cursor`; "" means from now on. Handing a cursor back says that everything before it
        is durably ours, and the side may forget it. Raises `SideTrouble`."""

    def watermark(self) -> str:
        """Where its history of movements stands now, "" where it keeps none: whatever we write later lies above. Raises
        `SideTrouble`."""

    def find(self, trace: Trace) -> Outcome:
        """What an adjustment left behind: `applied`, `not_found`, or `uncertain` where nothing can be said. Raises
        `SideTrouble`, and `Unsupported`."""

    def lost(self, ref: str, outlet: str, /) -> tuple[Loss, ...]:
        """Writes of ours whose effect its level lost, as its history shows; none where it keeps none. Raises
        `SideTrouble`."""

    def apply(self, actions: Sequence[Action]) -> list[Outcome]:
        """One outcome for each action, in order; never raises: trouble is an outcome."""


class Taking(Protocol):
    """The part of a side that is told things."""

    @property
    def abilities(self) -> Abilities: ...
    def apply(self, actions: Sequence[Action]) -> list[Outcome]:
        """One outcome for each action, in order; never raises: trouble is an outcome."""


class Hinting(Protocol):
    """A POS that can say by itself that it has news. All raise `SideTrouble`."""

    def enable_hints(self, url: str, secret: str) -> None:
        """Tell that address whenever something changed, signed with the secret."""

    def hints(self) -> str | None:
        """The address that is told, None where nobody is."""

    def disable_hints(self) -> None: ...


class PosPapers(Protocol):
    """A POS that takes documents (the actions of its abilities say which) and can be asked for them. All raise
    `SideTrouble`."""

    def terms(self) -> PosTerms:
        """What its documents may name: currency, payment types, taxes."""

    def find_document(self, key: str, reference: str) -> Outcome:
        """What a document sent under `key` for the order `reference` left behind: `applied` (with its number) or
        `not_found`; a request that is still under way may follow."""

    def document(self, number: str) -> PosPaper | None:
        """One document by the POS's number, None where there is none."""

    def documents_of(self, reference: str) -> tuple[PosPaper, ...]:
        """Everything that it has of an order, oldest first."""

    def documents_between(self, begin: datetime, end: datetime) -> Iterator[PosPaper]:
        """What happened at the counter, and of web orders, from `begin` (included) to `end` (not), streamed."""


class PosPeople(Protocol):
    """A POS that knows customers."""

    def find_person(self, email: str, phone: str) -> tuple[PosPerson, ...]:
        """Whoever has that e-mail address, or that phone number (in E.164, or as it is dialled within its country).
        Empty texts find nobody. Raises `SideTrouble`."""

    def person(self, ref: str) -> PosPerson | None:
        """One customer by the POS's id, None where there is none. Raises `SideTrouble`."""

    def put_person(self, person: Person, ref: str = "", group: str = "", /) -> Outcome:
        """Write a customer down: the one of that id, else one that is new, unless this shop's customer is there
        already. Who is new comes into that group, where the POS has groups. The outcome's `document` is the POS's id.
        Never raises."""

    def erase_person(self, ref: str) -> Outcome:
        """Make the POS forget who that customer was. Never raises."""
