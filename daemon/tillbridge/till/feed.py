"""What the till tells others: the level of everything, and every change in the order in which it was committed."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from tillbridge.till.refusal import Refusal
from tillbridge.till.storage import reading


@dataclass(frozen=True, slots=True)
class Movement:
    """One level that moved, in thousandths; `before` is the level just before."""

    item: int
    sku: str
    outlet: str
    delta: int
    before: int


@dataclass(frozen=True, slots=True)
class Change:
    """One committed document as the feed tells it; `n` rises strictly, `at` is when it happened at the counter.

    `reference` is the web order that it is about, `customer` whose it is, or in a change of a customer who changed.
    """

    id: str
    n: int
    at: str
    kind: str
    document: str
    key: str | None
    author: str
    movements: tuple[Movement, ...]
    reference: str = ""
    customer: int | None = None


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A page of the feed; `cursor` is what to ask with next, `head` the newest change of that very moment."""

    changes: tuple[Change, ...]
    cursor: int
    more: bool
    head: int


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One item at one outlet; `level` is None where the item is not tracked."""

    item: int
    sku: str
    name: str
    outlet: str
    level: int | None


@dataclass(frozen=True, slots=True)
class LevelPage:
    """All outlets of a run of items, with the feed's cursor of the very same moment."""

    levels: tuple[LevelRow, ...]
    next: int | None
    cursor: int


class Feed:
    """Levels and changes in one database, read only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def incarnation(self) -> str:
        """The random name that this database got when it was made. A restored backup has the same, and a lower head."""
        row = self._db.execute("SELECT value FROM setting WHERE name = 'incarnation'").fetchone()
        return str(row[0])

    def head(self) -> int:
        """The number of the newest change, 0 where there is none. No level moves without one, and none is ever taken
        away, so it falls only where the database went back."""
        return int(self._db.execute("SELECT max(n) FROM document").fetchone()[0] or 0)

    def changes(self, after: int, limit: int) -> ChangePage:
        """The changes after a cursor. A cursor beyond the newest change is not ours: these books are older than it."""
        head = self.head()
        if after == head:  # as most who ask find it; one statement sees one moment without more
            return ChangePage((), after, False, head)
        with reading(self._db):
            head = self.head()
            if after > head:
                message = f"cursor {after} is beyond the newest change {head}: were these books restored?"
                raise Refusal("cursor_unknown", message, 410)
            rows = self._db.execute(
                "SELECT id, uid, n, at, kind, number, key, author, reference, customer FROM document"
                " WHERE n > ? ORDER BY n LIMIT ?",
                (after, limit + 1),
            ).fetchall()
            more = len(rows) > limit
            rows = rows[:limit]
            moved = self._moved(after, int(rows[-1][2])) if rows else {}
        changes = tuple(_change(row, moved.get(row[0], [])) for row in rows)
        return ChangePage(changes, changes[-1].n if changes else after, more, head)

    def levels(self, after: int, limit: int) -> LevelPage:
        """The levels of the next `limit` items at every outlet; a page never splits an item."""
        with reading(self._db):
            found = self._db.execute("SELECT id FROM item WHERE id > ? ORDER BY id LIMIT ?", (after, limit + 1))
            ids = [int(row[0]) for row in found]
            last = ids[limit - 1] if len(ids) > limit else None
            rows = self._db.execute(
                "SELECT i.id, i.sku, i.name, o.id, CASE WHEN i.tracked THEN coalesce(l.quantity, 0) END"
                " FROM item i CROSS JOIN outlet o LEFT JOIN level l ON l.item = i.id AND l.outlet = o.id"
                " WHERE i.id > ? AND i.id <= ? ORDER BY i.id, o.place",
                (after, last if last is not None else max(ids, default=after)),
            )
            return LevelPage(tuple(LevelRow(*row) for row in rows), last, self.head())

    def level(self, item: int, outlet: str) -> int | None:
        """One level, None where the item is not tracked or unknown."""
        row = self._db.execute(
            "SELECT coalesce(l.quantity, 0) FROM item i LEFT JOIN level l ON l.item = i.id AND l.outlet = ?"
            " WHERE i.id = ? AND i.tracked",
            (outlet, item),
        ).fetchone()
        return None if row is None else int(row[0])

    def movements(self, document: str) -> tuple[Movement, ...]:
        """What the document of that number moved, nothing while it waits."""
        rows = self._db.execute(
            "SELECT m.item, i.sku, m.outlet, m.delta, m.before FROM movement m JOIN item i ON i.id = m.item"
            " WHERE m.document = (SELECT id FROM document WHERE number = ?) ORDER BY m.line",
            (document,),
        )
        return tuple(Movement(*row) for row in rows)

    def _moved(self, after: int, last: int) -> dict[int, list[Movement]]:
        found: dict[int, list[Movement]] = {}
        for row in self._db.execute(
            "SELECT d.id, m.item, i.sku, m.outlet, m.delta, m.before FROM document d"
            " JOIN movement m ON m.document = d.id JOIN item i ON i.id = m.item"
            " WHERE d.n > ? AND d.n <= ? ORDER BY d.n, m.line",
            (after, last),
        ):
            found.setdefault(row[0], []).append(Movement(*row[1:]))
        return found


def _change(row: tuple[Any, ...], moved: list[Movement]) -> Change:
    _, uid, n, at, kind, number, key, author, reference, customer = row
    return Change(uid, n, at, kind, number, key, author, tuple(moved), reference, customer)
