"""What the books know once the shop keeps what the POS told: a refund of goods that came back, an order of a sale.

Neither moves stock: the POS's feed tells of the goods. What the lines in the shop hold of them is in no target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from tillbridge import crossing
from tillbridge.booking import make_due
from tillbridge.core import homeward, positions, terms
from tillbridge.core.coming_back import ComingBack
from tillbridge.core.documents import Document
from tillbridge.core.drafts import Made
from tillbridge.core.homeward import FromPos
from tillbridge.core.positions import Line, Order
from tillbridge.core.stock import ZERO, SideName, plain
from tillbridge.core.taken import after, line_moves
from tillbridge.core.targets import Shelf
from tillbridge.ports import LOOKED, Message, Unit
from tillbridge.ports.paperwork import Dossier, by_hand


def is_looked_for(unit: Unit, message: Message, unlinked: set[str]) -> bool:
    """Whether items that have no link will have none: they are held out, or were looked for since this was told. Made
    before first contact, the order would name its products as fees, and nothing would be given back for it."""
    looked = unit.noted(LOOKED)
    if not unlinked or (looked.isdecimal() and int(looked) >= message.id):
        return True
    return unlinked <= unit.held_of_refs(SideName.POS, sorted(unlinked))


def is_waiting(unit: Unit, sale: str) -> bool:
    """Whether a sale is to become an order, and is none yet; nobody may have begun with it. One that a person discarded
    never will be one."""
    return not unit.arrival(sale, "order").made and unit.arrival_waits(sale)


def enter_order(unit: Unit, sale: FromPos, made: Made) -> None:
    """The order is made. No document tells the POS of it; what becomes of it later crosses as stock, and so does what
    was told of it already."""
    was = unit.orders([made.ref]).get(made.ref, Order(made.ref))
    order = replace(was, status=made.status or was.status, admitted=True, alone=True)
    unit.save_orders([order])
    unit.save_dossier(replace(unit.dossier(made.ref), alone=homeward.FROM_POS, taken=sale.taken(made.lines)))
    had = unit.lines_of_orders([made.ref])
    lines = {positions.key(line): replace(line, rest=None) for line in had}
    items = sorted({line.item for line in sale.lines.values() if line.item})
    links = {ref: shelf.link.id for ref, shelf in unit.shelves(SideName.POS, items).items()}
    for draft in sale.draft.lines:
        name, item = made.lines.get(draft.line, ""), sale.lines[draft.line].item if draft.line in sale.lines else ""
        if name and draft.held and draft.line not in made.fees and item in links:
            line = Line(made.ref, name, links[item])
            line = lines.get(positions.key(line), line)
            # Whoever has compared it already has booked what it held.
            lines[positions.key(line)] = line if line.booked else replace(line, booked=draft.held)
    crossing.cross(unit, order, had if was.admitted else (), list(lines.values()))


def enter_refund(unit: Unit, ref: str, found: ComingBack) -> None:
    """The refund is made: the POS has so much less of the order, and its lines hold so much less in the shop."""
    dossier = unit.dossier(ref)
    taken = after(dossier.taken, found.document)
    unit.save_dossier(replace(dossier, taken=replace(taken, mixed=taken.mixed or found.exchanged)))
    order = unit.orders([ref]).get(ref, Order(ref))
    lines = unit.lines_of_orders([ref])
    changed = [
        (line, _given_back(line, -amount))
        for name, amount in line_moves(found.document).items()
        if (line := _place(lines, name)) is not None
    ]
    _save_lines(unit, order, changed)
    if positions.is_told(order):
        unit.stir_papers([order.ref])


def done_by_hand(unit: Unit, dossier: Dossier, document: Document) -> bool:
    """Whether a person did at the POS what it is to be told, and nothing of the order was told since; then it is
    entered. The POS's feed tells of those goods, and the shop's level has moved for them already: that must not count
    twice. What the lines hold stays as it is, and is in no target any more."""
    noted = unit.noted(by_hand(dossier.order))
    if noted:
        unit.note(by_hand(dossier.order), "")
    if noted != repr(dossier.stirred_at):
        return False
    unit.save_dossier(replace(dossier, taken=after(dossier.taken, document)))
    order = unit.orders([dossier.order]).get(dossier.order, Order(dossier.order))
    lines = unit.lines_of_orders([dossier.order])
    changed = [
        (line, replace(line, position=plain(line.position - amount), booked=plain(line.booked + amount)))
        for name, amount in line_moves(document).items()
        if (line := _place(lines, name)) is not None
    ]
    _save_lines(unit, order, changed)
    return True


def _place(lines: Sequence[Line], name: str) -> Line | None:
    """The line by its name: where it holds something, if anywhere."""
    places = [line for line in lines if line.line == name]
    return next((line for line in places if line.holds), next(iter(places), None))


def _save_lines(unit: Unit, order: Order, changed: Sequence[tuple[Line, Line]]) -> None:
    """Lines as they were and as they are; what moved of their positions enters the targets."""
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


def _given_back(line: Line, quantity: Decimal) -> Line:
    """Goods lie on the POS's shelf again, and the shop's line holds so much less, which no target has: they were born
    there. What the line held no more was put back in the shop as well, by somebody who meant the same goods: that must
    not count twice."""
    twice = plain(quantity - min(max(line.holds, ZERO), quantity))
    return replace(line, booked=plain(line.booked - quantity), position=plain(line.position + twice))
