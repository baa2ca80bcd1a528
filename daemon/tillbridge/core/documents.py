"""What the POS is told of an order: documents, each once, each under its key.

Money is in units of the currency, in whole cents (or what the currency has), and adds up: the total of a document is
the sum of its lines, net and taxes. Quantities are `Decimal`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from tillbridge.core.money import spelled, step_of
from tillbridge.core.paper import Person
from tillbridge.core.stock import ZERO, plain, spell


@dataclass(frozen=True, slots=True)
class Portion:
    """So much of a line: how many, for how much, and the tax by the POS's name for it (none of zero).

    Only goods are counted. A `quantity` of 0 is an amount alone: shipping, a fee, a price that changed, a refund.
    """

    quantity: Decimal = ZERO
    net: Decimal = ZERO
    taxes: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def gross(self) -> Decimal:
        return plain(self.net + sum(self.taxes.values(), ZERO))


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A line of a document. `line` is the order's own name of it, `item` the POS's item, "" for an open line (shipping,
    a fee, a product without a link, an amount alone).

    In a return `restock` says whether the goods go back on the shelf.
    """

    line: str
    item: str
    name: str
    portion: Portion
    restock: bool = True


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment by one of the POS's payment types. More than zero; the document says which way it goes."""

    type: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Heading:
    """What all documents of an order have in common. `reference` is `<site>:<order>`, under which the POS can find
    them; `number` is the order's number for people."""

    reference: str
    number: str
    outlet: str
    currency: str


@dataclass(frozen=True, slots=True)
class RecordSale:
    """An order was made: the goods of its lines leave. `at` is when, RFC 3339 UTC.

    Discounts among its lines are below zero. Where the payments come to less than `total`, the rest is outstanding.
    `buyer` is the POS's id of the customer, "" for nobody, None where it is not known: then the adapter looks for
    `customer`.
    """

    key: str
    heading: Heading
    at: str
    lines: tuple[DocumentLine, ...]
    payments: tuple[Payment, ...]
    total: Decimal
    customer: Person | None = None
    buyer: str | None = None


@dataclass(frozen=True, slots=True)
class AmendSale:
    """An order that the POS has was changed: `sold` leaves besides, `returned` comes back. `total` is what is paid
    besides, below zero where it is paid out.

    Without any line, and then with a `total` of 0, its payments settle what was outstanding.
    """

    key: str
    heading: Heading
    at: str
    sold: tuple[DocumentLine, ...]
    returned: tuple[DocumentLine, ...]
    payments: tuple[Payment, ...]
    total: Decimal


@dataclass(frozen=True, slots=True)
class RecordReturn:
    """Part of an order came back, or money of it was paid out. Amounts are positive."""

    key: str
    heading: Heading
    at: str
    lines: tuple[DocumentLine, ...]
    payments: tuple[Payment, ...]
    total: Decimal


@dataclass(frozen=True, slots=True)
class VoidSale:
    """An order is no more: everything that the POS still has of it (`lines`, as it has them) goes back."""

    key: str
    heading: Heading
    at: str
    lines: tuple[DocumentLine, ...]
    payments: tuple[Payment, ...]
    total: Decimal


Document = RecordSale | AmendSale | RecordReturn | VoidSale

NAMES: Mapping[type[Document], str] = {
    RecordSale: "sale",
    AmendSale: "change",
    RecordReturn: "return",
    VoidSale: "void",
}
"""What people call each."""


def in_words(document: Document) -> str:
    """What a document says, line by line with what each comes to, and its total. It names no person."""
    step = step_of(document.heading.currency)
    if isinstance(document, AmendSale):
        parts = [_line_in_words(line, step) for line in document.sold]
        parts += [f"back {_line_in_words(line, step)}" for line in document.returned]
    else:
        parts = [_line_in_words(line, step) for line in document.lines]
    return f"{NAMES[type(document)]}: {', '.join(parts) or 'payments'}; total {spelled(document.total, step)}"


def _line_in_words(line: DocumentLine, step: Decimal) -> str:
    many = f"{spell(line.portion.quantity)} × " if line.portion.quantity else ""
    return f"{many}“{line.name}” {spelled(line.portion.gross, step)}"
