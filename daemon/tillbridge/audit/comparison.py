"""Compares shop and POS over a period, order by order: both are read, nothing is written anywhere.

What each side counts: the shop a sale on the day when the order was made and a refund on its own day; the POS every
document by its own date. So a sale that was sent after midnight is on two different days, and is told with both.

Both sides are streamed. Kept are the sums, the rows that are told, and of each web order that the POS has in the period
what it has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from tillbridge.audit.period import Period
from tillbridge.audit.rows import OrderRow, Rows, Sums
from tillbridge.audit.standing import Because, Standing, standing
from tillbridge.core import auditing
from tillbridge.core.auditing import Reckoned, Share, added, gaps, in_two, of_document
from tillbridge.core.order_policy import OrderPolicy
from tillbridge.core.paper import Paper
from tillbridge.core.pos_papers import PosPaper, PosPaperKind
from tillbridge.core.stock import ZERO, SideName
from tillbridge.core.tally import Tally
from tillbridge.ports import PosPapers, Said, Stories
from tillbridge.ports.papers import Papers

HANDED_OVER = (PosPaperKind.PICKUP, PosPaperKind.SHIPMENT)
"""Notes without money."""

TRASH = "trash"


@dataclass(frozen=True, slots=True)
class Sides:
    """Where is read. `site` names this shop in the POS's documents; `sold`: the POS is told of orders as sales."""

    stories: Stories
    papers: Papers
    pos: PosPapers
    site: str
    sold: bool


@dataclass(slots=True)
class Had:
    """What the POS has of an order, and its documents."""

    share: Share = field(default_factory=Share)
    documents: list[tuple[str, str]] = field(default_factory=list)


