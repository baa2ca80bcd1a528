"""Speaking to a running daemon's door from the same machine, signed like the shop does."""

from __future__ import annotations

import hmac
import http.client
import json
import socket
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tillbridge.errors import BadAnswer, NotSent, SideTrouble, Unauthorised
from tillbridge.sides.signing import NONCE, PROOF, SIGNATURE, TIMESTAMP, canonical, prove, sign
from tillbridge.web.server import Address, UnixAddress

PATIENCE = 60.0
"""Seconds to wait for an answer: some questions are passed on to both sides."""

HOST = "host"
"""The capability of who asks from the command line of this host."""


class Declined(SideTrouble):
    """The daemon understood and refuses; `code` is its word for why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NotDaemon(BadAnswer):
    """Something answers at the daemon's address, but it is another program."""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def call(
    where: Address,
    secret: bytes,
    wall: Callable[[], datetime],
    nonce: str,
    method: str,
    path: str,
    body: dict[str, object] | None = None,
    query: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The daemon's answer. Raises `NotSent` where none listens, `Unauthorised`, and `Declined` with its own words."""
    raw = b"" if body is None else json.dumps(body).encode()
    timestamp, target = str(int(wall().timestamp())), canonical(path, (query or {}).items())
    headers = {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: sign(secret, timestamp, nonce, method, target, raw)}
    connection = (
        _UnixConnection(where.path, PATIENCE)
        if isinstance(where, UnixAddress)
        else http.client.HTTPConnection(where.host, where.port, timeout=PATIENCE)
    )
    try:
        connection.request(method, target, raw, headers | {"Content-Type": "application/json"})
        response = connection.getresponse()
        text = response.read()
    except OSError as error:
        raise NotSent(f"no daemon answers there: {error}. Is it running?") from error
    except http.client.HTTPException as error:
        raise NotDaemon(f"what listens there is not a Tillbridge daemon ({type(error).__name__})") from error
    finally:
        connection.close()
    answer = _understood(response.status, text)
    proof = response.getheader(PROOF, "").encode()
    if not hmac.compare_digest(prove(secret, nonce, response.status, text).encode(), proof):
        raise NotDaemon("what listens there is not the Tillbridge daemon of this settings file: it proves nothing")
    return answer


def _understood(status: int, text: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except ValueError:
        raise NotDaemon(f"what listens there is not a Tillbridge daemon (HTTP {status})") from None
    if status == 401 and isinstance(answer, dict):
        raise Unauthorised(f"{answer.get('message', 'refused')}: does the daemon run with the same settings file?")
    if not isinstance(answer, dict):
        raise NotDaemon(f"what listens there is not a Tillbridge daemon (HTTP {status})")
    if status >= 400:
        raise Declined(str(answer.get("code", "")), str(answer.get("message", f"HTTP {status}")))
    return answer
