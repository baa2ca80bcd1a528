"""The till's book: every document is written once, moves the shelf once, and is told once.

One transaction per document takes the key, moves the levels and assigns the number in the change feed. Writers come one
after the other (BEGIN IMMEDIATE), so the numbers rise in the order of the commits and a reader never sees a gap that is
filled later.

While the register is offline, what people ring there waits with its time, without a number in the feed and without an
effect on the levels. Going online posts it, in the order in which it was rung. The API is not offline with it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from tillbridge.till import amounts, entries, orders
from tillbridge.till.archive import Archive, spelled, spelled_payments
from tillbridge.till.catalogue import Card, Catalogue
from tillbridge.till.checks import Checks
from tillbridge.till.customers import Contact, Customer, Customers, check_address
from tillbridge.till.feed import Feed
from tillbridge.till.orders import Standing
from tillbridge.till.papers import (
    PREFIX,
    Author,
    Document,
    Draft,
    Entry,
    Kind,
    Line,
    Move,
    Payment,
    moves,
    total,
)
from tillbridge.till.refusal import Refusal
from tillbridge.till.rules import Memory
from tillbridge.till.storage import writing

KEY_MEMORY = 90 * 24 * 3600
"""Seconds for which a key is promised to be known. Documents are kept for good, so it is longer in truth."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a draft. `n` is its number in the feed (None: it waits), `repeated` that its key was known."""

    number: str
    n: int | None
    repeated: bool


_NEXT = "SELECT coalesce((SELECT max(id) FROM document), 0) + 1, coalesce((SELECT max(n) FROM document), 0) + 1"
_COLUMNS = (
    "id, uid, number, n, kind, key, author, at, outlet, destination, sale, reason, payment, total, content, lines,"
    " reference, order_number, payments, customer"
)
_INSERT = f"INSERT INTO document ({_COLUMNS}) VALUES ({', '.join('?' * 20)})"
_LEVEL = "INSERT INTO level VALUES (?, ?, ?) ON CONFLICT (item, outlet) DO UPDATE SET quantity = excluded.quantity"
_MOVEMENT = "INSERT INTO movement VALUES (?, ?, ?, ?, ?, ?)"


def _nobody(head: int) -> None:
    """Tell nobody that the feed has grown."""


