"""Sums of a day on one side: how many, how much, by what it was paid, and by tax."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from tillbridge.core.auditing import Share
from tillbridge.core.pos_papers import PosPaper, PosPaperKind
from tillbridge.core.stock import ZERO, plain

COUNTS = ("sales", "changes", "refunds")
VALUES = ("sold", "given_back", "total")


@dataclass(slots=True)
class Tally:
    """Grows piece by piece. `sales`, `changes` and `refunds` are counts; `sold` and `given_back` are both positive."""

    sales: int = 0
    changes: int = 0
    refunds: int = 0
    sold: Decimal = ZERO
    given_back: Decimal = ZERO
    payments: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    nets: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    taxes: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    @property
    def total(self) -> Decimal:
        return plain(self.sold - self.given_back)

    def sale(self, share: Share) -> None:
        """An order was made."""
        self.sales += 1
        self.sold = plain(self.sold + share.total)
        self._sums(share)

    def refund(self, share: Share) -> None:
        """Something came back; the amounts of `share` are below zero."""
        self.refunds += 1
        self.given_back = plain(self.given_back - share.total)
        self._sums(share)

    def document(self, document: PosPaper, share: Share) -> None:
        """A document of the POS. Of a change what was sold besides and what came back count apart."""
        match document.kind:
            case PosPaperKind.RETURN | PosPaperKind.VOID:
                self.refund(share)
            case PosPaperKind.EXCHANGE:
                back = sum((line.portion.gross for line in document.returned), ZERO)
                self.changes += 1
                self.given_back = plain(self.given_back + back)
                self.sold = plain(self.sold + share.total + back)
                self._sums(share)
            case _:
                self.sale(share)

    def _sums(self, share: Share) -> None:
        for name, amount in share.paid.items():
            self.payments[name] += amount
        for name, (net, tax) in share.rates.items():
            self.nets[name] += net
            self.taxes[name] += tax
