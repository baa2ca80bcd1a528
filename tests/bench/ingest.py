"""P3: how many events a second the daemon accepts durably, beside an empty Flask route on the same server.

1. Two servers are started by turns, each in a process of its own: the listener with its real database, and an empty
   route that reads the same body.
2. A load generator in a third process sends both the same signed requests of one event, over 16 keep-alive connections.
3. Each turn gives one ratio; the promise is judged by the median of all turns.

A third server, an empty route that enqueues the body with huey's SQLite storage and fsync, is measured where huey is
installed (extra `bench`).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import pickle
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.load import Load
from tests.bench.report import Result, publish
from tillbridge.sides.signing import sign

PROMISED = 0.70
CONNECTIONS = 16
SECRET = b"bench-secret"
SITE = "bench-site"


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests a second in one turn, and the sample that is judged."""

    listener: list[float]
    empty: list[float]
    huey: list[float]

    def ratios(self) -> list[float]:
        """Listener over empty route, turn by turn: a machine that is busy slows both halves of a turn."""
        return [ours / theirs for ours, theirs in zip(self.listener, self.empty, strict=True)]


def main(argv: list[str]) -> int:
    """Measure and publish."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench ingest")
    parser.add_argument("--json", action="store_true", help="only the closing line of JSON")
    parser.add_argument("--runs", type=int, default=5, help="turns of listener and empty route (at least 3)")
    parser.add_argument("--requests", type=int, default=8000, help="requests in each measurement")
    chosen = parser.parse_args(argv)
    runs = max(3, chosen.runs)
    measured = Measured([], [], [])
    for turn in range(runs):
        # Whoever goes second finds a warmer machine: the order alternates.
        order = ("empty", "listener") if turn % 2 == 0 else ("listener", "empty")
        for kind in order:
            getattr(measured, kind).append(measure(kind, chosen.requests))
        if not chosen.json:
            print(f"turn {turn + 1}: {measured.listener[-1]:.0f}/s accepted, {measured.empty[-1]:.0f}/s empty route")
    why_not = ""
    if importlib.util.find_spec("huey") is None:
        why_not = "huey is not installed (extra `bench`)"
    else:
        measured.huey.extend(measure("huey", chosen.requests // 2) for _ in range(3))
    return publish(judge(measured, runs, why_not))


def judge(measured: Measured, runs: int, why_not: str) -> Result:
    """The promise, by the median turn."""
    ratios = measured.ratios()
    ratio = statistics.median(ratios)
    figures: dict[str, object] = {
        "ratio_to_empty_route": round(ratio, 3),
        "ratio_lowest": round(min(ratios), 3),
        "ratio_highest": round(max(ratios), 3),
        "accepted_per_second": round(statistics.median(measured.listener)),
        "empty_route_per_second": round(statistics.median(measured.empty)),
        "huey_enqueue_per_second": round(statistics.median(measured.huey)) if measured.huey else None,
    }
    if why_not:
        figures["huey_missing_because"] = why_not
    return Result("ingest", "P3", ratio >= PROMISED, figures, runs)


def measure(kind: str, requests: int) -> float:
    """Requests a second that one fresh server of this kind answers; raises where an answer was not 200."""
    with tempfile.TemporaryDirectory(prefix="tillbridge-bench-") as folder:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.ingest_server", kind, str(Path(folder) / "bench.sqlite3")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            port = int(server.stdout.readline())
            load = Load("127.0.0.1", port, CONNECTIONS, requests // 8, signed_requests(requests))
            found = subprocess.run(
                [sys.executable, "-m", "tests.bench.load"], input=pickle.dumps(load), capture_output=True, check=True
            )
        finally:
            server.stdin.close()
            said = server.stdout.read()
            server.stdout.close()
            server.wait(timeout=30)
    answer = json.loads(found.stdout)
    if answer["statuses"] != {"200": requests}:
        raise SystemExit(f"the {kind} server answered {answer['statuses']}")
    stored = json.loads(said) if said.strip() else {}
    if kind == "listener" and stored.get("stored") != requests:
        raise SystemExit(f"{requests} events were acknowledged, {stored} are in the database")
    return float(answer["per_second"])


def signed_requests(number: int) -> list[bytes]:
    """Whole HTTP requests, every one with an event, a nonce and a signature of its own."""
    stamp = str(int(time.time()))
    return [_signed_request(stamp, n) for n in range(number)]


def _signed_request(stamp: str, n: int) -> bytes:
    event = {
        "id": secrets.token_hex(16),
        "n": n,
        "topic": "stock.changed",
        "at": "2026-11-22T10:11:12.345Z",
        "origin": "store",
        "data": {
            "product_id": 51,
            "sku": "CUP-BLUE",
            "before": "7",
            "delta": "-2",
            "path": "relative",
            "cause": {"type": "order_line", "order_id": 9001, "line_id": 3},
        },
    }
    pushed = {"site": SITE, "plugin": "1.0.0", "address": "https://shop.example", "counter": n, "incarnation": "1f"}
    body = json.dumps({**pushed, "events": [event]}, separators=(",", ":")).encode()
    nonce = secrets.token_hex(16)
    head = (
        "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nX-Tillbridge-Timestamp: {stamp}\r\nX-Tillbridge-Nonce: {nonce}\r\n"
        f"X-Tillbridge-Signature: {sign(SECRET, stamp, nonce, 'POST', '/v1/events', body)}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
