"""A feed of levels: versions, their age, and no word about who moved them."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from tests.simulation.tills.leveled import LAG
from tests.simulation.tills.rig import Rig, nothing
from tillbridge.ports import Feed
from tillbridge.till.papers import Kind


class Aged(Random):
    """Dice that choose the age of what is shown."""

    age = 0.0

    def uniform(self, a: float, b: float) -> float:
        assert a <= self.age <= b
        return self.age


@pytest.fixture
def dice() -> Aged:
    return Aged(0)


@pytest.fixture
def rig(dice: Aged) -> Rig:
    return Rig("levels", dice)


def test_it_declares_a_feed_of_levels_and_its_lag(rig: Rig) -> None:
    assert (rig.side.abilities.feed, rig.side.abilities.lag) == (Feed.LEVELS, LAG)


def test_a_level_that_moved_is_told_with_its_version_and_the_rest_is_not(rig: Rig) -> None:
    _, cursor = rig.seen("")
    rig.ring(Kind.SALE, "1", 1)
    rig.ring(Kind.SALE, "1", 1)
    begun = rig.clock.now()
    events, cursor = rig.seen(cursor)
    assert [(one.ref, one.outlet, one.level, one.id, one.begun) for one in events] == [
        ("1", "main", Decimal(8), "1@main:5", begun)
    ]
    assert rig.seen(cursor)[0] == []
    assert rig.pos.is_heard(cursor)


def test_our_own_writes_are_told_like_any_other(rig: Rig) -> None:
    _, cursor = rig.seen("")
    rig.adjust("2", "-4")
    assert [(one.ref, one.level) for one in rig.seen(cursor)[0]] == [("2", Decimal(6))]


def test_the_read_began_before_the_world_went_on(rig: Rig) -> None:
    _, cursor = rig.seen("")
    begun = rig.clock.now()

    def meanwhile() -> None:
        rig.clock.advance(2.0)
        rig.ring(Kind.SALE, "1", 1)

    rig.meanwhile.append(meanwhile)
    assert [one.begun for one in rig.seen(cursor)[0]] == [begun]


def test_the_copy_trails_and_catches_up(rig: Rig, dice: Aged) -> None:
    _, cursor = rig.seen("")
    rig.ring(Kind.SALE, "1", 1)
    rig.clock.advance(2.0)
    rig.ring(Kind.SALE, "1", 1)
    dice.age = 2.0
    events, cursor = rig.seen(cursor)
    assert [(one.level, one.id) for one in events] == [(Decimal(9), "1@main:4")]
    assert not rig.pos.is_heard(cursor)
    assert rig.side.levels_of("1")[0].quantity == 9
    assert next(rig.side.levels()).quantity == 9
    dice.age = LAG
    assert rig.seen(cursor) == ([], cursor)
    rig.clock.advance(LAG)
    events, cursor = rig.seen(cursor)
    assert [(one.level, one.id) for one in events] == [(Decimal(8), "1@main:5")]
    assert rig.pos.is_heard(cursor)


def test_an_older_copy_after_a_newer_one_tells_nothing_and_loses_nothing(rig: Rig, dice: Aged) -> None:
    _, cursor = rig.seen("")
    rig.ring(Kind.SALE, "1", 1)
    events, cursor = rig.seen(cursor)
    assert len(events) == 1
    dice.age = 4.0
    assert rig.seen(cursor) == ([], cursor)
    dice.age = 0.0
    rig.ring(Kind.SALE, "2", 1)
    assert [(one.ref, one.level) for one in rig.seen(cursor)[0]] == [("2", Decimal(9))]


def test_what_was_rung_offline_is_as_new_as_its_posting(rig: Rig, dice: Aged) -> None:
    _, cursor = rig.seen("")
    rig.book.go_offline()
    rig.ring(Kind.SALE, "1", 1)
    rig.clock.advance(3600)
    assert rig.seen(cursor)[0] == []
    rig.book.go_online()
    dice.age = 1.0
    assert rig.seen(cursor)[0] == []
    rig.clock.advance(1.0)
    assert [one.level for one in rig.seen(cursor)[0]] == [9]


def test_a_change_of_the_last_moment_may_be_missing_from_the_answer(rig: Rig) -> None:
    _, cursor = rig.seen("")
    rig.meanwhile.extend([nothing, rig.sell("1", 1)])
    events, cursor = rig.seen(cursor)
    assert events == []
    assert [one.level for one in rig.seen(cursor)[0]] == [9]
