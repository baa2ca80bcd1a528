"""One connection to the listener: what cannot even be read as a request is refused in JSON, and no one dawdles."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask
from waitress.utilities import BadRequest

from tillbridge.web.answers import code_of, encode
from tillbridge.web.lane import Lane, Ready

REQUEST_SECONDS = 30.0
"""A request that is not complete so long after its first byte is given up, however steadily it trickles in."""

_log = logging.getLogger(__name__)


class JsonErrorTask(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """The answer to what is not HTTP, or too much of it, in the shape that every other mistake has."""

    def execute(self) -> None:
        """Answer and close."""
        error = self.request.error
        # Waitress answers 501 to a transfer encoding it does not know; the mistake is the sender's.
        status, reason = (400, "Bad Request") if error.code == 501 else (error.code, error.reason)
        body = encode({"code": code_of(status), "message": str(error.body)})
        self.status = f"{status} {reason}"
        self.response_headers.extend([("Content-Type", "application/json"), ("Cache-Control", "no-store")])
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class OnePacketTask(WSGITask):  # type: ignore[misc]  # waitress has no types
    """Sends head and body of a small answer in one piece: two would be two packets, and wake the other end twice."""

    wrote_header: bool = False

    def execute(self) -> None:
        """Send the answer that is ready, or ask the application for one."""
        ready: Ready | None = self.channel.ready
        if ready is None:
            super().execute()
            return
        self.channel.ready = None
        self.complete = True
        self.status = f"{ready.status} {HTTPStatus(ready.status).phrase}"
        self.response_headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
        if ready.header[0]:
            self.response_headers.append(ready.header)
        self.content_length = len(ready.body)
        self.write(ready.body)

    def write(self, data: bytes) -> None:
        """As waitress does it, but for the first piece where it is the whole body."""
        if self.wrote_header or not self.complete or self.content_length != len(data) or not self.has_body:
            super().write(data)
            return
        head = self.build_response_header()
        self.wrote_header = True
        self.content_bytes_written = len(data)
        self.channel.write_soon(head + data)


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection as waitress has it, with a bound on the time a request may take to arrive."""

    task_class = OnePacketTask
    error_task_class = JsonErrorTask
    request: Any = None
    ready: Ready | None = None
    _began = 0.0

    def reply(self, ready: Ready) -> None:
        """Answer the first request with what is ready, and go on with the next one."""
        self.ready = ready
        self.service()

    def received(self, data: bytes) -> bool:
        """Take in what arrived. `last_activity` was set by waitress a moment ago and serves as the clock."""
        before = self.request
        try:
            taken = bool(super().received(data))
        except ValueError:
            # A Content-Length of thousands of digits is more than int() reads, which waitress does not expect.
            taken = self._refuse_number()
        if self.request is not before:
            self._began = self.last_activity
        if self.request is not None and self.last_activity - self._began > REQUEST_SECONDS:
            _log.info("gave up a request that was not complete after %.0f s", REQUEST_SECONDS)
            self.will_close = True
        return taken

    def _refuse_number(self) -> bool:
        with self.requests_lock:
            request = self.request or self.parser_class(self.adj)
            request.error = BadRequest("a number in the headers is too long")
            request.completed = True
            self.request = None
            self.requests.append(request)
            if len(self.requests) == 1:
                self.server.add_task(self)
        return True


class Dispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress has no types
    """Sends pushes of events to the lane, and everything else to the threads."""

    def __init__(self, lane: Lane | None, threads: int) -> None:
        super().__init__()
        self._lane = lane
        self.set_thread_count(threads)

    def add_task(self, task: Any) -> None:
        """A connection whose first request is complete."""
        if self._lane is not None and self._lane.takes(task.requests[0]):
            self._lane.add(task)
        else:
            super().add_task(task)
