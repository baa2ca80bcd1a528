"""The main job in front of your eyes: a till, a shop and the bridge between them, three programs on this machine.

Sells on both sides and waits each time until the other side shows it. Everything lies in a folder of its own that is
removed at the end; nothing leaves the loopback interface.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import requests
from woocommerce import API

from tillbridge.app import SystemClock, build_sides
from tillbridge.core.stock import ZERO, SideName, spell
from tillbridge.errors import BridgeError, NotSent
from tillbridge.ports import Side
from tillbridge.sandbox.seed import shelf
from tillbridge.settings import read
from tillbridge.web import TcpAddress
from tillbridge.web.caller import call

START_WITHIN = 30.0
CROSS_WITHIN = 10.0
REST_WITHIN = 30.0
"""Seconds allowed for a program to start, for a sale to cross, for everything to come to rest at the end."""

PAUSE = 0.7
"""Seconds between two sales, so that a person can follow."""


class Voice(StrEnum):
    """How the demo speaks: in words as it goes, or in one JSON object at the end."""

    WORDS = "words"
    JSON = "json"


class DemoTrouble(BridgeError):
    """A part of the demo did not start or did not do what it should."""


@dataclass(slots=True)
class Story:
    """What happened, for the closing line."""

    sales: dict[str, int] = field(default_factory=lambda: {"shop": 0, "till": 0, "both": 0, "returns": 0})
    crossed_ms: list[float] = field(default_factory=list)
    late: int = 0


def run(seconds: float | None, voice: Voice) -> int:
    """Play the demo for so many seconds (None: until Ctrl-C). 0 only if both sides agree at the end and nothing is
    left."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tillbridge-demo-") as folder, ExitStack() as programs:
        stage = Stage(Path(folder), programs, voice)
        story = Story()
        try:
            stage.tell_where()
            stage.wait_until_linked()
            while seconds is None or time.monotonic() - began < seconds:
                _act(stage, story)
        except KeyboardInterrupt:
            stage.say("\nEnough. Letting everything come to rest …")
        agree, left = stage.come_to_rest()
        _close(stage, story, agree, left, time.monotonic() - began)
        return 0 if agree and not left else 1


