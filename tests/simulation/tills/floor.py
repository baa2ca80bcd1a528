"""The shop floor as a POS keeps it: the book that people ring in, its history row by row, and the door for our writes.

Everything here happens at the POS. Nothing raises for what a call asks: the answer is an outcome.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from tillbridge.core.actions import AdjustStock, CountStock, Outcome, Status
from tillbridge.core.stock import ZERO, plain
from tillbridge.ports import Clock
from tillbridge.till.book import Book
from tillbridge.till.papers import Author, Draft, Kind, Line
from tillbridge.till.refusal import Refusal

_POSTED = (
    "CREATE TEMP TABLE posted (n INTEGER PRIMARY KEY, at REAL NOT NULL)",
    "CREATE TEMP TRIGGER rung AFTER INSERT ON document WHEN new.n IS NOT NULL"
    " BEGIN INSERT INTO posted VALUES (new.n, seconds_now()); END",
    "CREATE TEMP TRIGGER came_online AFTER UPDATE OF n ON document WHEN new.n IS NOT NULL"
    " BEGIN INSERT INTO posted VALUES (new.n, seconds_now()); END",
)
"""When each change was committed: the book itself keeps only when it was rung."""

_NOTHING_THERE = frozenset({"item_unknown", "outlet_unknown"})
_UNUSABLE = frozenset({"key_reused"})


@dataclass(frozen=True, slots=True)
class Row:
    """One level that moved, as the history has it: `n` is the document's number, `line` the movement's place in it."""

    n: int
    line: int
    ref: str
    outlet: str
    before: Decimal
    delta: Decimal
    ours: bool
    kind: str

    @property
    def id(self) -> str:
        return f"{self.n}-{self.line}"

    @property
    def after(self) -> Decimal:
        return plain(self.before + self.delta)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the POS answers to a write, and the number of the change that it made, if any."""

    outcome: Outcome
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A row of the history that spoils the account of somebody who does nothing wrong. `how` says in which way:
    `overwritten` (the level lost its effect), `twice` (a repeated request of ours took effect again)."""

    row: Row
    how: str


class Floor:
    """One POS over a book. `spoilt` is what no connector could have kept right, by the row's id."""

    def __init__(self, connection: sqlite3.Connection, book: Book, clock: Clock) -> None:
        """`connection` is the book's own."""
        self.book = book
        self.clock = clock
        self.spoilt: dict[str, Spoilt] = {}
        self._db = connection
        self._took_effect: dict[str, int] = {}
        self.went_back_times = 0
        connection.create_function("seconds_now", 0, clock.now)
        for statement in _POSTED:
            connection.execute(statement)

    def head(self) -> int:
        """The number of the newest change."""
        return self.book.feed.head()

    def head_at(self, moment: float) -> int:
        """The number of the newest change that was committed by then."""
        return self._before(self._db.execute("SELECT min(n) FROM posted WHERE at > ?", (moment,)))

    def head_before(self, moment: float) -> int:
        """The number of the newest change that was committed earlier than that."""
        return self._before(self._db.execute("SELECT min(n) FROM posted WHERE at >= ?", (moment,)))

    def _before(self, found: sqlite3.Cursor) -> int:
        first = found.fetchone()[0]
        return self.head() if first is None else int(first) - 1

    def posted_at(self, n: int) -> float:
        """When that change was committed, steady seconds; 0 for what was there before anybody looked."""
        found = self._db.execute("SELECT at FROM posted WHERE n = ?", (n,)).fetchone()
        return 0.0 if found is None else float(found[0])

    def rows(self, after: int = 0) -> Iterator[Row]:
        """The history above a number, in the order in which it was written."""
        for change in self.book.feed.changes(after, self.head() - after).changes if after < self.head() else ():
            ours = change.author == Author.API
            for line, move in enumerate(change.movements):
                before, delta = pieces(move.before), pieces(move.delta)
                yield Row(change.n, line, str(move.item), move.outlet, before, delta, ours, change.kind)

    def rows_of(self, ref: str, outlet: str, after: int = 0) -> list[Row]:
        """The same for one item at one outlet."""
        return [row for row in self.rows(after) if (row.ref, row.outlet) == (ref, outlet)]

    def level(self, ref: str, outlet: str) -> Decimal | None:
        """One level, None where there is no such item or nobody counts it."""
        found = self.book.feed.level(int(ref), outlet) if ref.isdecimal() else None
        return None if found is None else pieces(found)

    def adjust(self, action: AdjustStock, *, keyed: bool = False, below_zero: bool = True) -> Reply:
        """Move a level. With `keyed` the key is part of the request, so that the POS takes it once."""
        objection = self.objection(action, self.level(action.ref, action.outlet), below_zero)
        return objection or self.write(action, action.key if keyed else None)

    def objection(self, action: AdjustStock, level: Decimal | None, below_zero: bool) -> Reply | None:
        """Why the POS does not move that level, None where it does."""
        if level is None:
            return Reply(Outcome(Status.NOT_FOUND, reason="item_unknown", sentence=f"there is no item {action.ref}"))
        if not below_zero and action.delta < ZERO and level + action.delta < ZERO:
            return Reply(Outcome(Status.REFUSED, level, "not_enough", f"only {level} are left"))
        return None

    def write(self, action: AdjustStock, key: str | None) -> Reply:
        """Write the adjustment down."""
        line = Line(int(action.ref), thousandths(action.delta))
        draft = Draft(Kind.ADJUSTMENT, action.outlet, (line,), key, Author.API, reason=action.reason)
        return self._record(draft, action)

    def count(self, action: CountStock) -> Reply:
        """Set a level, based on the expected one where the action names it."""
        level = self.level(action.ref, action.outlet)
        if level is None:
            return Reply(Outcome(Status.NOT_FOUND, reason="item_unknown", sentence=f"there is no item {action.ref}"))
        if action.expected is not None and action.expected != level:
            return Reply(Outcome(Status.REFUSED, level, "changed", f"the level is {level} now"))
        line = Line(int(action.ref), thousandths(action.level))
        return self._record(Draft(Kind.COUNT, action.outlet, (line,), author=Author.API), action)

    def _record(self, draft: Draft, action: AdjustStock | CountStock) -> Reply:
        try:
            recorded = self.book.record(draft)
        except Refusal as no:
            status = Status.NOT_FOUND if no.code in _NOTHING_THERE else Status.REFUSED
            status = Status.INVALID if no.code in _UNUSABLE else status
            return Reply(Outcome(status, reason=no.code, sentence=no.message))
        level = self.level(action.ref, action.outlet)
        if recorded.repeated:
            return Reply(Outcome(Status.DUPLICATE, level), recorded.n)
        if action.key in self._took_effect and recorded.n is not None:
            self.spoil(list(self.rows(recorded.n - 1))[:1], "twice")
        self._took_effect[action.key] = recorded.n or 0
        return Reply(Outcome(Status.APPLIED, level), recorded.n)

    def took_effect(self, key: str) -> bool:
        """Whether the write of that key was ever carried out."""
        return key in self._took_effect

    def went_back(self) -> None:
        """The database was put back to a backup: what came after that is not there, and its numbers come again."""
        head = self.head()
        self.went_back_times += 1
        self._db.execute("DELETE FROM posted WHERE n > ?", (head,))
        self._took_effect = {key: n for key, n in self._took_effect.items() if n <= head}
        self.spoilt = {name: one for name, one in self.spoilt.items() if one.row.n <= head}

    def spoil(self, rows: list[Row], how: str) -> None:
        """Note what nobody could have kept right."""
        for row in rows:
            self.spoilt.setdefault(row.id, Spoilt(row, how))


def pieces(number: int) -> Decimal:
    """The book's thousandths as a quantity."""
    return plain(Decimal(number) / 1000)


def thousandths(quantity: Decimal) -> int:
    """A quantity as the book counts; the declared precision makes it a whole number."""
    return int(quantity * 1000)
