"""Telling one other program that something changed. A hint only: whoever misses it finds everything in the change feed.

The till never waits for it. Hints that arrive while one is under way become a single one with the newest cursor.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, quote, urlsplit

import requests

TIMEOUT = 2.0
"""Seconds to connect, and again to wait for the answer."""

Sender = Callable[[str, Mapping[str, str], bytes], None]
"""Posts a body with headers to an address; whatever it raises is forgotten."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where hints go, and the secret that signs them."""

    url: str
    secret: str


def post(url: str, headers: Mapping[str, str], body: bytes) -> None:
    """Send a hint over the network."""
    with requests.Session() as session:
        session.trust_env = False
        session.post(url, data=body, headers=dict(headers), timeout=TIMEOUT, allow_redirects=False, stream=True).close()


def signed(webhook: Webhook, body: bytes, at: datetime, nonce: str) -> dict[str, str]:
    """The headers that prove that a hint is ours (Tillbridge signature v1)."""
    stamp = str(int(at.timestamp()))
    parts = urlsplit(webhook.url)
    pairs = sorted(parse_qsl(parts.query, keep_blank_values=True))
    query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)
    target = (parts.path or "/") + (f"?{query}" if pairs else "")
    digest = hmac.new(webhook.secret.encode(), f"{stamp}.{nonce}.POST.{target}.".encode() + body, hashlib.sha256)
    return {
        "Content-Type": "application/json",
        "X-Tillbridge-Timestamp": stamp,
        "X-Tillbridge-Nonce": nonce,
        "X-Tillbridge-Signature": f"v1={digest.hexdigest()}",
    }


class Hints:
    """A background thread that sends the newest hint, one at a time."""

    def __init__(self, clock: Callable[[], datetime], new_id: Callable[[], str], sender: Sender = post) -> None:
        self._clock = clock
        self._new_id = new_id
        self._send = sender
        self._news = threading.Condition()
        self._next: tuple[Webhook, int] | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="till-hints", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the hint that is under way; one that waits is forgotten."""
        with self._news:
            self._stopped = True
            self._news.notify()
        self._thread.join(3 * TIMEOUT)

    def tell(self, webhook: Webhook | None, cursor: int) -> None:
        """Something changed. Returns at once."""
        if webhook is None:
            return
        with self._news:
            self._next = (webhook, cursor)
            self._news.notify()

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._stopped or self._next is not None)
                if self._stopped or self._next is None:
                    return
                (webhook, cursor), self._next = self._next, None
            body = json.dumps({"cursor": str(cursor)}).encode()
            try:
                self._send(webhook.url, signed(webhook, body, self._clock(), self._new_id()), body)
            except Exception:  # noqa: BLE001, S112 (a hint that fails is forgotten, whatever the reason: the feed has it all)
                continue
