"""Ports of this machine for the programs that the tests start, also where several tests run at the same time."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses, and that nobody else is given before this process ends.

    It stays bound here, and nobody listens on it: so the system gives it to no other program, while a server that asks
    for `SO_REUSEADDR`, as all of ours do, can listen on it, end, and listen on it again.
    """
    with socket.socket() as keeper:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind(("127.0.0.1", 0))
        port: int = keeper.getsockname()[1]
        keeper.detach()
    return port
