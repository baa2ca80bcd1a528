"""What an event means for the books: which accounts, lines and terms it moves, and what cannot be booked and why.

A document's movements are summed per item and outlet first: a transfer between two outlets of the POS is one event,
and must not look like a sale for the moment between its two halves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from tillbridge.core import accounts, positions, terms
from tillbridge.core.accounts import Account, Entry
from tillbridge.core.events import Cause, LevelSeen, Movement, StockMoved
from tillbridge.core.positions import Line, LineKey, Order
from tillbridge.core.stock import ZERO, SideName, plain
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Authority, Effect, Terms


class Travel(StrEnum):
    """How an order reaches the POS: its pieces are taken off the stock there, or a document tells of it."""

    STOCK = "stock"
    SALE = "sale"


TAKEN_BY_A_LINE = "order_line"
"""The cause of a change that an order's line took from the shelf."""

OF_A_LINE = frozenset({TAKEN_BY_A_LINE, "restore", "restock"})
"""Causes by which WooCommerce moves stock for a line of an order."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the owner decided, as far as booking needs it. An empty `send_on` admits every order at once.
    `people`: customers travel. `site` is how
    documents of the POS name this shop, "" where the shop keeps nothing of them."""

    authority: Authority = Authority.BOTH
    send_on: frozenset[str] = frozenset()
    orders: Travel = Travel.STOCK
    people: bool = field(default=False, kw_only=True)
    site: str = ""


def new_line(where: LineKey, order: Order | None, rules: Rules) -> Line:
    """A line of which nothing was known. Where documents tell of its order, its position is theirs to carry, until a
    reading of the order says what they leave."""
    carried = rules.orders is Travel.SALE and (order is None or not order.alone)
    return Line(*where, rest=ZERO if carried else None)


@dataclass(frozen=True, slots=True)
class OrderBook:
    """The orders and lines that an event is about, as far as the books have them."""

    orders: Mapping[str, Order] = field(default_factory=dict)
    lines: Mapping[LineKey, Line] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Posted:
    """The shelves, lines and orders after the event, the entries that explain the change, the refs that no link covers,
    and those whose level must be read once more."""

    shelves: tuple[Shelf, ...] = ()
    entries: tuple[tuple[Account, Entry], ...] = ()
    unlinked: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    orders: tuple[Order, ...] = ()
    look_again: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unbookable:
    """The event cannot be booked: a stable reason, what is wrong, and how to mend it. Nothing of it is posted."""

    reason: str
    sentence: str
    fix: str


def post(
    event: StockMoved,
    source: str,
    number: int,
    shelves: Mapping[str, Shelf],
    rules: Rules = Rules(),
    book: OrderBook = OrderBook(),
) -> Posted | Unbookable:
    """Book `event` under `source` (the message's key). `shelves` holds what is linked, by the telling side's ref.

    What an opening contains already (`number`, the message's id, is not above its mark) is passed over. An outlet of
    which nobody has told before is opened at the level that the event names; the link's offset takes it up, so that
    goods which were there all along do not look like a delivery.
    """
    if event.ours:
        return Posted()
    changed: dict[str, Shelf] = {}
    entries: list[tuple[Account, Entry]] = []
    unlinked: list[str] = []
    lines: dict[LineKey, Line] = dict(book.lines)
    order = _order(event.cause, rules, book)
    for (ref, outlet), (delta, before) in _summed(event.movements).items():
        shelf = changed.get(ref) or shelves.get(ref)
        if shelf is None:
            unlinked.append(ref)
            continue
        account = _account(shelf, event.side, outlet)
        if account is None:
            if before is None:
                return _unknown_outlet(shelf, outlet)
            account, opening = accounts.opened(shelf.link.id, event.side, outlet, before, number - 1)
            entries.append((account, replace(opening, source=source)))
            shelf = replace(shelf, link=replace(shelf.link, offset=plain(shelf.link.offset - before)))
        elif number <= account.contains:
            continue
        if delta != 0:
            entered, effect = _enter(shelf, event, delta, before, rules, order, lines)
            account, entry = accounts.bear(account, delta, source, event.cause, effect)
            entries.append((account, entry))
            shelf = replace(shelf, terms=entered)
        changed[ref] = with_account(shelf, account)
    touched = tuple(line for one, line in lines.items() if line != book.lines.get(one))
    orders = (order,) if order is not None and touched and order != book.orders.get(order.ref) else ()
    return Posted(tuple(changed.values()), tuple(entries), tuple(unlinked), touched, orders)


def recognise(event: StockMoved, number: int, shelves: Mapping[str, Shelf]) -> Posted:
    """An echo under a key that no entry has: what moved is entered as written by us, unless an attempt under that very
    key is under way, which will be settled by it."""
    changed: dict[str, Shelf] = {}
    entries: list[tuple[Account, Entry]] = []
    for (ref, outlet), (delta, _) in _summed(event.movements).items():
        shelf = changed.get(ref) or shelves.get(ref)
        account = None if shelf is None else _account(shelf, event.side, outlet)
        if not event.key or shelf is None or account is None or number <= account.contains or not delta:
            continue
        if account.unsettled is not None and account.unsettled.key == event.key:
            continue
        account, entry = accounts.recognise(account, delta, event.key, "recognised")
        entries.append((account, entry))
        changed[ref] = with_account(shelf, account)
    return Posted(tuple(changed.values()), tuple(entries))


