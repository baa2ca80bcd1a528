"""Documents that restored books have forgotten: what the POS has of an order is taken from the POS itself.

Without that a sale would be told anew, and money be paid out twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from tillbridge import crossing
from tillbridge.core import accounts, positions
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.filing import Filing
from tillbridge.core.positions import Line, Order
from tillbridge.core.refiled import refiled
from tillbridge.core.routing import Rules, new_line
from tillbridge.core.stock import SideName, plain
from tillbridge.core.taken import Taken
from tillbridge.ports import Books, PosPapers, Unit
from tillbridge.ports.paperwork import Dossier

log = logging.getLogger(__name__)

VOIDED = Outcome(Status.VOIDED)


class Refiling:
    """Called once the events that were forgotten are booked again: then every order of which something was told, or is
    still to be told, waits for its documents to be computed."""

    def __init__(self, books: Books, pos: PosPapers, site: str, rules: Rules, drain: Callable[[], bool]) -> None:
        """`drain` reads the POS's feed to its end and books what it brought; whether it could be read."""
        self._books = books
        self._pos = pos
        self._site = site
        self._rules = rules
        self._drain = drain

    def __call__(self) -> bool:
        """Look at all of these orders; False where the POS's feed cannot be read. Raises `SideTrouble`."""
        if not self._drain():
            return False
        with self._books.writing() as unit:
            orders = unit.untold_papers()
        found = [order for order in orders if self._order(order)]
        if found:
            log.warning("the POS has documents of %d orders that the books had forgotten", len(found))
        return True

    def _order(self, order: str) -> bool:
        """Take over what the POS has of one order; whether the books did not know it."""
        papers = self._pos.documents_of(f"{self._site}:{order}")
        with self._books.writing() as unit:
            dossier = unit.dossier(order)
            under_way = "" if dossier.filing is None else dossier.filing.key
            found = refiled(dossier.taken, papers, under_way)
            if found is None:
                return False
            _enter(unit, self._rules, dossier, found)
            if dossier.filing is not None and all(paper.key != under_way for paper in papers):
                # Only one is under way at a time: another was told after it, so it had come to nothing by then.
                _drop(unit, dossier.filing)
                dossier = replace(dossier, filing=None)
            unit.save_dossier(replace(dossier, taken=found, alone="", filed_at=unit.now))
            unit.stir_papers([order])
        return True


def _enter(unit: Unit, rules: Rules, dossier: Dossier, found: Taken) -> None:
    """What documents have taken of each line, as stock; what they leave is seen when the order is read next."""
    known = unit.orders([dossier.order]).get(dossier.order, Order(dossier.order))
    order = replace(known, alone=False, admitted=True)
    lines = {positions.key(line): line for line in unit.lines_of_orders([dossier.order])}
    items = {name: line.item for name, line in found.lines.items()}
    links = {ref: one.link.id for ref, one in unit.shelves(SideName.POS, sorted({*items.values()} - {""})).items()}
    changed: list[Line] = []
    for name in sorted({*found.lines, *dossier.taken.lines}):
        had, has = (state.lines[name].stock if name in state.lines else 0 for state in (dossier.taken, found))
        here = [line for line in lines.values() if line.line == name]
        line = next((line for line in here if line.taken), next(iter(here), None))
        if line is None and items.get(name) in links:
            line = new_line((order.ref, name, links[items[name]]), order, rules)
        if line is not None and has != had:
            changed.append(replace(line, taken=plain(line.taken + has - had)))
    unit.save_orders([order])
    crossing.cross(unit, order, [lines[positions.key(one)] for one in changed if positions.key(one) in lines], changed)


def _drop(unit: Unit, filing: Filing) -> None:
    shelves = unit.shelves_by_link(list(filing.moves)).values()
    held = [one for shelf in shelves for one in shelf.pos if one.unsettled is not None]
    unit.save([accounts.settle(one, VOIDED, unit.now).account for one in held if _key(one) == filing.key])


def _key(account: accounts.Account) -> str:
    return "" if account.unsettled is None else account.unsettled.key
