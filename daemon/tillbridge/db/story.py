"""What the books can tell of an item, an order or a run."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from tillbridge.core.accounts import Account, EntryKind
from tillbridge.core.links import Ended
from tillbridge.core.stock import ZERO, Link, SideName
from tillbridge.core.terms import Effect
from tillbridge.db.alerts import told
from tillbridge.db.pending import PendingRows
from tillbridge.db.queue import chunks, marks
from tillbridge.db.runs import at_links
from tillbridge.ports import Alert, Chapter, JournalLine, Outgoing, Row, Run, Sighting, Stirred

_LINE = "link, side, outlet, kind, amount, cause, document, line, effect, run, at"
_ROW = "finding.link, link.sku, side, outlet, level, known, amount, verdict, words"
_EVER = "(SELECT id, sku FROM link UNION ALL SELECT id, sku FROM retired)"
_OF = "link = ? AND side = ? AND outlet = ?"


class StoryRows(PendingRows):
    """`ports.Story` in a transaction."""

    def chapter(self, account: Account, limit: int) -> Chapter:
        where = (account.link, str(account.side), account.outlet)
        rows = self._db.rows(
            f"SELECT {_LINE} FROM entry WHERE {_OF} ORDER BY at DESC, id DESC LIMIT ?", (*where, limit)
        )
        lines = tuple(_line(row) for row in reversed(rows))
        amounts = self._db.rows(f"SELECT amount FROM entry WHERE {_OF}", where)
        earlier = sum((Decimal(row[0]) for row in amounts), ZERO) - sum((one.amount for one in lines), ZERO)
        return Chapter(earlier, len(amounts) - len(lines), lines)

    def about(self, document: str, limit: int) -> list[JournalLine]:
        if not document:
            return []
        rows = self._db.rows(
            f"SELECT {_LINE} FROM entry WHERE document = ? AND document <> '' ORDER BY at DESC, id DESC LIMIT ?",
            (document, limit),
        )
        return [_line(row) for row in reversed(rows)]

    def entered_by(self, run: int, links: Sequence[int] | None = None) -> list[JournalLine]:
        which, values = at_links(links)
        rows = self._db.rows(f"SELECT {_LINE} FROM entry WHERE run = ? AND run <> 0{which} ORDER BY id", (run, *values))
        return [_line(row) for row in rows]

    def sightings_of(self, link: int) -> list[Sighting]:
        return [one for one in self.sightings() if one.seen.link == link]

    def alerts_of(self, link: int) -> list[Alert]:
        rows = self._db.rows(
            "SELECT kind, link.sku, amount, words, at FROM alert JOIN link ON link.id = alert.link WHERE alert.link = ?"
            " ORDER BY at, kind",
            (link,),
        )
        return [told(row) for row in rows]

    def ended(self, sku: str) -> list[Ended]:
        rows = self._db.rows(
            "SELECT id, sku, store_ref, pos_ref, shift, at, words FROM retired WHERE sku = ? ORDER BY at, id", (sku,)
        )
        return [
            Ended(Link(int(link), name, store_ref, pos_ref, Decimal(shift)), float(at), words)
            for link, name, store_ref, pos_ref, shift, at, words in rows
        ]

    def outgoing(self, link: int) -> list[Outgoing]:
        found: list[Outgoing] = []
        for side in SideName:
            found += self._outgoing("state <> 'done' AND key = ?", f"due:{side}:{link}")
        return found

    def stirred_order(self, order: str) -> Stirred | None:
        rows = self._db.rows("SELECT order_ref, at, seen, seen_at FROM stirred WHERE order_ref = ?", (order,))
        return Stirred(*rows[0]) if rows else None

    def recent_runs(self, limit: int) -> list[tuple[Run, int]]:
        rows = self._db.rows(
            "SELECT id, (SELECT COUNT(*) FROM finding WHERE finding.run = run.id) FROM run ORDER BY id DESC LIMIT ?",
            (limit,),
        )
        found = [(self.run(int(number)), int(count)) for number, count in rows]
        return [(run, count) for run, count in found if run is not None]

    def found(self, run: int, limit: int) -> list[Row]:
        return self._rows_of(run, "link.sku, side, outlet", limit)

    def worst_found(self, run: int, limit: int) -> list[Row]:
        return self._rows_of(run, "ABS(CAST(amount AS REAL)) DESC, link.sku, side, outlet", limit)

    def _rows_of(self, run: int, order: str, limit: int) -> list[Row]:
        rows = self._db.rows(
            f"SELECT {_ROW} FROM finding JOIN {_EVER} AS link ON link.id = finding.link WHERE run = ?"
            f" ORDER BY {order} LIMIT ?",
            (run, limit),
        )
        return [_row(row) for row in rows]

    def amounts_found(self, run: int) -> list[tuple[SideName, Decimal]]:
        rows = self._db.rows("SELECT side, amount FROM finding WHERE run = ?", (run,))
        return [(SideName(side), Decimal(amount)) for side, amount in rows]

    def skus(self, links: Collection[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        for part in chunks(sorted(set(links))):
            rows = self._db.rows(f"SELECT id, sku FROM {_EVER} WHERE id IN ({marks(part)})", part)
            found |= {int(link): str(sku) for link, sku in rows}
        return found


def _line(row: tuple[Any, ...]) -> JournalLine:
    link, side, outlet, kind, amount, cause, document, line, effect, run, at = row
    paper = (cause, document, line)
    return JournalLine(link, SideName(side), outlet, EntryKind(kind), Decimal(amount), *paper, Effect(effect), run, at)


def _row(row: tuple[Any, ...]) -> Row:
    link, sku, side, outlet, *figures, verdict, words = row
    level, known, amount = map(Decimal, figures)
    return Row(int(link), sku, SideName(side), outlet, level, known, amount, verdict, words)
