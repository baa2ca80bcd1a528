"""A sandbox shop and the side that speaks to it, with a place between them where trouble is made."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tests.sandbox.builders import SECRET, Store
from tillbridge.core.actions import AdjustStock
from tillbridge.sandbox.site import Facts
from tillbridge.sides.http import Answer
from tillbridge.sides.woocommerce.side import StoreSide


class Wire:
    """A shop, and between it and the side a place where trouble happens."""

    def __init__(self, prefix: str = "/wp-json", secret: str = SECRET, facts: Facts | None = None) -> None:
        self.store = Store(facts)
        self.trouble: Callable[[], Answer | None] = lambda: None
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.side = StoreSide(self.exchange, secret, self.store.dice, self.store.time, prefix, site="shop-1")

    def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.calls.append((method, target, json.loads(body) if body else {}))
        return self.trouble() or self.store.exchange(method, target, headers, body)

    def adjust(self, ref: object, delta: int, key: str = "") -> AdjustStock:
        return AdjustStock(key or self.store.dice(), str(ref), "", Decimal(delta), "")


def raises(error: Exception) -> Callable[[], Answer | None]:
    def trouble() -> Answer | None:
        raise error

    return trouble


def answers(status: int, body: object = None, **headers: str) -> Callable[[], Answer | None]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = body if isinstance(body, bytes) else json.dumps(body if body is not None else {}).encode()
    return lambda: Answer(status, names, raw)
