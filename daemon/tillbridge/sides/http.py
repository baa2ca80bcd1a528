"""How an adapter speaks HTTP: one seam, so that meaning is tested without sockets and trouble has one vocabulary.

A time-out, a reset or an unreadable body says nothing about the effect, so it is `NoAnswer`; only a connection that was
never made is `NotSent`. Redirects are never followed: they would carry credentials elsewhere and turn POST into GET.
"""

from __future__ import annotations

import io
import json
import math
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from tillbridge.errors import BadAnswer, NoAnswer, NotSent

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes. A side that sends more than this in one page is not answering the question that was asked."""


PATIENCE = 60.0
"""Seconds to wait where a side asks for patience and does not say, or cannot be understood, for how long."""

LONGEST_WAIT = 24 * 3600.0
"""Seconds. Nobody is believed who asks for more: a mistake in one header must not stop a flow for good."""


def patience(retry_after: str, now: datetime) -> float:
    """`Retry-After` in seconds from now; it comes as a number or as an HTTP date. Never raises."""
    given = retry_after.strip()
    try:
        wait = float(given)
    except ValueError:
        try:
            until = parsedate_to_datetime(given)
        except (TypeError, ValueError):
            return PATIENCE
        zoned = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
        wait = (zoned - now).total_seconds()
    return min(max(wait, 0.0), LONGEST_WAIT) if math.isfinite(wait) else PATIENCE


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer. `headers` has lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; raises `BadAnswer` (an HTML error page, a truncated body) without guessing."""
        try:
            return json.loads(self.body)
        except ValueError:
            shown = self.body[:80].decode("utf-8", "replace")
            raise BadAnswer(f"expected JSON, got HTTP {self.status} with {shown!r}") from None


class Exchange(Protocol):
    """One HTTP request and its answer."""

    def __call__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """`target` is path and query. Raises `NotSent` or `NoAnswer`; any status is an answer."""


class HttpExchange:
    """The real thing: one keep-alive session per thread, a total deadline per call.

    `connect_to` is "host:port" where the connection goes instead of to the host that `base_url` names; the host name
    that the server sees, and that its certificate must carry, stays the one of `base_url`.
    """

    def __init__(
        self, base_url: str, connect_to: str | None = None, connect_seconds: float = 3.0, total_seconds: float = 20.0
    ) -> None:
        address = urlsplit(base_url.rstrip("/"))
        self._base = address._replace(netloc=connect_to or address.netloc).geturl()
        self._host = {} if connect_to is None else {"Host": address.netloc}
        self._certificate_of = None if connect_to is None else address.hostname
        self._connect = connect_seconds
        self._total = total_seconds
        self._local = threading.local()

    def __call__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        deadline = time.monotonic() + self._total
        try:
            response = self._session().request(
                method,
                self._base + target,
                headers={**self._host, **headers},
                data=body or None,
                timeout=(self._connect, self._total),
                allow_redirects=False,
                stream=True,
            )
            with response:
                return Answer(response.status_code, _lower(response.headers), self._read(response.raw, deadline))
        except requests.RequestException as error:
            raise _trouble(error) from error
        except (HTTPError, OSError) as error:
            raise NoAnswer(f"the answer broke off: {error}") from error

    def _read(self, raw: Any, deadline: float) -> bytes:
        """The whole body, or `NoAnswer`: a trickle must not hold a worker beyond the deadline, nor fill the memory.

        `read1` gives what has arrived, so that the deadline is looked at after every packet.
        """
        parts: list[bytes] = []
        size = 0
        while part := raw.read1(64 * 1024, decode_content=True):
            size += len(part)
            if size > LARGEST_ANSWER:
                raise NoAnswer(f"the answer is larger than {LARGEST_ANSWER} bytes")
            if time.monotonic() > deadline:
                raise NoAnswer(f"the answer was not complete after {self._total:g} s")
            parts.append(part)
        return b"".join(parts)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            session.mount("http://", _Adapter(None))
            session.mount("https://", _Adapter(self._certificate_of))
            self._local.session = session
        return session


class _Adapter(HTTPAdapter):
    """Never retries by itself. Asks for the certificate of a named host wherever it connects to (None: the URL's)."""

    def __init__(self, host: str | None) -> None:
        self._named = host
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        if self._named is not None:
            kwargs |= {"server_hostname": self._named, "assert_hostname": self._named}
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class _InTime(io.RawIOBase):
    """What arrives at a socket until its time-out has passed once in all: that of the socket itself starts anew with
    every byte, so an answer that trickles would hold a worker for hours."""

    def __init__(self, opened: socket.socket) -> None:
        super().__init__()
        self._socket = opened
        self._raw = opened.makefile("rb", buffering=0)
        seconds = opened.gettimeout()
        self._deadline = None if seconds is None else time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the answer took too long")
            self._socket.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _AnswerInTime(HTTPResponse):
    """Head and body of an answer, read from `_InTime`."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_InTime(sock))


class _Connection(HTTPConnection):
    response_class = _AnswerInTime


class _TlsConnection(HTTPSConnection):
    response_class = _AnswerInTime


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _trouble(error: requests.RequestException) -> NotSent | NoAnswer:
    cause: Any = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    if isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError | ConnectTimeoutError):
        return NotSent(f"cannot connect: {reason}")
    return NoAnswer(f"no answer: {reason or type(error).__name__}")
