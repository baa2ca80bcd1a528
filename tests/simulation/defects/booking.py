"""Defects in how news of the sides are taken in and entered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.simulation.defects.planting import Defect, Planting
from tests.simulation.options import Wishes
from tillbridge import booking, linking, poll
from tillbridge.comparing import Comparing
from tillbridge.core import codec, positions, routing, targets, terms
from tillbridge.core.events import Event, StockMoved
from tillbridge.core.positions import Line
from tillbridge.core.stock import ZERO, plain
from tillbridge.core.terms import Terms
from tillbridge.db import mailbox, queue
from tillbridge.db.ledger import LedgerRows
from tillbridge.ports import Changes
from tillbridge.sides.woocommerce import holdings


def _dedupe(planting: Planting) -> None:
    tokens = iter(range(10**9))
    real = queue.add_events

    def careless(db: Any, told: Sequence[Any], now: float) -> int:
        return real(db, [replace(one, key=f"{one.key}#{next(tokens)}") for one in told], now)

    planting.put(queue, "add_events", careless)
    planting.put(mailbox, "add_events", careless)


def _cursor(planting: Planting) -> None:
    real = poll.Poll.__call__

    def eager(self: Any) -> int:
        side, read = self._side, self._side.changes_since

        def reading(cursor: str) -> Changes:
            changes: Changes = read(cursor)
            with self._books.writing() as unit:
                unit.move_cursor(side.name, changes.cursor)
            return changes

        side.changes_since = reading
        try:
            return real(self)
        finally:
            del side.changes_since

    planting.put(poll.Poll, "__call__", eager)


def _forgotten_echo(planting: Planting) -> None:
    planting.put(booking._Page, "recognise", lambda self, message, event: None)


def _echo_for_sale(planting: Planting) -> None:
    real = codec.decode

    def gullible(kind: str, body: str) -> Event:
        event = real(kind, body)
        return replace(event, ours=False) if isinstance(event, StockMoved) else event

    planting.put(codec, "decode", gullible)


def _sale_for_echo(planting: Planting) -> None:
    real = routing.post

    def deaf(event: Any, *about: Any) -> Any:
        return real(replace(event, ours=event.cause.type == "delivery"), *about)

    planting.put(routing, "post", deaf)


def _half_transfer(planting: Planting) -> None:
    real = routing.post

    def half(event: Any, *about: Any) -> Any:
        if event.cause.type == "transfer":
            event = replace(event, movements=tuple(move for move in event.movements if move.delta < ZERO))
        return real(event, *about)

    planting.put(routing, "post", half)


def _opening_without_drain(planting: Planting) -> None:
    planting.put(linking.Linking, "_drain", lambda self: None)
    planting.put(LedgerRows, "dropped_since", lambda self, side, mark: set())


def _released_twice(planting: Planting) -> None:
    real = positions.moved

    def twice(line: Line, delta: Decimal) -> Line:
        return real(line, delta * 2 if delta > ZERO else delta)

    planting.put(positions, "moved", twice)


def _ordered_less_refunded(planting: Planting) -> None:
    real = holdings._line

    def money(order: int, row: Any) -> Any:
        held = Decimal(row["quantity"]) - Decimal(row["refunded"])
        return replace(real(order, row), reduced=plain(held) if Decimal(row["reduced_stock"]) else ZERO)

    planting.put(holdings, "_line", money)


def _read_straight(planting: Planting) -> None:
    """What an order shows goes into the target at once, whatever of it was told."""

    def straight(self: Comparing, unit: Any, one: Any, look: Any) -> Any:
        seen = look.orders.get(one.order)
        if seen is not None:
            lines = unit.lines_of_orders([one.order])
            order = unit.orders([one.order]).get(one.order, positions.Order(one.order))
            refs = sorted({ref for line in seen.lines for ref in line.refs})
            found = unit.shelves("store", refs)
            links = {ref: shelf.link.id for ref, shelf in found.items()}
            known = {positions.key(line): line for line in lines}
            by_link = {shelf.link.id: shelf for shelf in found.values()}
            for key, amount in positions.differences(seen, lines, links).items():
                line = known.get(key, Line(*key))
                unit.save_lines([replace(line, position=plain(line.position + amount))])
                if key[2] in by_link:
                    shelf = by_link[key[2]]
                    moved = terms.moved(shelf.terms, amount, amount if order.admitted else ZERO)
                    by_link[key[2]] = replace(shelf, terms=moved)
            unit.save_links(list(by_link.values()))
            booking.make_due(unit, by_link.values())
        unit.calm([one])
        return frozenset()

    planting.put(booking, "COMPARE_AFTER", 0.0)
    planting.put(Comparing, "_compare", straight)


def _hidden_shortage(planting: Planting) -> None:
    def clamped(quantity: Decimal, about: Terms) -> Decimal:
        return plain(max(ZERO, quantity - about.buffer))

    planting.put(targets, "shown", clamped)


_SELDOM_SENT = Wishes(authority="mixed", reconcile="on", spoiling="off", restoring="off")
_RESTORED = Wishes(authority="mixed", reconcile="on", spoiling="off", restoring="on")

BOOKING = (
    Defect("dropped-dedupe", "an event that comes twice is entered twice", _dedupe),
    Defect("early-cursor", "the cursor moves before what it passes is stored", _cursor),
    Defect("forgotten-echo", "an echo under a key that the books forgot is passed over", _forgotten_echo, _RESTORED),
    Defect("echo-for-sale", "what we wrote is taken for a sale", _echo_for_sale),
    Defect("sale-for-echo", "what was delivered is taken for a write of ours", _sale_for_echo),
    Defect("half-transfer", "only what leaves is seen of a transfer between two outlets", _half_transfer),
    Defect("opening-without-drain", "levels are counted without reading the feeds again", _opening_without_drain),
    Defect("released-twice", "what an order gives back is given back twice", _released_twice),
    Defect("ordered-less-refunded", "a line holds what was ordered less what was refunded", _ordered_less_refunded),
    Defect("read-straight", "a position is read from the order straight into the target", _read_straight),
    Defect("hidden-shortage", "a clamp hides that more was sold than there was", _hidden_shortage),
)
