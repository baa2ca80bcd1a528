"""Everybody buys the same thing at once, at the till and in the shop: both sides end at the right number."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from tests.e2e import servers
from tests.e2e.report import Checks, Tell
from tests.e2e.rest import OwnersApi
from tests.e2e.stage import PATIENCE, SHELF, Stage, set_up
from tests.e2e.wordpress import RealShop

CROWD = 20
ROUNDS = 3
TRIO = ("CUP", "PLATE", "BOWL")
T = TypeVar("T")


def run(shop: RealShop, tell: Tell) -> int:
    """Play it and publish what was found."""
    checks = Checks(tell)
    goods = {sku: shop.add_product(sku, SHELF) for sku in ("REST", "BLOCK", *TRIO)}
    api = OwnersApi(shop)
    with set_up(shop, goods) as stage:
        one_sku(stage, "REST", lambda product: int(api.order([line(product)])["id"]), "orders over REST", checks)
        one_sku(stage, "BLOCK", lambda product: shop.checkout([(product, 1)]).order_id, "block checkouts", checks)
        waited = [three_skus(stage, api, number, checks) for number in range(ROUNDS)]
        checks.time("three_skus_agree_after", waited)
        checks.expect("at rest both sides agree", found=stage.at_till(), wanted=stage.in_shop())
    checks.expect("PHP has nothing to say about the plugin", found=shop.complaints(), wanted=[])
    return checks.publish("e2e concurrency", "sales at the same instant on both sides end at the right number", ROUNDS)


def line(product: int) -> dict[str, int]:
    """A line of an order for one of it."""
    return {"product_id": product, "quantity": 1}


def one_sku(stage: Stage, sku: str, buy: Callable[[int], int], what: str, checks: Checks) -> None:
    """Twenty orders and twenty sales at the till of one SKU, all at once."""
    product, item = stage.products[sku], stage.items[sku]
    made = sorted(at_once([partial(buy, product)] * CROWD, [partial(stage.till.record, "sales", item, 1)] * CROWD))
    waited = agree(stage, {sku: SHELF - 2.0 * CROWD}, f"{CROWD} {what} and {CROWD} till sales", checks)
    checks.figures[f"{sku.lower()}_agree_after_ms"] = round(waited * 1000, 1)
    found = sorted(int(entry.document) for entry in stage.born() if entry.sku == sku)
    checks.expect(f"{what}: each once in the journal", found=found, wanted=made)


def three_skus(stage: Stage, api: OwnersApi, number: int, checks: Checks) -> float:
    """Orders of the same three products, their lines in every order, while the till sells all three in one receipt.
    How long until both sides agreed."""
    before, every_way = stage.in_shop(), list(itertools.permutations(TRIO))
    orders = [partial(api.order, [line(stage.products[sku]) for sku in way]) for way in every_way]
    at_once(orders, [partial(receipt, stage, way) for way in every_way])
    wanted = {sku: before[sku] - 2.0 * len(every_way) for sku in TRIO}
    return agree(stage, wanted, f"three SKUs in every order of their lines ({number + 1})", checks)


def at_once(orders: Sequence[Callable[[], T]], sales: Sequence[Callable[[], object]]) -> list[T]:
    """Every order in a thread of its own, each with a sale at the till right before or right after it, so that the till
    sells while the shop's requests run; what the orders said."""

    def trade(number: int) -> T:
        if number % 2:
            sales[number]()
        said = orders[number]()
        if not number % 2:
            sales[number]()
        return said

    with ThreadPoolExecutor(len(orders)) as crowd:
        return list(crowd.map(trade, range(len(orders))))


def receipt(stage: Stage, skus: Sequence[str]) -> None:
    """One of each, on one receipt."""
    lines = [{"item_id": stage.items[sku], "quantity": "1", "price": "10.00"} for sku in skus]
    stage.till.call("POST", "/v1/sales", {"key": secrets.token_hex(16), "outlet": "main", "lines": lines})


def agree(stage: Stage, wanted: dict[str, float], what: str, checks: Checks) -> float:
    """How long until both sides show it; the checks say where they do not."""

    def shown() -> tuple[dict[str, float], dict[str, float]]:
        at_till = {sku: stage.till.level(stage.items[sku]) for sku in wanted}
        return at_till, {sku: stage.shop.level(stage.products[sku]) for sku in wanted}

    began = time.monotonic()
    try:
        servers.wait_until(lambda: shown() == (wanted, wanted), what, PATIENCE)
    except TimeoutError as error:
        checks.tell(f"        {error}")
    waited = time.monotonic() - began
    stage.await_rest(what)
    checks.expect(f"{what}: till and shop show it", found=shown(), wanted=(wanted, wanted))
    return waited
