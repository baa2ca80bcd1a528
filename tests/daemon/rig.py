"""Till, shop and daemon wired together on this machine, and a person who sells on both sides and keeps count."""

from __future__ import annotations

import json
import secrets
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

import requests
from woocommerce import API

from tests.daemon.programs import Program, Waited, environment, wait_until
from tests.ports import free_port
from tillbridge.sides import signing
from tillbridge.sides.http import HttpExchange
from tillbridge.sides.till.side import TillSide
from tillbridge.sides.woocommerce.side import StoreSide

OPENING = 1000
"""What lies on each shelf at the start, on both sides."""

SITE = "rig"

Place = tuple[str, str]
"""Section and key of a setting."""


def _token() -> str:
    return secrets.token_hex(24)


def _known(level: Decimal | None) -> Decimal:
    return Decimal("NaN") if level is None else level


@dataclass(frozen=True, slots=True)
class Keys:
    """Every secret of the rig."""

    store: str = field(default_factory=_token)
    till: str = field(default_factory=_token)
    hints: str = field(default_factory=_token)
    metrics: str = field(default_factory=_token)
    rest_key: str = field(default_factory=lambda: f"ck_{secrets.token_hex(20)}")
    rest_secret: str = field(default_factory=lambda: f"cs_{secrets.token_hex(20)}")


