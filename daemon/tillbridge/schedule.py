"""The clockwork: what is looked after again and again, and how often.

APScheduler is only the clock that calls verbs; work itself is stored in the queue. Its defaults would skip a job that
is one second late, silently, so late jobs run, and only once. It counts in wall time, so the caller says when the
wall clock jumped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from tillbridge.errors import BridgeError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something done every so many seconds, the first time at once."""

    name: str
    every: float
    verb: Callable[[], object]


class Schedule:
    """Runs jobs until stopped. A job that fails says so and is called again at its next time."""

    def __init__(self, jobs: list[Job], wall: Callable[[], datetime]) -> None:
        self._jobs = jobs
        self._wall = wall
        self._scheduler: Any = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self) -> None:
        for job in self._jobs:
            self._scheduler.add_job(
                _told(job),
                "interval",
                seconds=job.every,
                id=job.name,
                next_run_time=self._wall(),
                replace_existing=True,
            )
        self._scheduler.start()

    def soon(self, name: str) -> None:
        """Run a job now, besides its times."""
        self._scheduler.modify_job(name, next_run_time=self._wall())

    def clock_jumped(self) -> None:
        """The wall clock was set: every job counts anew from now, instead of waiting for a time that has moved away."""
        for job in self._jobs:
            self.soon(job.name)

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)


def _told(job: Job) -> Callable[[], None]:
    def run() -> None:
        try:
            job.verb()
        except BridgeError as trouble:
            log.warning("%s: %s", job.name, trouble)
        except Exception:  # the scheduler would log it far from its name; a defect in one job must not stop the others
            log.exception("the job %s met a defect; it will be called again", job.name)

    return run
