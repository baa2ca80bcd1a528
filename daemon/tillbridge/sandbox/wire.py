"""What travels between the make-believe shop's plugin and the daemon: events, and the signature on every request.

Written from the description of the wire and not shared with the daemon, so that each checks the other.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from tillbridge.sandbox.records import Row
from tillbridge.sandbox.rest import Call, RestError, stamp
from tillbridge.sandbox.shop import Shop

WINDOW = 300
NONCE_SECONDS = 600


def quantity(value: Decimal | None) -> str | None:
    """A quantity as it is written on the wire: plain, without trailing zeros."""
    if value is None:
        return None
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) if value else "0"


def event(row: Row) -> dict[str, Any]:
    """A row of the outbox as an event."""
    data = row.about
    if row.topic == "stock.changed":
        data = {
            "product_id": row.product_id, "sku": row.sku, "before": quantity(row.before), "delta": quantity(row.delta),
            "path": row.path, "cause": row.cause.wire(),
        }  # fmt: skip
    return {"id": row.id, "n": row.n, "topic": row.topic, "at": stamp(row.at), "origin": "store", "data": data}


def push_body(shop: Shop, rows: Sequence[Row]) -> bytes:
    """The body of POST /v1/events."""
    facts = shop.site.facts
    told = {
        "site": facts.site, "plugin": facts.plugin, "address": facts.address, "counter": shop.shim.counter,
        "incarnation": shop.shim.incarnation, "events": [event(row) for row in rows],
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def canonical(route: str, query: Iterable[tuple[str, str]]) -> str:
    """The route, and its query in one fixed order and spelling."""
    pairs = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(query))
    return f"{route}?{pairs}" if pairs else route


def _quoted(text: str) -> str:
    return text if text.isascii() and text.isalnum() else quote(text, safe="")


def signature(secret: str, timestamp: str, nonce: str, method: str, target: str, body: bytes) -> str:
    signed = b".".join([timestamp.encode(), nonce.encode(), method.encode(), target.encode(), body])
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def signed_headers(secret: str, now: datetime, nonce: str, method: str, target: str, body: bytes) -> dict[str, str]:
    """The headers of a request of ours."""
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "X-Tillbridge-Timestamp": timestamp,
        "X-Tillbridge-Nonce": nonce,
        "X-Tillbridge-Signature": signature(secret, timestamp, nonce, method, target, body),
    }


class Door:
    """Lets in only what the daemon has signed, lately, and not before."""

    def __init__(self, secret: str, clock: Callable[[], datetime]) -> None:
        self._secret = secret
        self._clock = clock
        self._nonces: OrderedDict[str, float] = OrderedDict()

    def check(self, call: Call) -> None:
        """Raises `RestError` 401 for anything that is not from the daemon."""
        timestamp = call.headers.get("x-tillbridge-timestamp", "")
        nonce = call.headers.get("x-tillbridge-nonce", "")
        given = call.headers.get("x-tillbridge-signature", "")
        if not (timestamp and nonce and given):
            raise _denied("tillbridge_unsigned", "This route answers only signed requests.")
        now = self._clock().timestamp()
        number = int(timestamp) if re.fullmatch("[0-9]{1,11}", timestamp) else 0
        if abs(now - number) > WINDOW:
            raise _denied("tillbridge_stale", f"The timestamp is more than {WINDOW} s away from this server's clock.")
        target = canonical(call.route, call.query)
        expected = signature(self._secret, timestamp, nonce, call.method, target, call.body)
        if len(nonce) != 32 or not hmac.compare_digest(expected.encode(), given.encode()):
            raise _denied("tillbridge_bad_signature", "The signature does not fit this request.")
        self._remember(nonce, now)

    def _remember(self, nonce: str, now: float) -> None:
        while self._nonces and next(iter(self._nonces.values())) < now - NONCE_SECONDS:
            self._nonces.popitem(last=False)
        if nonce in self._nonces:
            raise _denied("tillbridge_replayed", "This request was seen before.")
        self._nonces[nonce] = now


def _denied(code: str, message: str) -> RestError:
    return RestError(401, code, message)