class Comparison:
    """One period. `step` is told how many orders were looked at."""

    def __init__(self, sides: Sides, policy: OrderPolicy, period: Period, step: Callable[[int], None]) -> None:
        self._sides = sides
        self._policy = policy
        self._period = period
        self._step = step
        self.rows = Rows()
        self.sums: Sums = {name: (Tally(), Tally()) for name in ("online", "counter", "other shops")}
        self._seen: defaultdict[str, Had] = defaultdict(Had)
        self.looked = 0

    def __call__(self) -> None:
        """Read both. Raises `SideTrouble`."""
        begin, end = self._period.begin, self._period.end
        for document in self._sides.pos.documents_between(begin, end):
            if document.kind not in HANDED_OVER:
                self._document(document)
        for paper in self._sides.papers.papers_between(begin, end):
            self._paper(paper)
        for order in list(self._seen):
            paper_now = self._sides.papers.paper(order)
            if paper_now is None:
                self._stranger(order)
            else:
                self._paper(paper_now)

    def _document(self, document: PosPaper) -> None:
        order = self._order_of(document)
        if order and not document.key and document.kind is not PosPaperKind.SALE:
            document, own = self._in_two(order, document)
            if own is not None:
                self.sums["counter"][1].document(own, of_document(own))
            if not (document.sold or document.returned):
                return
        share = of_document(document)
        channel = "online" if order else "other shops" if document.reference else "counter"
        self.sums[channel][1].document(document, share)
        if order:
            had = self._seen[order]
            had.share = added([had.share, share])
            had.documents.append((document.number, self._period.shown(document.at)))
        if document.returned:
            about: Said = {
                "side": "pos", "channel": channel, "order": document.order or order, "document": document.number,
                "at": self._period.shown(document.at),
            }  # fmt: skip
            names = {line.line or line.item or line.name: line.name for line in document.returned}
            back = of_document(_returned(document))
            self.rows.refund(about, back.lines, names)

    def _order_of(self, document: PosPaper) -> str:
        begins = f"{self._sides.site}:"
        return document.reference.removeprefix(begins) if document.reference.startswith(begins) else ""

    def _paper(self, paper: Paper) -> None:
        self.looked += 1
        self._step(self.looked)
        with self._sides.stories.reading() as story:
            dossier = story.dossier(paper.ref)
            shelves = story.shelves(SideName.STORE, sorted({ref for line in paper.lines for ref in line.refs}))
            found = standing(story, paper, dossier, sold=self._sides.sold)
        items = {ref: shelf.link.pos_ref for ref, shelf in shelves.items()}
        reckoned = auditing.reckoned(paper, items, self._policy, dossier.taken)
        if paper.status == TRASH:
            # Nothing moves for it until it is taken out again or deleted: it is as the POS was told of it last.
            reckoned = Reckoned(reckoned.verdict, auditing.of_taken(dossier.taken))
        on_the_day = self._on_the_day(paper, reckoned, "counter" if paper.from_pos else "online")
        if paper.from_pos:
            self._from_pos(paper, reckoned)
        else:
            self._order(paper, reckoned, on_the_day, found)

    def _on_the_day(self, paper: Paper, reckoned: Reckoned, channel: str) -> Share:
        """What the shop counts of it in the period."""
        tally, shares = self.sums[channel][0], []
        if self._period.holds(paper.created) and reckoned.sale != Share():
            tally.sale(reckoned.sale)
            shares.append(reckoned.sale)
        names = {line.id: line.name for line in paper.lines}
        for one in reckoned.refunds:
            if self._period.holds(one.refund.at):
                tally.refund(one.share)
                shares.append(one.share)
                about: Said = {
                    "side": "store", "channel": channel, "order": paper.number, "document": one.refund.id,
                    "at": self._period.shown(one.refund.at),
                }  # fmt: skip
                self.rows.refund(about, one.share.lines, names)
        return added(shares)

    def _order(self, paper: Paper, reckoned: Reckoned, on_the_day: Share, found: Standing) -> None:
        whole, seen = reckoned.whole, self._seen.pop(paper.ref, Had())
        had, on_our_day = seen, seen.share
        if gaps(whole, seen.share) or whole.total != on_the_day.total:
            had, on_our_day = self._everything(paper.ref)
        apart = gaps(whole, had.share)
        amount = on_the_day.total - on_our_day.total
        if not apart and not amount:
            return
        kind, reason, words = found.of(reckoned.verdict, had.share) if apart else _agreed(on_the_day, amount)
        self.rows.order(
            OrderRow(
                kind, paper.ref, paper.number, amount, whole.total, had.share.total, reason, words,
                self._period.shown(paper.created), tuple(had.documents), tuple(apart),
            )
        )  # fmt: skip

    def _in_two(self, order: str, document: PosPaper) -> tuple[PosPaper, PosPaper | None]:
        """A document that the POS made itself of an order, in two."""
        return next((both for both in self._documents_of(order) if both[0].number == document.number), (document, None))

    def _documents_of(self, order: str) -> list[tuple[PosPaper, PosPaper | None]]:
        """All that the POS has of an order, oldest first, each document in two."""
        found: list[tuple[PosPaper, PosPaper | None]] = []
        had = Share()
        for one in self._sides.pos.documents_of(f"{self._sides.site}:{order}"):
            if one.kind not in HANDED_OVER:
                both = in_two(one, had)
                had = added([had, of_document(both[0])])
                found.append(both)
        return found

    def _everything(self, order: str) -> tuple[Had, Share]:
        """All that the POS has of an order, and what of it lies in the period."""
        documents = [one for one, _ in self._documents_of(order)]
        within = added(of_document(one) for one in documents if self._period.holds(one.at))
        dates = [(one.number, self._period.shown(one.at)) for one in documents]
        return Had(added(of_document(one) for one in documents), dates), within

    def _stranger(self, order: str) -> None:
        had, on_our_day = self._everything(order)
        if not had.share.total and not on_our_day.total:
            del self._seen[order]
            return
        words = "the shop has no such order (any more): say what became of it with `tillbridge decide`"
        gone = OrderRow(
            "no_order", order, order, -on_our_day.total, None, had.share.total, "no_order", words,
            documents=tuple(had.documents),
        )  # fmt: skip
        self.rows.order(gone)
        del self._seen[order]

    def _from_pos(self, paper: Paper, reckoned: Reckoned) -> None:
        """An order that was made from a sale of the POS: it must come to what that sale came to."""
        self._seen.pop(paper.ref, None)
        if not self._period.holds(paper.created):
            return
        document = self._sides.pos.document(paper.from_pos)
        pos = None if document is None else document.total
        if pos == reckoned.sale.total:
            return
        words = f"it was made from document {paper.from_pos}"
        words += ", which the POS does not have" if document is None else ", which comes to another total"
        dates = () if document is None else ((document.number, self._period.shown(document.at)),)
        self.rows.order(
            OrderRow(
                "from_pos", paper.ref, paper.number, ZERO, reckoned.sale.total, pos, "from_pos", words,
                self._period.shown(paper.created), dates,
            )
        )  # fmt: skip


def _returned(document: PosPaper) -> PosPaper:
    """What came back with a document, alone."""
    return PosPaper(document.kind, document.number, document.at, document.outlet, returned=document.returned)


def _agreed(on_the_day: Share, amount: Decimal) -> Because:
    """Why the sums of the day differ though the order itself does not."""
    if on_the_day.left_out == amount:
        return "left_out", "left_out", "the settings leave lines of it out that are linked to no item"
    return "other_day", "other_day", "both sides have the same of it, on different days"
