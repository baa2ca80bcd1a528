"""Whatever dies, and whenever: no sale is lost, and none is counted twice. The daemon is away or killed, PHP is killed
in the middle of an order and of one of our own writes, the database cuts the connection inside the transaction."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from tests.e2e import servers
from tests.e2e.report import Checks, Tell
from tests.e2e.rest import OwnersApi
from tests.e2e.stage import PATIENCE, SHELF, Stage, set_up
from tests.e2e.trouble import Trouble
from tests.e2e.wordpress import RealShop

ORDERS_WHILE_AWAY = 10
ORDERS_WHILE_KILLED = 50
KILLED_AFTER = (5, 15, 27, 40)
"""So many orders are made before each SIGKILL."""

TILL_SALES = 10

IN_AN_ORDER = {
    "before the UPDATE": ({"query": "/^UPDATE \\S+ SET meta_value = meta_value [+-]/"}, (0, 0)),
    "after the UPDATE": ({"at": "woocommerce_updated_product_stock"}, (-2, 0)),
    "after the first of two lines": ({"at": "woocommerce_product_set_stock"}, (-2, 0)),
    "before its rows are sealed": ({"at": "shutdown"}, (-2, -1)),
}
"""Where PHP is killed, and what the order of two and one has moved until then."""

IN_A_WRITE = {
    "the key is taken": ({"query": "/^SELECT meta_value FROM .* FOR UPDATE/s"}, 1),
    "the level is moved": ({"query": "/^SELECT m.meta_value, k.state, CONNECTION_ID/"}, 1),
    "before COMMIT": ({"query": "/^COMMIT/"}, 1),
    "after COMMIT": ({"query": "/^SELECT id, state FROM \\S+tillbridge_keys/"}, 0),
    "in the hooks of others": ({"at": "woocommerce_product_set_stock"}, 0),
    "before the answer": ({"at": "shutdown"}, 0),
}
"""Where PHP is killed while it moves stock for the daemon, and how many keys are voided for it."""

CUT = {"before the level is moved": "/^UPDATE \\S+tillbridge_keys k INNER JOIN/", "before COMMIT": "/^COMMIT/"}


def run(shop: RealShop, tell: Tell) -> int:
    """Play it and publish what was found."""
    checks = Checks(tell)
    goods = {sku: shop.add_product(sku, SHELF) for sku in ("AWAY", "FIFTY", "CUP", "PLATE", "MOVED")}
    api, trouble = OwnersApi(shop), Trouble(shop)
    with set_up(shop, goods) as stage:
        daemon_away(stage, checks)
        daemon_killed(stage, api, checks)
        for name in IN_AN_ORDER:
            order_killed(stage, api, trouble, name, checks)
        for name, (where, voids) in IN_A_WRITE.items():
            what, voided_before = f"PHP is killed in our write: {name}", voided(stage)
            trouble.plan("stock/apply", "kill", where)
            write_broken(stage, trouble, what, checks)
            checks.expect(f"{what}: so many were voided", found=voided(stage) - voided_before, wanted=voids)
        for name, query in CUT.items():
            trouble.plan("stock/apply", "cut", {"query": query})
            write_broken(stage, trouble, f"the connection is cut {name}", checks)
        told_later(stage, checks)
        stage.await_rest("at the end")
        checks.expect("in the end both sides agree", found=stage.at_till(), wanted=stage.in_shop())
    checks.expect("PHP has nothing to say about the plugin", found=shop.complaints(), wanted=[])
    return checks.publish("e2e outages", "whatever dies, no sale is lost and none counted twice", 1)


def daemon_away(stage: Stage, checks: Checks) -> None:
    """Ten block checkouts and two sales at the till while no daemon runs."""
    stage.daemon.kill()
    product = stage.products["AWAY"]
    with ThreadPoolExecutor(3) as customers:
        sales = list(customers.map(lambda _: stage.shop.checkout([(product, 1)]), range(ORDERS_WHILE_AWAY)))
    for _ in range(2):
        stage.till.record("sales", stage.items["AWAY"], 1)
    checks.expect("without a daemon the till learns nothing", found=stage.at_till()["AWAY"], wanted=SHELF - 2.0)
    checks.time("checkout_without_daemon", [sale.seconds for sale in sales])
    stage.daemon.start()
    began = time.monotonic()
    arrives(stage, "AWAY", SHELF - ORDERS_WHILE_AWAY - 2, "ten orders of an outage", checks)
    checks.figures["caught_up_after_outage_ms"] = round((time.monotonic() - began) * 1000, 1)
    each_once(stage, "AWAY", [sale.order_id for sale in sales], "orders of an outage", checks)


def daemon_killed(stage: Stage, api: OwnersApi, checks: Checks) -> None:
    """Fifty orders and ten sales at the till; the daemon is killed again and again in between."""
    line = {"product_id": stage.products["FIFTY"], "quantity": 1}
    with ThreadPoolExecutor(4) as customers:
        orders: list[Future[dict[str, object]]] = []
        for number in range(ORDERS_WHILE_KILLED):
            orders.append(customers.submit(api.order, [line]))
            if number % (ORDERS_WHILE_KILLED // TILL_SALES) == 0:
                customers.submit(stage.till.record, "sales", stage.items["FIFTY"], 1)
        for count in KILLED_AFTER:
            servers.wait_until(partial(made, orders, count), f"{count} orders are made", PATIENCE)
            stage.daemon.kill()
            stage.daemon.start()
    began = time.monotonic()
    left = SHELF - ORDERS_WHILE_KILLED - TILL_SALES
    arrives(stage, "FIFTY", left, f"fifty orders, {len(KILLED_AFTER)} times SIGKILL", checks)
    checks.figures["caught_up_after_kills_ms"] = round((time.monotonic() - began) * 1000, 1)
    each_once(stage, "FIFTY", [int(str(one.result()["id"])) for one in orders], "orders under SIGKILL", checks)
    checks.expect("each sale at the till was written once", found=written(stage, "FIFTY"), wanted=-float(TILL_SALES))


def made(orders: Sequence[Future[dict[str, object]]], count: int) -> bool:
    """Whether so many orders are made; raises where one was not."""
    return len([one.result() for one in orders if one.done()]) >= count


def order_killed(stage: Stage, api: OwnersApi, trouble: Trouble, name: str, checks: Checks) -> None:
    """PHP dies in the middle of an order of two lines. Five minutes later its rows are taken for dead, and settled."""
    where, (cups, plates) = IN_AN_ORDER[name]
    before = stage.in_shop()
    trouble.plan("/wc/v3/orders", "kill", where)
    lines = [(stage.products["CUP"], 2), (stage.products["PLATE"], 1)]
    with suppress(RuntimeError):  # The customer sees an error, as after any fatal one.
        api.order([{"product_id": product, "quantity": quantity} for product, quantity in lines])
    checks.expect(f"PHP is killed in an order {name}", found=trouble.has_struck(), wanted=True)
    moved = {sku: level - before[sku] for sku, level in stage.in_shop().items()}
    checks.expect(f"{name}: so much is gone", found=(moved["CUP"], moved["PLATE"]), wanted=(cups, plates))
    five_minutes_pass(stage)
    stage.sync()
    arrives(stage, "CUP", before["CUP"] + cups, f"{name}: the first line", checks)
    arrives(stage, "PLATE", before["PLATE"] + plates, f"{name}: the second line", checks)


def write_broken(stage: Stage, trouble: Trouble, name: str, checks: Checks) -> None:
    """A sale at the till is written to the shop, and the write breaks off: it takes effect once all the same."""
    before = stage.in_shop()["MOVED"]
    stage.till.record("sales", stage.items["MOVED"], 1)
    servers.wait_until(trouble.has_struck, f"the trouble has happened ({name})", PATIENCE)
    servers.wait_until(partial(is_noticed, stage), f"the daemon has noticed ({name})", PATIENCE)
    stage.sync()
    arrives(stage, "MOVED", before - 1, name, checks)
    checks.expect(f"{name}: one key took effect", found=written(stage, "MOVED"), wanted=before - 1 - SHELF)


def told_later(stage: Stage, checks: Checks) -> None:
    """What the dead writes could not tell the rest of the shop is told a minute later."""
    five_minutes_pass(stage)
    stage.sync()
    product = stage.products["MOVED"]
    sql = f"SELECT stock_quantity FROM wp_wc_product_meta_lookup WHERE product_id = {product}"
    level = stage.shop.level(product)
    servers.wait_until(lambda: float(stage.shop.sql(sql)[0][0]) == level, "WooCommerce's own table follows", PATIENCE)
    unfinished = "SELECT COUNT(*) FROM wp_tillbridge_keys WHERE state = 1 AND finished < 3"
    servers.wait_until(lambda: stage.shop.sql(unfinished) == [["0"]], "everything is told", PATIENCE)
    checks.expect("WooCommerce itself counts alike", found=stage.shop.shown_level(product), wanted=level)


def is_noticed(stage: Stage) -> bool:
    """Whether the daemon had a bad answer, or has settled the write by now."""
    status = stage.status()
    return status["under_way"] == 0 or not status["sides"]["store"]["reachable"]


def five_minutes_pass(stage: Stage) -> None:
    """By the database's clock, for everything that it remembers of us."""
    ago = "- INTERVAL 301 SECOND"
    stage.shop.sql(
        f"UPDATE wp_tillbridge_outbox SET happened_at = happened_at {ago};"
        f"UPDATE wp_tillbridge_keys SET created_at = created_at {ago}, applied_at = applied_at {ago}"
    )


