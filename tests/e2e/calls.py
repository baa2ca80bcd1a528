"""Signed requests, as shop and daemon make them to each other."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

import requests

from tillbridge.sides import signing


def session() -> requests.Session:
    """A client that heeds no proxy of this machine."""
    made = requests.Session()
    made.trust_env = False
    return made


def signed_call(
    base: str, secret: str, method: str, route: str, query: Mapping[str, str] | None = None, body: object | None = None
) -> tuple[int, Any]:
    """Send it to `base` + `route`; status and JSON of the answer."""
    pairs = sorted((query or {}).items())
    raw = b"" if body is None else json.dumps(body).encode()
    timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
    target = signing.canonical(route, pairs)
    headers = {
        signing.TIMESTAMP: timestamp,
        signing.NONCE: nonce,
        signing.SIGNATURE: signing.sign(secret.encode(), timestamp, nonce, method, target, raw),
    }
    if body is not None:
        headers["Content-Type"] = "application/json"
    with session() as client:
        answer = client.request(method, base + route, params=dict(pairs), data=raw or None, headers=headers, timeout=60)
    return answer.status_code, answer.json()
