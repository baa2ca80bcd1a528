"""Orders of the store and the stock that their lines hold.

A position is what WooCommerce calls a line's `_reduced_stock`. Ours is the sum of the changes that the shop told for
the line, never read from the order: read, it would outrun the rows that move the level, and raise the store.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from tillbridge.core.stock import ZERO, plain


@dataclass(frozen=True, slots=True)
class LineSeen:
    """A line as the shop shows it: `refs` are the ids that may hold its stock (the variation's, then the product's),
    `reduced` what it holds; None where that cannot be read: an unknown amount, which is not zero."""

    line: str
    refs: tuple[str, ...]
    reduced: Decimal | None


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """An order as the shop shows it. `from_pos`: it was made from a sale at the POS, which gave its goods away."""

    order: str
    status: str
    lines: tuple[LineSeen, ...]
    from_pos: bool = False

    @property
    def unreadable(self) -> tuple[str, ...]:
        """The lines of which nobody knows what they hold."""
        return tuple(line.line for line in self.lines if line.reduced is None)


@dataclass(frozen=True, slots=True)
class Order:
    """What we know of an order. `admitted`: an event told, or a read showed, a status at which it is sent; that never
    ends. `gone`: it was deleted for good, and gave nothing back. `alone`: no document tells the POS of it, so what its
    lines hold crosses as stock."""

    ref: str
    status: str = ""
    admitted: bool = False
    gone: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """How much of a link's stock a line of an order holds.

    `position` is in the targets. `booked` is in none: what the POS had taken before first contact, and the lines of
    documents that we made ourselves. `taken` is what documents have taken at the POS for certain. `rest` is what of
    the position no document carries, as it was when its order was last read; None where none carries any of it, because
    the order travels as stock.
    """

    order: str
    line: str
    link: int
    position: Decimal = ZERO
    booked: Decimal = ZERO
    taken: Decimal = ZERO
    rest: Decimal | None = None

    @property
    def holds(self) -> Decimal:
        """What the shop's own record of the line should say."""
        return plain(self.position + self.booked)

    @property
    def crossing(self) -> Decimal:
        """What the POS is to have given up for it, once its order is admitted."""
        return self.position if self.rest is None else plain(self.taken + self.rest)


LineKey = tuple[str, str, int]


def key(line: Line) -> LineKey:
    return line.order, line.line, line.link


def moved(line: Line, delta: Decimal) -> Line:
    """The level of its item moved by `delta` for this line."""
    return replace(line, position=plain(line.position - delta))


def is_told(order: Order) -> bool:
    """Whether documents tell the POS of an order, where orders travel as sales."""
    return order.admitted and not order.alone


def admits(status: str, send_on: Collection[str]) -> bool:
    """Whether an order of that status is sent; with an empty `send_on` every order is."""
    return not send_on or status in send_on


def told(order: Order, status: str, send_on: Collection[str]) -> Order:
    """The order after an event or a read that told its status ("": it did not)."""
    return replace(order, status=status or order.status, admitted=order.admitted or admits(status, send_on))


def watched(lines: Iterable[Line], told: Mapping[LineKey, Sequence[Decimal]]) -> set[LineKey]:
    """The lines of which was told that they took something, and whose position is what was told of them (`told`, as the
    level moved) and nothing else: none of it was before first contact, or is remembered no more."""
    return {
        key(line)
        for line in lines
        if any(amount < ZERO for amount in told.get(key(line), ()))
        and line.position == -plain(sum(told[key(line)], ZERO))
    }


def differences(seen: OrderSeen, lines: Iterable[Line], links: Mapping[str, int]) -> dict[LineKey, Decimal]:
    """How much more each line holds by the shop's record than by ours; only what differs.

    `links` are the links by the shop's ref. A line of ours that the order shows no more holds nothing there. Lines
    without a link are nobody's, and one that cannot be read differs by nothing that anybody knows.
    """
    ours = {key(line): line.holds for line in lines if line.line not in seen.unreadable}
    theirs: dict[LineKey, Decimal] = {}
    for line in seen.lines:
        link = next((links[ref] for ref in line.refs if ref in links), None)
        if link is not None and line.reduced is not None:
            theirs[seen.order, line.line, link] = line.reduced
    found = {one: plain(theirs.get(one, ZERO) - ours.get(one, ZERO)) for one in {*ours, *theirs}}
    return {one: amount for one, amount in sorted(found.items()) if amount}
