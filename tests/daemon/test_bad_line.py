"""A POS that answers badly, too late or not at all is never told twice, and all crosses once it is well again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.daemon.programs import Program, wait_until
from tests.daemon.proxy import PATIENCE, REFUSED_BEFORE, BadLine, Mood
from tests.daemon.rig import Rig

TIMEOUT = 1.0
"""Seconds after which the daemon gives an answer up."""

TRICKLES = {Mood.TRICKLE, Mood.TRICKLE_HEAD}


@dataclass(frozen=True, slots=True)
class Scene:
    """A daemon that reaches its till over a bad line."""

    rig: Rig
    line: BadLine
    daemon: Program


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with Rig(tmp_path_factory.mktemp("line")) as rig, BadLine(rig.till_address) as line:
        rig.settings = {("pos", "url"): line.address, ("pos", "timeout"): f"{TIMEOUT:g}s"}
        daemon = rig.link()
        yield Scene(rig, line, daemon)
        assert daemon.terminate() == 0


@pytest.mark.parametrize("mood", sorted(set(Mood) - TRICKLES))
def test_an_answer_that_is_spoiled_never_doubles_a_change(scene: Scene, mood: Mood) -> None:
    before = len(scene.line.spoiled)
    scene.line.spoil(mood, writes=1, reads=1)
    scene.rig.buy("CUP", 2)
    scene.rig.ring("PLATE", 3)
    wait_until(lambda: scene.line.mended, "both answers were spoiled")
    scene.rig.await_rest()
    spoiled = scene.line.spoiled[before:]
    assert {one.path for one in spoiled} == {"/v1/adjustments", "/v1/changes"}
    if mood in REFUSED_BEFORE:
        # The two may have been under way at the same time; after the later one there was silence, as asked for.
        last = spoiled[-1].at
        assert [one.path for one in scene.line.passed if last + 0.3 < one.at < last + PATIENCE - 0.2] == []


@pytest.mark.parametrize("mood", sorted(TRICKLES))
def test_an_answer_that_trickles_holds_nobody_beyond_the_deadline(scene: Scene, mood: Mood) -> None:
    scene.line.hung_up.clear()
    scene.line.spoil(mood, writes=1, reads=1)
    scene.rig.buy("CUP")
    scene.rig.ring("PLATE")
    wait_until(lambda: len(scene.line.hung_up) == 2, "the daemon hung up on both trickles", 15)
    assert max(scene.line.hung_up) < TIMEOUT + 2
    scene.rig.await_rest()


def test_a_run_of_failures_is_noticed_and_loses_nothing(scene: Scene) -> None:
    scene.line.spoil(Mood.FAILS, writes=2, reads=1)
    for _ in range(3):
        scene.rig.buy("PLATE")
        scene.rig.ring("PLATE")
    wait_until(lambda: not scene.rig.status()["sides"]["pos"]["reachable"], "the daemon sees that the POS is unwell")
    wait_until(lambda: scene.line.mended, "all answers were spoiled", 30)
    scene.rig.await_rest()
    assert scene.rig.status()["sides"]["pos"]["reachable"]


def test_a_bad_line_is_not_told_as_a_defect_of_ours(scene: Scene) -> None:
    """Last, after all of the above: the log has words for a POS that is unwell, and no traceback."""
    said = scene.daemon.said()
    assert "a call to the pos went wrong" in said
    assert "Traceback" not in said
    assert "defect" not in said
