"""Documents of the POS: which of them the shop is to keep, what is being made of them, and what was."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tillbridge.core import coming_back
from tillbridge.core.stock import SideName
from tillbridge.db.queue import Due, QueueRows, chunks, marks
from tillbridge.ports import Message
from tillbridge.ports.arrivals import Arrival

ARRIVAL_KIND = "pos.paper.1"
"""The message of a document of the POS: its body is the document's number there; it is read when a worker takes it."""

PRIORITY = 10

ARRIVED = "pos-paper:"
"""What the key of such a message begins with."""


class ArrivalRows(QueueRows):
    """Documents of the POS in a unit of work."""

    def stir_arrivals(self, told: Mapping[str, str]) -> None:
        self.fall_due(
            Due(f"{ARRIVED}{one}", ARRIVAL_KIND, f"{ARRIVED}{order or one}", SideName.STORE, PRIORITY, one)
            for one, order in told.items()
        )

    def claim_arrivals(self, limit: int, lease_seconds: float) -> list[Message]:
        return self.claim(ARRIVAL_KIND, SideName.STORE, limit, lease_seconds)

    def arrival(self, number: str, part: str) -> Arrival:
        rows = self._db.rows(
            "SELECT at, order_ref, made, coming FROM arrival WHERE number = ? AND part = ?", (number, part)
        )
        if not rows:
            return Arrival(number, part)
        at, order, made, coming = rows[0]
        return Arrival(number, part, at, order, made, None if coming is None else coming_back.decode(coming))

    def arrival_waits(self, number: str) -> bool:
        rows = self._db.rows("SELECT 1 FROM message WHERE key = ? AND state <> 'done'", (f"{ARRIVED}{number}",))
        return bool(rows)

    def arrival_is_parked(self, number: str) -> bool:
        rows = self._db.rows("SELECT 1 FROM message WHERE key = ? AND state = 'parked'", (f"{ARRIVED}{number}",))
        return bool(rows)

    def save_arrival(self, arrival: Arrival) -> None:
        coming = None if arrival.coming is None else coming_back.encode(arrival.coming)
        self._db.run(
            "INSERT INTO arrival (number, part, at, order_ref, made, coming) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (number, part) DO UPDATE SET at = excluded.at, order_ref = excluded.order_ref,"
            " made = excluded.made, coming = excluded.coming",
            (arrival.number, arrival.part, arrival.at, arrival.order, arrival.made, coming),
        )

    def coming_back(self, orders: Collection[str]) -> set[str]:
        """Not those whose message a person discarded."""
        found: set[str] = set()
        for part in chunks(sorted(orders)):
            rows = self._db.rows(
                f"SELECT order_ref FROM arrival WHERE coming IS NOT NULL AND order_ref IN ({marks(part)})"
                f" AND EXISTS (SELECT 1 FROM message WHERE key = '{ARRIVED}' || arrival.number AND state <> 'done')",
                part,
            )
            found.update(str(row[0]) for row in rows)
        return found

    def try_again(self, orders: Collection[str]) -> None:
        """What the POS told of these orders and a person was to mend: something of them changed."""
        self._db.run_many(
            "UPDATE message SET state = 'ready', due_at = ?, reason = '', attempts = 0, failing_for = 0"
            f" WHERE state = 'parked' AND key IN (SELECT '{ARRIVED}' || number FROM arrival WHERE order_ref = ?)",
            [(self.now, order) for order in sorted(orders)],
        )
