"""Orders that stirred: what their lines hold by the shop's own record, compared with ours.

Positions come from what was told, never from a read; the read only checks them. Both feeds are read to their end, the
orders are read, the feeds again. A difference that is still the same after a while is acted on, together with the level
that it belongs to, and only where that was read while nothing moved there: so edits over REST, lost hooks and
positions that died before they were written are found, and put down to their order. What goes away by itself, because
a row was late, leads to nothing.

After a day without connection thousands of orders have stirred, and nearly all of them agree. So page follows page
while pages are full, the feeds are read once between two of them, and what agrees is settled many at once; only what
differs has a transaction of its own.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from tillbridge import admission, alerts, retold
from tillbridge.booking import make_due
from tillbridge.core import accounts, positions, routing
from tillbridge.core.explaining import Explained, explain
from tillbridge.core.positions import Line, LineKey, Order, OrderSeen
from tillbridge.core.routing import Rules, Travel
from tillbridge.core.stock import ZERO, Level, SideName, plain, spell
from tillbridge.core.targets import Shelf
from tillbridge.errors import BadAnswer, BridgeError, SideTrouble
from tillbridge.poll import BOOKS, restored
from tillbridge.ports import DONE, RECONCILE, Books, Orders, Side, Stirred, Unit

log = logging.getLogger(__name__)

ORDER_COMPARED = "order_compared"
"""The kind of the rulings that it makes."""

COMPARED_AT_ONCE = 500
"""Orders in a page."""

SETTLED_AT_ONCE = 100
"""Orders that agree and are settled in one transaction: about 10 ms, for which who tells us something has to wait."""

RIPE_AT_ONCE = 100
"""Orders in a page whose difference may be acted on: each of their items costs a call, and the longer the look, the
more has moved meanwhile."""

AT_A_STRETCH = 5.0
"""Seconds after which no further page is begun before the schedule's next call: its threads have other jobs too."""

AGAIN_AFTER = 30.0
"""Seconds until the next look at a difference whose level was moving, and until the next call after trouble."""

PUT_OFF = 900.0
"""Seconds until the next look at an order that cannot be read or compared."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What was read of the orders that are due, and the levels of the items whose lines differed before. The reading
    began at `begun` (steady seconds), when `last` was the highest message id."""

    begun: float
    last: int
    orders: Mapping[str, OrderSeen]
    levels: Mapping[int, Level]
    unreadable: frozenset[str]
    """Orders of which nobody knows what they hold."""


