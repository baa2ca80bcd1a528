"""The store's orders in the books: what their lines hold, and which of them stirred."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from tillbridge.core.positions import Line, LineKey, Order
from tillbridge.core.stock import SideName


@dataclass(frozen=True, slots=True)
class Stirred:
    """An order of which something was told (at `at`, steady seconds), until its lines were compared with ours.

    `seen` is the difference that the latest look found, and `seen_at` since when it has been the same.
    """

    order: str
    at: float
    seen: str
    seen_at: float | None


class OrderBook(Protocol):
    """Orders and lines inside a transaction."""

    def orders(self, refs: Collection[str]) -> dict[str, Order]: ...
    def lines_of_orders(self, refs: Collection[str]) -> list[Line]: ...
    def lines_of_link(self, link: int) -> list[Line]: ...
    def told_of_lines(self, order: str) -> dict[LineKey, list[Decimal]]:
        """How the level at the store moved for each line of an order, as far as the journal tells each change."""

    def recent_lines(self, links: Sequence[int], limit: int) -> dict[int, list[Line]]:
        """Of each link the latest lines that hold something, the newest first."""

    def orders_since(self, at: float) -> dict[str, Order]:
        """Those of which something new was told since then (steady seconds), as they are now."""

    def save_orders(self, orders: Sequence[Order]) -> None: ...
    def save_lines(self, lines: Sequence[Line]) -> None: ...
    def not_admitted(self, limit: int, after: str = "") -> list[Order]:
        """Orders that are not admitted yet, by ref, above `after`."""

    def gone_and_holding(self) -> list[Line]:
        """Lines of orders that were deleted in the shop and still hold stock."""

    def stir(self, orders: Collection[str], due_at: float) -> None:
        """Their lines are to be compared with ours, from then on."""

    def stir_holding(self, due_at: float) -> None:
        """The same for every order of which a line holds something."""

    def doubt_gone(self) -> None:
        """Take no order that still holds stock for deleted, until comparing has found it missing again."""

    def stirred(self, limit: int) -> list[Stirred]:
        """Those that are due, the longest waiting first."""

    def are_stirred(self) -> bool:
        """Whether there are any, due or not: the cheapest of questions."""

    def links_at_odds(self, since: float) -> set[int]:
        """The links of which a line was seen to hold something else than ours, first since then, and is not settled."""

    def note_difference(self, order: str, seen: str, due_at: float) -> None:
        """What a look found, and when to look again."""

    def calm(self, orders: Sequence[Stirred]) -> None:
        """They were compared; one that stirred again since stays."""

    def look_again(self, side: SideName, refs: Collection[str]) -> None:
        """The levels of these items must be read once more."""

    def to_look_at(self, side: SideName, limit: int, until: float) -> list[str]:
        """Those last asked for by then, the longest waiting first; none of which a write is under way, for a level says
        nothing until it is settled."""

    def asked_for(self, side: SideName, since: float) -> set[str]:
        """Those last asked for since then, and not read yet."""

    def looked_at(self, side: SideName, refs: Sequence[str], until: float) -> None:
        """They were read. What was asked for again after that stays."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something about an item that a person was told and that is not over."""

    kind: str
    sku: str
    amount: Decimal
    words: str
    at: float


class Alerts(Protocol):
    """What a person is told about items, inside a transaction."""

    def alerts(self, kind: str, links: Sequence[int]) -> dict[int, Decimal]:
        """The amounts that were told of these links."""

    def alert(self, link: int, kind: str, amount: Decimal, words: str) -> None:
        """Tell it, or tell it anew; since when it stands does not change."""

    def end_alerts(self, kind: str, links: Sequence[int]) -> None: ...