class Book:
    """Documents, levels and the change feed in one database. Not for several threads at once: give each its own."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        told: Callable[[int], None] = _nobody,
    ) -> None:
        """`told` is called with the head of the feed after each commit that made it grow, and must not block."""
        self._db = connection
        self._clock = clock
        self._new_id = new_id
        self._told = told
        self.catalogue = Catalogue(connection)
        self.feed = Feed(connection)
        self.archive = Archive(connection)
        self.customers = Customers(connection)
        self.memory = Memory(connection)
        self._checks = Checks(self.catalogue, self.archive, self.customers, self.memory)

    def now(self) -> str:
        """The time at this till, as it is written on documents."""
        return self._clock().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def record(self, draft: Draft) -> Recorded:
        """Write a document down, once per key. Raises `Refusal`, and then nothing has happened."""
        content = draft.content()
        with writing(self._db):
            known = self._known(draft.key, content)
            if known is not None:
                return known
            number, n = self._write(draft, content)
        if n is not None:
            self._told(n)
        return Recorded(number, n, False)

    def document(self, number: str) -> Document:
        """One document by the number on it."""
        return self.archive.document(number)

    def find(self, key: str) -> Document | None:
        """The document that a key left behind."""
        return self.archive.find(key)

    def recent(self, limit: int) -> list[Document]:
        """The newest documents first, waiting ones too."""
        return self.archive.recent(limit)

    def order(self, reference: str) -> Standing:
        """What the till has of a web order; without documents where it knows none of that reference."""
        return orders.standing(reference, self.archive.of_reference(reference))

    def is_offline(self) -> bool:
        """Whether the register keeps what it rings to itself."""
        return self.setting("offline") is not None

    def waiting(self) -> int:
        """How many documents wait for the register to come online."""
        return int(self._db.execute("SELECT count(*) FROM document WHERE n IS NULL").fetchone()[0])

    def go_offline(self) -> None:
        """From now on the register keeps to itself what people ring there."""
        self.keep("offline", "1")

    def go_online(self) -> int:
        """Post everything that waits, oldest first, all of it or nothing. Returns how many there were."""
        with writing(self._db):
            documents = self.archive.waiting()
            head = self.feed.head()
            for n, document in enumerate(documents, start=head + 1):
                row = self._db.execute("SELECT id FROM document WHERE number = ?", (document.number,)).fetchone()
                self._db.execute("UPDATE document SET n = ? WHERE id = ?", (n, row[0]))
                self._post(int(row[0]), document, ())
            self._db.execute("DELETE FROM setting WHERE name = 'offline'")
        if documents:
            self._told(head + len(documents))
        return len(documents)

    def setting(self, name: str) -> str | None:
        """Something that the till remembers about itself."""
        return self.memory.setting(name)

    def keep(self, name: str, value: str | None) -> None:
        """Remember a setting, or forget it with None."""
        self.memory.keep(name, value)

    def keep_customer(self, number: int | None, contact: Contact) -> tuple[Customer, bool]:
        """Write a customer down and tell it; with None one that is new, unless its external id is known. Whether it
        was new."""
        check_address(contact.address, self.memory.rules())
        with writing(self._db):
            known = self.customers.of_external(contact.external_id)
            if number is not None:
                self.customers.living(number)
                if known is not None and known.id != number:
                    raise Refusal("external_id_taken", f"customer {known.id} has that external id", 409)
            elif known is not None:
                number = known.id
            written = self.customers.write(number, contact)
            n = self._tell_customer(written)
        self._told(n)
        return self.customers.customer(written), number is None

    def erase_customer(self, number: int) -> Customer:
        """Forget who a customer was; what was bought stays."""
        with writing(self._db):
            found = self.customers.customer(number)
            if found.erased:
                return found
            self.customers.erase(number)
            n = self._tell_customer(number)
        self._told(n)
        return self.customers.customer(number)

    def _known(self, key: str | None, content: str) -> Recorded | None:
        if key is None:
            return None
        row = self._db.execute("SELECT number, n, content FROM document WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        if row[2] != content:
            raise Refusal("key_reused", f"this key was used for {row[0]}, which says something else", 409)
        return Recorded(row[0], row[1], True)

    def _write(self, draft: Draft, content: str) -> tuple[str, int | None]:
        cards = self._checks.cards(draft)
        waits = draft.author is Author.TILL and self.is_offline()
        if waits and draft.kind is Kind.COUNT:
            raise Refusal("offline", "a count needs the register to be online: the level may have moved elsewhere", 409)
        found = self._standing(draft)
        self._checks.order(draft, found)
        row, n = self._db.execute(_NEXT).fetchone()
        document = self._document(draft, f"{PREFIX[draft.kind]}-{row:06d}", None if waits else n, cards, found)
        self._checks.candidate(draft, document, found)
        self._insert(row, document, content)
        if not waits and self._post(row, document, draft.lines) > amounts.LARGEST_LEVEL:
            raise Refusal("too_large", "that would make a level too large to be true", 409)
        return document.number, document.n

    def _standing(self, draft: Draft) -> Standing | None:
        """The web order that a document is about: by its reference, or by the receipt on which something comes back."""
        reference = draft.reference
        if draft.sale:
            receipt = self._checks.receipt(draft.sale)
            if reference and receipt.reference != reference:
                raise Refusal("reference_differs", f"{draft.sale} does not belong to order {reference}", 409)
            reference = receipt.reference
        return self.order(reference) if reference else None

    def _document(
        self, draft: Draft, number: str, n: int | None, cards: dict[int, Card], found: Standing | None
    ) -> Document:
        """The paper as it is to be written."""
        lines, back = self._entries(draft, cards, found)
        payments = draft.payments
        if draft.kind is Kind.VOID and found is not None and not draft.lines and not payments:
            payments = entries.paid_back(found)
        cost = total(draft.kind, lines, back)
        if draft.payment and not payments and cost:
            payments = (Payment(draft.payment, abs(cost)),)
        return Document(
            number,
            n,
            draft.kind,
            draft.key,
            draft.author,
            draft.at or self.now(),
            draft.outlet,
            draft.to,
            draft.sale,
            draft.reason,
            draft.payment,
            cost,
            lines,
            back,
            found.reference if found is not None else "",
            draft.order_number or (found.order_number if found is not None else ""),
            payments,
            draft.customer if draft.customer is not None or found is None else found.customer,
        )

    def _entries(
        self, draft: Draft, cards: dict[int, Card], found: Standing | None
    ) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
        if draft.kind is Kind.VOID and found is not None and not draft.lines:
            return entries.everything(found), ()
        if draft.kind in (Kind.RETURN, Kind.VOID):
            return entries.taken_back(draft.lines, cards, found), ()
        return entries.sold(draft.lines, cards), entries.taken_back(draft.taken_back, cards, found)

    def _tell_customer(self, customer: int) -> int:
        """A change of the feed that says nothing but whom to look at."""
        row, n = self._db.execute(_NEXT).fetchone()
        outlet = self.catalogue.outlets()[0].id
        number = f"{PREFIX[Kind.CUSTOMER]}-{row:06d}"
        told = Document(
            number, n, Kind.CUSTOMER, None, Author.API, self.now(), outlet, "", "", "", "", 0, (), (), customer=customer
        )
        self._insert(row, told, "")
        return int(n)

    def _insert(self, row: int, document: Document, content: str) -> None:
        head = (row, self._new_id(), document.number, document.n, document.kind, document.key, document.author)
        body = (document.at, document.outlet, document.to, document.sale, document.reason, document.payment)
        paper = json.dumps([spelled(document.lines), spelled(document.taken_back)])
        order = (document.reference, document.order_number, spelled_payments(document.payments), document.customer)
        self._db.execute(_INSERT, (*head, *body, document.total, content, paper, *order))

    def _post(self, row: int, document: Document, lines: tuple[Line, ...]) -> int:
        """Move the levels; what moves nothing leaves no movement. `lines` are those of a count, which say more than the
        paper does. Returns the largest level that it made."""
        largest = 0
        for line, move in enumerate(moves(document)):
            before = self.feed.level(move.item, move.outlet)
            if before is None:
                continue
            delta = move.delta if move.level is None else self._counted(move, before, lines[line])
            if delta:
                self._db.execute(_MOVEMENT, (row, line, move.item, move.outlet, delta, before))
                self._db.execute(_LEVEL, (move.item, move.outlet, before + delta))
                largest = max(largest, abs(before + delta))
        return largest

    def _counted(self, move: Move, before: int, line: Line) -> int:
        if line.expected is not None and line.expected != before:
            found, meant = amounts.spell(before), amounts.spell(line.expected)
            raise Refusal("level_moved", f"item {move.item}: the level is {found} now, the count began at {meant}", 409)
        return line.quantity - before
