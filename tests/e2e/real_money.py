"""Wears a real WooCommerce as a `Desk` for the contract tests of money. Run through `python -m tests.e2e contract`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contracts.money_contract import MoneyContract
from tests.contracts.order_figures import COUPONS, FIGURES, GOODS, MODES, RATES, SCENARIOS, Counter, figures, raw
from tests.e2e.contract import HANDED_DOWN
from tests.e2e.rest import OwnersApi
from tests.e2e.wordpress import RealShop

OPTIONS = (
    "update_option( 'woocommerce_calc_taxes', 'yes' ); update_option( 'woocommerce_shipping_tax_class', 'inherit' );"
)
MODE = """
update_option( 'woocommerce_prices_include_tax', '%s' );
update_option( 'woocommerce_tax_round_at_subtotal', '%s' );
"""




class RealDesk:
    """A real shop with the rates, coupons and goods of the scenarios."""

    def __init__(self, shop: RealShop) -> None:
        self._shop = shop
        self._api = OwnersApi(shop)
        self._mode: tuple[bool, bool] | None = None
        shop.wp("eval", OPTIONS)
        made = [self.call("POST", "taxes", dict(rate)) for rate in RATES]
        self.rates = {int(rate["id"]): str(rate["name"]) for rate in made}
        coupons = ({"code": code, "discount_type": kind, "amount": amount} for code, kind, amount in COUPONS)
        self._coupons = [int(self.call("POST", "coupons", coupon)["id"]) for coupon in coupons]
        self.goods = {
            name: int(
                self.call("POST", "products", {"name": name, "regular_price": price, "tax_class": tax_class})["id"]
            )
            for name, (price, tax_class) in GOODS.items()
        }

    def mode(self, included: bool, at_subtotal: bool) -> None:
        if self._mode != (included, at_subtotal):
            self._mode = (included, at_subtotal)
            self._shop.wp("eval", MODE % ("yes" if included else "no", "yes" if at_subtotal else "no"))

    def call(self, method: str, route: str, body: object = None) -> Any:
        if method == "DELETE":
            self._api.delete(route, force=False)
            return None
        return self._api.call(method, route, body)

    def clear(self) -> None:
        """Taxes off again: other contracts count without them. And nothing is left that may be only once."""
        for gone in (*(f"taxes/{rate}" for rate in self.rates), *(f"coupons/{coupon}" for coupon in self._coupons)):
            self._api.delete(gone, force=True)
        self._shop.wp("eval", "update_option( 'woocommerce_calc_taxes', 'no' );")


def record(shop: RealShop) -> None:
    """Make every order anew and keep what the shop comes to, where a scenario was added: for a person, at a prompt."""
    desk, found = RealDesk(shop), dict[str, Any]()
    for mode, options in MODES.items():
        desk.mode(*options)
        for name, scenario in SCENARIOS.items():
            found[f"{mode}: {name}"] = figures(desk, *raw(desk, scenario(Counter(desk))["id"]))
    lines = (f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in found.items())
    FIGURES.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


@pytest.fixture(scope="module")
def desk() -> Iterator[RealDesk]:
    """One shop for all of them; its taxes are switched off again at the end."""
    desk = RealDesk(handed_down())
    yield desk
    desk.clear()


def handed_down() -> RealShop:
    """The shop that the flow has made."""
    if HANDED_DOWN not in os.environ:
        pytest.fail("run this with: python -m tests.e2e contract")
    return RealShop.attached(json.loads(os.environ[HANDED_DOWN]))


class TestRealMoney(MoneyContract):
    """A real WooCommerce still comes to what was recorded. An older one rounds in other places, and is not asked: its
    orders are read all the same (see real_papers.py)."""
