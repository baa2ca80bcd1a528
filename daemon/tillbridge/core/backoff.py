"""When to try again: the known schedule for a thing that failed, and the breaker for a side that is away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

STEPS = (5.0, 60.0, 15 * 60.0, 3600.0, 6 * 3600.0)
"""Seconds until the next try after the first, second … failure; the last repeats. The tail (15 min, 1 h, 6 h) is the
promise that users of Elementary POS know; the two quick ones before it spare them the wait for a hiccup."""

SETTLING = (5.0, 15.0, 60.0)
"""The same for an attempt whose effect is unknown. It is asked about by its key, and until it is settled nothing else
can be written there, so it never waits long."""

PROBES = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0)
"""Seconds between probes of a side that is away; the last repeats. A probe is one call, so it may come often."""

JITTER = 0.1
"""A tenth of the wait is spread, so that what failed together does not return together."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Try again at `due_at`, or give up (None). `failing_for` is what to remember with the message."""

    due_at: float | None
    failing_for: float


def after(
    attempts: int,
    failing_for: float,
    since_last: float,
    give_up_after: float,
    now: float,
    jitter: float,
    steps: Sequence[float] = STEPS,
) -> Verdict:
    """What to do after a failure at a side that could be reached.

    `attempts` counts this one. `failing_for` is the time spent failing so far, `since_last` the time since the last
    try. Of that no more counts than the wait that was meant: a message must not die of an outage, a pause, or a week in
    which the daemon did not run. `jitter` is in 0…1.
    """
    meant = _step(steps, attempts - 1) * (1 + JITTER) if attempts > 1 else 0.0
    spent = failing_for + min(since_last, meant)
    if spent >= give_up_after:
        return Verdict(None, spent)
    return Verdict(now + _step(steps, attempts) * (1 + JITTER * jitter), spent)


def _step(steps: Sequence[float], attempts: int) -> float:
    return steps[min(max(attempts, 1), len(steps)) - 1]


@dataclass(frozen=True, slots=True)
class Breaker:
    """Whether a side is spoken to. While `closed_until` lies ahead, nothing is sent; then one probe, not a storm."""

    failures: int = 0
    closed_until: float = 0.0
    since: float | None = None
    reason: str = ""

    def lets_through(self, now: float) -> bool:
        return now >= self.closed_until

    @property
    def probing(self) -> bool:
        """After a failure only one call at a time goes out, until one succeeds."""
        return self.failures > 0


def tripped(breaker: Breaker, now: float, reason: str, retry_after: float | None) -> Breaker:
    """After a call that found the side away (or asking for patience of `retry_after` seconds)."""
    wait = PROBES[min(breaker.failures, len(PROBES) - 1)] if retry_after is None else max(retry_after, 0.0)
    return replace(
        breaker,
        failures=breaker.failures + 1,
        closed_until=now + wait,
        since=now if breaker.since is None else breaker.since,
        reason=reason,
    )


def mended() -> Breaker:
    """After a call that was answered."""
    return Breaker()
