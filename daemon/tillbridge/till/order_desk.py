"""What the register's page shows of web orders, and what a cashier does with one: hand it over, take it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tillbridge.till.amounts import thousandths
from tillbridge.till.book import Book
from tillbridge.till.orders import Left, Standing
from tillbridge.till.papers import Author, Document, Draft, Kind, Line
from tillbridge.till.reading import LONGEST_REFERENCE, key, text
from tillbridge.till.refusal import Refusal

LATEST = 10
"""Orders in the list."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An order on the page: its lines by their name, those first of which there are pieces."""

    order: Standing
    lines: tuple[tuple[str, Left], ...]

    @property
    def name(self) -> str:
        """What people call it."""
        return self.order.order_number or self.order.reference

    @property
    def collected(self) -> Document | None:
        return self.order.handed_over(Kind.PICKUP)

    @property
    def shipped(self) -> Document | None:
        return self.order.handed_over(Kind.SHIPMENT)

    @property
    def state(self) -> str:
        """Where it is, in a word."""
        if self.order.empty:
            return "nothing left"
        if self.collected:
            return "collected"
        return "shipped" if self.shipped else "here"

    @property
    def came_back(self) -> tuple[Document, ...]:
        """What was given back of it, or changed."""
        kinds = (Kind.RETURN, Kind.EXCHANGE, Kind.VOID)
        return tuple(document for document in self.order.documents if document.kind in kinds)

    @property
    def pieces(self) -> tuple[tuple[str, Left], ...]:
        """What can come back."""
        return tuple((name, line) for name, line in self.lines if line.quantity > 0)


class OrderDesk:
    """The web orders of one till."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def latest(self) -> tuple[Shown, ...]:
        """The orders of which something happened last."""
        return tuple(_shown(self._book.order(reference)) for reference in self._book.archive.references(LATEST))

    def find(self, sought: str) -> Shown | None:
        """The order of that number or reference, None where nothing is sought."""
        if not (sought := sought.strip()):
            return None
        reference = self._book.archive.reference_of(text({"order": sought}, "order", LONGEST_REFERENCE))
        if not reference:
            raise Refusal("reference_unknown", f"No web order here is called “{sought[:60]}”.", 404)
        return _shown(self._book.order(reference))

    def payment_types(self) -> tuple[str, ...]:
        """By what money can be paid back."""
        return self._book.memory.rules().payment_types

    def collect(self, form: Mapping[str, str]) -> str:
        """The customer has it now; the note's number."""
        draft = Draft(Kind.PICKUP, _outlet(form), (), key(form.get("key", "")), reference=_reference(form))
        return self._book.record(draft).number

    def take_back(self, form: Mapping[str, str], names: Sequence[str], typed: Sequence[str]) -> str:
        """Ring a return of some of its pieces; its number. `names` are the lines, `typed` how many of each."""
        reference = _reference(form)
        left = self._book.order(reference).left
        pieces = ((name, thousandths(many.strip() or "0", "Pieces")) for name, many in zip(names, typed, strict=False))
        restock = form.get("shelf") != "no"
        lines = tuple(_line(left, name, many, restock=restock) for name, many in pieces if many)
        if not lines:
            raise Refusal("lines_missing", "How many of what comes back?")
        draft = Draft(
            Kind.RETURN,
            _outlet(form),
            lines,
            key(form.get("key", "")),
            Author.TILL,
            payment=text(dict(form), "payment", 64),
            reference=reference,
        )
        return self._book.record(draft).number


def _line(left: Mapping[str, Left], name: str, quantity: int, *, restock: bool) -> Line:
    """So many pieces of a line, worth what was paid for them. Whether there are so many is the book's matter, which
    knows first whether the button was only pressed twice."""
    line = left.get(name)
    if line is None or quantity < 0:
        raise Refusal("lines_invalid", "Pieces: more than nothing, of a line of this order.")
    open_name = "" if line.entry.item else line.entry.name
    return Line(line.entry.item, quantity, name=open_name, line=line.entry.line, restock=restock)


def _shown(order: Standing) -> Shown:
    lines = sorted(order.left.items(), key=lambda pair: not pair[1].quantity)
    return Shown(order, tuple((name, line) for name, line in lines if not line.empty))


def _reference(form: Mapping[str, str]) -> str:
    return text(dict(form), "reference", LONGEST_REFERENCE)


def _outlet(form: Mapping[str, str]) -> str:
    return text(dict(form), "outlet", 40)
