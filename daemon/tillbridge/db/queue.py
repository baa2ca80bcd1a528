"""The queue: what was told to us and what has to go out, none of it forgotten.

A lease is not a state. A row is ready until it is settled; a worker holds it while its lease is of this boot and has
not run out, so a crash needs no cleaning up, and every settling names the lease, so a worker that slept past it
changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any, NamedTuple, TypeVar

from tillbridge.core.backoff import Verdict
from tillbridge.core.events import Told
from tillbridge.core.stock import ZERO, SideName
from tillbridge.db.connect import Connection
from tillbridge.ports import Message

WRITE_KIND = "stock.write.1"
"""The message of the one rule: its body is the link's id; the amount is computed when a worker takes it."""

FALL, RISE = 20, 25
"""Priorities of stock work (documents go before at 10, the catalogue after at 30). A fall goes before a rise: it is the
fall that keeps a piece from being sold twice."""

_CHUNK = 500
_T = TypeVar("_T")
_COLUMNS = "id, key, kind, side, body, attempts, failing_for, tried_at"


class Due(NamedTuple):
    """Work that goes out to a side; `lane` is in what it waits for its elders."""

    key: str
    kind: str
    lane: str
    side: SideName
    priority: int
    body: str


class QueueRows:
    """The queue's half of a unit of work. `boot` names this run of the daemon: leases of another are void."""

    def __init__(self, connection: Connection, boot: str, tokens: count[int], now: float) -> None:
        self._db = connection
        self._boot = boot
        self._tokens = tokens
        self.now = now

    def add(self, told: Sequence[Told]) -> int:
        return add_events(self._db, told, self.now)

    def claim_events(self, limit: int) -> list[Message]:
        """Events have one priority; named in the order, it lets the index give them sorted, however many wait."""
        rows = self._db.rows(
            f"SELECT {_COLUMNS} FROM message WHERE state = 'ready' AND side = '' AND due_at <= ?"
            " ORDER BY priority, id LIMIT ?",
            (self.now, limit),
        )
        return [_message(row, "") for row in rows]

    def claim_writes(self, side: SideName, limit: int, lease_seconds: float) -> list[Message]:
        return self.claim(WRITE_KIND, side, limit, lease_seconds)

    def claim(self, kind: str, side: SideName, limit: int, lease_seconds: float) -> list[Message]:
        """Due work of one kind for one side, under a fresh lease."""
        lease = f"{self._boot}.{next(self._tokens)}"
        free = "(lease IS NULL OR lease NOT LIKE ? OR lease_until <= ?)"
        rows = self._db.rows(
            f"SELECT {_COLUMNS} FROM message WHERE state = 'ready' AND side = ? AND kind = ? AND due_at <= ? AND {free}"
            " AND NOT EXISTS (SELECT 1 FROM message elder WHERE elder.lane = message.lane AND elder.lane <> ''"
            " AND elder.state = 'ready' AND elder.id < message.id)"
            " ORDER BY priority, id LIMIT ?",
            (str(side), kind, self.now, f"{self._boot}.%", self.now, limit),
        )
        won = []
        for row in rows:
            changed = self._db.run(
                "UPDATE message SET lease = ?, lease_until = ?, attempts = attempts + 1, tried_at = ?"
                f" WHERE id = ? AND state = 'ready' AND {free}",
                (lease, self.now + lease_seconds, self.now, row[0], f"{self._boot}.%", self.now),
            )
            if changed == 1:
                won.append(_message(row, lease))
        return won

    def held_of(self, messages: Sequence[Message]) -> set[int]:
        held: set[int] = set()
        for part in chunks(messages):
            rows = self._db.rows(
                f"SELECT id, lease FROM message WHERE id IN ({marks(part)})", [message.id for message in part]
            )
            leases = {message.id: message.lease for message in part}
            held.update(int(row[0]) for row in rows if row[1] == leases[row[0]])
        return held

    def make_due(self, side: SideName, amounts: Mapping[int, Decimal]) -> None:
        self.fall_due(
            [
                Due(
                    f"due:{side}:{link}",
                    WRITE_KIND,
                    f"stock:{side}:{link}",
                    side,
                    FALL if amount < ZERO else RISE,
                    str(link),
                )
                for link, amount in amounts.items()
            ]
        )

    def fall_due(self, work: Iterable[Due]) -> None:
        """One message for each key, always; it falls due now, whatever failed before, and leaves parked and dead."""
        self._db.run_many(
            "INSERT INTO message (key, kind, lane, side, priority, body, state, due_at, attempts, failing_for, cause,"
            " reason, error, created_at) VALUES (?, ?, ?, ?, ?, ?, 'ready', ?, 0, 0, '', '', '', ?)"
            " ON CONFLICT (key) DO UPDATE SET state = 'ready', due_at = excluded.due_at, priority = excluded.priority,"
            " created_at = CASE WHEN state = 'ready' THEN created_at ELSE excluded.created_at END,"
            " attempts = CASE WHEN state = 'ready' THEN attempts ELSE 0 END,"
            " failing_for = CASE WHEN state = 'ready' THEN failing_for ELSE 0 END, reason = '', done_at = NULL,"
            " error = CASE WHEN state = 'done' THEN '' ELSE error END",
            [(one.key, one.kind, one.lane, str(one.side), one.priority, one.body, self.now, self.now) for one in work],
        )

    def done(self, messages: Sequence[Message], note: str = "") -> None:
        for part in chunks(messages):
            self._db.run(
                "UPDATE message SET state = 'done', done_at = ?, lease = NULL, lease_until = NULL, attempts = 0,"
                f" failing_for = 0, error = ? WHERE id IN ({marks(part)})",
                [self.now, note, *(message.id for message in part)],
            )

    def erase(self, messages: Sequence[Message]) -> None:
        for part in chunks(messages):
            self._db.run(f"UPDATE message SET body = '' WHERE id IN ({marks(part)})", [one.id for one in part])

    def again(self, messages: Sequence[Message]) -> None:
        for part in chunks(messages):
            self._db.run(
                "UPDATE message SET due_at = ?, lease = NULL, lease_until = NULL, attempts = 0, failing_for = 0,"
                " error = ''"
                f" WHERE id IN ({marks(part)})",
                [self.now, *(message.id for message in part)],
            )

    def wait(self, messages: Sequence[Message], error: str) -> None:
        for part in chunks(messages):
            self._db.run(
                "UPDATE message SET due_at = ?, lease = NULL, lease_until = NULL, attempts = attempts - 1, error = ?"
                f" WHERE id IN ({marks(part)})",
                [self.now, error, *(message.id for message in part)],
            )

    def retry(self, message: Message, verdict: Verdict, error: str) -> None:
        state, due_at = ("dead", self.now) if verdict.due_at is None else ("ready", verdict.due_at)
        self._db.run(
            "UPDATE message SET state = ?, due_at = ?, failing_for = ?, error = ?, attempts = ?, tried_at = ?,"
            " lease = NULL, lease_until = NULL WHERE id = ?",
            (state, due_at, verdict.failing_for, error, message.attempts, self.now, message.id),
        )

    def park(self, message: Message, reason: str, sentence: str) -> None:
        self._db.run(
            "UPDATE message SET state = 'parked', reason = ?, error = ?, lease = NULL, lease_until = NULL WHERE id = ?",
            (reason, sentence, message.id),
        )

    def revive(self, side: SideName) -> int:
        return self._db.run(
            "UPDATE message SET state = 'ready', due_at = ?,"
            " failing_for = CASE WHEN state = 'dead' THEN 0 ELSE failing_for END"
            " WHERE side = ? AND (state = 'dead' OR (state = 'ready' AND due_at > ?))",
            (self.now, str(side), self.now),
        )

    def release(self, sides: Sequence[SideName]) -> int:
        return self._db.run(
            "UPDATE message SET state = 'ready', due_at = ?, reason = '', attempts = 0, failing_for = 0"
            f" WHERE state IN ('parked', 'dead') AND side IN ('', {marks(sides)})",
            (self.now, *map(str, sides)),
        )

    def unpark_reason(self, reason: str) -> int:
        return self._db.run(
            "UPDATE message SET state = 'ready', due_at = ?, reason = '', error = ''"
            " WHERE state = 'parked' AND reason = ?",
            (self.now, reason),
        )

    def writes_waiting(self, links: Sequence[int]) -> dict[tuple[int, SideName], int]:
        keys = {f"due:{side}:{link}": (link, side) for link in links for side in SideName}
        found = dict.fromkeys(keys.values(), 0)
        for part in chunks(list(keys)):
            rows = self._db.rows(f"SELECT key FROM message WHERE state <> 'done' AND key IN ({marks(part)})", part)
            for (key,) in rows:
                found[keys[key]] += 1
        return found

    def last_id(self) -> int:
        (top,) = self._db.rows("SELECT MAX(id) FROM message")[0]
        (dropped,) = self._db.rows("SELECT MAX(message) FROM dropped")[0]
        return max(int(top or 0), int(dropped or 0))

    def events_wait(self, mark: int) -> bool:
        return bool(
            self._db.rows("SELECT 1 FROM message WHERE state = 'ready' AND side = '' AND id > ? LIMIT 1", (mark,))
        )


