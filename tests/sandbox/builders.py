"""A sandbox shop with a clock that stands still and dice that count, for tests."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from tillbridge.sandbox.records import Product, Row
from tillbridge.sandbox.routes import Routes
from tillbridge.sandbox.shop import Shop
from tillbridge.sandbox.site import Facts
from tillbridge.sandbox.store_auth import Keys
from tillbridge.sides.http import Answer

SECRET = "a secret between two"
DOOR = "d00r" * 8
KEYS = Keys("ck_key", "cs_secret")
HOME = "https://shop.example"


@dataclass
class Time:
    """A clock that is moved by hand."""

    at: datetime = field(default_factory=lambda: datetime(2026, 11, 22, 10, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.at

    def passes(self, **span: float) -> None:
        self.at += timedelta(**span)


class Dice:
    """Ids that count, so that a failing test can be read."""

    def __init__(self) -> None:
        self.thrown = 0

    def __call__(self) -> str:
        self.thrown += 1
        return f"{self.thrown:032x}"


class Store:
    """A shop, its routes, and both as an `Exchange`."""

    def __init__(self, facts: Facts | None = None) -> None:
        self.time = Time()
        self.dice = Dice()
        self.shop = Shop(self.time, self.dice, facts or Facts(site="shop-1", address=HOME, door=DOOR))
        self.routes = Routes(self.shop, SECRET, KEYS, HOME)

    def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        response = self.routes.handle(method, target, headers, body)
        return Answer(response.status, response.headers, response.body)

    def product(self, level: int | None, **fields: Any) -> Product:
        """A product whose own rows are forgotten."""
        made = self.shop.add_product("Cup", level=None if level is None else Decimal(level), **fields)
        self.forget()
        return made

    def forget(self) -> None:
        self.shop.shim.ack([row.id for row in self.shop.shim.page(10_000)[0]])

    def moves(self) -> list[Row]:
        """The stock rows that may travel."""
        return [row for row in self.shop.shim.page(10_000)[0] if row.topic == "stock.changed"]

    def deltas(self) -> list[int]:
        return [int(row.delta or 0) for row in self.moves()]

    def level(self, product: Product) -> int:
        level = self.shop.level(product.id)
        assert level is not None
        return int(level)

    def rest(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """A call to wc/v3 with the key, over https. A text is sent as it is."""
        headers = {"Authorization": "Basic " + base64.b64encode(f"{KEYS.key}:{KEYS.secret}".encode()).decode()}
        raw = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        response = self.routes.handle(method, f"/wp-json/wc/v3/{path}", headers, raw)
        return response.status, json.loads(response.body) if response.body else None


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """A WSGI application on a free port of this computer: its address."""
    server: Any = create_server(app, host="127.0.0.1", port=0, threads=2)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # Only its own thread may close what it waits for; it may do so before we have finished waking it.
        with suppress(OSError):
            server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map, ignore_all=True))
        thread.join(5)
        server.task_dispatcher.shutdown()
