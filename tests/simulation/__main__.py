"""`python -m tests.simulation --schedules N --seed S [--json]`: play N schedules; exit status 0 only where all held."""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing import Pool

from tests.simulation.play import Played, play, shrink
from tests.simulation.steps import CHANGES, schedule


def main() -> int:
    arguments = _arguments()
    logging.disable(logging.CRITICAL)  # what the daemon logs about its faults is not the news here
    if arguments.replay is not None:
        return _replay(arguments.replay, arguments.keep)
    began = time.monotonic()
    met: Counter[str] = Counter()
    failed: list[Played] = []
    for played in _play_all(arguments.seed, arguments.schedules, arguments.jobs):
        met.update(played.met)
        if played.problems:
            failed.append(played)
    seconds = time.monotonic() - began
    for one in failed[:3]:
        _replay(one.seed, shrink(one.seed))
    faults = {name: number for name, number in sorted(met.items()) if name not in CHANGES}
    figures = {
        "schedules": arguments.schedules,
        "per_second": round(arguments.schedules / seconds, 1),
        "per_second_and_core": round(arguments.schedules / seconds / arguments.jobs, 1),
        "violations": len(failed),
        "changes": sum(met[name] for name in CHANGES),
        "faults": faults,
        "failing_seeds": [one.seed for one in failed[:20]],
    }
    if arguments.json:
        line = {
            "name": "simulation",
            "promise": "R1",
            "holds": not failed,
            "figures": figures,
            "runs": arguments.schedules,
        }
        print(json.dumps(line | {"commit": _commit()}))
    else:
        print(
            f"{arguments.schedules} schedules, {figures['changes']} changes, {len(failed)} violations, {seconds:.1f} s"
        )
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--schedules", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--replay", type=int, help="play the schedule of this seed and print what happened")
    parser.add_argument(
        "--keep", type=lambda text: [int(one) for one in text.split(",")], help="only these steps of it"
    )
    return parser.parse_args()


def _play_all(seed: int, schedules: int, jobs: int) -> Iterator[Played]:
    seeds = range(seed * 1_000_000, seed * 1_000_000 + schedules)
    if jobs == 1:
        yield from map(play, seeds)
        return
    with Pool(jobs) as pool:
        yield from pool.imap_unordered(play, seeds, chunksize=20)


def _replay(seed: int, keep: list[int] | None) -> int:
    played = play(seed, keep)
    steps = schedule(seed)
    print(f"seed {seed}, steps {'all' if keep is None else ','.join(map(str, keep))}:", file=sys.stderr)
    for number in range(len(steps)) if keep is None else keep:
        print(f"  {number:3} {steps[number]}", file=sys.stderr)
    print("what happened:", *(f"  {line}" for line in played.trace), sep="\n", file=sys.stderr)
    print("violations:", *(f"  {line}" for line in played.problems), sep="\n", file=sys.stderr)
    return 1 if played.problems else 0


def _commit() -> str:
    return subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
