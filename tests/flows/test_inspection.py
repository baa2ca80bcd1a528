"""What both sides report before anything moves, side by side with what is held out and the policy in force."""

from __future__ import annotations

import json
import threading
from typing import Any

from tests.fakes import FakeSide, VirtualClock, pos_side, store_side
from tests.flows.world import POS, STORE
from tillbridge.core.links import Held
from tillbridge.core.stock import SideName
from tillbridge.inspection import inspect
from tillbridge.ports import Report, Side

ROW = {"name": "queue.lease", "value": "60s", "source": "default"}
HELD = Held(STORE, "60", "MUG", "Mug", "only_here", "The other side has no item with this SKU.")


class Reporting(FakeSide):
    """A side with a report of its own; it waits for `gate` before it tells."""

    def __init__(self, like: FakeSide, report: Report) -> None:
        super().__init__(like.name, like.abilities)
        self.report = report
        self.gate = threading.Event()
        self.gate.set()

    def check(self) -> Report:
        self.gate.wait(20)
        return self.report


def sides(*problems: str) -> dict[SideName, Side]:
    """A shop that is well, and a till with these problems."""
    return {STORE: Reporting(store_side(), Report((), {"php": "8.2"})), POS: Reporting(pos_side(), Report(problems))}


def test_two_sides_without_problems_are_well_whatever_is_held_out() -> None:
    said = inspect(sides(), [HELD], [ROW], VirtualClock())
    assert json.loads(json.dumps(said)) == {
        "well": True,
        "sides": {"store": {"problems": [], "facts": {"php": "8.2"}}, "pos": {"problems": [], "facts": {}}},
        "held_out": [{"side": "store", "ref": "60", "sku": "MUG", "name": "Mug", "reason": "only_here",
                      "sentence": "The other side has no item with this SKU."}],
        "policy": [ROW],
    }  # fmt: skip


def test_one_problem_of_either_side_is_not_well() -> None:
    assert inspect(sides("no outlet"), [], [], VirtualClock())["well"] is False


def test_a_side_that_hangs_is_a_problem_and_hides_nothing_of_the_other() -> None:
    found = sides()
    slow = found[POS]
    assert isinstance(slow, Reporting)
    slow.gate.clear()
    said = inspect(found, [], [], VirtualClock(), patience=0.05)
    slow.gate.set()
    shown = json.loads(json.dumps(said))["sides"]
    assert (said["well"], "did not say within 0.05 s" in shown["pos"]["problems"][0]) == (False, True)
    assert shown["store"] == {"problems": [], "facts": {"php": "8.2"}}


def test_a_buffer_that_does_nothing_is_a_problem_of_the_shop_and_one_that_waits_a_remark() -> None:
    said: Any = inspect(sides(), [], [], VirtualClock(), buffers=(["no product with the SKU 'CPU'"], ["MUG waits"]))
    store = said["sides"]["store"]
    assert (said["well"], store["problems"]) == (False, ["no product with the SKU 'CPU'"])
    assert store["facts"]["buffers"] == "MUG waits"
    assert inspect(sides(), [], [], VirtualClock(), buffers=([], ["MUG waits"]))["well"] is True
