"""R3: a daemon that was away finds 100,000 events waiting, and catches up.

Real processes: sandbox shop, till, daemon. The daemon links everything and ends. Then the shop sells until its outbox
holds so many events (orders of several lines, cancellations, refunds, corrections, and what they stir), and the till
sells, too. The clock runs from the start of the daemon until nothing waits anywhere. Then the journal is compared with
what was sold, change by change, and both sides with what must be left.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from tests.bench.away import Away, Change
from tests.bench.report import Result, publish
from tests.daemon.programs import Program
from tillbridge.core.stock import SideName

PROMISED_SECONDS = 600.0
GIVE_UP_AFTER = 1200.0
CALM = 5.0
"""Seconds for which nothing more may happen at the end."""

TILL_SALES = 10
"""One sale at the till for so many events of the shop."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What was sold beside what the journal has. `lost`: changes that it lacks. `doubled`: that it has more than once.
    `wrong`: that it has with another amount, or that nobody made."""

    lost: int
    doubled: int
    wrong: int
    in_order: bool


def compare(sold: Mapping[Change, Decimal], booked: Sequence[tuple[Change, Decimal]]) -> Compared:
    """Change by change; `sold` and `booked` are in order."""
    times = Counter(change for change, _ in booked)
    place = {change: at for at, change in enumerate(sold)}
    places = [place[change] for change, _ in booked if change in place]
    return Compared(
        lost=sum(change not in times for change in sold),
        doubled=sum(number - 1 for number in times.values()),
        wrong=sum(sold.get(change) != amount for change, amount in booked),
        in_order=places == sorted(places),
    )


@dataclass(frozen=True, slots=True)
class Drained:
    """Seconds since the daemon was started until the shop's outbox was empty, and until all was at rest."""

    fetched: float
    all: float


def main(argv: list[str]) -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench backlog")
    parser.add_argument("--json", action="store_true", help="only the closing line of JSON")
    parser.add_argument("--events", type=int, default=100_000, help="events that wait in the shop")
    parser.add_argument("--skus", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder, Away(Path(folder), chosen.skus, chosen.seed) as away:
        away.link().terminate()
        away.sell_in_shop(chosen.events)
        away.sell_at_till(chosen.events // TILL_SALES)
        if not chosen.json:
            print(f"{away.waiting_in_shop()} events wait in the shop, {chosen.events // TILL_SALES} at the till")
        figures = _measure(away, chosen.events + chosen.events // TILL_SALES)
    zero = ("lost", "doubled", "wrong", "pieces_off")
    kept = all(figures[name] == 0 for name in zero) and figures["in_order"] is True
    holds = kept and float(str(figures["seconds"])) <= PROMISED_SECONDS
    return publish(Result("backlog", "R3", holds, figures, 1))


def _measure(away: Away, events: int) -> dict[str, object]:
    began, daemon = time.monotonic(), away.start()
    drained = _await_rest(away, began)
    shop, till = (_cpu_seconds(program) for program in (away.shop, away.till))
    cpu, rss, waiting = _cpu_seconds(daemon), _peak_rss_mb(daemon), away.orders_to_compare()
    parts = [
        compare(away.sold_in_shop, away.booked(SideName.STORE)),
        compare(away.sold_at_till, away.booked(SideName.POS)),
    ]
    writes = {side: away.writes(side) for side in SideName}
    return {
        "seconds": round(drained.all, 1),
        "lost": sum(one.lost for one in parts),
        "doubled": sum(one.doubled for one in parts),
        "wrong": sum(one.wrong for one in parts),
        "pieces_off": int(away.pieces_off()),
        "in_order": all(one.in_order for one in parts),
        "events": events,
        "changes": len(away.sold_in_shop) + len(away.sold_at_till),
        "events_per_second": round(events / drained.all),
        "outbox_empty_after": round(drained.fetched, 1),
        "writes_at_store": writes[SideName.STORE][0],
        "calls_at_store": writes[SideName.STORE][1],
        "writes_at_pos": writes[SideName.POS][0],
        "calls_at_pos": writes[SideName.POS][1],
        "orders_to_compare": waiting,
        "rss_mb": round(rss, 1),
        "cpu_seconds": round(cpu, 1),
        "shop_cpu_seconds": round(shop, 1),
        "till_cpu_seconds": round(till, 1),
        "load_average": round(os.getloadavg()[0], 2),
    }


def _await_rest(away: Away, began: float) -> Drained:
    """Look once a second: a look costs the daemon something, too. At rest is what stays so for a few looks."""
    fetched, calm = 0.0, 0.0
    while True:
        looked = time.monotonic() - began
        if not fetched and not away.waiting_in_shop():
            fetched = looked
        status = away.status()
        if not fetched or not status["in_step"] or status["under_way"]:
            calm = 0.0
        elif not calm:
            calm = looked
        elif looked - calm > CALM:
            return Drained(fetched, calm)
        if looked > GIVE_UP_AFTER:
            raise SystemExit(f"not at rest after {GIVE_UP_AFTER:g} s: {status}")
        time.sleep(1.0)


def _cpu_seconds(program: Program) -> float:
    """User and system time of the process so far (proc(5), fields 14 and 15)."""
    path = Path(f"/proc/{program.process.pid}/stat")
    fields = path.read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_rss_mb(program: Program) -> float:
    for line in Path(f"/proc/{program.process.pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise LookupError("the kernel names no VmHWM")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
