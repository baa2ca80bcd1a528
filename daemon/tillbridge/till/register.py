"""What the register's page shows and does: a basket, returns, deliveries, levels. Knows forms, no HTML and no HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tillbridge.till.amounts import line_total, thousandths
from tillbridge.till.book import Book
from tillbridge.till.catalogue import Item, Outlet
from tillbridge.till.order_desk import OrderDesk
from tillbridge.till.papers import Author, Document, Draft, Kind, Line, moves
from tillbridge.till.reading import key, text
from tillbridge.till.refusal import Refusal

SHOWN = 200
"""Items in the table of levels; beyond that one searches."""

RECENT = 15
CHOICES = 12


@dataclass(frozen=True, slots=True)
class Pick:
    """An item in the basket."""

    item: Item
    quantity: int

    @property
    def amount(self) -> int:
        return line_total(self.quantity, self.item.card.price)


@dataclass(frozen=True, slots=True)
class Basket:
    """A sale that is not paid yet; it lives in the page, not in the till.

    `choices` is what the last scan may have meant, `problem` what a person must mend before it can be paid.
    """

    key: str
    outlet: str
    picks: tuple[Pick, ...] = ()
    choices: tuple[Item, ...] = ()
    problem: str = ""

    @property
    def total(self) -> int:
        return sum(pick.amount for pick in self.picks)


@dataclass(frozen=True, slots=True)
class Stock:
    """A row of the table of levels, one quantity per outlet; `waiting`: it holds documents that are not posted yet."""

    item: Item
    levels: tuple[int | None, ...]
    waiting: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that the page shows."""

    outlets: tuple[Outlet, ...]
    offline: bool
    waiting: int
    stock: tuple[Stock, ...]
    more: bool
    recent: tuple[Document, ...]
    open: bool


