"""A cursor of whole seconds: changes come again under the same ids, and none is ever missed."""

from __future__ import annotations

from random import Random

import pytest

from tests.simulation.tills.repeating import OVERLAP
from tests.simulation.tills.rig import Rig
from tillbridge.sides.till import side as till_side
from tillbridge.till.papers import Kind


def test_a_change_is_told_again_as_long_as_its_second_is_not_over() -> None:
    rig = Rig("repeating")
    _, cursor = rig.heard("")
    rig.ring(Kind.SALE, "1", 1)
    once, cursor = rig.heard(cursor)
    again, cursor = rig.heard(cursor)
    assert [event.id for event in again] == [event.id for event in once] != []
    assert not rig.pos.is_heard(cursor)
    rig.clock.advance(OVERLAP + 1)
    _, cursor = rig.heard(cursor)
    assert rig.pos.is_heard(cursor)
    assert rig.heard(cursor)[0] == []


def test_a_change_of_the_same_second_after_the_read_is_not_missed() -> None:
    rig = Rig("repeating")
    _, cursor = rig.heard("")
    rig.ring(Kind.SALE, "1", 1)
    _, cursor = rig.heard(cursor)
    rig.ring(Kind.SALE, "2", 1)
    rig.clock.advance(30)
    assert {event.movements[0].ref for event in rig.heard(cursor)[0]} >= {"2"}


def test_what_was_rung_offline_is_told_when_it_is_posted() -> None:
    rig = Rig("repeating")
    rig.book.go_offline()
    rig.ring(Kind.SALE, "1", 1)
    rig.clock.advance(3600)
    _, cursor = rig.heard("")
    rig.clock.advance(60)
    assert rig.heard(cursor)[0] == []
    rig.book.go_online()
    assert len(rig.heard(cursor)[0]) == 1


def test_from_the_beginning_everything_is_told() -> None:
    rig = Rig("repeating")
    events, cursor = rig.heard("0")
    assert len(events) == 3
    assert rig.pos.is_heard(cursor)


def test_small_pages_lose_nothing_and_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(till_side, "PAGE", 2)
    for seed in range(30):
        dice = Random(seed)
        rig = Rig("repeating")
        told: set[str] = set()
        _, cursor = rig.heard("")
        for _ in range(30):
            for _ in range(dice.choice((0, 1, 1, 4))):
                rig.ring(Kind.SALE, "1", 1)
                rig.clock.advance(dice.choice((0.0, 0.0, 0.3, 1.0)))
            events, cursor = rig.heard(cursor)
            told |= {event.id for event in events}
            rig.clock.advance(dice.choice((0.0, 0.4, 5.0)))
        rig.clock.advance(5)
        events, _ = rig.heard(cursor)
        told |= {event.id for event in events}
        assert len(told) == rig.book.feed.head() - 3, seed
