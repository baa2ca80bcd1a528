"""The short way in for the one request that comes all day: events are taken before Flask builds its request and answer.

Measured without a socket, a push of one event costs 29 µs this way and 133 µs by Flask. Nothing is decided differently:
the same guard admits, the same intake stores, the same words say what is wrong, and the route is in Flask's map too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from tillbridge.errors import BridgeError
from tillbridge.intake import Intake
from tillbridge.web.answers import BROKEN, Problem, encode, problem_of
from tillbridge.web.guard import Guard
from tillbridge.web.monitoring import Traffic

EVENTS = "/v1/events"

_REASONS = {
    200: "200 OK",
    400: "400 Bad Request",
    401: "401 Unauthorized",
    403: "403 Forbidden",
    413: "413 Request Entity Too Large",
    429: "429 Too Many Requests",
    500: "500 Internal Server Error",
    503: "503 Service Unavailable",
}
_log = logging.getLogger(__name__)

StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class Express:
    """WSGI middleware: `POST /v1/events` of a known, allowed length is answered here, everything else by `beyond`."""

    def __init__(self, beyond: WsgiApp, guard: Guard, intake: Intake, traffic: Traffic, most_bytes: int) -> None:
        self._beyond = beyond
        self._guard = guard
        self._intake = intake
        self._traffic = traffic
        self._most = most_bytes

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        length = self._length(environ)
        if length is None:
            return self._beyond(environ, start_response)
        try:
            status, body, header = self._take(environ, environ["wsgi.input"].read(length))
        except Exception:
            _log.exception("a push of events failed")
            status, body, header = BROKEN.status, BROKEN.body(), BROKEN.header
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ]
        if header[0]:
            headers.append(header)
        self._traffic.count_request(EVENTS, status)
        start_response(_REASONS[status], headers)
        return [body]

    def _length(self, environ: dict[str, Any]) -> int | None:
        if environ["PATH_INFO"] != EVENTS or environ["REQUEST_METHOD"] != "POST" or environ.get("SCRIPT_NAME"):
            return None
        stated = environ.get("CONTENT_LENGTH", "")
        if not (stated.isascii() and stated.isdecimal() and len(stated) < 12):
            return None
        length = int(stated)
        return length if length <= self._most else None

    def _take(self, environ: dict[str, Any], body: bytes) -> tuple[int, bytes, tuple[str, str]]:
        admitted = self._guard.admit_store(environ, body)
        if isinstance(admitted, Problem):
            return admitted.status, admitted.body(), admitted.header
        try:
            acked = self._intake.receive(body, admitted.nonce, admitted.nonce_until)
        except BridgeError as error:
            problem = problem_of(error)
            return problem.status, problem.body(), problem.header
        self._traffic.count_events(len(acked))
        return 200, encode({"acked": acked}), ("", "")
