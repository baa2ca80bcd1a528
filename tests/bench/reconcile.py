"""P4: what a look at a whole shop in step costs the daemon itself, beyond the time in which the sides answer.

The real adapters, books and verbs; the two sides are pages made on the spot, and the time of making them is theirs.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.bench.report import Result, publish
from tests.bench.shelf import fill
from tests.fakes import keys
from tillbridge.app import SystemClock
from tillbridge.core.findings import Limits
from tillbridge.core.routing import Rules
from tillbridge.core.stock import SideName
from tillbridge.db.books import SqlBooks
from tillbridge.db.connect import open_database
from tillbridge.poll import Poll
from tillbridge.ports import DONE, Side
from tillbridge.reconcile import Care, Reconcile
from tillbridge.relay import Chance, Policy, Relay
from tillbridge.sides.http import Answer
from tillbridge.sides.till.side import TillSide
from tillbridge.sides.woocommerce.side import StoreSide
from tillbridge.work import Work

PROMISED_SECONDS = 10.0
PROMISED_RSS_MB = 200.0
LEVEL = "7"


class Pages:
    """An `Exchange` with a side whose items are numbered 1 … `skus`; it notes how long answering took, and what was
    written."""

    def __init__(self, skus: int) -> None:
        self._skus = skus
        self.seconds = 0.0
        self.calls = 0
        self.writes = 0

    def __call__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        began = time.perf_counter()
        del headers, body  # a real side would check the signature
        asked = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(asked.query, keep_blank_values=True).items()}
        said = json.dumps(self._answer(method, asked.path, query)).encode()
        self.calls += 1
        self.seconds += time.perf_counter() - began
        return Answer(200, {"content-type": "application/json"}, said)

    def _answer(self, method: str, path: str, query: Mapping[str, str]) -> dict[str, object]:
        if path.endswith("/outbox"):
            return {"events": [], "more": False}
        if path.endswith("/changes"):
            return {"changes": [], "cursor": query.get("after") or "0", "more": False}
        if method == "GET" and path.endswith("/levels"):
            first = int(query["after"] or 0) + 1
            last = min(first + int(query["limit"]) - 1, self._skus)
            following = last if last < self._skus else None
            rows = [self._row(number, path) for number in range(first, last + 1)]
            return {"levels": rows, "next": following if "stock" in path or following is None else str(following)}
        self.writes += 1
        return {"results": []}

    @staticmethod
    def _row(number: int, path: str) -> dict[str, object]:
        named = {"sku": f"SKU-{number}", "name": f"Thing number {number}", "level": LEVEL}
        if "stock" in path:
            more = {"parent_id": 0, "managed": True, "backorders": "no", "status": "instock", "moving": False}
            return {"product_id": number, **named, **more}
        return {"item_id": str(number), "outlet": "main", **named}


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench reconcile")
    parser.add_argument("--json", action="store_true", help="accepted for uniformity: the closing line is always JSON")
    parser.add_argument("--skus", type=int, default=100_000)
    chosen = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        figures = _measure(Path(folder), chosen.skus)
    holds = (
        figures["state"] == DONE
        and figures["compared"] == 2 * chosen.skus
        and float(str(figures["own_seconds"])) <= PROMISED_SECONDS
        and float(str(figures["rss_mb"])) <= PROMISED_RSS_MB
        and figures["writes"] == figures["found"] == 0
    )
    return publish(Result("reconcile", "P4", holds, figures, 1))


def _measure(folder: Path, skus: int) -> dict[str, object]:
    clock = SystemClock()
    connection = open_database(f"sqlite:///{folder}/books.sqlite3")
    fill(connection, skus, LEVEL)
    books = SqlBooks(connection, clock, "bench")
    store, pos = Pages(skus), Pages(skus)
    new_key = keys()
    wall = lambda: datetime.now(UTC)  # noqa: E731
    sides: dict[SideName, Side] = {
        SideName.STORE: StoreSide(store, "secret", new_key, wall),
        SideName.POS: TillSide(pos, "token", wall),
    }
    policy, chance = Policy("main", 60.0, 86_400.0), Chance(new_key, lambda: 0.0)
    relay = Relay(books, sides, policy, chance, lambda _: None)
    polls = {name: Poll(side, books, lambda: None, lambda _: None) for name, side in sides.items()}
    work = Work(relay, polls, books, clock, lambda _side, _refs: None)
    reconcile = Reconcile(books, sides, work.drain, Care(Rules(), Limits(), 60.0), clock, lambda _: None)
    began, cpu = time.perf_counter(), time.process_time()
    run = reconcile.begin()
    reconcile.advance()
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    with books.writing() as unit:
        ended, found = unit.run(run.id), unit.found_by(run.id)
    assert ended is not None
    answering = store.seconds + pos.seconds
    return {
        "own_seconds": round(seconds - answering, 2),
        "cpu_seconds": round(used, 2),
        "answering_seconds": round(answering, 2),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "writes": store.writes + pos.writes,
        "found": len(found),
        "compared": ended.facts.get("looked"),
        "calls": store.calls + pos.calls,
        "skus": skus,
        "state": ended.state,
    }
