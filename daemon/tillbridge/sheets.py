"""Orders as they are read for their documents: what their lines hold, who bought them, and those that are no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tillbridge.core.order_policy import OrderPolicy
from tillbridge.core.paper import Paper, Person
from tillbridge.core.positions import LineSeen, OrderSeen
from tillbridge.core.stock import ZERO
from tillbridge.core.wanted import Wanted
from tillbridge.errors import BadAnswer, SideTrouble
from tillbridge.ports import Unit
from tillbridge.ports.papers import Papers
from tillbridge.ports.paperwork import without_customer

GONE = "gone"
"""The status of an order that was deleted for good and whose sale a person wants to be void."""


@dataclass(frozen=True, slots=True)
class PaperRules:
    """What the owner decided about documents. `site` names this shop in their references; "" for `sell_from` means the
    POS's first outlet. `policy` may ask the sides for what it needs of them, and raises `SideTrouble`. `guests`: who
    takes the documents knows what becomes of guests."""

    site: str
    policy: Callable[[], OrderPolicy]
    sell_from: str
    lease_seconds: float
    give_up_after: float
    guests: bool = False


@dataclass(frozen=True, slots=True)
class Sheets:
    """Orders as the shop shows them, by their number (None: it has no such order), and why others could not be read."""

    found: Mapping[str, Paper | None] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)


def read_sheets(papers: Papers, drain: Callable[[], bool], orders: Sequence[str]) -> Sheets:
    """Read these orders between two readings of the shop's feed, so that what was told of them is booked. One whose
    answer is strange keeps no other from being read."""
    found: dict[str, Paper | None] = {}
    unread: dict[str, str] = {}
    words = "the shop's feed cannot be read now"
    try:
        if drain():
            for order in orders:
                try:
                    found[order] = papers.paper(order)
                except BadAnswer as strange:
                    unread[order] = str(strange)
            if drain():
                return Sheets(found, unread)
    except SideTrouble as trouble:
        words = str(trouble)
    return Sheets({}, dict.fromkeys(orders, words) | unread)


def seen(paper: Paper) -> OrderSeen:
    """What its lines hold of stock."""
    lines = [LineSeen(line.id, line.refs, line.reduced) for line in paper.lines if line.refs]
    return OrderSeen(paper.ref, paper.status, tuple(lines))


def buyer(unit: Unit, paper: Paper | None, *, guests: bool = False) -> Person | None:
    """Who bought it; nobody where a person's word says that the order is told without, nor a guest but with `guests`:
    whether one is a customer of the POS is then looked into."""
    if paper is None or not (paper.billing.id or guests) or unit.noted(without_customer(paper.ref)):
        return None
    return paper.billing


def gone(order: str, policy: OrderPolicy, now: datetime) -> Paper:
    """An order that the shop has no more, and of which the POS is to have nothing any more either."""
    return Paper(order, order, GONE, policy.currency, now, None, ZERO, ())


def left_out(paper: Paper, found: Wanted) -> frozenset[str]:
    """The shop's refs of the products that are left out of its documents."""
    lines = {line.line for line in found.left_out}
    return frozenset(ref for line in paper.lines if line.id in lines for ref in line.refs)
