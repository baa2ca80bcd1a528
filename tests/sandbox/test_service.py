"""The sandbox shop in service: it pushes, it survives a restart, and its page is safe to leave open."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.builders import HOME, KEYS, SECRET, Store, listening
from tillbridge import __version__
from tillbridge.sandbox import records
from tillbridge.sandbox.counter import Counter
from tillbridge.sandbox.push import Pusher, poster
from tillbridge.sandbox.rest import Response
from tillbridge.sandbox.seed import seed, shelf
from tillbridge.sandbox.server import create_app
from tillbridge.sandbox.snapshot import KINDS, Snapshot
from tillbridge.sandbox.wire import signature

PATIENCE = 10


class Daemon:
    """Takes what is pushed to it, or refuses, and says so to whoever waits."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.refusing = False
        self.asked = threading.Semaphore(0)

    def __call__(self, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        try:
            assert path == "/v1/events"
            timestamp, nonce = headers["X-Tillbridge-Timestamp"], headers["X-Tillbridge-Nonce"]
            assert headers["X-Tillbridge-Signature"] == signature(SECRET, timestamp, nonce, "POST", path, body)
            if self.refusing:
                raise requests.ConnectionError("nobody listens")
            self.heard.append(json.loads(body))
            return Response(200, {}, json.dumps({"acked": [e["id"] for e in self.heard[-1]["events"]]}).encode())
        finally:
            self.asked.release()


class Service:
    """A counter with a pusher whose daemon is at hand."""

    def __init__(self, snapshot: Snapshot | None = None, breaker: float = 0.001) -> None:
        self.store = Store()
        self.daemon = Daemon()
        self.counter = Counter(self.store.shop, self.store.routes, SECRET, snapshot)
        self.pusher = Pusher(self.counter, self.daemon, breaker)

    def sell(self, product_id: int, quantity: int) -> None:
        with self.counter.serving() as shop:
            shop.checkout((product_id, quantity))


def test_a_push_tells_everything_and_forgets_what_was_taken() -> None:
    service = Service()
    cup = service.store.product(7)
    service.sell(cup.id, 2)
    assert service.pusher.push_all()
    (body,) = service.daemon.heard
    assert {name: body[name] for name in ("site", "plugin", "address")} == {
        "site": "shop-1", "plugin": __version__, "address": HOME,
    }  # fmt: skip
    shim = service.store.shop.shim
    assert (body["counter"], body["incarnation"]) == (shim.counter, shim.incarnation)
    stock = [event for event in body["events"] if event["topic"] == "stock.changed"]
    assert [event["data"]["delta"] for event in stock] == ["-2"]
    assert service.store.shop.shim.unacked() == 0
    assert service.pusher.push_all()
    assert len(service.daemon.heard) == 1


def test_a_long_outbox_is_pushed_in_pages_of_five_hundred() -> None:
    service = Service()
    cup = service.store.product(5000)
    for _ in range(400):
        service.store.shop.checkout((cup.id, 1))
    assert service.pusher.push_all()
    assert [len(body["events"]) for body in service.daemon.heard] == [500, 500, 200]


@pytest.mark.parametrize(
    "answer",
    [Response(500, {}, b""), Response(401, {}, b'{"acked":["x"]}'), Response(200, {}, b"<html>"),
     Response(200, {}, b"[]"), Response(200, {}, b'{"acked":[]}'), Response(200, {}, b'{"acked":"all"}')],
)  # fmt: skip
def test_what_the_daemon_did_not_take_stays(answer: Response) -> None:
    service = Service()
    cup = service.store.product(7)
    service.sell(cup.id, 2)
    waiting = service.store.shop.shim.unacked()
    assert not Pusher(service.counter, lambda _path, _headers, _body: answer).push_all()
    assert service.store.shop.shim.unacked() == waiting > 0


def test_news_wakes_the_pusher_and_a_failure_makes_it_rest() -> None:
    service = Service()
    cup = service.store.product(7)
    service.counter.on_news = service.pusher.wake
    service.pusher.start()
    try:
        service.daemon.refusing = True
        service.sell(cup.id, 1)
        assert service.daemon.asked.acquire(timeout=PATIENCE)
        service.daemon.refusing = False
        service.sell(cup.id, 2)
        assert service.daemon.asked.acquire(timeout=PATIENCE)
    finally:
        service.pusher.stop()
    heard = [event for body in service.daemon.heard for event in body["events"]]
    assert [event["data"]["delta"] for event in heard if event["topic"] == "stock.changed"] == ["-1", "-2"]


def test_a_daemon_that_is_not_there_costs_nothing_but_the_push() -> None:
    service = Service()
    cup = service.store.product(7)
    service.sell(cup.id, 1)
    assert not Pusher(service.counter, poster("http://127.0.0.1:9")).push_all()
    assert service.store.deltas() == [-1]


# --- on disk ----------------------------------------------------------------------------------------------------------


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    service = Service(Snapshot(tmp_path / "shop.sqlite3"))
    with service.counter.serving() as shop:
        seed(shop)
        cup = shop.by_sku("CUP-BLUE")
        assert cup is not None
        order = shop.checkout((cup.id, 2))
        shop.refund(order.id, [(order.lines[0].id, 1)])
        shop.shim.apply("e" * 32, cup.id, Decimal("-0.5"))
        shop.shim.void("f" * 32)
        shop.shim.ack([row.id for row in shop.shim.page(3)[0]])
        shop.trash_order(order.id)
        shop.delete_order(order.id)
    again = Store()
    Snapshot(tmp_path / "shop.sqlite3").load(again.shop.state)
    assert again.shop.backup() == service.store.shop.backup()
    assert [list(table) for table in again.shop.state.tables().values()] == [
        list(table) for table in service.store.shop.state.tables().values()
    ]


def test_every_table_of_the_shop_is_kept_on_disk() -> None:
    assert set(KINDS) == set(Store().shop.state.tables())
    kept = {record for _, record in KINDS.values()}
    assert {records.Product, records.Order, records.Refund, records.Row, records.Acked, records.Key} <= kept
    assert all(fields(record) for record in kept - {int, str})


def test_what_changed_is_on_disk_before_the_answer(tmp_path: Path) -> None:
    service = Service(Snapshot(tmp_path / "shop.sqlite3"))
    cup = service.store.product(7)
    service.sell(cup.id, 2)
    again = Store()
    Snapshot(tmp_path / "shop.sqlite3").load(again.shop.state)
    assert again.shop.level(cup.id) == 5
    assert -2 in again.deltas()


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def shop() -> Iterator[tuple[Store, str, requests.Session]]:
    store = Store()
    seed(store.shop)
    app = create_app(Counter(store.shop, store.routes, SECRET, None))
    with listening(app) as address, requests.Session() as session:
        session.trust_env = False
        yield store, address, session


def token(page: requests.Response) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def test_the_page_sells_cancels_refunds_and_sets_levels(shop: tuple[Store, str, requests.Session]) -> None:
    store, address, session = shop
    cup = store.shop.by_sku("CUP-BLUE")
    assert cup is not None
    form = {"token": token(session.get(address))}
    assert "Thank you" in session.post(f"{address}/buy", form | {"product": str(cup.id), "quantity": "2"}).text
    assert store.shop.level(cup.id) == 22
    (order,) = store.shop.state.orders
    assert "back on the shelf" in session.post(f"{address}/cancel", form | {"order": str(order.id)}).text
    assert store.shop.level(cup.id) == 24
    session.post(f"{address}/buy", form | {"product": str(cup.id), "quantity": "3"})
    assert "back on the shelf" in session.post(f"{address}/refund", form | {"order": str(order.id + 1)}).text
    assert store.shop.level(cup.id) == 24
    assert store.shop.state.orders[order.id + 1].status == "refunded"
    assert "The level is set" in session.post(f"{address}/level", form | {"product": str(cup.id), "level": "5"}).text
    assert "not so many" in session.post(f"{address}/buy", form | {"product": str(cup.id), "quantity": "6"}).text
    assert "whole number" in session.post(f"{address}/level", form | {"product": str(cup.id), "level": "1.5"}).text
    assert store.shop.level(cup.id) == 5


@pytest.mark.parametrize("action", ["buy", "cancel", "refund", "level"])
def test_a_form_from_elsewhere_does_nothing(shop: tuple[Store, str, requests.Session], action: str) -> None:
    store, address, session = shop
    session.get(address)
    before = store.shop.backup()
    for forged in ({}, {"token": "guess"}, {"token": ""}):
        fields_ = {"product": "1", "quantity": "1", "order": "1", "level": "1"}
        assert session.post(f"{address}/{action}", forged | fields_).status_code == 403
    assert store.shop.backup() == before


@pytest.mark.parametrize(
    ("action", "form"),
    [("buy", {"product": "x", "quantity": "1"}), ("buy", {"product": "9999", "quantity": "1"}),
     ("buy", {"product": "1", "quantity": "-1"}), ("buy", {"product": "1", "quantity": "0"}),
     ("cancel", {"order": "77"}), ("level", {"product": "9999", "level": "1"})],
)  # fmt: skip
def test_an_odd_form_is_refused(shop: tuple[Store, str, requests.Session], action: str, form: dict[str, str]) -> None:
    _store, address, session = shop
    assert session.post(f"{address}/{action}", form | {"token": token(session.get(address))}).status_code == 400


def test_the_page_runs_no_script_and_shows_names_as_text(shop: tuple[Store, str, requests.Session]) -> None:
    store, address, session = shop
    store.shop.add_product("<script>alert(1)</script>", "X", Decimal(1))
    page = session.get(address)
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text
    rules = page.headers["Content-Security-Policy"]
    assert rules.startswith("default-src 'none'")
    assert "unsafe" not in rules
    assert page.headers["Cache-Control"] == "no-store"
    cookie = page.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert session.get(f"{address}/static/shop.css").status_code == 200


def test_a_name_that_only_points_here_is_refused(shop: tuple[Store, str, requests.Session]) -> None:
    _store, address, session = shop
    assert session.get(address, headers={"Host": "evil.example"}).status_code == 400


# --- the command ------------------------------------------------------------------------------------------------------


class Program:
    """`python -m tillbridge.sandbox` as somebody starts it."""

    def __init__(self, folder: Path, *more: str) -> None:
        (folder / "secret").write_text(SECRET + "\n", encoding="utf-8")
        (folder / "key").write_text(f"{KEYS.key}\n{KEYS.secret}\n", encoding="utf-8")
        command = [sys.executable, "-m", "tillbridge.sandbox", "--port", "0", "--secret-file", str(folder / "secret")]
        self.process = subprocess.Popen([*command, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def address(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        address: str = json.loads(line)["address"]
        return address

    def stop(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGTERM)
        _out, error = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, error


def test_the_command_keeps_its_shop_over_a_restart_and_stops_when_told(tmp_path: Path) -> None:
    arguments = ("--database", str(tmp_path / "shop.sqlite3"), "--seed-demo", "--site", "demo")
    first = Program(tmp_path, *arguments)
    try:
        address = first.address()
        with requests.Session() as session:
            form = {"token": token(session.get(address)), "product": "1", "quantity": "4"}
            assert session.post(f"{address}/buy", form).status_code == 200
    finally:
        assert first.stop() == (0, "")
    second = Program(tmp_path, *arguments)
    try:
        page = requests.get(second.address(), timeout=PATIENCE).text
        assert "20 in stock" in page
        assert page.count('action="/buy"') == len(shelf()) == 12
    finally:
        assert second.stop() == (0, "")


def test_the_command_says_what_is_wrong_with_its_files(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    wrong: list[Callable[[], list[str]]] = [
        lambda: ["--secret-file", str(tmp_path / "none")], lambda: ["--secret-file", str(tmp_path / "empty")],
    ]  # fmt: skip
    for arguments in wrong:
        command = [sys.executable, "-m", "tillbridge.sandbox", "--port", "0", *arguments()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 2
        assert done.stderr.startswith("sandbox: ")
