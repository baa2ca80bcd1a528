"""The books: queue and ledger in one database, one transaction at a time, and the pictures that people are shown of
them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count

from tillbridge.core.links import Held
from tillbridge.core.marks import Mark
from tillbridge.core.stock import SideName
from tillbridge.db import alerts, backlog, queue
from tillbridge.db.alerts import AlertRows
from tillbridge.db.backlog import BacklogRows
from tillbridge.db.connect import Connection
from tillbridge.db.ledger import PAUSED, known_levels
from tillbridge.db.paperwork import PaperRows
from tillbridge.db.persons import PersonRows
from tillbridge.db.story import StoryRows
from tillbridge.ports import NEEDS_LOOKING, Alert, Clock, Detail, Glance, Known, Story, Summary, Unit, Waiting

NAME = "books"
"""The note with the random name of these books: the boot that made them."""

DUE = (
    "SELECT MIN(due_at) FROM message WHERE state = 'ready' AND side = ?"
    " AND (lease IS NULL OR lease NOT LIKE ? OR lease_until <= ?)"
    " AND NOT EXISTS (SELECT 1 FROM note WHERE name = ?)"
)
"""When the next message of a side is due, unless the side is paused."""


class UnitOfWork(PersonRows, PaperRows, BacklogRows, StoryRows, AlertRows):
    """One transaction on queue and ledger together."""

    def __init__(self, connection: Connection, boot: str, tokens: count[int], now: float) -> None:
        PaperRows.__init__(self, connection, boot, tokens, now)


class SqlBooks:
    """`ports.Books` on a database. `boot` is a name that no other run of the daemon has had."""

    def __init__(self, connection: Connection, clock: Clock, boot: str) -> None:
        self._db = connection
        self._clock = clock
        self._boot = boot
        self._tokens = count(1)

    def take_over(self) -> None:
        """For a daemon that starts: what an earlier run put off is due at once."""
        with self._db.write() as db:
            queue.everything_due(db, self._clock.now())
            db.run(
                "INSERT INTO note (name, value, at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
                (NAME, self._boot, self._clock.now()),
            )

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        with self._db.write() as db:
            yield UnitOfWork(db, self._boot, self._tokens, self._clock.now())

    @contextmanager
    def reading(self) -> Iterator[Story]:
        with self._db.read() as db:
            yield StoryRows(db, self._clock.now())

    @contextmanager
    def glancing(self) -> Iterator[Glance]:
        with self._db.read() as db:
            yield StoryRows(db, self._clock.now())

    def noted(self, name: str) -> str:
        rows = self._db.ask("SELECT value FROM note WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else ""

    def mark(self) -> Mark:
        ((name, messages, entries),) = self._db.ask(
            "SELECT (SELECT value FROM note WHERE name = ?),"
            " (SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'message'),"
            " (SELECT COALESCE(MAX(id), 0) FROM entry)",
            (NAME,),
        )
        return Mark(str(name or ""), int(messages) + int(entries))

    def known(self, side: SideName, refs: Sequence[str]) -> dict[tuple[str, str], Known]:
        with self._db.read() as db:
            return known_levels(db, side, refs)

    def next_due(self, side: SideName | None) -> float | None:
        ((due,),) = self._db.ask(f"SELECT ({DUE})", self._about(side))
        return None if due is None else float(due)

    def _about(self, side: SideName | None) -> tuple[str | float, ...]:
        """The values of `DUE`."""
        return "" if side is None else str(side), f"{self._boot}.%", self._clock.now(), f"paused:{side}"

    def summary(self) -> Summary:
        with self._db.read() as db:
            messages = db.rows("SELECT state, side, COUNT(*) FROM message WHERE state <> 'done' GROUP BY state, side")
            held = db.rows("SELECT reason, COUNT(*) FROM held GROUP BY reason")
            notes = db.rows("SELECT name, value, at FROM note")
            (links,) = db.rows("SELECT COUNT(*) FROM link")[0]
            (unsettled,) = db.rows("SELECT COUNT(*) FROM account WHERE attempt_key IS NOT NULL")[0]
            (oldest,) = db.rows("SELECT MIN(created_at) FROM message WHERE state = 'ready'")[0]
            (settled,) = db.rows("SELECT MAX(done_at) FROM message WHERE state = 'done'")[0]
            size = db.size()
        return Summary(
            {(state, side): number for state, side, number in messages},
            int(links),
            int(unsettled),
            dict(held),
            None if oldest is None else float(oldest),
            tuple(side for side in SideName if any(name == f"paused:{side}" for name, _, _ in notes)),
            {name: (value, at) for name, value, at in notes},
            size,
            {
                side: value
                for side in SideName
                for name, value, _ in notes
                if name == f"paused:{side}" and value != PAUSED
            },
            None if settled is None else float(settled),
        )

    def waiting(self, limit: int, states: Sequence[str] = NEEDS_LOOKING) -> list[Waiting]:
        with self._db.read() as db:
            return backlog.waiting(db, limit, states)

    def waiting_in_all(self, states: Sequence[str] = NEEDS_LOOKING) -> int:
        with self._db.read() as db:
            return backlog.waiting_in_all(db, states)

    def message(self, number: int) -> Detail | None:
        with self._db.read() as db:
            return backlog.message(db, number)

    def held(self) -> list[Held]:
        with self._db.read() as db:
            rows = db.rows("SELECT side, ref, sku, name, reason, sentence FROM held ORDER BY side, sku, ref")
        return [Held(SideName(side), *rest) for side, *rest in rows]

    def alerts(self, limit: int) -> list[Alert]:
        with self._db.read() as db:
            return alerts.standing(db, limit)
