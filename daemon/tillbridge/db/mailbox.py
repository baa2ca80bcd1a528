"""Where events become durable before the shop is answered: one commit for everything that is handed in together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tillbridge.core import marks
from tillbridge.core.marks import Mark
from tillbridge.core.stock import SideName
from tillbridge.db.connect import Connection
from tillbridge.db.queue import add_events
from tillbridge.ports import PUSHED, Checkpoint, Clock, Parcel


class SqlMailbox:
    """`ports.Mailbox` on a database. `delivered` is called after each commit that stored something new."""

    def __init__(
        self, connection: Connection, clock: Clock, delivered: Callable[[], None], checkpoint: Checkpoint
    ) -> None:
        self._db = connection
        self._clock = clock
        self._delivered = delivered
        self._checkpoint = checkpoint

    def nonces(self) -> dict[str, float]:
        with self._db.read() as db:
            return {row[0]: float(row[1]) for row in db.rows("SELECT value, until FROM nonce")}

    def deliver(self, parcels: Sequence[Parcel]) -> None:
        self._checkpoint("intake.received")
        with self._db.write() as db:
            db.run_many(
                "INSERT INTO nonce (value, until) VALUES (?, ?) ON CONFLICT (value) DO NOTHING",
                [(parcel.nonce, parcel.nonce_until) for parcel in parcels],
            )
            new = add_events(db, [one for parcel in parcels for one in parcel.told], self._clock.now())
            if any(parcel.told for parcel in parcels):
                db.run(
                    "INSERT INTO note (name, value, at) VALUES (?, '', ?)"
                    " ON CONFLICT (name) DO UPDATE SET at = excluded.at",
                    (PUSHED, self._clock.now()),
                )
            for mark in {parcel.mark for parcel in parcels if parcel.mark is not None}:
                self._note(db, mark)
        self._checkpoint("intake.stored")
        if new:
            self._delivered()

    def _note(self, db: Connection, mark: Mark) -> None:
        """A shop that is restored before its next page is read must be found behind what it pushed."""
        name = marks.note_of(SideName.STORE)
        rows = db.rows("SELECT value FROM note WHERE name = ?", (name,))
        if rows and marks.goes_further(marks.decode(str(rows[0][0])), mark):
            db.run("UPDATE note SET value = ?, at = ? WHERE name = ?", (marks.encode(mark), self._clock.now(), name))
