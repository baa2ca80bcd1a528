"""An order is admitted when a status is known at which the POS is told of it: what its lines hold crosses from then on.

An event says so, or a read of the order, or the owner who changed the settings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tillbridge.booking import make_due
from tillbridge.core import positions, routing, terms
from tillbridge.core.positions import Line, Order
from tillbridge.core.routing import Rules, Travel
from tillbridge.core.stock import ZERO, SideName
from tillbridge.ports import Books, Unit

_ORDERS_A_TRANSACTION = 200


def admit(
    unit: Unit, order: Order, status: str, lines: Iterable[Line], rules: Rules
) -> tuple[Order, frozenset[SideName]]:
    """The order after its status was read, entered with what now crosses of these lines of it; and where something is
    to be written for that. The order itself is not saved."""
    after, more = routing.admit(order, status, {positions.key(line): line for line in lines}, rules)
    told: frozenset[SideName] = frozenset()
    if rules.orders is Travel.SALE and positions.is_told(after) and after != order:
        unit.stir_papers([after.ref])
        told = frozenset([SideName.POS])
    if not more:
        return after, told
    found = unit.shelves_by_link(list(more)).values()
    moved = [replace(shelf, terms=terms.moved(shelf.terms, ZERO, more[shelf.link.id])) for shelf in found]
    unit.save_links(moved)
    return after, told | make_due(unit, moved)


def admit_waiting(books: Books, rules: Rules) -> frozenset[SideName]:
    """At start: admit orders that wait for a status at which the settings now send them; where something is to be
    written for that. One that was deleted for good stays as it is: a person says what became of it."""
    due: frozenset[SideName] = frozenset()
    after = ""
    while True:
        with books.writing() as unit:
            page = unit.not_admitted(_ORDERS_A_TRANSACTION, after)
            ready = [order for order in page if not order.gone and positions.admits(order.status, rules.send_on)]
            lines = unit.lines_of_orders([order.ref for order in ready])
            admitted: list[Order] = []
            for order in ready:
                told, sides = admit(unit, order, order.status, [one for one in lines if one.order == order.ref], rules)
                admitted.append(told)
                due |= sides
            unit.save_orders(admitted)
        if not page:
            return due
        after = page[-1].ref
