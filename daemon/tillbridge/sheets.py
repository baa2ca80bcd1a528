"""Orders as they are read for their documents: what their lines hold, who bought them, and those that are no more."""

from __future__ import annotations

from datetime import datetime

from tillbridge.core.order_policy import OrderPolicy
from tillbridge.core.paper import Paper, Person
from tillbridge.core.positions import LineSeen, OrderSeen
from tillbridge.core.stock import ZERO
from tillbridge.ports import Unit
from tillbridge.ports.paperwork import without_customer

GONE = "gone"
"""The status of an order that was deleted for good and whose sale a person wants to be void."""


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
