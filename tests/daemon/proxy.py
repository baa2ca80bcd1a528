"""A bad line between daemon and till: it passes requests on, and spoils the answers when told to."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import ClassVar
from urllib.parse import urlsplit

SPOILED = ("/v1/adjustments", "/v1/changes")
"""What a mood spoils: writing, and the feed."""

PATIENCE = 2
"""Seconds that Retry-After asks for."""

TRICKLE_BYTES = 40
TRICKLE_STEP = 0.25
"""An answer of 10 seconds, a byte at a time: no single wait is long."""

GARBAGE = 10 * 1024 * 1024


class Mood(StrEnum):
    """How an answer is spoiled. Where nothing else is said, the till did what it was asked."""

    FAILS = "500 after the effect"
    HTML = "200 with a page of HTML"
    TOO_FAST = "429 with seconds, nothing done"
    TOO_FAST_DATE = "429 with a date, nothing done"
    SILENT = "no answer at all"
    TRICKLE = "a byte now and then"
    TRICKLE_HEAD = "a byte of the headers now and then"
    DEEP = "10 MB of brackets"
    WIDE = "10 MB of numbers"
    RESET = "the connection is reset"
    CUT = "half an answer"


REFUSED_BEFORE = {Mood.TOO_FAST, Mood.TOO_FAST_DATE}


@dataclass(frozen=True, slots=True)
class Passed:
    """A request that came by, and what was done to its answer (None: nothing)."""

    at: float
    method: str
    path: str
    mood: Mood | None


class BadLine:
    """A context manager; `address` is what the daemon takes for the till."""

    def __init__(self, till: str) -> None:
        self.till = urlsplit(till).netloc
        self.passed: list[Passed] = []
        self.hung_up: list[float] = []
        """Seconds after which the daemon hung up on a trickle."""
        self.closing = threading.Event()
        self._left: dict[str, int] = {}
        self._mood = Mood.FAILS
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"line": self}))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> BadLine:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def spoil(self, mood: Mood, writes: int, reads: int) -> None:
        """Spoil that many of the next answers to writes and to looks at the feed."""
        with self._lock:
            self._mood = mood
            self._left = dict(zip(SPOILED, (writes, reads), strict=True))

    @property
    def spoiled(self) -> list[Passed]:
        """The requests whose answers were spoiled."""
        with self._lock:
            return [one for one in self.passed if one.mood is not None]

    @property
    def mended(self) -> bool:
        """Whether everything that was to be spoiled has been."""
        with self._lock:
            return not any(self._left.values())

    def saw(self, method: str, path: str) -> Mood | None:
        """Note a request; what to do to its answer."""
        with self._lock:
            mood = self._mood if self._left.get(path, 0) > 0 else None
            if mood is not None:
                self._left[path] -= 1
            self.passed.append(Passed(time.monotonic(), method, path, mood))
            return mood


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the till."""

    status: int
    body: bytes
    kind: str = "application/json"
    header: tuple[str, str] = ("X-Line", "bad")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    line: ClassVar[BadLine]

    def handle(self) -> None:
        """As the base class does; a daemon that hangs up is what these tests are about."""
        with suppress(ConnectionError, ValueError):
            super().handle()

    def log_message(self, *args: object) -> None:
        """Nothing: `BadLine.passed` is the log."""

    def do_GET(self) -> None:
        self._pass_on()

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 (the base class calls them by these names)

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.line.closing.is_set():  # A connection that was kept open must not outlive the line.
            self._reset()
            return
        mood = self.line.saw(self.command, urlsplit(self.path).path)
        answer = Answer(429, b'{"code": "too_fast", "message": "slow down"}')
        if mood not in REFUSED_BEFORE:
            answer = self._ask_till(body)
        if mood is None:
            self._send(answer)
        else:
            self._SPOIL[mood](self, answer)

    def _ask_till(self, body: bytes) -> Answer:
        headers = {name: text for name, text in self.headers.items() if name.lower() not in ("host", "connection")}
        connection = http.client.HTTPConnection(self.line.till, timeout=30)
        try:
            connection.request(self.command, self.path, body or None, headers)
            response = connection.getresponse()
            return Answer(response.status, response.read())
        finally:
            connection.close()

    def _send(self, answer: Answer) -> None:
        self._head(answer, len(answer.body))
        self.wfile.write(answer.body)

    def _head(self, answer: Answer, length: int) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(length))
        self.send_header(*answer.header)
        self.end_headers()

    def _fail(self, _: Answer) -> None:
        self._send(Answer(500, b'{"code": "internal_error", "message": "something broke"}'))

    def _html(self, _: Answer) -> None:
        self._send(Answer(200, b"<!doctype html><title>Welcome</title><p>Maintenance.", "text/html"))

    def _too_fast(self, answer: Answer) -> None:
        self._send(Answer(answer.status, answer.body, header=("Retry-After", str(PATIENCE))))

    def _too_fast_date(self, answer: Answer) -> None:
        until = datetime.now(UTC) + timedelta(seconds=PATIENCE + 1)
        self._send(Answer(answer.status, answer.body, header=("Retry-After", format_datetime(until, usegmt=True))))

    def _silent(self, _: Answer) -> None:
        self.line.closing.wait(8)
        self._reset()

    def _trickle(self, answer: Answer) -> None:
        self._head(answer, TRICKLE_BYTES)
        self._drip(answer.body.ljust(TRICKLE_BYTES)[:TRICKLE_BYTES])

    def _trickle_head(self, _: Answer) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self._drip(b"X-Patience: " + b"a" * (TRICKLE_BYTES - 12))

    def _drip(self, body: bytes) -> None:
        began = time.monotonic()
        try:
            for at in range(len(body)):
                self.wfile.write(body[at : at + 1])
                if self.line.closing.wait(TRICKLE_STEP):
                    break
        except ConnectionError:
            self.line.hung_up.append(time.monotonic() - began)
            raise
        self.close_connection = True

    def _deep(self, _: Answer) -> None:
        self._send(Answer(200, b"[" * GARBAGE))

    def _wide(self, _: Answer) -> None:
        self._send(Answer(200, json.dumps({"results": [7] * (GARBAGE // 3)}).encode()))

    def _cut(self, answer: Answer) -> None:
        self._head(answer, len(answer.body))
        self.wfile.write(answer.body[: len(answer.body) // 2])
        self.close_connection = True

    def _reset(self, _: Answer | None = None) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    _SPOIL: ClassVar[dict[Mood, Callable[[_Handler, Answer], None]]] = {
        Mood.FAILS: _fail,
        Mood.HTML: _html,
        Mood.TOO_FAST: _too_fast,
        Mood.TOO_FAST_DATE: _too_fast_date,
        Mood.SILENT: _silent,
        Mood.TRICKLE: _trickle,
        Mood.TRICKLE_HEAD: _trickle_head,
        Mood.DEEP: _deep,
        Mood.WIDE: _wide,
        Mood.RESET: _reset,
        Mood.CUT: _cut,
    }
