"""Questions about orders that were deleted in the shop for good: WooCommerce gives nothing back for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from tillbridge.core import rulings
from tillbridge.core.positions import Line, Order
from tillbridge.core.stock import ZERO, plain, spell
from tillbridge.decisions.asked import MOST, Asked, Choice, Deciding
from tillbridge.ports import SETTLED, Pending
from tillbridge.ports.paperwork import void_wanted

RETURNED, SOLD = "returned", "sold"


class DeletedOrders:
    """What their lines hold stays off sale until a person says where the goods are."""

    name = "deleted"

    def rows(self, pending: Pending) -> list[Asked]:
        holding: defaultdict[str, list[Line]] = defaultdict(list)
        for line in pending.gone_and_holding():
            holding[line.order].append(line)
        orders = pending.orders({*holding, *pending.gone_and_filed()})
        asked = [ref for ref, order in sorted(orders.items()) if order.status != SETTLED][:MOST]
        return [_asked(pending, orders[ref], holding[ref]) for ref in asked]

    def find(self, pending: Pending, subject: str) -> Asked | None:
        lines = [line for line in pending.gone_and_holding() if line.order == subject]
        order = pending.orders([subject]).get(subject)
        asked = bool(lines) or subject in pending.gone_and_filed()
        return _asked(pending, order, lines) if order is not None and asked else None

    def decide(self, deciding: Deciding, subject: str, choice: str) -> None:
        order = deciding.unit.orders([subject])[subject]
        if choice == SOLD:
            deciding.unit.save_orders([replace(order, status=SETTLED)])
            deciding.facts["orders"] = [[subject, order.status, SETTLED]]
            deciding.say(f"what order {subject} holds stays as it is, and nobody asks again")
            return
        _give_back(deciding, order)
        if subject in deciding.unit.gone_and_filed():
            _void(deciding, subject)


def _void(deciding: Deciding, order: str) -> None:
    """The POS is told that its sale is void, although the order cannot be read any more."""
    deciding.unit.note(void_wanted(order), "yes")
    deciding.unit.stir_papers([order])
    deciding.cannot_be_undone("the POS is told that the sale is void")
    deciding.say(f"the POS is told that the sale of order {order} is void")


def _give_back(deciding: Deciding, order: Order) -> None:
    """The lines hold nothing any more. No account is touched: the one rule writes it where it is lacking."""
    unit = deciding.unit
    lines = [line for line in unit.lines_of_orders([order.ref]) if line.position]
    after = [replace(line, position=ZERO) for line in lines]
    shelves = unit.shelves_by_link(sorted({line.link for line in lines}))
    for link, shelf in shelves.items():
        changes: defaultdict[str, Decimal] = defaultdict(Decimal)
        for old, new in zip(lines, after, strict=True):
            if old.link == link:
                changes["positions"] += new.position - old.position
                changes["admitted"] += new.crossing - old.crossing if order.admitted else ZERO
        deciding.rule(shelf, rulings.moved(shelf, changes), RETURNED, order.ref)
    unit.save_lines(after)
    deciding.facts["lines"] = [[line.order, line.line, line.link, spell(-line.position)] for line in lines]


def _asked(pending: Pending, order: Order, lines: Sequence[Line]) -> Asked:
    shelves = pending.shelves_by_link(sorted({line.link for line in lines}))
    goods = ", ".join(f"{spell(line.position)} of {shelves[line.link].link.sku!r}" for line in lines)
    crossed = "the POS was told of them" if order.admitted else "the POS was never told of them"
    taken = pending.dossier(order.ref).taken
    holds = f" and still holds {goods}" if goods else ""
    filed = "" if taken.empty else f"; the POS has a sale of it over {spell(taken.total)}"
    words = f"order {order.ref} was deleted in the shop{holds}{filed}"
    choices = (
        Choice(
            RETURNED,
            "the goods are back: the shop offers them again"
            + (", the POS too" * order.admitted)
            + ("" if taken.empty else "; its sale there becomes void"),
        ),
        Choice(SOLD, f"the goods are gone: everything stays as it is ({crossed}), and nobody asks again"),
    )
    amount = plain(sum((line.position for line in lines), ZERO))
    return Asked("deleted", order.ref, words, choices, order=order.ref, amount=amount)
