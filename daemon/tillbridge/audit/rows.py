"""What an audit tells, row by row: orders on which the sides differ, refunds by line, sums. Everything as JSON."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from tillbridge.core.auditing import Gap
from tillbridge.core.documents import Portion
from tillbridge.core.stock import ZERO, plain
from tillbridge.core.tally import COUNTS, VALUES, Tally
from tillbridge.ports import Said

MOST = 10_000
"""Rows of one kind in an answer; all are counted."""

CHOSEN = frozenset({"left_alone", "stock_only", "not_admitted", "left_out", "other_day"})
"""Kinds of rows that tell why the sums differ, and are what the owner chose, or the calendar: no difference to mend."""

Sums = Mapping[str, tuple[Tally, Tally]]
"""By channel: the shop's and the POS's."""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order that the two sides do not tell alike. `store` and `pos` are what it comes to as a whole, `on_the_day`
    how much more the shop has of it within the period. `documents` are the POS's numbers with their dates."""

    kind: str
    order: str
    number: str
    on_the_day: Decimal
    store: Decimal | None
    pos: Decimal | None
    reason: str
    words: str
    store_at: str = ""
    documents: tuple[tuple[str, str], ...] = ()
    gaps: tuple[Gap, ...] = ()

    def said(self) -> Said:
        """As JSON."""
        return {
            "kind": self.kind, "order": self.order, "number": self.number, "on_the_day": money(self.on_the_day),
            "store": _known(self.store), "pos": _known(self.pos), "reason": self.reason, "words": self.words,
            "store_at": self.store_at, "documents": [{"document": name, "at": at} for name, at in self.documents],
            "gaps": [
                {"what": gap.what, "name": gap.name, "store": money(gap.store), "pos": money(gap.pos),
                 "difference": money(gap.store - gap.pos)}
                for gap in self.gaps
            ],
        }  # fmt: skip


@dataclass(slots=True)
class Rows:
    """What was found so far, so much of it as is told, and all of it counted."""

    differences: list[Said] = field(default_factory=list)
    remarks: list[Said] = field(default_factory=list)
    refunds: list[Said] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    amounts: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    refund_lines: int = 0

    def order(self, row: OrderRow) -> None:
        """Tell of an order."""
        self.counted[row.kind] += 1
        self.amounts[row.kind] = plain(self.amounts[row.kind] + row.on_the_day)
        _keep(self.remarks if row.kind in CHOSEN else self.differences, row.said())

    def refund(self, about: Said, lines: Mapping[str, Portion], names: Mapping[str, str]) -> None:
        """Tell of what came back, line by line, in positive amounts."""
        for line, portion in lines.items():
            self.refund_lines += 1
            amounts = {
                "quantity": money(-portion.quantity), "net": money(-portion.net),
                "tax": money(portion.net - portion.gross), "gross": money(-portion.gross),
            }  # fmt: skip
            _keep(self.refunds, {**about, "line": line, "name": names.get(line, ""), **amounts})

    def found(self, kinds: Iterable[str] | None = None) -> int:
        """How many orders there are of these kinds; else how many differences."""
        if kinds is None:
            return sum(number for kind, number in self.counted.items() if kind not in CHOSEN)
        return sum(self.counted[kind] for kind in kinds)


def money(amount: Decimal) -> str:
    """An amount with two decimals at the least, and all that it has."""
    text = f"{plain(amount):f}"
    whole, _, rest = text.partition(".")
    return f"{whole}.{rest.ljust(2, '0')}"


def channels(sums: Sums) -> list[Said]:
    """How many and how much, by channel."""
    found = []
    for channel, (store, pos) in sums.items():
        for what in COUNTS:
            ours, theirs = int(getattr(store, what)), int(getattr(pos, what))
            counts: Said = {"store": str(ours), "pos": str(theirs), "difference": str(ours - theirs)}
            found.append({"channel": channel, "what": what, **counts})
        for what in VALUES:
            found.append({"channel": channel, "what": what, **_beside(getattr(store, what), getattr(pos, what))})
    return found


def payments(sums: Sums) -> list[Said]:
    """How much by each payment type."""
    return [
        {"channel": channel, "payment": name, **_beside(store.payments[name], pos.payments[name])}
        for channel, (store, pos) in sums.items()
        for name in sorted({*store.payments, *pos.payments})
    ]


def taxes(sums: Sums) -> list[Said]:
    """Net, tax and gross by each tax."""
    found: list[Said] = []
    for channel, (store, pos) in sums.items():
        for name in sorted({*store.nets, *pos.nets}):
            amounts = [(one.nets[name], one.taxes[name]) for one in (store, pos)]
            for what, ours, theirs in zip(("net", "tax", "gross"), *map(_with_gross, amounts), strict=True):
                found.append({"channel": channel, "tax": name, "what": what, **_beside(ours, theirs)})
    return found


def balance(sums: Sums, rows: Rows) -> Said:
    """Why the two sums of web orders differ: all of it, in three parts."""
    store, pos = sums["online"]
    chosen = sum((amount for kind, amount in rows.amounts.items() if kind in CHOSEN - {"other_day"}), ZERO)
    mend = sum((amount for kind, amount in rows.amounts.items() if kind not in CHOSEN), ZERO)
    return {
        **_beside(store.total, pos.total),
        "differences": money(mend),
        "by_policy": money(chosen),
        "other_days": money(rows.amounts["other_day"]),
    }


def _with_gross(pair: tuple[Decimal, Decimal]) -> tuple[Decimal, Decimal, Decimal]:
    return (*pair, pair[0] + pair[1])


def _beside(store: Decimal, pos: Decimal) -> Said:
    return {"store": money(store), "pos": money(pos), "difference": money(store - pos)}


def _known(amount: Decimal | None) -> str | None:
    return None if amount is None else money(amount)


def _keep(rows: list[Said], row: Said) -> None:
    if len(rows) < MOST:
        rows.append(row)
