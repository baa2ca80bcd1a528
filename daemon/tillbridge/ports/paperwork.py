"""What the books know of the documents of orders: what the POS has, and the document under way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from tillbridge.core.filing import Filing
from tillbridge.core.taken import Taken
from tillbridge.ports.arrivals import Arrivals
from tillbridge.ports.queue import Message

OUR_REASONS = (
    "currency", "totals_differ", "unlinked_line", "no_open_lines", "unmapped_tax", "unmapped_payment", "negative_total",
)  # fmt: skip
"""Why an order is parked before the POS is asked; any other reason is the POS's own."""

STOCK_ONLY = "stock_only"
"""Why an order gets no document: a person said that its stock is all that the POS is to know of it."""


def without_customer(order: str) -> str:
    """The note that says: the POS is told of this order without its customer."""
    return f"without-customer:{order}"


def by_hand(order: str) -> str:
    """The note that says when the order had stirred last (as text) when a person said: what the POS was to be told then
    was done there by hand."""
    return f"by-hand:{order}"


def send_anyway(order: str) -> str:
    """The note that says: the POS is told of this order, though the settings leave it out."""
    return f"send-anyway:{order}"


def void_wanted(order: str) -> str:
    """The note that says: the order was deleted in the shop, and its sale at the POS is to be void."""
    return f"void:{order}"


@dataclass(frozen=True, slots=True)
class Dossier:
    """An order and its documents. `taken` is what the POS confirmed, `filing` the document under way.

    `alone` says why it gets no document ("" where it gets one), `stirred_at` when something of it was told last (steady
    seconds), `filed_at` when the POS took the latest document. `left_out`: the shop's refs of what the owner's settings
    leave out of them, because nothing of the POS is linked to it.
    """

    order: str
    taken: Taken = field(default_factory=Taken)
    filing: Filing | None = None
    alone: str = ""
    stirred_at: float = 0.0
    filed_at: float | None = None
    left_out: frozenset[str] = frozenset()


class Paperwork(Arrivals, Protocol):
    """Documents of orders inside a transaction."""

    def dossier(self, order: str) -> Dossier:
        """What is known of an order's documents; an empty one where nothing is."""

    def save_dossier(self, dossier: Dossier) -> None:
        """All of it but `stirred_at`."""

    def stir_papers(self, orders: Collection[str]) -> None:
        """The documents of these orders are to be computed anew: one message for each order, which falls due now and
        leaves parked and dead. What the POS told of them and waits for a person is tried again."""

    def stir_left_out(self, refs: Collection[str]) -> bool:
        """Something of the POS is linked to these products of the shop now: the orders whose documents leave one of
        them out are computed anew. Whether there are any."""

    def untold_papers(self) -> list[str]:
        """Every order whose documents are still to be computed or told, whatever they wait for."""

    def claim_papers(self, limit: int, lease_seconds: float) -> list[Message]:
        """Orders whose documents are due, under a fresh lease; the body of each message is the order. Those of which a
        refund is being made wait."""

    def retry_refused(self) -> int:
        """Orders that the POS refused are tried again now; how many."""

    def filings(self) -> Sequence[Filing]:
        """Every document under way."""


Moves = dict[tuple[int, str], Decimal]
"""By how much a document moves the POS's level, by link and outlet."""
