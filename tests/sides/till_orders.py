"""A web order of three cups, and a till with its adapter on a line that fails as told."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.till.builders import CUP, TOKEN, Caller, Hands, a_book
from tillbridge.core.actions import Outcome
from tillbridge.core.documents import DocumentLine, Heading, Payment, Portion, RecordSale
from tillbridge.errors import SideTrouble
from tillbridge.sides.http import Answer
from tillbridge.sides.till.side import TillSide
from tillbridge.till.book import Book

D = Decimal
REFERENCE = "shop:41"
HEADING = Heading(REFERENCE, "1041", "", "EUR")
AT = "2026-11-22T09:30:00Z"
CUPS = DocumentLine("7", str(CUP), "Cup", Portion(D(3), D("25.19"), {"VAT 19": D("4.79")}))
POST = DocumentLine("8", "", "Post\nwith a break", Portion(D(0), D("4.9"), {"VAT 19": D("0.93")}))
REBATE = DocumentLine("9", "", "Rebate", Portion(D(0), D("-2"), {}))
SALE = RecordSale("a1-k1", HEADING, AT, (CUPS, POST, REBATE), (Payment("card", D("33.81")),), D("33.81"))

TOPICS = frozenset({"pos.returned", "pos.collected", "pos.shipped", "pos.customer"})


class World:
    """A till, its adapter, and a line between them that fails as told: `before` the POS heard, or `after`."""

    def __init__(self, topics: frozenset[str] = TOPICS) -> None:
        self.book: Book = a_book()
        self.call = Caller(self.book)
        self.trouble: list[tuple[str, SideTrouble | None]] = []
        self.asked: list[tuple[str, str]] = []
        self.side = TillSide(self._exchange, TOKEN, Hands(), sell_from="main", tag="a1", topics=topics)

    def _exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.asked.append((method, target))
        when, trouble = self.trouble.pop(0) if self.trouble else ("", None)
        if trouble is not None and when == "before":
            raise trouble
        answer = self.call.api.handle(method, target, headers, body)
        if trouble is not None:
            raise trouble
        return Answer(answer.status, answer.headers, answer.body)

    def act(self, *actions: Any) -> list[Outcome]:
        return self.side.apply(actions)
