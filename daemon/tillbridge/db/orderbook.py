"""The store's orders as far as stock needs them: what their lines hold, and which of them stirred."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from tillbridge.core.positions import Line, LineKey, Order
from tillbridge.core.stock import SideName, spell
from tillbridge.db.connect import Connection
from tillbridge.db.queue import chunks, marks
from tillbridge.ports import Stirred

_LINE = "order_ref, line, link, position, booked, taken, rest"
_ORDER = "ref, status, admitted, gone, alone"


class OrderRows:
    """Orders and lines in a unit of work."""

    def __init__(self, connection: Connection, now: float) -> None:
        self._db = connection
        self.now = now

    def orders(self, refs: Collection[str]) -> dict[str, Order]:
        found: dict[str, Order] = {}
        for part in chunks(sorted(refs)):
            rows = self._db.rows(f"SELECT {_ORDER} FROM shop_order WHERE ref IN ({marks(part)})", part)
            found |= {order.ref: order for order in map(_order, rows)}
        return found

    def orders_since(self, at: float) -> dict[str, Order]:
        rows = self._db.rows(f"SELECT {_ORDER} FROM shop_order WHERE at >= ?", (at,))
        return {order.ref: order for order in map(_order, rows)}

    def lines_of_orders(self, refs: Collection[str]) -> list[Line]:
        found: list[Line] = []
        for part in chunks(sorted(refs)):
            found += map(_line, self._db.rows(f"SELECT {_LINE} FROM line WHERE order_ref IN ({marks(part)})", part))
        return found

    def lines_of_link(self, link: int) -> list[Line]:
        return [_line(row) for row in self._db.rows(f"SELECT {_LINE} FROM line WHERE link = ?", (link,))]

    def told_of_lines(self, order: str) -> dict[LineKey, list[Decimal]]:
        rows = self._db.rows(
            "SELECT line, link, amount FROM entry WHERE document = ? AND side = ? AND line <> ''",
            (order, str(SideName.STORE)),
        )
        found: dict[LineKey, list[Decimal]] = {}
        for line, link, amount in rows:
            found.setdefault((order, line, int(link)), []).append(Decimal(amount))
        return found

    def recent_lines(self, links: Sequence[int], limit: int) -> dict[int, list[Line]]:
        found: dict[int, list[Line]] = {}
        for part in chunks(links):
            rows = self._db.rows(
                f"SELECT {_LINE} FROM (SELECT {_LINE}, ROW_NUMBER() OVER (PARTITION BY link ORDER BY rowid DESC)"
                f" AS place FROM line WHERE link IN ({marks(part)}) AND position <> '0') AS latest WHERE place <= ?"
                " ORDER BY link, place",
                [*part, limit],
            )
            for line in map(_line, rows):
                found.setdefault(line.link, []).append(line)
        return found

    def save_orders(self, orders: Sequence[Order]) -> None:
        self._db.run_many(
            f"INSERT INTO shop_order ({_ORDER}, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (ref) DO UPDATE SET status = excluded.status, admitted = excluded.admitted,"
            " gone = excluded.gone, alone = excluded.alone, at = excluded.at",
            [(one.ref, one.status, int(one.admitted), int(one.gone), int(one.alone), self.now) for one in orders],
        )

    def save_lines(self, lines: Sequence[Line]) -> None:
        self._db.run_many(
            f"INSERT INTO line ({_LINE}) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (order_ref, line, link) DO UPDATE SET position = excluded.position,"
            " booked = excluded.booked, taken = excluded.taken, rest = excluded.rest",
            [
                (
                    *(one.order, one.line, one.link),
                    *map(spell, (one.position, one.booked, one.taken)),
                    None if one.rest is None else spell(one.rest),
                )
                for one in lines
            ],
        )

    def not_admitted(self, limit: int, after: str = "") -> list[Order]:
        rows = self._db.rows(
            f"SELECT {_ORDER} FROM shop_order WHERE admitted = 0 AND ref > ? ORDER BY ref LIMIT ?",
            (after, limit),
        )
        return [_order(row) for row in rows]

    def gone_and_holding(self) -> list[Line]:
        names = ", ".join(f"line.{name.strip()}" for name in _LINE.split(","))
        rows = self._db.rows(
            f"SELECT {names} FROM line JOIN shop_order ON shop_order.ref = line.order_ref"
            " WHERE shop_order.gone = 1 AND line.position <> '0' ORDER BY line.order_ref, line.line"
        )
        return [_line(row) for row in rows]

    def stir(self, orders: Collection[str], due_at: float) -> None:
        self._db.run_many(
            "INSERT INTO stirred (order_ref, at, due_at) VALUES (?, ?, ?) ON CONFLICT (order_ref) DO UPDATE SET"
            " at = excluded.at, due_at = MIN(due_at, excluded.due_at)",
            [(ref, self.now, due_at) for ref in sorted(orders)],
        )

    def stir_holding(self, due_at: float) -> None:
        self._db.run(
            "INSERT INTO stirred (order_ref, at, due_at) SELECT DISTINCT order_ref, ?, ? FROM line"
            " WHERE position <> '0' ON CONFLICT (order_ref) DO UPDATE SET at = excluded.at",
            (self.now, due_at),
        )

    def doubt_gone(self) -> None:
        holding = "SELECT order_ref FROM line WHERE position <> '0'"
        self._db.run(f"UPDATE shop_order SET gone = 0 WHERE gone = 1 AND ref IN ({holding})")

    def stirred(self, limit: int) -> list[Stirred]:
        rows = self._db.rows(
            "SELECT order_ref, at, seen, seen_at FROM stirred WHERE due_at <= ? ORDER BY due_at, order_ref LIMIT ?",
            (self.now, limit),
        )
        return [Stirred(*row) for row in rows]

    def are_stirred(self) -> bool:
        return bool(self._db.rows("SELECT 1 FROM stirred LIMIT 1"))

    def links_at_odds(self, since: float) -> set[int]:
        rows = self._db.rows("SELECT seen FROM stirred WHERE seen <> '' AND seen_at >= ?", (since,))
        return {int(link) for (seen,) in rows for _, link, _ in json.loads(seen)}

    def note_difference(self, order: str, seen: str, due_at: float) -> None:
        self._db.run(
            "UPDATE stirred SET seen = ?, seen_at = CASE WHEN seen = ? AND seen_at IS NOT NULL THEN seen_at ELSE ? END,"
            " due_at = ? WHERE order_ref = ?",
            (seen, seen, self.now, due_at, order),
        )

    def calm(self, orders: Sequence[Stirred]) -> None:
        """One that stirred again meanwhile stays."""
        self._db.run_many("DELETE FROM stirred WHERE order_ref = ? AND at = ?", [(one.order, one.at) for one in orders])

    def look_again(self, side: SideName, refs: Collection[str]) -> None:
        self._db.run_many(
            "INSERT INTO look (side, ref, at) VALUES (?, ?, ?) ON CONFLICT (side, ref) DO UPDATE SET at = excluded.at",
            [(str(side), ref, self.now) for ref in sorted(refs)],
        )

    def are_looks_wanted(self) -> bool:
        return bool(self._db.rows("SELECT 1 FROM look LIMIT 1"))

    def to_look_at(self, side: SideName, limit: int, until: float) -> list[str]:
        column = "store_ref" if side is SideName.STORE else "pos_ref"
        rows = self._db.rows(
            "SELECT ref FROM look WHERE side = ? AND at <= ? AND NOT EXISTS (SELECT 1 FROM link JOIN account"
            f" ON account.link = link.id AND account.side = look.side WHERE link.{column} = look.ref"
            " AND account.attempt_key IS NOT NULL) ORDER BY at, ref LIMIT ?",
            (str(side), until, limit),
        )
        return [str(row[0]) for row in rows]

    def asked_for(self, side: SideName, since: float) -> set[str]:
        rows = self._db.rows("SELECT ref FROM look WHERE side = ? AND at >= ?", (str(side), since))
        return {str(ref) for (ref,) in rows}

    def looked_at(self, side: SideName, refs: Sequence[str], until: float) -> None:
        self._db.run_many(
            "DELETE FROM look WHERE side = ? AND ref = ? AND at <= ?", [(str(side), ref, until) for ref in refs]
        )


def _order(row: tuple[Any, ...]) -> Order:
    ref, status, *facts = row
    return Order(ref, status, *map(bool, facts))


def _line(row: tuple[Any, ...]) -> Line:
    order, line, link, position, booked, taken, rest = row
    left = None if rest is None else Decimal(rest)
    return Line(order, line, link, Decimal(position), Decimal(booked), Decimal(taken), left)
