"""What the POS ought to have of an order, as the order is now: a pure function of the paper and the owner's policy.

A line that the POS already has goods of keeps the item under which it has them, whatever is linked since: what was
sold as one item does not come back as another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from tillbridge.core import paying, taxing
from tillbridge.core.documents import Portion
from tillbridge.core.money import spelled
from tillbridge.core.order_policy import OrderPolicy, UnlinkedLine, UnmappedPayment
from tillbridge.core.paper import LineKind, Paper, PaperLine
from tillbridge.core.reckoning import Amounts, Mismatch, Reckoned, reckon
from tillbridge.core.remaining import Remains, remains
from tillbridge.core.stock import ZERO, plain
from tillbridge.core.taken import Taken, blank

AMOUNT = "amount"
"""The line of money that is of no line: a refund by amount alone. Below zero, as it was paid out."""

AMOUNT_NAME = "Refund"


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A line as the POS ought to have it; `item` "" is an open line. A quantity of 0 is an amount alone."""

    line: str
    item: str
    name: str
    portion: Portion


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A line that the policy leaves out, and the money that the POS's total lacks for it."""

    line: str
    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the POS ought to have, refunds taken off. `held` is the stock that the store's lines hold, of every line of
    the order (`_reduced_stock`)."""

    lines: tuple[WantedLine, ...] = ()
    payments: Mapping[str, Decimal] = field(default_factory=dict)
    held: Mapping[str, Decimal] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()

    @property
    def total(self) -> Decimal:
        """What the lines come to: the store's total less what is left out."""
        return plain(sum((line.portion.gross for line in self.lines), ZERO))

    @property
    def outstanding(self) -> Decimal:
        """What is still to be paid."""
        return plain(self.total - sum(self.payments.values(), ZERO))


@dataclass(frozen=True, slots=True)
class Alone:
    """The order gets no document, for a reason that is recorded: `from_pos`, `before_start`, `payment_ignored`."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Parked:
    """The order cannot be told yet: `code` is `currency`, `totals_differ`, `unlinked_line`, `no_open_lines`,
    `unmapped_tax`, `unmapped_payment` or `negative_total`; `fix` says what to set where."""

    code: str
    sentence: str
    fix: str


def wanted(
    paper: Paper, items: Mapping[str, str], policy: OrderPolicy, taken: Taken | None = None
) -> Wanted | Alone | Parked:
    """What the POS ought to have of an order. `items`: the store's ref of a product or variation → the linked POS item.

    An order of which the POS has something (`taken`) is not left alone any more: what happens to it is told.
    """
    taken = taken or Taken()
    if alone := _alone(paper, policy, taken):
        return alone
    held = {line.id: line.reduced for line in paper.lines}
    if paper.status in policy.nothing:
        return Wanted(held=held)
    if policy.currency and paper.currency != policy.currency:
        return _other_currency(paper, policy)
    reckoned = reckon(paper, policy.places)
    if isinstance(reckoned, Mismatch):
        return Parked(reckoned.code, reckoned.sentence, reckoned.fix)
    paid = paying.paid(paper, reckoned.total, reckoned.step, policy)
    if paid.unmapped and policy.unmapped_payment is not UnmappedPayment.IGNORE:
        return _no_payment(paper, paid.unmapped)
    if paid.unmapped and taken.empty:
        return _payment_ignored(paper, paid.unmapped)
    left = remains(paper, reckoned)
    lines = _lines(paper, left, items, policy, taken)
    if isinstance(lines, Parked):
        return lines
    found, left_out = lines
    back = sum((refund.rest + _of_lines(refund.lines) for refund in reckoned.refunds), ZERO)
    return _settled(paper, Wanted(found, paying.less(paid.payments, back), held, left_out), reckoned)


def _alone(paper: Paper, policy: OrderPolicy, taken: Taken) -> Alone | None:
    if paper.from_pos:
        return Alone("from_pos", f"Order {paper.number} was made from the POS's own document {paper.from_pos}.")
    if policy.start and paper.created < policy.start and taken.empty:
        return Alone(
            "before_start",
            f"Order {paper.number} of {paper.created:%Y-%m-%d} was made before {policy.start:%Y-%m-%d}, from which on "
            f"orders are sent.",
        )
    return None


def _lines(
    paper: Paper, left: Remains, items: Mapping[str, str], policy: OrderPolicy, taken: Taken
) -> tuple[tuple[WantedLine, ...], tuple[LeftOut, ...]] | Parked:
    """The lines by item, and those left out."""
    found: list[WantedLine] = []
    left_out: list[LeftOut] = []
    unlinked: list[PaperLine] = []
    book = taxing.Book.of(paper, policy)
    for each in left.lines:
        line = each.line
        item = _item(line, items, taken)
        if item is None and policy.unlinked_line is UnlinkedLine.LEAVE_OUT:
            left_out.append(LeftOut(line.id, line.name, each.amounts.gross))
            continue
        if item is None and policy.unlinked_line is UnlinkedLine.PARK:
            unlinked.append(line)
        portion = Portion(each.quantity, plain(each.amounts.net), book.taxes(line, each.amounts))
        if not blank(portion):
            found.append(WantedLine(line.id, item or "", line.name, portion))
    if unlinked:
        return _unlinked(paper, unlinked)
    if book.unmapped:
        return _no_tax(paper, book)
    if left.amount:
        found.append(WantedLine(AMOUNT, "", AMOUNT_NAME, Portion(net=plain(left.amount))))
    if not policy.open_lines and (open_lines := [line for line in found if not line.item]):
        return _no_open_lines(paper, open_lines)
    return tuple(found), tuple(left_out)


def _item(line: PaperLine, items: Mapping[str, str], taken: Taken) -> str | None:
    """The POS's item of a line, "" where it is no product, None where nothing is linked."""
    if (had := taken.item(line.id)) is not None:
        return had
    if line.kind is not LineKind.ITEM:
        return ""
    return next((items[ref] for ref in line.refs if ref in items), None)


