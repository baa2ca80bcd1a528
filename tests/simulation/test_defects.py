"""The simulation finds what is broken on purpose: a check that cannot fail proves nothing."""

from __future__ import annotations

import pytest

from tests.simulation.defects import DEFECTS, find, planted
from tests.simulation.play import play, shrink
from tests.simulation.steps import schedule
from tillbridge.db import queue

MOST_SCHEDULES = 600


@pytest.mark.parametrize("name", DEFECTS)
def test_it_is_found(name: str) -> None:
    assert find(name, MOST_SCHEDULES) is not None, DEFECTS[name].sentence


def test_a_defect_is_taken_out_again() -> None:
    sound = queue.add_events
    with planted("dropped-dedupe"):
        assert queue.add_events is not sound
        assert play(0).problems
    assert queue.add_events is sound
    assert play(0).problems == ()


def test_what_fails_is_shrunk_to_what_still_fails() -> None:
    with planted("dropped-dedupe"):
        keep = shrink(0)
        assert play(0, keep=keep).problems
        assert len(keep) < len(schedule(0))
