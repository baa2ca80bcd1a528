"""A write of unknown outcome at a POS that knows no keys: looked for in its history, judged by its level, and never
sent twice; and a POS that takes nothing below zero."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.builders import CUP, CUP_POS, line_changed, sale_at_pos, sale_in_store
from tests.fakes import POS_ABILITIES, keys, outcomes
from tests.flows.world import LEASE, POS, WEEK, World
from tillbridge.attempts import UNCERTAIN_WRITE
from tillbridge.core.accounts import LONGEST_FLIGHT
from tillbridge.core.actions import Outcome, Status, Trace
from tillbridge.core.stock import SideName, spell
from tillbridge.errors import NoAnswer, Throttled, Unauthorised
from tillbridge.relay import Chance, Policy, Relay

KEYLESS = replace(POS_ABILITIES, key_memory=None)
REMEMBERING = replace(KEYLESS, history=True)
NEVER_BELOW_ZERO = replace(POS_ABILITIES, below_zero=False)


def sent_without_answer(world: World, pieces: str = "-2") -> None:
    """A web sale was written at the till, and nobody knows what became of it."""
    world.link_cup()
    world.pos.answer(*outcomes(Status.UNCERTAIN))
    world.book(sale_in_store("a", pieces))
    world.relay.write(POS)
    unsettled = world.account(POS).unsettled
    assert unsettled is not None
    assert spell(unsettled.amount) == pieces


def look(world: World, seconds: float = LEASE + 1) -> None:
    """The next time that the relay comes to it."""
    world.clock.advance(seconds)
    world.relay.write(POS)


def show(world: World, level: str | None) -> None:
    world.pos.stock(CUP_POS, CUP, level, "main")


def parked(world: World) -> list[str]:
    return [one.reason for one in world.waiting() if one.state == "parked"]


# --- a POS whose history tells


@pytest.fixture
def remembering(world: World) -> World:
    """A till that keeps a history of movements, which stood at 4711 before the write."""
    world.pos.abilities = REMEMBERING
    world.pos.history = "4711"
    sent_without_answer(world)
    world.pos.history = "4720"
    return world


def test_a_write_is_looked_for_above_where_the_history_stood_before_it(remembering: World) -> None:
    look(remembering)
    assert remembering.pos.traces == [Trace("key-1", CUP_POS, "main", Decimal(-2), "4711")]
    assert len(remembering.pos.calls) == 1, "it is not sent again"


def test_a_write_that_left_a_trace_is_written_and_what_came_since_follows(remembering: World) -> None:
    remembering.pos.found["key-1"] = Outcome(Status.APPLIED)
    remembering.book(sale_in_store("b", "-1"))
    look(remembering)
    assert remembering.known(POS) == "8"
    assert remembering.rows("SELECT source, amount FROM entry WHERE kind = 'written'") == [("key-1", "-2")]
    look(remembering)
    assert [spell(delta) for delta in remembering.pos.deltas] == ["-2", "-1"]
    assert remembering.known(POS) == "7"


def test_that_there_is_no_trace_proves_nothing_while_the_request_may_still_arrive(remembering: World) -> None:
    for _ in range(3):
        look(remembering, 60)
    assert remembering.account(POS).unsettled is not None
    assert len(remembering.pos.calls) == 1
    look(remembering, LONGEST_FLIGHT)
    assert remembering.account(POS).unsettled is None
    remembering.pos.history = "4730"
    look(remembering, 0)
    assert [action.key for action in remembering.pos.actions] == ["key-1", "key-2"]
    assert [spell(delta) for delta in remembering.pos.deltas] == ["-2", "-2"]


def test_a_new_write_notes_where_the_history_stands_now(remembering: World) -> None:
    remembering.pos.answer(*outcomes(Status.UNCERTAIN))
    look(remembering, LONGEST_FLIGHT)
    look(remembering, 0)
    unsettled = remembering.account(POS).unsettled
    assert unsettled is not None
    assert (unsettled.key, unsettled.mark) == ("key-2", "4720")


@pytest.mark.parametrize("said", [Status.UNCERTAIN, Status.UNREACHABLE, Status.REFUSED])
def test_a_history_that_says_nothing_settles_nothing(remembering: World, said: Status) -> None:
    remembering.pos.found["key-1"] = Outcome(said)
    look(remembering, 2 * LONGEST_FLIGHT)
    assert remembering.account(POS).unsettled is not None
    assert len(remembering.pos.calls) == 1


@pytest.mark.parametrize("trouble", [NoAnswer("gone"), Unauthorised("no"), Throttled("slow", 30.0)])
def test_a_history_that_cannot_be_asked_is_trouble_with_the_side(
    remembering: World, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def refuse(_: Trace) -> Outcome:
        raise trouble

    monkeypatch.setattr(remembering.pos, "find", refuse)
    remembering.clock.advance(2 * LONGEST_FLIGHT)
    written = remembering.relay.write(POS)
    assert written.trouble is not None
    assert remembering.account(POS).unsettled is not None


def test_where_the_history_stands_is_asked_before_anything_is_taken_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.pos.abilities = REMEMBERING
    world.link_cup()
    world.book(sale_in_store("a"))

    def away() -> str:
        raise NoAnswer("the line is down")

    monkeypatch.setattr(world.pos, "watermark", away)
    written = world.relay.write(POS)
    assert (written.calls, written.trouble and written.trouble.status) == (0, Status.UNCERTAIN)
    assert world.account(POS).unsettled is None


# --- a POS of which only the level tells


@pytest.fixture
def mute(world: World) -> World:
    """A till that knows no keys and keeps no history."""
    world.pos.abilities = KEYLESS
    sent_without_answer(world)
    return world


def test_a_level_with_the_write_in_it_says_that_it_was_done(mute: World) -> None:
    show(mute, "8")
    look(mute)
    assert (mute.known(POS), mute.states(), len(mute.pos.calls)) == ("8", {}, 1)


def test_a_level_without_it_says_so_only_after_it_cannot_arrive_any_more(mute: World) -> None:
    show(mute, "10")
    look(mute, 60)
    assert mute.account(POS).unsettled is not None
    look(mute, LONGEST_FLIGHT)
    assert mute.account(POS).unsettled is None
    look(mute, 0)
    assert [spell(delta) for delta in mute.pos.deltas] == ["-2", "-2"]


@pytest.mark.parametrize("level", ["9", "7", "0", "12"])
def test_any_other_level_is_left_to_a_person_and_nothing_more_is_sent(mute: World, level: str) -> None:
    show(mute, level)
    look(mute, 2 * LONGEST_FLIGHT)
    assert parked(mute) == [UNCERTAIN_WRITE]
    (shown,) = mute.waiting()
    assert "a change of -2 was sent" in shown.sentence
    assert f"the level there ({level})" in shown.sentence
    look(mute, WEEK)
    assert len(mute.pos.calls) == 1


@pytest.mark.parametrize("level", [None, "8"], ids=["unknown", "moving"])
def test_a_level_that_is_unknown_or_moving_says_nothing(mute: World, level: str | None) -> None:
    show(mute, level)
    mute.pos.stir(CUP_POS)
    look(mute, 2 * LONGEST_FLIGHT)
    assert mute.account(POS).unsettled is not None
    assert parked(mute) == []


def test_an_item_without_a_level_at_that_outlet_says_nothing(mute: World) -> None:
    mute.pos.stock(CUP_POS, CUP, "8", "cellar")
    look(mute, 2 * LONGEST_FLIGHT)
    assert (mute.account(POS).unsettled is not None, parked(mute)) == (True, [])


def drained(world: World, drain: Callable[[SideName], object]) -> None:
    """The relay reads the till's feed by this before and after it looks at a level."""
    chance = Chance(keys("more"), lambda: 0.0)
    world.relay = Relay(world.sql, world.sides, Policy("", LEASE, WEEK), chance, world.passed.append, drain)


