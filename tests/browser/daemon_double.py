"""A daemon that says what a test wants: the pairing and the control routes of the wire, with real signatures."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tillbridge.core import pairing
from tillbridge.sides import signing

VERSION = "9.8.7"
Answer = tuple[int, Mapping[str, object]]


def status(**changed: object) -> dict[str, object]:
    """How a daemon stands that has nothing to complain about."""
    side = {"reachable": True, "away_seconds": None, "trouble": "", "feed_read_seconds_ago": 1.0}
    well: dict[str, object] = {
        "version": VERSION,
        "in_step": True,
        "links": 12,
        "waiting": 0,
        "parked": 0,
        "dead": 0,
        "under_way": 0,
        "held_out": {},
        "oldest_waiting_seconds": None,
        "paused": [],
        "sides": {"store": side, "pos": side},
    }
    return {**well, **changed}


class DaemonDouble:
    """Listens on a free loopback port while it is used with `with`; `heard` is what it was told to do."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.status = status()
        self.rows: list[dict[str, object]] = []
        self.held_out: list[dict[str, object]] = []
        self.hops: list[dict[str, object]] = [{"name": "signature", "state": "well", "detail": "accepted", "fix": ""}]
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.takes_events = True
        self._key = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_away()

    @property
    def listener(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def go_away(self) -> None:
        """Stop: nobody listens on the port any more."""
        self._server.shutdown()
        self._server.server_close()

    def print_code(self) -> str:
        """A one-time code, as a person reads it."""
        code = pairing.spell_code(secrets.randbits(125), f"127.0.0.1:{self.port}")
        self._key = pairing.key_of(code)
        return code

    def told(self, path: str) -> list[dict[str, Any]]:
        """The bodies with which this was called."""
        return [body for found, body in self.heard if found == path]

    def commands(self) -> list[str]:
        """What it was told to do."""
        return [path for path, _ in self.heard if path not in ("/v1/events", "/v1/control/status")]

    def secret_for(self, target: str) -> str:
        """What a request to this address is signed with, and its answer."""
        return self._key if target.startswith("/v1/pair") else self.secret

    def answer(self, method: str, target: str, headers: Mapping[str, str], raw: bytes) -> Answer:
        """One request."""
        path, query = urlsplit(target).path, parse_qsl(urlsplit(target).query, keep_blank_values=True)
        is_pairing = path.startswith("/v1/pair")
        secret = self.secret_for(target)
        if is_pairing and not secret:
            return 404, {"code": "no_pairing", "message": "no code waits here"}
        expected = signing.sign(
            secret.encode(),
            headers.get(signing.TIMESTAMP, ""),
            headers.get(signing.NONCE, ""),
            method,
            signing.canonical(path, query),
            raw,
        )
        if not hmac.compare_digest(expected, headers.get(signing.SIGNATURE, "")):
            return 401, {"code": "bad_signature", "message": "the signature does not fit"}
        body = json.loads(raw) if raw else {}
        self.heard.append((path, {**body, **dict(query)}))
        return self._pair(path, body) if is_pairing else self._obey(method, path, dict(query), body)

    def _pair(self, path: str, body: dict[str, Any]) -> Answer:
        if path == "/v1/pair/hello":
            return 200, {"daemon": VERSION, "proof": pairing.hello_proof(self._key, body["nonce"], body["site"])}
        proof = pairing.secret_proof(self._key, body["site"], self.secret)
        self._key = ""
        return 200, {"secret": self.secret, "proof": proof}

    def _obey(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Answer:
        if method == "GET" and path == "/v1/control/queue":
            rows = [row for row in self.rows if query["state"] in ("all", row["state"])]
            return 200, {"rows": rows[: int(query["limit"])], "held_out": self.held_out, "total": len(rows)}
        if path == "/v1/events" and not self.takes_events:
            return 503, {"code": "later", "message": "not now"}
        answers: dict[tuple[str, str], Mapping[str, object]] = {
            ("GET", "/v1/control/status"): self.status,
            ("GET", "/v1/control/doctor"): {"well": True, "hops": self.hops},
            ("POST", "/v1/control/sync"): self.status,
            ("POST", "/v1/control/queue/retry"): {"changed": len(self.rows)},
            ("POST", "/v1/control/site"): {"address": body.get("address")},
            ("POST", "/v1/control/disconnect"): {},
            ("POST", "/v1/events"): {"acked": [event["id"] for event in body.get("events", [])]},
        }
        found = answers.get((method, path))
        return (200, found) if found is not None else (404, {"code": "not_found", "message": "no such route"})


def _handler(daemon: DaemonDouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            secret = daemon.secret_for(self.path).encode()
            code, body = daemon.answer(self.command, self.path, dict(self.headers.items()), raw)
            text = json.dumps(body).encode()
            self.send_response(code)
            self.send_header(signing.PROOF, signing.prove(secret, self.headers.get(signing.NONCE, ""), code, text))
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """A test that wants to know looks at `heard`."""

    return Handler
