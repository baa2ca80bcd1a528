"""WooCommerce's own REST API as whoever has no Tillbridge uses it, at its best: connections stay open, and a call may
take as long as it takes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.e2e.rest import ADD_KEY
from tests.e2e.wordpress import RealShop
from tillbridge.sides.http import HttpExchange
from tillbridge.sides.woocommerce.standard import StandardApi


class WcV3:
    """With a key of its own."""

    def __init__(self, shop: RealShop) -> None:
        key, secret = "ck_" + secrets.token_hex(20), "cs_" + secrets.token_hex(20)
        shop.wp("eval", ADD_KEY % (key, secret))
        exchange = HttpExchange(shop.url, total_seconds=180)
        self._api = StandardApi(exchange, shop.url, "/wp-json", key, secret, lambda: datetime.now(UTC))

    def get(self, endpoint: str, params: Mapping[str, str]) -> Any:
        """The answer's JSON; raises where it is refused."""
        return self._api.read(endpoint, params)

    def post(self, endpoint: str, body: object) -> Any:
        """The answer's JSON; raises where it is refused."""
        answer = self._api.post(endpoint, body)
        if answer.status not in (200, 201):
            raise RuntimeError(f"wc/v3 POST {endpoint}: {answer.status} {answer.body[:300]!r}")
        return answer.json()
