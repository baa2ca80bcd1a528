"""WooCommerce's own REST API, wc/v3: through the `woocommerce` client, which knows how a call is signed, and over our
own exchange, which keeps connections alive, bounds every call and may connect elsewhere than the address says.

Over TLS the key goes as Basic authentication; over plain http WooCommerce ignores that, and the client signs with OAuth
1.0a for the address by which the shop calls itself.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from woocommerce import API
from woocommerce.oauth import OAuth

from tillbridge.errors import BadAnswer, CallRefused, NoAnswer, Throttled, Unauthorised
from tillbridge.sides.http import Answer, Exchange, patience
from tillbridge.sides.woocommerce.client import code, words

VERSION = "wc/v3"


class _Signed(OAuth):  # type: ignore[misc]  # the client has no types
    """The client leaves slashes in values as they are, WooCommerce encodes them. With plain permalinks the route is a
    value, and no signature would fit."""

    @staticmethod
    def normalize_parameters(params: Mapping[str, object]) -> dict[str, str]:
        pairs: Mapping[str, str] = OAuth.normalize_parameters(params)
        return {name: value.replace("/", "%252F") for name, value in pairs.items()}


class StandardApi(API):  # type: ignore[misc]  # the client has no types
    """`url` is the shop's as the exchange knows it, `prefix` where its REST routes lie below it. Parameters are flat:
    lists go as text with commas, since the client cannot sign them otherwise."""

    def __init__(
        self, exchange: Exchange, url: str, prefix: str, key: str, secret: str, wall: Callable[[], datetime]
    ) -> None:
        super().__init__(url, key, secret, version=VERSION)
        self._exchange = exchange
        self._prefix = prefix.rstrip("/")
        self._wall = wall

    def read(self, endpoint: str, params: Mapping[str, str] | None = None) -> Any:
        """The JSON of a GET. Raises `SideTrouble`."""
        return self._understood(self.get(endpoint, params=params))

    def find(self, endpoint: str, params: Mapping[str, str], missing: str) -> Any:
        """The same; None where the shop says by that code of its own that there is no such thing."""
        answer = self.get(endpoint, params=params)
        return None if answer.status == 404 and code(answer) == missing else self._understood(answer)

    def change(self, endpoint: str, body: Mapping[str, Any]) -> Any:
        """The JSON of a PUT, which is the same however often it is made. Raises `SideTrouble`."""
        return self._understood(self.put(endpoint, body))

    def make(self, endpoint: str, body: Mapping[str, Any]) -> Any:
        """The JSON of a POST. Raises `SideTrouble`."""
        return self._understood(self.post(endpoint, body))

    def _API__request(  # noqa: N802 (the client's one way out, by the name that it has there)
        self, method: str, endpoint: str, data: object, params: Mapping[str, str] | None = None
    ) -> Answer:
        address = self._address(endpoint, params or {})
        headers = {"Accept": "application/json"}
        if self.is_ssl:
            pair = base64.b64encode(f"{self.consumer_key}:{self.consumer_secret}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        else:
            signed = _Signed(
                address,
                self.consumer_key,
                self.consumer_secret,
                version=VERSION,
                method=method,
                oauth_timestamp=int(self._wall().timestamp()),
            )
            address = signed.get_oauth_url()
        body = b"" if data is None else json.dumps(data, ensure_ascii=False).encode()
        if data is not None:
            headers["Content-Type"] = "application/json;charset=utf-8"
        return self._exchange(method, address.removeprefix(self.url), headers, body)

    def _address(self, endpoint: str, params: Mapping[str, str]) -> str:
        base = f"{self.url}{self._prefix}/{VERSION}/{endpoint}"
        query = urlencode(sorted(params.items()))
        return f"{base}{'&' if '?' in base else '?'}{query}" if query else base

    def _understood(self, answer: Answer) -> Any:
        """The answer's JSON, or the trouble that its status stands for."""
        if answer.status in (200, 201):
            return answer.json()
        said = words(answer)
        if answer.status in (401, 403):
            raise Unauthorised(said)
        if answer.status == 429:
            raise Throttled(said, patience(answer.headers.get("retry-after", ""), self._wall()))
        if answer.status >= 500:
            raise NoAnswer(said)
        raise (CallRefused if 400 <= answer.status < 500 else BadAnswer)(said)