def arrives(stage: Stage, sku: str, wanted: float, what: str, checks: Checks) -> None:
    """Wait until both sides show it and nothing is left to do; the checks say where it does not come."""

    def shown() -> tuple[float, float]:
        return stage.till.level(stage.items[sku]), stage.shop.level(stage.products[sku])

    try:
        servers.wait_until(lambda: shown() == (wanted, wanted), what, PATIENCE)
        stage.await_rest(what)
    except TimeoutError as error:
        checks.tell(f"        {error}")
    checks.expect(f"{what}: till and shop show it", found=shown(), wanted=(wanted, wanted))


def each_once(stage: Stage, sku: str, orders: Sequence[int], what: str, checks: Checks) -> None:
    """The journal has one line for each of these orders."""
    found = sorted(int(entry.document) for entry in stage.born() if entry.sku == sku)
    checks.expect(f"{what}: each once in the journal", found=found, wanted=sorted(orders))


def written(stage: Stage, sku: str) -> float:
    """The sum of what we have written to the shop, by its keys."""
    sql = (
        f"SELECT COALESCE(SUM(delta), 0) FROM wp_tillbridge_keys WHERE state = 1 AND product_id = {stage.products[sku]}"
    )
    return float(stage.shop.sql(sql)[0][0])


def voided(stage: Stage) -> int:
    """How many of our writes must never take effect any more."""
    return int(stage.shop.sql("SELECT COUNT(*) FROM wp_tillbridge_keys WHERE state = 2")[0][0])
