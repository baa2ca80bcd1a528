"""A shop and a till that a book-keeper compares: what the till was told is what it has, and it sells at its counter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.flows.paper_desk import USUAL, PaperDesk
from tests.flows.world import World
from tillbridge.audit import Audits, Rules
from tillbridge.audit.comparison import Sides
from tillbridge.core import paying
from tillbridge.core.actions import Outcome
from tillbridge.core.documents import AmendSale, Document, DocumentLine, Portion, RecordReturn, RecordSale
from tillbridge.core.order_policy import OrderPolicy
from tillbridge.core.pos_papers import PosPaper, PosPaperKind, PosPaperLine, PosTerms
from tillbridge.core.taken import sold_and_returned
from tillbridge.errors import SideTrouble

BERLIN = timezone(timedelta(hours=1), "Berlin")
NOON = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
DAY = "2026-11-22"


class FakeTill:
    """`ports.PosPapers`: it has what it was told, and what was rung at its counter."""

    def __init__(self) -> None:
        self.papers: list[PosPaper] = []
        self.trouble: SideTrouble | None = None
        self.asked: list[str] = []

    def terms(self) -> PosTerms:
        return PosTerms("EUR", ("cash", "transfer"))

    def find_document(self, key: str, reference: str) -> Outcome:
        raise NotImplementedError

    def document(self, number: str) -> PosPaper | None:
        return next((one for one in self.papers if one.number == number), None)

    def documents_of(self, reference: str) -> tuple[PosPaper, ...]:
        self.asked.append(reference)
        return tuple(one for one in self.papers if one.reference == reference)

    def documents_between(self, begin: datetime, end: datetime) -> Iterator[PosPaper]:
        if self.trouble is not None:
            raise self.trouble
        return (one for one in self.papers if begin <= one.at < end)


class AuditDesk(PaperDesk):
    """With a book-keeper. `at` is when the till records what it is told."""

    def __init__(self, folder: Path, policy: OrderPolicy = USUAL, *, sold: bool = True) -> None:
        super().__init__(World(folder), policy)
        self.till = FakeTill()
        self.at = NOON
        self.policy = policy
        self.sold = sold
        self._recorded = 0
        self.audits = Audits(Rules(self._sides, lambda: BERLIN, lambda: self.policy))

    def _sides(self) -> Sides:
        return Sides(self.world.sql, self.papers, self.till, "shop-1", self.sold)

    def record(self, at: datetime | None = None) -> None:
        """Send everything; the till records what is new, on its own clock."""
        self.write()
        for document in self.documents[self._recorded :]:
            self.till.papers.append(paper_of(document, f"T{len(self.till.papers) + 1}", at or self.at))
        self._recorded = len(self.documents)

    def ring(self, total: str, number: str = "C1", at: datetime = NOON, reference: str = "") -> None:
        """Somebody buys at the counter."""
        line = PosPaperLine("", "12", "CUP", "Cup", Portion(Decimal(1), Decimal(total)))
        amount = Decimal(total)
        self.till.papers.append(
            PosPaper(PosPaperKind.SALE, number, at, "main", (line,), (), {"cash": amount}, amount, reference)
        )

    def audit(self, first: str = DAY, last: str = "") -> Any:
        begun = self.audits.begin(first, last)
        self.audits.go_on()
        number = begun["audit"]
        assert isinstance(number, int)
        return self.audits.look(number)


def paper_of(document: Document, number: str, at: datetime) -> PosPaper:
    """A document as the till shows it afterwards."""
    sold, returned = (tuple(map(_line, lines)) for lines in sold_and_returned(document))
    kind, sign = PosPaperKind.VOID, -1
    if isinstance(document, RecordSale):
        kind, sign = PosPaperKind.SALE, 1
    elif isinstance(document, AmendSale):
        kind, sign = PosPaperKind.EXCHANGE, 1 if document.total >= 0 else -1
    elif isinstance(document, RecordReturn):
        kind = PosPaperKind.RETURN
    total = document.total if isinstance(document, AmendSale) else sign * document.total
    payments = {name: sign * amount for name, amount in paying.by_type(document.payments).items()}
    heading = document.heading
    return PosPaper(
        kind, number, at, "main", sold, returned, payments, total, heading.reference, heading.number, key=document.key
    )


def _line(line: DocumentLine) -> PosPaperLine:
    return PosPaperLine(line.line, line.item, "CUP", line.name, line.portion, line.restock)
