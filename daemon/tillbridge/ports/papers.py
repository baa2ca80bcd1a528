"""What the shop's orders say in full: lines, amounts, refunds, people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

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
