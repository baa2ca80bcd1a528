"""The wires between the daemon and the two sides, with a person who cuts, delays, repeats and lies at the other end."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

from tillbridge.errors import NoAnswer, NotSent
from tillbridge.sandbox.site import PhpDied
from tillbridge.sides.http import Answer


class Reply(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


Handle = Callable[[str, str, Mapping[str, str], bytes], Reply]

GATEWAY = b'{"code": "blocked_by_gateway", "message": "not from here"}'
HTML = b"<html><body>There has been a critical error on this website.</body></html>"


class Wire:
    """An `Exchange` to a model in process. `between` runs whatever else happens while the request is on its way."""

    def __init__(
        self,
        handle: Handle,
        between: Callable[[], None],
        later: Callable[[float, Callable[[], None]], None],
        met: Counter[str],
    ) -> None:
        self._handle = handle
        self._between = between
        self._later = later
        self._met = met
        self.down = False
        self.blocked = False
        self.blocked_in = HTML
        self.fates: deque[tuple[str, float]] = deque()

    def __call__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self._between()
        if self.down:
            self._met["outage"] += 1
            raise NotSent("the line is down")
        if self.blocked:
            self._met["blocked"] += 1
            return Answer(406, {}, self.blocked_in)
        fate, seconds = self.fates.popleft() if self.fates else ("", 0.0)
        if fate:
            self._met[fate] += 1
        if fate in ("drop", "time-out-before"):
            raise NoAnswer("no answer (the request was lost)")
        if fate == "delay":
            self._later(seconds, lambda: self._arrive(method, target, headers, body))
            raise NoAnswer("no answer yet")
        if fate == "throttled":
            return Answer(429, {"retry-after": f"{seconds:.0f}"}, b'{"code": "too_fast", "message": "slow down"}')
        try:
            reply = self._handle(method, target, headers, body)
        except PhpDied as died:
            raise NoAnswer(f"no answer (the server died: {died})") from None
        if fate == "duplicate":
            self._arrive(method, target, headers, body)
        self._between()
        if fate == "time-out-after":
            raise NoAnswer("no answer (it was lost)")
        if fate == "error-after":
            return Answer(500, {"content-type": "text/html"}, HTML)
        if fate == "lying":
            return Answer(200, {"content-type": "text/html"}, HTML)
        return Answer(reply.status, reply.headers, reply.body)

    def _arrive(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        """A request that was given up, or comes once more, arrives, and nobody hears the answer."""
        with suppress(PhpDied):
            self._handle(method, target, headers, body)
