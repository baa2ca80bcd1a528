"""The doctor looks at everything at once, waits for nobody for long, and takes unknown for ill."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from tests.builders import sale_in_store
from tests.fakes import VirtualClock
from tests.flows.world import World
from tillbridge.db.mailbox import SqlMailbox
from tillbridge.doctor import Doctor, Examination, from_shop
from tillbridge.errors import StorageTrouble
from tillbridge.ports import Hop, HopState, Parcel

WELL = Hop("till", HopState.WELL, "it answers")


def fine() -> list[Hop]:
    return [WELL]


def hops(said: dict[str, object]) -> Any:
    return said["hops"]


def test_all_well_is_well() -> None:
    said = Doctor([Examination("till", fine), Examination("more", lambda: [WELL, WELL])], VirtualClock())()
    assert json.loads(json.dumps(said)) == said
    assert (said["well"], len(hops(said))) == (True, 3)
    assert hops(said)[0] == {"name": "till", "state": "well", "detail": "it answers", "fix": ""}


@pytest.mark.parametrize("state", [HopState.PROBLEM, HopState.UNKNOWN])
def test_one_hop_that_is_not_well_is_enough(state: HopState) -> None:
    said = Doctor([Examination("till", fine), Examination("x", lambda: [Hop("x", state, "?")])], VirtualClock())()
    assert said["well"] is False


def test_the_hops_keep_their_order_and_what_only_this_question_tells_comes_last() -> None:
    named = [Examination(name, lambda name=name: [Hop(name, HopState.WELL, "")]) for name in "abcdef"]  # type: ignore[misc]
    said = Doctor(named[:5], VirtualClock())(named[5])
    assert [hop["name"] for hop in hops(said)] == list("abcdef")


def test_a_side_that_hangs_is_unknown_and_the_others_are_told() -> None:
    over = threading.Event()

    def hang() -> list[Hop]:
        over.wait(20)
        return [WELL]

    said = Doctor([Examination("slow", hang), Examination("till", fine)], VirtualClock(), patience=0.05)()
    over.set()
    assert [(hop["name"], hop["state"]) for hop in hops(said)] == [("slow", "unknown"), ("till", "well")]
    assert "did not answer within 0.05 s" in hops(said)[0]["detail"]


def test_trouble_on_the_way_is_a_problem_in_its_own_words() -> None:
    def refuse() -> list[Hop]:
        raise StorageTrouble("the disk is full")

    (hop,) = hops(Doctor([Examination("database", refuse)], VirtualClock())())
    assert (hop["name"], hop["state"], hop["detail"]) == ("database", "problem", "the disk is full")


def test_a_defect_in_one_look_does_not_stop_the_others_and_shows_nothing_of_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def faint() -> list[Hop]:
        raise ZeroDivisionError("secret detail")

    said = Doctor([Examination("odd", faint), Examination("till", fine)], VirtualClock())()
    assert [hop["state"] for hop in hops(said)] == ["unknown", "well"]
    assert "secret detail" not in json.dumps(said)
    assert "odd could not be looked at" in caplog.text


def test_every_thread_that_looked_takes_its_leave() -> None:
    left: list[str] = []
    looks = [Examination("a", fine), Examination("b", fine)]
    Doctor(looks, VirtualClock(), leave=lambda: left.append(threading.current_thread().name))()
    assert left == ["asking", "asking"]


def way_here(world: World, asked_by_shop: str) -> Hop:
    (hop,) = from_shop(world.sql, world.clock, asked_by_shop).look()
    return hop


def push(world: World) -> None:
    SqlMailbox(world.connection, world.clock, lambda: None, world.passed.append).deliver(
        [Parcel([sale_in_store("a")], "n", 0)]
    )


def test_a_question_through_the_shop_proves_the_way_from_the_shop(world: World) -> None:
    assert way_here(world, "anna") == Hop("shop to daemon", HopState.WELL, "this question came that way; no push yet")


def test_without_a_push_yet_the_way_from_the_shop_is_unknown_and_says_how_to_know(world: World) -> None:
    hop = way_here(world, "")
    assert (hop.state, "wp tillbridge doctor" in hop.fix) == (HopState.UNKNOWN, True)


def test_the_last_push_is_remembered_over_a_restart(world: World) -> None:
    push(world)
    world.restart()
    world.clock.advance(90)
    assert way_here(world, "") == Hop("shop to daemon", HopState.WELL, "last push 90 s ago")


def test_a_command_is_no_push(world: World) -> None:
    mailbox = SqlMailbox(world.connection, world.clock, lambda: None, world.passed.append)
    mailbox.deliver([Parcel((), "n", 0)])
    assert way_here(world, "").state is HopState.UNKNOWN
