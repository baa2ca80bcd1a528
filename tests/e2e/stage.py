"""A real shop, a till and the daemon between them, paired as an owner pairs them, with the same goods on both sides."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e import calls, servers
from tests.e2e.command_line import CommandLine
from tests.e2e.neighbours import RealTill
from tests.e2e.paired_daemon import PairedDaemon
from tests.e2e.wordpress import RealShop

PATIENCE = 75.0
"""Seconds: more than the minute after which the daemon asks the shop for what it was not told."""

SHELF = 100
NONE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the daemon's journal about the shop: something was born there."""

    sku: str
    amount: str
    cause: str
    document: str


class Stage:
    """Everything that a flow plays with; made by `set_up`."""

    def __init__(self, shop: RealShop, till: RealTill, daemon: PairedDaemon, goods: Mapping[str, int]) -> None:
        self.shop = shop
        self.till = till
        self.daemon = daemon
        self.wp = CommandLine(shop)
        self.products = dict(goods)
        self.items = {sku: till.add_item(sku, SHELF) for sku in goods}

    @property
    def books(self) -> Path:
        return self.shop.folder / "daemon" / "bridge.sqlite3"

    def pair(self) -> None:
        """Bring the shop the code, and wait until everything is linked."""
        said = self.wp("connect", self.daemon.first_code)
        if said.status != 0:
            raise RuntimeError(f"wp tillbridge connect: {said.status} {said.out[-1500:]} {said.err[-500:]}")
        servers.wait_until(lambda: self.status()["links"] == len(self.products), "everything is linked", PATIENCE, 0.05)

    def status(self) -> dict[str, Any]:
        """What the daemon says of itself."""
        return self._ask("GET", "status")

    def sync(self) -> None:
        """Have the daemon look now: nobody here wants to wait for the next minute."""
        self._ask("POST", "sync", {"flow": "all"})

    def secret(self) -> str:
        """What shop and daemon agreed on."""
        kept = json.loads((self.shop.folder / "daemon" / "pairing.json").read_text(encoding="utf-8"))
        return str(kept["secret"])

    def _ask(self, method: str, verb: str, body: object | None = None) -> dict[str, Any]:
        """Ask the daemon with the shop's secret."""
        route = f"/v1/control/{verb}"
        status, found = calls.signed_call(self.daemon.address, self.secret(), method, route, None, body)
        if status != 200:
            raise RuntimeError(f"{route}: {status} {found}")
        result: dict[str, Any] = found
        return result

    def waiting_in_shop(self) -> int:
        """Rows of the outbox that nobody acknowledged."""
        return int(self.shop.sql("SELECT COUNT(*) FROM wp_tillbridge_outbox WHERE acked_at IS NULL")[0][0])

    def await_rest(self, what: str) -> None:
        """Until the shop has told everything and the daemon has nothing left to do."""
        servers.wait_until(lambda: self.waiting_in_shop() == 0, f"{what}: everything is told", PATIENCE, 0.02)
        servers.wait_until(lambda: bool(self.status()["in_step"]), f"{what}: nothing is left to do", PATIENCE, 0.02)

    def await_level(self, sku: str, level: float) -> None:
        """Until the shop shows it; where it does not come, the checks say what is wrong."""
        with suppress(TimeoutError):
            product = self.products[sku]
            servers.wait_until(lambda: self.shop.level(product) == level, f"{sku} at {level:g}", PATIENCE, 0.02)

    def born(self, after: int = 0) -> list[Entry]:
        """What the daemon's journal says was born in the shop, after the entry of that number. Each is named as the
        flow names the product, which the owner may have renamed since."""
        with closing(sqlite3.connect(f"file:{self.books}?mode=ro", uri=True, timeout=10)) as books:
            rows = books.execute(
                "SELECT store_ref, sku, amount, cause, document FROM entry JOIN link ON link.id = entry.link"
                " WHERE entry.rowid > ? AND entry.side = 'store' AND entry.kind = 'born' ORDER BY entry.rowid",
                (after,),
            ).fetchall()
        names = {str(product): sku for sku, product in self.products.items()}
        return [Entry(names.get(ref, sku), *of_it) for ref, sku, *of_it in rows]

    def called(self, product: int) -> str:
        """What the daemon calls the link of that product."""
        with closing(sqlite3.connect(f"file:{self.books}?mode=ro", uri=True, timeout=10)) as books:
            return str(books.execute("SELECT sku FROM link WHERE store_ref = ?", (str(product),)).fetchone()[0])

    def last_entry(self) -> int:
        """The number of the newest entry of the journal."""
        with closing(sqlite3.connect(f"file:{self.books}?mode=ro", uri=True, timeout=10)) as books:
            return int(books.execute("SELECT COALESCE(MAX(rowid), 0) FROM entry").fetchone()[0])

    def at_till(self) -> dict[str, float]:
        """By SKU what the till shows."""
        return {sku: self.till.level(item) for sku, item in self.items.items()}

    def in_shop(self) -> dict[str, float]:
        """By SKU what the shop's database holds."""
        return {sku: self.shop.level(product) for sku, product in self.products.items()}

    def till_cursor(self) -> str:
        return str(self.till.call("GET", "/v1/changes")["cursor"])

    def till_changes(self, after: str) -> list[tuple[str, float]]:
        """What moved at the till since that cursor: SKU and amount of each change."""
        skus = {item: sku for sku, item in self.items.items()}
        found = self.till.call("GET", f"/v1/changes?after={after}&limit=1000")
        return [
            (skus[str(line["item_id"])], float(line["delta"]))
            for change in found["changes"]
            for line in change["movements"]
        ]


@contextmanager
def set_up(shop: RealShop, goods: Mapping[str, int], options: Mapping[str, str] = NONE) -> Iterator[Stage]:
    """Till and daemon beside the shop, whose products (by SKU, with ids) lie at the till as well. `options` are the
    daemon's settings besides those of `init`, by section and name."""
    with RealTill(shop.folder) as till:
        daemon = PairedDaemon(shop.folder / "daemon", till)
        daemon.choose(options)
        stage = Stage(shop, till, daemon, goods)
        with daemon:
            stage.pair()
            yield stage
