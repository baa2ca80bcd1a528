"""Keeps the make-believe shop on disk, so that stopping it forgets neither its goods nor its unsent events.

One SQLite table of records as JSON. After each request the records that changed are written, before anybody gets an
answer. `KINDS` names the types once; reading a record back follows the annotations of its class.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from tillbridge.sandbox.money_records import Coupon, TaxRate
from tillbridge.sandbox.records import Acked, Key, Order, Product, Refund, Row, State

KINDS: dict[str, tuple[type, type]] = {
    "products": (int, Product),
    "orders": (int, Order),
    "refunds": (int, Refund),
    "rows": (str, Row),
    "acked": (str, Acked),
    "keys": (str, Key),
    "numbers": (str, int),
    "texts": (str, str),
    "rates": (int, TaxRate),
    "coupons": (str, Coupon),
}


class Snapshot:
    """A shop's state in a file. Used by one thread at a time, under the shop's lock."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
            "CREATE TABLE IF NOT EXISTS records"
            " (kind TEXT, key TEXT, place INTEGER, body TEXT, PRIMARY KEY (kind, key));"
            "CREATE INDEX IF NOT EXISTS records_in_order ON records (kind, place);"
        )

    def load(self, state: State) -> None:
        """Put what the file holds into `state`; an empty file changes nothing."""
        tables = state.tables()
        for kind, (key_type, record_type) in KINDS.items():
            found = self._db.execute("SELECT key, body FROM records WHERE kind = ? ORDER BY place", (kind,)).fetchall()
            if found:
                tables[kind].restore({key_type(key): _read(record_type, json.loads(body)) for key, body in found})
                tables[kind].changed.clear()

    def save(self, state: State) -> None:
        """Write every record that changed, in one transaction."""
        tables = {kind: table for kind, table in state.tables().items() if table.changed}
        if not tables:
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for kind, table in tables.items():
                for key in table.changed:
                    self._write(kind, str(key), table.get(key))
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        for table in tables.values():
            table.changed.clear()

    def close(self) -> None:
        self._db.close()

    def _write(self, kind: str, key: str, record: object) -> None:
        if record is None:
            self._db.execute("DELETE FROM records WHERE kind = ? AND key = ?", (kind, key))
            return
        body = json.dumps(asdict(record) if is_dataclass(record) else record, default=_plain)  # type: ignore[arg-type]
        self._db.execute(
            "INSERT INTO records VALUES (?, ?, (SELECT coalesce(max(place), 0) + 1 FROM records WHERE kind = ?1), ?3)"
            " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
            (kind, key, body),
        )


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@cache
def _fields(record_type: type) -> dict[str, Any]:
    return get_type_hints(record_type)


def _read(wanted: Any, value: Any) -> Any:
    """A JSON value as the type that an annotation names."""
    simple: dict[Any, Callable[[Any], Any]] = {Decimal: Decimal, datetime: datetime.fromisoformat}
    if value is None or wanted is Any:
        return value
    if wanted in simple:
        return simple[wanted](value)
    if is_dataclass(wanted) and isinstance(wanted, type):
        # A file of an older version lacks fields that came later; each of these has a default.
        return wanted(**{name: _read(kind, value[name]) for name, kind in _fields(wanted).items() if name in value})
    if get_origin(wanted) in (Union, UnionType):
        return _read(next(kind for kind in get_args(wanted) if kind is not type(None)), value)
    if get_origin(wanted) is tuple:
        kinds = get_args(wanted)
        each = [kinds[0]] * len(value) if kinds[-1] is Ellipsis else kinds
        return tuple(_read(kind, one) for kind, one in zip(each, value, strict=True))
    return value
