"""The same power cuts while orders become sales at the till, and sales of the till orders: each document once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.daemon.programs import wait_until
from tests.daemon.test_crash_points import LATER, POINTS_OF_DOCUMENTS, crash_at, sell_until_dead
from tests.daemon.test_kept import KEEPING, KeepingRig


class DyingRig(KeepingRig):
    """Its daemons die where they are told to, and keep what the till tells."""

    def sold_online(self) -> list[list[str]]:
        """What the till has of each order that customers of the shop made."""
        mine = [order for order in self.orders() if order["created_via"] != "tillbridge"]
        return [[document["kind"] for document in self.of_order(order["id"])] for order in mine]


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DyingRig]:
    rig = DyingRig(tmp_path_factory.mktemp("dying"), ("CUP", "PLATE"))
    with rig:
        rig.settings |= KEEPING
        assert rig.link().terminate() == 0
        yield rig


@pytest.mark.parametrize("point", POINTS_OF_DOCUMENTS)
def test_daemons_that_die_there_send_and_keep_each_document_once(rig: DyingRig, point: str) -> None:
    rung = Decimal(len(rig.kept()))
    for passes in (1, LATER):
        dying = crash_at(rig, point, passes)
        before = rig.expected["CUP"] + rig.expected["PLATE"]
        sell_until_dead(rig, dying)
        assert dying.wait() == -signal.SIGKILL
        rung += (before - rig.expected["CUP"] - rig.expected["PLATE"]) / 2
    successor = rig.start()
    rig.await_rest(120)
    wait_until(lambda: len(rig.kept()) >= rung, "every sale of the till is kept")
    rig.await_rest(120)
    assert len(rig.kept()) == rung
    assert all(kinds == ["sale"] for kinds in rig.sold_online())
    assert successor.terminate() == 0
