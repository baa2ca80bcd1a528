"""The documents of orders: what the POS has, what is under way, and which orders are to be looked at."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from tillbridge.core import filing, taken
from tillbridge.core.filing import Filing
from tillbridge.core.stock import SideName
from tillbridge.db.arrivals import ArrivalRows
from tillbridge.db.connect import Connection
from tillbridge.db.queue import Due, marks
from tillbridge.ports import Message
from tillbridge.ports.paperwork import OUR_REASONS, Dossier

PAPER_KIND = "order.paper.1"
"""The message of an order's documents: its body is the order; what is to be told is computed when a worker takes it."""

PRIORITY = 10
"""Documents go before stock: what they take need not be written as stock."""

_DOSSIER = "order_ref, taken, alone, stirred_at, filed_at, filing, since, tried, doubt, left_out"


PUT_OFF = 5.0
"""Seconds after which an order is looked at again of which a refund is being made; its end stirs the order besides."""


class PaperRows(ArrivalRows):
    """Documents in a unit of work."""

    def dossier(self, order: str) -> Dossier:
        return dossier_of(self._db, order)

    def save_dossier(self, dossier: Dossier) -> None:
        under_way = dossier.filing
        body = None if under_way is None else filing.encode(under_way)
        times = (None,) * 3 if under_way is None else (under_way.since, under_way.tried, under_way.doubt)
        self._db.run(
            f"INSERT INTO dossier ({_DOSSIER}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (order_ref) DO UPDATE SET taken = excluded.taken, alone = excluded.alone,"
            " filed_at = excluded.filed_at, filing = excluded.filing, since = excluded.since, tried = excluded.tried,"
            " doubt = excluded.doubt, left_out = excluded.left_out",
            (
                dossier.order,
                taken.encode(dossier.taken),
                dossier.alone,
                dossier.stirred_at,
                dossier.filed_at,
                body,
                *times,
                json.dumps(sorted(dossier.left_out)) if dossier.left_out else "",
            ),
        )

    def stir_papers(self, orders: Collection[str]) -> None:
        self.try_again(orders)
        self._db.run_many(
            "INSERT INTO dossier (order_ref, stirred_at) VALUES (?, ?)"
            " ON CONFLICT (order_ref) DO UPDATE SET stirred_at = excluded.stirred_at",
            [(order, self.now) for order in sorted(orders)],
        )
        self.fall_due(
            Due(f"paper:{order}", PAPER_KIND, f"paper:{order}", SideName.POS, PRIORITY, order)
            for order in sorted(orders)
        )

    def stir_left_out(self, refs: Collection[str]) -> bool:
        rows = self._db.rows("SELECT order_ref, left_out FROM dossier WHERE left_out <> ''")
        orders = {str(order) for order, left_out in rows if not set(refs).isdisjoint(json.loads(left_out))}
        self.stir_papers(orders)
        return bool(orders)

    def untold_papers(self) -> list[str]:
        rows = self._db.rows("SELECT body FROM message WHERE kind = ? AND state <> 'done' ORDER BY id", (PAPER_KIND,))
        return [str(row[0]) for row in rows]

    def claim_papers(self, limit: int, lease_seconds: float) -> list[Message]:
        while claimed := self.claim(PAPER_KIND, SideName.POS, limit, lease_seconds):
            coming = self.coming_back({message.body for message in claimed})
            self._db.run_many(
                "UPDATE message SET due_at = ?, lease = NULL, lease_until = NULL, attempts = attempts - 1 WHERE id = ?",
                [(self.now + PUT_OFF, message.id) for message in claimed if message.body in coming],
            )
            if free := [message for message in claimed if message.body not in coming]:
                return free
        return []

    def retry_refused(self) -> int:
        return self._db.run(
            "UPDATE message SET state = 'ready', due_at = ?, reason = '', error = ''"
            f" WHERE state = 'parked' AND kind = ? AND reason NOT IN ({marks(OUR_REASONS)})",
            (self.now, PAPER_KIND, *OUR_REASONS),
        )

    def filings(self) -> list[Filing]:
        rows = self._db.rows(f"SELECT {_DOSSIER} FROM dossier WHERE filing IS NOT NULL ORDER BY order_ref")
        return [found for row in rows if (found := _dossier(row).filing) is not None]


def dossier_of(db: Connection, order: str) -> Dossier:
    """What is known of an order's documents."""
    rows = db.rows(f"SELECT {_DOSSIER} FROM dossier WHERE order_ref = ?", (order,))
    return _dossier(rows[0]) if rows else Dossier(order)


def _dossier(row: tuple[Any, ...]) -> Dossier:
    order, had, alone, stirred_at, filed_at, body, since, tried, doubt, left_out = row
    under_way = None if body is None else filing.decode(body, float(since), tried, doubt)
    return Dossier(order, taken.decode(had), under_way, alone, float(stirred_at), filed_at, _refs(left_out))


def _refs(text: str) -> frozenset[str]:
    return frozenset(json.loads(text)) if text else frozenset()