def test_a_sale_that_was_on_its_way_is_booked_before_the_level_is_judged(mute: World) -> None:
    show(mute, "5")  # the write took two, the till sold three
    mute.pos.tell(sale_at_pos("till", "-3"))
    assert mute.work.read(POS)
    drained(mute, lambda _: mute.book())
    look(mute)
    assert mute.account(POS).unsettled is not None, "the sale was booked in the second in which the level was read"
    look(mute)
    assert (mute.known(POS), mute.account(POS).unsettled) == ("5", None)


def test_a_sale_while_the_level_is_read_makes_it_worth_nothing(mute: World) -> None:
    show(mute, "8")  # read before the sale of two that is told after it
    late = iter([None, sale_at_pos("till", "-2")])

    def drain(_: SideName) -> None:
        mute.clock.advance(1)
        told = next(late, None)
        if told is not None:
            mute.book(told)

    drained(mute, drain)
    look(mute)
    assert mute.account(POS).unsettled is not None
    assert mute.known(POS) == "8"
    show(mute, "6")
    look(mute)
    assert (mute.known(POS), mute.account(POS).unsettled) == ("6", None)


def test_a_feed_that_cannot_be_read_leaves_the_write_unsettled(mute: World) -> None:
    def drain(_: SideName) -> None:
        raise NoAnswer("the line is down")

    show(mute, "8")
    drained(mute, drain)
    mute.clock.advance(LEASE + 1)
    written = mute.relay.write(POS)
    assert written.trouble is not None
    assert mute.account(POS).unsettled is not None