def _of_lines(lines: Mapping[str, Amounts]) -> Decimal:
    return sum((amounts.gross for amounts in lines.values()), ZERO)


def _settled(paper: Paper, found: Wanted, reckoned: Reckoned) -> Wanted | Parked:
    """Payments never exceed the total: what is left out was not paid there either."""
    if found.total < 0:
        total = spelled(found.total, reckoned.step)
        return Parked(
            "negative_total",
            f"Order {paper.number} comes to {total} after its refunds: more was paid back than it was worth.",
            "Delete the refund that is too much in the store, or record the order at the POS by hand.",
        )
    if found.outstanding >= 0:
        return found
    payments = paying.less(found.payments, -found.outstanding)
    return Wanted(found.lines, payments, found.held, found.left_out)


def _named(line: PaperLine | WantedLine) -> str:
    name = line.id if isinstance(line, PaperLine) else line.line
    return f"line {name} “{line.name}”"


def _other_currency(paper: Paper, policy: OrderPolicy) -> Parked:
    return Parked(
        "currency",
        f"Order {paper.number} is in {paper.currency}; the POS takes {policy.currency}.",
        "Record it at the POS by hand, or choose to send it as stock only.",
    )


def _no_payment(paper: Paper, methods: tuple[str, ...]) -> Parked:
    names = ", ".join(methods)
    return Parked(
        "unmapped_payment",
        f"Order {paper.number} was paid by {names}, for which no payment type of the POS is set.",
        f"Set {methods[0]} = <payment type of the POS> under [payments], or [orders] unmapped_payment = default.",
    )


def _payment_ignored(paper: Paper, methods: tuple[str, ...]) -> Alone:
    names = ", ".join(methods)
    return Alone("payment_ignored", f"Order {paper.number} was paid by {names}, which the settings leave out.")


def _unlinked(paper: Paper, lines: list[PaperLine]) -> Parked:
    return Parked(
        "unlinked_line",
        f"Order {paper.number}: linked to no item of the POS: {', '.join(map(_named, lines))}.",
        "Link the product, or set [orders] unlinked_line = custom or leave-out.",
    )


def _no_open_lines(paper: Paper, lines: list[WantedLine]) -> Parked:
    return Parked(
        "no_open_lines",
        f"Order {paper.number}: the POS takes no line without an item: {', '.join(map(_named, lines))}.",
        "Record the order at the POS by hand, or choose to send it as stock only.",
    )


def _no_tax(paper: Paper, book: taxing.Book) -> Parked:
    line, rate, tax_class = next(iter(book.unmapped))
    label = next((each.label for each in paper.rates if each.id == rate), rate)
    key = tax_class or rate
    known = f"tax class {tax_class}, " if tax_class else ""
    return Parked(
        "unmapped_tax",
        f"Order {paper.number}, {_named(line)}: no tax of the POS is set for {known}rate {rate} “{label}”.",
        f"Set {key} = <tax of the POS> under [taxes], or [orders] unmapped_tax = default.",
    )
