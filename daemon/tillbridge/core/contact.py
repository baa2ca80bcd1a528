"""What both sides showed at first contact: levels by outlet, and what the lines of the store's orders held.

The orders are read before the levels are counted. A line that took its piece after that is told, or its item is said to
be moving, so it is in both or its pair waits; read after the count it could be in the lines and not in the level.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tillbridge.core.actions import OwnWrite
from tillbridge.core.links import Held, Pair
from tillbridge.core.positions import OrderSeen
from tillbridge.core.stock import ZERO, Level, SideName
from tillbridge.core.terms import Authority


@dataclass(frozen=True, slots=True)
class Count:
    """One side's levels by ref and outlet; the refs that are moving, those unknown somewhere, and those that may be
    sold below zero; the outlets."""

    levels: Mapping[str, Mapping[str, Decimal]]
    moving: frozenset[str]
    unknown: frozenset[str]
    backorders: frozenset[str]
    outlets: tuple[str, ...]

    def openings(self, side: SideName, ref: str) -> dict[tuple[SideName, str], Decimal] | None:
        """The levels of an item by outlet; None where one is unknown: unknown is never zero."""
        levels = self.levels.get(ref)
        if levels is None or ref in self.unknown:
            return None
        return {(side, outlet): level for outlet, level in levels.items()}


@dataclass(frozen=True, slots=True)
class Holding:
    """A line of an order that held so much of an item."""

    order: str
    line: str
    reduced: Decimal


@dataclass(frozen=True, slots=True)
class Contact:
    """What one look found: both counts, the lines that held something by the store's ref of their item, and the status
    of their orders. `since` is when the looking began (steady seconds), `mark` the highest message id then. `from_pos`:
    the orders that were made from sales at the POS, which gave their goods away whatever their status is. `written`:
    our own writes that the shop remembered before it was counted, by its ref."""

    counts: Mapping[SideName, Count]
    holdings: Mapping[str, Sequence[Holding]]
    statuses: Mapping[str, str]
    since: float
    mark: int
    from_pos: frozenset[str] = frozenset()
    written: Mapping[str, Sequence[OwnWrite]] = field(default_factory=dict)


def count(levels: Iterable[Level]) -> Count:
    """Collect a count."""
    found: dict[str, dict[str, Decimal]] = {}
    moving: set[str] = set()
    unknown: set[str] = set()
    backorders: set[str] = set()
    outlets: dict[str, None] = {}
    for level in levels:
        outlets.setdefault(level.outlet)
        if level.moving:
            moving.add(level.ref)
        if level.backorders:
            backorders.add(level.ref)
        if level.quantity is None:
            unknown.add(level.ref)
        else:
            found.setdefault(level.ref, {})[level.outlet] = level.quantity
    return Count(found, frozenset(moving), frozenset(unknown), frozenset(backorders), tuple(outlets))


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the lines of open orders hold of the wanted items, by the store's ref, and the status of their orders.
    `unreadable`: of which item a line of an order holds nobody knows how much, and which (order, line). `from_pos`:
    those of the orders that were made from sales at the POS."""

    lines: Mapping[str, Sequence[Holding]]
    statuses: Mapping[str, str]
    unreadable: Mapping[str, tuple[str, str]]
    from_pos: frozenset[str] = frozenset()


def holdings(orders: Iterable[OrderSeen], linked: Collection[str], wanted: Collection[str]) -> Holdings:
    """Sort what the lines hold. A line belongs to the first of its refs that is linked or about to be."""
    found: dict[str, list[Holding]] = {}
    statuses: dict[str, str] = {}
    unreadable: dict[str, tuple[str, str]] = {}
    from_pos: set[str] = set()
    for order in orders:
        for line in order.lines:
            ref = next((one for one in line.refs if one in linked or one in wanted), None)
            if ref is None or ref not in wanted or line.reduced == ZERO:
                continue
            if line.reduced is None:
                unreadable.setdefault(ref, (order.order, line.line))
                continue
            found.setdefault(ref, []).append(Holding(order.order, line.line, line.reduced))
            statuses[order.order] = order.status
            from_pos.update([order.order] if order.from_pos else ())
    return Holdings(found, statuses, unreadable, frozenset(from_pos))


def usable(
    pairs: Sequence[Pair],
    counts: Mapping[SideName, Count],
    authority: Authority,
    unreadable: Mapping[str, tuple[str, str]],
) -> tuple[list[Held], list[Pair]]:
    """The pairs that can be linked, and the items that are held out and shown: those of which a side does not know the
    level, or nobody what an order's line holds, and all of them where the store's word counts and the POS has several
    outlets."""
    several = authority is Authority.STORE and len(counts[SideName.POS].outlets) > 1
    held: list[Held] = []
    good: list[Pair] = []
    for pair in pairs:
        refs = {SideName.STORE: pair.store_ref, SideName.POS: pair.pos_ref}
        unsure = [side for side, ref in refs.items() if counts[side].openings(side, ref) is None]
        if several:
            held += [Held(side, ref, pair.sku, "", "several_outlets", _SEVERAL) for side, ref in refs.items()]
            continue
        held += [Held(side, refs[side], pair.sku, "", "unknown_level", _UNKNOWN) for side in unsure]
        strange = unreadable.get(pair.store_ref)
        if strange is not None and not unsure:
            words = _UNREADABLE.format(order=strange[0], line=strange[1])
            held.append(Held(SideName.STORE, pair.store_ref, pair.sku, "", "unreadable_line", words))
        good += [] if unsure or strange is not None else [pair]
    return held, good


_UNKNOWN = "Its level is unknown there. Set a level; unknown is never taken for zero."
_SEVERAL = (
    "The till system has several outlets, and with [stock] authority = store it may have one only. Name the one that"
    " sells for the shop in [pos] outlets, or choose another authority."
)
_UNREADABLE = (
    "Nobody knows how much of it line {line} of order {order} holds: the line's _reduced_stock is no number. Set it to"
    " the pieces that the line took from the shop's stock, or delete it if it took none; then the item is linked by"
    " itself."
)
