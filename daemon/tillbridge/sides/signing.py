"""The signature that shim and daemon put on every request, both ways, and the daemon's proof in its answers (v1).

HMAC-SHA256 over "{timestamp}.{nonce}.{METHOD}.{route?sorted query}.{body}" with the raw bytes of the body. The
*route* is signed and not the URL, so that a shop in a subfolder or without pretty permalinks signs alike.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import quote

TIMESTAMP = "X-Tillbridge-Timestamp"
NONCE = "X-Tillbridge-Nonce"
SIGNATURE = "X-Tillbridge-Signature"
PROOF = "X-Tillbridge-Proof"


def canonical(route: str, query: Iterable[tuple[str, str]]) -> str:
    """`route` with its query sorted by name and value, each percent-encoded as RFC 3986 has it."""
    pairs = sorted(query)
    if not pairs:
        return route
    return route + "?" + "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


def _quoted(text: str) -> str:
    """Most of what is asked are numbers and plain words."""
    return text if text.isascii() and text.isalnum() else quote(text, safe="~")


def sign(secret: bytes, timestamp: str, nonce: str, method: str, target: str, body: bytes) -> str:
    """The value of the signature header: "v1=" and 64 hex digits. `target` is what `canonical` returned."""
    head = f"{timestamp}.{nonce}.{method}.{target}.".encode()
    return "v1=" + hmac.new(secret, head + body, hashlib.sha256).hexdigest()


def prove(secret: bytes, nonce: str, status: int, body: bytes) -> str:
    """The value of the proof header: that this answer, to the request with that nonce, comes from who knows the secret.

    While the daemon is away, any program of the machine may listen on its port, and say that it has stored a sale.
    """
    return "v1=" + hmac.new(secret, f"answer.{nonce}.{status}.".encode() + body, hashlib.sha256).hexdigest()
