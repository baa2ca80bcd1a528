"""What each request of a real shop cost, as seen inside it: our side of the must-use plugin `meter.php`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tests.e2e import servers
from tests.e2e.wordpress import RealShop

PLUGIN = Path(__file__).with_name("meter.php")
PATIENCE = 30.0


class Arm(StrEnum):
    """Who takes part in a request."""

    BARE = "bare"
    TILLBRIDGE = "tillbridge"
    WEBHOOKS = "webhooks"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `callbacks_ms` and `own_queries` are the plugin's word, `loading_ms` is measured around it.

    `customer_…` end where the customer can have the answer, `after_…` come after that. `customer_cpu_ms` is PHP's
    processor time, which other programs of a busy machine hardly spoil.
    """

    method: str
    path: str
    callbacks_ms: float
    loading_ms: float
    own_queries: int
    customer_ms: float
    customer_cpu_ms: float
    customer_queries: int
    after_ms: float
    after_queries: int
    peak_mb: float

    @property
    def queries(self) -> int:
        """All of the request's."""
        return self.customer_queries + self.after_queries

    @property
    def own_ms(self) -> float:
        """All time of the plugin while the customer waits."""
        return self.callbacks_ms + self.loading_ms

    @classmethod
    def read(cls, line: dict[str, Any]) -> Request:
        return cls(
            line["method"],
            line["path"],
            line["callbacks_ns"] / 1e6,
            line["loading_ns"] / 1e6,
            line["own_queries"],
            line["customer_ms"],
            line["customer_cpu_ms"],
            line["customer_queries"],
            line["all_ms"] - line["customer_ms"],
            line["all_queries"] - line["customer_queries"],
            line["peak_bytes"] / 2**20,
        )


class Meter:
    """The meter of one shop."""

    def __init__(self, shop: RealShop) -> None:
        self._web = shop.folder / "web"
        self._lines = self._web / "requests.jsonl"
        folder = shop.folder / "site/wp-content/mu-plugins"
        folder.mkdir(exist_ok=True)
        shutil.copy(PLUGIN, folder / PLUGIN.name)

    def choose(self, arm: Arm) -> None:
        """Who takes part from now on."""
        (self._web / "arm").write_text(arm, encoding="utf-8")

    def allow_port(self, port: int) -> None:
        """WooCommerce may deliver its webhooks there."""
        (self._web / "ports").write_text(f"{port}\n", encoding="utf-8")

    def forget(self) -> None:
        """Begin anew."""
        if self._lines.exists():
            self._lines.write_text("", encoding="utf-8")

    def await_request(self, wanted: Callable[[Request], bool], what: str) -> Request:
        """The newest such request since `forget`; it may be written a moment after its answer."""
        return self.await_requests(wanted, 1, what)[-1]

    def await_requests(self, wanted: Callable[[Request], bool], number: int, what: str) -> list[Request]:
        """All such requests since `forget`, once there are so many."""
        servers.wait_until(lambda: sum(map(wanted, self._seen())) >= number, f"{what} was written down", PATIENCE)
        return [one for one in self._seen() if wanted(one)]

    def _seen(self) -> list[Request]:
        if not self._lines.exists():
            return []
        text = self._lines.read_text(encoding="utf-8")
        return [Request.read(json.loads(line)) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def asked(method: str, path: str) -> Callable[[Request], bool]:
    """Whether a request is of this method and its path ends so."""
    return lambda one: one.method == method and one.path.rstrip("/").endswith(path.rstrip("/"))
