"""What is left of an order's lines after its refunds, in whole cents."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tillbridge.core.paper import LineKind, Paper, PaperLine
from tillbridge.core.reckoning import Amounts, Reckoned, added
from tillbridge.core.stock import ZERO, plain


@dataclass(frozen=True, slots=True)
class Remaining:
    """A line, how many of it are still sold, and for how much. Only goods are counted: shipping and fees are amounts,
    their quantity is 0."""

    line: PaperLine
    quantity: Decimal
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class Remains:
    """What is left: of each line, and of no line (`amount`, below zero where money alone was paid out)."""

    lines: tuple[Remaining, ...]
    amount: Decimal


def remains(paper: Paper, reckoned: Reckoned) -> Remains:
    """The order less its refunds: all together are its total less what the refunds paid out.

    Refunds are rounded one by one, so the last piece of a line can leave a cent on it; that cent is of no line.
    """
    amount = -sum((refund.rest for refund in reckoned.refunds), ZERO)
    lines = []
    for line in paper.lines:
        left = _left(line, paper, reckoned)
        if _only_crumbs(left, reckoned):
            amount += left.amounts.gross
        elif left.quantity or left.amounts.net or any(left.amounts.taxes.values()):
            lines.append(left)
    return Remains(tuple(lines), amount)


def _left(line: PaperLine, paper: Paper, reckoned: Reckoned) -> Remaining:
    taken = [each.quantity for refund in paper.refunds for each in refund.lines if each.line == line.id]
    quantity = max(ZERO, line.quantity - sum(taken, ZERO)) if line.kind is LineKind.ITEM else ZERO
    amounts = reckoned.lines[line.id]
    for refund in reckoned.refunds:
        amounts = added(amounts, refund.lines.get(line.id, Amounts()), -1)
    return Remaining(line, plain(quantity), amounts)


def _only_crumbs(left: Remaining, reckoned: Reckoned) -> bool:
    """Whether a line was refunded whole, and what is on it still are cents that rounding left."""
    crumb = reckoned.step * sum(1 for refund in reckoned.refunds if left.line.id in refund.lines)
    parts = [left.amounts.net, *left.amounts.taxes.values()]
    return bool(crumb) and not left.quantity and all(abs(part) <= crumb for part in parts)