def post_level(seen: LevelSeen, source: str, number: int, shelf: Shelf | None, lag: float, rules: Rules) -> Posted:
    """Book a level that a feed told: what it differs from what we know was born there, if the read was quiet. Else the
    level must be read again: the feed will not repeat it. So it must for a zero in the place of goods: that is also
    what a POS tells that has lost its numbers, and no sale stands behind it."""
    if shelf is None:
        return Posted(unlinked=(seen.ref,))
    account = _account(shelf, seen.side, seen.outlet)
    if account is None:
        opened, opening = accounts.opened(shelf.link.id, seen.side, seen.outlet, seen.level, number - 1)
        link = replace(shelf.link, offset=plain(shelf.link.offset - seen.level))
        entry = replace(opening, source=source)
        return Posted((with_account(replace(shelf, link=link), opened),), ((opened, entry),))
    if number <= account.contains:
        return Posted()
    if not accounts.is_quiet(account, seen.begun - lag) or seen.begun <= account.read_at + lag:
        return Posted(look_again=(seen.ref,))
    delta = plain(seen.level - account.known)
    if not delta:
        return Posted()
    if seen.level == ZERO and delta < ZERO and not seen.confirmed:
        return Posted(look_again=(seen.ref,))
    cause = Cause("level")
    entered, effect = terms.pos_change(shelf.terms, delta, cause.type, rules.authority)
    account, entry = accounts.bear(replace(account, read_at=seen.begun), delta, source, cause, effect)
    return Posted((with_account(replace(shelf, terms=entered), account),), ((account, entry),))


def admit(order: Order, status: str, lines: Mapping[LineKey, Line], rules: Rules) -> tuple[Order, dict[int, Decimal]]:
    """An event or a read told the order's status: the order after it, and how much more of each link crosses."""
    after = positions.told(order, status, rules.send_on)
    if order.admitted or not after.admitted:
        return after, {}
    more: dict[int, Decimal] = {}
    for line in lines.values():
        if line.order == order.ref and line.crossing:
            more[line.link] = plain(more.get(line.link, ZERO) + line.crossing)
    return after, more


def _enter(
    shelf: Shelf,
    event: StockMoved,
    delta: Decimal,
    before: Decimal | None,
    rules: Rules,
    order: Order | None,
    lines: dict[LineKey, Line],
) -> tuple[Terms, Effect]:
    """The terms after a change, and where it went. A line change is put into `lines`."""
    if event.side is SideName.POS:
        return terms.pos_change(shelf.terms, delta, event.cause.type, rules.authority)
    if order is None:
        return terms.store_change(shelf.terms, delta, before, rules.authority)
    where = (order.ref, event.cause.line, shelf.link.id)
    old = lines.get(where) or new_line(where, order, rules)
    new = positions.moved(old, delta)
    lines[where] = new
    crosses = new.crossing - old.crossing if order.admitted else ZERO
    return terms.moved(shelf.terms, new.position - old.position, crosses), Effect.LINE


def _order(cause: Cause, rules: Rules, book: OrderBook) -> Order | None:
    """The order that a change belongs to, None where it is free."""
    if cause.type not in OF_A_LINE or not cause.document or not cause.line:
        return None
    known = book.orders.get(cause.document)
    if known is None:
        return positions.told(Order(cause.document), "", rules.send_on)
    # An order that takes something is not gone: a shop that was restored gives its number once more, and nobody is
    # asked about the goods of the order that had it before. Where the news is old, comparing says so.
    return replace(known, gone=False) if known.gone and cause.type == TAKEN_BY_A_LINE else known


def _unknown_outlet(shelf: Shelf, outlet: str) -> Unbookable:
    return Unbookable(
        "unknown_outlet",
        f"stock of {shelf.link.sku!r} moved at the outlet {outlet!r}, whose level nobody has told us",
        "name the outlet in [pos] outlets, or leave it out of them; then run `tillbridge sync`",
    )


def _summed(movements: tuple[Movement, ...]) -> dict[tuple[str, str], tuple[Decimal, Decimal | None]]:
    """Delta per item and outlet, with the level before the first movement there."""
    sums: dict[tuple[str, str], tuple[Decimal, Decimal | None]] = {}
    for move in movements:
        delta, before = sums.get((move.ref, move.outlet), (ZERO, move.before))
        sums[move.ref, move.outlet] = (plain(delta + move.delta), before)
    return sums


def _account(shelf: Shelf, side: SideName, outlet: str) -> Account | None:
    if side is SideName.STORE:
        return shelf.store
    return next((account for account in shelf.pos if account.outlet == outlet), None)


def with_account(shelf: Shelf, account: Account) -> Shelf:
    """The shelf with this account in the place of the one it had for that side and outlet."""
    if account.side is SideName.STORE:
        return replace(shelf, store=account)
    others = tuple(other for other in shelf.pos if other.outlet != account.outlet)
    return replace(shelf, pos=(*others, account))
