"""The daemon is told after the customer has the answer; where it does not take it, it is left in peace for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from tests.browser.daemon_double import Answer, DaemonDouble
from tests.contracts.shim_caller import Caller
from tests.e2e import servers
from tests.ports import free_port
from tests.wordpress.rig import Site
from tests.wordpress.shim import RigShim
from tillbridge.sides import signing


class Listener(DaemonDouble):
    """Takes pages of events, and can take its time, or be rude."""

    def __init__(self, secret: str) -> None:
        super().__init__(secret)
        self.may_answer = Event()
        self.may_answer.set()
        self.reply: Callable[[dict[str, Any]], Answer] | None = None
        self.tries = 0
        self.headers: list[Mapping[str, str]] = []

    @property
    def pages(self) -> list[dict[str, Any]]:
        return [body for path, body in self.heard if path == "/v1/events"]

    def answer(self, method: str, target: str, headers: Mapping[str, str], raw: bytes) -> Answer:
        self.tries += 1
        self.headers.append(headers)
        code, body = super().answer(method, target, headers, raw)
        self.may_answer.wait(10)
        return self.reply(self.pages[-1]) if self.reply is not None and code == 200 else (code, body)


@pytest.fixture
def daemon(site: Site) -> Iterator[Listener]:
    with Listener(site.secret) as listener:
        site.connect(listener.listener)
        yield listener
        listener.may_answer.set()
        site.connect("")


@pytest.fixture
def product(site: Site, shim: RigShim) -> int:
    """Nine of them; nothing waits, and nobody was told of them."""
    made = shim.make_product("9")
    site.sql("UPDATE wp_tillbridge_outbox SET state = 2, acked_at = UTC_TIMESTAMP(6) WHERE state < 2")
    return made


@pytest.fixture
def quiet(daemon: Listener, product: int) -> Listener:
    """The daemon after the product was made."""
    daemon.heard.clear()
    daemon.headers.clear()
    daemon.tries = 0
    return daemon


def waiting(site: Site, product: int) -> int:
    where = f"topic = 'stock.changed' AND object_id = {product} AND state < 2"
    return int(site.sql(f"SELECT COUNT(*) FROM wp_tillbridge_outbox WHERE {where}")[0][0])


def test_a_sale_is_pushed_signed_and_acknowledged(
    site: Site, shim: RigShim, caller: Caller, product: int, quiet: Listener
) -> None:
    order = shim.sell(product, 2)
    (page,) = quiet.pages
    assert (page["site"], page["address"]) == (site.name, site.url)
    assert page["plugin"]
    assert page["incarnation"]
    assert page["counter"] >= max(event["n"] for event in page["events"])
    told = {event["topic"]: event["data"] for event in page["events"]}
    assert told["stock.changed"]["delta"] == "-2"
    assert told["order.changed"] == {"order_id": order, "status": "processing"}
    assert waiting(site, product) == 0
    assert caller.events(product) == []
    named = {name.lower(): value for name, value in quiet.headers[0].items()}
    assert named[signing.SIGNATURE.lower()].startswith("v1=")
    assert named["content-type"] == "application/json"


def test_the_customer_is_answered_before_the_daemon_is_told(site: Site, product: int, quiet: Listener) -> None:
    """The daemon does not answer until the customer has gone."""
    quiet.may_answer.clear()
    headers = site.trouble()
    order = site.ask(headers, ("wc_double_block_checkout", [[[product, 2]]]))[0]
    assert order > 0
    servers.wait_until(lambda: len(quiet.pages) == 1, "the daemon is told", 10)
    quiet.may_answer.set()
    site.diary(headers)
    assert waiting(site, product) == 0


def test_where_somebody_else_let_the_customer_go_the_acknowledgement_is_waited_for_too(
    site: Site, product: int, quiet: Listener
) -> None:
    """As wp-cron.php does, and plugins that work on behind their answer."""
    let_go = {"at": "shutdown", "first": True, "do": "call", "calls": [["fastcgi_finish_request", []]]}
    site.call("wc_double_block_checkout", [[product, 2]], trouble=[let_go])
    assert len(quiet.pages) == 1
    assert waiting(site, product) == 0


def test_a_request_in_which_nothing_happened_pushes_nothing(site: Site, quiet: Listener) -> None:
    site.visit()
    site.call("get_option", "home")
    assert quiet.tries == 0


def refuse(_: dict[str, Any]) -> Answer:
    return 503, {"code": "later", "message": "not now"}


def redirect(_: dict[str, Any]) -> Answer:
    return 302, {}


def babble(_: dict[str, Any]) -> Answer:
    return 200, {"hello": "world"}


def forget_all(_: dict[str, Any]) -> Answer:
    return 200, {"acked": ["0" * 32, 7, None, {"id": "x"}]}


@pytest.mark.parametrize("reply", [refuse, redirect, babble, forget_all])
def test_what_is_not_acknowledged_stays(
    site: Site, shim: RigShim, product: int, quiet: Listener, reply: Callable[[dict[str, Any]], Answer]
) -> None:
    quiet.reply = reply
    shim.sell(product, 2)
    assert quiet.tries == 1
    assert waiting(site, product) == 1


@pytest.mark.parametrize("proof", ["v1=" + "0" * 64, "v1=", "", "v1=" + "g" * 64])
def test_what_somebody_else_acknowledges_stays(
    site: Site, shim: RigShim, product: int, quiet: Listener, monkeypatch: pytest.MonkeyPatch, proof: str
) -> None:
    """Whoever took the port of a daemon that is away may answer anything, but cannot prove it."""
    monkeypatch.setattr(signing, "prove", lambda *_: proof)
    shim.sell(product, 2)
    assert quiet.tries == 1
    assert waiting(site, product) == 1


def test_a_part_that_is_acknowledged_is_done(site: Site, shim: RigShim, product: int, quiet: Listener) -> None:
    quiet.reply = lambda page: (200, {"acked": [event["id"] for event in page["events"] if "order" in event["topic"]]})
    shim.sell(product, 2)
    assert waiting(site, product) == 1


def test_after_a_failure_the_next_requests_do_not_even_try(
    shim: RigShim, caller: Caller, product: int, quiet: Listener
) -> None:
    quiet.reply = refuse
    for _ in range(4):
        shim.sell(product, 1)
    assert quiet.tries == 1
    caller.get("/health")
    quiet.reply = None
    shim.sell(product, 1)
    assert quiet.tries == 2, "a call of the daemon shows that it is there"


def test_nobody_listening_costs_the_shop_nothing(site: Site, shim: RigShim, product: int) -> None:
    site.connect(f"http://127.0.0.1:{free_port()}")
    act = site.act(("wc_double_block_checkout", [[[product, 2]]]))
    later = site.act(("wc_double_block_checkout", [[[product, 2]]]))
    assert (act.results[0], later.results[0]) != (0, 0)
    assert waiting(site, product) == 2
    site.connect("")


@pytest.mark.parametrize("listener", ["ftp://127.0.0.1:1", "unix:/nowhere/socket", "http://127.0.0.1", "nonsense"])
def test_an_address_that_leads_nowhere_is_no_trouble_of_the_shop(
    site: Site, shim: RigShim, product: int, listener: str
) -> None:
    site.connect(listener)
    shim.sell(product, 2)
    assert waiting(site, product) == 1
    site.connect("")
    site.forget_notes()


def test_many_requests_at_once_tell_each_event_once(site: Site, product: int, quiet: Listener) -> None:
    with ThreadPoolExecutor(6) as pool:
        orders = list(pool.map(lambda _: RigShim(site).sell(product, 1), range(12)))
    events = [event for page in quiet.pages for event in page["events"] if event["topic"] == "stock.changed"]
    assert len({event["id"] for event in events}) == len(events) == 12
    assert {event["data"]["cause"]["order_id"] for event in events} == set(orders)
    assert waiting(site, product) == 0
