"""What the POS has of an order by its own records, where our books have forgotten documents that they told it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tillbridge.core.documents import AmendSale, Document, DocumentLine, Heading, Payment
from tillbridge.core.pos_papers import PosPaper, PosPaperLine
from tillbridge.core.stock import ZERO
from tillbridge.core.taken import Taken, after


def refiled(taken: Taken, papers: Sequence[PosPaper], under_way: str = "") -> Taken | None:
    """What the POS has of an order, from all that it has recorded of it, oldest first; None where it has nothing that
    our books (`taken`) do not know. `under_way` is the key of a document of which we know: what became of it is found
    out by repeating it.

    What was done at the counter under the order's reference is told by the POS itself; where there is such a document,
    those that we know already are recognised by what they come to.
    """
    ours = [_document(paper) for paper in papers if paper.key and paper.key != under_way]
    if all(paper.key for paper in papers):
        found = replace(_sum(Taken(), ours), mixed=taken.mixed)
        return None if found == taken else found
    everything = [paper for paper in papers if paper.key != under_way]
    for told in (ours, [_document(paper) for paper in everything]):
        sums = [_sum(Taken(), told[:count]) for count in range(len(told) + 1)]
        known = next((count for count in reversed(range(len(sums))) if _same(sums[count], taken)), None)
        if known is not None:
            keys = {one.key for one in told[:known]}
            lacking = [one for one in ours if one.key not in keys]
            return _sum(taken, lacking) if lacking else None
    return None


def _same(one: Taken, other: Taken) -> bool:
    return (one.lines, one.payments) == (other.lines, other.payments)


def _sum(taken: Taken, documents: Sequence[Document]) -> Taken:
    for document in documents:
        taken = after(taken, document)
    return taken


def _document(paper: PosPaper) -> Document:
    """A document of the POS as we would have told it: only what it sells, takes back and pays counts."""
    heading = Heading(paper.reference, paper.order, paper.outlet, "")
    payments = tuple(Payment(name, abs(amount)) for name, amount in paper.payments.items())
    total = sum(paper.payments.values(), ZERO) if payments else paper.total
    sold, returned = (tuple(map(_line, lines)) for lines in (paper.sold, paper.returned))
    return AmendSale(paper.key, heading, paper.at.isoformat(), sold, returned, payments, total)


def _line(line: PosPaperLine) -> DocumentLine:
    return DocumentLine(line.line, line.item, line.name, line.portion, line.restock)
