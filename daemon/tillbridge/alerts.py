"""What a person is told about an item, once, until it is over: that more of it was sold than there is."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Telling:
    """By how much something is the matter, and what a person is told of it."""

    amount: Decimal
    words: str = ""


def watch(unit: Unit, shelves: Sequence[Shelf]) -> None:
    """Tell of what was oversold, with the orders; and that it is over, where it is."""
    if not shelves:
        return
    links = [shelf.link.id for shelf in shelves]
    unit.end_alerts(OPEN_DIFFERENCE, _closed(shelves, unit.alerts(OPEN_DIFFERENCE, links)))
    told = unit.alerts(OVERSOLD, links)
    amounts = {shelf.link.id: targets.oversold(shelf) for shelf in shelves}
    changed = [shelf for shelf in shelves if amounts[shelf.link.id] != told.get(shelf.link.id, ZERO)]
    lines = unit.recent_lines([shelf.link.id for shelf in changed if amounts[shelf.link.id]], ORDERS_NAMED)
    tell_all(
        unit,
        OVERSOLD,
        {
            one.link.id: Telling(amounts[one.link.id], _words(one, amounts[one.link.id], lines.get(one.link.id, [])))
            for one in changed
        },
    )


def _closed(shelves: Sequence[Shelf], told: Mapping[int, Decimal]) -> list[int]:
    """Where nothing is left to be written to the POS."""
    return [
        one.link.id
        for one in shelves
        if one.link.id in told and targets.target(SideName.POS, one) == targets.known(SideName.POS, one)
    ]


def tell(unit: Unit, link: int, kind: str, amount: Decimal, words: str) -> None:
    """Tell it of one link."""
    tell_all(unit, kind, {link: Telling(amount, words)})


def tell_all(unit: Unit, kind: str, tellings: Mapping[int, Telling]) -> None:
    """Of each link: tell it, where more is the matter than was told; note it, where less is; nothing is the matter at
    zero."""
    told = unit.alerts(kind, list(tellings))
    unit.end_alerts(kind, [link for link, one in tellings.items() if not one.amount and told.get(link)])
    for link, one in tellings.items():
        if one.amount and one.amount != told.get(link, ZERO):
            unit.alert(link, kind, one.amount, one.words)
        if one.amount > told.get(link, ZERO):
            log.warning("%s", one.words)


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
