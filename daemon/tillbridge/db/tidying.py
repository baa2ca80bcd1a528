"""Runs, the lines of finished orders and what the POS told, once nobody will ask for them again: forgotten in small
pieces.

What may still be undone or decided stays whole, with all that it is made of. The sums of an item stay as they are: what
the lines of a finished order held is in them for good.
"""

from __future__ import annotations

from tillbridge.core import taken
from tillbridge.core.explaining import SETTLED as FINISHED
from tillbridge.core.findings import Verdict
from tillbridge.core.taken import Taken
from tillbridge.db.arrivals import ARRIVED
from tillbridge.db.connect import Connection
from tillbridge.db.queue import marks
from tillbridge.db.runs import RUNS_KEPT_SINCE
from tillbridge.ports import DONE, FAILED, SETTLED, UNDO, UNDOING
from tillbridge.ports.keeping import LINES_KEPT_SINCE

_RUNS = 100
_ROWS = 500

_OLD_RUNS = (
    "SELECT id FROM run WHERE finished < ? AND state IN (?, ?)"
    # What it kept off sale, or left standing, is still so: the run is its reason, and may be undone.
    " AND NOT EXISTS (SELECT 1 FROM finding JOIN link ON link.id = finding.link WHERE finding.run = run.id"
    " AND ((verdict = ? AND link.held <> '0') OR (verdict = ? AND link.shift <> '0')))"
    # An order that the books still have: its story is told with what was decided about it.
    " AND NOT EXISTS (SELECT 1 FROM ruling JOIN line ON line.order_ref = ruling.document"
    " WHERE ruling.run = run.id AND ruling.document <> '')"
    # A run and its undo are told together: neither goes before both may.
    " AND NOT EXISTS (SELECT 1 FROM run AS undo WHERE undo.kind = ? AND undo.scope = CAST(run.id AS TEXT)"
    " AND undo.state = ?)"
    " AND NOT (kind = ? AND EXISTS (SELECT 1 FROM run AS undone WHERE undone.id = CAST(run.scope AS INTEGER)))"
    " ORDER BY id LIMIT ?"
)
_OLD_ORDERS = (
    f"SELECT ref FROM shop_order WHERE at < ? AND ref > ? AND status IN ({marks(sorted(FINISHED))}, ?)"
    " AND (gone = 0 OR status = ?)"
    " AND EXISTS (SELECT 1 FROM line WHERE order_ref = ref)"
    # What is only promised still counts on one side alone; what a document carries is needed when that is amended.
    " AND NOT EXISTS (SELECT 1 FROM line WHERE order_ref = ref"
    " AND ((admitted = 0 AND position <> '0') OR rest IS NOT NULL OR taken <> '0'))"
    " AND NOT EXISTS (SELECT 1 FROM stirred WHERE order_ref = ref)"
    " AND NOT EXISTS (SELECT 1 FROM entry WHERE document = ref AND document <> '' AND entry.at >= ?)"
    " ORDER BY ref LIMIT ?"
)
_OLD_ARRIVALS = (
    # By when it happened at the POS, and only once its message has gone, whose memory says that it was told already.
    "SELECT number, part FROM arrival WHERE CAST(strftime('%s', at) AS REAL) < ? AND made <> '' AND coming IS NULL"
    f" AND NOT EXISTS (SELECT 1 FROM message WHERE key = '{ARRIVED}' || number)"
    # A sale of which something is left: what comes back of it late must find its order.
    " AND (part <> 'order' OR NOT EXISTS"
    " (SELECT 1 FROM dossier WHERE dossier.order_ref = arrival.order_ref AND taken NOT IN (?, ?))"
    " OR EXISTS (SELECT 1 FROM shop_order WHERE ref = arrival.order_ref AND gone = 1))"
    " LIMIT ?"
)


class Tidying:
    """The half of the archive that is about runs and orders."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def forget_runs(self, before: float) -> int:
        gone = 0
        values = (before, DONE, FAILED, str(Verdict.HELD), str(Verdict.APART), UNDO, UNDOING, UNDO, _RUNS)
        while True:
            with self._db.write() as db:
                ids = [row[0] for row in db.rows(_OLD_RUNS, values)]
                if ids:
                    db.run(f"DELETE FROM run WHERE id IN ({marks(ids)})", ids)
                    _note(db, RUNS_KEPT_SINCE, before)
            if not ids:
                break
            gone += len(ids)
        for table in ("finding", "ruling"):
            self._forget_parts(table)
        return gone

    def _forget_parts(self, table: str) -> None:
        """What runs that are gone have left. So a daemon that dies in between leaves nothing behind for good."""
        with self._db.read() as db:
            left = f"SELECT DISTINCT run FROM {table} WHERE run <> 0 EXCEPT SELECT id FROM run"
            runs = [row[0] for row in db.rows(left)]
        for run in runs:
            while True:
                with self._db.write() as db:
                    which = f"SELECT rowid FROM {table} WHERE run = ? LIMIT ?"
                    if db.run(f"DELETE FROM {table} WHERE rowid IN ({which})", (run, _ROWS)) < _ROWS:
                        break

    def forget_lines(self, before: float) -> int:
        """An order of which nothing is left to say goes with its lines; one that was sent stays, without them, for a
        late return must be sent too."""
        gone, last = 0, ""
        statuses = sorted(FINISHED)
        while True:
            with self._db.write() as db:
                values = (before, last, *statuses, SETTLED, SETTLED, before, _RUNS)
                refs = [row[0] for row in db.rows(_OLD_ORDERS, values)]
                if refs:
                    here = f"({marks(refs)})"
                    db.run(
                        f"DELETE FROM shop_order WHERE ref IN {here} AND NOT EXISTS (SELECT 1 FROM line"
                        " WHERE order_ref = ref AND (position <> '0' OR booked <> '0'))",
                        refs,
                    )
                    gone += db.run(f"DELETE FROM line WHERE order_ref IN {here}", refs)
                    _note(db, LINES_KEPT_SINCE, before)
            if not refs:
                return gone
            last = refs[-1]

    def forget_arrivals(self, before: float) -> int:
        """What the shop made of documents of the POS is told by the shop; here it only kept them from being made
        twice."""
        gone = 0
        while True:
            with self._db.write() as db:
                rows = db.rows(_OLD_ARRIVALS, (before, "", taken.encode(Taken()), _ROWS))
                db.run_many("DELETE FROM arrival WHERE number = ? AND part = ?", rows)
            gone += len(rows)
            if len(rows) < _ROWS:
                return gone


def _note(db: Connection, name: str, before: float) -> None:
    db.run(
        "INSERT INTO note (name, value, at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value,"
        " at = excluded.at",
        (name, repr(before), before),
    )