class Register:
    """The register of one till: what a person does there is written by the author `till`."""

    def __init__(self, book: Book, new_id: Callable[[], str]) -> None:
        self._book = book
        self._new_id = new_id
        self.orders = OrderDesk(book)

    def basket(self, outlet: str = "") -> Basket:
        """A new, empty basket."""
        return Basket(self._new_id(), outlet or self._first_outlet())

    def desk(self, sought: str) -> Desk:
        """The whole page; `sought` narrows the table of levels."""
        found = self._sought(sought) if sought else self._book.catalogue.items(0, SHOWN + 1)
        outlets = tuple(self._book.catalogue.outlets())
        pending = self._pending()
        stock = tuple(self._stock(item, outlets, pending) for item in found[:SHOWN])
        recent = tuple(self._book.recent(RECENT))
        is_open = self._book.memory.rules().register_open
        return Desk(outlets, self._book.is_offline(), self._book.waiting(), stock, len(found) > SHOWN, recent, is_open)

    def refill(self, form: Mapping[str, str], items: Sequence[str], quantities: Sequence[str]) -> Basket:
        """The basket as the page sent it back; a typing error costs nobody the basket. A line with zero is left out."""
        picks, problem = [], ""
        for number, typed in zip(items[:SHOWN], quantities[:SHOWN], strict=False):
            item = self._item(f"#{number}")
            try:
                quantity = thousandths(typed.strip() or "0", item.card.name)
            except Refusal as no:
                quantity, problem = 1000, no.message
            if quantity < 0:
                quantity, problem = 1000, f"{item.card.name}: use the return form for what comes back."
            if quantity:
                picks.append(Pick(item, quantity))
        outlet = form.get("outlet", "") or self._first_outlet()
        return Basket(key(form.get("key", "")), outlet, tuple(picks), problem=problem)

    def scan(self, basket: Basket, sought: str) -> Basket:
        """Put what was scanned or typed into the basket, or offer what it may have meant."""
        found = self._sought(sought)
        if not found:
            raise Refusal("item_unknown", f"Nothing here is called “{sought[:60]}”.", 404)
        if len(found) > 1:
            return replace(basket, choices=tuple(found[:CHOICES]))
        picks = list(basket.picks)
        for at, pick in enumerate(picks):
            if pick.item.id == found[0].id:
                picks[at] = Pick(pick.item, pick.quantity + 1000)
                break
        else:
            picks.append(Pick(found[0], 1000))
        return replace(basket, picks=tuple(picks))

    def pay(self, basket: Basket, payment: str) -> str:
        """Ring the sale; returns its number. Pressing the button twice rings it once."""
        if basket.problem:
            raise Refusal("quantity_invalid", basket.problem)
        lines = tuple(Line(pick.item.id, pick.quantity, pick.item.card.price) for pick in basket.picks)
        draft = Draft(Kind.SALE, basket.outlet, lines, basket.key, Author.TILL, payment=payment)
        return self._record(draft)

    def take_back(self, form: Mapping[str, str]) -> str:
        """Ring a return; returns its number."""
        sale = text(dict(form), "sale", 40).strip().upper()
        return self._record(Draft(Kind.RETURN, *self._single(form), Author.TILL, sale=sale, payment="cash"))

    def receive(self, form: Mapping[str, str]) -> str:
        """Book a delivery; returns its number."""
        reason = text(dict(form), "reason", 200).strip()
        return self._record(Draft(Kind.DELIVERY, *self._single(form), Author.TILL, reason=reason))

    def look_up(self, number: str) -> Document | None:
        """A document by the number on it, None where there is none."""
        try:
            return self._book.document(text({"number": number}, "number", 40)) if number else None
        except Refusal:
            return None

    def keys(self) -> tuple[str, ...]:
        """A key for each of the page's other forms, so that a button pressed twice acts once."""
        return tuple(self._new_id() for _ in range(4))

    def switch(self, wanted: str) -> str:
        """Go offline, or come online and post what waits; open and close. Leaves no document of its own."""
        if wanted == "offline":
            self._book.go_offline()
        elif wanted == "online":
            self._book.go_online()
        elif wanted in ("open", "closed"):
            rules = self._book.memory.rules()
            self._book.memory.keep_rules(replace(rules, register_open=wanted == "open"))
        else:
            raise Refusal("offline_invalid", "The switches know online and offline, open and closed.")
        return ""

    def _single(self, form: Mapping[str, str]) -> tuple[str, tuple[Line, ...], str]:
        quantity = thousandths(form.get("quantity", "").strip(), "Quantity")
        if quantity <= 0:
            raise Refusal("quantity_invalid", "Quantity: more than nothing, please.")
        line = Line(self._item(form.get("sku", "")).id, quantity)
        return form.get("outlet", "") or self._first_outlet(), (line,), key(form.get("key", ""))

    def _record(self, draft: Draft) -> str:
        try:
            return self._book.record(draft).number
        except Refusal as no:
            if no.code == "key_reused":
                message = f"This form was used before, for something else. Begin again. ({no.message})"
                raise Refusal(no.code, message, no.status) from None
            raise

    def _item(self, sought: str) -> Item:
        found = self._sought(sought)
        if len(found) == 1:
            return found[0]
        if not found:
            raise Refusal("item_unknown", f"Nothing here is called “{sought.strip()[:60]}”.", 404)
        names = ", ".join(f"#{item.id} {item.card.name}" for item in found[:CHOICES])
        raise Refusal("item_ambiguous", f"“{sought.strip()[:60]}” may be: {names}. Type its number, such as #1.", 409)

    def _sought(self, sought: str) -> list[Item]:
        """By the till's own number ("#12"), by SKU, or by a part of the name."""
        sought = text({"name": sought}, "name", 200).strip()
        digits = sought[1:]
        if sought.startswith("#") and digits.isascii() and digits.isdigit() and len(digits) < 16:
            return [self._book.catalogue.item(int(digits))]
        return self._book.catalogue.search(sought, SHOWN + 1) if sought else []

    def _stock(self, item: Item, outlets: Sequence[Outlet], pending: Counter[tuple[int, str]]) -> Stock:
        levels: list[int | None] = []
        for outlet in outlets:
            level = self._book.feed.level(item.id, outlet.id)
            levels.append(None if level is None else level + pending[item.id, outlet.id])
        return Stock(item, tuple(levels), any(pending[item.id, outlet.id] for outlet in outlets))

    def _pending(self) -> Counter[tuple[int, str]]:
        """What waiting documents will do to the levels: a person at the register sees the shelf, not the API's view."""
        pending: Counter[tuple[int, str]] = Counter()
        for document in self._book.archive.waiting():
            for move in moves(document):
                pending[move.item, move.outlet] += move.delta
        return pending

    def _first_outlet(self) -> str:
        outlets = self._book.catalogue.outlets()
        return outlets[0].id if outlets else ""
