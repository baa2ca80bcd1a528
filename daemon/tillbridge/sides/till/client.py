"""The addresses of tillbridge-pos/1: asks, and gives back JSON or the kind of trouble. Knows no meaning."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from tillbridge.errors import BadAnswer, NoAnswer, Throttled, Unauthorised
from tillbridge.sides.http import Answer, Exchange, patience


class Declined(BadAnswer):
    """The POS understood and refuses this request as a whole; `code` and `words` are its own."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(f"the POS refuses: {words} (HTTP {status}, {code or 'no code'})")
        self.status = status
        self.code = code
        self.words = words


class TillClient:
    """One method per address."""

    def __init__(self, exchange: Exchange, token: str, wall: Callable[[], datetime]) -> None:
        self._exchange = exchange
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._wall = wall

    def info(self) -> Any:
        return self._ask("GET", "/v1/info")

    def items(self, after: str, limit: int) -> Any:
        return self._ask("GET", f"/v1/items?{_page(after, limit)}")

    def levels(self, after: str, limit: int) -> Any:
        return self._ask("GET", f"/v1/levels?{_page(after, limit)}")

    def changes(self, after: str, limit: int) -> Any:
        return self._ask("GET", f"/v1/changes?{_page(after, limit)}")

    def adjust(self, rows: Sequence[dict[str, str]]) -> Any:
        return self._good(self._write("POST", "/v1/adjustments", {"adjustments": list(rows)}))

    def record(self, target: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Record a document at that address: 201 and the document, or 200 where the key had recorded it before."""
        answer = self._write("POST", target, body)
        return answer.status, self._good(answer)

    def documents(self, query: dict[str, str]) -> Any:
        return self._ask("GET", f"/v1/documents?{urlencode(query)}")

    def document(self, number: str) -> Any:
        return self._ask("GET", f"/v1/documents/{quote(number, safe='')}")

    def customers(self, query: dict[str, str]) -> Any:
        return self._ask("GET", f"/v1/customers?{urlencode(query)}")

    def customer(self, ref: str) -> Any:
        return self._ask("GET", f"/v1/customers/{quote(ref, safe='')}")

    def put_customer(self, body: dict[str, Any], ref: str = "") -> Any:
        """Write a customer down: that one, or with "" a new one."""
        method, target = ("PUT", f"/v1/customers/{quote(ref, safe='')}") if ref else ("POST", "/v1/customers")
        return self._good(self._write(method, target, body))

    def erase_customer(self, ref: str) -> Any:
        return self._good(self._write("DELETE", f"/v1/customers/{quote(ref, safe='')}", None))

    def _write(self, method: str, target: str, body: dict[str, Any] | None) -> Answer:
        """An answer that may be a refusal, and then one of the POS itself."""
        answer = self._send(method, target, body)
        code, words = _refusal(answer)
        if 400 <= answer.status < 500 and answer.status != 429 and not code:
            # Not the POS's own words but those of something in between, and some of these cut in on the way back.
            raise NoAnswer(f"something else answered in the POS's place: {words}")
        return answer

    def key(self, key: str) -> Any:
        return self._ask("GET", f"/v1/keys/{quote(key, safe='')}")

    def set_webhook(self, url: str, secret: str) -> Any:
        return self._ask("PUT", "/v1/webhook", {"url": url, "secret": secret})

    def webhook(self) -> Any:
        return self._ask("GET", "/v1/webhook")

    def remove_webhook(self) -> Any:
        return self._ask("DELETE", "/v1/webhook")

    def _ask(self, method: str, target: str, body: dict[str, Any] | None = None) -> Any:
        """The JSON of a good answer; raises `SideTrouble`, and `Declined` for a refusal of the whole request."""
        return self._good(self._send(method, target, body))

    def _send(self, method: str, target: str, body: dict[str, Any] | None) -> Answer:
        headers = self._headers if body is None else self._headers | {"Content-Type": "application/json"}
        sent = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        return self._exchange(method, target, headers, sent)

    def _good(self, answer: Answer) -> Any:
        if 200 <= answer.status < 300:
            return _json(answer)
        raise self._trouble(answer)

    def _trouble(self, answer: Answer) -> Exception:
        code, words = _refusal(answer)
        match answer.status:
            case 401 | 403:
                return Unauthorised(f"the POS refuses our token: {words}")
            case 429:
                return Throttled(
                    f"the POS asks us to slow down: {words}",
                    patience(answer.headers.get("retry-after", ""), self._wall()),
                )
            case 408:
                return NoAnswer(f"the POS gave up waiting for our request: {words}")
            case status if 400 <= status < 500:
                return Declined(status, code, words)
            case status if status >= 500:
                return NoAnswer(f"the POS is in trouble: {words} (HTTP {status})")
            case status:
                return BadAnswer(f"the POS answered HTTP {status} where a plain answer was expected")


def _page(after: str, limit: int) -> str:
    return f"after={quote(after, safe='')}&limit={limit}"


def _json(answer: Answer) -> Any:
    """The body; nesting that no honest answer has is an answer that we do not know."""
    try:
        return answer.json()
    except RecursionError:
        raise BadAnswer("the POS answered JSON that is nested beyond reason") from None


def _refusal(answer: Answer) -> tuple[str, str]:
    """The code and the sentence of an error answer; its status where it has none that can be read."""
    try:
        body = _json(answer)
    except BadAnswer:
        body = None
    if not isinstance(body, dict):
        return "", f"HTTP {answer.status} without a reason"
    code, words = body.get("code"), body.get("message")
    return str(code or "")[:60], str(words or f"HTTP {answer.status}")[:300]
