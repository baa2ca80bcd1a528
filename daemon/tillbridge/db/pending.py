"""What waits for a person's word: found by what the books say, never kept in a list of its own."""

from __future__ import annotations

from decimal import Decimal

from tillbridge.core import taken
from tillbridge.core.stock import SideName
from tillbridge.db import alerts, backlog
from tillbridge.db.orderbook import OrderRows
from tillbridge.db.paperwork import PAPER_KIND, dossier_of
from tillbridge.db.questions import QuestionRows
from tillbridge.db.queue import WRITE_KIND
from tillbridge.db.runs import RunRows, sighting
from tillbridge.ports import HELD, SETTLED, Alert, Attention, Outgoing, Sighting, Waiting
from tillbridge.ports.paperwork import Dossier

MOST_ARRIVALS = 10
"""Documents of the POS that are told of one order."""

_OUTGOING = "id, side, body, state, reason, error"
_MAY_STAY = "EXISTS (SELECT 1 FROM note WHERE name = 'left:' || link.id AND value = shift)"
_PLACE = "sighting.side || ':' || sighting.outlet"
_REPORTED = (
    "sighting JOIN link ON link.id = sighting.link"
    f" JOIN alert ON alert.link = link.id AND alert.kind = ? || ':' || {_PLACE}"
    " AND alert.amount = REPLACE(sighting.amount, '-', '') WHERE NOT EXISTS"
    f" (SELECT 1 FROM note WHERE name = 'accept:' || link.id || ':' || {_PLACE} AND value = sighting.amount)"
)
_FILED = (
    "SELECT order_ref FROM dossier JOIN shop_order ON ref = order_ref WHERE gone = 1"
    " AND dossier.alone <> 'from_pos'"
    " AND (filing IS NOT NULL OR taken NOT IN"
    f" ('', '{taken.encode(taken.Taken())}', '{taken.encode(taken.Taken(mixed=True))}'))"
    " AND NOT EXISTS (SELECT 1 FROM note WHERE name = 'void:' || order_ref AND value <> '')"
)
_COUNTS = {
    "notes": "SELECT COUNT(*) FROM note WHERE (name IN ('brake:store', 'brake:pos') AND value = 'on')"
    " OR (name IN ('vanished:store', 'vanished:pos') AND value GLOB '[0-9]*')"
    " OR (name IN ('restored:store', 'restored:pos', 'restored:books') AND value <> '')",
    "held": "SELECT COUNT(*) FROM link WHERE held <> '0'",
    "offset": f"SELECT COUNT(*) FROM link WHERE shift <> '0' AND NOT {_MAY_STAY}",
    "gone": "SELECT COUNT(*) FROM shop_order WHERE gone = 1 AND status <> ? AND (EXISTS"
    f" (SELECT 1 FROM line WHERE line.order_ref = ref AND position <> '0') OR ref IN ({_FILED}))",
    "papers": f"SELECT COUNT(*) FROM message WHERE state = 'parked' AND kind = '{PAPER_KIND}'",
    "runs": "SELECT COUNT(DISTINCT scope) FROM run WHERE state = ?",
    "reported": f"SELECT COUNT(*) FROM {_REPORTED}",
    "writes": "SELECT COUNT(*) FROM message WHERE state = 'parked' AND reason = ?",
    "people": "SELECT COUNT(*) FROM person_question WHERE answer = ''",
}


class PendingRows(RunRows, OrderRows, QuestionRows):
    """`ports.Pending` in a transaction."""

    def links_held(self, limit: int) -> list[int]:
        return self._links("held <> '0'", limit)

    def links_offset(self, limit: int) -> list[int]:
        return self._links(f"shift <> '0' AND NOT {_MAY_STAY}", limit)

    def gone_and_filed(self) -> list[str]:
        return [str(row[0]) for row in self._db.rows(f"{_FILED} ORDER BY order_ref")]

    def dossier(self, order: str) -> Dossier:
        return dossier_of(self._db, order)

    def parked_for(self, reason: str) -> int:
        sql = "SELECT COUNT(*) FROM message WHERE state = 'parked' AND reason = ?"
        return int(self._db.rows(sql, (reason,))[0][0])

    def paper_message(self, order: str) -> Waiting | None:
        return next(iter(self._shown("key = ?", f"paper:{order}", 1)), None)

    def parked_papers(self, limit: int) -> list[Waiting]:
        return self._shown("state = 'parked' AND kind = ?", PAPER_KIND, limit)

    def waiting_arrivals(self, order: str) -> list[Waiting]:
        which = "state <> 'done' AND key IN (SELECT 'pos-paper:' || number FROM arrival WHERE order_ref = ?)"
        return self._shown(which, order, MOST_ARRIVALS)

    def _shown(self, which: str, value: str, limit: int) -> list[Waiting]:
        rows = self._db.rows(f"SELECT id FROM message WHERE {which} ORDER BY id LIMIT ?", (value, limit))
        found = [backlog.message(self._db, int(number)) for (number,) in rows]
        return [one.row for one in found if one is not None]

    def _links(self, which: str, limit: int) -> list[int]:
        return [
            int(row[0])
            for row in self._db.rows(f"SELECT id FROM link WHERE {which} ORDER BY sku, id LIMIT ?", (limit,))
        ]

    def reported(self, kind: str) -> list[tuple[Alert, Sighting]]:
        rows = self._db.rows(
            "SELECT link.sku, alert.amount, words, at, sighting.link, side, outlet, level, sighting.amount, seen_at"
            f" FROM {_REPORTED} ORDER BY link.sku, side, outlet",
            (kind,),
        )
        return [
            (Alert(kind, sku, Decimal(amount), words, float(at)), sighting(tuple(seen)))
            for sku, amount, words, at, *seen in rows
        ]

    def unsure_writes(self, reason: str) -> list[Outgoing]:
        return self._outgoing("state = 'parked' AND reason = ?", reason)

    def _outgoing(self, which: str, value: object) -> list[Outgoing]:
        rows = self._db.rows(
            f"SELECT {_OUTGOING} FROM message WHERE kind = ? AND {which} ORDER BY id", (WRITE_KIND, value)
        )
        return [
            Outgoing(number, SideName(side), int(body), state, reason, error)
            for number, side, body, state, reason, error in rows
        ]

    def attention(self, limit: int, kind: str, reason: str) -> Attention:
        values = {"gone": (SETTLED,), "runs": (HELD,), "reported": (kind,), "writes": (reason,)}
        waiting = sum(int(self._db.rows(sql, values.get(name, ()))[0][0]) for name, sql in _COUNTS.items())
        (told,) = self._db.rows("SELECT COUNT(*) FROM alert")[0]
        return Attention(tuple(alerts.standing(self._db, limit)), int(told), waiting)