def test_after_a_crash_a_write_without_a_key_is_judged_and_not_sent_again(world: World) -> None:
    world.pos.abilities = KEYLESS
    world.link_cup()
    world.book(sale_in_store("a", "-2"))

    def die() -> None:
        raise KeyboardInterrupt

    world.pos.during_apply = die
    with pytest.raises(KeyboardInterrupt):
        world.relay.write(POS)
    world.restart()
    show(world, "8")
    look(world)
    assert (world.known(POS), len(world.pos.calls)) == ("8", 1)


# --- a POS that takes nothing below zero


@pytest.fixture
def shallow(world: World) -> World:
    """A till with one cup that takes nothing below zero, and a shop that sold three."""
    world.pos.abilities = NEVER_BELOW_ZERO
    world.link_cup("10", "1", "9")
    world.book(line_changed("a", "-3"))
    world.relay.write(POS)
    return world


def open_differences(world: World) -> list[str]:
    return [spell(one.amount) for one in world.sql.alerts(10) if one.kind == "open_difference"]


def test_what_there_is_is_taken_and_the_rest_is_shown_as_an_open_difference(shallow: World) -> None:
    assert [spell(delta) for delta in shallow.pos.deltas] == ["-1"]
    for _ in range(5):
        look(shallow)
    assert len(shallow.pos.calls) == 1, "nothing below zero is asked for, and nothing is asked for in circles"
    assert open_differences(shallow) == ["2"]
    assert (shallow.states(), shallow.waiting()) == ({}, [])


def test_the_rest_follows_when_goods_come(shallow: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "tillbridge.alerts"):
        shallow.book(sale_at_pos("b", "1"))
        look(shallow)
        assert open_differences(shallow) == ["1"]
        shallow.book(sale_at_pos("c", "5"))
        look(shallow)
    assert [spell(delta) for delta in shallow.pos.deltas] == ["-1", "-1", "-1"]
    assert open_differences(shallow) == []
    assert shallow.known(POS) == "4"
    assert not [words for words in caplog.messages if "below zero" in words], "less is noted in silence"


def test_a_level_that_went_below_zero_at_the_till_is_raised_by_us(world: World) -> None:
    world.pos.abilities = NEVER_BELOW_ZERO
    world.link_cup("10", "1", "9")
    world.book(sale_at_pos("a", "-3"), line_changed("b", "1", type_="restore"))
    world.relay.write(POS)
    assert [spell(delta) for delta in world.pos.deltas] == ["1"]


def test_a_side_that_takes_less_than_nothing_is_written_to_in_full(world: World) -> None:
    world.link_cup("10", "1", "9")
    world.book(line_changed("a", "-3"))
    world.relay.write(POS)
    assert [spell(delta) for delta in world.pos.deltas] == ["-3"]
    assert open_differences(world) == []
