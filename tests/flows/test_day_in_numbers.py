"""A day in numbers: ten cups on the shelf, the word of the POS counts, orders leave the POS when they are completed.

Each row is something that happened, and then what is known of both sides, what is promised to orders and still there at
the POS, and what the one rule writes next. The sides behave: they have a level, and every write moves it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.builders import CUP, CUP_POS, free_change, line_changed, order_told, sale_at_pos
from tests.fakes import POS_ABILITIES, STORE_ABILITIES, FakeSide
from tests.flows.world import POS, STORE, World
from tillbridge.core import codec, targets
from tillbridge.core.actions import Action, AdjustStock, Outcome
from tillbridge.core.events import LevelSeen, Told
from tillbridge.core.routing import Rules
from tillbridge.core.stock import SideName, plain, spell
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Authority
from tillbridge.ports import Abilities

OPENING = Decimal(10)


class ShelfSide(FakeSide):
    """A side with one cup's real level."""

    def __init__(self, name: SideName, abilities: Abilities) -> None:
        super().__init__(name, abilities)
        self.level = OPENING

    def _outcome(self, action: Action) -> Outcome:
        if isinstance(action, AdjustStock):
            self.level += action.delta
        return super()._outcome(action)


class Day:
    """The shop, the till, and the bridge between them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.store = world.store = world.sides[STORE] = ShelfSide(STORE, STORE_ABILITIES)
        self.pos = world.pos = world.sides[POS] = ShelfSide(POS, POS_ABILITIES)
        world.link_cup(spell(OPENING), spell(OPENING))
        world.put_together(world.sql, rules=Rules(Authority.POS, frozenset({"completed"})))
        self._late: list[Told] = []

    def web(self, order: int, delta: str, type_: str = "order_line", *, told: bool = True) -> None:
        """Stock of an order's line moves in the shop."""
        self.store.level += Decimal(delta)
        event = line_changed(f"{order}{delta}", delta, order, type_=type_)
        if told:
            self.world.book(event)
        else:
            self._late.append(event)

    def late(self) -> None:
        """What the shop told late arrives."""
        self.world.book(*self._late)

    def status(self, order: int, status: str) -> None:
        self.world.book(order_told(f"{order}{status}", status, order))

    def by_hand(self, delta: str) -> None:
        """Stock moves in the shop, and it belongs to no order."""
        self.store.level += Decimal(delta)
        self.world.book(free_change(f"hand{delta}", delta))

    def till(self, number: int, delta: str) -> None:
        self.pos.level += Decimal(delta)
        self.world.book(sale_at_pos(str(number), delta))

    def feed_says(self, level: str) -> None:
        """A read of the till's level that began after everything else."""
        self.world.clock.advance(5)
        begun = self.world.clock.now()
        self.world.clock.advance(1)
        self.world.book(codec.encode_level(LevelSeen(POS, "seen", "", CUP_POS, "main", Decimal(level), begun)))

    def write(self, side: SideName) -> None:
        assert self.world.relay.write(side).calls == 1
        self.world.clock.advance(1)

    def row(self) -> tuple[str, str, str, str, str]:
        """Store known, its real level where that is another, POS known, promised, next write."""
        with self.world.sql.writing() as unit:
            found: Shelf = unit.shelves_by_link([1])[1]
        store, pos = targets.known(STORE, found), targets.known(POS, found)
        amounts = {side: targets.next_write(side, found) for side in SideName}
        writes = ", ".join(f"{side} {spell(amount)}" for side, amount in amounts.items() if amount)
        real = "" if self.store.level == store else spell(self.store.level)
        promised = plain(found.terms.positions - found.terms.admitted)
        return spell(store), real, spell(pos), spell(promised), writes


Happens = Callable[[Day], None]

# fmt: off
DAY: list[tuple[str, Happens, tuple[str, str, str, str, str]]] = [
    # what happened                                                     store  real  POS promised next write
    ("opening",
        lambda day: None,                                               ("10",  "",  "10",  "0",  "")),
    ("a web order of 2 (processing)",
        lambda day: day.web(9001, "-2"),                                ( "8",  "",  "10",  "2",  "")),
    ("the till sells 3",
        lambda day: day.till(1, "-3"),                                  ( "8",  "",   "7",  "2",  "store -3")),
    ("-3 confirmed",
        lambda day: day.write(STORE),                                   ( "5",  "",   "7",  "2",  "")),
    ("a web order of 1 while the daemon is down",
        lambda day: day.web(9002, "-1", told=False),                    ( "5", "4",   "7",  "2",  "")),
    ("seen later",
        lambda day: day.late(),                                         ( "4",  "",   "7",  "3",  "")),
    ("the first order is completed",
        lambda day: day.status(9001, "completed"),                      ( "4",  "",   "7",  "1",  "pos -2")),
    ("taken by the POS",
        lambda day: day.write(POS),                                     ( "4",  "",   "5",  "1",  "")),
    ("the POS's feed says level 5: nothing was born",
        lambda day: day.feed_says("5"),                                 ( "4",  "",   "5",  "1",  "")),
    ("the second order is cancelled, WooCommerce restores 1",
        lambda day: day.web(9002, "1", "restore"),                      ( "5",  "",   "5",  "0",  "")),
    ("an import writes stock 20, and the shop tells it",
        lambda day: day.by_hand("15"),                                  ("20",  "",   "5",  "0",  "store -15")),
    ("-15 confirmed",
        lambda day: day.write(STORE),                                   ( "5",  "",   "5",  "0",  "")),
    ("the store sells the last five, unseen",
        lambda day: day.web(9003, "-5", told=False),                    ( "5", "0",   "5",  "0",  "")),
    ("and so does the till",
        lambda day: day.till(2, "-5"),                                  ( "5", "0",   "0",  "0",  "store -5")),
    ("-5 confirmed",
        lambda day: day.write(STORE),                                   ( "0", "-5",  "0",  "0",  "")),
    ("the store's event arrives: oversold by 5",
        lambda day: day.late(),                                         ("-5",  "",   "0",  "5",  "")),
    ("the customer cancels, WooCommerce restores 5: nothing is offered that is not there",
        lambda day: day.web(9003, "5", "restore"),                      ( "0",  "",   "0",  "0",  "")),
]
# fmt: on

OVERSOLD = "the store's event arrives: oversold by 5"


def test_a_day_goes_as_the_numbers_say(world: World, caplog: pytest.LogCaptureFixture) -> None:
    day = Day(world)
    found, told = [], {}
    with caplog.at_level(logging.WARNING, "tillbridge.alerts"):
        for words, happens, _ in DAY:
            happens(day)
            found.append((words, *day.row()))
            told[words] = [(one.kind, one.words) for one in world.sql.alerts(10)]
    assert found == [(words, *numbers) for words, _, numbers in DAY]
    alert = ("oversold", f"'{CUP}' is oversold by 5; the latest orders that hold it: 9003")
    assert {words: alerts for words, alerts in told.items() if alerts} == {OVERSOLD: [alert]}
    assert caplog.messages == [alert[1]], "it is told once"
    assert [spell(side.level) for side in (day.store, day.pos)] == ["0", "0"]
    assert [spell(delta) for delta in day.store.deltas] == ["-3", "-15", "-5"], "what confirmed each row, and no more"
    assert [spell(delta) for delta in day.pos.deltas] == ["-2"]
    assert world.waiting() == []