def add_events(db: Connection, told: Sequence[Told], now: float) -> int:
    """Insert events whose key is new; the unique key decides, not a look beforehand."""
    if not told:
        return 0
    return db.run_many(
        "INSERT INTO message (key, kind, lane, side, priority, body, state, due_at, attempts, failing_for, cause,"
        " reason, error, created_at) VALUES (?, ?, '', '', 0, ?, 'ready', ?, 0, 0, '', '', '', ?)"
        " ON CONFLICT (key) DO NOTHING",
        [(one.key, one.kind, one.body, now, now) for one in told],
    )


def everything_due(db: Connection, now: float) -> None:
    """At start: what an earlier run put off is due now. Its clock may have been wrong, and its reasons are gone; and
    what an older version parked this one may understand (if not, it parks it again)."""
    db.run("UPDATE message SET due_at = ? WHERE state = 'ready' AND due_at > ?", (now, now))
    db.run("UPDATE message SET state = 'ready', due_at = ?, reason = '' WHERE state = 'parked'", (now,))


def marks(values: Sequence[object]) -> str:
    """The placeholders of an IN list."""
    return _marks(len(values))


@cache
def _marks(number: int) -> str:
    return ", ".join("?" * number)


def chunks(values: Sequence[_T]) -> Iterable[Sequence[_T]]:
    """Lists that fit into one statement (SQLite takes at most 32,766 values, older ones 999)."""
    if len(values) <= _CHUNK:
        return (values,) if values else ()
    return (values[at : at + _CHUNK] for at in range(0, len(values), _CHUNK))


def _message(row: tuple[Any, ...], lease: str) -> Message:
    number, key, kind, side, body, attempts, failing_for, tried_at = row
    return Message(number, key, kind, side, body, attempts + 1, failing_for, tried_at, lease)
