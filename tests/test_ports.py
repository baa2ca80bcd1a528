"""The ports that tests are given."""

from __future__ import annotations

import socket

import pytest

from tests.ports import free_port


def listening(port: int) -> socket.socket:
    """A server there, as ours are made."""
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen()
    return server


def test_no_port_is_given_twice() -> None:
    given = [free_port() for _ in range(200)]
    assert len(set(given)) == len(given)


def test_nobody_answers_at_a_port_until_its_server_listens_and_none_after_it_ended() -> None:
    port = free_port()
    for _ in range(2):
        with socket.socket() as caller:
            assert caller.connect_ex(("127.0.0.1", port)) != 0
        with listening(port), socket.create_connection(("127.0.0.1", port), 5):
            pass


def test_a_program_that_takes_any_port_never_gets_one_that_was_given() -> None:
    port = free_port()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
