"""When a thing that failed is tried again, and when a side that is away is spoken to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.core import backoff
from tillbridge.core.backoff import Breaker, Verdict

MINUTE, HOUR, WEEK = 60.0, 3600.0, 7 * 86_400.0


@pytest.mark.parametrize(
    ("attempts", "wait"),
    [(0, 5), (1, 5), (2, MINUTE), (3, 15 * MINUTE), (4, HOUR), (5, 6 * HOUR), (6, 6 * HOUR), (99, 6 * HOUR)],
)
def test_the_wait_grows_as_promised(attempts: int, wait: float) -> None:
    assert backoff.after(attempts, 0.0, 0.0, WEEK, 1000.0, 0.0) == Verdict(1000.0 + wait, 0.0)


@given(st.integers(1, 50), st.floats(0, 1))
def test_a_tenth_of_the_wait_is_spread(attempts: int, jitter: float) -> None:
    due = backoff.after(attempts, 0.0, 0.0, WEEK, 0.0, jitter).due_at
    straight = backoff.after(attempts, 0.0, 0.0, WEEK, 0.0, 0.0).due_at
    assert due is not None
    assert straight is not None
    assert straight <= due <= straight * 1.1 + 1e-6


@pytest.mark.parametrize(("since_last", "counted"), [(60.0, 60.0), (0.0, 0.0), (30.0, 30.0), (8 * WEEK, 66.0)])
def test_no_more_time_counts_as_failing_than_the_wait_that_was_meant(since_last: float, counted: float) -> None:
    """An outage, a pause, a week in which nothing ran: none of them brings a message nearer to its end."""
    assert backoff.after(3, 65.0, since_last, WEEK, 0.0, 0.0).failing_for == pytest.approx(65.0 + counted)


def test_the_first_failure_comes_after_no_failing_at_all() -> None:
    assert backoff.after(1, 0.0, 8 * WEEK, WEEK, 0.0, 0.0) == Verdict(5.0, 0.0)


@pytest.mark.parametrize(("failing_for", "gives_up"), [(WEEK - HOUR - 1, False), (WEEK - HOUR, True), (WEEK, True)])
def test_it_gives_up_after_the_time_that_the_owner_chose(failing_for: float, gives_up: bool) -> None:
    verdict = backoff.after(40, failing_for, HOUR, WEEK, 0.0, 0.5)
    assert (verdict.due_at is None) is gives_up


def test_it_is_tried_for_a_week_and_not_for_ever() -> None:
    now, attempts, failing_for, waited = 0.0, 0, 0.0, 0.0
    while True:
        attempts += 1
        verdict = backoff.after(attempts, failing_for, waited, WEEK, now, 0.0)
        if verdict.due_at is None:
            break
        waited, failing_for, now = verdict.due_at - now, verdict.failing_for, verdict.due_at
    assert WEEK <= now < WEEK + 6 * HOUR
    assert 28 <= attempts <= 36


def test_a_side_that_was_never_away_is_spoken_to() -> None:
    assert Breaker().lets_through(0.0)
    assert not Breaker().probing


def test_probes_grow_rarer_up_to_half_a_minute() -> None:
    breaker, waits = Breaker(), []
    for _ in range(8):
        breaker = backoff.tripped(breaker, 100.0, "refused", None)
        waits.append(breaker.closed_until - 100.0)
    assert waits == [1, 2, 5, 10, 15, 30, 30, 30]


def test_nothing_is_sent_before_the_probe_is_due() -> None:
    breaker = backoff.tripped(Breaker(), 100.0, "refused", None)
    assert not breaker.lets_through(100.9)
    assert breaker.lets_through(101.0)
    assert breaker.probing


@pytest.mark.parametrize(("asked", "waits"), [(120.0, 120.0), (0.0, 0.0), (-5.0, 0.0)])
def test_a_side_that_asks_for_patience_gets_it(asked: float, waits: float) -> None:
    assert backoff.tripped(Breaker(failures=4), 100.0, "slow down", asked).closed_until == 100.0 + waits


def test_an_outage_remembers_its_beginning_and_its_last_reason() -> None:
    breaker = backoff.tripped(backoff.tripped(Breaker(), 100.0, "refused", None), 101.0, "time-out", None)
    assert (breaker.since, breaker.reason, breaker.failures) == (100.0, "time-out", 2)


def test_an_answer_mends_everything() -> None:
    assert backoff.mended() == Breaker()