class Comparing:
    """Compares what is due when called by the schedule, every few seconds."""

    def __init__(
        self,
        books: Books,
        orders: Orders,
        store: Side,
        drain: Callable[[], bool],
        rules: Rules,
        settle: float,
        stirred: Callable[[frozenset[SideName]], object] = lambda _: None,
    ) -> None:
        """`drain` reads both feeds to their end and books what they brought; it says whether the store could be read.
        A difference is acted on when it was the same for `settle` seconds. `stirred` hears to which sides something is
        to be written."""
        self._books = books
        self._orders = orders
        self._store = store
        self._drain = drain
        self._rules = rules
        self._settle = max(settle, store.abilities.lag)
        self._stirred = stirred
        self._rest_until = 0.0

    def __call__(self) -> bool:
        """Compare the orders that are due, for `AT_A_STRETCH` at most; whether there were any. Raises `SideTrouble`;
        then they stay due."""
        began, page, more = self._due()
        if not page or self._is_at_odds() or not self._drain():
            return False
        while self._compare_page(page) and more and self._now() - began < AT_A_STRETCH:
            _, page, more = self._due()
        return True

    def _now(self) -> float:
        with self._books.glancing() as books:
            return books.now

    def _due(self) -> tuple[float, Sequence[Stirred], bool]:
        """What time it is, a page of the orders that are due, and whether there may be more. Asked every few seconds,
        for ever: it takes no write lock."""
        with self._books.glancing() as books:
            if not books.are_stirred() or books.now < self._rest_until:
                return books.now, (), False
            due = books.stirred(COMPARED_AT_ONCE)
            ripe = [place for place, one in enumerate(due) if self._is_ripe(one, books.now)]
        page = due[: ripe[RIPE_AT_ONCE]] if len(ripe) > RIPE_AT_ONCE else due
        return books.now, page, len(page) < len(due) or len(due) == COMPARED_AT_ONCE

    def _compare_page(self, due: Sequence[Stirred]) -> bool:
        """Compare these, after the feeds were read to their end; whether they could be read to it once more."""
        if not due:
            return False
        try:
            look = self._look(due)
        except SideTrouble:
            self._rest_until = self._now() + AGAIN_AFTER
            raise
        if not self._drain():
            return False
        sides: frozenset[SideName] = frozenset()
        for at in range(0, len(due), SETTLED_AT_ONCE):
            for one in self._differing(due[at : at + SETTLED_AT_ONCE], look):
                sides |= self._compare_safely(one, look)
        if sides:
            self._stirred(sides)
        return True

    def _is_at_odds(self) -> bool:
        """Whether the shop or our own books were restored from a backup, until a person decides: the lines of an older
        database differ, and that is nobody's order."""
        return any(self._books.noted(restored(what)) for what in (str(SideName.STORE), BOOKS))

    def _look(self, due: Sequence[Stirred]) -> _Look:
        with self._books.writing() as unit:  # a mark in time: nothing may be stored between the two numbers
            begun, last = unit.now, unit.last_id()
            ripe = [one for one in due if self._is_ripe(one, begun)]
            shelves = unit.shelves_by_link(sorted({link for one in ripe for link in _links_in(one.seen)}))
        orders, unreadable = self._read([one.order for one in due])
        shown = {link: self._store.levels_of(shelf.link.store_ref) for link, shelf in shelves.items()}
        levels = {link: levels[0] for link, levels in shown.items() if len(levels) == 1}
        return _Look(begun, last, orders, levels, unreadable)

    def _read(self, refs: Sequence[str]) -> tuple[dict[str, OrderSeen], frozenset[str]]:
        """These orders, in one call; in halves where the answer cannot be read, so that one strange order keeps no
        other waiting. Of an order with an unreadable line nothing is compared."""
        try:
            found = {seen.order: seen for seen in self._orders.positions(refs)}
        except BadAnswer as trouble:
            if len(refs) == 1:
                log.warning("order %s cannot be compared: %s", refs[0], trouble)
                return {}, frozenset(refs)
            half = len(refs) // 2
            (some, odd), (others, odd_too) = self._read(refs[:half]), self._read(refs[half:])
            return some | others, odd | odd_too
        for seen in found.values():
            for line in seen.unreadable:
                log.warning("order %s cannot be compared: the _reduced_stock of line %s is no number", seen.order, line)
        return found, frozenset(seen.order for seen in found.values() if seen.unreadable)

    def _is_ripe(self, one: Stirred, now: float) -> bool:
        return bool(one.seen) and one.seen_at is not None and now - one.seen_at >= self._settle

    def _differing(self, due: Sequence[Stirred], look: _Look) -> Sequence[Stirred]:
        """Settle what agrees of these, in one transaction; the rest. Where that meets a defect, each order is looked
        at alone."""
        readable = [one for one in due if one.order not in look.unreadable]
        try:
            with self._books.writing() as unit:
                calm = self._agreeing(unit, readable, look)
                unit.calm(calm)
        except BridgeError:
            raise
        except Exception:
            log.debug("a page of orders met a defect; each is compared alone", exc_info=True)
            return due
        settled = {one.order for one in calm}
        return [one for one in due if one.order not in settled]

    def _agreeing(self, unit: Unit, due: Sequence[Stirred], look: _Look) -> list[Stirred]:
        """Those whose lines hold what we know, and of which nothing follows; the status that they showed is kept."""
        refs = [one.order for one in due]
        known, lines = unit.orders(refs), defaultdict[str, list[Line]](list)
        for line in unit.lines_of_orders(refs):
            lines[line.order].append(line)
        links = _linked(unit, [look.orders[ref] for ref in refs if ref in look.orders])
        calm: list[Stirred] = []
        changed: list[Order] = []
        for one in due:
            seen, ours, before = look.orders.get(one.order), lines[one.order], known.get(one.order)
            if seen is None:
                continue
            keyed = {positions.key(line): line for line in ours}
            order, more = routing.admit(_there(before, one.order), seen.status, keyed, self._rules)
            if more or positions.differences(seen, ours, links) or self._is_news(order, before):
                continue
            calm.append(one)
            changed += [] if order == before else [order]
        unit.save_orders(changed)
        return calm

    def _is_news(self, order: Order, before: Order | None) -> bool:
        """Whether documents have to tell of a status that nobody had told us."""
        return self._rules.orders is Travel.SALE and order != before and positions.is_told(order)

    def _compare_safely(self, one: Stirred, look: _Look) -> frozenset[SideName]:
        """A defect that one order meets keeps no other waiting."""
        try:
            with self._books.writing() as unit:
                if one.order in look.unreadable:
                    unit.note_difference(one.order, one.seen, unit.now + PUT_OFF)
                    return frozenset()
                return self._compare(unit, one, look)
        except BridgeError:
            raise
        except Exception:
            log.exception("comparing order %s met a defect; it is put off", one.order)
            with self._books.writing() as unit:
                unit.note_difference(one.order, one.seen, unit.now + PUT_OFF)
        return frozenset()

    def _compare(self, unit: Unit, one: Stirred, look: _Look) -> frozenset[SideName]:
        """One order, in one transaction; where something is to be written because of it."""
        lines = unit.lines_of_orders([one.order])
        known = unit.orders([one.order]).get(one.order)
        seen = look.orders.get(one.order)
        if seen is None:
            _gone(unit, known or Order(one.order), lines)
            unit.calm([one])
            return frozenset()
        order, due = admission.admit(unit, _there(known, one.order), seen.status, lines, self._rules)
        if order != known:
            unit.save_orders([order])
        found = positions.differences(seen, lines, _linked(unit, [seen]))
        if not found:
            unit.calm([one])
            return due
        if unit.coming_back([one.order]):
            unit.note_difference(one.order, "", unit.now + AGAIN_AFTER)  # it may show already what is not entered yet
            return due
        told = _spelled(found)
        if told != one.seen or not self._is_ripe(one, look.begun):
            since = one.seen_at if told == one.seen and one.seen_at is not None else unit.now
            unit.note_difference(one.order, told, since + self._settle)
            return due
        acted = self._act(unit, order, found, lines, look)
        if acted is None:
            unit.note_difference(one.order, told, unit.now + AGAIN_AFTER)
            return due
        unit.calm([one])
        return due | acted

    def _act(
        self, unit: Unit, order: Order, found: Mapping[LineKey, Decimal], lines: Iterable[Line], look: _Look
    ) -> frozenset[SideName] | None:
        """Enter the difference, with what is unexplained of the levels that it belongs to; None where one of them is
        not known for certain."""
        known = {positions.key(line): line for line in lines}
        shelves = unit.shelves_by_link(sorted({link for _, _, link in found}))
        watched = positions.watched(known.values(), unit.told_of_lines(order.ref))
        explained: list[tuple[Shelf, Explained]] = []
        for link, shelf in shelves.items():
            level = self._level(shelf, look)
            if level is None:
                return None
            here = {key: amount for key, amount in found.items() if key[2] == link}
            seen = look.orders[order.ref]
            after = explain(shelf, order, known, here, level, self._rules, watched, from_pos=seen.from_pos)
            explained.append((shelf, after))
        unit.save_lines([line for _, after in explained for line in after.lines])
        moved = [(shelf, after) for shelf, after in explained if after.entries or after.shelf.terms != shelf.terms]
        if not moved:
            return frozenset()
        run = unit.start_run(RECONCILE, f"order {order.ref}", DONE, {"order": order.ref, "links": len(moved)})
        unit.save_run(replace(run, finished=unit.now))
        for shelf, after in moved:
            _enter(unit, shelf, after, order, run.id, look.last)
        touched = [after.shelf for _, after in moved]
        alerts.watch(unit, touched)
        return make_due(unit, touched)

    def _level(self, shelf: Shelf, look: _Look) -> Decimal | None:
        """The store's level of an item, if it was read while nothing moved there."""
        level = look.levels.get(shelf.link.id)
        if level is None or level.moving:
            return None
        return level.quantity if accounts.is_quiet(shelf.store, look.begun - self._store.abilities.lag) else None


