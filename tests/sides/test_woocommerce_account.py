"""By what a shop takes money, from answers of a WooCommerce 11.0.1; a shape that is not known is never guessed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.builders import HOME, KEYS, SECRET, Store
from tests.sides.woocommerce_wire import Wire
from tillbridge.core.account import Gateway, StoreAccount, TaxRate
from tillbridge.errors import BadAnswer, Unauthorised, Unsupported
from tillbridge.sides.http import Answer, Exchange
from tillbridge.sides.woocommerce.side import StoreSide
from tillbridge.sides.woocommerce.standard import StandardApi

RECORDINGS = Path(__file__).resolve().parent.parent / "recordings" / "woocommerce-11.0.1" / "account"
NAMES = {
    "/wc/v3/settings/general/woocommerce_currency": "settings-general-currency",
    "/wc/v3/payment_gateways": "payment-gateways-list",
    "/wc/v3/taxes": "taxes-list",
    "/wc/v3/taxes/classes": "tax-classes-list",
}


def recorded(route: str) -> Any:
    return json.loads((RECORDINGS / f"{NAMES[route]}.json").read_text(encoding="utf-8"))["response"]["body"]


class Recorded:
    """A shop that answers as it was recorded, but for what is in `others`, by route."""

    def __init__(self, **others: Any) -> None:
        self.others = {f"/wc/v3/{name.replace('__', '/')}": body for name, body in others.items()}
        self.pages: list[str] = []

    def __call__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        assert method == "GET"
        parts = urlsplit(target)
        route = parts.path.removeprefix("/wp-json")
        page = parse_qs(parts.query).get("page", ["1"])[0]
        if route == "/wc/v3/taxes":
            self.pages.append(page)
        told = self.others[route] if route in self.others else recorded(route)
        if route == "/wc/v3/taxes":
            told = told[(int(page) - 1) * 100 : int(page) * 100] if isinstance(told, list) else told
        return Answer(200, {}, json.dumps(told).encode())


def account(shop: Exchange) -> StoreAccount:
    return side(StandardApi(shop, HOME, "/wp-json", KEYS.key, KEYS.secret, Store().time)).account()


def side(api: StandardApi | None) -> StoreSide:
    wire = Wire()
    return StoreSide(wire.exchange, SECRET, wire.store.dice, wire.store.time, site="shop-1", standard=api)


def test_a_recorded_shop_is_read_as_it_was() -> None:
    assert account(Recorded()) == StoreAccount(
        "EUR",
        (
            Gateway("bacs", "Direct bank transfer", enabled=True),
            Gateway("cheque", "Check payments", enabled=False),
            Gateway("cod", "Cash on delivery", enabled=True),
        ),
        (
            TaxRate("1", "MwSt. 19%", Decimal(19), "standard", "DE"),
            TaxRate("2", "MwSt. 7%", Decimal(7), "reduced-rate", "DE"),
            TaxRate("3", "USt. 20%", Decimal(20), "standard", "AT"),
            TaxRate("4", "USt. 10%", Decimal(10), "reduced-rate", "AT"),
        ),
        ("standard", "reduced-rate", "zero-rate"),
    )


def test_a_shop_with_many_rates_is_read_to_the_last_page() -> None:
    rates = [{"id": number, "name": "x", "rate": "1.5000", "class": "", "country": ""} for number in range(1, 251)]
    shop = Recorded(taxes=rates)
    found = account(shop)
    assert [rate.id for rate in found.rates] == [str(number) for number in range(1, 251)]
    assert (found.rates[0].tax_class, shop.pages) == ("standard", ["1", "2", "3"])


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("settings__general__woocommerce_currency", []),
        ("settings__general__woocommerce_currency", {"id": "woocommerce_currency", "value": None}),
        ("payment_gateways", {"bacs": {}}),
        ("payment_gateways", [{"title": "no id"}]),
        ("payment_gateways", ["bacs"]),
        ("taxes", "none"),
        ("taxes", [{"id": 1, "rate": "nineteen"}]),
        ("taxes", [{"id": 1, "rate": "NaN"}]),
        ("taxes", [{"id": 1, "rate": 19}]),
        ("taxes", [{"rate": "19.0000"}]),
        ("taxes__classes", [{"name": "no slug"}]),
    ],
)
def test_an_answer_of_another_shape_is_not_guessed_at(route: str, body: object) -> None:
    with pytest.raises(BadAnswer, match="wc/v3"):
        account(Recorded(**{route: body}))


def test_a_key_that_is_refused_and_a_shop_without_one_say_so() -> None:
    def refuse(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        return Answer(401, {}, b'{"code": "woocommerce_rest_cannot_view", "message": "Sorry"}')

    with pytest.raises(Unauthorised, match="woocommerce_rest_cannot_view"):
        side(StandardApi(refuse, HOME, "/wp-json", KEYS.key, KEYS.secret, Store().time)).account()
    with pytest.raises(Unsupported, match="tillbridge init"):
        side(None).account()


def test_a_user_is_found_by_the_login_and_by_no_other() -> None:
    others = [{"id": 3, "username": "tills"}, {"id": 4, "username": "till"}]
    api = StandardApi(Recorded(customers=others), HOME, "/wp-json", KEYS.key, KEYS.secret, Store().time)
    assert (side(api).user("till"), side(api).user("til")) == ("4", "")
