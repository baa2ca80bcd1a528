"""The real server on a real socket: whatever is sent to it is answered or closed, and nothing of it stays."""

from __future__ import annotations

import json
import socket
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.doubles import Listener, event, push, raw_request
from tillbridge.errors import SettingsError
from tillbridge.ports import Parcel
from tillbridge.sides.signing import NONCE, SIGNATURE, TIMESTAMP
from tillbridge.web import Limits, Server, TcpAddress, UnixAddress, is_loopback, lane_of
from tillbridge.web.channel import REQUEST_SECONDS, Channel

BODY = 4096
SECONDS = 10.0
"""How long a test waits on a socket before it calls the server hung."""


class Running:
    """A started server, and the listener behind it."""

    def __init__(self, where: TcpAddress | UnixAddress, threads: int = 4) -> None:
        self.listener = Listener(limits=Limits(body=BODY, signed=1e6, refused=1e6))
        app = self.listener.app()
        self.server = Server(app, where, BODY, self.listener.clock, threads, lane_of(app))
        self.server.start()

    def connect(self) -> socket.socket:
        if self.server.address.startswith("unix:"):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(SECONDS)
            connection.connect(self.server.address.removeprefix("unix:"))
            return connection
        host, _, port = self.server.address.removeprefix("http://").rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS)

    def send(self, data: bytes) -> bytes:
        """Everything that comes back until the server closes, or our half-closed connection is answered."""
        with closing(self.connect()) as connection:
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                return read_all(connection)
            except OSError:
                # The server has closed with our bytes unread, and the reset overtook its answer.
                return b""

    def healthy(self) -> bool:
        return self.send(b"GET /healthz HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200")


def read_all(connection: socket.socket) -> bytes:
    parts: list[bytes] = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def status_of(answer: bytes) -> int:
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.") else 0


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    made = Running(TcpAddress("127.0.0.1", 0))
    yield made
    made.server.stop()


def signed_push(running: Running, body: bytes) -> bytes:
    headers = running.listener.headers("POST", "/v1/events", body) | {"Connection": "close"}
    return raw_request("POST", "/v1/events", headers, body)


def test_events_are_taken_over_a_socket(running: Running) -> None:
    head, _, body = running.send(signed_push(running, push(event("socket")))).partition(b"\r\n\r\n")
    assert status_of(head) == 200
    assert json.loads(body) == {"acked": ["socket"]}
    assert b"\r\nCache-Control: no-store\r\n" in head


