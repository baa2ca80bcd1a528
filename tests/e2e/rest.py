"""wc/v3 as a program of the owner's uses it: another one than the daemon, with a key of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from woocommerce import API

from tests.e2e.wordpress import RealShop

ADD_KEY = """
global $wpdb;
$row = array( 'user_id' => 1, 'description' => 'owner', 'permissions' => 'read_write',
	'consumer_key' => wc_api_hash( '%s' ), 'consumer_secret' => '%s', 'truncated_key' => '0000000' );
echo $wpdb->insert( $wpdb->prefix . 'woocommerce_api_keys', $row );
"""


KEY, SECRET = "ck_" + "1" * 40, "cs_" + "2" * 40


class OwnersApi:
    """Orders, refunds and products over REST."""

    def __init__(self, shop: RealShop) -> None:
        shop.wp("eval", ADD_KEY % (KEY, SECRET))
        self._api = API(shop.url, KEY, SECRET, version="wc/v3", timeout=60)

    def call(self, method: str, route: str, body: object = None) -> Any:
        """The answer's JSON; raises where it is refused."""
        path, _, query = route.partition("?")
        asked = {"params": dict(parse_qsl(query))} if query else {}
        answer = self._api.get(path, **asked) if method == "GET" else getattr(self._api, method.lower())(route, body)
        if answer.status_code not in (200, 201):
            raise RuntimeError(f"wc/v3 {method} {route}: {answer.status_code} {answer.text[:300]}")
        return answer.json()

    def order(self, lines: Sequence[Mapping[str, int]], status: str = "processing") -> dict[str, Any]:
        """An order with these lines: product_id (and variation_id), quantity."""
        found: dict[str, Any] = self.call("POST", "orders", {"status": status, "line_items": list(lines)})
        return found

    def set_status(self, order_id: int, status: str) -> None:
        self.call("PUT", f"orders/{order_id}", {"status": status})

    def refund(self, order: Mapping[str, Any], quantity: int, *, restock: bool) -> int:
        """Give money back for so many of the first line."""
        line = {"id": order["line_items"][0]["id"], "quantity": quantity, "refund_total": 1.0}
        body = {"amount": "1.00", "api_refund": False, "api_restock": restock, "line_items": [line]}
        return int(self.call("POST", f"orders/{order['id']}/refunds", body)["id"])

    def delete(self, route: str, *, force: bool) -> None:
        answer = self._api.delete(route, params={"force": json.dumps(force)})
        if answer.status_code != 200:
            raise RuntimeError(f"wc/v3 DELETE {route}: {answer.status_code} {answer.text[:300]}")
