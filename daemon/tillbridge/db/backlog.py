"""Messages that wait for a person or failed: shown with what they are about, and tried again, or given up, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tillbridge.db.connect import Connection
from tillbridge.ports import Detail, Waiting

DISCARDED = "discarded"
"""The reason of a message that a person gave up."""

_STATE = "CASE WHEN m.state = 'ready' AND m.error <> '' THEN 'retrying' ELSE m.state END"
_SHOWN = (
    f"m.id, m.key, m.side, {_STATE}, m.reason, m.error, m.attempts, m.due_at, m.created_at,"
    " COALESCE(l.sku, ''), COALESCE(l.store_ref, ''), COALESCE(l.pos_ref, '')"
)
_FROM = "message m LEFT JOIN link l ON m.side <> '' AND m.kind = 'stock.write.1' AND m.body = CAST(l.id AS TEXT)"
_IN_STATE = {
    "parked": "m.state = 'parked'",
    "dead": "m.state = 'dead'",
    "retrying": "(m.state = 'ready' AND m.error <> '')",
}
_FAILED = "(state IN ('parked', 'dead') OR (state = 'ready' AND error <> ''))"
_DUE = "state = 'ready', due_at = ?, reason = '', attempts = 0, failing_for = 0"


class BacklogRows:
    """What a person does to such messages, in a unit of work."""

    def __init__(self, connection: Connection, boot: str, now: float) -> None:
        self._db = connection
        self._boot = boot
        self.now = now

    def retry_now(self, only: int | None) -> int:
        return self._due(_FAILED, only)

    def unpark(self, only: int | None) -> int:
        return self._due("state = 'parked'", only)

    def _due(self, which: str, only: int | None) -> int:
        if only is None:
            return self._db.run(f"UPDATE message SET {_DUE} WHERE {which}", (self.now,))
        return self._db.run(f"UPDATE message SET {_DUE} WHERE {which} AND id = ?", (self.now, only))

    def discard(self, number: int, words: str) -> int:
        return self._db.run(
            "UPDATE message SET state = 'done', done_at = ?, lease = NULL, lease_until = NULL, reason = ?, error = ?"
            f" WHERE id = ? AND {_FAILED} AND (lease IS NULL OR lease NOT LIKE ? OR lease_until <= ?)",
            (self.now, DISCARDED, words, number, f"{self._boot}.%", self.now),
        )


def waiting(db: Connection, limit: int, states: Sequence[str]) -> list[Waiting]:
    """Those in these states: parked and dead before what is tried again, the newest last."""
    rows = db.rows(
        f"SELECT {_SHOWN} FROM {_FROM} WHERE {_any(states)}"
        " ORDER BY CASE m.state WHEN 'dead' THEN 1 WHEN 'parked' THEN 2 ELSE 3 END, m.id LIMIT ?",
        (limit,),
    )
    return [Waiting(*row) for row in rows]


def waiting_in_all(db: Connection, states: Sequence[str]) -> int:
    """How many there are in these states."""
    return int(db.rows(f"SELECT COUNT(*) FROM message m WHERE {_any(states)}")[0][0])


def message(db: Connection, number: int) -> Detail | None:
    """One message, whatever its state."""
    rows: list[tuple[Any, ...]] = db.rows(
        f"SELECT {_SHOWN}, m.kind, m.lane, m.body FROM {_FROM} WHERE m.id = ?", (number,)
    )
    if not rows:
        return None
    *shown, kind, lane, body = rows[0]
    return Detail(Waiting(*shown), kind, lane, body)


def _any(states: Sequence[str]) -> str:
    return " OR ".join(_IN_STATE[state] for state in states) or "1 = 0"
