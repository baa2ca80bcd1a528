"""The stage of the demo: the three programs, and what can be done with them."""

from __future__ import annotations

import random
import secrets
import time
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import requests
from woocommerce import API

from tillbridge.app import SystemClock, build_sides, find_shop
from tillbridge.core.stock import ZERO, SideName, spell
from tillbridge.demo.programs import START_WITHIN, free_port, make_secret, private, program
from tillbridge.errors import BridgeError
from tillbridge.ports import Side
from tillbridge.sandbox.seed import shelf
from tillbridge.settings import read
from tillbridge.web import TcpAddress
from tillbridge.web.caller import call

CROSS_WITHIN = 10.0
REST_WITHIN = 30.0
"""Seconds allowed for a sale to cross, and for everything to come to rest at the end."""


class Voice(StrEnum):
    """How the demo speaks: in words as it goes, or in one JSON object at the end."""

    WORDS = "words"
    JSON = "json"


class DemoTrouble(BridgeError):
    """A part of the demo did not start or did not do what it should."""


@dataclass(frozen=True, slots=True)
class Rest:
    """How everything came to rest: do both sides agree, and what is left over anywhere."""

    agree: bool
    left: dict[str, object]

    @property
    def in_step(self) -> bool:
        return self.agree and not self.left


class Stage:
    """The three programs and what the demo does with them."""

    def __init__(self, folder: Path, programs: ExitStack, voice: Voice) -> None:
        self.voice = voice
        self.dice = random.Random()
        self.clock = SystemClock()
        self._token, self._secret = make_secret(folder / "token"), make_secret(folder / "secret")
        make_secret(folder / "hints")
        key = (f"ck_{secrets.token_hex(20)}", f"cs_{secrets.token_hex(20)}")
        private(folder / "rest-key", "\n".join(key))
        self._port = free_port()
        listener = f"http://127.0.0.1:{self._port}"
        arguments = ["--port", "0", "--token-file", str(folder / "token"), "--database", str(folder / "till.sqlite3")]
        self.till = programs.enter_context(program(folder, "tillbridge.till", arguments))["address"]
        arguments = ["--port", "0", "--secret-file", str(folder / "secret"), "--listener", listener, "--site", "demo"]
        arguments += ["--rest-key-file", str(folder / "rest-key"), "--seed-demo"]
        self.shop = programs.enter_context(program(folder, "tillbridge.sandbox", arguments))["address"]
        self._woo = API(url=self.shop, consumer_key=key[0], consumer_secret=key[1], version="wc/v3", timeout=20)
        self._session = requests.Session()
        self._session.trust_env = False
        self.items: dict[str, int] = {}
        self._products: dict[str, int] = {}
        self._fill_till()
        config = folder / "settings.ini"
        config.write_text(
            _SETTINGS.format(folder=folder, port=self._port, shop=self.shop, till=self.till), encoding="utf-8"
        )
        daemon = programs.enter_context(program(folder, "tillbridge", ["run", "--config", str(config)]))
        self.listener, self.daemon_pid = daemon["listener"], int(daemon["pid"])
        settings = read(config, {})
        sides = build_sides(settings, find_shop(settings), self.clock)
        self._sides: dict[SideName, Side] = {side.name: side for side in sides}

    def say(self, line: str) -> None:
        if self.voice is Voice.WORDS:
            print(line, flush=True)

    def tell_where(self) -> None:
        self.say(f"The shop:   {self.shop}/")
        self.say(f"The till:   {self.till}/")
        self.say(f"The bridge: {self.listener}/healthz")
        self.say("Sell something on the pages yourself, and watch the other side. Ctrl-C ends it.\n")

    def _fill_till(self) -> None:
        lines = []
        for one in shelf():
            card = {"sku": one["sku"], "name": one["name"], "price": one["price"]}
            self.items[one["sku"]] = int(self._till("POST", "/v1/items", card)["id"])
            lines.append({"item_id": str(self.items[one["sku"]]), "quantity": one["level"]})
        self._till("POST", "/v1/deliveries", {"key": secrets.token_hex(16), "outlet": "main", "lines": lines})

    def changes_at_the_till(self) -> list[dict[str, Any]]:
        """Everything that moved at the till since it was opened, as its change feed tells it."""
        found: list[dict[str, Any]] = []
        cursor, more = "0", True
        while more:
            page = self._till("GET", f"/v1/changes?limit=1000&after={cursor}", None)
            found += page["changes"]
            cursor, more = page["cursor"], page["more"]
        return found

    def wait_until_linked(self) -> None:
        deadline = self.clock.now() + START_WITHIN
        while not (self._status().get("links") == len(self.items) and self._status().get("in_step")):
            if self.clock.now() > deadline:
                raise DemoTrouble(f"first contact did not happen within {START_WITHIN:g} s: {self._status()}")
            time.sleep(0.1)
        self._products = {row.sku: int(row.ref) for row in self._sides[SideName.STORE].levels()}
        self.say(f"{len(self.items)} products linked by their SKU; nothing was written.\n")
        self.table()

    def _status(self) -> dict[str, Any]:
        where = TcpAddress("127.0.0.1", self._port)
        secret = self._secret.encode()
        return call(where, secret, self.clock.wall, secrets.token_hex(16), "GET", "/v1/control/status")

    def buy(self, sku: str, quantity: int) -> None:
        """An order in the shop, through WooCommerce's own REST API."""
        order = {
            "status": "processing",
            "payment_method": "cod",
            "line_items": [{"product_id": self._products[sku], "quantity": quantity}],
        }
        answer = self._woo.post("orders", order)
        if answer.status_code != 201:
            raise DemoTrouble(f"the shop did not take the order: {answer.status_code} {answer.text[:200]}")

    def ring(self, what: str, sku: str, quantity: int) -> None:
        """A sale or return at the till."""
        lines = [{"item_id": str(self.items[sku]), "quantity": str(quantity)}]
        self._till("POST", f"/v1/{what}", {"key": secrets.token_hex(16), "outlet": "main", "lines": lines})

    def deliver(self, sku: str, quantity: int) -> None:
        self.ring("deliveries", sku, quantity)

    def _till(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = self._session.request(method, self.till + path, json=body, headers=headers, timeout=20)
        if answer.status_code not in (200, 201):
            raise DemoTrouble(f"the till did not take it: {answer.status_code} {answer.text[:200]}")
        found: dict[str, Any] = answer.json()
        return found

    def levels(self) -> dict[str, tuple[Decimal, Decimal]]:
        """By SKU what the shop and what the till shows."""
        found: dict[str, list[Decimal]] = {sku: [ZERO, ZERO] for sku in self.items}
        for place, side in enumerate((SideName.STORE, SideName.POS)):
            for row in self._sides[side].levels():
                if row.sku in found and row.quantity is not None:
                    found[row.sku][place] += row.quantity
        return {sku: (pair[0], pair[1]) for sku, pair in found.items()}

    def level(self, side: SideName, sku: str) -> Decimal:
        return self.levels()[sku][0 if side is SideName.STORE else 1]

    def settle(self, sku: str) -> bool:
        """Wait until both sides show the same for this SKU; whether they do."""
        deadline = self.clock.now() + CROSS_WITHIN
        while self.clock.now() < deadline:
            shop, till = self.levels()[sku]
            if shop == till:
                return True
            time.sleep(0.005)
        return False

    def rest(self, seconds: float) -> None:
        if self.voice is Voice.WORDS:
            time.sleep(seconds)
        else:
            time.sleep(seconds / 10)

    def table(self) -> None:
        self.say(f"  {'SKU':<14}{'shop':>6}{'till':>6}")
        for sku, (shop, till) in self.levels().items():
            self.say(f"  {sku:<14}{spell(shop):>6}{spell(till):>6}{'' if shop == till else '   ≠'}")
        self.say("")

    def come_to_rest(self) -> Rest:
        """Whether both sides agree, and what is left over anywhere: waiting, parked, under way, in the shop's
        outbox."""
        deadline = self.clock.now() + REST_WITHIN
        while True:
            agree = all(shop == till for shop, till in self.levels().values())
            status = self._status()
            names = ("waiting", "parked", "dead", "under_way")
            left = {name: status[name] for name in names if status[name]}
            outbox = self._sides[SideName.STORE].changes_since("").told
            if outbox:
                left["in_the_shops_outbox"] = len(outbox)
            if (agree and not left) or self.clock.now() > deadline:
                return Rest(agree, left)
            time.sleep(0.1)


_SETTINGS = """\
[daemon]
database = sqlite:///{folder}/bridge.sqlite3
[listener]
listen = 127.0.0.1:{port}
max_requests_per_second = 2000
[store]
url = {shop}
site = demo
secret = file:secret
[pos]
url = {till}
token = file:token
webhook_secret = file:hints
[log]
level = warning
"""
