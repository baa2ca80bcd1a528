"""Questions about orders that were deleted in the shop for good: WooCommerce gives nothing back for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from tillbridge.core import rulings
from tillbridge.core.positions import Line, Order
from tillbridge.core.stock import ZERO, SideName, plain, spell
from tillbridge.decisions.asked import MOST, Asked, Choice, Deciding
from tillbridge.poll import restored
from tillbridge.ports import SETTLED, Pending
from tillbridge.ports.paperwork import void_wanted

RETURNED, SOLD = "returned", "sold"

GONE = "gone"
"""The kind of the ruling that makes the POS follow."""

WORDS = {
    RETURNED: "a person said that the goods of a deleted order are back",
    GONE: "a person said that the goods of a deleted order are gone",
}


class DeletedOrders:
    """What their lines hold stays off sale until a person says where the goods are."""

    name = "deleted"

    def rows(self, pending: Pending) -> list[Asked]:
        if _is_at_odds(pending):
            return []
        holding: defaultdict[str, list[Line]] = defaultdict(list)
        for line in pending.gone_and_holding():
            holding[line.order].append(line)
        orders = pending.orders({*holding, *pending.gone_and_filed()})
        asked = [ref for ref, order in sorted(orders.items()) if order.status != SETTLED][:MOST]
        return [_asked(pending, orders[ref], holding[ref]) for ref in asked]

    def find(self, pending: Pending, subject: str) -> Asked | None:
        if _is_at_odds(pending):
            return None
        lines = [line for line in pending.gone_and_holding() if line.order == subject]
        order = pending.orders([subject]).get(subject)
        asked = bool(lines) or subject in pending.gone_and_filed()
        return _asked(pending, order, lines) if order is not None and asked else None

    def decide(self, deciding: Deciding, subject: str, choice: str) -> None:
        order = deciding.unit.orders([subject])[subject]
        lines = deciding.unit.lines_of_orders([subject])
        if choice == SOLD:
            _move(deciding, order, [(line, _crossed(line)) for line in lines], GONE)
            deciding.unit.save_orders([replace(order, status=SETTLED)])
            deciding.facts["orders"] = [[subject, order.status, SETTLED]]
            deciding.say(f"what order {subject} holds stays as it is, and nobody asks again")
            return
        dossier = deciding.unit.dossier(subject)
        has_a_sale = dossier.filing is not None or not dossier.taken.empty
        filed = has_a_sale and subject in deciding.unit.gone_and_filed()
        _move(deciding, order, [(line, _given_back(line, filed=filed)) for line in lines], RETURNED)
        if filed:
            _void(deciding, subject)


def _is_at_odds(pending: Pending) -> bool:
    """Whether the shop went back to a backup and nobody has said yet whose word counts: an order that was deleted since
    may be there again, and its goods would be given back although it holds them."""
    return bool(pending.noted(restored(str(SideName.STORE))))


def _void(deciding: Deciding, order: str) -> None:
    """The POS is told that its sale is void, although the order cannot be read any more."""
    deciding.unit.note(void_wanted(order), "yes")
    deciding.unit.stir_papers([order])
    deciding.cannot_be_undone("the POS is told that the sale is void")
    deciding.say(f"the POS is told that the sale of order {order} is void")


def _crossed(line: Line) -> Line:
    """The goods are gone, and no document can tell the POS of them any more: what the line holds crosses as stock."""
    return line if line.rest is None else replace(line, rest=plain(line.position - line.taken))


def _given_back(line: Line, *, filed: bool) -> Line:
    """It holds nothing any more. What documents took for it comes back with the end of its sale, or as stock where
    there is none."""
    if line.rest is None or filed:
        return replace(line, position=ZERO)
    return replace(line, position=ZERO, rest=-line.taken)


def _move(deciding: Deciding, order: Order, changes: Iterable[tuple[Line, Line]], word: str) -> None:
    """The lines hold something else, or more or less of them crosses. No account is touched: the one rule writes it
    where it is lacking."""
    unit = deciding.unit
    moved = [(old, new) for old, new in changes if old != new]
    amounts: defaultdict[int, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for old, new in moved:
        amounts[old.link]["positions"] += new.position - old.position
        amounts[old.link]["admitted"] += new.crossing - old.crossing if order.admitted else ZERO
    for link, shelf in unit.shelves_by_link(sorted(amounts)).items():
        deciding.rule(shelf, rulings.moved(shelf, amounts[link]), word, order.ref, WORDS[word])
    unit.save_lines([new for _, new in moved])
    deciding.facts["lines"] = [
        [old.order, old.line, old.link, spell(new.position - old.position), *_rest_moved(old, new)]
        for old, new in moved
    ]


def _rest_moved(old: Line, new: Line) -> list[str]:
    """By how much what documents leave of it moved, where they carry any of it."""
    return [] if old.rest is None or new.rest is None else [spell(new.rest - old.rest)]


def _asked(pending: Pending, order: Order, lines: Sequence[Line]) -> Asked:
    shelves = pending.shelves_by_link(sorted({line.link for line in lines}))
    goods = ", ".join(f"{spell(line.position)} of {shelves[line.link].link.sku!r}" for line in lines)
    dossier = pending.dossier(order.ref)
    holds = f" and still holds {goods}" if goods else ""
    filed = "" if dossier.taken.empty else f"; the POS has a sale of it over {spell(dossier.taken.total)}"
    if dossier.filing is not None:
        filed += "; a document of it is on its way to the POS"
    words = f"order {order.ref} was deleted in the shop{holds}{filed}"
    choices = (
        Choice(
            RETURNED,
            "the goods are back: the shop offers them again"
            + (", the POS too" * order.admitted)
            + ("; its sale there becomes void" if filed else ""),
        ),
        Choice(SOLD, f"the goods are gone: {_what_stays(order, lines)}, and nobody asks again"),
    )
    amount = plain(sum((line.position for line in lines), ZERO))
    return Asked("deleted", order.ref, words, choices, order=order.ref, amount=amount)


def _what_stays(order: Order, lines: Sequence[Line]) -> str:
    if not order.admitted:
        return "everything stays as it is (the POS was never told of them)"
    if any(line != _crossed(line) for line in lines):
        return "the shop stays as it is, and the POS takes off its stock what it was not told of"
    return "everything stays as it is (the POS was told of them)"
