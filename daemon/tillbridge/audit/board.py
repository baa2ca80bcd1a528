"""Audits that were asked for: begun at once, made one after the other, told as far as they have come.

They read only, so none of them is kept over a restart.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo

from tillbridge.audit import rows
from tillbridge.audit.comparison import Comparison, Sides
from tillbridge.audit.period import Period, days
from tillbridge.core.order_policy import OrderPolicy
from tillbridge.errors import Malformed, SideTrouble, Unsupported
from tillbridge.ports import Said

KEPT = 8
"""Audits that are remembered; of each some ten thousand rows at the most."""

LOOKING, DONE, FAILED = "looking", "done", "failed"


class UnknownAudit(Malformed):
    """No audit has this number (any more)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`sides` where is read (raises `Unsupported` where the shop lets nobody read its orders); `zone` of the shop's
    days, and the `policy` by which orders become sales: both ask the sides, and raise `SideTrouble`."""

    sides: Callable[[], Sides]
    zone: Callable[[], tzinfo]
    policy: Callable[[], OrderPolicy]


@dataclass(frozen=True, slots=True)
class _Audit:
    number: int
    first: date
    last: date
    state: str = LOOKING
    looked: int = 0
    words: str = ""
    told: Said = field(default_factory=dict)

    def said(self) -> Said:
        """As JSON."""
        return {
            "audit": self.number, "state": self.state, "from": self.first.isoformat(), "to": self.last.isoformat(),
            "looked": self.looked, "words": self.words, "unreachable": self.state == FAILED, **self.told,
        }  # fmt: skip


class Audits:
    """Several threads may ask; `go_on` is called again and again, by one."""

    def __init__(self, rules: Rules, leave: Callable[[], object] = lambda: None) -> None:
        """`leave` is called when an audit is over, so that the thread lets go of what it holds."""
        self._rules = rules
        self._leave = leave
        self._lock = threading.Lock()
        self._audits: OrderedDict[int, _Audit] = OrderedDict()
        self._begun = 0

    def begin(self, first: str, last: str) -> Said:
        """Ask for one, from one day to another ("": that day alone). Raises `Malformed`."""
        begin, end = days(first, last)
        with self._lock:
            self._begun += 1
            audit = self._audits[self._begun] = _Audit(self._begun, begin, end)
            while len(self._audits) > KEPT:
                self._audits.popitem(last=False)
        return audit.said()

    def look(self, number: int) -> Said:
        """How far one has come, or what it came to. Raises `UnknownAudit`."""
        with self._lock:
            found = self._audits.get(number)
        if found is None:
            raise UnknownAudit(f"no audit {number} is known (any more): begin it again")
        return found.said()

    def go_on(self) -> None:
        """Make those that wait."""
        while (audit := self._next()) is not None:
            try:
                self._made(audit)
            except (SideTrouble, Unsupported) as trouble:
                self._keep(replace(audit, state=FAILED, words=f"a side cannot be read: {trouble}"))
            except BaseException:
                self._keep(replace(audit, state=FAILED, words="it broke off; the daemon's log says why"))
                raise
            finally:
                self._leave()

    def _next(self) -> _Audit | None:
        with self._lock:
            return next((one for one in self._audits.values() if one.state == LOOKING), None)

    def _keep(self, audit: _Audit) -> None:
        with self._lock:
            if audit.number in self._audits:
                self._audits[audit.number] = audit

    def _made(self, audit: _Audit) -> None:
        zone = self._rules.zone()
        comparison = Comparison(
            self._rules.sides(),
            self._rules.policy(),
            Period(audit.first, audit.last, zone),
            lambda looked: self._keep(replace(audit, looked=looked)),
        )
        comparison()
        told = _told(comparison, str(zone))
        found = comparison.rows.found()
        words = "nothing differs" if not found else f"{found} {'difference' if found == 1 else 'differences'}"
        self._keep(replace(audit, state=DONE, looked=comparison.looked, words=words, told=told))


def _told(comparison: Comparison, zone: str) -> Said:
    sums, found = comparison.sums, comparison.rows
    return {
        "zone": zone,
        "channels": rows.channels(sums),
        "payments": rows.payments(sums),
        "taxes": rows.taxes(sums),
        "refunds": found.refunds,
        "differences": found.differences,
        "remarks": found.remarks,
        "balance": rows.balance(sums, found),
        "totals": {
            "differences": found.found(),
            "remarks": found.found(rows.CHOSEN),
            "refund_lines": found.refund_lines,
            "by_kind": dict(sorted(found.counted.items())),
        },
    }
