"""The links that a first contact opens, in one transaction: of pairs of which nothing was told since the look began.

What a line of an order held by then is in the shop's level. Where its order was not sent yet, the piece is still on the
POS's shelf: it is promised. Where its order was sent, or was made from a sale at the POS, the POS has taken it: it is
in no target, and kept so that a later restock gives it back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tillbridge import admission, retold
from tillbridge.attempts import SELL_FROM
from tillbridge.booking import make_due
from tillbridge.core import routing
from tillbridge.core.accounts import contained
from tillbridge.core.contact import Contact, Holding
from tillbridge.core.homeward import FROM_POS
from tillbridge.core.links import Pair
from tillbridge.core.positions import Line, Order
from tillbridge.core.routing import Rules
from tillbridge.core.stock import ZERO, SideName, plain
from tillbridge.core.terms import Terms
from tillbridge.ports import Unit


@dataclass(frozen=True, slots=True)
class Opened:
    """How many links were made, the orders that were saved for them, and the sides where something is to be written
    because of that."""

    links: int = 0
    orders: Mapping[str, Order] = field(default_factory=dict)
    due: frozenset[SideName] = frozenset()


class Opening:
    """Opens links in the transaction of `unit`, after every waiting event was booked there."""

    def __init__(self, unit: Unit, found: Contact, rules: Rules, buffers: Callable[[str], Decimal]) -> None:
        self._unit = unit
        self._found = found
        self._rules = rules
        self._buffers = buffers

    def __call__(self, pairs: Sequence[Pair], ours: Mapping[str, Order]) -> Opened:
        """Link these pairs, except what moved. `ours` are orders as the same look saved them before: they did not
        stir."""
        resting = self._resting(pairs, ours)
        if not resting:
            return Opened()
        retold.remember(self._unit, self._found.mark)
        orders, changed, due = self._orders(resting)
        numbers = [self._open(pair, orders) for pair in resting]
        if not self._unit.noted(SELL_FROM):
            self._unit.note(SELL_FROM, self._found.counts[SideName.POS].outlets[0])
        buffered = [number for number, pair in zip(numbers, resting, strict=True) if self._buffers(pair.sku)]
        due |= make_due(self._unit, self._unit.shelves_by_link(buffered).values())
        return Opened(len(numbers), changed, due)

    def _resting(self, pairs: Sequence[Pair], ours: Mapping[str, Order]) -> list[Pair]:
        """The pairs of which nothing was told since the look began: neither of their levels, nor of an order that holds
        something of them."""
        unit, found = self._unit, self._found
        moved = {side: unit.dropped_since(side, found.mark) | found.counts[side].moving for side in SideName}
        taken = {side: set(refs) for side, refs in unit.linked_refs().items()}
        stirred = {ref for ref, order in unit.orders_since(found.since).items() if order != ours.get(ref)}
        resting: list[Pair] = []
        for pair in pairs:
            refs = {SideName.STORE: pair.store_ref, SideName.POS: pair.pos_ref}
            if any(ref in moved[side] or ref in taken[side] for side, ref in refs.items()):
                continue
            if not any(held.order in stirred for held in self._held(pair)):
                resting.append(pair)
        return resting

    def _held(self, pair: Pair) -> Sequence[Holding]:
        return self._found.holdings.get(pair.store_ref, ())

    def _orders(self, pairs: Sequence[Pair]) -> tuple[dict[str, Order], dict[str, Order], frozenset[SideName]]:
        """The orders that hold something of these pairs, and those of them that were not known so. One that is admitted
        by what was read crosses for the links that there are already."""
        refs = sorted({held.order for pair in pairs for held in self._held(pair)})
        known, lines = self._unit.orders(refs), self._unit.lines_of_orders(refs)
        found: dict[str, Order] = {}
        due: frozenset[SideName] = frozenset()
        for ref in refs:
            before, theirs = known.get(ref, Order(ref)), [line for line in lines if line.order == ref]
            rules = self._rules
            if ref in self._found.from_pos:
                before, rules = replace(before, alone=True), replace(rules, send_on=frozenset())
                self._unit.save_dossier(replace(self._unit.dossier(ref), alone=FROM_POS))
            found[ref], sides = admission.admit(self._unit, before, self._found.statuses[ref], theirs, rules)
            due |= sides
        changed = {ref: order for ref, order in found.items() if order != known.get(ref)}
        self._unit.save_orders(list(changed.values()))
        return found, changed, due

    def _open(self, pair: Pair, orders: Mapping[str, Order]) -> int:
        """Make one link with all that it begins with; its number."""
        counts, held = self._found.counts, self._held(pair)
        store, pos = (
            counts[side].openings(side, ref) or {}
            for side, ref in ((SideName.STORE, pair.store_ref), (SideName.POS, pair.pos_ref))
        )
        promised = sum((one.reduced for one in held if not orders[one.order].admitted), ZERO)
        offset = sum(store.values(), ZERO) - (sum(pos.values(), ZERO) - promised)
        terms = Terms(
            positions=plain(promised),
            buffer=self._buffers(pair.sku),
            backorders=pair.store_ref in counts[SideName.STORE].backorders,
        )
        link = self._unit.open_link(pair, plain(offset), store | pos, self._found.mark, terms)
        self._contain(link.id, pair.store_ref)
        self._unit.save_lines([self._line(one, link.id, orders[one.order]) for one in held])
        return link.id

    def _line(self, held: Holding, link: int, order: Order) -> Line:
        line = routing.new_line((held.order, held.line, link), order, self._rules)
        return replace(line, booked=held.reduced) if order.admitted else replace(line, position=held.reduced)

    def _contain(self, link: int, ref: str) -> None:
        """What we wrote there before, in another life, is in the opening, and is no write of this link."""
        written = self._found.written.get(ref, ())
        if not written:
            return
        known = self._unit.posted([one.key for one in written])
        account = self._unit.shelves_by_link([link])[link].store
        self._unit.post([(account, contained(one.key)) for one in written if one.key not in known])
