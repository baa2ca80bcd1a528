"""What of an order's lines crosses to the POS as stock, and what documents carry: never both for the same piece."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from tillbridge.booking import make_due
from tillbridge.core import terms
from tillbridge.core.documents import Document
from tillbridge.core.filing import Where
from tillbridge.core.paper import Paper
from tillbridge.core.positions import Line, LineKey, Order
from tillbridge.core.stock import ZERO, plain
from tillbridge.core.taken import line_moves
from tillbridge.core.targets import Shelf
from tillbridge.ports import Unit
from tillbridge.ports.paperwork import Dossier


@dataclass(frozen=True, slots=True)
class Plan:
    """What a document takes for each line and link of an order, and what of each line's position documents leave."""

    takes: Mapping[Where, Decimal]
    rests: Mapping[Where, Decimal]


def plan(paper: Paper, lines: Mapping[LineKey, Line], document: Document | None, shelves: Mapping[str, Shelf]) -> Plan:
    """What its lines come to once the document is taken: both from the one reading of the order."""
    moves = {} if document is None else line_moves(document)
    takes: dict[Where, Decimal] = {}
    rests: dict[Where, Decimal] = {}
    known = {(line.line, line.link): line for line in lines.values()}
    by_ref = {line.id: line.refs for line in paper.lines}
    for line, amount in moves.items():
        link = next((shelves[ref].link.id for ref in by_ref.get(line, ()) if ref in shelves), None)
        place = next((where for where, one in known.items() if where[0] == line and one.taken), None)
        if place is not None:
            takes[place] = amount  # it comes back where it was taken, whatever is linked since
        elif link is not None:
            takes[line, link] = amount
    for where in {*known, *takes}:
        had = known.get(where)
        position, taken = (ZERO, ZERO) if had is None else (had.position, had.taken)
        rests[where] = plain(position - taken - takes.get(where, ZERO))
    return Plan(takes, rests)


def promise(
    unit: Unit, lines: Mapping[LineKey, Line], document: Document | None, shelves: Mapping[str, Shelf]
) -> tuple[dict[LineKey, Line], dict[str, Shelf]]:
    """What a document takes only now, of lines of which first contact believed that the POS had taken it before: it lay
    at the POS all the time, promised to the order. The lines and shelves after that.

    The difference that first contact found was this order's, and is left standing no more; so neither side is to show
    anything else because of it.
    """
    moves = {} if document is None else line_moves(document)
    by_link = {shelf.link.id: shelf for shelf in shelves.values()}
    found = dict(lines)
    for key, line in lines.items():
        if line.booked > ZERO and not line.taken and moves.get(line.line, ZERO) > ZERO and line.link in by_link:
            position = plain(line.position + line.booked)
            found[key] = replace(line, position=position, booked=ZERO, rest=ZERO if line.rest is None else line.rest)
            shelf = by_link[line.link]
            link = replace(shelf.link, offset=plain(shelf.link.offset + line.booked))
            by_link[line.link] = replace(shelf, link=link, terms=terms.moved(shelf.terms, line.booked, ZERO))
    changed = [line for key, line in found.items() if line != lines[key]]
    unit.save_lines(changed)
    unit.save_links([by_link[number] for number in sorted({line.link for line in changed})])
    return found, {ref: by_link[shelf.link.id] for ref, shelf in shelves.items()}


def turn(unit: Unit, order: Order, lines: Mapping[LineKey, Line], plan: Plan) -> None:
    """Enter what documents have taken by now, and what they leave."""
    before = {(line.line, line.link): line for line in lines.values()}
    found = []
    for where in sorted({*before, *plan.rests}):
        line = before.get(where, Line(order.ref, *where))
        taken = plain(line.taken + plan.takes.get(where, ZERO))
        found.append(replace(line, taken=taken, rest=plan.rests.get(where, line.rest)))
    cross(unit, order, lines.values(), found)


def leave_alone(unit: Unit, dossier: Dossier, order: Order, lines: Iterable[Line], code: str) -> None:
    """It gets no document: what its lines hold crosses as stock from now on."""
    lines = list(lines)
    unit.save_dossier(replace(dossier, alone=code))
    unit.save_orders([replace(order, alone=True)])
    cross(unit, order, lines, [replace(line, rest=None) for line in lines])


def cross(unit: Unit, order: Order, before: Iterable[Line], now: Sequence[Line]) -> None:
    """Save the lines; where more or less of a link crosses than before, the POS's target moves."""
    unit.save_lines(now)
    if not order.admitted:
        return
    more: defaultdict[int, Decimal] = defaultdict(Decimal)
    for line in now:
        more[line.link] += line.crossing
    for line in before:
        more[line.link] -= line.crossing
    shelves = unit.shelves_by_link([link for link, amount in more.items() if amount])
    moved = [replace(one, terms=terms.moved(one.terms, ZERO, plain(more[one.link.id]))) for one in shelves.values()]
    unit.save_links(moved)
    make_due(unit, moved)
