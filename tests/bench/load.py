"""A load generator of its own process: raw keep-alive sockets, requests made beforehand, one epoll loop.

Reads a pickled `Load` from standard input, writes one JSON object to standard output. It lives apart from the server so
that the two do not share an interpreter lock, and does so little per request that the server is what is measured.
"""

from __future__ import annotations

import json
import pickle
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Load:
    """Requests as they cross the wire, to be sent over `connections` sockets, each waiting for its answer."""

    host: str
    port: int
    connections: int
    warm_up: int
    requests: list[bytes]


@dataclass(slots=True)
class _Tally:
    answered: int = 0
    statuses: dict[str, int] = field(default_factory=dict)


def run(load: Load) -> dict[str, object]:
    """Send everything; the rate counts what follows the first `warm_up` answers."""
    selector = selectors.DefaultSelector()
    waiting = iter(load.requests)
    tally = _Tally()
    buffers: dict[int, bytes] = {}
    for _ in range(load.connections):
        connection = socket.create_connection((load.host, load.port), timeout=10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ, connection)
        buffers[connection.fileno()] = b""
        connection.sendall(next(waiting))
    total = len(load.requests)
    began = time.perf_counter()
    while tally.answered < total:
        ready = selector.select(timeout=30)
        if not ready:
            raise SystemExit("the server did not answer for 30 s")
        for key, _ in ready:
            if _take_answer(key.data, buffers, tally):
                if tally.answered == load.warm_up:
                    began = time.perf_counter()
                following = next(waiting, None)
                if following is not None:
                    key.data.sendall(following)
    seconds = time.perf_counter() - began
    return {"per_second": (total - load.warm_up) / seconds, "statuses": tally.statuses}


def _take_answer(connection: socket.socket, buffers: dict[int, bytes], tally: _Tally) -> bool:
    """Whether a whole answer has arrived (and was counted)."""
    number = connection.fileno()
    data = connection.recv(65536)
    if not data:
        raise SystemExit("the server closed a connection")
    whole = buffers[number] + data
    head, found, body = whole.partition(b"\r\n\r\n")
    if not found or len(body) < _length(head):
        buffers[number] = whole
        return False
    buffers[number] = b""
    status = head[9:12].decode()
    tally.statuses[status] = tally.statuses.get(status, 0) + 1
    tally.answered += 1
    return True


def _length(head: bytes) -> int:
    start = head.index(b"Content-Length: ") + len(b"Content-Length: ")
    end = head.find(b"\r\n", start)
    return int(head[start : end if end >= 0 else len(head)])


if __name__ == "__main__":
    # Named by its module and not __main__, so that the pickle of the parent is understood.
    from tests.bench import load as module

    print(json.dumps(module.run(pickle.load(sys.stdin.buffer))))
