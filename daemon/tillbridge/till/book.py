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
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tillbridge.till import amounts
from tillbridge.till.catalogue import Card, Catalogue
from tillbridge.till.feed import Feed
from tillbridge.till.papers import (
    AT_THE_COUNTER,
    PREFIX,
    Author,
    Document,
    Draft,
    Entry,
    Kind,
    Line,
    Move,
    coming_back,
    draft_of,
    moves,
    total,
)
from tillbridge.till.refusal import Refusal
from tillbridge.till.storage import writing

KEY_MEMORY = 90 * 24 * 3600
"""Seconds for which a key is promised to be known. Documents are kept for good, so it is longer in truth."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a draft. `n` is its number in the feed (None: it waits), `repeated` that its key was known."""

    number: str
    n: int | None
    repeated: bool


_DOCUMENT = (
    "SELECT number, n, kind, key, author, at, outlet, destination, sale, reason, payment, total, lines FROM document"
)

_NEXT = "SELECT coalesce((SELECT max(id) FROM document), 0) + 1, coalesce((SELECT max(n) FROM document), 0) + 1"
_INSERT = "INSERT INTO document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
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
        row = self._db.execute(f"{_DOCUMENT} WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise Refusal("document_unknown", f"there is no document {number}", 404)
        return _document(row)

    def find(self, key: str) -> Document | None:
        """The document that a key left behind."""
        row = self._db.execute(f"{_DOCUMENT} WHERE key = ?", (key,)).fetchone()
        return None if row is None else _document(row)

    def recent(self, limit: int) -> list[Document]:
        """The newest documents first, waiting ones too."""
        return [_document(row) for row in self._db.execute(f"{_DOCUMENT} ORDER BY id DESC LIMIT ?", (limit,))]

    def is_offline(self) -> bool:
        """Whether the register keeps what it rings to itself."""
        return self.setting("offline") is not None

    def waiting(self) -> int:
        """How many documents wait for the register to come online."""
        return int(self._db.execute("SELECT count(*) FROM document WHERE n IS NULL").fetchone()[0])

    def waiting_content(self) -> list[str]:
        """What those documents say, oldest first (see `papers.draft_of`)."""
        return [row[0] for row in self._db.execute("SELECT content FROM document WHERE n IS NULL ORDER BY id")]

    def go_offline(self) -> None:
        """From now on the register keeps to itself what people ring there."""
        self.keep("offline", "1")

    def go_online(self) -> int:
        """Post everything that waits, oldest first, all of it or nothing. Returns how many there were."""
        with writing(self._db):
            rows = self._db.execute("SELECT id, content FROM document WHERE n IS NULL ORDER BY id").fetchall()
            head = self.feed.head()
            for n, (document, content) in enumerate(rows, start=head + 1):
                self._db.execute("UPDATE document SET n = ? WHERE id = ?", (n, document))
                self._post(document, draft_of(content))
            self._db.execute("DELETE FROM setting WHERE name = 'offline'")
        if rows:
            self._told(head + len(rows))
        return len(rows)

    def setting(self, name: str) -> str | None:
        """Something that the till remembers about itself."""
        row = self._db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def keep(self, name: str, value: str | None) -> None:
        """Remember a setting, or forget it with None."""
        with writing(self._db):
            if value is None:
                self._db.execute("DELETE FROM setting WHERE name = ?", (name,))
            else:
                self._db.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (name, value))

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
        cards = self._check(draft)
        waits = draft.author is Author.TILL and self.is_offline()
        if waits and draft.kind is Kind.COUNT:
            raise Refusal("offline", "a count needs the register to be online: the level may have moved elsewhere", 409)
        document, n = self._db.execute(_NEXT).fetchone()
        n = None if waits else n
        number = f"{PREFIX[draft.kind]}-{document:06d}"
        lines, taken_back = _entries(draft.lines, cards), _entries(draft.taken_back, cards)
        cost = total(draft.kind, lines, taken_back)
        if abs(cost) > amounts.LARGEST_TOTAL:
            raise Refusal("too_large", "that sum is too large to be true", 409)
        head = (document, self._new_id(), number, n, draft.kind, draft.key, draft.author, self.now())
        body = (draft.outlet, draft.to, draft.sale, draft.reason, draft.payment, cost, content)
        paper = json.dumps([_spelled(lines), _spelled(taken_back)])
        self._db.execute(_INSERT, (*head, *body, paper))
        if n is not None and self._post(document, draft) > amounts.LARGEST_LEVEL:
            raise Refusal("too_large", "that would make a level too large to be true", 409)
        return number, n

    def _check(self, draft: Draft) -> dict[int, Card]:
        """Everything that a document names must exist and be able to move; returns the cards of its items."""
        if not draft.lines:
            raise Refusal("lines_missing", "a document needs at least one line")
        for outlet in {draft.outlet, draft.to or draft.outlet}:
            self.catalogue.must_have_outlet(outlet)
        cards: dict[int, Card] = {}
        for line in draft.lines + draft.taken_back:
            if line.item not in cards:
                cards[line.item] = self.catalogue.item(line.item).card
            if draft.kind not in AT_THE_COUNTER and not cards[line.item].tracked:
                raise Refusal("untracked", f"item {line.item} is not tracked: it has no level that could move", 409)
        if draft.kind is Kind.TRANSFER and draft.to in ("", draft.outlet):
            raise Refusal("outlet_same", "a transfer needs two different outlets")
        if draft.kind is Kind.COUNT and len(cards) < len(draft.lines):
            raise Refusal("item_twice", "a count names each item once")
        if draft.sale:
            self._check_return(draft)
        return cards

    def _check_return(self, draft: Draft) -> None:
        """No more may come back on a receipt than it says was sold."""
        sale = self.document(draft.sale)
        if sale.kind not in (Kind.SALE, Kind.EXCHANGE):
            raise Refusal("sale_unknown", f"{draft.sale} is not a sale", 409)
        left: Counter[int] = Counter()
        for entry in sale.lines:
            left[entry.item] += entry.quantity
        for (content,) in self._db.execute("SELECT content FROM document WHERE sale = ?", (draft.sale,)):
            for line in coming_back(draft_of(content)):
                left[line.item] -= line.quantity
        for line in coming_back(draft):
            left[line.item] -= line.quantity
            if left[line.item] < 0:
                raise Refusal("returned_more", f"item {line.item}: more comes back than {draft.sale} sold", 409)

    def _post(self, document: int, draft: Draft) -> int:
        """Move the levels; what moves nothing leaves no movement. Returns the largest level that it made."""
        largest = 0
        for line, move in enumerate(moves(draft)):
            before = self.feed.level(move.item, move.outlet)
            if before is None:
                continue
            delta = move.delta if move.level is None else self._counted(move, before, draft.lines[line])
            if delta:
                self._db.execute(_MOVEMENT, (document, line, move.item, move.outlet, delta, before))
                self._db.execute(_LEVEL, (move.item, move.outlet, before + delta))
                largest = max(largest, abs(before + delta))
        return largest

    def _counted(self, move: Move, before: int, line: Line) -> int:
        if line.expected is not None and line.expected != before:
            found, meant = amounts.spell(before), amounts.spell(line.expected)
            raise Refusal("level_moved", f"item {move.item}: the level is {found} now, the count began at {meant}", 409)
        return line.quantity - before


def _entries(lines: tuple[Line, ...], cards: dict[int, Card]) -> tuple[Entry, ...]:
    entries = []
    for line in lines:
        card = cards[line.item]
        price = card.price if line.price is None else line.price
        entries.append(Entry(line.item, card.sku, card.name, line.quantity, price))
    return tuple(entries)


def _spelled(entries: tuple[Entry, ...]) -> list[tuple[int, str, str, int, int]]:
    return [(entry.item, entry.sku, entry.name, entry.quantity, entry.price) for entry in entries]


def _document(row: tuple[Any, ...]) -> Document:
    number, n, kind, key, author, at, outlet, to, sale, reason, payment, cost, text = row
    lines, taken_back = ([Entry(*entry) for entry in side] for side in json.loads(text))
    return Document(
        number,
        n,
        Kind(kind),
        key,
        Author(author),
        at,
        outlet,
        to,
        sale,
        reason,
        payment,
        cost,
        tuple(lines),
        tuple(taken_back),
    )
