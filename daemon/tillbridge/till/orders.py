"""What the till has of a web order: the sum of the documents under its reference. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tillbridge.till.papers import Amounts, Document, Entry, Kind, coming_back


@dataclass(frozen=True, slots=True)
class Left:
    """What of a line was sold and has not come back: `quantity` in thousandths, money in cents."""

    entry: Entry
    quantity: int
    net: int
    taxes: Mapping[str, int]

    @property
    def gross(self) -> int:
        return self.net + sum(self.taxes.values())

    @property
    def empty(self) -> bool:
        return not self.quantity and not self.net and not any(self.taxes.values())


@dataclass(frozen=True, slots=True)
class Standing:
    """A web order as the till has it; `left` is by the name of the line."""

    reference: str
    documents: tuple[Document, ...]
    left: Mapping[str, Left]

    @property
    def order_number(self) -> str:
        """The order's number for people."""
        return next((one.order_number for one in self.documents if one.order_number), "")

    @property
    def customer(self) -> int | None:
        return next((one.customer for one in reversed(self.documents) if one.customer is not None), None)

    @property
    def total(self) -> int:
        """What it costs now, in cents."""
        return sum(line.gross for line in self.left.values())

    @property
    def paid(self) -> int:
        return sum(document.paid for document in self.documents)

    @property
    def outstanding(self) -> int:
        """What is still to be paid."""
        return max(self.total - self.paid, 0)

    @property
    def payments(self) -> dict[str, int]:
        """What was paid by each payment type, less what was paid back by it."""
        found: Counter[str] = Counter()
        for document in self.documents:
            sign = 1 if document.paid > 0 else -1
            for payment in document.payments:
                found[payment.type] += sign * payment.amount
        return {name: amount for name, amount in found.items() if amount}

    @property
    def empty(self) -> bool:
        """Whether the till has nothing of it any more."""
        return all(line.empty for line in self.left.values()) and not self.payments

    def handed_over(self, kind: Kind) -> Document | None:
        """The note that it was collected, or shipped."""
        return next((document for document in self.documents if document.kind is kind), None)

    def quantities(self) -> dict[tuple[int, str], int]:
        """How many of each item are left, and of each open line by its name."""
        found: Counter[tuple[int, str]] = Counter()
        for name, line in self.left.items():
            found[line.entry.item, "" if line.entry.item else name] += line.quantity
        return dict(found)

    def and_then(self, document: Document) -> Standing:
        """The order after one more document."""
        return standing(self.reference, (*self.documents, document))


def standing(reference: str, documents: Iterable[Document]) -> Standing:
    """Add up what was recorded of an order."""
    documents = tuple(documents)
    left: dict[str, Left] = {}
    for document in documents:
        sold = document.lines if document.kind in (Kind.SALE, Kind.EXCHANGE) else ()
        for entry in sold:
            _add(left, entry, 1)
        for entry in coming_back(document):
            _add(left, entry, -1)
    return Standing(reference, documents, left)


def share(line: Left, quantity: int) -> Left:
    """The part of a line that belongs to so many of its pieces, rounded down, so that the last one gets the rest."""
    taxes = {name: _part(amount, quantity, line.quantity) for name, amount in line.taxes.items()}
    return Left(line.entry, quantity, _part(line.net, quantity, line.quantity), taxes)


def entry_of(line: Left) -> Entry:
    """A line of a document that takes this back."""
    taxes = tuple((name, amount) for name, amount in line.taxes.items() if amount)
    return replace(line.entry, quantity=line.quantity, amounts=Amounts(line.net, taxes), restock=True)


def _add(left: dict[str, Left], entry: Entry, sign: int) -> None:
    name = entry.line or (f"#{entry.item}" if entry.item else f"={entry.name}")
    had = left.get(name) or Left(entry, 0, 0, {})
    taxes: Counter[str] = Counter(had.taxes)
    for tax, amount in entry.taxes:
        taxes[tax] += sign * amount
    kept = had.entry if had.quantity or not entry.item else entry
    left[name] = Left(kept, had.quantity + sign * entry.quantity, had.net + sign * entry.net, dict(taxes))


def _part(amount: int, some: int, all_of_it: int) -> int:
    whole = abs(amount) * some // all_of_it
    return whole if amount > 0 else -whole
