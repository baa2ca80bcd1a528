"""The routes that the plugin adds to the make-believe shop, for the daemon only."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from tillbridge.sandbox.documents import Documents
from tillbridge.sandbox.positions import open_positions, positions_of
from tillbridge.sandbox.remembering import Books, retained, taken_keys
from tillbridge.sandbox.rest import PREFIX, Call, RestError, no_route, stamp
from tillbridge.sandbox.shim import Result, Shown
from tillbridge.sandbox.shop import Shop
from tillbridge.sandbox.webhooks import Webhooks
from tillbridge.sandbox.wire import event, quantity

NAMESPACE = "/wc-tillbridge/v1"
DOOR = "/pos/"
MOST_CHANGES = 1000
MOST_ORDERS = 100
KEY = re.compile(r"[0-9a-f]{32}\Z")
LARGEST = Decimal(10) ** 12


class ShimRoutes:
    """Health, outbox, stock, orders, and the door for webhooks."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._shim = shop.shim
        self._routes: dict[tuple[str, str], Callable[[Call], dict[str, Any]]] = {
            ("GET", "/health"): self.health,
            ("GET", "/outbox"): self.outbox,
            ("POST", "/outbox/ack"): self.ack,
            ("POST", "/stock/apply"): self.apply,
            ("GET", "/stock/levels"): self.levels,
            ("GET", "/stock/keys"): self.keys,
            ("GET", "/orders/positions"): self.positions,
        }
        self._documents = Documents(shop)
        self._webhooks = Webhooks(self._shim, shop.site.facts.door, self.refuse_copy)

    def __call__(self, call: Call) -> dict[str, Any]:
        route = self._routes.get((call.method, call.route.removeprefix(NAMESPACE))) or self._documents.route(
            call.method, call.route.removeprefix(NAMESPACE)
        )
        if route is None:
            raise no_route()
        if call.route != NAMESPACE + "/health":
            self.refuse_copy()
        return route(call)

    def webhook(self, call: Call) -> dict[str, Any]:
        """The one route that is open to everybody who knows its address."""
        return self._webhooks(call, call.route.removeprefix(NAMESPACE + DOOR))

    def refuse_copy(self) -> None:
        """A copy of the shop gives nothing and takes nothing."""
        if self._shop.site.is_elsewhere:
            raise RestError(409, "tillbridge_elsewhere", "This database was paired at another address.")

    def health(self, _call: Call) -> dict[str, Any]:
        facts = self._shop.site.facts
        return {
            "plugin": facts.plugin, "wordpress": facts.wordpress, "woocommerce": facts.woocommerce, "php": facts.php,
            "limits": {"memory": "256M", "seconds": 30, "request_body": "8M"}, "fastcgi": True,
            "zone": "+00:00", "hpos": facts.hpos, "multisite": False, "innodb": facts.innodb, "tables": self._tables(),
            "outbox": {"unacked": self._shim.unacked(), "oldest_seconds": self._shim.oldest(), "bytes": 0},
            "time": stamp(self._shop.site.clock()), "address": facts.address, "rest_url": facts.address + PREFIX + "/",
            "elsewhere": self._shop.site.is_elsewhere, "door": bool(facts.door), "site": facts.site, **self._where(),
        }  # fmt: skip

    def _tables(self) -> dict[str, dict[str, object]]:
        state = self._shop.state
        rows = {"outbox": len(state.rows) + len(state.acked), "keys": len(state.keys), "nonces": 0}
        return {name: {"rows": count, "bytes": 0, "engine": "InnoDB"} for name, count in rows.items()}

    def outbox(self, call: Call) -> dict[str, Any]:
        query, limit = dict(call.query), call.number("limit", 500, 1, 1000)
        if "replay" in query:
            return self._replay(call, limit)
        books = Books.told(query.get("books"), query.get("books_counter"))
        rows, more = self._shim.page(limit)
        before = books.known(self._shop.state)
        books.keep(self._shop.state)
        return {"events": [event(row) for row in rows], "more": more, **before, **self._where()}

    def _replay(self, call: Call, limit: int) -> dict[str, Any]:
        after = call.number("after", 0, 0)
        if call.text("replay") != "1":
            raise _bad("replay", "1")
        rows, following = retained(self._shop.state, after, limit)
        return {"events": [event(row) for row in rows], "next": following, **self._where()}

    def ack(self, call: Call) -> dict[str, Any]:
        body = call.json()
        ids = body.get("ids")
        if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
            raise _bad("ids", "a list of event ids")
        Books.told(body.get("books"), body.get("books_counter")).keep(self._shop.state)
        return {"acked": self._shim.ack(ids)}

    def apply(self, call: Call) -> dict[str, Any]:
        body = call.json()
        changes, settled = body.get("changes"), body.get("settled", [])
        if not isinstance(changes, list):
            raise _bad("changes", "a list of changes")
        if not isinstance(settled, list) or not all(isinstance(one, str) for one in settled):
            raise _bad("settled", "a list of keys")
        if len(changes) > MOST_CHANGES:
            raise RestError(413, "tillbridge_too_many", f"At most {MOST_CHANGES} changes a request.")
        results = [self._one(change) for change in changes]
        self._shim.settled(settled)
        return {"results": [_result(result) for result in results]}

    def levels(self, call: Call) -> dict[str, Any]:
        after, limit = call.number("after", 0, 0), call.number("limit", 1000, 1, 10_000)
        shown, following = self._shim.levels(after, limit)
        return {"levels": [_level(row) for row in shown], "next": following, **self._where()}

    def keys(self, call: Call) -> dict[str, Any]:
        after, limit = call.text("after"), call.number("limit", 1000, 1, 5000)
        if after and not KEY.match(after):
            raise _bad("after", "a key")
        keys, following = taken_keys(self._shop.state, self._shop.site.clock(), after, limit)
        return {"keys": keys, "next": following, **self._where()}

    def positions(self, call: Call) -> dict[str, Any]:
        asked = dict(call.query)
        if asked.keys() & {"order", "orders"} and len(asked.keys() & {"order", "orders", "open"}) == 1:
            ids = [call.number("order", 0, 1)] if "order" in asked else _ids(asked["orders"])
            return {"orders": positions_of(self._shop.state, ids), "next": None, **self._where()}
        if asked.keys() & {"order", "orders"} or asked.get("open") != "1":
            raise _bad("the query", "order=ID, orders=ID,ID,…, or open=1 with after and limit")
        after, limit = call.number("after", 0, 0), call.number("limit", 100, 1, 500)
        orders, following = open_positions(self._shop.state, after, limit)
        return {"orders": orders, "next": following, **self._where()}

    def _one(self, change: object) -> Result:
        if not isinstance(change, dict):
            return Result("", "invalid", message="A change is an object.")
        key = change.get("key")
        if not isinstance(key, str) or not KEY.match(key):
            return Result(key if isinstance(key, str) else "", "invalid", message="A key is 32 hex digits.")
        if change.get("void") is True:
            return self._shim.void(key)
        product_id, delta = change.get("product_id"), _delta(change.get("delta"))
        if isinstance(product_id, bool) or not isinstance(product_id, int) or product_id <= 0:
            return Result(key, "invalid", message="product_id is a positive whole number.")
        if delta is None:
            return Result(key, "invalid", message='delta is a decimal string such as "-2", not zero, 3 places at most.')
        return self._shim.apply(key, product_id, delta)

    def _where(self) -> dict[str, Any]:
        return {"counter": self._shim.counter, "incarnation": self._shim.incarnation}


def _ids(text: str) -> list[int]:
    """The orders that a query names."""
    found = text.split(",")
    if len(found) > MOST_ORDERS or not all(re.fullmatch("[1-9][0-9]{0,17}", one) for one in found):
        raise _bad("orders", f"at most {MOST_ORDERS} ids with commas between them")
    return [int(one) for one in found]


def _delta(value: object) -> Decimal | None:
    if not isinstance(value, str) or not re.match(r"-?\d{1,13}(\.\d{1,3})?\Z", value, re.ASCII):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number and abs(number) <= LARGEST else None


def _result(result: Result) -> dict[str, Any]:
    level = quantity(result.level)
    return {"key": result.key, "status": result.status, "level": level, "message": result.message}


def _level(row: Shown) -> dict[str, Any]:
    product = row.product
    return {
        "product_id": product.id, "parent_id": product.parent_id, "sku": product.sku, "name": product.name,
        "level": quantity(row.level), "managed": row.managed, "backorders": product.backorders,
        "status": product.stock_status, "moving": row.moving,
    }  # fmt: skip


def _bad(name: str, wanted: str) -> RestError:
    return RestError(400, "tillbridge_invalid", f"{name}: expected {wanted}.")
