"""Starting, stopping, standing alone: a daemon leaves when asked, finishes its work first, tolerates no second."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path

import pytest

from tests.daemon.programs import wait_until
from tests.daemon.rig import Rig

GRACE = 27.0
"""Seconds: the 25 that a stopping daemon gives its calls, and a little for closing."""


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with Rig(tmp_path_factory.mktemp("life")) as rig:
        assert rig.link().terminate() == 0
        yield rig


@pytest.fixture
def rig(linked: Rig) -> Iterator[Rig]:
    """Linked, and no daemon runs, neither before nor after."""
    yield linked
    linked.end_daemons()


class Rush:
    """Sells on both sides while the block runs, as fast as shop and till can."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._sell, args=(one,)) for one in (rig.buy, rig.ring)]
        self.sold = 0
        self.troubles: list[BaseException] = []

    def __enter__(self) -> Rush:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        assert self.troubles == []

    def _sell(self, one: object) -> None:
        assert callable(one)
        for sku in cycle(("CUP", "PLATE")):
            if self._over.is_set():
                return
            try:
                one(sku)
            except BaseException as trouble:
                self.troubles.append(trouble)
                return
            self.sold += 1
            self._over.wait(0.02)


def test_a_daemon_that_is_told_to_stop_in_a_rush_finishes_and_the_next_goes_on(rig: Rig) -> None:
    daemon = rig.start()
    with Rush(rig) as rush:
        wait_until(lambda: rush.sold > 30, "business is brisk")
        began = time.monotonic()
        assert daemon.terminate() == 0
        assert time.monotonic() - began < GRACE
        sold = rush.sold
        wait_until(lambda: rush.sold > sold + 20, "it goes on without the daemon")
        successor = rig.start()
        sold = rush.sold
        wait_until(lambda: rush.sold > sold + 20, "and with the next one")
    rig.await_rest()
    assert "Traceback" not in daemon.said()
    assert successor.terminate() == 0


def test_a_stopped_daemon_leaves_no_write_in_the_air(rig: Rig) -> None:
    daemon = rig.start()
    with Rush(rig) as rush:
        wait_until(lambda: rush.sold > 20, "business is brisk")
        assert daemon.terminate() == 0
    assert rig.attempts() == 0


def test_a_daemon_killed_again_and_again_in_a_rush_doubles_nothing(rig: Rig) -> None:
    with Rush(rig) as rush:
        for moment in (0.15, 0.4, 0.7):
            daemon = rig.start()
            threading.Event().wait(moment)
            daemon.kill()
        assert rush.sold > 20
    successor = rig.start()
    rig.await_rest()
    assert successor.terminate() == 0


def test_a_second_daemon_is_refused_in_words_and_the_first_goes_on(rig: Rig) -> None:
    first = rig.start()
    second = rig.launch()
    assert second.wait() == 4
    said = second.err.read_text(encoding="utf-8")
    assert f"another Tillbridge daemon (process {first.process.pid})" in said
    assert str(rig.database) in said
    assert "Traceback" not in said
    rig.buy("CUP")
    rig.ring("CUP")
    rig.await_rest()
    assert first.terminate() == 0


def test_a_listener_that_cannot_be_had_is_said_in_words(rig: Rig) -> None:
    first = rig.start()
    other = rig.ask("run", config=_elsewhere(rig))
    assert (other.returncode, "cannot listen" in other.stderr, "Traceback" in other.stderr) == (2, True, False)
    assert first.terminate() == 0


def _elsewhere(rig: Rig) -> Path:
    """The same settings with another database."""
    text = rig.config().read_text(encoding="utf-8")
    path = rig.folder / "other.ini"
    path.write_text(text.replace(str(rig.database), str(rig.folder / "other.sqlite3")), encoding="utf-8")
    return path


def test_a_shop_that_closes_for_a_while_catches_up(rig: Rig) -> None:
    daemon = rig.start()
    assert rig.shop.terminate() == 0
    rig.ring("CUP", 3)
    wait_until(lambda: not rig.status()["sides"]["store"]["reachable"], "the daemon sees that the shop is away")
    rig.shop = rig.open_shop()
    rig.shop.ready()
    rig.buy("PLATE", 2)
    rig.await_rest()
    assert daemon.terminate() == 0


def test_an_idle_daemon_says_nothing_twice_a_second(rig: Rig) -> None:
    daemon = rig.start()
    rig.await_rest()
    before = daemon.err.read_text(encoding="utf-8")
    threading.Event().wait(2.5)
    assert daemon.err.read_text(encoding="utf-8").removeprefix(before) == ""
    assert daemon.terminate() == 0


def test_what_a_daemon_booked_is_on_disk_when_it_is_killed(rig: Rig) -> None:
    """An acknowledged push is never lost, whatever comes next."""
    daemon = rig.start()
    event = {"id": "ab" * 16, "n": 1, "topic": "customer.changed", "at": "2026-11-22T10:11:12Z", "data": {}}
    assert rig.push(event).json() == {"acked": ["ab" * 16]}
    daemon.kill()
    with closing(sqlite3.connect(f"file:{rig.database}?mode=ro", uri=True)) as books:
        assert books.execute("SELECT COUNT(*) FROM message WHERE key = ?", (f"store:{'ab' * 16}",)).fetchone() == (1,)
