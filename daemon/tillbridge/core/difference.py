"""The next document of an order: what the POS ought to have less what it has.

- Nothing is there yet: a sale. Nothing is wanted any more: the sale is void. Something only comes back: a return. Else
  the sale is amended.
- Where the POS has sold other things under the order's reference too, the order comes back line by line and is sold
  anew as a change: what it sold besides stays.
- What changed of a line is told in its parts: what rose is sold, what fell comes back. Money without goods (a price
  edited, a refund by amount) is an open line of quantity 0.
- A document with lines is paid, or paid back, up to its total; what was outstanding and is paid now follows in a
  document of its own, without lines. A payment type that changes alone is told to no POS: there it is as it was taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from tillbridge.core import paying
from tillbridge.core.documents import (
    AmendSale,
    Document,
    DocumentLine,
    Heading,
    Payment,
    Portion,
    RecordReturn,
    RecordSale,
    VoidSale,
)
from tillbridge.core.money import step_of
from tillbridge.core.paper import Person
from tillbridge.core.stock import ZERO, plain
from tillbridge.core.taken import Taken, TakenLine, blank, plus
from tillbridge.core.wanted import Wanted, WantedLine


class Returns(StrEnum):
    """Which goods a return puts back on the POS's shelf: all of them, or those of which it is told."""

    ALL_BACK = "all-back"
    AS_TOLD = "as-told"


def difference(
    wanted: Wanted,
    taken: Taken,
    heading: Heading,
    key: str,
    at: str,
    customer: Person | None = None,
    returns: Returns = Returns.AS_TOLD,
) -> Document | None:
    """The document that leads from `taken` to `wanted`, None where the POS has what it ought to have.

    `at` is RFC 3339 UTC. Goods of a return go back on the shelf as far as the store's line holds less than was taken
    off the POS's shelf for it, unless the POS puts all back.
    """
    if taken.empty and not taken.mixed:
        return _sale(wanted, heading, key, at, customer) if wanted.lines else None
    if not wanted.lines and not taken.mixed:
        everything = _shelved(_all_of(taken), wanted, taken, heading, returns)
        return VoidSale(key, heading, at, everything, paying.listed(taken.payments), taken.total)
    sold, returned = _changes(wanted, taken)
    back = _shelved(returned, wanted, taken, heading, returns)
    change = plain(_gross(sold) - _gross(back))
    if not sold and not back:
        return _settling(wanted, taken, heading, key, at)
    payments = _payments(wanted, taken, change)
    if not sold:
        return RecordReturn(key, heading, at, back, payments, -change)
    return AmendSale(key, heading, at, tuple(sold), back, payments, change)


def _sale(wanted: Wanted, heading: Heading, key: str, at: str, customer: Person | None) -> RecordSale:
    lines = tuple(DocumentLine(line.line, line.item, line.name, line.portion) for line in wanted.lines)
    return RecordSale(key, heading, at, lines, paying.listed(wanted.payments), wanted.total, customer)


def _settling(wanted: Wanted, taken: Taken, heading: Heading, key: str, at: str) -> AmendSale | None:
    """What was outstanding and is paid now. Money is never paid out without a line."""
    due = min(_paid(wanted) - _paid(taken), taken.total - _paid(taken))
    if due <= 0:
        return None
    return AmendSale(key, heading, at, (), (), _lacking(wanted, taken, due), ZERO)


def _changes(wanted: Wanted, taken: Taken) -> tuple[list[DocumentLine], list[DocumentLine]]:
    """What is to be sold besides, and what is to come back."""
    sold: list[DocumentLine] = []
    returned: list[DocumentLine] = []
    now = {line.line: line for line in wanted.lines}
    for name in [*now, *(name for name in taken.portions if name not in now)]:
        line, had = now.get(name), taken.lines.get(name)
        more = plus(line.portion if line else Portion(), had.portion if had else Portion(), -1)
        for portion, side in ((_rise(more), sold), (_rise(plus(Portion(), more, -1)), returned)):
            if not blank(portion):
                side.append(_document_line(name, line, had, portion))
    return sold, returned


