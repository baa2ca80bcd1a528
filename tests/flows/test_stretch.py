"""Calls one after the other: an answer is on disk before the next call is sent, and the commit is that of the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.builders import sale_in_store
from tests.flows.world import POS, STORE, World
from tillbridge import attempts
from tillbridge.core.actions import Outcome, Status
from tillbridge.ports import Unit
from tillbridge.work import CALLS_AT_A_STRETCH


class Died(BaseException):
    """The process is gone."""


def due(world: World, count: int) -> None:
    """So many items that need a call of their own each."""
    world.pos.abilities = replace(world.pos.abilities, batch=1)
    world.link_many(count)
    world.book(*(sale_in_store(f"e{number}", ref=str(number)) for number in range(1, count + 1)))


def count_commits(world: World) -> list[str]:
    """One word for each transaction from now on."""
    made: list[str] = []
    real = world.sql.writing

    @contextmanager
    def writing() -> Iterator[Unit]:
        with real() as unit:
            yield unit
        made.append("commit")

    world.sql.writing = writing  # type: ignore[method-assign]
    return made


def test_a_call_that_follows_another_costs_one_commit(world: World) -> None:
    due(world, 4)
    commits = count_commits(world)
    assert world.work.write(POS)
    assert len(world.pos.calls) == 4
    assert len(commits) == 5
    assert {world.known(POS, number) for number in (1, 2, 3, 4)} == {"999"}


def test_a_writer_looks_around_after_a_while(world: World) -> None:
    due(world, CALLS_AT_A_STRETCH + 1)
    assert world.work.write(POS)
    assert len(world.pos.calls) == CALLS_AT_A_STRETCH
    assert world.work.write(POS)
    assert len(world.pos.calls) == CALLS_AT_A_STRETCH + 1


@pytest.mark.parametrize("status", [Status.UNREACHABLE, Status.UNCERTAIN, Status.THROTTLED, Status.UNAUTHORISED])
def test_no_call_follows_one_that_met_trouble(world: World, status: Status) -> None:
    due(world, 3)
    world.pos.answer(Outcome(Status.APPLIED), Outcome(status, sentence="no"))
    assert not world.work.write(POS)
    assert len(world.pos.calls) == 2


def test_no_call_follows_once_another_worker_met_trouble(world: World) -> None:
    due(world, 3)
    world.pos.during_apply = lambda: world.work.gates[POS].stumbled("reset")
    world.work.write(POS)
    assert len(world.pos.calls) == 1


def test_a_probe_is_answered_before_another_call_follows(world: World) -> None:
    due(world, 3)
    world.work.gates[POS].away("connection refused")
    world.clock.advance(60)
    assert world.work.write(POS)
    assert len(world.pos.calls) == 1
    assert world.work.write(POS)
    assert len(world.pos.calls) == 3


def test_no_call_follows_after_a_pause(world: World) -> None:
    due(world, 3)

    def pause() -> None:
        with world.sql.writing() as unit:
            unit.pause((POS,))

    world.pos.during_apply = pause
    world.work.write(POS)
    assert len(world.pos.calls) == 1
    assert world.rows("SELECT COUNT(*) FROM account WHERE attempt_key IS NOT NULL") == [(0,)]


def test_no_call_follows_when_the_daemon_stops(world: World) -> None:
    due(world, 3)
    world.pos.during_apply = lambda: world.work._stopping.set()
    world.work.write(POS)
    assert len(world.pos.calls) == 1


def test_an_answer_and_the_next_attempt_are_on_disk_before_the_next_call(world: World) -> None:
    due(world, 2)
    seen: list[tuple[str, object, object]] = []

    def look() -> None:
        first, second = world.account(POS, 1), world.account(POS, 2)
        seen.append((str(first.known), first.unsettled is not None, second.unsettled is not None))

    world.pos.during_apply = look
    world.work.write(POS)
    assert seen == [("1000", True, False), ("999", False, True)]


def test_a_daemon_that_dies_between_two_calls_asks_for_the_second_by_its_key(world: World) -> None:
    due(world, 2)

    def die() -> None:
        if len(world.pos.calls) == 2:
            raise Died

    world.pos.during_apply = die
    with pytest.raises(Died):
        world.work.write(POS)
    world.pos.during_apply = lambda: None
    world.restart()
    while world.work.write(POS):
        pass
    keys = [action.key for action in world.pos.actions]
    assert keys == ["key-1", "key-2", "key-2"]
    assert [world.known(POS, number) for number in (1, 2)] == ["999", "999"]


def test_an_answer_is_entered_although_the_next_call_cannot_be_begun(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    due(world, 2)
    real = attempts._begun

    def defective(*about: object) -> object:
        if world.pos.calls:
            raise ZeroDivisionError
        return real(*about)  # type: ignore[arg-type]

    monkeypatch.setattr(attempts, "_begun", defective)
    assert world.work.write(POS)
    assert (world.known(POS, 1), world.account(POS, 1).unsettled) == ("999", None)
    assert (world.known(POS, 2), world.account(POS, 2).unsettled) == ("1000", None)


def test_where_a_history_tells_what_became_of_a_write_each_call_notes_where_it_stands(world: World) -> None:
    due(world, 2)
    world.pos.abilities = replace(world.pos.abilities, history=True, key_memory=None)
    world.pos.history = "7"
    world.pos.during_apply = lambda: setattr(world.pos, "history", "8")
    assert world.work.write(POS)
    assert len(world.pos.calls) == 1
    assert world.known(STORE, 1) == "999"
