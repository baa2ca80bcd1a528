"""Both sides are counted when somebody wants it, or something unlinked stirs; not more often than useful."""

from __future__ import annotations

import pytest

from tests.builders import CUP, CUP_POS, CUP_STORE
from tests.fakes import VirtualClock
from tests.flows.world import STORE, World
from tillbridge.core.stock import Item
from tillbridge.errors import NoAnswer, StorageTrouble
from tillbridge.linking import LINK_AT_MOST_EVERY, LOOK_AGAIN


@pytest.fixture
def cups(world: World) -> World:
    """Both sides have the cup, ten each, and nobody has linked it."""
    world.store.stock(CUP_STORE, CUP, "10", "")
    world.pos.stock(CUP_POS, CUP, "10", "main")
    return world


class Looks:
    """How often the two sides were counted."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock: VirtualClock = world.clock

    def after(self, seconds: float) -> int:
        self.clock.advance(seconds)
        before = self.world.store.counts
        self.world.when_stirred.run_if_wanted()
        return self.world.store.counts - before


@pytest.fixture
def looks(cups: World) -> Looks:
    """A counter of counts."""
    return Looks(cups)


def test_nobody_looks_until_somebody_wants_it(cups: World, looks: Looks) -> None:
    assert looks.after(1e6) == 0
    cups.when_stirred.wanted()
    assert looks.after(0) == 1
    assert looks.after(1e6) == 0


def test_items_that_stir_without_a_link_are_looked_at_now_and_then(cups: World, looks: Looks) -> None:
    cups.pos.items.append(Item("99", CUP, "a double", tracked=True))
    cups.store.stock("52", "MUG", "5", "")
    cups.pos.stock("13", "MUG", "5", "main")
    cups.pos.stir("13")
    cups.when_stirred.stirred(STORE, frozenset({"52"}))
    assert looks.after(0) == 1
    cups.pos.settle()
    assert looks.after(LOOK_AGAIN) == 1
    cups.store.stock("53", "JUG", "5", "")
    cups.pos.stock("14", "JUG", "5", "main")
    cups.when_stirred.stirred(STORE, frozenset({"53"}))
    assert looks.after(LOOK_AGAIN) == 0
    assert looks.after(LINK_AT_MOST_EVERY) == 1


def test_a_person_who_wants_a_look_does_not_wait(cups: World, looks: Looks) -> None:
    cups.when_stirred.wanted()
    looks.after(0)
    cups.store.stock("52", "MUG", "5", "")
    cups.pos.stock("13", "MUG", "5", "main")
    cups.when_stirred.wanted()
    assert looks.after(0) == 1


def test_an_unknown_level_is_not_counted_again_and_again(cups: World, looks: Looks) -> None:
    cups.store.stock(CUP_STORE, CUP, None, "")
    cups.when_stirred.wanted()
    assert looks.after(0) == 1
    assert [looks.after(LOOK_AGAIN) for _ in range(60)] == [0] * 60


def test_a_side_in_trouble_is_counted_when_it_is_back(cups: World, looks: Looks) -> None:
    cups.pos.feed_trouble = NoAnswer("time-out")
    cups.when_stirred.wanted()
    assert looks.after(0) == 0
    cups.pos.feed_trouble = None
    assert looks.after(LOOK_AGAIN) == 1
    assert len(cups.rows("SELECT * FROM link")) == 1


def test_a_database_in_trouble_does_not_make_it_forget_that_it_was_wanted(cups: World, looks: Looks) -> None:
    def refuse() -> None:
        cups.store.during_count = lambda: None
        raise StorageTrouble("locked")

    cups.store.during_count = refuse
    cups.when_stirred.wanted()
    with pytest.raises(StorageTrouble):
        looks.after(0)
    assert looks.after(LOOK_AGAIN) == 1
    assert len(cups.rows("SELECT * FROM link")) == 1
