"""Shops that are set up otherwise: plain permalinks, orders in the other kind of tables, a lasting object cache, an
address with a folder in it. In each both sides keep in step, and the doctor finds nothing."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.e2e import calls, servers
from tests.e2e.copied_shop import served_elsewhere
from tests.e2e.copies import both_ways
from tests.e2e.order_desk import OrderDesk
from tests.e2e.people import Staff
from tests.e2e.report import Checks, Tell
from tests.e2e.rest import OwnersApi
from tests.e2e.stage import PATIENCE, SHELF, Entry, set_up
from tests.e2e.steps import Steps
from tests.e2e.wordpress import NAMESPACE, RealShop

SKUS = ("CUP", "BOWL")
PRETTY, PLAIN = ("/%postname%/", "/wp-json"), ("", "/index.php?rest_route=")
ORDER_TABLES = "woocommerce_custom_orders_table_enabled"
TABLES_OR_POSTS = """
echo \\Automattic\\WooCommerce\\Utilities\\OrderUtil::custom_orders_table_usage_is_enabled() ? 'tables' : 'posts';
"""
MAKE_TABLES = """
$keeper = wc_get_container()->get( \\Automattic\\WooCommerce\\Internal\\DataStores\\Orders\\DataSynchronizer::class );
if ( ! $keeper->check_orders_table_exists() ) {
	update_option( 'woocommerce_feature_custom_order_tables_enabled', 'yes' );
	$keeper->create_database_tables();
}
"""
WELL, FOUND = 0, 1


class OtherShops(Steps):
    """The flow, step by step, on one stage."""

    def permalinks(self) -> None:
        """Paired with plain permalinks; then somebody chooses others, and others again."""
        self.well("plain permalinks")
        with calls.session() as pos:
            token = self.shop.wp("option", "pluck", "tillbridge_connection", "door")
            answer = pos.post(f"{self.shop.rest}{NAMESPACE}/pos/{token}", data=b"{}", timeout=60)
        self.checks.expect("the door for webhooks answers there", found=answer.status_code, wanted=200)
        self.stage.await_rest("after the webhook")
        permalinks(self.shop, PRETTY)
        self.well("pretty permalinks later on")

    def order_tables(self) -> None:
        """Orders among the posts, where this WooCommerce has tables for them, or the other way round."""
        before = self.shop.wp("eval", TABLES_OR_POSTS)
        self.shop.wp("eval", MAKE_TABLES)
        self.shop.wp("wc", "cot", "sync")
        self.shop.option(ORDER_TABLES, "no" if before == "tables" else "yes")
        now = self.shop.wp("eval", TABLES_OR_POSTS)
        self.checks.expect("orders lie elsewhere now", found={before, now}, wanted={"tables", "posts"})
        desk, api, bowl = OrderDesk(self.shop), OwnersApi(self.shop), self.stage.products["BOWL"]

        def order() -> Sequence[Entry]:
            self.order = self.shop.checkout([(bowl, 5)]).order_id
            return [Entry("BOWL", "-5", "order_line", str(self.order))]

        def edit() -> Sequence[Entry]:
            line = int(api.call("GET", f"orders/{self.order}")["line_items"][0]["id"])
            desk.save_items(self.order, {line: "6"})
            return [Entry("BOWL", "-1", "order_line", str(self.order))]

        def restock() -> Sequence[Entry]:
            api.refund(api.call("GET", f"orders/{self.order}"), 1, restock=True)
            return [Entry("BOWL", "1", "restock", str(self.order))]

        def cancel() -> Sequence[Entry]:
            desk.mark([self.order], "cancelled")
            return [Entry("BOWL", "5", "restore", str(self.order))]

        self.step(f"orders as {now}: block checkout", order)
        self.step(f"orders as {now}: line edited in wp-admin", edit)
        self.step(f"orders as {now}: refund with restock", restock)
        self.step(f"orders as {now}: cancelled by the list", cancel)
        self.well(f"orders as {now}")

    def object_cache(self) -> None:
        """What a request has read lasts: no page may show what was there before the till sold."""
        content, cup = self.shop.folder / "site/wp-content", self.stage.products["CUP"]
        shutil.copy(Path(__file__).resolve().parent / "object-cache.php", content / "object-cache.php")
        self.well("a lasting object cache")
        self.checks.expect("which is in use", found=any((content / "object-cache").iterdir()), wanted=True)
        self._shown("the till has sold", self.shop.level(cup))

        def typed() -> Sequence[Entry]:
            delta = 50 - self.shop.level(cup)
            Staff(self.shop).edit_stock(cup, 50)
            return [Entry("CUP", f"{delta:g}", "admin", "")]

        self.step("stock typed in wp-admin behind the cache", typed)
        self._shown("typed", 50)
        sell = partial(self.stage.till.record, "sales", self.stage.items["CUP"], 1)
        buy = partial(self.shop.checkout, [(cup, 1)])
        with ThreadPoolExecutor(10) as crowd:
            trade: list[Future[object]] = [crowd.submit(act) for act in (sell, buy) for _ in range(10)]
        for done in trade:
            done.result()
        self.stage.await_level("CUP", 30)
        self.stage.await_rest("ten sales on both sides at once")
        self._shown("ten sales on both sides at once", 30)
        self.checks.expect("and at the till", found=self.stage.at_till()["CUP"], wanted=30.0)
        self.stage.till.record("sales", self.stage.items["CUP"], 30)
        self.stage.await_level("CUP", 0)
        self.stage.await_rest("sold out at the till")
        self.checks.expect("sold out: the shop's page says so", found=self._is_in_stock(cup), wanted=False)
        self.stage.till.record("deliveries", self.stage.items["CUP"], 20)
        self.stage.await_level("CUP", 20)
        self.stage.await_rest("delivered at the till")
        self.checks.expect("delivered: the shop's page says so", found=self._is_in_stock(cup), wanted=True)
        (content / "object-cache.php").unlink()

    def folder(self) -> None:
        """Moved to an address with a folder in it; there somebody chooses plain permalinks without a word."""
        with served_elsewhere(self.shop, "/shop"):
            self.checks.expect("site moved", found=self.stage.wp("site", "moved", "--yes").status, wanted=WELL)
            self.well("in a folder")
            permalinks(self.shop, PLAIN)
            self.stage.till.record("sales", self.stage.items["CUP"], 1)
            wanted = self.stage.at_till()["CUP"]
            away = "the daemon does not find the shop's routes any more"
            servers.wait_until(lambda: not self.stage.status()["sides"]["store"]["reachable"], away, PATIENCE)
            said = self.stage.daemon.command("doctor")
            named = (said.status, "`wp tillbridge site moved`" in said.out)
            self.checks.expect("permalinks changed: the doctor says what to do", found=named, wanted=(FOUND, True))
            self.checks.expect("site moved", found=self.stage.wp("site", "moved", "--yes").status, wanted=WELL)
            self.stage.await_level("CUP", wanted)
            self.well("in a folder, with plain permalinks")

    def well(self, what: str) -> None:
        """Both sides sell, and the doctor finds nothing."""
        for sku in SKUS:
            both_ways(self.stage, sku, f"{what}: {sku} is sold on both sides", self.checks)
        self.stage.await_rest(what)
        said = self.stage.wp("doctor")
        problems = [line for line in said.out.splitlines() if "\tproblem\t" in line]
        self.checks.expect(f"{what}: the doctor finds nothing", found=(said.status, problems), wanted=(WELL, []))

    def _shown(self, what: str, level: float) -> None:
        cup = self.stage.products["CUP"]
        found = (self.shop.shown_level(cup), self.shop.offered(cup), self.shop.level(cup))
        self.checks.expect(f"{what}: as the shop shows", found=found, wanted=(level,) * 3)

    def _is_in_stock(self, product_id: int) -> bool:
        with calls.session() as guest:
            answer = guest.get(f"{self.shop.rest}/wc/store/v1/products/{product_id}", timeout=60)
        return bool(answer.json()["is_in_stock"])


def permalinks(shop: RealShop, kind: tuple[str, str]) -> None:
    """What somebody chooses in Settings > Permalinks."""
    structure, shop.rest_prefix = kind
    shop.wp("option", "update", "permalink_structure", structure)
    shop.wp("rewrite", "flush")


def run(shop: RealShop, tell: Tell) -> int:
    """Play it and publish what was found."""
    checks = Checks(tell)
    products = {sku: shop.add_product(sku, SHELF, sku.title()) for sku in SKUS}
    permalinks(shop, PLAIN)
    with set_up(shop, products) as stage:
        shops = OtherShops(stage, checks)
        shops.permalinks()
        shops.order_tables()
        shops.object_cache()
        shops.folder()
        checks.figures["entries"] = len(stage.born())
    checks.expect("PHP has nothing to say about the plugin", found=shop.complaints(), wanted=[])
    return checks.publish("e2e other-shops", "both sides keep in step, however the shop is set up", 1)