def _enter(unit: Unit, before: Shelf, after: Explained, order: Order, run: int, last: int) -> None:
    """Save what became of one link. Where something was entered at its account, the level that it was taken from
    contains every event up to message `last`: none of them is booked on top."""
    if after.entries:
        retold.remember(unit, last)
    for account, entry in after.entries:
        contained = replace(account, contains=max(account.contains, last))
        unit.post([(contained, replace(entry, source=f"run:{run}", run=run))])
    entered = sum((entry.amount for _, entry in after.entries), ZERO)
    held = plain(after.shelf.terms.positions - before.terms.positions)
    words = f"the lines of order {order.ref} hold {held:+f} beside what was known"
    if entered:
        words += f"; that explains {entered:+f} of the level at the store, which nobody had told"
    unit.rule(before, after.shelf, run, ORDER_COMPARED, order.ref, words)


def _there(known: Order | None, ref: str) -> Order:
    """What is known of an order that the shop shows."""
    return replace(known or Order(ref), gone=False)


def _linked(unit: Unit, orders: Iterable[OrderSeen]) -> dict[str, int]:
    """The links of the items in these orders, by the shop's ref."""
    refs = sorted({ref for seen in orders for line in seen.lines for ref in line.refs})
    return {ref: shelf.link.id for ref, shelf in unit.shelves(SideName.STORE, refs).items()}


def _gone(unit: Unit, order: Order, lines: Iterable[Line]) -> None:
    """The shop has no such order any more. What its lines hold was given back by nobody."""
    if not order.gone and any(line.holds for line in lines):
        unit.save_orders([replace(order, gone=True)])


def _spelled(found: Mapping[LineKey, Decimal]) -> str:
    """A difference as it is remembered until the next look."""
    return json.dumps([[line, link, spell(amount)] for (_, line, link), amount in sorted(found.items())])


def _links_in(seen: str) -> Sequence[int]:
    return [int(link) for _, link, _ in json.loads(seen)]
