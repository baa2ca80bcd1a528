"""What the shop's orders say in full: lines, amounts, refunds, people; and orders and refunds that we make there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from tillbridge.core.drafts import Made, OrderDraft, RefundDraft
from tillbridge.core.paper import Paper


class Papers(Protocol):
    """Orders as the shop shows them now. All raise `SideTrouble`; what cannot be read is never taken for zero."""

    def paper(self, order: str) -> Paper | None:
        """An order, with its refunds, as both are at one moment; one in the trash too. None: the shop has no such
        order."""

    def papers_between(self, begin: datetime, end: datetime) -> Iterator[Paper]:
        """For an audit: every order that was created or paid, or of which a refund was made, at `begin` or later and
        before `end` (aware times), each once, by its number in the shop; those in the trash after all others.

        What such an order shows is its state now, not that of then: refunds of later days are in it.
        """


class Documents(Protocol):
    """Orders and refunds that the shop makes for us. None of these moves stock, and no customer gets a mail unless it
    is asked for.

    Each raises `SideTrouble`. Where that says that nobody knows what became of it, the same call is made again: under
    its key the shop does it once. What the shop refuses is `CallRefused`, a `BadAnswer`, in its own words: nothing was
    done.
    """

    def make_order(self, draft: OrderDraft) -> Made:
        """An order from a sale at the POS."""

    def make_refund(self, draft: RefundDraft) -> Made:
        """A refund from a return at the POS. Refused where it is more than what is left of the order."""

    def set_status(self, order: str, status: str, *, mail: bool = False) -> Made:
        """Give an order a status, such as completed; one that has it already stays as it is. Stock moves only where
        WooCommerce moves it for an order that never held any."""
