"""P7: how much of what a slow POS can take the daemon sends it, and what an outage of it comes to.

1. The till answers each call 100 ms after it came, in a process of its own. The engine as the daemon builds it, on a
   database with fsync, writes one change a call with 8 workers; each change is of another item, so that nothing can be
   summed up. What counts is the rate at which the till answers once it runs evenly.
2. The same number of threads call the same till with nothing to say, and some commits are made with nothing in them.
   That is no part of the promise: it tells how busy the machine is, and its disk.
3. The till is stopped, and one item is sold 1,000 times in the shop. Then it comes back.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from tests.bench.report import Result, publish
from tests.bench.slow_pos import OPENING, POSSIBLE, SlowPos

PROMISED = 0.90
STARTING, ENDING = int(2 * POSSIBLE), int(POSSIBLE)
"""Calls at either end that do not count: while events are still being booked, and when not all workers have one."""

AT_LEAST = 10.0
"""Seconds that must be left to count."""

SALES = 1000
BARE_FOR = 5.0
COMMITS = 300
WITHIN = 180.0
"""Seconds, far more than is needed."""


@dataclass(frozen=True, slots=True)
class Steady:
    """How evenly running calls went: a second, and over how many seconds that was seen."""

    per_second: float
    seconds: float


def steady(answered: Sequence[float], starting: int, ending: int) -> Steady:
    """From the steady seconds of all answers, without so many at the start and at the end."""
    counted = sorted(answered)[starting : len(answered) - ending]
    if len(counted) < 2:
        raise ValueError(f"{len(answered)} answers are too few to leave out {starting} and {ending} of them")
    seconds = counted[-1] - counted[0]
    return Steady((len(counted) - 1) / seconds, seconds)


@dataclass(frozen=True, slots=True)
class Run:
    """One run, from empty books to both promises. Seconds; `bare` is the rate of calls that nobody had to think of."""

    even: Steady
    cpu_a_call: float
    bare: float
    commits: Sequence[float]
    calls: int
    is_right: bool


def main(argv: list[str]) -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench relay")
    parser.add_argument("--json", action="store_true", help="only the closing line of JSON")
    parser.add_argument("--skus", type=int, default=1500, help="items that are sold once each")
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args(argv)
    runs = []
    for number in range(chosen.runs):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(_run(Path(folder), chosen.skus))
        if not chosen.json:
            print(f"run {number + 1}: {runs[-1].even.per_second:.1f} of {POSSIBLE:g} calls a second", flush=True)
    return publish(judge(runs))


def judge(runs: Sequence[Run]) -> Result:
    """The rate by the median run: a disk that hesitates while others write to it slows one, and not all. Everything
    else must be right in each."""
    fractions = [run.even.per_second / POSSIBLE for run in runs]
    fraction, calls = statistics.median(fractions), max(run.calls for run in runs)
    is_right = all(run.is_right for run in runs)
    seconds = min(run.even.seconds for run in runs)
    commits = sorted(commit for run in runs for commit in run.commits)
    figures = {
        "fraction_of_possible": round(fraction, 3),
        "fraction_lowest": round(min(fractions), 3),
        "fraction_highest": round(max(fractions), 3),
        "calls_per_second": round(fraction * POSSIBLE, 1),
        "seconds": round(seconds, 1),
        "bare_calls_fraction": round(statistics.median(run.bare for run in runs) / POSSIBLE, 3),
        "own_cpu_ms_a_call": round(statistics.median(run.cpu_a_call for run in runs) * 1000, 2),
        "commit_ms": round(statistics.median(commits) * 1000, 2),
        "commit_ms_worst": round(commits[-1] * 1000, 1),
        "calls_for_1000_sales": calls,
        "levels_are_right": is_right,
        "load_average": round(os.getloadavg()[0], 2),
    }
    holds = fraction >= PROMISED and seconds >= AT_LEAST and calls == 1 and is_right
    return Result("relay", "P7", holds, figures, len(runs))


def _run(folder: Path, skus: int) -> Run:
    bench = SlowPos(folder, skus)
    with closing(bench.open_till()) as till, bench.workers():
        even, cpu = _even(bench, skus)
        bare, commits = bench.call_barely(BARE_FOR), bench.commit(COMMITS)
        till.terminate()
        calls = _outage(bench, skus)
    levels = {ref: bench.level(ref) for ref in range(1, skus + 1)}
    wanted = {ref: Decimal(OPENING) - 1 - (SALES if ref == 1 else 0) for ref in levels}
    return Run(even, cpu, bare, commits, calls, levels == wanted)


def _even(bench: SlowPos, skus: int) -> tuple[Steady, float]:
    """Every item sold once, and each carried over by a call of its own; and the processor's seconds for each."""
    began = time.process_time()
    for start in range(1, skus + 1, 500):
        bench.sell(range(start, min(start + 500, skus + 1)), start)
    _wait(bench.at_rest, "every sale is at the till")
    cpu = time.process_time() - began
    return steady(bench.answered(), STARTING, ENDING), cpu / skus


def _outage(bench: SlowPos, skus: int) -> int:
    """One item sold again and again while the till is away; how many calls that takes when it is back."""
    for number in range(SALES):
        bench.sell([1], skus + 1 + number)
    _wait(lambda: bench.books.next_due(None) is None, "every sale is booked")
    with closing(bench.open_till()):
        _wait(bench.at_rest, "every sale is at the till")
        return len(bench.answered())


def _wait(condition: Callable[[], bool], what: str) -> None:
    """Look now and then: a look costs the engine something, too."""
    deadline = time.monotonic() + WITHIN
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {WITHIN:g} s in vain until {what}")
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
