"""A shop and a till of which the till tells too: what came back there, was handed over, was sold at the counter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.builders import CUP_POS, CUP_STORE, POS, moved, movement, order_told
from tests.core.orders import CREATED
from tests.fakes import keys
from tests.flows.paper_desk import USUAL, FakePapers, PaperDesk
from tests.flows.world import LEASE, STORE, WEEK, World
from tillbridge.core import codec
from tillbridge.core.actions import Outcome
from tillbridge.core.documents import Portion
from tillbridge.core.drafts import DraftLine, Made, OrderDraft, RefundDraft
from tillbridge.core.events import Cause, LookAt
from tillbridge.core.homeward import Homeward
from tillbridge.core.order_policy import OrderPolicy
from tillbridge.core.paper import LineKind, Paper, PaperLine, Person, Refund, RefundLine
from tillbridge.core.pos_papers import PosPaper, PosPaperKind, PosPaperLine, PosTerms
from tillbridge.core.stock import ZERO
from tillbridge.core.targets import target
from tillbridge.errors import CallRefused, SideTrouble
from tillbridge.relay import Chance, Written
from tillbridge.returning import ReturnRelay, ReturnRules

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TOPICS = {"sale": "pos.sold", "pickup": "pos.collected", "shipment": "pos.shipped"}
SALES = Homeward(pos_sales=True, payments={"cash": "cod"}, currency="EUR", taxes={"VAT": "7"})


def piece(
    quantity: str = "1", net: str = "10", line: str = "3", item: str = CUP_POS, restock: bool = True, **tax: str
) -> PosPaperLine:
    """So many cups of a document."""
    taxes = {name: Decimal(amount) for name, amount in tax.items()}
    name = "Cup" if item else "Bag"
    return PosPaperLine(line, item, "", name, Portion(Decimal(quantity), Decimal(net), taxes), restock)


def document(kind: str, number: str, total: str, order: str = "9001", **more: object) -> PosPaper:
    """A document about a web order ("": of the counter's own)."""
    paper = PosPaper(PosPaperKind(kind), number, AT, "main", total=Decimal(total))
    return replace(paper, **({"reference": f"shop-1:{order}" if order else ""} | more))  # type: ignore[arg-type]


COUNTER_SALE = document(
    "sale", "S-1", "20", order="", sold=(piece("2", "20", line=""),), payments={"cash": Decimal(20)}
)  # fmt: skip
"""Two cups of the counter's own."""


class FakeTill:
    """`ports.PosPapers` by script."""

    def __init__(self) -> None:
        self.papers: dict[str, PosPaper] = {}
        self.trouble: SideTrouble | None = None

    def terms(self) -> PosTerms:
        return PosTerms("EUR", ("cash", "transfer"))

    def find_document(self, key: str, reference: str) -> Outcome:
        raise NotImplementedError

    def document(self, number: str) -> PosPaper | None:
        if self.trouble is not None:
            raise self.trouble
        return self.papers.get(number)

    def documents_of(self, reference: str) -> tuple[PosPaper, ...]:
        return tuple(paper for paper in self.papers.values() if paper.reference == reference)

    def documents_between(self, begin: datetime, end: datetime) -> Iterator[PosPaper]:
        return (paper for paper in self.papers.values() if begin <= paper.at < end)


class StirringPapers(FakePapers):
    """An order of which something happens at the very moment at which it is read: `before` is in it, `after` is not."""

    def __init__(self) -> None:
        super().__init__()
        self.before: Callable[[], object] | None = None
        self.after: Callable[[], object] | None = None

    def paper(self, order: str) -> Paper | None:
        before, self.before = self.before, None
        if before is not None:
            before()
        found = super().paper(order)
        after, self.after = self.after, None
        if after is not None:
            after()
        return found


class FakeDocuments:
    """`ports.papers.Documents` of a shop that makes each thing once by its key, and tells of it as WooCommerce does.
    `trouble` is raised instead, `lost` after it was made; where its hooks are `dead` it tells nothing."""

    def __init__(self, desk: ReturnDesk) -> None:
        self._desk = desk
        self.refunds: dict[str, RefundDraft] = {}
        self.orders: dict[str, OrderDraft] = {}
        self.statuses: list[tuple[str, str, bool]] = []
        self.calls = 0
        self.trouble: SideTrouble | None = None
        self.lost: SideTrouble | None = None
        self.before: Callable[[], object] = lambda: None
        self.dead = False

    def make_refund(self, draft: RefundDraft) -> Made:
        self._begin()
        again = draft.key in self.refunds
        if not again:
            self._refund(draft)
        self._end()
        return Made(f"r{len(self.refunds)}", self._desk.papers.shop[draft.order].status, again)

    def make_order(self, draft: OrderDraft) -> Made:
        self._begin()
        again = draft.key in self.orders
        self.orders[draft.key] = draft
        number = str(5000 + list(self.orders).index(draft.key))
        lines = {line.line: str(at) for at, line in enumerate(draft.lines, start=71)}
        if not again:
            shown = [
                PaperLine(
                    lines[line.line], LineKind.ITEM if _counts(line) else LineKind.FEE, line.name, line.quantity,
                    line.net, line.taxes, refs=(line.ref,) if _counts(line) else (),
                    reduced=line.held if _counts(line) else ZERO,
                )
                for line in draft.lines
            ]  # fmt: skip
            paper = Paper(number, number, draft.status, draft.currency, draft.at, draft.paid, draft.total, tuple(shown))
            self._keep(replace(paper, from_pos=draft.document))
        self._end()
        return Made(number, draft.status, again, lines)

    def set_status(self, order: str, status: str, *, mail: bool = False) -> Made:
        self._begin()
        self.statuses.append((order, status, mail))
        self._keep(replace(self._desk.papers.shop[order], status=status))
        return Made(order, status)

    def _begin(self) -> None:
        self.calls += 1
        self.before()
        if self.trouble is not None:
            raise self.trouble

    def _end(self) -> None:
        lost, self.lost = self.lost, None
        if lost is not None:
            raise lost

    def _refund(self, draft: RefundDraft) -> None:
        paper = self._desk.papers.shop[draft.order]
        if draft.amount > paper.total - sum((one.amount for one in paper.refunds), ZERO):
            raise CallRefused("Invalid refund amount")
        self.refunds[draft.key] = draft
        back = {line.line: line for line in draft.lines}
        lines = tuple(
            replace(line, reduced=max(line.reduced - back[line.id].restocked, ZERO)) if line.id in back else line
            for line in paper.lines
        )
        parts = tuple(RefundLine(line.line, line.quantity, line.net, line.taxes) for line in draft.lines)
        refunds = (*paper.refunds, Refund(f"r{len(self.refunds)}", CREATED, draft.amount, parts))
        gone = sum((one.amount for one in refunds), ZERO) == paper.total
        status = "refunded" if gone else paper.status
        self._keep(replace(paper, lines=lines, refunds=refunds, status=status))

    def _keep(self, paper: Paper) -> None:
        self._desk.papers.shop[paper.ref] = paper
        if self.dead:
            return
        self._desk.world.store.tell(order_told(f"made-{self.calls}-{paper.ref}", paper.status, int(paper.ref)))


def _counts(line: DraftLine) -> bool:
    """Whether the shop keeps it as goods: it counts in whole pieces."""
    return bool(line.ref) and not line.quantity % 1


class ReturnDesk(PaperDesk):
    """The engine with documents both ways."""

    papers: StirringPapers

    def __init__(
        self,
        world: World,
        home: Homeward = SALES,
        policy: OrderPolicy = USUAL,
        send_on: frozenset[str] = frozenset(),
    ) -> None:
        self.till = FakeTill()
        self.made = FakeDocuments(self)
        self.home = home
        self.shopper: Callable[[str], Person | None] = lambda _ref: None
        self.dies_at = ""
        super().__init__(world, policy, send_on)
        self.papers = StirringPapers()
        self.rules = replace(self.rules, site="shop-1")
        self.wake(policy)

    def wake(self, policy: OrderPolicy = USUAL, life: str = "key") -> None:
        super().wake(policy, life)
        self.returns = ReturnRelay(
            self.world.sql,
            (self.papers, self.made),
            self.till,
            ReturnRules(
                "shop-1", lambda: policy, lambda: self.home, LEASE, WEEK, self.home.mail, lambda ref: self.shopper(ref)
            ),
            Chance(keys(f"{life}-return"), lambda: 0.0),
            self._pass,
            lambda: self.world.work.drain()[STORE],
        )

    def _pass(self, point: str) -> None:
        if point == self.dies_at:
            self.dies_at = ""
            raise KeyboardInterrupt

    def happens(self, paper: PosPaper, *, again: str = "") -> None:
        """Something is recorded at the till, which tells of its stock and of the document."""
        self.till.papers[paper.number] = paper
        kind = "exchange" if paper.kind is PosPaperKind.EXCHANGE and paper.reference else str(paper.kind)
        deltas = [-line.portion.quantity for line in paper.sold if line.item == CUP_POS]
        deltas += [line.portion.quantity for line in paper.returned if line.item == CUP_POS and line.restock]
        told = []
        if sum(deltas, ZERO) and not again and not paper.key:
            event = moved(movement(str(sum(deltas, ZERO))), event_id=f"stock-{paper.number}")
            told.append(codec.encode_moved(replace(event, cause=Cause(kind, paper.number))))
        topic = TOPICS.get(kind, "pos.returned")
        look = LookAt(POS, f"{paper.number}:paper{again}", "", topic, paper.number, paper.reference)
        self.tell(*told, codec.encode_look(look))

    def keep(self) -> Written:
        return self.returns.write()

    def write(self) -> None:
        for _ in range(2):
            while self.returns.write().messages:
                pass
            super().write()

    def levels(self) -> tuple[str, str]:
        """What the books know of both sides."""
        return self.world.known(STORE), self.world.known(POS)

    def notes(self) -> list[tuple[object, ...]]:
        """What stands with the settled documents of the till."""
        return self.world.rows("SELECT error FROM message WHERE key LIKE 'pos-paper:%' AND state = 'done'")


def sold_two(folder: Path) -> ReturnDesk:
    """Two cups of ten were ordered, and the till knows."""
    made = ReturnDesk(World(folder))
    made.order("2")
    made.write()
    return made


def come_back(desk: ReturnDesk, **more: Any) -> None:
    """One of them is returned at the counter."""
    desk.happens(document("return", "R-1", "-10", returned=(piece(),), payments={"transfer": Decimal(-10)}, **more))


def targets_of(desk: ReturnDesk) -> tuple[str, str]:
    """What each side ought to show."""
    shelf = desk.shelf()
    return str(target(STORE, shelf)), str(target(POS, shelf))


__all__ = ["AT", "CUP_STORE", "SALES", "ReturnDesk", "come_back", "document", "piece", "sold_two", "targets_of"]
