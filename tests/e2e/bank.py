"""A bank before a real shop, and customers at the block checkout who pay by it, or try to."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e import calls, servers
from tests.e2e.wordpress import ADDRESS, RealShop

METHOD = "e2e_bank"


def open_bank(shop: RealShop) -> None:
    """Let the shop take payments by it."""
    folder = shop.folder / "site/wp-content/mu-plugins"
    folder.mkdir(exist_ok=True)
    shutil.copy(Path(__file__).resolve().parent / "bank.php", folder / "e2e-bank.php")


def has_paid(shop: RealShop, order_id: int) -> None:
    """The bank tells the shop that the money is there."""
    with calls.session() as bank:
        asked = {"wc-api": METHOD, "order": str(order_id)}
        answer = bank.get(f"{shop.url}/", params=asked, timeout=60)
    if answer.text != "heard":
        raise RuntimeError(f"the bank's call: {answer.status_code} {answer.text[:300]}")


def hesitate() -> None:
    """Until the next second begins: a WooCommerce of 7.9 refuses to reserve the same twice in one second."""
    now = int(time.time())
    servers.wait_until(lambda: int(time.time()) > now, "the next second", 2.0)


def reserved_when_asked(shop: RealShop) -> int:
    """How much the shop had reserved for the order about which it asked the bank last."""
    return int(shop.wp("option", "get", "e2e_reserved"))


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of pressing the button: the HTTP status, the order where the answer names it, and the error's code."""

    http: int
    order_id: int
    code: str


class Customer:
    """Somebody with a cart at the block checkout, who may press the button more than once."""

    def __init__(self, shop: RealShop, lines: Sequence[tuple[int, int]], coupon: str = "") -> None:
        self._store = f"{shop.rest}/wc/store/v1"
        self._guest = calls.session()
        cart = self._guest.get(f"{self._store}/cart", timeout=60)
        self._headers = {"Nonce": cart.headers["Nonce"], "Cart-Token": cart.headers["Cart-Token"]}
        for product_id, quantity in lines:
            self._post("cart/add-item", {"id": product_id, "quantity": quantity})
        if coupon:
            self._post("cart/apply-coupon", {"code": coupon})

    def pay(self, how: str, method: str = METHOD) -> Attempt:
        """Press the button; the bank does `how` it is told."""
        order = {
            "billing_address": {**ADDRESS, "email": "ann@example.com"},
            "shipping_address": ADDRESS,
            "payment_method": method,
            "payment_data": [{"key": "e2e", "value": how}],
        }
        answer = self._guest.post(f"{self._store}/checkout", json=order, headers=self._headers, timeout=60)
        said = answer.json()
        return Attempt(answer.status_code, int(said.get("order_id") or 0), str(said.get("code", "")))

    def _post(self, route: str, body: object) -> None:
        answer = self._guest.post(f"{self._store}/{route}", json=body, headers=self._headers, timeout=60)
        if not answer.ok:
            raise RuntimeError(f"{route}: {answer.status_code} {answer.text[:300]}")