class Rig:
    """A context manager. Till and shop run from its beginning to its end; daemons come and go.

    `expected` is what must lie on the shelves when everything came to rest: the openings minus all sales.
    """

    def __init__(
        self, folder: Path, goods: Sequence[str] = ("CUP", "PLATE"), keys: Keys | None = None, told: str = ""
    ) -> None:
        """`told` is where the shop believes the daemon to listen; nothing: where it does."""
        self.folder = folder
        self.keys = keys or Keys()
        self.port, self.shop_port = free_port(), free_port()
        self.listener = f"http://127.0.0.1:{self.port}"
        self.shop_address = f"http://127.0.0.1:{self.shop_port}"
        self.expected: dict[str, Decimal] = {}
        self.running: list[Program] = []
        self.settings: dict[Place, str] = {}
        self._goods = goods
        self._told = told or self.listener
        self._items: dict[str, str] = {}
        self._products: dict[str, int] = {}
        self._books = 0
        self._counting = threading.Lock()

    def __enter__(self) -> Rig:
        for name in ("store", "till", "hints", "metrics"):
            self._private(name, getattr(self.keys, name))
        self._private("rest", f"{self.keys.rest_key}\n{self.keys.rest_secret}")
        self._session = requests.Session()
        self._session.trust_env = False
        self._woo = API(
            self.shop_address, self.keys.rest_key, self.keys.rest_secret, wp_api=True, version="wc/v3", timeout=30
        )
        try:
            arguments = ["--port", "0", "--token-file", "till", "--database", "till.sqlite3"]
            self.till = self._program("till-program", "tillbridge.till", arguments)
            self.shop = self.open_shop()
            self.till_address = str(self.till.ready()["address"])
            self.shop.ready()
            self._sides = self._make_sides()
            for sku in self._goods:
                self.stock(sku)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self.new_books()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()
        for program in reversed(self.running):
            program.close()

    def _private(self, name: str, text: str) -> None:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")

    def _program(
        self, name: str, module: str, arguments: Sequence[str], more: Mapping[str, str] | None = None
    ) -> Program:
        program = Program(self.folder, name, module, arguments, more)
        self.running.append(program)
        return program

    def _make_sides(self) -> tuple[StoreSide, TillSide]:
        store = StoreSide(
            HttpExchange(self.shop_address), self.keys.store, lambda: secrets.token_hex(16), self._wall, site=SITE
        )
        return store, TillSide(HttpExchange(self.till_address), self.keys.till, self._wall)

    @staticmethod
    def _wall() -> datetime:
        return datetime.now(UTC)

    # --- the daemon ---------------------------------------------------------------------------------------------------

    def open_shop(self) -> Program:
        """The shop, from its own database, so that it may be closed and opened again."""
        arguments = ["--port", str(self.shop_port), "--secret-file", "store", "--listener", self._told]
        arguments += ["--site", SITE, "--rest-key-file", "rest", "--database", "shop.sqlite3"]
        return self._program("shop-program", "tillbridge.sandbox", arguments)

    def new_books(self) -> Path:
        """From now on daemons work on a database of their own, which does not exist yet."""
        self._books += 1
        self.database = self.folder / f"bridge-{self._books}.sqlite3"
        return self.database

    def config(self, changes: Mapping[Place, str] | None = None) -> Path:
        """The settings file, written anew; `changes` count this time, `self.settings` always."""
        values: dict[Place, str] = {
            ("daemon", "database"): f"sqlite://{self.database}",
            ("listener", "listen"): f"127.0.0.1:{self.port}",
            ("listener", "max_requests_per_second"): "2000",
            ("listener", "metrics_token"): "file:metrics",
            ("store", "url"): self.shop_address,
            ("store", "site"): SITE,
            ("store", "secret"): "file:store",
            ("store", "pull_every"): "5s",
            ("pos", "url"): self.till_address,
            ("pos", "token"): "file:till",
            ("pos", "webhook_secret"): "file:hints",
            ("pos", "poll_every"): "1s",
            **self.settings,
            **(changes or {}),
        }
        lines = []
        for section in sorted({section for section, _ in values}):
            lines.append(f"[{section}]")
            lines += [f"{key} = {text}" for (owner, key), text in values.items() if owner == section]
        path = self.folder / "settings.ini"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def launch(self, changes: Mapping[Place, str] | None = None, more: Mapping[str, str] | None = None) -> Program:
        """A daemon, not waited for; `more` goes into its environment."""
        return self._program("daemon", "tillbridge", ["run", "--config", str(self.config(changes))], more)

    def start(self, changes: Mapping[Place, str] | None = None) -> Program:
        """A daemon that says it is ready."""
        daemon = self.launch(changes)
        daemon.ready()
        return daemon

    def end_daemons(self) -> None:
        """Whatever a test that failed left running must not be in the way of the next."""
        for program in self.running:
            if program.name == "daemon":
                program.close()

    def link(self, changes: Mapping[Place, str] | None = None) -> Program:
        """A daemon that has linked everything on the shelves and came to rest."""
        daemon = self.start(changes)
        wait_until(lambda: self.status().get("links") == len(self.expected), "everything is linked")
        self.await_rest()
        return daemon

    def ask(self, *arguments: str, config: Path | None = None) -> subprocess.CompletedProcess[str]:
        """One `tillbridge` command, as a person would type it."""
        words = [sys.executable, "-m", "tillbridge", *arguments, "--config", str(config or self.config())]
        return subprocess.run(
            words, capture_output=True, text=True, timeout=60, env=environment(), cwd=self.folder, check=False
        )

    def call(self, method: str, path: str, body: bytes = b"", secret: str = "", **headers: str) -> requests.Response:
        """A request to the listener, signed with the store's secret unless with another."""
        stamp, nonce = str(int(self._wall().timestamp())), secrets.token_hex(16)
        signature = signing.sign((secret or self.keys.store).encode(), stamp, nonce, method, path, body)
        signed = {signing.TIMESTAMP: stamp, signing.NONCE: nonce, signing.SIGNATURE: signature}
        return requests.request(
            method, self.listener + path, headers={**signed, "Content-Type": "application/json", **headers},
            data=body, timeout=30,
        )  # fmt: skip

    def push(self, *events: Mapping[str, object]) -> requests.Response:
        """Tell the daemon these events, as the shop's plugin would."""
        told = {"site": SITE, "plugin": "1.0.0", "address": self.shop_address, "counter": 1, "incarnation": "ab"}
        return self.call("POST", "/v1/events", json.dumps({**told, "events": events}).encode())

    def status(self) -> dict[str, Any]:
        """How the daemon says things stand."""
        answer = self.call("GET", "/v1/control/status")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    # --- the two sides ------------------------------------------------------------------------------------------------

    def stock(self, sku: str) -> None:
        """Put a new thing on both shelves."""
        self._products[sku] = self.sell_elsewhere(sku)
        item = self._at_till("POST", "/v1/items", {"sku": sku, "name": f"A {sku.lower()}", "price": "5.00"})
        self._items[sku] = item["id"]
        self._document("deliveries", sku, OPENING)
        self.expected[sku] = Decimal(OPENING)

    def sell_elsewhere(self, sku: str) -> int:
        """A new thing in the shop that the till does not have; its product id."""
        product = {"name": f"A {sku.lower()}", "sku": sku, "regular_price": "5.00", "manage_stock": True}
        answer = self._woo.post("products", {**product, "stock_quantity": OPENING})
        assert answer.status_code == 201, answer.text
        found: int = answer.json()["id"]
        return found

    def buy(self, sku: str, quantity: int = 1) -> None:
        """A customer orders in the shop, over WooCommerce's own REST API."""
        lines = [{"product_id": self._products[sku], "quantity": quantity}]
        answer = self._woo.post("orders", {"status": "processing", "payment_method": "cod", "line_items": lines})
        assert answer.status_code == 201, answer.text
        self._count(sku, quantity)

    def ring(self, sku: str, quantity: int = 1) -> None:
        """A customer pays at the till."""
        self._document("sales", sku, quantity)
        self._count(sku, quantity)

    def _count(self, sku: str, quantity: int) -> None:
        with self._counting:
            self.expected[sku] -= quantity

    def _document(self, what: str, sku: str, quantity: int) -> None:
        lines = [{"item_id": self._items[sku], "quantity": str(quantity)}]
        self._at_till("POST", f"/v1/{what}", {"key": secrets.token_hex(16), "outlet": "main", "lines": lines})

    def _at_till(self, method: str, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.keys.till}"}
        answer = self._session.request(method, self.till_address + path, json=body, headers=headers, timeout=30)
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json()
        return found

    def levels(self) -> dict[str, tuple[Decimal, Decimal]]:
        """By SKU what the shop and what the till really have."""
        shop, till = ({row.sku: row.quantity for row in side.levels()} for side in self._sides)
        return {sku: (_known(shop.get(sku)), _known(till.get(sku))) for sku in self.expected}

    def crossed(self) -> bool:
        """Whether both sides show every sale, each exactly once."""
        return all(pair == (self.expected[sku], self.expected[sku]) for sku, pair in self.levels().items())

    # --- rest ---------------------------------------------------------------------------------------------------------

    def unrest(self) -> str:
        """What is not at rest yet, in words; nothing where all sales are everywhere and nobody has work left."""
        levels = self.levels()
        wrong = [sku for sku, pair in levels.items() if set(pair) != {self.expected[sku]}]
        if wrong:
            shown = (f"{sku} {levels[sku][0]}, {levels[sku][1]} for {self.expected[sku]}" for sku in wrong)
            return f"levels (shop, till): {'; '.join(shown)}"
        status = self.status()
        if not status["in_step"] or status["under_way"]:
            return f"the daemon has work left: {status}"
        outbox = self._sides[0].changes_since("").told
        return f"the shop's outbox holds {len(outbox)} events" if outbox else ""

    def await_rest(self, seconds: float = 90.0) -> None:
        """Wait until every sale crossed exactly once and nothing is left, then compare the daemon's books."""
        left = ["not looked yet"]

        def calm() -> bool:
            left[0] = self.unrest()
            return not left[0]

        try:
            wait_until(calm, "everything came to rest", seconds)
        except Waited as waited:
            raise Waited(f"{waited}: {left[0]}\n{self.running[-1].said()[-3000:]}") from None
        self.check_books()

    def attempts(self) -> int:
        """How many writes the books say were begun and not settled."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as books:
            found: int = books.execute("SELECT COUNT(*) FROM account WHERE attempt_key IS NOT NULL").fetchone()[0]
        return found

    def check_books(self) -> None:
        """The journal explains each account, and each account is what the side really has."""
        real = self.levels()
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as books:
            accounts = books.execute(
                "SELECT sku, side, outlet, link, opening, born, written FROM account"
                " JOIN link ON link.id = account.link"
            ).fetchall()
            entries = books.execute("SELECT link, side, outlet, amount FROM entry").fetchall()
        assert accounts, "nothing is linked"
        for sku, side, outlet, link, *sums in accounts:
            known = sum(map(Decimal, sums))
            explained = sum(Decimal(row[3]) for row in entries if row[:3] == (link, side, outlet))
            assert explained == known, f"{sku} at the {side}: the journal says {explained}, the account {known}"
            assert known == real[sku][0 if side == "store" else 1], f"{sku} at the {side}: the account says {known}"
