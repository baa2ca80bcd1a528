"""The engine as the daemon builds it, with its books on this disk, and before it nothing but a slow till."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import requests

from tests.bench.shelf import fill
from tests.daemon.programs import Program, environment
from tests.ports import free_port
from tillbridge.app import SystemClock
from tillbridge.core import codec
from tillbridge.core.stock import SideName
from tillbridge.db.books import SqlBooks
from tillbridge.db.connect import Connection, open_database
from tillbridge.db.mailbox import SqlMailbox
from tillbridge.engine import build_engine
from tillbridge.ports import Parcel
from tillbridge.relay import Chance
from tillbridge.settings import Settings, read
from tillbridge.sides.http import Answer, HttpExchange
from tillbridge.sides.till.side import TillSide
from tillbridge.sides.woocommerce.side import StoreSide
from tillbridge.till import storage
from tillbridge.till.book import Book
from tillbridge.till.catalogue import Card, Outlet
from tillbridge.till.papers import Draft, Kind, Line

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 8
ANSWERS_AFTER = 0.1
"""Seconds."""

POSSIBLE = WORKERS / ANSWERS_AFTER
"""Calls a second."""

OPENING = "5000"
"""Pieces of each item, on both sides."""


class OneByOne(TillSide):
    """The till as a POS that takes a single change a call, and 8 calls at once."""

    abilities = replace(TillSide.abilities, batch=1, parallel=WORKERS)


class SlowPos:
    """A slow till and an engine that writes to it. Everything lies in `folder`."""

    def __init__(self, folder: Path, skus: int) -> None:
        self._folder = folder
        self._port = free_port()
        (folder / "token").write_text(secrets.token_hex(16), encoding="utf-8")
        (folder / "token").chmod(0o600)
        _stock_till(folder / "till.sqlite3", skus)
        connection = open_database(f"sqlite:///{folder}/bridge.sqlite3")
        fill(connection, skus, OPENING)
        clock = SystemClock()
        self.books = SqlBooks(connection, clock, secrets.token_hex(8))
        with self.books.writing() as unit:
            unit.note("sell_from", "main")
        self._engine(connection, clock)

    def _engine(self, connection: Connection, clock: SystemClock) -> None:
        settings = self._settings()
        token = settings.pos.token.reveal()
        store = StoreSide(_silent_shop, "secret", _new_key, clock.wall)
        pos = OneByOne(HttpExchange(settings.pos.url), token, clock.wall, "main")
        chance = Chance(_new_key, lambda: 0.5)
        engine = build_engine(settings, self.books, (store, pos), clock, chance, lambda _: None, lambda _: False)
        self._work = engine.work
        self._mailbox = SqlMailbox(connection, clock, self._work.ring_events, lambda _: None)

    def _settings(self) -> Settings:
        path = self._folder / "settings.ini"
        path.write_text(_SETTINGS.format(folder=self._folder, port=self._port), encoding="utf-8")
        return read(path, {})

    @contextmanager
    def workers(self) -> Iterator[None]:
        """The daemon's own threads, while the block runs."""
        self._work.start({SideName.STORE: 1, SideName.POS: WORKERS})
        try:
            yield
        finally:
            self._work.stop(30.0)

    def open_till(self) -> Program:
        """The slow till, which answers until it is closed."""
        arguments = ["--port", str(self._port), "--database", "till.sqlite3", "--token-file", "token"]
        arguments += ["--seconds", str(ANSWERS_AFTER)]
        path = {"PYTHONPATH": os.pathsep.join([environment()["PYTHONPATH"], str(ROOT)])}
        till = Program(self._folder, "till", "tests.bench.slow_till", arguments, path)
        try:
            till.ready()
        except BaseException:
            till.close()
            raise
        return till

    def sell(self, refs: Sequence[int], first: int) -> None:
        """One piece of each in the shop, told in one push; orders are numbered from `first`."""
        told = tuple(codec.told_by_store(_sale(ref, order)) for order, ref in enumerate(refs, start=first))
        self._mailbox.deliver([Parcel(told, secrets.token_hex(16), time.time() + 600)])

    def call_barely(self, seconds: float) -> float:
        """Calls a second that 8 threads make which have nothing else to do: what this machine has left for anybody."""
        headers = {"Authorization": f"Bearer {(self._folder / 'token').read_text(encoding='utf-8')}"}
        exchange = HttpExchange(f"http://127.0.0.1:{self._port}")
        began = time.monotonic()

        def call(_: int) -> int:
            made = 0
            while time.monotonic() - began < seconds:
                assert exchange("POST", "/v1/adjustments", headers, b'{"adjustments": []}').status == 200
                made += 1
            return made

        with ThreadPoolExecutor(WORKERS) as pool:
            made = sum(pool.map(call, range(WORKERS)))
        return made / (time.monotonic() - began)

    def commit(self, times: int) -> list[float]:
        """Seconds that each of so many small commits takes when nobody else here makes any."""
        found = []
        for number in range(times):
            began = time.perf_counter()
            with self.books.writing() as unit:
                unit.note("bench", str(number))
            found.append(time.perf_counter() - began)
        return found

    def answered(self) -> list[float]:
        """When this run of the till answered each call that was to change something."""
        answer = requests.get(f"http://127.0.0.1:{self._port}/bench/calls", timeout=10)
        found: list[float] = answer.json()
        return found

    def at_rest(self) -> bool:
        """Nothing waits and nothing is under way."""
        summary = self.books.summary()
        return not summary.messages and summary.unsettled == 0

    def level(self, ref: int) -> Decimal:
        """What the till really has."""
        connection = storage.open_file(str(self._folder / "till.sqlite3"))
        try:
            found = Book(connection, SystemClock().wall, _new_key).feed.level(ref, "main")
        finally:
            connection.close()
        return Decimal(found or 0) / 1000


def _silent_shop(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """A shop of which nothing is wanted: what it sold is put into the engine's mailbox."""
    del method, target, headers, body
    return Answer(200, {}, b'{"events": [], "more": false}')


def _stock_till(path: Path, skus: int) -> None:
    connection = storage.open_file(str(path))
    connection.execute("PRAGMA synchronous = OFF")
    book = Book(connection, SystemClock().wall, _new_key)
    book.catalogue.open_outlet(Outlet("main", "Main"))
    items = [book.catalogue.add(Card(f"SKU-{number}", f"Thing {number}", 500)) for number in range(1, skus + 1)]
    book.record(Draft(Kind.DELIVERY, "main", tuple(Line.of(item.id, OPENING) for item in items)))
    connection.close()


def _sale(ref: int, order: int) -> dict[str, object]:
    cause = {"type": "order_line", "order_id": order, "line_id": order}
    data = {"product_id": ref, "sku": f"SKU-{ref}", "before": None, "delta": "-1", "path": "relative", "cause": cause}
    at = "2026-11-22T10:11:12.345Z"
    return {"id": _new_key(), "n": order, "topic": "stock.changed", "at": at, "origin": "store", "data": data}


def _new_key() -> str:
    return secrets.token_hex(16)


_SETTINGS = """\
[daemon]
database = sqlite://{folder}/bridge.sqlite3
[store]
url = http://127.0.0.1:9
site = bench
secret = file:token
[pos]
url = http://127.0.0.1:{port}
token = file:token
sell_from = main
"""
