"""What happens at the till arrives in the shop, once: sale, return, delivery, count, offline sales that come late."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.e2e.report import Checks, Tell
from tests.e2e.stage import SHELF, Stage, set_up
from tests.e2e.wordpress import RealShop

SKU = "CUP"


def run(shop: RealShop, tell: Tell) -> int:
    """Play it and publish what was found."""
    checks = Checks(tell)
    with set_up(shop, {SKU: shop.add_product(SKU, SHELF)}) as stage:
        item = stage.items[SKU]
        for what, kind, quantity, moves in (
            ("a sale at the till", "sales", 2, -2),
            ("a return at the till", "returns", 1, 1),
            ("a delivery", "deliveries", 12, 12),
            ("a sale of more than there is", "sales", 120, -120),
            ("a delivery that fills it up again", "deliveries", 50, 50),
        ):
            step(stage, checks, what, partial(stage.till.record, kind, item, quantity), moves)
        step(stage, checks, "sales of a till that was offline", lambda: offline(stage, item), -3)
        several(stage, checks, item)
    checks.expect("PHP has nothing to say about the plugin", found=shop.complaints(), wanted=[])
    return checks.publish("e2e pos-changes", "every change at the till is in the shop, once", 1)


def step(stage: Stage, checks: Checks, what: str, act: Callable[[], object], moves: int) -> None:
    """Do it at the till; in the shop, in WooCommerce's own objects and in its list of products it must be the same."""
    product = stage.products[SKU]
    before, entry = stage.shop.level(product), stage.last_entry()
    act()
    stage.await_level(SKU, before + moves)
    stage.await_rest(what)
    checks.expect(f"{what}: in the shop", found=stage.shop.level(product), wanted=before + moves)
    checks.expect(f"{what}: as WooCommerce itself counts", found=stage.shop.shown_level(product), wanted=before + moves)
    status = stage.shop.wp("eval", f"echo wc_get_product( {product} )->get_stock_status();")
    checks.expect(f"{what}: in stock or not", found=status, wanted="instock" if before + moves > 0 else "outofstock")
    lookup = stage.shop.sql(f"SELECT stock_quantity FROM wp_wc_product_meta_lookup WHERE product_id = {product}")
    checks.expect(f"{what}: in WooCommerce's lookup table", found=float(lookup[0][0]), wanted=before + moves)
    checks.expect(f"{what}: no echo of it", found=stage.born(entry), wanted=[])
    checks.expect(f"{what}: the till as well", found=stage.at_till()[SKU], wanted=before + moves)


def offline(stage: Stage, item: str) -> None:
    """The till loses its line, sells three times, and gets it back."""
    stage.till.call("POST", "/v1/offline", {"offline": True})
    for _ in range(3):
        stage.till.record("sales", item, 1, author="till")
    stage.till.call("POST", "/v1/offline", {"offline": False})


def several(stage: Stage, checks: Checks, item: str) -> None:
    """Twenty sales as fast as they come: each counts, however few writes the shop sees."""
    product = stage.products[SKU]
    before = stage.shop.level(product)
    for _ in range(20):
        stage.till.record("sales", item, 1)
    stage.await_level(SKU, before - 20)
    stage.await_rest("twenty sales")
    checks.expect("twenty sales at the till", found=stage.shop.level(product), wanted=before - 20)
    checks.expect("and the till agrees", found=stage.at_till()[SKU], wanted=before - 20)
