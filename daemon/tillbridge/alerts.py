"""What a person is told about an item, once, until it is over: that more of it was sold than there is."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from decimal import Decimal

from tillbridge.core import targets
from tillbridge.core.positions import Line
from tillbridge.core.stock import ZERO, SideName, spell
from tillbridge.core.targets import Shelf
from tillbridge.ports import Unit

OVERSOLD = "oversold"
OPEN_DIFFERENCE = "open_difference"

ORDERS_NAMED = 10

log = logging.getLogger(__name__)


def watch(unit: Unit, shelves: Sequence[Shelf]) -> None:
    """Tell of what was oversold, with the orders; and that it is over, where it is."""
    if not shelves:
        return
    links = [shelf.link.id for shelf in shelves]
    unit.end_alerts(OPEN_DIFFERENCE, _closed(shelves, unit.alerts(OPEN_DIFFERENCE, links)))
    told = unit.alerts(OVERSOLD, links)
    for shelf in shelves:
        amount = targets.oversold(shelf)
        if amount == told.get(shelf.link.id, ZERO):
            continue
        words = _words(shelf, amount, unit.recent_lines(shelf.link.id, ORDERS_NAMED)) if amount else ""
        tell(unit, shelf.link.id, OVERSOLD, amount, words)


def _closed(shelves: Sequence[Shelf], told: Mapping[int, Decimal]) -> list[int]:
    """Where nothing is left to be written to the POS."""
    return [
        one.link.id
        for one in shelves
        if one.link.id in told and targets.target(SideName.POS, one) == targets.known(SideName.POS, one)
    ]


def tell(unit: Unit, link: int, kind: str, amount: Decimal, words: str) -> None:
    """Tell it, where more is the matter than was told; note it, where less is; nothing is the matter at zero."""
    told = unit.alerts(kind, [link]).get(link, ZERO)
    if not amount:
        if told:
            unit.end_alerts(kind, [link])
        return
    if amount != told:
        unit.alert(link, kind, amount, words)
    if amount > told:
        log.warning("%s", words)


def _words(shelf: Shelf, amount: Decimal, lines: Sequence[Line]) -> str:
    """The latest orders first, as many as hold what is missing."""
    named: list[str] = []
    left = amount
    for line in lines:
        if left <= ZERO:
            break
        if line.position > ZERO and line.order not in named:
            named.append(line.order)
            left -= line.position
    orders = f"; the latest orders that hold it: {', '.join(named)}" if named else ""
    return f"{shelf.link.sku!r} is oversold by {spell(amount)}{orders}"
