"""What it comes to when lines of an order hold more or less than the books say, together with the level they belong to.

Part of a level's difference may be theirs: a hook was lost, so the level fell and nobody told for which line. The rest
of what they hold was entered as something else before (a level that fell by an edit over REST), or happened before
first contact. Either way what the store has for sale moves by exactly what is entered at its account, so nothing is
written there that the shop did not lose or gain.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from tillbridge.core import accounts, routing, terms
from tillbridge.core.accounts import Account, Entry
from tillbridge.core.events import Cause
from tillbridge.core.findings import UNEXPLAINED
from tillbridge.core.positions import Line, LineKey, Order
from tillbridge.core.routing import Rules
from tillbridge.core.stock import ZERO, plain
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Authority, Effect

SETTLED = frozenset({"completed", "refunded", "cancelled", "failed"})
"""The statuses at which the shop no longer lists an order as open: what such a line held before we ever saw it was gone
from the shelf before first contact."""


@dataclass(frozen=True, slots=True)
class Explained:
    """The shelf and the lines after it, and the entry at the store's account for what nobody had told, if any."""

    shelf: Shelf
    lines: tuple[Line, ...]
    entries: tuple[tuple[Account, Entry], ...]


def explain(
    shelf: Shelf,
    order: Order,
    known: Mapping[LineKey, Line],
    found: Mapping[LineKey, Decimal],
    level: Decimal,
    rules: Rules,
    watched: Collection[LineKey] = frozenset(),
    *,
    from_pos: bool = False,
) -> Explained:
    """Enter what the lines of one order hold beyond what we knew (`found`, of this link only), where the store shows
    `level` and nothing moves there. The entry still lacks its source and its run.

    `watched`: the lines of which was told that they took something, so that none of it was before first contact.
    """
    difference = sum(found.values(), ZERO)
    theirs = part_of(plain(level - shelf.store.known), difference)
    surplus = plain(difference + theirs)
    gave = from_pos or order.status in SETTLED
    booked = _booked(surplus, shelf, known, found, rules.authority, watched, settled=gave)
    lines = _moved(known, found, booked, watched, partial(routing.new_line, order=order, rules=rules))
    before = [known.get(key) or routing.new_line(key, order, rules) for key in found]
    crossing = sum((line.crossing for line in lines), ZERO) - sum((line.crossing for line in before), ZERO)
    entered = terms.moved(shelf.terms, plain(difference - booked), plain(crossing) if order.admitted else ZERO)
    entered = terms.explained(entered, plain(surplus - booked), rules.authority) if surplus != booked else entered
    after = replace(shelf, terms=entered)
    if not theirs:
        return Explained(after, lines, ())
    numbers = {line for _, line, _ in found}
    cause = Cause(UNEXPLAINED, order.ref, numbers.pop() if len(numbers) == 1 else "")
    account, entry = accounts.bear(shelf.store, theirs, "", cause, Effect.LINE)
    return Explained(routing.with_account(after, account), lines, ((account, entry),))


def part_of(unexplained: Decimal, difference: Decimal) -> Decimal:
    """What of a level's difference belongs to lines that hold so much more: it points the other way, and is no larger.
    The rest is not theirs, and is left to whoever looks for it."""
    if difference > ZERO:
        return -min(max(-unexplained, ZERO), difference)
    return min(max(unexplained, ZERO), -difference)


def _booked(
    surplus: Decimal,
    shelf: Shelf,
    known: Mapping[LineKey, Line],
    found: Mapping[LineKey, Decimal],
    authority: Authority,
    watched: Collection[LineKey],
    *,
    settled: bool,
) -> Decimal:
    """What of a surplus goes into no target, because nothing in the targets says that it fell: a settled order took it
    before first contact, the POS sold it, or a person has long said what the fall was."""
    if surplus <= ZERO:
        return ZERO
    old = ZERO
    if settled:
        old = sum((max(amount, ZERO) for key, amount in found.items() if _is_new(key, known, watched)), ZERO)
    apart = min(surplus, old)
    if authority is Authority.POS:
        apart += max(ZERO, surplus - apart - shelf.terms.held)
    return plain(apart)


def _moved(
    known: Mapping[LineKey, Line],
    found: Mapping[LineKey, Decimal],
    booked: Decimal,
    watched: Collection[LineKey],
    new: Callable[[LineKey], Line],
) -> tuple[Line, ...]:
    """The lines after it; what is booked is taken from those of which we knew nothing, as long as they have it."""
    lines: list[Line] = []
    for key in sorted(found, key=lambda one: (not _is_new(one, known, watched), one)):
        part = min(booked, max(found[key], ZERO))
        booked -= part
        line = known.get(key) or new(key)
        position = plain(line.position + found[key] - part)
        lines.append(replace(line, position=position, booked=plain(line.booked + part)))
    return tuple(lines)


def _is_new(key: LineKey, known: Mapping[LineKey, Line], watched: Collection[LineKey]) -> bool:
    """Whether the line never held anything as far as we know. One that took something since first contact and gave back
    more had got the rest since then too."""
    return key not in watched and (key not in known or known[key].holds <= ZERO)