def _document_line(name: str, line: WantedLine | None, had: TakenLine | None, portion: Portion) -> DocumentLine:
    """Goods go by the item under which the POS has them, an amount by none."""
    known = had if had and (had.portion.quantity or line is None) else line
    if known is None:
        raise AssertionError("a change of a line that is neither wanted nor taken")
    return DocumentLine(name, known.item if portion.quantity else "", known.name, portion)


def _rise(portion: Portion) -> Portion:
    """The parts of a portion that are more than zero."""
    taxes = {name: amount for name, amount in portion.taxes.items() if amount > 0}
    return Portion(max(portion.quantity, ZERO), max(portion.net, ZERO), taxes)


def _all_of(taken: Taken) -> list[DocumentLine]:
    return [
        DocumentLine(name, line.item if line.portion.quantity else "", line.name, line.portion)
        for name, line in taken.lines.items()
        if not blank(line.portion)
    ]


def _shelved(
    lines: Iterable[DocumentLine], wanted: Wanted, taken: Taken, heading: Heading, returns: Returns
) -> tuple[DocumentLine, ...]:
    """Returned lines with the word whether they go back on the shelf; a line of which only some do becomes two."""
    found: list[DocumentLine] = []
    for line in lines:
        quantity = line.portion.quantity
        if not line.item or returns is Returns.ALL_BACK:
            found.append(replace(line, restock=bool(line.item)))
            continue
        off = taken.lines[line.line].stock - wanted.held.get(line.line, ZERO)
        back = min(max(off, ZERO), quantity)
        if ZERO < back < quantity:
            some = _part(line.portion, back, step_of(heading.currency))
            found.append(replace(line, portion=some))
            found.append(replace(line, portion=plus(line.portion, some, -1), restock=False))
        else:
            found.append(replace(line, restock=back > 0))
    return tuple(found)


def _part(portion: Portion, quantity: Decimal, step: Decimal) -> Portion:
    """The part of a portion that belongs to so many of its pieces, in whole cents."""
    share = quantity / portion.quantity
    taxes = {name: (amount * share).quantize(step, ROUND_DOWN) for name, amount in portion.taxes.items()}
    return plus(Portion(quantity, (portion.net * share).quantize(step, ROUND_DOWN), taxes), Portion())


def _gross(lines: Iterable[DocumentLine]) -> Decimal:
    return sum((line.portion.gross for line in lines), ZERO)


def _paid(state: Wanted | Taken) -> Decimal:
    return sum(state.payments.values(), ZERO)


def _payments(wanted: Wanted, taken: Taken, change: Decimal) -> tuple[Payment, ...]:
    """What is paid with a document, in the direction of its total and not more than that."""
    paid = _paid(wanted) - _paid(taken)
    if change > 0 and paid > 0:
        return _lacking(wanted, taken, min(paid, change))
    if change < 0 and paid < 0:
        return _exceeding(wanted, taken, min(-paid, -change))
    return ()


def _lacking(wanted: Wanted, taken: Taken, amount: Decimal) -> tuple[Payment, ...]:
    """An amount of the types of which less was taken than is wanted."""
    more = {name: want - taken.payments.get(name, ZERO) for name, want in wanted.payments.items()}
    return paying.listed(paying.paid_back(amount, {name: lack for name, lack in more.items() if lack > 0}))


def _exceeding(wanted: Wanted, taken: Taken, amount: Decimal) -> tuple[Payment, ...]:
    """An amount of the types of which more was taken than is wanted."""
    more = {name: had - wanted.payments.get(name, ZERO) for name, had in taken.payments.items()}
    return paying.listed(paying.paid_back(amount, {name: excess for name, excess in more.items() if excess > 0}))
