"""P8: what the daemon costs while nothing happens: processor time and resident memory, read from the kernel."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.bench.report import Result, publish
from tillbridge.demo.stage import Stage, Voice

PROMISED_CPU_PERCENT = 1.0
PROMISED_RSS_MB = 100.0


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench idle")
    parser.add_argument("--json", action="store_true", help="accepted for uniformity: the closing line is always JSON")
    parser.add_argument("--seconds", type=float, default=60.0)
    chosen = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as programs:
        stage = Stage(Path(folder), programs, Voice.JSON)
        stage.wait_until_linked()
        stage.come_to_rest()
        before, began = _cpu_seconds(stage.daemon_pid), time.monotonic()
        time.sleep(chosen.seconds)
        percent = 100 * (_cpu_seconds(stage.daemon_pid) - before) / (time.monotonic() - began)
        rss = _rss_mb(stage.daemon_pid)
    figures = {"cpu_percent": round(percent, 2), "rss_mb": round(rss, 1), "seconds": chosen.seconds}
    return publish(Result("idle", "P8", percent < PROMISED_CPU_PERCENT and rss < PROMISED_RSS_MB, figures, 1))


def _cpu_seconds(pid: int) -> float:
    """User and system time of the process so far (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError(f"/proc/{pid}/status names no VmRSS")
