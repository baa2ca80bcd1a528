"""Speaking to a running daemon's door from the same machine, signed like the shop does."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable
from datetime import datetime
from typing import Any

from tillbridge.errors import BadAnswer, NotSent, SideTrouble, Unauthorised
from tillbridge.sides.signing import NONCE, SIGNATURE, TIMESTAMP, sign
from tillbridge.web.server import Address, UnixAddress


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
) -> dict[str, Any]:
    """The daemon's answer. Raises `NotSent` where none listens, `Unauthorised`, and `SideTrouble` with its own
    words."""
    raw = b"" if body is None else json.dumps(body).encode()
    timestamp = str(int(wall().timestamp()))
    headers = {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: sign(secret, timestamp, nonce, method, path, raw)}
    connection = (
        _UnixConnection(where.path, 10.0)
        if isinstance(where, UnixAddress)
        else http.client.HTTPConnection(where.host, where.port, timeout=10.0)
    )
    try:
        connection.request(method, path, raw, headers | {"Content-Type": "application/json"})
        response = connection.getresponse()
        text = response.read()
    except OSError as error:
        raise NotSent(f"no daemon answers there: {error}. Is it running?") from error
    except http.client.HTTPException as error:
        raise NotDaemon(f"what listens there is not a Tillbridge daemon ({type(error).__name__})") from error
    finally:
        connection.close()
    return _understood(response.status, text)


def _understood(status: int, text: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except ValueError:
        raise NotDaemon(f"what listens there is not a Tillbridge daemon (HTTP {status})") from None
    if status == 401:
        raise Unauthorised(f"{answer.get('message', 'refused')}: does the daemon run with the same settings file?")
    if status >= 400 or not isinstance(answer, dict):
        raise SideTrouble(str(answer.get("message", answer)) if isinstance(answer, dict) else f"HTTP {status}")
    return answer
