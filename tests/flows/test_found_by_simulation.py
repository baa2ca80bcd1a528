"""What only the simulation found, each as the shortest story that shows it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tests.builders import CUP, CUP_POS, CUP_STORE, free_change, line_changed, order_told
from tests.fakes import POS_ABILITIES, keys
from tests.flows.order_desk import Desk
from tests.flows.world import POS, STORE, World
from tillbridge.core import codec
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.events import LevelSeen
from tillbridge.core.findings import Limits
from tillbridge.core.positions import OrderSeen
from tillbridge.core.routing import Rules
from tillbridge.core.terms import Authority
from tillbridge.looking import LookAgain
from tillbridge.poll import BOOKS, restored
from tillbridge.ports import Feed
from tillbridge.reconcile import FOR_ORDERS, Care, Reconcile
from tillbridge.recovering import REPLAYED


def test_an_order_is_compared_also_where_only_its_stock_was_told(world: World) -> None:
    """A request that died is told by its level minutes later, and nothing else is told of its order then."""
    world.link_cup()
    world.book(line_changed("late", "-1"))
    with world.sql.writing() as unit:
        assert unit.are_stirred()


def test_a_level_that_trails_is_read_again_only_when_it_must_show_what_was_told_before(world: World) -> None:
    """Read earlier, it may be a copy from before the sale that the feed has told of, and that it will not repeat."""
    world.pos.abilities = replace(POS_ABILITIES, feed=Feed.LEVELS, lag=5.0)
    world.put_together(world.sql)
    world.link_cup()
    world.clock.advance(1)
    seen = LevelSeen(POS, "v1", "", CUP_POS, "main", Decimal(9), world.clock.now())
    world.book(codec.encode_level(seen))
    look = LookAgain(world.sql, world.sides, world.clock, keys("look"))
    world.pos.stock(CUP_POS, CUP, "10", "main")
    world.clock.advance(4)
    assert look() == 0
    world.clock.advance(1)
    world.pos.stock(CUP_POS, CUP, "9", "main")
    assert look() == 1
    world.book()
    assert world.known(POS) == "9"


def test_what_a_count_finds_at_a_till_that_tells_levels_passes_also_where_the_stores_word_counts(world: World) -> None:
    """It may have been a sale, which nobody may put back."""
    world.pos.abilities = replace(POS_ABILITIES, feed=Feed.LEVELS)
    world.put_together(world.sql)
    world.link_cup()
    world.store.stock(CUP_STORE, CUP, "10", "")
    world.pos.stock(CUP_POS, CUP, "7", "main")
    care = Care(Rules(Authority.STORE), Limits(), 60.0)
    runs = Reconcile(world.sql, world.sides, world.work.drain, care, world.clock, lambda _: None)
    world.clock.advance(1)
    runs.begin()
    for _ in range(3):
        runs.advance()
        world.clock.advance(60)
    for side in (STORE, POS):
        world.work.write(side)
    assert (world.store.deltas, world.pos.deltas) == ([Decimal(-3)], [])


def test_a_level_that_was_told_and_is_to_be_read_once_more_is_no_finding_of_a_run(world: World) -> None:
    """A zero is read twice before it counts. A run that met it in between took the till's own news for a difference
    that nobody had told: an owner who has those reported was asked about each item that sold out."""
    world.pos.abilities = replace(POS_ABILITIES, feed=Feed.LEVELS)
    world.put_together(world.sql)
    world.link_cup()
    world.store.stock(CUP_STORE, CUP, "10", "")
    world.pos.stock(CUP_POS, CUP, "0", "main")
    runs = Reconcile(
        world.sql, world.sides, world.work.drain, Care(Rules(), Limits(report=True), 60.0), world.clock, lambda _: None
    )
    look = LookAgain(world.sql, world.sides, world.clock, keys("look"))
    world.clock.advance(1)
    run = runs.begin()
    runs.advance()
    world.clock.advance(60)
    world.book(codec.encode_level(LevelSeen(POS, "v1", "", CUP_POS, "main", Decimal(0), world.clock.now())))
    runs.advance()
    assert world.known(POS) == "10"
    world.clock.advance(1)
    assert look() == 1
    world.book()
    world.clock.advance(60)
    runs.advance()
    with world.sql.writing() as unit:
        found = unit.found_by(run.id)
    assert (found, world.known(POS)) == ([], "0")


def test_a_second_reading_that_never_comes_keeps_no_difference_from_being_found(world: World) -> None:
    world.link_cup()
    world.store.stock(CUP_STORE, CUP, "10", "")
    world.pos.stock(CUP_POS, CUP, "7", "main")
    with world.sql.writing() as unit:
        unit.look_again(POS, {CUP_POS})
    runs = Reconcile(
        world.sql, world.sides, world.work.drain, Care(Rules(), Limits(), 60.0), world.clock, lambda _: None
    )
    known = []
    for _ in range(2):
        runs.begin()
        for _ in range(8):
            world.clock.advance(60)
            runs.advance()
        known.append(world.known(POS))
        world.clock.advance(FOR_ORDERS)
    assert known == ["10", "7"]


def test_a_level_is_not_read_over_and_over_while_a_write_waits_for_a_person(world: World) -> None:
    """Each reading would say nothing, and would be one more message."""
    world.pos.abilities = replace(POS_ABILITIES, feed=Feed.LEVELS)
    world.put_together(world.sql)
    world.link_cup()
    world.pos.answer(Outcome(Status.UNCERTAIN))
    world.book(line_changed("a", "-2"))
    world.work.write(POS)
    with world.sql.writing() as unit:
        unit.look_again(POS, {CUP_POS})
    world.pos.stock(CUP_POS, CUP, "8", "main")
    look = LookAgain(world.sql, world.sides, world.clock, keys("look"))
    world.clock.advance(1)
    assert look() == 0
    world.clock.advance(60)
    world.work.write(POS)
    assert look() == 1


def test_nothing_is_linked_while_restored_books_fetch_again_what_was_told_before(world: World) -> None:
    """An opening has it already, and it would be booked on top."""
    world.store.stock(CUP_STORE, CUP, "10", "")
    world.pos.stock(CUP_POS, CUP, "10", "main")
    with world.sql.writing() as unit:
        unit.note(restored(BOOKS), "they went back")
    assert world.linking().linked == 0
    with world.sql.writing() as unit:
        unit.note(REPLAYED, "yes")
    assert world.linking().linked == 1


def test_a_line_that_was_edited_and_removed_before_anybody_looked_leaves_nothing_behind(world: World) -> None:
    """An edit over REST moves the level for nobody, then its line goes and gives all of it back. What it gave back
    beyond what it was seen to take was no sale from before first contact."""
    desk = Desk(world, send_on=frozenset({"completed"}))
    desk.told(line_changed("checkout", "-2"), free_change("edit", "-2"))
    desk.told(line_changed("removed", "4"), order_told("cancelled", "cancelled"))
    desk.orders.shop["9001"] = OrderSeen("9001", "cancelled", ())
    desk.settle()
    assert desk.weights() == ("0", "0", "0", "0")
    assert (world.known(STORE), world.known(POS)) == ("10", "10")
