"""What the POS has of an order: the sum of the documents that it confirmed, as it is stored. No person is in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from tillbridge.core import paying
from tillbridge.core.documents import AmendSale, Document, DocumentLine, Portion, RecordReturn, RecordSale, VoidSale
from tillbridge.core.stock import ZERO, plain, spell
from tillbridge.errors import Malformed


@dataclass(frozen=True, slots=True)
class TakenLine:
    """A line as the POS has it. `stock` is what documents took off the POS's shelf for it: more than its quantity where
    goods came back broken."""

    item: str
    name: str
    portion: Portion
    stock: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Taken:
    """What the POS has of an order, by line, and how it was paid, by type.

    `mixed`: under the order's reference the POS has sold other things too, such as those that went in an exchange. They
    are its own and not among the lines; but as a whole it can neither record the order anew nor make it void.
    """

    lines: Mapping[str, TakenLine] = field(default_factory=dict)
    payments: Mapping[str, Decimal] = field(default_factory=dict)
    mixed: bool = False

    @property
    def portions(self) -> dict[str, Portion]:
        """The lines of which the POS has anything."""
        return {name: line.portion for name, line in self.lines.items() if not blank(line.portion)}

    @property
    def total(self) -> Decimal:
        return plain(sum((portion.gross for portion in self.portions.values()), ZERO))

    @property
    def empty(self) -> bool:
        return not self.portions and not self.payments

    def item(self, line: str) -> str | None:
        """The item under which the POS has goods of a line ("" an open line), None where it has none."""
        found = self.lines.get(line)
        return found.item if found and found.portion.quantity else None


def blank(portion: Portion) -> bool:
    """Whether nothing is in a portion."""
    return not portion.quantity and not portion.net and not any(portion.taxes.values())


def plus(one: Portion, other: Portion, sign: int = 1) -> Portion:
    """Both together; with `sign` −1 the first less the other. Taxes of zero are left out."""
    names = [*one.taxes, *(name for name in other.taxes if name not in one.taxes)]
    taxes = {name: plain(one.taxes.get(name, ZERO) + sign * other.taxes.get(name, ZERO)) for name in names}
    return Portion(
        plain(one.quantity + sign * other.quantity),
        plain(one.net + sign * other.net),
        {name: amount for name, amount in taxes.items() if amount},
    )


def after(taken: Taken, document: Document) -> Taken:
    """What the POS has once it has taken a document."""
    lines = dict(taken.lines)
    sold, returned = sold_and_returned(document)
    for line in sold:
        lines[line.line] = _with(lines.get(line.line), line, 1)
    for line in returned:
        lines[line.line] = _with(lines.get(line.line), line, -1)
    kept = {name: line for name, line in lines.items() if not blank(line.portion) or line.stock}
    sign = 1 if isinstance(document, RecordSale) or isinstance(document, AmendSale) and document.total >= 0 else -1
    payments = dict(taken.payments)
    for name, amount in paying.by_type(document.payments).items():
        payments[name] = plain(payments.get(name, ZERO) + sign * amount)
    return Taken(kept, {name: amount for name, amount in payments.items() if amount}, taken.mixed)


def sold_and_returned(document: Document) -> tuple[tuple[DocumentLine, ...], tuple[DocumentLine, ...]]:
    """The lines of a document that leave the shop, and those that come back."""
    match document:
        case RecordSale():
            return document.lines, ()
        case AmendSale():
            return document.sold, document.returned
        case RecordReturn() | VoidSale():
            return (), document.lines


def stock_moves(document: Document) -> dict[str, Decimal]:
    """By how much a document changes the POS's level of each item (below zero: it leaves). Items that it leaves as they
    are are not in it."""
    return _moves((line.item, amount) for line, amount in _shelf(document) if line.item)


def line_moves(document: Document) -> dict[str, Decimal]:
    """By how much a document changes what the POS's shelf gave for each line (more than zero: goods leave)."""
    return _moves((line.line, -amount) for line, amount in _shelf(document) if line.item)


def encode(taken: Taken) -> str:
    """As text, to be stored."""
    lines = {
        name: {
            "item": line.item,
            "name": line.name,
            "quantity": spell(line.portion.quantity),
            "net": spell(line.portion.net),
            "taxes": {tax: spell(amount) for tax, amount in line.portion.taxes.items()},
            "stock": spell(line.stock),
        }
        for name, line in taken.lines.items()
    }
    payments = {name: spell(amount) for name, amount in taken.payments.items()}
    body = {"lines": lines, "payments": payments} | ({"mixed": True} if taken.mixed else {})
    return json.dumps(body, separators=(",", ":"))


def decode(text: str) -> Taken:
    """What `encode` wrote; "" is nothing. Raises `Malformed` for anything else."""
    if not text:
        return Taken()
    try:
        body = json.loads(text)
        lines = {name: _line(line) for name, line in body["lines"].items()}
        payments = {name: Decimal(amount) for name, amount in body["payments"].items()}
        return Taken(lines, payments, body.get("mixed") is True)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as problem:
        raise Malformed(f"what the POS has of an order: found {text[:80]!r}, allowed is what was stored") from problem


def _line(line: Mapping[str, Any]) -> TakenLine:
    taxes = {tax: Decimal(amount) for tax, amount in line["taxes"].items()}
    portion = Portion(Decimal(line["quantity"]), Decimal(line["net"]), taxes)
    return TakenLine(line["item"], line["name"], portion, Decimal(line["stock"]))


def _with(had: TakenLine | None, line: DocumentLine, sign: int) -> TakenLine:
    had = had or TakenLine(line.item, line.name, Portion())
    portion = plus(had.portion, line.portion, sign)
    moved = sign * line.portion.quantity if line.item and (sign > 0 or line.restock) else ZERO
    item = had.item if had.portion.quantity or not line.item else line.item
    return replace(had, item=item, portion=portion, stock=plain(had.stock + moved))


def _shelf(document: Document) -> list[tuple[DocumentLine, Decimal]]:
    sold, returned = sold_and_returned(document)
    back = [(line, line.portion.quantity) for line in returned if line.restock]
    return [(line, -line.portion.quantity) for line in sold] + back


def _moves(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for name, amount in amounts:
        found[name] = plain(found.get(name, ZERO) + amount)
    return {name: amount for name, amount in found.items() if amount}
