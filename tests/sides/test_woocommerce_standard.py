"""WooCommerce's public API through its own client, over our exchange: signed as the shop wants it, never guessed at."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from tests.sandbox.builders import HOME, KEYS, SECRET, Store
from tests.sides.woocommerce_wire import Wire
from tillbridge.errors import BadAnswer, BridgeError, CallRefused, NoAnswer, Throttled, Unauthorised, Unsupported
from tillbridge.sandbox.routes import Routes
from tillbridge.sandbox.store_auth import Keys
from tillbridge.sides.http import Answer
from tillbridge.sides.woocommerce.side import StoreSide
from tillbridge.sides.woocommerce.standard import StandardApi

PLAIN_HOME = "http://shop.example"
CURRENCY = b'{"code": "EUR", "name": "Euro"}'


@dataclass
class Line:
    """An exchange that remembers, and answers the same every time."""

    answer: Answer = field(default_factory=lambda: Answer(200, {}, CURRENCY))
    calls: list[tuple[str, str, Mapping[str, str], bytes]] = field(default_factory=list)

    def __call__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.calls.append((method, target, headers, body))
        return self.answer


def api(line: Line, url: str = HOME, prefix: str = "/wp-json") -> StandardApi:
    return StandardApi(line, url, prefix, KEYS.key, KEYS.secret, Store().time)


def test_over_tls_the_key_goes_as_basic_authentication() -> None:
    line = Line()
    api(line).read("products", {"per_page": "1", "_fields": "id"})
    method, target, headers, body = line.calls[0]
    assert (method, target, body) == ("GET", "/wp-json/wc/v3/products?_fields=id&per_page=1", b"")
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode() == f"{KEYS.key}:{KEYS.secret}"


@pytest.mark.parametrize("prefix", ["/wp-json", "/index.php?rest_route="])
def test_a_shop_takes_our_key_over_plain_http_and_refuses_another(prefix: str) -> None:
    store = Store()
    for keys, lets_in in ((KEYS, True), (Keys(KEYS.key, "cs_other"), False)):
        store.routes = Routes(store.shop, "s", KEYS, PLAIN_HOME)
        asked = StandardApi(store.exchange, PLAIN_HOME, prefix, keys.key, keys.secret, store.time)
        if lets_in:
            assert asked.read("products", {"per_page": "1", "sku": "a b/&c"}) == []
        else:
            with pytest.raises(Unauthorised, match="woocommerce_rest_authentication_error"):
                asked.read("products")


def test_over_plain_http_no_secret_travels() -> None:
    line = Line()
    api(line, PLAIN_HOME).read("products")
    _, target, headers, _ = line.calls[0]
    assert "oauth_signature=" in target
    assert KEYS.secret not in target
    assert "Authorization" not in headers


def test_a_shop_with_plain_permalinks_is_reached_by_its_route() -> None:
    line = Line()
    api(line, prefix="/index.php?rest_route=").read("products", {"per_page": "1"})
    assert line.calls[0][1] == "/index.php?rest_route=/wc/v3/products&per_page=1"


def test_what_is_sent_is_json_in_utf_8() -> None:
    line = Line()
    api(line).put("products/7", {"name": "Käse"})
    method, target, headers, body = line.calls[0]
    assert (method, target, body) == ("PUT", "/wp-json/wc/v3/products/7", '{"name": "Käse"}'.encode())
    assert headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(401, {}, b'{"code": "woocommerce_rest_cannot_view", "message": "Sorry"}'), Unauthorised),
        (Answer(403, {}, b"<html>a firewall</html>"), Unauthorised),
        (Answer(429, {"retry-after": "7"}, b"{}"), Throttled),
        (Answer(500, {}, b"<html>"), NoAnswer),
        (Answer(404, {}, b'{"code": "rest_no_route", "message": "No route"}'), CallRefused),
        (Answer(302, {}, b""), BadAnswer),
        (Answer(200, {}, b"<html>a page</html>"), BadAnswer),
    ],
)
def test_every_answer_has_its_meaning(answer: Answer, error: type[BridgeError]) -> None:
    with pytest.raises(error):
        api(Line(answer)).read("products")


def side(line: Line) -> StoreSide:
    wire = Wire()
    return StoreSide(wire.exchange, SECRET, wire.store.dice, wire.store.time, site="shop-1", standard=api(line))


def test_check_names_the_currency_and_says_when_the_key_is_refused() -> None:
    report = side(Line()).check()
    assert report.problems == ()
    assert report.facts["currency"] == "EUR"
    (problem,) = side(Line(Answer(401, {}, b'{"code": "woocommerce_rest_cannot_view"}'))).check().problems
    assert "Pair again (`tillbridge init`)" in problem


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"code": 7}'])
def test_an_answer_without_a_currency_is_not_guessed_at(body: bytes) -> None:
    with pytest.raises(BadAnswer, match="names no currency"):
        side(Line(Answer(200, {}, body))).currency()


def test_a_shop_that_gave_no_key_is_not_asked() -> None:
    wire = Wire()
    assert "currency" not in wire.side.check().facts
    with pytest.raises(Unsupported, match="tillbridge init"):
        wire.side.currency()
