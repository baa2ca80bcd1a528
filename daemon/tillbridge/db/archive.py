"""The old part of the books: forgotten in small pieces, and the journal folded so that its sums stay true."""

from __future__ import annotations

from decimal import Decimal

from tillbridge.core.stock import ZERO, spell
from tillbridge.db.connect import Connection
from tillbridge.db.queue import marks
from tillbridge.db.tidying import Tidying

_PIECE = 500

CARRIED = "carried"
"""The cause of an entry that stands for older ones."""


_FOLDABLE = "at < ? AND NOT EXISTS (SELECT 1 FROM run WHERE run.id = entry.run)"
"""What a run entered is kept apart as long as the run is, so that it can be undone."""


class SqlArchive(Tidying):
    """`ports.Archive` on a database."""

    def forget_done(self, before: float) -> int:
        return self._in_pieces(
            "SELECT id FROM message WHERE state = 'done' AND done_at < ? LIMIT ?", "message", "id", before
        )

    def forget_nonces(self, before: float) -> int:
        return self._in_pieces("SELECT value FROM nonce WHERE until < ? LIMIT ?", "nonce", "value", before)

    def _in_pieces(self, select: str, table: str, key: str, before: float) -> int:
        gone = 0
        while True:
            with self._db.write() as db:
                ids = [row[0] for row in db.rows(select, (before, _PIECE))]
                if ids:
                    gone += db.run(f"DELETE FROM {table} WHERE {key} IN ({marks(ids)})", ids)
            if len(ids) < _PIECE:
                return gone

    def fold_journal(self, before: float) -> int:
        gone = 0
        last = (-1, "", "", "")
        while True:
            with self._db.write() as db:
                rows = db.rows(
                    f"SELECT link, side, outlet, kind FROM entry WHERE {_FOLDABLE}"
                    " AND (link, side, outlet, kind) > (?, ?, ?, ?)"
                    " GROUP BY link, side, outlet, kind HAVING COUNT(*) > 1 ORDER BY link, side, outlet, kind LIMIT 50",
                    (before, *last),
                )
                for row in rows:
                    gone += self._fold(db, row, before)
            if not rows:
                return gone
            last = rows[-1]

    def _fold(self, db: Connection, account: tuple[object, ...], before: float) -> int:
        """One carried entry in the place of many, under the id of the newest: the highest id says how far the books
        have come, and must not fall. Its source is the oldest row's id, which no event's key looks like."""
        which = f"link = ? AND side = ? AND outlet = ? AND kind = ? AND {_FOLDABLE}"
        rows = db.rows(f"SELECT id, amount, at FROM entry WHERE {which} ORDER BY id", (*account, before))
        total = sum((Decimal(amount) for _, amount, _ in rows), ZERO)
        db.run(f"DELETE FROM entry WHERE {which}", (*account, before))
        link, side, outlet, kind = account
        db.run(
            "INSERT INTO entry (id, link, side, outlet, kind, amount, source, cause, document, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', ?)",
            (rows[-1][0], link, side, outlet, kind, spell(total), f"{CARRIED}:{rows[0][0]}", CARRIED, rows[-1][2]),
        )
        return len(rows) - 1
