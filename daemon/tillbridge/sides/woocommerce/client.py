"""Where the shop's plugin is reached and how a call to it is signed; what the answers mean is said in `mapping.py`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from tillbridge.core.marks import Mark
from tillbridge.errors import BadAnswer, CallRefused, NoAnswer, NotSent, Throttled, Unauthorised
from tillbridge.sides.http import Answer, Exchange, patience
from tillbridge.sides.signing import NONCE, SIGNATURE, TIMESTAMP, canonical, sign

NAMESPACE = "/wc-tillbridge/v1"


class ShimClient:
    """The plugin's routes. `prefix` is "/wp-json", or "/?rest_route=" where the shop has plain permalinks."""

    def __init__(
        self,
        exchange: Exchange,
        secret: str,
        new_nonce: Callable[[], str],
        wall: Callable[[], datetime],
        prefix: str = "/wp-json",
    ) -> None:
        self._exchange = exchange
        self._secret = secret.encode()
        self._new_nonce = new_nonce
        self._wall = wall
        self._prefix = prefix.rstrip("/")

    def health(self) -> dict[str, Any]:
        return self._call("GET", "/health", {}, None)

    def outbox(self, limit: int, books: Mark | None) -> dict[str, Any]:
        """What nobody acknowledged yet; with it the shop is told how far our books have come."""
        told = {name: str(value) for name, value in _of_books(books).items()}
        return self._call("GET", "/outbox", {"limit": str(limit), **told}, None)

    def ack(self, ids: list[str], books: Mark | None) -> dict[str, Any]:
        return self._call("POST", "/outbox/ack", {}, {"ids": ids, **_of_books(books)})

    def replay(self, after: int, limit: int) -> dict[str, Any]:
        """Events after that number, also acknowledged ones."""
        return self._call("GET", "/outbox", {"replay": "1", "after": str(after), "limit": str(limit)}, None)

    def keys(self, after: str, limit: int) -> dict[str, Any]:
        return self._call("GET", "/stock/keys", {"after": after, "limit": str(limit)}, None)

    def positions(self, orders: Sequence[str]) -> dict[str, Any]:
        return self._call("GET", "/orders/positions", {"orders": ",".join(orders)}, None)

    def open_positions(self, after: int, limit: int) -> dict[str, Any]:
        return self._call("GET", "/orders/positions", {"open": "1", "after": str(after), "limit": str(limit)}, None)

    def levels(self, after: int, limit: int) -> dict[str, Any]:
        return self._call("GET", "/stock/levels", {"after": str(after), "limit": str(limit)}, None)

    def apply(self, changes: list[dict[str, Any]], settled: list[str]) -> dict[str, Any]:
        return self.make("/stock/apply", {"changes": changes, "settled": settled})

    def make(self, route: str, body: dict[str, Any]) -> dict[str, Any]:
        """Have something done that is done once, by its key."""
        answer = self._send("POST", route, {}, body)
        if 400 <= answer.status < 500 and answer.status != 429 and not code(answer):
            # Not WordPress' words but those of something in between, and some of these cut in on the way back.
            raise NoAnswer(f"something else answered in the shop's place ({words(answer)})")
        return self._read(answer)

    def _call(self, method: str, route: str, query: Mapping[str, str], body: dict[str, Any] | None) -> dict[str, Any]:
        return self._read(self._send(method, route, query, body))

    def _send(self, method: str, route: str, query: Mapping[str, str], body: dict[str, Any] | None) -> Answer:
        raw = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        signed = canonical(NAMESPACE + route, query.items())
        timestamp, nonce = str(int(self._wall().timestamp())), self._new_nonce()
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            TIMESTAMP: timestamp,
            NONCE: nonce,
            SIGNATURE: sign(self._secret, timestamp, nonce, method, signed, raw),
        }
        return self._exchange(method, self._target(signed), headers, raw)

    def _target(self, signed: str) -> str:
        route, _, query = signed.partition("?")
        if "?" not in self._prefix:
            return self._prefix + signed
        return self._prefix + quote(route, safe="/") + (f"&{query}" if query else "")

    def _read(self, answer: Answer) -> dict[str, Any]:
        """The answer's body, or the trouble that its status stands for."""
        if answer.status == 200:
            body = answer.json()
            if not isinstance(body, dict):
                raise BadAnswer("the shop answered with something that is not a JSON object")
            return body
        said = words(answer)
        if answer.status in (401, 403):
            raise Unauthorised(said)
        if answer.status == 404:
            # WordPress without the plugin, or another host: whoever answered knows no such route, so nothing happened.
            raise NotSent(f"the Tillbridge plugin does not answer at this shop ({said})")
        if answer.status == 429:
            raise Throttled(said, patience(answer.headers.get("retry-after", ""), self._wall()))
        if answer.status >= 500:
            raise NoAnswer(said)
        raise (CallRefused if 400 <= answer.status < 500 else BadAnswer)(said)


def _of_books(mark: Mark | None) -> dict[str, str | int]:
    """What the shop is told of our books: nothing as long as they have no name."""
    if mark is None or not mark.incarnation:
        return {}
    return {"books": mark.incarnation, "books_counter": mark.counter}


def code(answer: Answer) -> str:
    """The code with which WordPress names an error; "" where the answer is not WordPress'."""
    return str(_error(answer).get("code") or "")


def _error(answer: Answer) -> dict[str, Any]:
    try:
        body = answer.json()
    except BadAnswer:
        return {}
    return body if isinstance(body, dict) else {}


def words(answer: Answer) -> str:
    """What the shop says went wrong, with its code, for a person."""
    named, message = code(answer), _error(answer).get("message")
    parts = [str(part) for part in (message, f"[{named}]" if named else None) if part]
    return f"HTTP {answer.status}: " + (" ".join(parts) or "no explanation")
