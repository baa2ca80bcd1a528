"""What holds for every history: order, repetition and lateness change nothing, amounts are exact, and both sides end
where they ought to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import BY_HAND, CUP_POS, POS, STORE, account, moved, movement, of_line, shelf, store_moved
from tillbridge.core import accounts, positions, routing, targets, terms
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.events import Cause, StockMoved
from tillbridge.core.positions import Line, LineKey, Order
from tillbridge.core.routing import OrderBook, Posted, Rules
from tillbridge.core.stock import PRECISION, ZERO, SideName, parse_quantity, round_quantity, spell
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Authority, Terms

START = replace(
    shelf(account(STORE, "12"), account(POS, "10"), account(POS, "3", outlet="cellar"), offset="-1"),
    terms=Terms(buffer=Decimal("0.5")),
)
EVERY_ORDER: frozenset[str] = frozenset()
COMPLETED = frozenset({"completed"})
SEND_ON = st.sampled_from([EVERY_ORDER, COMPLETED])
AUTHORITIES = list(Authority)


@dataclass(frozen=True)
class Told:
    """Something about an order was told: its status."""

    order: str
    status: str


@dataclass(frozen=True)
class Write:
    """The one rule writes at a side, and this is the answer."""

    side: SideName
    answer: Status


@dataclass(frozen=True)
class Decide:
    """A person says of what is held that it was sold, or that it was not."""

    sold: bool


Event = StockMoved | Told
Step = Event | Write | Decide


@dataclass(frozen=True)
class Books:
    """One link with its orders, without a database."""

    rules: Rules
    shelf: Shelf = START
    orders: dict[str, Order] = field(default_factory=dict)
    lines: dict[LineKey, Line] = field(default_factory=dict)

    def after(self, event: Event, source: str) -> Books:
        """The books with that event in them."""
        if isinstance(event, Told):
            order, more = routing.admit(
                self.orders.get(event.order, Order(event.order)), event.status, self.lines, self.rules
            )
            crossing = terms.moved(self.shelf.terms, ZERO, more.get(1, ZERO))
            return replace(self, orders=self.orders | {order.ref: order}, shelf=replace(self.shelf, terms=crossing))
        here = {self.shelf.link.ref(event.side): self.shelf}
        posted = routing.post(event, source, 1, here, self.rules, OrderBook(self.orders, self.lines))
        assert isinstance(posted, Posted)
        (now,) = posted.shelves
        lines = self.lines | {positions.key(line): line for line in posted.lines}
        return replace(self, shelf=now, lines=lines, orders=self.orders | {one.ref: one for one in posted.orders})

    def told_all(self, events: Iterable[tuple[int, Event]]) -> Books:
        """Each stock change is booked once, however often it comes; a status may be told again."""
        now, seen = self, set[int]()
        for number, event in events:
            if isinstance(event, Told) or number not in seen:
                now = now.after(event, str(number))
            seen.add(number)
        return now

    def wrote(self, side: SideName, answer: Status = Status.APPLIED) -> Books:
        """The books after the one rule wrote there, if there was something to write."""
        amount, found = targets.next_write(side, self.shelf), self.shelf.account(side, "main")
        if not amount or found is None:
            return self
        settled = accounts.settle(accounts.attempt(found, amount, "k", 0.0), Outcome(answer), 0.0)
        return replace(self, shelf=routing.with_account(self.shelf, settled.account))

    def at_rest(self) -> Books:
        """The books after every write was confirmed."""
        return self.wrote(STORE).wrote(POS).wrote(STORE)

    def decided(self, sold: bool) -> Books:
        found = self.shelf.terms
        say = terms.sold if sold else terms.put_back
        return replace(self, shelf=replace(self.shelf, terms=say(found, found.held)))

    def levels(self) -> dict[str, Decimal]:
        """Where both sides are and ought to be."""
        known = {f"{side} known": targets.known(side, self.shelf) for side in SideName}
        return known | {f"{side} target": targets.target(side, self.shelf) for side in SideName}

    def take(self, step: Step, source: str) -> Books:
        if isinstance(step, Write):
            return self.wrote(step.side, step.answer)
        return self.decided(step.sold) if isinstance(step, Decide) else self.after(step, source)


AMOUNT = st.decimals(-50, 50, places=3).map(spell)
ORDER = st.sampled_from(["9001", "9002"])
CAUSE = st.builds(of_line, ORDER, st.sampled_from(["3", "4"]), st.sampled_from(["order_line", "restore", "restock"]))
OF_LINES = st.builds(store_moved, AMOUNT, CAUSE)
BY_HANDS = st.builds(store_moved, AMOUNT, st.just(BY_HAND))
"""Free changes without a level before: those never dissolve a held fall."""
DISSOLVING = st.builds(store_moved, AMOUNT, st.just(BY_HAND), st.sampled_from(["7", "10", "12"]))
STATUSES = st.builds(Told, ORDER, st.sampled_from(["", "processing", "completed", "cancelled"]))
AT_TILL = st.builds(
    lambda delta, outlet, cause: replace(moved(movement(delta, CUP_POS, outlet)), cause=Cause(cause, "S-1")),
    AMOUNT,
    st.sampled_from(["main", "cellar"]),
    st.sampled_from(["sale", "return", "delivery", "count"]),
)
TRANSFERS = st.builds(
    lambda delta: replace(
        moved(movement(delta), movement(spell(-Decimal(delta)), outlet="cellar")), cause=Cause("transfer", "T-1")
    ),
    AMOUNT,
)
EVENTS = OF_LINES | BY_HANDS | STATUSES | AT_TILL | TRANSFERS
WRITES = st.builds(Write, st.sampled_from(SideName), st.sampled_from(Status))
STEPS = EVENTS | DISSOLVING | WRITES | st.builds(Decide, st.booleans())


def numbered(events: Sequence[Event]) -> list[tuple[int, Event]]:
    return list(enumerate(events))


@pytest.mark.parametrize("authority", AUTHORITIES)
@given(st.data(), SEND_ON, st.lists(EVENTS, min_size=1, max_size=10))
def test_targets_do_not_depend_on_order_and_repetition(
    authority: Authority, data: st.DataObject, send_on: frozenset[str], events: list[Event]
) -> None:
    books, told = Books(Rules(authority, send_on)), numbered(events)
    again = data.draw(st.lists(st.sampled_from(told), max_size=4))
    straight, other = books.told_all(told), books.told_all(data.draw(st.permutations(told + again)))
    assert other.levels() == straight.levels()
    assert replace(other.shelf.terms, last_fall=None) == replace(straight.shelf.terms, last_fall=None)
    assert other.lines == straight.lines


@pytest.mark.parametrize("authority", AUTHORITIES)
@given(st.data(), SEND_ON, st.lists(EVENTS, max_size=10))
def test_one_write_after_many_events_ends_where_a_write_after_each_does(
    authority: Authority, data: st.DataObject, send_on: frozenset[str], events: list[Event]
) -> None:
    books = Books(Rules(authority, send_on))
    netted = books.told_all(numbered(events)).at_rest()
    each = books
    for number, event in numbered(events):
        each = each.after(event, str(number))
        for side in data.draw(st.permutations(list(SideName))):
            each = each.wrote(side)
    assert each.at_rest().levels() == netted.levels()
    assert set(each.at_rest().shelf.all()) == set(netted.shelf.all()), "also what was written in sum"


@pytest.mark.parametrize("authority", AUTHORITIES)
@given(SEND_ON, st.lists(STEPS, max_size=14))
def test_whatever_happened_both_sides_end_at_their_targets(
    authority: Authority, send_on: frozenset[str], steps: list[Step]
) -> None:
    rest = played(Books(Rules(authority, send_on)), steps).at_rest()
    assert not any(targets.busy(side, rest.shelf) for side in SideName)
    levels = rest.levels()
    assert all(levels[f"{side} known"] == levels[f"{side} target"] for side in SideName)
    assert rest.shelf.terms.held >= ZERO


def played(books: Books, steps: Sequence[Step], name: str = "step") -> Books:
    """The books after all of it. A write of unknown outcome turns out not to have happened before the next step."""
    for number, step in enumerate(steps):
        books = books.take(step, f"{name}-{number}")
        for one in books.shelf.all():
            if one.unsettled is not None:
                voided = accounts.settle(one, Outcome(Status.VOIDED), 0.0).account
                books = replace(books, shelf=routing.with_account(books.shelf, voided))
    return books


@given(st.permutations(AUTHORITIES), SEND_ON, st.lists(STEPS, max_size=8), st.lists(STEPS, max_size=8))
def test_a_change_of_authority_makes_no_number_jump_and_loses_nothing(
    who: list[Authority], send_on: frozenset[str], before: list[Step], after: list[Step]
) -> None:
    books = played(Books(Rules(who[0], send_on)), before).at_rest()
    switched = replace(books, rules=Rules(who[1], send_on))
    assert switched.levels() == books.levels()
    assert switched.after(moved(movement("0")), "nothing").at_rest().levels() == books.levels()
    ended = played(switched, after, "after").at_rest().levels()
    assert all(ended[f"{side} known"] == ended[f"{side} target"] for side in SideName)


@pytest.mark.parametrize("authority", AUTHORITIES)
@given(SEND_ON, st.lists(STEPS, max_size=10))
@settings(max_examples=50)
def test_every_amount_is_an_exact_decimal(authority: Authority, send_on: frozenset[str], steps: list[Step]) -> None:
    books = Books(Rules(authority, send_on))
    for number, step in enumerate(steps):
        books = books.take(step, str(number)) if not isinstance(step, Write) else books
        for amount in chain(_amounts(books), books.levels().values()):
            assert isinstance(amount, Decimal)
            assert round_quantity(amount, PRECISION) == amount
            assert parse_quantity(spell(amount), "amount") == amount


def _amounts(books: Books) -> list[object]:
    """Every quantity that the books keep."""
    no_quantities = {"buffer", "backorders", "last_fall"}
    found: list[object] = [
        getattr(books.shelf.terms, one.name) for one in fields(Terms) if one.name not in no_quantities
    ]
    for one in books.shelf.all():
        found += [one.opening, one.born, one.written, one.known]
    for line in books.lines.values():
        found += [line.position, line.booked, line.taken, line.rest or ZERO, line.holds, line.crossing]
    return [*found, books.shelf.link.offset]


@pytest.mark.parametrize("authority", AUTHORITIES)
@given(SEND_ON, st.lists(EVENTS, max_size=10))
def test_what_lines_hold_sums_to_the_terms_of_the_link(
    authority: Authority, send_on: frozenset[str], events: list[Event]
) -> None:
    books = Books(Rules(authority, send_on)).told_all(numbered(events))
    sent = [line for line in books.lines.values() if books.orders[line.order].admitted]
    assert books.shelf.terms.positions == sum((line.position for line in books.lines.values()), ZERO)
    assert books.shelf.terms.admitted == sum((line.crossing for line in sent), ZERO)
