"""The lane of the one request that comes all day: pushes of events, all that wait taken together, with one commit.

A thread for each push would spend its time waiting for the disk and for the interpreter's lock. Here one thread reads
every push that has arrived, stores them in one transaction, and answers them all; while it waits for the disk the next
ones gather, so the number of commits adapts to the load by itself. What else is asked of the listener has threads of
its own, and Flask; the same guard admits on both ways in, the same intake stores, the same words say what is wrong.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tillbridge.errors import BridgeError
from tillbridge.intake import Intake
from tillbridge.ports import Parcel
from tillbridge.web.answers import BROKEN, Problem, encode, problem_of
from tillbridge.web.guard import Admitted, Guard
from tillbridge.web.monitoring import Traffic

EVENTS = "/v1/events"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer that only has to be sent; `header` goes with it where its name is not empty."""

    status: int
    body: bytes
    header: tuple[str, str] = ("", "")


class Waiting(Protocol):
    """A connection whose first request is complete (waitress' channel)."""

    requests: list[Any]

    def reply(self, ready: Ready) -> None:
        """Answer the first request, and go on with the next one."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """A push that was admitted and read, and may be acknowledged once its parcel is on disk."""

    channel: Waiting
    admitted: Admitted
    acked: list[str]
    parcel: Parcel


class Lane:
    """Takes pushes between `start` and `stop`."""

    def __init__(self, guard: Guard, intake: Intake, traffic: Traffic, most_bytes: int) -> None:
        self._guard = guard
        self._intake = intake
        self._traffic = traffic
        self._most = most_bytes
        self._queue: list[Waiting] = []
        self._condition = threading.Condition()
        self._over = False
        self._thread = threading.Thread(target=self._run, name="lane", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Serve what has arrived, then end."""
        with self._condition:
            self._over = True
            self._condition.notify()
        self._thread.join()

    def takes(self, request: Any) -> bool:
        """Whether a complete request (waitress' parser) belongs here; everything odd about it is left to Flask."""
        stated = request.headers.get("CONTENT_LENGTH", "")
        return (
            request.error is None
            and request.path == EVENTS
            and request.command == "POST"
            and len(stated) < 12
            and stated.isascii()
            and stated.isdecimal()
            and int(stated) <= self._most
        )

    def add(self, channel: Waiting) -> None:
        """The channel's first request has arrived. Never blocks."""
        with self._condition:
            self._queue.append(channel)
            self._condition.notify()

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._queue and not self._over:
                    self._condition.wait()
                channels, self._queue = self._queue, []
            if not channels:
                return
            self.serve(channels)

    def serve(self, channels: Sequence[Waiting]) -> None:
        """Answer every one of them, whatever happens: unanswered is worse than refused."""
        opened: list[_Opened] = []
        for channel in channels:
            try:
                found = self._open(channel)
            except Exception:
                log.exception("a push of events could not be read")
                found = Ready(BROKEN.status, BROKEN.body(), BROKEN.header)
            if isinstance(found, Ready):
                self._send(channel, found)
            else:
                opened.append(found)
        if opened:
            self._store(opened)

    def _open(self, channel: Waiting) -> _Opened | Ready:
        request = channel.requests[0]
        body = request.get_body_stream().read()
        admitted = self._guard.admit_store(_environ(request), body)
        if isinstance(admitted, Problem):
            return Ready(admitted.status, admitted.body(), admitted.header)
        try:
            acked, told, mark = self._intake.open(body)
        except BridgeError as error:
            return _refused(error)
        return _Opened(channel, admitted, acked, Parcel(told, admitted.nonce, admitted.nonce_until, mark))

    def _store(self, opened: Sequence[_Opened]) -> None:
        try:
            self._intake.store([one.parcel for one in opened])
        except BridgeError as error:
            for one in opened:
                self._send(one.channel, _refused(error))
        except Exception:
            log.exception("a commit of %d pushes failed", len(opened))
            self._store_singly(opened)
        else:
            self._acknowledge(opened)

    def _store_singly(self, opened: Sequence[_Opened]) -> None:
        """One of them cannot be stored at all: the others must not suffer for it."""
        for one in opened:
            try:
                self._intake.store([one.parcel])
            except BridgeError as error:
                self._send(one.channel, _refused(error))
            except Exception:
                self._send(one.channel, Ready(BROKEN.status, BROKEN.body(), BROKEN.header))
            else:
                self._acknowledge([one])

    def _acknowledge(self, stored: Sequence[_Opened]) -> None:
        for one in stored:
            self._traffic.count_events(len(one.acked))
            body = encode({"acked": one.acked})
            self._send(one.channel, Ready(200, body, one.admitted.prove(200, body)))

    def _send(self, channel: Waiting, ready: Ready) -> None:
        self._traffic.count_request(EVENTS, ready.status)
        try:
            channel.reply(ready)
        except Exception:
            log.exception("an answer could not be sent")


def _refused(error: BridgeError) -> Ready:
    problem = problem_of(error)
    return Ready(problem.status, problem.body(), problem.header)


def _environ(request: Any) -> dict[str, str]:
    """What the guard looks at, under the names that WSGI gives it."""
    headers = {f"HTTP_{name}": value for name, value in request.headers.items() if name.startswith("X_TILLBRIDGE_")}
    return headers | {"PATH_INFO": request.path, "REQUEST_METHOD": request.command, "QUERY_STRING": request.query}
