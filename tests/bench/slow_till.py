"""The till with a slow line before it: each answer leaves a fixed time after its request came, however many at once.

`python -m tests.bench.slow_till --port N --database FILE --token-file FILE --seconds 0.1`; `/bench/calls` tells the
steady seconds at which each call to `/v1/adjustments` was answered.
"""

from __future__ import annotations

import argparse
import json
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from waitress import create_server

from tillbridge.till import storage
from tillbridge.till.api import About, Api
from tillbridge.till.book import Book
from tillbridge.till.gate import Gate
from tillbridge.till.page import Page
from tillbridge.till.register import Register
from tillbridge.till.server import Wsgi, create_app

THREADS = 16
"""Twice as many as call at once: nobody waits for anything but the answer."""


class Slow:
    """Answers for the till, but not before `seconds` have passed."""

    def __init__(self, app: Wsgi, seconds: float) -> None:
        self._app = app
        self._seconds = seconds
        self._answered: list[float] = []
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        leaves = time.monotonic() + self._seconds
        if environ["PATH_INFO"] == "/bench/calls":
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(self._answered).encode()]
        parts = list(self._app(environ, start_response))
        time.sleep(max(0.0, leaves - time.monotonic()))
        if environ["PATH_INFO"] == "/v1/adjustments":
            with self._lock:
                self._answered.append(time.monotonic())
        return parts


def main(argv: list[str]) -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.slow_till")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--token-file", type=Path, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    wanted = parser.parse_args(argv)
    connection = storage.open_file(str(wanted.database))
    connection.execute("PRAGMA synchronous = OFF")  # a POS stands on a disk of its own, and hurries nobody at ours
    book = Book(connection, lambda: datetime.now(UTC), lambda: secrets.token_hex(16))
    about = About()
    page = Page(about, Register(book, lambda: secrets.token_hex(16)), Gate(b"bench", lambda: secrets.token_hex(16)))
    app = create_app(Api(book, wanted.token_file.read_text(encoding="utf-8").strip(), about), page)
    signal.signal(signal.SIGTERM, _stop)
    server = create_server(Slow(app, wanted.seconds), host="127.0.0.1", port=wanted.port, threads=THREADS, ident=None)
    print(json.dumps({"address": f"http://127.0.0.1:{server.effective_port}"}), flush=True)
    server.run()


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
