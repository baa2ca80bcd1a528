"""The servers that `ingest` measures: `python -m tests.bench.ingest_server listener|empty|huey DATABASE`.

Prints its port, serves until standard input ends, then says what is in its database.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, request

from tests.bench.ingest import SECRET, SITE
from tillbridge.core.stock import SideName
from tillbridge.db.connect import open_database
from tillbridge.db.mailbox import SqlMailbox
from tillbridge.intake import Intake
from tillbridge.web import Keys, Limits, Server, TcpAddress, create_app, lane_of

THREADS = 16
BODY = 1024 * 1024
UNLIMITED = 1e9


class SystemClock:
    """`ports.Clock` as the daemon has it."""

    def __init__(self) -> None:
        self._ahead = time.time() - time.monotonic()

    def now(self) -> float:
        return time.monotonic() + self._ahead

    def wall(self) -> datetime:
        return datetime.now(UTC)


class NoControls:
    """`ports.Controls` of a daemon that does nothing but listen."""

    def status(self) -> dict[str, object]:
        return {}

    def pause(self, flow: str) -> dict[str, object]:
        return {"flow": flow}

    resume = sync = pause

    def hint(self, side: SideName) -> None:
        del side

    def healthy(self) -> tuple[bool, dict[str, object]]:
        return True, {}

    def figures(self) -> dict[str, float]:
        return {}


def main(kind: str, database: str) -> None:
    """Serve one of the three until nobody is interested any more."""
    clock = SystemClock()
    app, close = {"listener": _listener, "empty": _empty, "huey": _huey}[kind](database, clock)
    lane = lane_of(app) if kind == "listener" else None
    server = Server(app, TcpAddress("127.0.0.1", 0), BODY, clock, THREADS, lane)
    server.start()
    print(server.address.rpartition(":")[2], flush=True)
    sys.stdin.read()
    server.stop()
    print(json.dumps({"stored": close()}), flush=True)


def _listener(database: str, clock: SystemClock) -> tuple[Flask, Callable[[], int]]:
    mailbox = SqlMailbox(open_database(f"sqlite:///{database}"), clock, lambda: None, lambda _: None)
    limits = Limits(body=BODY, signed=UNLIMITED, refused=UNLIMITED)
    app = create_app(Intake(mailbox, SITE), NoControls(), Keys(store=(SECRET,)), limits, clock)

    def close() -> int:
        with sqlite3.connect(database) as read:
            (stored,) = read.execute("SELECT count(*) FROM message").fetchone()
        return int(stored)

    return app, close


def _empty(database: str, clock: SystemClock) -> tuple[Flask, Callable[[], int]]:
    del database, clock
    app = Flask("empty", static_folder=None)

    @app.post("/v1/events")
    def read_only() -> str:
        request.get_data()
        return ""

    return app, lambda: 0


def _huey(database: str, clock: SystemClock) -> tuple[Flask, Callable[[], int]]:
    del clock
    from huey import SqliteHuey

    huey: Any = SqliteHuey(filename=database, fsync=True)
    app = Flask("huey", static_folder=None)

    @app.post("/v1/events")
    def enqueue() -> str:
        huey.storage.enqueue(request.get_data())
        return ""

    return app, lambda: int(huey.storage.queue_size())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