def _close(stage: Stage, story: Story, agree: bool, left: dict[str, object], seconds: float) -> None:
    crossed = sorted(story.crossed_ms)
    figures = {
        "seconds": round(seconds, 1),
        "sales": story.sales,
        "crossed_ms_median": round(crossed[len(crossed) // 2], 1) if crossed else None,
        "crossed_ms_worst": round(crossed[-1], 1) if crossed else None,
        "late": story.late,
        "agree": agree,
        "left": left,
        "levels": {sku: [spell(a), spell(b)] for sku, (a, b) in stage.levels().items()},
    }
    if stage.voice is Voice.JSON:
        print(json.dumps({"name": "demo", "holds": agree and not left, "figures": figures}))
        return
    stage.table()
    stage.say(
        f"{sum(story.sales.values())} sales and returns;"
        f" a change crossed in {figures['crossed_ms_median']} ms (median)."
    )
    stage.say(
        "Both sides agree, nothing is left." if agree and not left else f"NOT in step: {left or 'the levels differ'}"
    )


def _act(stage: Stage, story: Story) -> None:
    """One thing happens in the shop, at the till, or at both at once; then watch it cross."""
    dice = stage.dice
    sku = dice.choice(sorted(stage.items))
    quantity = dice.randint(1, 2)
    what = dice.choices(("shop", "till", "both", "returns"), (4, 4, 2, 1))[0]
    if stage.level(SideName.POS, sku) < 6:
        stage.deliver(sku, 12)
        stage.settle(sku)
    before = stage.level(SideName.POS, sku)
    started = time.monotonic()
    if what in ("shop", "both"):
        stage.buy(sku, quantity)
    if what in ("till", "both"):
        stage.ring("sales", sku, 1)
    if what == "returns":
        stage.ring("returns", sku, 1)
    story.sales[what] += 1
    sold = {"shop": quantity, "till": 1, "both": quantity + 1, "returns": -1}[what]
    crossed = stage.settle(sku)
    if crossed:
        story.crossed_ms.append((time.monotonic() - started) * 1000)
    else:
        story.late += 1
    words = {
        "shop": "the shop sells",
        "till": "the till sells",
        "both": "both sell at once,",
        "returns": "the till takes back",
    }
    after = stage.level(SideName.POS, sku)
    stage.say(
        f"{words[what]} {abs(sold)} × {sku}: {spell(before)} → {spell(after)} on both sides"
        f" after {(time.monotonic() - started) * 1000:.0f} ms" if crossed else f"{sku} has not crossed yet"
    )  # fmt: skip
    stage.rest(PAUSE)


class Stage:
    """The three programs and what the demo does with them."""

    def __init__(self, folder: Path, programs: ExitStack, voice: Voice) -> None:
        self.voice = voice
        self.dice = random.Random()
        self._token, self._secret = _secret(folder / "token"), _secret(folder / "secret")
        _secret(folder / "hints")
        key = (f"ck_{secrets.token_hex(20)}", f"cs_{secrets.token_hex(20)}")
        _private(folder / "rest-key", "\n".join(key))
        self._port = _free_port()
        listener = f"http://127.0.0.1:{self._port}"
        arguments = ["--port", "0", "--token-file", str(folder / "token"), "--database", str(folder / "till.sqlite3")]
        self.till = programs.enter_context(_program(folder, "tillbridge.till", arguments))["address"]
        arguments = ["--port", "0", "--secret-file", str(folder / "secret"), "--listener", listener, "--site", "demo"]
        arguments += ["--rest-key-file", str(folder / "rest-key"), "--seed-demo"]
        self.shop = programs.enter_context(_program(folder, "tillbridge.sandbox", arguments))["address"]
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
        daemon = programs.enter_context(_program(folder, "tillbridge", ["run", "--config", str(config)]))
        self.listener, self.daemon_pid = daemon["listener"], int(daemon["pid"])
        self._sides: dict[SideName, Side] = {
            side.name: side for side in build_sides(read(config, os.environ), SystemClock())
        }

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
        deadline = time.monotonic() + START_WITHIN
        while not (self._status().get("links") == len(self.items) and self._status().get("in_step")):
            if time.monotonic() > deadline:
                raise DemoTrouble(f"first contact did not happen within {START_WITHIN:g} s: {self._status()}")
            time.sleep(0.1)
        self._products = {row.sku: int(row.ref) for row in self._sides[SideName.STORE].levels()}
        self.say(f"{len(self.items)} products linked by their SKU; nothing was written.\n")
        self.table()

    def _status(self) -> dict[str, Any]:
        where = TcpAddress("127.0.0.1", self._port)
        secret = self._secret.encode()
        return call(where, secret, SystemClock().wall, secrets.token_hex(16), "GET", "/v1/control/status")

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
        deadline = time.monotonic() + CROSS_WITHIN
        while time.monotonic() < deadline:
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

    def come_to_rest(self) -> tuple[bool, dict[str, object]]:
        """Whether both sides agree, and what is left over anywhere: waiting, parked, under way, in the shop's
        outbox."""
        deadline = time.monotonic() + REST_WITHIN
        while True:
            agree = all(shop == till for shop, till in self.levels().values())
            status = self._status()
            names = ("waiting", "parked", "dead", "under_way")
            left = {name: status[name] for name in names if status[name]}
            outbox = self._sides[SideName.STORE].changes_since("").told
            if outbox:
                left["in_the_shops_outbox"] = len(outbox)
            if (agree and not left) or time.monotonic() > deadline:
                return agree, left
            time.sleep(0.1)


_SETTINGS = """\
[daemon]
database = sqlite:///{folder}/bridge.sqlite3
state_dir = {folder}
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


@contextmanager
def _program(folder: Path, module: str, arguments: list[str]) -> Iterator[dict[str, str]]:
    """A program of ours while the block runs; yields the JSON line with which it says that it is ready, and its pid."""
    log = folder / f"{module}.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdout=subprocess.PIPE,
            stderr=errors,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        yield _ready(process, module, log) | {"pid": str(process.pid)}
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(START_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _ready(process: subprocess.Popen[bytes], module: str, log: Path) -> dict[str, str]:
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], START_WITHIN)
    line = process.stdout.readline() if readable else b""
    if not line:
        raise NotSent(f"{module} did not start: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
    found: dict[str, str] = json.loads(line)
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _secret(path: Path) -> str:
    text = secrets.token_hex(24)
    _private(path, text)
    return text


def _private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