def test_no_answer_names_the_server_or_its_version(running: Running) -> None:
    answers = [
        running.send(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"),
        running.send(b"GET /none HTTP/1.1\r\nConnection: close\r\n\r\n"),
        running.send(b"nonsense\r\n\r\n"),
    ]
    for answer in answers:
        assert status_of(answer) in (200, 400, 404)
        for word in (b"server:", b"waitress", b"werkzeug", b"flask", b"python"):
            assert word not in answer.lower()


def test_a_body_in_chunks_is_taken_like_any_other(running: Running) -> None:
    body = push(event("chunked"))
    headers = running.listener.headers("POST", "/v1/events", body)
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = "POST /v1/events HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n" + "\r\n".join(lines)
    chunks = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    assert b'{"acked":["chunked"]}' in running.send(head.encode() + b"\r\n\r\n" + chunks)


def test_a_header_that_comes_twice_is_refused(running: Running) -> None:
    body = push(event("twice"))
    headers = running.listener.headers("POST", "/v1/events", body)
    for name in (TIMESTAMP, NONCE, SIGNATURE):
        twice = raw_request("POST", "/v1/events", headers | {name.lower(): headers[name], "Connection": "close"}, body)
        assert status_of(running.send(twice)) == 401
    assert "store:twice" not in running.listener.mailbox.told


MALFORMED: dict[str, tuple[bytes, set[int]]] = {
    "no request line": (b"\x00\x01\x02\r\n\r\n", {400}),
    "no path": (b"GET\r\n\r\n", {400}),
    "a header without a colon": (b"GET / HTTP/1.1\r\nnonsense\r\n\r\n", {400}),
    "a bare line feed": (b"GET / HTTP/1.1\nHost: t\n\n", {0, 400}),
    "a path of bytes": (b"GET /\xff\xfe%ff%00 HTTP/1.1\r\nConnection: close\r\n\r\n", {400, 404}),
    "a broken host": (b"GET / HTTP/1.1\r\nHost: [::1\r\nConnection: close\r\n\r\n", {400, 404}),
    "a strange host": (b"GET / HTTP/1.1\r\nHost: \xff@a/b?c\r\nConnection: close\r\n\r\n", {400, 404}),
    "a negative length": (b"POST /v1/events HTTP/1.1\r\nContent-Length: -1\r\n\r\n", {400}),
    "a length of words": (b"POST /v1/events HTTP/1.1\r\nContent-Length: ten\r\n\r\n", {400}),
    "two lengths": (b"POST /v1/events HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", {400}),
    "a length of 5000 digits": (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", {400}),
    "a length beyond the limit": (b"POST /v1/events HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", {413}),
    "no length": (b"POST /v1/events HTTP/1.1\r\nConnection: close\r\n\r\n", {401}),
    "headers over the limit": (b"GET / HTTP/1.1\r\nX-A: " + b"a" * (16_384 - 21), {431}),
    "headers without end": (b"GET / HTTP/1.1\r\n" + b"X-A: " + b"a" * 40_000, {0, 431}),
    "many headers": (b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 5000 + b"\r\n", {0, 431}),
    "an unknown encoding": (b"POST /v1/events HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", {400}),
    "chunks of nonsense": (b"POST /v1/events HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", {400}),
    "a huge chunk": (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n" + b"a" * 99_999, {0, 413}),
    "an unknown method": (b"BREW /v1/events HTTP/1.1\r\nConnection: close\r\n\r\n", {405}),
    "an unknown version": (b"GET /healthz HTTP/9.9\r\n\r\n", {200, 400}),
    "a body cut short": (b"POST /v1/events HTTP/1.1\r\nContent-Length: 100\r\n\r\n{", {0}),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_hardly_http_is_refused_and_never_our_fault(running: Running, name: str) -> None:
    sent, allowed = MALFORMED[name]
    answer = running.send(sent)
    assert status_of(answer) in allowed, answer[:200]
    if status_of(answer) >= 400:
        head, _, body = answer.partition(b"\r\n\r\n")
        assert set(json.loads(body)) == {"code", "message"}
        assert b"\r\nCache-Control: no-store" in head
    assert running.healthy()


def test_a_request_that_trickles_in_is_given_up(running: Running) -> None:
    with closing(running.connect()) as connection:
        connection.sendall(b"POST /v1/events HTTP/1.1\r\n")
        # A first answer on another connection shows that the server's loop has come by since.
        assert running.healthy()
        (channel,) = [
            one for one in running.server._waitress.active_channels.values() if isinstance(one, Channel) and one.request
        ]
        channel._began -= REQUEST_SECONDS + 1
        connection.sendall(b"X-Slow: yes\r\n")
        assert connection.recv(100) == b""


FRAGMENTS = st.sampled_from(
    [b"GET ", b"POST ", b"/v1/events", b"/healthz", b" HTTP/1.1", b"\r\n", b"\r\n\r\n", b"Content-Length: ", b"5"]
    + [b"Connection: close", b"Transfer-Encoding: chunked", b"Host: t", b"Expect: 100-continue", b"\x00", b"\xff"]
    + [b"X-Tillbridge-Timestamp: 1", b"X-Tillbridge-Nonce: x", b"X-Tillbridge-Signature: v1=0"]
    + [b"{}", b":", b"?a=%zz&b", b"0\r\n\r\n"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(FRAGMENTS | st.binary(max_size=20), max_size=25).map(b"".join))
def test_any_bytes_are_answered_without_5xx_or_closed(running: Running, data: bytes) -> None:
    answer = running.send(data)
    assert status_of(answer) < 500
    assert b"HTTP/1.1 5" not in answer


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.dictionaries(st.sampled_from([TIMESTAMP, NONCE, SIGNATURE]), st.text(max_size=70)))
def test_well_signed_nonsense_is_refused_with_4xx(running: Running, body: bytes, odd: dict[str, str]) -> None:
    assert status_of(running.send(signed_push(running, body))) == 400
    headers = {name: value.encode("ascii", "replace").decode() for name, value in odd.items()}
    clean = {name: "".join(c for c in value if c.isprintable()) for name, value in headers.items()}
    assert status_of(running.send(raw_request("POST", "/v1/events", clean | {"Connection": "close"}, body))) == 401


def test_after_all_that_no_thread_hangs_and_nothing_has_grown(running: Running) -> None:
    threads = {thread.name for thread in threading.enumerate()}
    before = len(running.listener.mailbox.known), len(running.listener.mailbox.told)
    for sent, _ in MALFORMED.values():
        running.send(sent)
    half_open = [running.connect() for _ in range(50)]
    for connection in half_open:
        connection.sendall(b"POST /v1/events HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
    # Unfinished requests hold connections, never threads: with 4 of those and 50 of these there is an answer still.
    assert running.healthy()
    for connection in half_open:
        connection.close()
    assert running.healthy()
    assert {thread.name for thread in threading.enumerate()} == threads
    assert (len(running.listener.mailbox.known), len(running.listener.mailbox.told)) == before
    assert running.server._waitress.task_dispatcher.active_count <= 4


def test_stopping_finishes_the_request_under_way_and_leaves_nothing_behind() -> None:
    running = Running(TcpAddress("127.0.0.1", 0))
    entered, go_on = threading.Event(), threading.Event()
    mailbox = running.listener.mailbox
    deliver = mailbox.deliver

    def slow(parcels: Sequence[Parcel]) -> None:
        entered.set()
        assert go_on.wait(SECONDS)
        deliver(parcels)

    mailbox.deliver = slow  # type: ignore[method-assign]
    with closing(running.connect()) as connection:
        connection.sendall(signed_push(running, push(event("last"))))
        assert entered.wait(SECONDS)
        stopper = threading.Thread(target=running.server.stop)
        stopper.start()
        go_on.set()
        assert b'{"acked":["last"]}' in read_all(connection)
        stopper.join(SECONDS)
        assert not stopper.is_alive()
    with pytest.raises(ConnectionRefusedError):
        running.connect()


def test_stopping_does_not_wait_for_a_connection_that_is_only_open() -> None:
    running = Running(TcpAddress("127.0.0.1", 0))
    with closing(running.connect()) as connection:
        assert running.healthy()
        running.server.stop()
        assert connection.recv(10) == b""
    running.server.stop()


def test_a_unix_socket_serves_and_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "listener.sock"
    running = Running(UnixAddress(str(path), 0o600))
    assert running.healthy()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    running.server.stop()
    assert not path.exists()


def test_a_socket_left_by_an_earlier_run_is_replaced_but_a_file_is_not(tmp_path: Path) -> None:
    path = tmp_path / "listener.sock"
    with closing(socket.socket(socket.AF_UNIX)) as left:
        left.bind(str(path))
    running = Running(UnixAddress(str(path)))
    assert running.healthy()
    running.server.stop()
    path.write_text("mine")
    with pytest.raises(SettingsError, match="cannot listen on"):
        Running(UnixAddress(str(path)))
    assert path.read_text() == "mine"


def test_an_address_that_is_taken_is_said_in_words() -> None:
    running = Running(TcpAddress("127.0.0.1", 0))
    port = int(running.server.address.rpartition(":")[2])
    with pytest.raises(SettingsError, match=f"listener.listen: cannot listen on 127.0.0.1:{port}"):
        Running(TcpAddress("127.0.0.1", port))
    running.server.stop()


INSIDE = ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LOCALHOST", "::ffff:127.0.0.1"]


@pytest.mark.parametrize("host", INSIDE)
def test_loopback_is_recognised(host: str) -> None:
    assert is_loopback(host)


OUTSIDE = ["", "0.0.0.0", "::", "192.168.1.4", "shop.example", "localhost.example", "127.0.0.1.nip.io"]


@pytest.mark.parametrize("host", OUTSIDE)
def test_what_others_can_reach_is_not_loopback(host: str) -> None:
    assert not is_loopback(host)
