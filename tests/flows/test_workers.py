"""The threads: they wake when something is to be done, survive what goes wrong, and finish what they are at."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.builders import sale_at_pos, sale_in_store
from tests.flows.world import POS, STORE, World
from tillbridge.core.actions import Outcome, Status
from tillbridge.work import Bell

SOON = 20.0
"""Seconds after which a thread that should have done something is said to hang."""

WRITERS = {STORE: 1, POS: 2}


class Call:
    """A call to a side that can be waited for and held up."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.go = threading.Event()

    def __call__(self) -> None:
        self.reached.set()
        assert self.go.wait(SOON)

    def came(self) -> bool:
        return self.reached.wait(SOON)


@pytest.fixture
def call(world: World) -> Call:
    """The next call to the POS."""
    held = Call()
    world.pos.during_apply = held
    return held


@pytest.fixture
def running(world: World) -> Iterator[World]:
    """A daemon whose workers run, with the cup linked."""
    world.link_cup()
    world.work.start(WRITERS)
    yield world
    assert world.work.stop(SOON)


def settled(world: World) -> threading.Event:
    """Set when a write has been settled."""
    event = threading.Event()
    world.passed = _Told({"write.settled": event.set})
    world.put_together(world.sql)
    return event


def writers_at_the_pos() -> list[threading.Thread]:
    """Those that have not ended yet."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("write-pos-")]


class _Told(list[str]):
    """A list that calls back when something is put into it."""

    def __init__(self, callbacks: dict[str, Callable[[], None]]) -> None:
        super().__init__()
        self._callbacks = callbacks

    def append(self, point: str) -> None:
        super().append(point)
        self._callbacks.get(point, lambda: None)()


def test_an_event_travels_to_the_other_side_by_itself(world: World) -> None:
    written = settled(world)
    world.link_cup()
    world.work.start(WRITERS)
    world.put(sale_in_store("a", "-2"))
    world.work.ring_events()
    assert written.wait(SOON)
    assert world.work.stop(SOON)
    assert world.known(POS) == "8"


def test_a_hint_makes_a_till_sale_cross(world: World) -> None:
    written = settled(world)
    world.link_cup()
    world.work.read(POS)
    world.work.start(WRITERS)
    world.pos.tell(sale_at_pos("a", "-2"))
    world.work.ring_feed(POS)
    assert written.wait(SOON)
    assert world.work.stop(SOON)
    assert world.known(STORE) == "8"


def test_what_waited_before_the_start_is_done_at_the_start(world: World) -> None:
    written = settled(world)
    world.link_cup()
    world.put(sale_in_store("a", "-2"))
    world.work.start(WRITERS)
    assert written.wait(SOON)
    assert world.work.stop(SOON)


def test_stopping_finishes_a_call_that_is_under_way(world: World, call: Call) -> None:
    world.link_cup()
    world.book(sale_in_store("a", "-2"))
    world.work.start(WRITERS)
    assert call.came()
    with ThreadPoolExecutor(1) as pool:
        stopped = pool.submit(world.work.stop, SOON)
        call.go.set()
        assert stopped.result(SOON)
    assert world.known(POS) == "8"
    assert world.account(POS).unsettled is None
    assert not world.work.alive()


def test_stopping_starts_nothing_new(world: World, call: Call) -> None:
    world.link_many(300)
    world.book(*(sale_in_store(f"e{number}", ref=str(number)) for number in range(1, 301)))
    world.work.start({STORE: 1, POS: 1})
    assert call.came()
    assert not world.work.stop(0.0)
    call.go.set()
    assert world.work.stop(SOON)
    assert len(world.pos.calls) == 1
    assert world.states() == {"ready": 200}


def test_a_call_that_outlasts_the_grace_is_told_and_settled_later(world: World, call: Call) -> None:
    world.link_cup()
    world.book(sale_in_store("a", "-2"))
    world.work.start(WRITERS)
    assert call.came()
    assert not world.work.stop(0.0)
    unsettled = world.account(POS).unsettled
    assert unsettled is not None
    call.go.set()
    assert world.work.stop(SOON)


def test_stopping_does_not_wait_for_a_writer_that_has_to_wait_itself(world: World, call: Call) -> None:
    """Its colleague heard the bell; it was in a call then, and the side has just asked for an hour of patience."""
    world.link_cup()
    world.book(sale_in_store("a", "-2"))
    world.pos.answer(Outcome(Status.THROTTLED, retry_after=3600.0))
    world.work.start(WRITERS)
    assert call.came()
    with ThreadPoolExecutor(1) as pool:
        stopped = pool.submit(world.work.stop, SOON)
        while len(writers_at_the_pos()) > 1:
            writers_at_the_pos()[0].join(0.001)
        call.go.set()
        assert stopped.result(SOON)


def test_a_worker_survives_a_defect_and_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failed = threading.Event()

    def defect(_: object) -> list[Outcome]:
        failed.set()
        raise ZeroDivisionError("a defect")

    world.link_cup()
    world.book(sale_in_store("a"))
    monkeypatch.setattr(world.pos, "apply", defect)
    with caplog.at_level(logging.ERROR, "tillbridge.work"):
        world.work.start({STORE: 1, POS: 1})
        assert failed.wait(SOON)
        alive = world.work.alive()
        assert world.work.stop(SOON)
    assert alive
    assert "a worker met a defect" in caplog.text


def test_workers_that_ended_are_noticed(running: World) -> None:
    assert running.work.alive()
    running.work.stop(SOON)
    assert not running.work.alive()


def test_a_ring_while_nobody_rests_is_not_lost() -> None:
    bell = Bell()
    bell.ring()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(bell.rest, 3600.0).result(SOON)


def test_every_ring_wakes_a_rester_again() -> None:
    bell, woken = Bell(), threading.Semaphore(0)

    def rest_twice() -> None:
        for _ in range(2):
            bell.rest(3600.0)
            woken.release()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(rest_twice)
        for _ in range(2):
            bell.ring()
            assert woken.acquire(timeout=SOON)
        done.result(SOON)


def test_a_side_that_is_away_lets_the_other_go_on(world: World) -> None:
    written = settled(world)
    world.link_cup()
    world.work.gates[POS].away("connection refused", 1e9)
    world.work.start(WRITERS)
    world.put(sale_at_pos("a", "-2"), sale_in_store("b", "-1"))
    world.work.ring_events()
    assert written.wait(SOON)
    assert world.work.stop(SOON)
    assert (world.known(STORE), world.known(POS)) == ("7", "8")
    assert world.pos.calls == []
