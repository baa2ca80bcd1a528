"""A shop with the plugin as the contract tests meet it, and a caller that signs as the daemon does, or wrongly."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol

from tillbridge.sides.http import Answer, Exchange
from tillbridge.sides.signing import NONCE, SIGNATURE, TIMESTAMP, canonical, sign

NAMESPACE = "/wc-tillbridge/v1"
Json = dict[str, Any]


class Shim(Protocol):
    """A shop with the plugin, and what people do in it. Levels and quantities are decimal strings."""

    exchange: Exchange
    secret: str
    prefix: str
    door: str
    """The token of the public address for webhooks."""

    def now(self) -> datetime:
        """The time by which requests are signed."""

    def make_product(self, level: str | None) -> int:
        """A new simple product; None: its stock is not managed."""

    def make_variation(self, parent_level: str) -> tuple[int, int]:
        """A new variable product that holds the stock, and a variation of it: their ids."""

    def sell(self, product_id: int, quantity: int) -> int:
        """A paid order of one line, which takes stock at once: its id."""

    def complete(self, order_id: int) -> None:
        """Send the goods: the order is completed."""

    def refund(self, order_id: int, quantity: int, restock: bool) -> None:
        """Give back so many of the order's first line, with the goods or without."""

    def being_a_copy(self) -> AbstractContextManager[object]:
        """While it lasts, this database is at another address than the one at which it was paired."""

    def cancel(self, order_id: int) -> None:
        """Cancel the order."""

    def write_level(self, product_id: int, level: str) -> None:
        """Somebody types a level: an absolute write through WooCommerce."""


class Caller:
    """Signs and sends, and can be told to do it wrongly."""

    def __init__(self, shim: Shim) -> None:
        self.shim = shim

    def headers(
        self, method: str, route: str, query: Mapping[str, str], body: bytes, *, age: int = 0, secret: str = ""
    ) -> dict[str, str]:
        timestamp = str(int((self.shim.now() - timedelta(seconds=age)).timestamp()))
        nonce = secrets.token_hex(16)
        signed = canonical(NAMESPACE + route, query.items())
        return {
            "Content-Type": "application/json",
            TIMESTAMP: timestamp,
            NONCE: nonce,
            SIGNATURE: sign((secret or self.shim.secret).encode(), timestamp, nonce, method, signed, body),
        }

    def send(self, method: str, route: str, query: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        joined = ("&" if "?" in self.shim.prefix else "?") + query if query else ""
        return self.shim.exchange(method, self.shim.prefix + NAMESPACE + route + joined, headers, body)

    def get(self, route: str, **query: object) -> Answer:
        texts = {name: str(value) for name, value in query.items()}
        plain = "&".join(f"{name}={value}" for name, value in texts.items())
        return self.send("GET", route, plain, self.headers("GET", route, texts, b""))

    def post(self, route: str, body: object) -> Answer:
        raw = json.dumps(body).encode()
        return self.send("POST", route, "", self.headers("POST", route, {}, raw), raw)

    def apply(self, *changes: Json, settled: tuple[str, ...] = ()) -> list[Json]:
        answer = self.post("/stock/apply", {"changes": list(changes), "settled": list(settled)})
        assert answer.status == 200, answer.body
        results: list[Json] = answer.json()["results"]
        return results

    def events(self, product_id: int) -> list[Json]:
        """The product's unacknowledged stock events, through all pages."""
        while True:
            page = self.get("/outbox", limit=1000).json()
            stock = [event for event in page["events"] if event["topic"] == "stock.changed"]
            found = [event for event in stock if event["data"]["product_id"] == product_id]
            if not page["more"]:
                return found
            kept = {event["id"] for event in found}
            others = [event["id"] for event in page["events"] if event["id"] not in kept]
            assert others, "more than a page of one product's events"
            self.post("/outbox/ack", {"ids": others})

    def webhooks(self, since: int) -> list[Json]:
        """What came in by the public address after the row `since`."""
        page = self.get("/outbox", limit=1000).json()
        return [event for event in page["events"] if event["topic"] == "pos.webhook" and event["n"] > since]

    def knock(self, token: str, body: bytes, query: str = "", **headers: str) -> Answer:
        """A webhook, as the till's system sends it."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send("POST", f"/pos/{token}", query, named, body)

    def positions(self, **query: object) -> Json:
        answer = self.get("/orders/positions", **query)
        assert answer.status == 200, answer.body
        page: Json = answer.json()
        return page

    def replay(self, product_id: int, after: int = 0, limit: int = 1000) -> list[Json]:
        """The product's stock events after a row, also those that were acknowledged, through all pages."""
        found: list[Json] = []
        following: int | None = after
        while following is not None:
            answer = self.get("/outbox", replay=1, after=following, limit=limit)
            assert answer.status == 200, answer.body
            page = answer.json()
            stock = [event for event in page["events"] if event["topic"] == "stock.changed"]
            found += [event for event in stock if event["data"]["product_id"] == product_id]
            following = page["next"]
        return found

    def taken_keys(self, limit: int = 5000) -> dict[str, Json]:
        """The keys that the shop still keeps, through all pages."""
        found: list[Json] = []
        following: str | None = ""
        while following is not None:
            answer = self.get("/stock/keys", after=following, limit=limit)
            assert answer.status == 200, answer.body
            page = answer.json()
            assert len(page["keys"]) <= limit
            found += page["keys"]
            following = page["next"]
        assert [row["key"] for row in found] == sorted({row["key"] for row in found})
        return {row["key"]: row for row in found}

    def books(self, name: str = "", counter: int = 0) -> tuple[str | None, int | None]:
        """Say how far the daemon's books have come, with a look into the outbox; how far the shop knew them."""
        answer = self.get("/outbox", limit=1, **({"books": name, "books_counter": counter} if name else {}))
        assert answer.status == 200, answer.body
        page = answer.json()
        return page["books"], page["books_counter"]

    def acknowledge(self, product_id: int) -> None:
        self.post("/outbox/ack", {"ids": [event["id"] for event in self.events(product_id)]})

    def level(self, product_id: int) -> Json:
        rows: list[Json] = self.get("/stock/levels", after=product_id - 1, limit=1).json()["levels"]
        assert rows[0]["product_id"] == product_id
        return rows[0]


def key() -> str:
    return secrets.token_hex(16)


def change(product_id: int, delta: str, own_key: str = "") -> Json:
    return {"key": own_key or key(), "product_id": product_id, "delta": delta}
