"""What a document must fulfil before it is written down. Whatever does not is refused, with a code and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tillbridge.till import amounts
from tillbridge.till.archive import Archive
from tillbridge.till.catalogue import Card, Catalogue
from tillbridge.till.customers import Customers
from tillbridge.till.orders import Standing
from tillbridge.till.papers import AT_THE_COUNTER, HANDED_OVER, Document, Draft, Kind, Line, coming_back
from tillbridge.till.refusal import Refusal
from tillbridge.till.rules import Memory

_OF_AN_ORDER = HANDED_OVER | {Kind.VOID}
"""Documents that need a reference, and no lines."""


class Checks:
    """The checks of one till."""

    def __init__(self, catalogue: Catalogue, archive: Archive, customers: Customers, memory: Memory) -> None:
        self._catalogue = catalogue
        self._archive = archive
        self._customers = customers
        self._memory = memory

    def cards(self, draft: Draft) -> dict[int, Card]:
        """Everything that a document names must exist and be able to move; returns the cards of its items."""
        if not draft.lines and draft.kind not in _OF_AN_ORDER and not (draft.taken_back or draft.payments):
            raise Refusal("lines_missing", "a document needs at least one line")
        for outlet in {draft.outlet, draft.to or draft.outlet}:
            self._catalogue.must_have_outlet(outlet)
        if draft.kind is Kind.CUSTOMER:
            raise Refusal("kind_invalid", "a customer is no document")
        cards: dict[int, Card] = {}
        for line in draft.lines + draft.taken_back:
            if line.item and line.item not in cards:
                cards[line.item] = self._catalogue.item(line.item).card
            if draft.kind not in AT_THE_COUNTER and not (line.item and cards[line.item].tracked):
                raise Refusal("untracked", f"item {line.item} is not tracked: it has no level that could move", 409)
        if draft.kind is Kind.TRANSFER and draft.to in ("", draft.outlet):
            raise Refusal("outlet_same", "a transfer needs two different outlets")
        if draft.kind is Kind.COUNT and len(cards) < len(draft.lines):
            raise Refusal("item_twice", "a count names each item once")
        if draft.kind in AT_THE_COUNTER:
            self._money(draft)
        return cards

    def order(self, draft: Draft, found: Standing | None) -> None:
        """What a document may be about: `found` is what the till has under its reference."""
        if found is None:
            if draft.kind in _OF_AN_ORDER:
                raise Refusal("reference_missing", f"a {draft.kind} needs the reference of a web order")
            return
        name = found.order_number or found.reference
        if draft.kind is Kind.SALE:
            if not found.empty:
                raise Refusal("reference_taken", f"order {name} is here already: {found.documents[0].number}", 409)
            return
        if not found.documents:
            raise Refusal("reference_unknown", f"there is no order {found.reference} here", 404)
        if draft.kind in HANDED_OVER:
            if found.empty:
                raise Refusal("nothing_left", f"nothing is left of order {name}: it was voided or came back", 409)
            if (before := found.handed_over(draft.kind)) is not None:
                raise Refusal(f"{draft.kind}_twice", f"order {name} was handed over before: {before.number}", 409)

    def candidate(self, draft: Draft, document: Document, found: Standing | None) -> None:
        """The document as it would be written: its sum, what is paid with it, and that no more comes back than went."""
        if abs(document.total) > amounts.LARGEST_TOTAL:
            raise Refusal("too_large", "that sum is too large to be true", 409)
        if document.kind not in AT_THE_COUNTER:
            return
        reckoned = abs(document.total) if document.kind in (Kind.RETURN, Kind.VOID) else document.total
        if draft.total is not None and draft.total != reckoned:
            told, ours = amounts.money(draft.total), amounts.money(reckoned)
            raise Refusal("total_differs", f"the lines come to {ours}, not to {told}", 409)
        if found is not None:
            _check_order(document, found)
        elif document.sale:
            self._check_receipt(document)
        _check_payments(document, found)

    def _money(self, draft: Draft) -> None:
        rules = self._memory.rules()
        if not rules.register_open:
            raise Refusal("register_closed", "the register is closed: open it at the till, then try again", 409)
        for payment in filter(None, [draft.payment, *(payment.type for payment in draft.payments)]):
            rules.must_know_payment(payment)
        for tax in _taxes(draft.lines + draft.taken_back):
            rules.must_know_tax(tax)
        if draft.customer is not None:
            self._customers.living(draft.customer)

    def _check_receipt(self, document: Document) -> None:
        """No more may come back on a receipt than it says was sold."""
        sale = self.receipt(document.sale)
        left: Counter[int] = Counter()
        for entry in sale.lines:
            left[entry.item] += entry.quantity
        for earlier in self._archive.of_sale(document.sale):
            for entry in coming_back(earlier):
                left[entry.item] -= entry.quantity
        for entry in coming_back(document):
            left[entry.item] -= entry.quantity
            if left[entry.item] < 0:
                raise Refusal("returned_more", f"item {entry.item}: more comes back than {document.sale} sold", 409)

    def receipt(self, number: str) -> Document:
        """The receipt that something comes back on."""
        sale = self._archive.document(number)
        if sale.kind not in (Kind.SALE, Kind.EXCHANGE):
            raise Refusal("sale_unknown", f"{number} is not a sale", 409)
        return sale


def _check_order(document: Document, found: Standing) -> None:
    """No more comes back of an order than was sold, neither pieces nor money; a void leaves nothing."""
    if document.kind not in (Kind.RETURN, Kind.EXCHANGE, Kind.VOID):
        return
    name, after = found.order_number or found.reference, found.and_then(document)
    if document.kind is Kind.VOID and (after.total or any(after.quantities().values())):
        words = f"something else is left of order {name} here than what was to be void: {_in_words(found)}"
        raise Refusal("void_differs", words, 409)
    for (item, line), quantity in after.quantities().items():
        if quantity < 0:
            what = f"item {item}" if item else after.left[line].entry.name
            raise Refusal("returned_more", f"{what}: more comes back than was sold with order {name}", 409)
    if after.total < min(found.total, 0):
        left, back = amounts.money(found.total), amounts.money(-document.total)
        raise Refusal("returned_more", f"{back} would be paid back, {left} is what order {name} comes to", 409)


def _in_words(order: Standing) -> str:
    """What is left of an order, line by line."""
    parts = [
        f"{amounts.spell(line.quantity)} × {line.entry.name} {amounts.money(line.gross)}"
        for line in order.left.values()
        if not line.empty
    ]
    return f"{', '.join(parts) or 'nothing'}; {amounts.money(order.total)} in all, {amounts.money(order.paid)} paid"


def _check_payments(document: Document, found: Standing | None) -> None:
    """Nobody pays more than is due, or gets back more than a document is about and was paid."""
    amount = sum(payment.amount for payment in document.payments)
    if document.paid >= 0:
        due = max(document.total, 0) + (found.outstanding if found is not None else 0)
        if amount > due:
            raise Refusal("payments_exceed", f"{amounts.money(amount)} is paid, {amounts.money(due)} is due", 409)
        return
    due = -document.total
    if found is not None:
        due = found.paid if document.kind is Kind.VOID else min(due, found.paid)
    if amount > due:
        words = f"{amounts.money(amount)} would be paid back, {amounts.money(max(due, 0))} at most can be"
        raise Refusal("payments_exceed", words, 409)


def _taxes(lines: Iterable[Line]) -> list[str]:
    return [tax for line in lines if line.amounts is not None for tax, _ in line.amounts.taxes]
