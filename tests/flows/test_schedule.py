"""The clockwork: jobs run at once and again, and one that fails stops neither itself nor the others."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from tillbridge.errors import NoAnswer
from tillbridge.schedule import Job, Schedule

SOON = 20.0
OFTEN, NEVER = 0.02, 86_400.0


class Verb:
    """Something to be done; counts, and may fail."""

    def __init__(self, error: Exception | None = None) -> None:
        self._done = threading.Semaphore(0)
        self._error = error

    def __call__(self) -> None:
        self._done.release()
        if self._error is not None:
            raise self._error

    def ran(self, times: int = 1) -> bool:
        """Whether it ran so often (since the last question) before long."""
        return all(self._done.acquire(timeout=SOON) for _ in range(times))

    def rests(self) -> bool:
        """Whether it has not run since the last question."""
        return not self._done.acquire(blocking=False)


@contextmanager
def running(*jobs: Job) -> Iterator[Schedule]:
    """A schedule at work."""
    schedule = Schedule(list(jobs), lambda: datetime.now(UTC))
    schedule.start()
    yield schedule
    schedule.stop()


def test_every_job_runs_at_once() -> None:
    first, second = Verb(), Verb()
    with running(Job("first", NEVER, first), Job("second", NEVER, second)):
        assert first.ran()
        assert second.ran()
        assert first.rests()


def test_a_job_runs_again_and_again() -> None:
    verb = Verb()
    with running(Job("often", OFTEN, verb)):
        assert verb.ran(5)


@pytest.mark.parametrize(
    ("error", "said"),
    [(NoAnswer("time-out"), "failing: time-out"), (ZeroDivisionError("oh"), "the job failing met a defect")],
)
def test_a_job_that_fails_says_so_and_goes_on(error: Exception, said: str, caplog: pytest.LogCaptureFixture) -> None:
    failing, other = Verb(error), Verb()
    with (
        caplog.at_level(logging.WARNING, "tillbridge.schedule"),
        running(Job("failing", OFTEN, failing), Job("other", OFTEN, other)),
    ):
        assert failing.ran(3)
        assert other.ran(3)
    assert said in caplog.text


def test_a_job_can_be_run_besides_its_times() -> None:
    verb, other = Verb(), Verb()
    with running(Job("rare", NEVER, verb), Job("other", NEVER, other)) as schedule:
        assert verb.ran()
        assert other.ran()
        schedule.soon("rare")
        assert verb.ran()
        assert other.rests()


def test_after_the_clock_was_set_every_job_counts_anew() -> None:
    verbs = [Verb(), Verb()]
    with running(*(Job(f"job-{number}", NEVER, verb) for number, verb in enumerate(verbs))) as schedule:
        assert all(verb.ran() for verb in verbs)
        schedule.clock_jumped()
        assert all(verb.ran() for verb in verbs)


def test_a_job_that_is_an_hour_late_runs_and_only_once() -> None:
    """APScheduler would leave it out, silently, for being a second late."""
    late, often = Verb(), Verb()
    an_hour_ago = Schedule([Job("late", 700.0, late)], lambda: datetime.now(UTC) - timedelta(hours=1))
    an_hour_ago.start()
    with running(Job("often", OFTEN, often)):
        assert late.ran()
        assert often.ran(3)
        assert late.rests()
    an_hour_ago.stop()
