"""Entering what a side told us into the accounts: in the transaction that settles the event's message, and only once.

Booking makes due whatever the one rule now has to write, on either side; the amount is computed when a worker takes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tillbridge import alerts, braking, people
from tillbridge.braking import Brakes
from tillbridge.core import codec, positions, routing, targets, terms
from tillbridge.core.accounts import Account, Entry
from tillbridge.core.brakes import Held
from tillbridge.core.events import Event, Hinted, LevelSeen, LookAt, StockMoved, Unreadable
from tillbridge.core.findings import Limits
from tillbridge.core.positions import Line, LineKey, Order
from tillbridge.core.routing import OrderBook, Rules, Travel, Unbookable
from tillbridge.core.stock import ZERO, SideName
from tillbridge.core.targets import Shelf
from tillbridge.ports import Message, Unit

PRODUCT_BACK = frozenset({"product.changed", "product.restored"})
"""Topics after which a product may be linked, or take a change that it refused before."""

ORDER_GONE = "order.deleted"

COMPARE_AFTER = 10.0
"""Seconds after which the lines of an order that stirred are compared with ours: a checkout stirs its order many times,
and its rows are all here by then."""


@dataclass(frozen=True, slots=True)
class Booking:
    """How events are booked: by the owner's rules, knowing by how many seconds the levels of each side may trail."""

    rules: Rules = Rules()
    limits: Limits = Limits()
    lag: Mapping[SideName, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Posted:
    """What booking a batch of events stirred up."""

    events: int = 0
    due: frozenset[SideName] = frozenset()
    unknown: Mapping[SideName, frozenset[str]] = field(default_factory=dict)
    """Refs that stirred and are neither linked nor known to be kept out: there may be something new to link."""
    hints: tuple[Hinted, ...] = ()
    """What came in by the public address for webhooks. It is erased from the books already."""
    second_looks: frozenset[str] = frozenset()
    """SKUs whose levels must be read again, because of a change that is too large to believe."""


def post(unit: Unit, messages: Sequence[Message], booking: Booking = Booking()) -> Posted:
    """Book these events in the transaction of `unit`, and settle their messages."""
    if not messages:
        return Posted()
    events = [(message, codec.decode(message.kind, message.body)) for message in messages]
    page = _Page(unit, [event for _, event in events], booking)
    moving = [(message.key, event) for message, event in events if isinstance(event, StockMoved | LevelSeen)]
    echoes = [event.key for _, event in moving if isinstance(event, StockMoved) and event.ours and event.key]
    known_already = unit.posted([*(key for key, _ in moving), *echoes])
    done: list[Message] = []
    for message, event in events:
        if isinstance(event, Unreadable):
            unit.park(message, event.reason, f"{event.sentence} — {event.fix}")
            continue
        if isinstance(event, StockMoved) and event.ours and event.key not in known_already:
            page.recognise(message, event)
        elif message.key not in known_already:
            held = page.hold(message, event)
            if held is not None:
                unit.park(message, str(held), braking.WORDS[held].format(side=event.side))
                page.confirm(held, event)
                continue
            refused = page.book(message, event)
            if refused is not None:
                unit.park(message, refused.reason, f"{refused.sentence} — {refused.fix}")
                continue
        done.append(message)
    page.save()
    contained = page.brakes.contained
    unit.done([message for message in done if message.id not in contained])
    unit.done([message for message in done if message.id in contained], braking.SETTLED)
    unit.erase([message for message, event in events if isinstance(event, Hinted)])
    hints = tuple(event for _, event in events if isinstance(event, Hinted))
    unknown = {side: page.unknown(side) for side in SideName}
    due = make_due(unit, page.current.values())
    due |= {SideName.POS} if page.papers or page.people else set()
    due |= {SideName.STORE} if page.arrivals else set()
    unknown = {side: refs for side, refs in unknown.items() if refs}
    return Posted(len(messages), due, unknown, hints, frozenset(page.second_looks))


class _Page:
    """A batch of events on its way into the books: what they are about is read once, and written once."""

    def __init__(self, unit: Unit, events: Sequence[Event], booking: Booking) -> None:
        self._unit = unit
        self._events = events
        self._booking = booking
        self._shelves = {side: unit.shelves(side, sorted(_refs(side, events))) for side in SideName}
        self.current = {shelf.link.id: shelf for found in self._shelves.values() for shelf in found.values()}
        self._before = dict(self.current)
        refs = set(_orders(events))
        self._orders: dict[str, Order] = unit.orders(refs) if refs else {}
        lines = unit.lines_of_orders(refs) if refs else []
        self._lines: defaultdict[str, dict[LineKey, Line]] = defaultdict(dict)
        for line in lines:
            self._lines[line.order][positions.key(line)] = line
        self._changed_orders: dict[str, Order] = {}
        self._changed_lines: dict[LineKey, Line] = {}
        self._entries: list[tuple[Account, Entry]] = []
        self._dropped: dict[SideName, dict[str, int]] = {side: {} for side in SideName}
        self._look_again: dict[SideName, set[str]] = {side: set() for side in SideName}
        self.brakes = Brakes(unit, booking.limits)
        self.second_looks: set[str] = set()
        self.papers: set[str] = set()
        self.people: set[str] = set()
        self.arrivals = dict(_arrivals(events, booking.rules.site))

    def hold(self, message: Message, event: Event) -> Held | None:
        """Why this event must wait, None where it may pass."""
        if not isinstance(event, StockMoved | LevelSeen):
            return None
        return self.brakes.hold(event, message.id, self.here(event.side))

    def confirm(self, held: Held, event: Event) -> None:
        """One change too large to believe: its items are looked at again."""
        if held is Held.SECOND_LOOK and isinstance(event, StockMoved | LevelSeen):
            refs = [event.ref] if isinstance(event, LevelSeen) else [move.ref for move in event.movements]
            here = self.here(event.side)
            self.second_looks |= {here[ref].link.sku for ref in refs if ref in here}

    def book(self, message: Message, event: Event) -> Unbookable | None:
        """Book one event; why not, where it cannot be."""
        if isinstance(event, StockMoved):
            book = OrderBook(self._orders, self._lines[event.cause.document])
            here = self.here(event.side)
            result = routing.post(event, message.key, message.id, here, self._booking.rules, book)
        elif isinstance(event, LevelSeen):
            lag, rules = self._booking.lag.get(event.side, 0.0), self._booking.rules
            shelf = self.here(event.side).get(event.ref)
            result = routing.post_level(event, message.key, message.id, shelf, lag, rules)
        else:
            if isinstance(event, LookAt) and event.side is SideName.STORE and event.order:
                self._look(event)
            return None
        if isinstance(result, Unbookable):
            return result
        self._entries += result.entries
        self.current |= {shelf.link.id: shelf for shelf in result.shelves}
        self._dropped[event.side].update(dict.fromkeys(result.unlinked, message.id))
        self._look_again[event.side].update(result.look_again)
        self._remember(result.orders, result.lines)
        return None

    def recognise(self, message: Message, event: StockMoved) -> None:
        """An echo of a write that our books know nothing of: they were restored from a backup, or it arrived long after
        we had given it up. It is written all the same."""
        result = routing.recognise(event, message.id, self.here(event.side))
        self._entries += result.entries
        self.current |= {shelf.link.id: shelf for shelf in result.shelves}

    def _look(self, event: LookAt) -> None:
        """Something about an order stirred: it may be admitted now, or gone."""
        known = self._orders.get(event.order, Order(event.order))
        order, more = routing.admit(known, event.status, self._lines[event.order], self._booking.rules)
        if event.topic == ORDER_GONE:
            order = replace(order, gone=True)
        for shelf in self._unit.shelves_by_link([link for link in more if link not in self.current]).values():
            self.current[shelf.link.id] = self._before[shelf.link.id] = shelf
        for link, amount in more.items():
            shelf = self.current[link]
            self.current[link] = replace(shelf, terms=terms.moved(shelf.terms, ZERO, amount))
        if order != self._orders.get(event.order):
            self._remember((order,), ())

    def _remember(self, orders: Iterable[Order], lines: Iterable[Line]) -> None:
        for order in orders:
            self._orders[order.ref] = self._changed_orders[order.ref] = order
        for line in lines:
            self._lines[line.order][positions.key(line)] = self._changed_lines[positions.key(line)] = line

    def here(self, side: SideName) -> Mapping[str, Shelf]:
        """What the events are about, by that side's refs, as it is after those booked so far."""
        return _Here(self._shelves[side], self.current)

    def save(self) -> None:
        """Everything that moved, in the transaction of the events."""
        unit = self._unit
        self.brakes.save()
        unit.post(self._entries)
        if self._booking.rules.orders is Travel.SALE:
            stirred = {ref for ref in _orders(self._events) if ref in self._orders}
            self.papers = {ref for ref in stirred if positions.is_told(self._orders[ref])}
            unit.stir_papers(self.papers)
        unit.stir_arrivals(self.arrivals)
        unit.save_links([shelf for link, shelf in self.current.items() if _terms_moved(self._before[link], shelf)])
        unit.save_orders(list(self._changed_orders.values()))
        unit.save_lines(list(self._changed_lines.values()))
        self.people = people.stirred(unit, self._events, travels=self._booking.rules.people)
        unit.stir(set(_orders(self._events)), unit.now + COMPARE_AFTER)
        for side, told_in in self._dropped.items():
            if told_in:
                unit.drop(side, told_in)
        for side, refs in self._look_again.items():
            if refs:
                unit.look_again(side, refs)
        alerts.watch(unit, [shelf for link, shelf in self.current.items() if shelf != self._before[link]])

    def unknown(self, side: SideName) -> frozenset[str]:
        """Items that stirred and that nobody has looked at yet, and linked ones that were deleted: their link ends."""
        deleted = {one.ref for one in self._events if isinstance(one, LookAt) and one.topic == codec.PRODUCT_DELETED}
        gone = self._unit.shelves(side, sorted(deleted)).keys() if deleted and side is SideName.STORE else frozenset()
        return _unknown(self._unit, side, self._events, self._shelves[side].keys()) | gone


class _Here(Mapping[str, Shelf]):
    """The current shelves by one side's refs. An event is about few of a batch's items, so nothing is copied."""

    def __init__(self, found: Mapping[str, Shelf], current: Mapping[int, Shelf]) -> None:
        self._found = found
        self._current = current

    def __getitem__(self, ref: str) -> Shelf:
        return self._current[self._found[ref].link.id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def _terms_moved(before: Shelf, after: Shelf) -> bool:
    return before.terms != after.terms or before.link != after.link


def _orders(events: Iterable[Event]) -> Iterable[str]:
    """The orders that these events are about."""
    for event in events:
        if isinstance(event, LookAt) and event.side is SideName.STORE and event.order:
            yield event.order
        elif isinstance(event, StockMoved) and event.cause.type in routing.OF_A_LINE and event.cause.document:
            yield event.cause.document


def _arrivals(events: Iterable[Event], site: str) -> Iterable[tuple[str, str]]:
    """The documents of the POS that the shop is to keep, each with the reference of the order that it is about: those
    of its own orders, and sales of the POS (without)."""
    for event in events:
        if not site or not isinstance(event, LookAt) or event.topic not in codec.POS_DOCUMENT_TOPICS:
            continue
        if event.side is SideName.POS and (not event.order or event.order.startswith(f"{site}:")):
            yield event.ref, event.order


def _refs(side: SideName, events: Iterable[Event]) -> set[str]:
    """The items at `side` that these events are about. A product that was changed or restored counts: what was refused
    because of it may go through now."""
    refs: set[str] = set()
    for event in events:
        if event.side is not side:
            continue
        if isinstance(event, StockMoved):
            refs.update(move.ref for move in event.movements)
        elif isinstance(event, LevelSeen) or (isinstance(event, LookAt) and event.topic in PRODUCT_BACK and event.ref):
            refs.add(event.ref)
    return refs


def _unknown(unit: Unit, side: SideName, events: Sequence[Event], linked: Container[str]) -> frozenset[str]:
    """Items that stirred and that nobody has looked at yet. A linked one is known, and one that is kept out is looked
    at again on the schedule: it would otherwise cost a count of both sides with each of its sales."""
    stirred = _refs(side, events)
    new = sorted(ref for ref in stirred if ref not in linked)
    if not new:
        return frozenset()
    return frozenset(new) - unit.held_of_refs(side, new) - unit.shelves(side, new).keys()


def make_due(unit: Unit, shelves: Iterable[Shelf]) -> frozenset[SideName]:
    """Make due what the one rule has to write now; the sides concerned."""
    due = set()
    found = list(shelves)
    for side in SideName:
        amounts = {shelf.link.id: targets.next_write(side, shelf) for shelf in found if targets.busy(side, shelf)}
        if amounts:
            unit.make_due(side, amounts)
            due.add(side)
    return frozenset(due)


def together(parts: Sequence[Posted]) -> Posted:
    """Several batches as one."""
    unknown: dict[SideName, frozenset[str]] = {}
    for part in parts:
        for side, refs in part.unknown.items():
            unknown[side] = unknown.get(side, frozenset()) | refs
    due = frozenset(side for part in parts for side in part.due)
    hints = tuple(hint for part in parts for hint in part.hints)
    second_looks = frozenset(sku for part in parts for sku in part.second_looks)
    return Posted(sum(part.events for part in parts), due, unknown, hints, second_looks)
