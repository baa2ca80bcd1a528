"""A sale on either side is seen on the other, with a real WooCommerce, a real till and the real daemon between them."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from tests.e2e import servers
from tests.e2e.neighbours import RealDaemon, RealTill
from tests.e2e.report import Checks, Tell
from tests.e2e.wordpress import RealShop

PATIENCE = 75.0
"""Seconds: more than the minute after which the daemon asks the shop for what it was not told."""

ROUNDS = 3
Ref = TypeVar("Ref", int, str)


def play(shop: RealShop, tell: Tell) -> Checks:
    """The whole flow on a shop that was just made."""
    checks = Checks(tell)
    with RealTill(shop.folder) as till:
        product, item = shop.add_product("MUG", 20), till.add_item("MUG", 20)
        alone = shop.add_product("ALONE", 10)
        store = {"url": shop.url, "site": shop.site, "secret": shop.secret}
        pos = {"url": till.address, "token": f"file:{till.token_file}"}
        daemon = RealDaemon(shop.folder / "daemon", store, pos)
        shop.connect(daemon.address)
        with daemon:
            linked = servers.wait_until(lambda: daemon.status()["links"] == 1, "the product is linked", PATIENCE)
            checks.figures["linked_ms"] = round(linked * 1000, 1)
            web_sales(shop, till, product, item, checks)
            till_sales(shop, till, product, item, checks)
            outage(shop, till, daemon, product, item, checks)
            servers.wait_until(lambda: bool(daemon.status()["in_step"]), "nothing waits", PATIENCE)
            checks.expect("both sides agree at rest", found=shop.level(product), wanted=till.level(item))
            exactly_once(shop, alone, checks)
            reach(lambda: shop.unacknowledged() == 0, "the outbox is empty")
            checks.expect("nothing is left in the outbox", found=shop.unacknowledged(), wanted=0)
    checks.expect("PHP has nothing to say about the plugin", found=shop.complaints(), wanted=[])
    return checks


def web_sales(shop: RealShop, till: RealTill, product: int, item: str, checks: Checks) -> None:
    """(a) A block checkout of two is seen at the till."""
    waited = []
    for _ in range(ROUNDS):
        wanted = till.level(item) - 2
        sale = shop.checkout([(product, 2)])
        reach(partial(shows, till.level, item, wanted), "the till knows of the web sale")
        waited.append(time.monotonic() - sale.ended)
    checks.expect("web sales are seen at the till", found=till.level(item), wanted=20.0 - 2 * ROUNDS)
    checks.expect("and taken once in the shop", found=shop.level(product), wanted=20.0 - 2 * ROUNDS)
    checks.time("web_to_till", waited)


def till_sales(shop: RealShop, till: RealTill, product: int, item: str, checks: Checks) -> None:
    """(b) A sale at the till is seen in WooCommerce: in the database, in its own objects, and by customers."""
    waited = []
    for _ in range(ROUNDS):
        wanted = shop.level(product) - 1
        till.record("sales", item, 1)
        began = time.monotonic()
        reach(partial(shows, shop.level, product, wanted), "the shop knows of the till's sale")
        waited.append(time.monotonic() - began)
    left = 20.0 - 3 * ROUNDS
    checks.expect("till sales are seen in the shop", found=shop.level(product), wanted=left)
    checks.expect("WooCommerce itself counts alike", found=shop.shown_level(product), wanted=left)
    checks.expect("and so do its customers", found=shop.offered(product), wanted=left)
    checks.expect("and the till took each once", found=till.level(item), wanted=left)
    checks.time("till_to_web", waited)


def outage(shop: RealShop, till: RealTill, daemon: RealDaemon, product: int, item: str, checks: Checks) -> None:
    """(c) The daemon dies, three customers buy, the till sells, the daemon comes back."""
    before = till.level(item)
    daemon.kill()
    seconds = [shop.checkout([(product, 1)]).seconds for _ in range(3)]
    till.record("sales", item, 1)
    checks.expect("the till knows nothing while the daemon is away", found=till.level(item), wanted=before - 1)
    daemon.start()
    began = time.monotonic()
    reach(lambda: till.level(item) == before - 4 == shop.level(product), "both sides have caught up")
    checks.figures["caught_up_ms"] = round((time.monotonic() - began) * 1000, 1)
    checks.time("checkout_without_daemon", seconds)
    checks.expect("after an outage the till has caught up", found=till.level(item), wanted=before - 4)
    checks.expect("and so has the shop", found=shop.level(product), wanted=before - 4)


def exactly_once(shop: RealShop, product: int, checks: Checks) -> None:
    """(d) One key, one effect; a voided key, none. On a product that the daemon does not know, behind its back."""
    own = {"key": secrets.token_hex(16), "product_id": product, "delta": "-3"}
    answers = [shop.apply(own) for _ in range(3)]
    checks.expect("a key takes effect once", found=answers, wanted=["applied", "duplicate", "duplicate"])
    checks.expect("as the level shows", found=shop.level(product), wanted=7.0)
    late = {"key": secrets.token_hex(16), "product_id": product, "delta": "5"}
    answers = [shop.apply({"key": late["key"], "void": True}), shop.apply(late)]
    checks.expect("a voided key takes none, however late it comes", found=answers, wanted=["voided", "voided"])
    checks.expect("as the level shows, too", found=shop.level(product), wanted=7.0)
    answer = shop.apply({"key": own["key"], "void": True})
    checks.expect("what took effect cannot be voided", found=answer, wanted="applied")


def shows(level_of: Callable[[Ref], float], ref: Ref, wanted: float) -> bool:
    """Whether a side shows this level."""
    return level_of(ref) == wanted


def reach(condition: Callable[[], bool], what: str) -> None:
    """Wait for it, but let the checks say what is wrong where it does not come."""
    try:
        servers.wait_until(condition, what, PATIENCE, 0.002)
    except TimeoutError as error:
        print(f"        {error}", file=sys.stderr)


def run(shop: RealShop, tell: Tell) -> int:
    """Play it and publish what was found."""
    checks = play(shop, tell)
    promise = "a sale on either side is seen on the other, through an outage, exactly once"
    return checks.publish("e2e first-sale", promise, ROUNDS)
