"""What came back at the POS of an order: the refund that the shop is to make of it, and the return that it already is
at the POS.

Both have the same amounts, so once both are known the order wants nothing more of the POS.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from tillbridge.core import paying, taxing
from tillbridge.core.document_codec import decode_document, encode_document
from tillbridge.core.documents import DocumentLine, Heading, Payment, RecordReturn
from tillbridge.core.drafts import RefundDraft, ReturnedLine
from tillbridge.core.money import share, spelled, step_of
from tillbridge.core.order_policy import OrderPolicy
from tillbridge.core.paper import LineKind, Paper, PaperLine, TaxShare
from tillbridge.core.pos_papers import PosPaper, PosPaperLine
from tillbridge.core.reckoning import Amounts
from tillbridge.core.stock import ZERO, plain, spell
from tillbridge.core.taken import Taken
from tillbridge.core.wanted import AMOUNT, Parked
from tillbridge.errors import Malformed

REASON = "Returned at the till ({})"


@dataclass(frozen=True, slots=True)
class ComingBack:
    """A refund to be, and the return that it is at the POS, by the lines of the order. `exchanged`: other goods went in
    their place, which are the POS's own sale under the order's reference."""

    refund: RefundDraft
    document: RecordReturn
    exchanged: bool = False


def coming_back(
    paper: PosPaper, order: Paper, taken: Taken, policy: OrderPolicy, key: str, *, mail: bool = False
) -> ComingBack | Parked:
    """The refund of what a document of the POS took back of an order, of which the POS had `taken` before."""
    lines = _lines(paper, order, taken)
    if isinstance(lines, Parked):
        return lines
    returned: list[ReturnedLine] = []
    book, known = taxing.Book.of(order, policy), {line.id: line for line in order.lines}
    for name, parts in _by_line(lines).items():
        if name == AMOUNT:
            continue
        goods = known[name].kind is LineKind.ITEM
        taxes = _taxes(paper, known[name], parts, book, step_of(order.currency))
        if isinstance(taxes, Parked):
            return taxes
        quantity, net = (sum(amounts, ZERO) for amounts in zip(*map(_sums, parts), strict=True))
        restocked = sum((part.portion.quantity for part in parts if part.item and part.restock and goods), ZERO)
        many = plain(quantity) if goods else ZERO
        returned.append(ReturnedLine(name, many, plain(net), taxes, plain(restocked)))
    amount = plain(sum((line.portion.gross for line in lines), ZERO))
    if amount < 0:
        return _pays_in(paper, order, amount)
    refund = RefundDraft(
        key, paper.number, order.ref, paper.at, amount, tuple(returned), REASON.format(paper.number), mail
    )
    heading = Heading(paper.reference, order.number, paper.outlet, order.currency)
    payments = _payments(paper, taken, amount)
    document = RecordReturn(key, heading, paper.at.isoformat(), lines, payments, amount)
    return ComingBack(refund, document, bool(paper.reference and paper.sold))


def _lines(paper: PosPaper, order: Paper, taken: Taken) -> tuple[DocumentLine, ...] | Parked:
    """What came back, by the lines of the order. A POS that names these names all of them: what it does not name it had
    sold itself under the order's reference, in the place of goods that came back, and is no refund."""
    names_them = bool(paper.reference) and any(line.line for line in paper.returned)
    known = {line.id: line for line in order.lines}
    left = {name: line.portion.quantity for name, line in taken.lines.items()}
    found: list[DocumentLine] = []
    for line in paper.returned:
        if names_them and not line.line:
            continue
        name = _name(line, taken, left)
        if name is None or name not in known and name != AMOUNT:
            return _unknown_line(paper, order, line)
        quantity, item = line.portion.quantity, taken.lines[name].item
        goods = known[name].kind is LineKind.ITEM if name in known else False
        if goods and quantity > min(left[name], _left_in_shop(known[name], order)):
            return _twice(paper, order, line)
        left[name] -= quantity
        portion = line.portion
        found.append(DocumentLine(name, item if quantity else "", line.name, portion, line.restock and bool(item)))
    return tuple(found)


def _name(line: PosPaperLine, taken: Taken, left: Mapping[str, Decimal]) -> str | None:
    """The order's line that it is: as the document names it, else the one that has that item, or that name."""
    if line.line:
        return line.line if line.line in taken.lines else None
    same = [
        name
        for name, had in taken.lines.items()
        if (had.item == line.item if line.item else not had.item and had.name == line.name)
    ]
    enough = [name for name in same if left[name] >= line.portion.quantity]
    return next(iter([*enough, *same]), None)


def _left_in_shop(line: PaperLine, order: Paper) -> Decimal:
    """How many of a line the shop has not refunded."""
    return line.quantity - sum(
        (each.quantity for one in order.refunds for each in one.lines if each.line == line.id), ZERO
    )


def _by_line(lines: Iterable[DocumentLine]) -> dict[str, list[DocumentLine]]:
    found: dict[str, list[DocumentLine]] = {}
    for line in lines:
        found.setdefault(line.line, []).append(line)
    return found


def _sums(line: DocumentLine) -> tuple[Decimal, Decimal]:
    return line.portion.quantity, line.portion.net


