"""A level that was read at the wrong moment is read once more, so that what it told is not lost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.builders import CUP, CUP_POS, sale_in_store
from tests.fakes import keys
from tests.flows.world import POS, World
from tillbridge.core import codec
from tillbridge.core.events import LevelSeen
from tillbridge.errors import NotSent
from tillbridge.looking import LookAgain


def told(world: World, level: str, event_id: str = "v1") -> None:
    """The feed tells this level, read now."""
    begun = world.clock.now()
    world.book(codec.encode_level(LevelSeen(POS, event_id, "", CUP_POS, "main", Decimal(level), begun)))


@pytest.fixture
def look(world: World) -> LookAgain:
    world.link_cup()
    world.clock.advance(1)
    return LookAgain(world.sql, world.sides, world.clock, keys("look"))


def test_what_a_quiet_level_differs_by_was_born_there(world: World, look: LookAgain) -> None:
    told(world, "7")
    assert (world.known(POS), look()) == ("7", 0)


def test_a_level_read_while_a_write_was_under_way_is_read_again(world: World, look: LookAgain) -> None:
    world.book(sale_in_store("a", "-2"))
    world.pos.during_apply = lambda: told(world, "5")
    world.work.write(POS)
    assert world.known(POS) == "8", "nobody knows yet whether the 5 has our write in it"
    world.pos.stock(CUP_POS, CUP, "5", "main")
    world.clock.advance(1)
    assert look() == 1
    world.book()
    assert (world.known(POS), look()) == ("5", 0)


def test_while_the_side_is_away_it_is_still_asked_for(world: World, look: LookAgain) -> None:
    with world.sql.writing() as unit:
        unit.look_again(POS, {CUP_POS})
    world.pos.feed_trouble = NotSent("the line is down")
    with pytest.raises(NotSent):
        look()
    world.pos.feed_trouble = None
    world.pos.stock(CUP_POS, CUP, "9", "main")
    assert look() == 1


def test_unknown_is_never_zero(world: World, look: LookAgain) -> None:
    with world.sql.writing() as unit:
        unit.look_again(POS, {CUP_POS})
    world.pos.stock(CUP_POS, CUP, None, "main")
    assert look() == 0
    world.book()
    assert world.known(POS) == "10"


def test_a_zero_in_the_place_of_goods_is_read_once_more_before_it_counts(world: World, look: LookAgain) -> None:
    told(world, "0")
    assert world.known(POS) == "10", "it may be what a till tells that has lost its numbers"
    world.pos.stock(CUP_POS, CUP, "0", "main")
    world.clock.advance(1)
    assert look() == 1
    world.book()
    assert (world.known(POS), look()) == ("0", 0)


def test_a_zero_that_is_gone_at_the_second_look_moves_nothing(world: World, look: LookAgain) -> None:
    told(world, "0")
    world.pos.stock(CUP_POS, CUP, "10", "main")
    world.clock.advance(1)
    assert look() == 1
    world.book()
    assert (world.known(POS), world.waiting(), look()) == ("10", [], 0)
