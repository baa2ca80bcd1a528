"""A daemon from its start to its end: with a shop it bridges, without one it waits at the door for one."""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from tillbridge.core.stock import SideName
from tillbridge.db.exclusive import Exclusive
from tillbridge.ports import Clock
from tillbridge.schedule import Schedule
from tillbridge.steer import Steering
from tillbridge.web import Server
from tillbridge.work import Work

log = logging.getLogger(__name__)

GRACE = 25.0
"""Seconds that a stopping daemon gives its calls under way: a little more than a call may take by default."""

CLOCK_JUMP = 2.0
"""Seconds by which wall and steady time may drift apart before the wall clock counts as having been set."""


class Ending:
    """When the daemon is to stop, and whether it shall begin anew afterwards: what it was built from has changed."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.renews = False

    def renew(self) -> None:
        self.renews = True
        self.stop.set()


@dataclass(slots=True)
class FrontDoor:
    """A daemon that knows no shop yet: it listens for one, from `start` to `stop`."""

    lock: Exclusive
    server: Server

    def start(self) -> None:
        """Raises `SettingsError` where the listener's address cannot be had."""
        try:
            self.server.start()
        except BaseException:
            self.lock.release()
            raise

    def supervise(self, stop: threading.Event) -> None:
        """Until `stop` is set."""
        stop.wait()

    def stop(self) -> bool:
        """Finish what is under way."""
        self.server.stop()
        self.lock.release()
        return True


@dataclass(slots=True)
class Bridge:
    """A running daemon, from `start` to `stop`."""

    clock: Clock
    lock: Exclusive
    work: Work
    schedule: Schedule
    server: Server
    steering: Steering
    writers: Mapping[SideName, int]

    def start(self) -> None:
        """Raises `SettingsError` where the listener's address cannot be had; then nothing runs."""
        try:
            self.server.start()
        except BaseException:
            self.lock.release()
            raise
        self.work.start(self.writers)
        self.schedule.start()

    def supervise(self, stop: threading.Event) -> None:
        """Until `stop` is set: notice when the wall clock is set, since the schedule counts by it."""
        gap = self._gap()
        while not stop.wait(5.0):
            if abs(self._gap() - gap) > CLOCK_JUMP:
                gap = self._gap()
                log.warning("the clock of this machine was set; schedules count anew")
                self.schedule.clock_jumped()

    def _gap(self) -> float:
        return self.clock.wall().timestamp() - self.clock.now()

    def stop(self) -> bool:
        """Take no more in, finish what is under way, release the rest; whether everything could be finished.

        The lock on the database is kept until the process ends: a look for links may still be running until then.
        """
        atexit.register(self.lock.release)
        self.schedule.stop()
        self.server.stop()
        return self.work.stop(GRACE)
