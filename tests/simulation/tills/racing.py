"""A POS that reads a level, thinks, and writes a level: of two that do so at once, one is lost (measured on NexoPOS).

Both are in the history, each with the level that it had read. The history is written in the order of the levels.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from random import Random

from tests.simulation.tills.floor import Floor, Reply, Row, thousandths
from tillbridge.core.actions import AdjustStock
from tillbridge.ports import Clock
from tillbridge.till.book import Book
from tillbridge.till.papers import Kind
from tillbridge.till.storage import writing


class RacingFloor(Floor):
    """A floor on which `between` runs while a write of ours is between its read and its write, or somebody else's is.

    `dice` say which of the two is the slower one, whose level stands.
    """

    def __init__(
        self, connection: sqlite3.Connection, book: Book, clock: Clock, between: Callable[[], None], dice: Random
    ) -> None:
        super().__init__(connection, book, clock)
        self._between = between
        self._dice = dice

    def adjust(self, action: AdjustStock, *, keyed: bool = False, below_zero: bool = True) -> Reply:
        read = self.level(action.ref, action.outlet)
        objection = self.objection(action, read, below_zero)
        if objection is not None:
            return objection
        assert read is not None
        key = action.key if keyed else None
        if self._dice.random() < 0.5:
            return self._overwrite(action, key, read)
        return self._be_overwritten(action, key, read)

    def _overwrite(self, action: AdjustStock, key: str | None, read: Decimal) -> Reply:
        """Ours is the slow one: whatever others wrote since it read is gone. The POS goes on even if the world ends
        for the one who asked."""
        head = self.head()
        try:
            self._between()
        finally:
            others = self.rows_of(action.ref, action.outlet, head)
            reply = self.write(action, key)
            if others and reply.n is not None and reply.n > head:
                self._pretend(reply.n, action, read)
                self.spoil(others, "overwritten")
        return replace(reply, outcome=replace(reply.outcome, level=read + action.delta)) if reply.n else reply

    def _be_overwritten(self, action: AdjustStock, key: str | None, read: Decimal) -> Reply:
        """Somebody else read before we wrote, and writes after us. A count reads nothing: it stands as it was counted,
        with our write in it."""
        head = self.head()
        reply = self.write(action, key)
        try:
            self._between()
        finally:
            n = reply.n
            others = [] if n is None or n <= head else self.rows_of(action.ref, action.outlet, n)
            if n is not None and others and all(row.kind != Kind.COUNT for row in others):
                self._forget(self.rows_of(action.ref, action.outlet, n - 1)[0])
        return reply

    def _forget(self, ours: Row) -> None:
        """The rows after ours never knew of it, and neither does the level."""
        level = self.level(ours.ref, ours.outlet)
        assert level is not None
        with writing(self._db):
            self._db.execute(
                "UPDATE movement SET before = before - ? WHERE item = ? AND outlet = ?"
                " AND document IN (SELECT id FROM document WHERE n > ?)",
                (thousandths(ours.delta), int(ours.ref), ours.outlet, ours.n),
            )
            self._store(ours.ref, ours.outlet, level - ours.delta)
        self.spoil([ours], "overwritten")

    def _pretend(self, n: int, action: AdjustStock, read: Decimal) -> None:
        """Row `n` is built on the level that was read, and so is the level."""
        with writing(self._db):
            self._db.execute(
                "UPDATE movement SET before = ? WHERE document = (SELECT id FROM document WHERE n = ?)",
                (thousandths(read), n),
            )
            self._store(action.ref, action.outlet, read + action.delta)

    def _store(self, ref: str, outlet: str, level: Decimal) -> None:
        self._db.execute(
            "UPDATE level SET quantity = ? WHERE item = ? AND outlet = ?", (thousandths(level), int(ref), outlet)
        )
