"""`python -m tests.simulation --schedules N --seed S [--json]`: play N schedules; exit status 0 only where all held.

`--defects` plants each known defect instead, and says which schedule finds it; exit status 0 only where all are found.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from multiprocessing import Pool

from tests.simulation.defects import DEFECTS, find
from tests.simulation.faults import CUTS_A_LINE, FAULTS, RESTORING, SPOILING
from tests.simulation.options import TAKES_DOCUMENTS, Wishes, chosen
from tests.simulation.play import Played, play, shrink
from tests.simulation.steps import AT_THE_COUNTER, CHANGES, WITH_MONEY, schedule
from tests.simulation.tills.kinds import KINDS
from tillbridge.settings.profiles import PROFILES

CHANGED = frozenset({*CHANGES, *WITH_MONEY, *AT_THE_COUNTER})


def main() -> int:
    arguments = _arguments()
    logging.disable(logging.CRITICAL)  # what the daemon logs about its faults is not the news here
    if arguments.defects:
        return _find_defects(arguments)
    wishes = [_wishes(arguments, kind) for kind in (KINDS if arguments.pos == "all" else [arguments.pos])]
    if arguments.replay is not None:
        return _replay(arguments.replay, wishes[0], arguments.keep)
    began = time.monotonic()
    met: Counter[str] = Counter()
    met_by: dict[str, Counter[str]] = {one.pos: Counter() for one in wishes}
    failed: list[tuple[Played, Wishes]] = []
    for one in wishes:
        for played in _play_all(arguments.seed, arguments.schedules, arguments.jobs, one):
            met.update(played.met)
            met_by[one.pos].update(played.met)
            if played.problems:
                failed.append((played, one))
    for played, one in failed[: arguments.shown]:
        _replay(played.seed, one, shrink(played.seed, one))
    figures = _figures(arguments, time.monotonic() - began, met, [played for played, _ in failed])
    figures["never_met"] = {kind: never for kind, here in met_by.items() if (never := _never_met(here))}
    if arguments.json:
        line = {"name": "simulation", "promise": "R1", "holds": not failed, "figures": figures}
        print(json.dumps(line | {"runs": arguments.schedules * len(wishes), "commit": _commit()}))
    else:
        print(
            f"{figures['schedules']} schedules, {figures['changes']} changes, {len(failed)} violations,"
            f" {figures['per_second']} a second; never met: {figures['never_met'] or 'none'};"
            f" failing seeds: {figures['failing_seeds']}"
        )
    return 1 if failed else 0


def _never_met(met: Counter[str]) -> list[str]:
    """The faults into which nothing ever ran. Whatever cuts a line is counted as an outage."""
    names = {name.partition(":")[0] for name in met}
    return [name for name in FAULTS if ("outage" if name in CUTS_A_LINE else name) not in names]


def _figures(
    arguments: argparse.Namespace, seconds: float, met: Counter[str], failed: list[Played]
) -> dict[str, object]:
    schedules = arguments.schedules * (len(KINDS) if arguments.pos == "all" else 1)
    return {
        "schedules": schedules,
        "per_second": round(schedules / seconds, 1),
        "per_second_and_core": round(schedules / seconds / arguments.jobs, 1),
        "violations": len(failed),
        "changes": sum(met[name] for name in CHANGED),
        "faults": {name: number for name, number in sorted(met.items()) if name not in CHANGED},
        "failing_seeds": [f"{one.options.pos}:{one.seed}" for one in failed[:20]],
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--schedules", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--pos", default="keys", choices=[*KINDS, "all"], help="which kind of till (default: %(default)s)"
    )
    parser.add_argument("--authority", default="mixed", choices=["both", "pos", "store", "mixed"])
    parser.add_argument("--reconcile", default="mixed", choices=["on", "off", "mixed"])
    parser.add_argument("--spoiling", default="mixed", choices=["on", "off", "mixed"], help=", ".join(SPOILING))
    parser.add_argument("--restoring", default="mixed", choices=["on", "off", "mixed"], help=", ".join(RESTORING))
    parser.add_argument("--orders", default="stock", choices=["stock", "sale", "mixed"], help="how orders travel")
    parser.add_argument(
        "--profile", default="none", choices=["none", *PROFILES], help="whose word counts, how orders travel and when"
    )
    parser.add_argument(
        "--counter", default="off", choices=["on", "off", "mixed"], help="the till tells of orders; with sales only"
    )
    parser.add_argument("--defects", action="store_true", help="find what was broken on purpose")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--shown", type=int, default=3, help="so many failing schedules are shrunk and printed")
    parser.add_argument("--replay", type=int, help="play the schedule of this seed and print what happened")
    parser.add_argument(
        "--keep", type=lambda text: [int(one) for one in text.split(",")], help="only these steps of it"
    )
    arguments = parser.parse_args()
    if arguments.orders == "sale" and arguments.pos not in TAKES_DOCUMENTS:
        parser.error(f"a till of the kind {arguments.pos} takes no sales: play it with --orders stock")
    return arguments


def _wishes(arguments: argparse.Namespace, pos: str) -> Wishes:
    chosen_by_hand = (arguments.authority, arguments.reconcile, arguments.spoiling, arguments.restoring)
    return Wishes(pos, *chosen_by_hand, arguments.orders, arguments.profile, arguments.counter)


def _play_all(seed: int, schedules: int, jobs: int, wishes: Wishes) -> Iterator[Played]:
    seeds = range(seed * 1_000_000, seed * 1_000_000 + schedules)
    if jobs == 1:
        _collect_rarely()
        yield from (play(one, wishes) for one in seeds)
        return
    with Pool(jobs, _collect_rarely) as pool:
        yield from pool.imap_unordered(partial(play, wishes=wishes), seeds, chunksize=10)


def _collect_rarely() -> None:
    """A schedule leaves little behind that the garbage collector has to look for."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def _replay(seed: int, wishes: Wishes, keep: list[int] | None) -> int:
    played = play(seed, wishes, keep)
    steps = schedule(seed, chosen(seed, wishes))
    numbers = "all" if keep is None else ",".join(map(str, keep))
    wished = " ".join(f"--{name} {getattr(wishes, name)}" for name in Wishes.__slots__)
    print(f"--replay {seed} {wished} --keep {numbers} ({played.options}):", file=sys.stderr)
    for number in range(len(steps)) if keep is None else keep:
        print(f"  {number:3} {steps[number]}", file=sys.stderr)
    print("what happened:", *(f"  {line}" for line in played.trace), sep="\n", file=sys.stderr)
    print("violations:", *(f"  {line}" for line in played.problems), sep="\n", file=sys.stderr)
    return 1 if played.problems else 0


def _find_defects(arguments: argparse.Namespace) -> int:
    """One line for each defect: the seed that finds it, how many schedules it took, and what is seen of it."""
    look = partial(find, most=arguments.schedules)
    with Pool(arguments.jobs) as pool:
        found = dict(zip(DEFECTS, pool.imap(look, DEFECTS), strict=True))
    for name, played in found.items():
        seen = (
            "NOT FOUND" if played is None else f"seed {played.seed}, schedule {played.seed + 1}: {played.problems[0]}"
        )
        print(f"{name:24} {DEFECTS[name].sentence}\n{'':24} {seen}")
    missed = [name for name, played in found.items() if played is None]
    if arguments.json:
        seeds = {name: None if played is None else played.seed for name, played in found.items()}
        figures = {"defects": len(found), "found": len(found) - len(missed), "seeds": seeds}
        line = {"name": "simulation-defects", "promise": "R1", "holds": not missed, "figures": figures}
        print(json.dumps(line | {"runs": arguments.schedules, "commit": _commit()}))
    return 1 if missed else 0


def _commit() -> str:
    return subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
