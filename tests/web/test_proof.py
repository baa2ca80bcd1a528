"""The daemon proves its answers, and the command line believes nobody else on its port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.web.doubles import OLD_SECRET, STORE_SECRET, Listener, event, push
from tillbridge.sides import signing
from tillbridge.web import TcpAddress
from tillbridge.web.caller import NotDaemon, call

SECRET, NONCE = b"secret", "0" * 32


@contextmanager
def answering(proof: str) -> Iterator[TcpAddress]:
    """Somebody listens and says that all is well."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header(signing.PROOF, proof)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield TcpAddress("127.0.0.1", server.server_port)
    server.shutdown()
    server.server_close()


def ask(where: TcpAddress) -> object:
    return call(where, SECRET, lambda: datetime.now(UTC), NONCE, "GET", "/v1/control/status")


@pytest.mark.parametrize("secret", [STORE_SECRET, OLD_SECRET])
@pytest.mark.parametrize("body", [push(event("a")), b"nonsense"])
def test_the_answer_to_a_signed_request_is_proven_with_its_secret_and_nonce(secret: bytes, body: bytes) -> None:
    listener = Listener()
    headers = listener.headers("POST", "/v1/events", body, secret)
    answer = listener.app().test_client().post("/v1/events", data=body, headers=headers)
    expected = signing.prove(secret, headers[signing.NONCE], answer.status_code, answer.data)
    assert answer.headers[signing.PROOF] == expected


def test_a_refusal_proves_nothing_to_a_stranger() -> None:
    listener = Listener()
    body = push(event("a"))
    headers = listener.headers("POST", "/v1/events", body, b"guessed")
    answer = listener.app().test_client().post("/v1/events", data=body, headers=headers)
    assert (answer.status_code, answer.headers.get(signing.PROOF)) == (401, None)


def test_who_knows_the_secret_is_believed() -> None:
    with answering(signing.prove(SECRET, NONCE, 200, b"{}")) as where:
        assert ask(where) == {}


@pytest.mark.parametrize(
    "proof",
    ["", "v1=" + "0" * 64, "\xe9", signing.prove(SECRET, "1" * 32, 200, b"{}"), signing.prove(b"", NONCE, 200, b"{}")],
)
def test_who_does_not_or_repeats_an_older_answer_is_not(proof: str) -> None:
    with answering(proof) as where, pytest.raises(NotDaemon, match="proves nothing"):
        ask(where)
