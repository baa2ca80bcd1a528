"""A backlog is booked before anything of it is written, but writers do not wait for ever."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.builders import sale_in_store
from tests.fakes import VirtualClock
from tests.flows.world import POS, STORE, World
from tillbridge.holding import Holding
from tillbridge.work import EVENTS_AT_ONCE, HOLD_AT_MOST


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def holding(clock: VirtualClock) -> Holding:
    return Holding(clock, 30.0)


def put_many(world: World, count: int) -> None:
    world.link_cup("5000", "5000")
    world.put(*(sale_in_store(f"e{number}") for number in range(count)))


def test_nobody_writes_while_a_backlog_is_booked(world: World) -> None:
    put_many(world, 3 * EVENTS_AT_ONCE + 1)
    tried: list[bool] = []
    real = world.relay.post_events

    def meanwhile(limit: int) -> object:
        posted = real(limit)
        tried.append(world.work.write(POS))
        return posted

    world.relay.post_events = meanwhile  # type: ignore[method-assign, assignment]
    assert world.work.post()
    assert tried == [True, False, False, False]
    assert world.work.write(POS)
    assert world.pos.deltas == [Decimal(-EVENTS_AT_ONCE), Decimal(-2 * EVENTS_AT_ONCE - 1)]


def test_few_events_hold_nobody_up(world: World) -> None:
    put_many(world, EVENTS_AT_ONCE - 1)
    assert world.work.post()
    assert world.work.write(POS)
    assert world.pos.deltas == [Decimal(1 - EVENTS_AT_ONCE)]


def test_writers_go_on_although_a_backlog_takes_longer(world: World) -> None:
    put_many(world, 3 * EVENTS_AT_ONCE)
    tried: list[bool] = []
    real = world.relay.post_events

    def slowly(limit: int) -> object:
        posted = real(limit)
        world.clock.advance(HOLD_AT_MOST / 2)
        tried.append(world.work.write(POS))
        return posted

    world.relay.post_events = slowly  # type: ignore[method-assign, assignment]
    assert world.work.post()
    assert tried[1:] == [False, True, False]


def test_a_booking_that_fails_holds_nobody_up(world: World) -> None:
    put_many(world, 2 * EVENTS_AT_ONCE)
    real = world.relay.post_events
    booked: list[object] = []

    def once(limit: int) -> object:
        if booked:
            raise ZeroDivisionError
        booked.append(real(limit))
        return booked[0]

    world.relay.post_events = once  # type: ignore[method-assign, assignment]
    with pytest.raises(ZeroDivisionError):
        world.work.post()
    assert world.work.write(POS)


def test_writers_wait_until_the_last_who_books_has_ended(holding: Holding) -> None:
    with holding:
        with holding:
            pass
        assert holding.holds_up(POS)
    assert not holding.holds_up(POS)


def test_nobody_waits_longer_because_one_backlog_follows_the_other(holding: Holding, clock: VirtualClock) -> None:
    with holding:
        assert holding.holds_up(POS)
        clock.advance(20)
    with holding:
        assert holding.ends_at() == clock.now() + 10
        clock.advance(11)
        assert not holding.holds_up(POS)


def test_who_got_through_may_be_held_up_anew(holding: Holding, clock: VirtualClock) -> None:
    with holding:
        assert holding.holds_up(POS)
    clock.advance(20)
    assert not holding.holds_up(POS)
    with holding:
        assert holding.ends_at() == clock.now() + 30


def test_a_side_that_got_through_leaves_the_other_its_turn(holding: Holding, clock: VirtualClock) -> None:
    with holding:
        assert holding.holds_up(POS)
        assert holding.holds_up(STORE)
        clock.advance(31)
        assert not holding.holds_up(STORE)
    with holding:
        assert not holding.holds_up(POS)
