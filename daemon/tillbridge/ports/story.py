"""What the books can tell of an item or an order, so that a person sees where each number comes from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from tillbridge.core.accounts import Account, EntryKind
from tillbridge.core.links import Ended
from tillbridge.core.positions import Line
from tillbridge.core.stock import SideName
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Effect
from tillbridge.ports.orderbook import Alert, Stirred
from tillbridge.ports.pending import Outgoing, Pending
from tillbridge.ports.runs import Row, Ruling, Run, Sighting


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A line of the journal with its time (steady seconds)."""

    link: int
    side: SideName
    outlet: str
    kind: EntryKind
    amount: Decimal
    cause: str
    document: str
    line: str
    effect: Effect
    run: int
    at: float


@dataclass(frozen=True, slots=True)
class Chapter:
    """The latest lines of one account, the oldest first, and what all those before them come to."""

    earlier: Decimal
    earlier_lines: int
    lines: tuple[JournalLine, ...]


class Story(Pending, Protocol):
    """A consistent picture of the books, for looking only."""

    def paused(self) -> set[SideName]: ...
    def shelves(self, side: SideName, refs: Sequence[str]) -> dict[str, Shelf]:
        """The linked ones of these refs."""

    def count_links(self) -> int: ...
    def ended(self, sku: str) -> list[Ended]:
        """The links of this SKU that ended, the oldest first."""

    def lines_of_orders(self, refs: Collection[str]) -> list[Line]: ...
    def lines_of_link(self, link: int) -> list[Line]: ...
    def rulings_of_link(self, link: int, limit: int) -> list[Ruling]: ...
    def rulings_of_run(self, run: int, links: Sequence[int] | None = None) -> list[Ruling]:
        """In their order; at these links only, where they are named."""

    def run(self, number: int) -> Run | None: ...
    def runs_tidied(self, number: int) -> float | None:
        """Where there was a run of that number and it is not kept any more: runs that ended before that time (steady
        seconds) are not. None where there never was one."""

    def chapter(self, account: Account, limit: int) -> Chapter:
        """The journal of one account."""

    def about(self, document: str, limit: int) -> list[JournalLine]:
        """The latest lines of the journal that name this document, the oldest first."""

    def entered_by(self, run: int, links: Sequence[int] | None = None) -> list[JournalLine]:
        """The lines of the journal that a run made; at these links only, where they are named."""

    def sightings_of(self, link: int) -> list[Sighting]: ...
    def alerts_of(self, link: int) -> list[Alert]: ...
    def outgoing(self, link: int) -> list[Outgoing]: ...
    def stirred_order(self, order: str) -> Stirred | None:
        """Whether the lines of this order still are to be compared with ours."""

    def recent_runs(self, limit: int) -> list[tuple[Run, int]]:
        """The latest first, with how much each found."""

    def found(self, run: int, limit: int) -> list[Row]:
        """Of what a run found the first by SKU, so many at the most."""

    def worst_found(self, run: int, limit: int) -> list[Row]:
        """The largest differences, the largest first."""

    def amounts_found(self, run: int) -> list[tuple[SideName, Decimal]]:
        """Every difference that a run found, by side."""

    def skus(self, links: Collection[int]) -> dict[int, str]: ...


class Stories(Protocol):
    """Where a picture is taken. Raises `StorageTrouble`."""

    def reading(self) -> AbstractContextManager[Story]:
        """It waits for nobody, and holds nobody up."""
