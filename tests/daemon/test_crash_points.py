"""A power cut at any of the named points costs nothing and doubles nothing: the next start finishes what was begun."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import tillbridge
from tests.daemon.programs import Program, Waited, wait_until
from tests.daemon.rig import Rig

LATER = 3
"""A later pass, when other things are under way than at the first."""

POINTS = (
    "intake.received", "intake.stored", "relay.posted", "write.attempted", "write.answered", "write.settled",
    "poll.read", "poll.stored",
)  # fmt: skip
POINTS_OF_DOCUMENTS = (
    "paper.attempted", "paper.answered", "paper.settled", "return.attempted", "return.answered", "return.settled",
)  # fmt: skip
"""These are tried where orders become sales: see test_selling_crash_points.py."""
WHILE_LINKING = "link.stored"
AT_THE_DOOR = {"intake.received", "intake.stored"}
UNDER_WAY = {"write.attempted", "write.answered"}
"""Where a write is begun and not settled: the next start must ask what became of it."""


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A rig whose books are linked; no daemon runs."""
    with Rig(tmp_path_factory.mktemp("crash")) as rig:
        assert rig.link().terminate() == 0
        yield rig


def crash_at(rig: Rig, point: str, passes: int) -> Program:
    return rig.launch(more={"TILLBRIDGE_CRASH_AT": f"{point}:{passes}"})


def crash_at_the_door(rig: Rig, point: str, passes: int) -> Program:
    """The shop pauses its pushes for 5 s after one that failed, so it opens anew, and the daemon before it sells."""
    assert rig.shop.terminate() == 0
    rig.shop = rig.open_shop()
    rig.shop.ready()
    daemon = crash_at(rig, point, passes)
    daemon.ready()
    return daemon


def sell_until_dead(rig: Rig, daemon: Program) -> None:
    for _ in range(60):
        rig.buy("PLATE")
        rig.ring("CUP")
        with suppress(Waited):
            wait_until(lambda: daemon.ended, "the daemon is dead", 0.3)
            return
    raise Waited(f"it never passed that point: {daemon.said()[-2000:]}")


def test_every_crash_point_of_the_source_is_tried_here() -> None:
    sources = Path(tillbridge.__file__).parent.rglob("*.py")
    named = {name for path in sources for name in re.findall(r'checkpoint\("([^"]+)"\)', path.read_text("utf-8"))}
    assert named == {*POINTS, *POINTS_OF_DOCUMENTS, WHILE_LINKING}


@pytest.mark.parametrize("point", POINTS)
def test_daemons_that_die_there_lose_and_double_nothing(linked: Rig, point: str) -> None:
    """The first dies at the first pass, the next, which has that to clear up, at a later one; the last goes on."""
    linked.ring("PLATE", 2)
    for passes in (1, LATER):
        dying = crash_at_the_door(linked, point, passes) if point in AT_THE_DOOR else crash_at(linked, point, passes)
        sell_until_dead(linked, dying)
        assert dying.wait() == -signal.SIGKILL
        assert point not in UNDER_WAY or linked.attempts() > 0
    successor = linked.start()
    linked.await_rest()
    assert successor.terminate() == 0


def test_a_daemon_that_dies_right_after_first_contact_has_linked_all_or_nothing(linked: Rig) -> None:
    linked.new_books()
    dying = crash_at(linked, WHILE_LINKING, 1)
    assert dying.wait() == -signal.SIGKILL
    linked.buy("CUP", 2)
    linked.ring("PLATE", 3)
    successor = linked.link()
    linked.ring("PLATE")
    linked.await_rest()
    assert successor.terminate() == 0


def test_a_daemon_that_dies_right_after_linking_a_new_product_goes_on_with_it(linked: Rig) -> None:
    linked.new_books()
    dying = crash_at(linked, WHILE_LINKING, 2)
    dying.ready()
    wait_until(lambda: linked.status()["links"] == len(linked.expected), "first contact")
    linked.stock(f"NEW-{len(linked.expected)}")
    assert linked.call("POST", "/v1/control/sync", b'{"flow": "all"}').status_code == 200
    assert dying.wait() == -signal.SIGKILL
    linked.buy("CUP")
    successor = linked.link()
    linked.ring(max(linked.expected))
    linked.await_rest()
    assert successor.terminate() == 0
