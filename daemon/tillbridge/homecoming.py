"""What the books know once the shop keeps what the POS told: a refund of goods that came back, an order of a sale.

Neither moves stock: the POS's feed tells of the goods. What the lines in the shop hold of them is in no target.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tillbridge.booking import make_due
from tillbridge.core import homeward, positions, terms
from tillbridge.core.coming_back import ComingBack
from tillbridge.core.drafts import Made
from tillbridge.core.homeward import FromPos
from tillbridge.core.positions import Line, Order
from tillbridge.core.stock import ZERO, SideName, plain
from tillbridge.core.taken import after, line_moves
from tillbridge.core.targets import Shelf
from tillbridge.ports import Unit


def enter_order(unit: Unit, sale: FromPos, made: Made) -> None:
    """The order is made. No document tells the POS of it; what becomes of it later crosses as stock."""
    order = unit.orders([made.ref]).get(made.ref, Order(made.ref))
    unit.save_orders([replace(order, status=made.status or order.status, admitted=True, alone=True)])
    unit.save_dossier(replace(unit.dossier(made.ref), alone=homeward.FROM_POS, taken=sale.taken(made.lines)))
    known = {line.line for line in unit.lines_of_orders([made.ref])}
    items = sorted({line.item for line in sale.lines.values() if line.item})
    links = {ref: shelf.link.id for ref, shelf in unit.shelves(SideName.POS, items).items()}
    lines = []
    for draft in sale.draft.lines:
        name, item = made.lines.get(draft.line, ""), sale.lines[draft.line].item if draft.line in sale.lines else ""
        if name and name not in known and draft.held and item in links:
            lines.append(Line(made.ref, name, links[item], booked=draft.held))
    unit.save_lines(lines)


def enter_refund(unit: Unit, ref: str, found: ComingBack) -> None:
    """The refund is made: the POS has so much less of the order, and its lines hold so much less in the shop."""
    dossier = unit.dossier(ref)
    unit.save_dossier(replace(dossier, taken=after(dossier.taken, found.document)))
    order = unit.orders([ref]).get(ref, Order(ref))
    lines = unit.lines_of_orders([ref])
    changed: list[tuple[Line, Line]] = []
    for name, amount in line_moves(found.document).items():
        places = [line for line in lines if line.line == name]
        before = next((line for line in places if line.holds), next(iter(places), None))
        if before is not None:
            changed.append((before, _given_back(before, -amount)))
    unit.save_lines([line for _, line in changed])
    shelves = unit.shelves_by_link([line.link for _, line in changed])
    moved: dict[int, Shelf] = {}
    for was, now in changed:
        shelf = moved.get(now.link) or shelves.get(now.link)
        if shelf is not None and was.position != now.position:
            crosses = plain(now.crossing - was.crossing) if order.admitted else ZERO
            entered = terms.moved(shelf.terms, plain(now.position - was.position), crosses)
            moved[now.link] = replace(shelf, terms=entered)
    unit.save_links(list(moved.values()))
    make_due(unit, moved.values())
    if positions.is_told(order):
        unit.stir_papers([order.ref])


def _given_back(line: Line, quantity: Decimal) -> Line:
    """Goods lie on the POS's shelf again, and the shop's line holds so much less, which no target has: they were born
    there. What the line held no more was put back in the shop as well, by somebody who meant the same goods: that must
    not count twice."""
    twice = plain(quantity - min(max(line.holds, ZERO), quantity))
    return replace(line, booked=plain(line.booked - quantity), position=plain(line.position + twice))
