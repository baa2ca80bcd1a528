"""A side that is away costs one probe now and then, and everything that failed there is due when it answers."""

from __future__ import annotations

import pytest

from tests.builders import sale_in_store
from tests.fakes import VirtualClock, outcomes
from tests.flows.world import POS, STORE, World
from tillbridge.core.actions import Outcome, Status
from tillbridge.errors import NoAnswer, StorageTrouble, Throttled
from tillbridge.gate import Gate

AWAY = Outcome(Status.UNREACHABLE, sentence="connection refused")


def due_many(world: World, count: int) -> None:
    """So many items with a sale that the POS has not heard of."""
    world.link_many(count)
    world.book(*(sale_in_store(f"e{number}", ref=str(number)) for number in range(1, count + 1)))


def test_an_outage_costs_one_probe_and_not_a_storm(world: World) -> None:
    due_many(world, 300)
    world.pos.answer(*[AWAY] * 300)
    assert not world.work.write(POS)
    assert [world.work.write(POS) for _ in range(50)] == [False] * 50
    assert len(world.pos.calls) == 1
    world.clock.advance(1)
    world.work.write(POS)
    assert len(world.pos.calls) == 2


def test_a_day_of_outage_is_a_probe_every_half_minute(world: World) -> None:
    due_many(world, 1)
    world.pos.answer(*[AWAY] * 10_000)
    for _ in range(86_400 // 10):
        world.clock.advance(10)
        world.work.write(POS)
    assert 2880 <= len(world.pos.calls) <= 2890


def test_while_one_probe_is_out_nobody_else_calls(world: World) -> None:
    due_many(world, 1)
    world.pos.answer(AWAY)
    world.work.write(POS)
    world.clock.advance(1)
    tried: list[bool] = []

    def meanwhile() -> None:
        world.pos.during_apply = lambda: None
        tried.extend([world.work.write(POS), world.work.read(POS)])

    world.pos.during_apply = meanwhile
    assert world.work.write(POS)
    assert tried == [False, False]
    assert world.pos.cursors == []


def test_one_side_that_is_away_holds_the_other_not_up(world: World) -> None:
    world.link_cup()
    world.work.gates[POS].away("connection refused")
    world.store.answer()
    assert world.work.read(STORE)
    assert not world.work.read(POS)


@pytest.mark.parametrize("status", [Status.THROTTLED, Status.UNAUTHORISED])
def test_a_side_that_asks_for_patience_is_left_alone_so_long(world: World, status: Status) -> None:
    due_many(world, 1)
    world.pos.answer(Outcome(status, retry_after=120.0, sentence="slow down"))
    world.work.write(POS)
    world.clock.advance(119)
    assert not world.work.write(POS)
    assert not world.work.read(POS)
    world.clock.advance(1)
    assert world.work.write(POS)
    assert len(world.pos.calls) == 2


def test_a_throttled_feed_is_left_alone_as_well(world: World) -> None:
    world.pos.feed_trouble = Throttled("slow down", 60.0)
    assert not world.work.read(POS)
    world.pos.feed_trouble = None
    world.clock.advance(59)
    assert not world.work.read(POS)
    world.clock.advance(1)
    assert world.work.read(POS)


def put_off(world: World) -> None:
    """One item refused for a while and one refused for good, at a side that then goes away."""
    due_many(world, 3)
    world.pos.answer(*outcomes(Status.REFUSED, Status.REFUSED), AWAY)
    world.work.write(POS)
    with world.connection.write() as db:
        db.run("UPDATE message SET due_at = due_at + 20000 WHERE body = '1' AND side = 'pos'")
        db.run("UPDATE message SET state = 'dead' WHERE body = '2' AND side = 'pos'")
    world.clock.advance(1)


def test_when_a_write_is_answered_everything_that_failed_is_due(world: World) -> None:
    put_off(world)
    while world.work.write(POS):
        pass
    assert [world.known(POS, number) for number in (1, 2, 3)] == ["999", "999", "999"]
    assert world.states() == {}


def test_when_the_feed_is_read_again_everything_that_failed_is_due(world: World) -> None:
    put_off(world)
    assert world.work.read(POS)
    world.work.write(POS)
    assert [world.known(POS, number) for number in (1, 2, 3)] == ["999", "999", "999"]


def test_a_call_that_went_wrong_pauses_all_and_revives_nothing(world: World) -> None:
    """A side that answers everything else would be asked about its one bad message without end."""
    due_many(world, 2)
    world.pos.answer(*outcomes(Status.REFUSED, Status.UNCERTAIN))
    world.work.write(POS)
    assert not world.work.read(POS)
    world.clock.advance(1)
    assert world.work.read(POS)
    assert not world.work.write(POS)
    assert len(world.pos.calls) == 1
    world.clock.advance(4)
    assert world.work.write(POS)
    assert world.states() == {}


def test_a_defect_in_a_write_leaves_the_gate_open_for_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    due_many(world, 1)
    world.work.gates[POS].away("connection refused")
    world.clock.advance(1)
    with monkeypatch.context() as broken:
        broken.setattr(world.pos, "apply", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            world.work.write(POS)
    assert world.work.read(POS)


def test_a_database_in_trouble_while_reading_is_not_the_sides_fault(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> None:
        raise StorageTrouble("disk full")

    monkeypatch.setattr(world.pos, "changes_since", refuse)
    with pytest.raises(StorageTrouble):
        world.work.read(POS)
    assert not world.work.gates[POS].breaker.probing


def test_a_feed_that_was_read_says_when(world: World) -> None:
    assert world.work.heard == {}
    world.work.read(POS)
    assert world.work.heard == {POS: world.clock.now()}
    world.pos.feed_trouble = NoAnswer("time-out")
    world.clock.advance(5)
    world.work.read(POS)
    assert world.work.heard == {POS: world.clock.now() - 5}


def test_having_nothing_to_say_is_not_an_answer(world: World) -> None:
    world.work.gates[POS].away("connection refused")
    world.clock.advance(1)
    assert not world.work.write(POS)
    assert world.work.gates[POS].breaker.probing
    assert world.work.read(POS), "the probe is free for who has something to ask"


def test_a_paused_side_that_is_away_stays_so(world: World) -> None:
    due_many(world, 1)
    world.work.gates[POS].away("connection refused")
    with world.sql.writing() as unit:
        unit.pause([POS])
    world.clock.advance(1)
    assert not world.work.write(POS)
    assert world.work.gates[POS].breaker.probing
    with world.sql.writing() as unit:
        unit.resume([POS])
    assert world.work.write(POS)
    assert world.states() == {}


def ticket(gate: Gate) -> int:
    """A ticket that must be had."""
    given = gate.enter()
    assert given is not None
    return given


def test_a_gate_reports_coming_back_once(clock: VirtualClock) -> None:
    gate = Gate(POS, clock)
    assert not gate.answered(ticket(gate))
    gate.away("refused")
    gate.away("refused")
    clock.advance(60)
    assert gate.answered(ticket(gate))
    assert not gate.answered(ticket(gate))


def test_an_answer_to_a_call_that_set_out_before_the_trouble_does_not_open_the_gate(clock: VirtualClock) -> None:
    gate = Gate(POS, clock)
    early = ticket(gate)
    assert gate.enter() is not None
    gate.away("slow down", 10.0)
    assert not gate.answered(early)
    assert gate.enter() is None
    clock.advance(10)
    assert gate.answered(ticket(gate))


@pytest.fixture
def clock() -> VirtualClock:
    """Time that stands still until a test moves it."""
    return VirtualClock()