def _taxes(
    paper: PosPaper, line: PaperLine, parts: Iterable[DocumentLine], book: taxing.Book, step: Decimal
) -> tuple[TaxShare, ...] | Parked:
    """The taxes of what came back, by the store's rates of that line: where several rates are one tax at the POS, each
    has its part."""
    rates: dict[str, dict[str, Decimal]] = {}
    for tax in line.taxes:
        for name in book.taxes(line, Amounts(taxes={tax.rate: Decimal(1)})):
            rates.setdefault(name, {}).setdefault(tax.rate, ZERO)
            rates[name][tax.rate] += tax.amount
    amounts: dict[str, Decimal] = {}
    for part in parts:
        for name, amount in part.portion.taxes.items():
            amounts[name] = amounts.get(name, ZERO) + amount
    found: list[TaxShare] = []
    for name, amount in amounts.items():
        whole = sum(rates.get(name, {}).values(), ZERO)
        if amount and not whole:
            return _unknown_tax(paper, line, name)
        exact = [amount * part / whole for part in rates.get(name, {}).values()] if whole else []
        shares = share(amount, exact, step) if exact else []
        found += [TaxShare(rate, part) for rate, part in zip(rates.get(name, {}), shares, strict=True) if part]
    return tuple(found)


def _payments(paper: PosPaper, taken: Taken, amount: Decimal) -> tuple[Payment, ...]:
    """What of the order's payments is gone: those that the POS paid out by, as far as they paid it, then the others."""
    had = {name: paid for name, paid in taken.payments.items() if paid > 0}
    back: dict[str, Decimal] = {}
    for name, paid in paper.payments.items():
        part = min(-paid, had.get(name, ZERO), amount - sum(back.values(), ZERO))
        if part > 0:
            back[name] = part
    left = {name: paid - back.get(name, ZERO) for name, paid in had.items()}
    for name, part in paying.paid_back(amount - sum(back.values(), ZERO), left).items():
        back[name] = back.get(name, ZERO) + part
    return paying.listed(back)


def encode(found: ComingBack) -> str:
    """As text, to be stored."""
    refund = found.refund
    body = {
        "order": refund.order,
        "amount": spell(refund.amount),
        "at": refund.at.isoformat(),
        "document": refund.document,
        "reason": refund.reason,
        "mail": refund.mail,
        "lines": [
            [line.line, spell(line.quantity), spell(line.net), _spelled(line.taxes), spell(line.restocked)]
            for line in refund.lines
        ],
        "return": encode_document(found.document),
        "exchanged": found.exchanged,
    }
    return json.dumps(body, separators=(",", ":"))


def decode(text: str) -> ComingBack:
    """What `encode` wrote. Raises `Malformed` for anything else."""
    try:
        body = json.loads(text)
        document = decode_document(body["return"])
        lines = tuple(_returned(row) for row in body["lines"])
        at, amount = datetime.fromisoformat(body["at"]), Decimal(body["amount"])
        key = document.key
        refund = RefundDraft(key, body["document"], body["order"], at, amount, lines, body["reason"], body["mail"])
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as problem:
        raise Malformed(f"a refund under way: found {text[:80]!r}, allowed is what was stored") from problem
    if not isinstance(document, RecordReturn):
        raise Malformed(f"a refund under way: found a document of another kind, {text[:80]!r}")
    return ComingBack(refund, document, body.get("exchanged") is True)


def _spelled(taxes: Iterable[TaxShare]) -> list[list[str]]:
    return [[tax.rate, spell(tax.amount)] for tax in taxes]


def _returned(row: list[Any]) -> ReturnedLine:
    line, quantity, net, taxes, restocked = row
    shares = tuple(TaxShare(str(rate), Decimal(amount)) for rate, amount in taxes)
    if isinstance(restocked, bool):  # as it was written before some of a line could be restocked and some not
        restocked = quantity if restocked else "0"
    return ReturnedLine(str(line), Decimal(quantity), Decimal(net), shares, Decimal(restocked))


def _shown(line: PosPaperLine) -> str:
    return f"{spell(line.portion.quantity)} × “{line.name}”"


def _twice(paper: PosPaper, order: Paper, line: PosPaperLine) -> Parked:
    return Parked(
        "returned_twice",
        f"Document {paper.number} of the POS takes back {_shown(line)} of order {order.number}, of which there is not "
        "so much left: somebody has refunded it in the shop as well.",
        "If both are about the same goods, delete the refund in the shop: this one is made in its place. Else discard "
        "this, and correct the document at the POS.",
    )


def _unknown_line(paper: PosPaper, order: Paper, line: PosPaperLine) -> Parked:
    return Parked(
        "unknown_line",
        f"Document {paper.number} of the POS takes back {_shown(line)}, which is no line of order {order.number}.",
        "Refund it in the shop by hand without restocking, then discard this.",
    )


def _unknown_tax(paper: PosPaper, line: PaperLine, tax: str) -> Parked:
    return Parked(
        "unmapped_tax",
        f"Document {paper.number} of the POS takes back line {line.id} “{line.name}” with the tax {tax}, which is no "
        "tax of that line in the shop.",
        "Correct [taxes], or refund it in the shop by hand without restocking and discard this.",
    )


def _pays_in(paper: PosPaper, order: Paper, amount: Decimal) -> Parked:
    return Parked(
        "negative_total",
        f"What document {paper.number} of the POS takes back of order {order.number} comes to "
        f"{spelled(amount, step_of(order.currency))}.",
        "Refund it in the shop by hand without restocking, then discard this.",
    )
