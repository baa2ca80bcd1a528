"""What a person was told about an item, until it is over."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tillbridge.core.stock import spell
from tillbridge.db.connect import Connection
from tillbridge.db.queue import chunks, marks
from tillbridge.ports import Alert


class AlertRows:
    """Alerts in a unit of work."""

    def __init__(self, connection: Connection, now: float) -> None:
        self._db = connection
        self.now = now

    def alerts(self, kind: str, links: Sequence[int]) -> dict[int, Decimal]:
        found: dict[int, Decimal] = {}
        for part in chunks(links):
            rows = self._db.rows(
                f"SELECT link, amount FROM alert WHERE kind = ? AND link IN ({marks(part)})", [kind, *part]
            )
            found |= {link: Decimal(amount) for link, amount in rows}
        return found

    def alert(self, link: int, kind: str, amount: Decimal, words: str) -> None:
        self._db.run(
            "INSERT INTO alert (link, kind, amount, words, at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (link, kind) DO UPDATE SET amount = excluded.amount, words = excluded.words",
            (link, kind, spell(amount), words, self.now),
        )

    def end_alerts(self, kind: str, links: Sequence[int]) -> None:
        for part in chunks(links):
            self._db.run(f"DELETE FROM alert WHERE kind = ? AND link IN ({marks(part)})", [kind, *part])


def standing(db: Connection, limit: int) -> list[Alert]:
    """Those that are not over, the oldest first."""
    rows = db.rows(
        "SELECT alert.kind, link.sku, alert.amount, alert.words, alert.at FROM alert JOIN link ON link.id = alert.link"
        " ORDER BY alert.at, link.sku LIMIT ?",
        (limit,),
    )
    return [told(row) for row in rows]


def told(row: tuple[Any, ...]) -> Alert:
    """Of the columns kind, SKU, amount, words and at. What a kind says besides its name tells two accounts of a link
    apart, and no person."""
    kind, sku, amount, words, at = row
    return Alert(kind.partition(":")[0], sku, Decimal(amount), words, float(at))
