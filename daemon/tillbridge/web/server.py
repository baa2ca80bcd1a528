"""The listener's socket: it takes connections, hands requests to a few threads, and closes cutting nobody off."""

from __future__ import annotations

import errno
import logging
import os
import socket
import stat
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from tillbridge.errors import SettingsError
from tillbridge.ports import Clock
from tillbridge.web.channel import Channel, Dispatcher
from tillbridge.web.lane import Lane

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]

BODY_SLACK = 64 * 1024
"""Bodies up to this much over the limit are still read, so that the application can say in JSON what was wrong; beyond
it the connection is closed after the answer."""


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """Host and port; port 0 takes a free one."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """A socket file, and who may use it."""

    path: str
    mode: int = 0o660


Address = TcpAddress | UnixAddress


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`. A name other than `localhost` is not looked up: it does not count."""
    if host.lower() == "localhost":
        return True
    try:
        parsed = ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


class Server:
    """Serves an application between `start` and `stop`."""

    def __init__(
        self, app: WsgiApp, where: Address, body: int, clock: Clock, threads: int = 16, lane: Lane | None = None
    ) -> None:
        """`body` is the application's own limit in bytes; pushes of events go by `lane`. Binds nothing yet."""
        self._app = app
        self._where = where
        self._body = body
        self._clock = clock
        self._threads = threads
        self._lane = lane
        self._map: dict[int, Any] = {}
        self._stopping = threading.Event()
        self._grace_until = 0.0
        self._waitress: Any = None
        self._loop = threading.Thread(target=self._run, name="tillbridge-listener", daemon=True)

    @property
    def address(self) -> str:
        """Where it listens: `http://127.0.0.1:8642`, or `unix:/run/tillbridge/listener.sock`."""
        if isinstance(self._where, UnixAddress):
            return f"unix:{self._where.path}"
        host = f"[{self._where.host}]" if ":" in self._where.host else self._where.host
        return f"http://{host}:{self._where.port}"

    def start(self) -> None:
        """Bind and serve. Raises `SettingsError` where the address cannot be had."""
        listening = _bind(self._where)
        if isinstance(self._where, TcpAddress):
            self._where = TcpAddress(self._where.host, listening.getsockname()[1])
        self._waitress = create_server(
            self._app,
            map=self._map,
            sockets=[listening],
            threads=self._threads,
            _dispatcher=Dispatcher(self._lane, self._threads),
            ident=None,
            max_request_body_size=self._body + BODY_SLACK,
            max_request_header_size=16 * 1024,
            connection_limit=200,
            channel_timeout=60,
            cleanup_interval=15,
            log_socket_errors=False,
            # select() knows no descriptor beyond 1024, and a daemon with many files open gets there.
            asyncore_use_poll=True,
        )
        self._waitress.channel_class = Channel
        # It warns of every request that finds all threads busy, which under load is every request.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        if self._lane is not None:
            self._lane.start()
        self._loop.start()

    def stop(self, grace_seconds: float = 5.0) -> None:
        """Take no more requests, finish those under way for up to `grace_seconds`, then close."""
        if self._waitress is None or self._stopping.is_set():
            return
        self._grace_until = self._clock.now() + grace_seconds
        self._stopping.set()
        self._waitress.pull_trigger()
        self._loop.join()
        if self._lane is not None:
            self._lane.stop()
        self._waitress.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._map, ignore_all=True)
        if isinstance(self._where, UnixAddress):
            _remove_socket(self._where.path)

    def _run(self) -> None:
        while not self._stopping.is_set():
            wasyncore.loop(timeout=1, use_poll=True, map=self._map, count=1)
        wasyncore.dispatcher.close(self._waitress)
        while self._busy() and self._clock.now() < self._grace_until:
            wasyncore.loop(timeout=0.05, use_poll=True, map=self._map, count=1)

    def _busy(self) -> bool:
        channels = list(self._waitress.active_channels.values())
        return any(channel.requests or channel.total_outbufs_len for channel in channels)


def _bind(where: Address) -> socket.socket:
    """A bound socket that does not listen yet. Left to itself, waitress binds each family of a name to a port."""
    try:
        if isinstance(where, UnixAddress):
            return _bind_unix(where)
        family, kind, protocol, _, address = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(address)
        except OSError:
            made.close()
            raise
        return made
    except OSError as error:
        shown = where.path if isinstance(where, UnixAddress) else f"{where.host}:{where.port}"
        raise SettingsError([f"listener.listen: cannot listen on {shown}: {error.strerror or error}"]) from error


def _bind_unix(where: UnixAddress) -> socket.socket:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        if probe.connect_ex(where.path) == 0:
            raise OSError(errno.EADDRINUSE, "another program listens there")
    _remove_socket(where.path)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # The mode must be right from the first moment, and chmod comes a moment late.
    before = os.umask(0o777 & ~where.mode)
    try:
        made.bind(where.path)
    except OSError:
        made.close()
        raise
    finally:
        os.umask(before)
    return made


def _remove_socket(path: str) -> None:
    """Remove what an earlier run left there; a file that is no socket is somebody's, and stays."""
    try:
        if stat.S_ISSOCK(os.stat(path).st_mode):
            os.remove(path)
    except FileNotFoundError:
        return
