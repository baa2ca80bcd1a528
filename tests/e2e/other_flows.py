"""The less usual ways in which stock moves: orders edited in wp-admin, many products at once, other plugins, unpaid and
backordered orders, fractions, a variation that gets stock of its own. Looked at like `store-changes`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tests.e2e import calls, goods, servers
from tests.e2e.edited_orders import EditedOrders
from tests.e2e.goods import Variable
from tests.e2e.report import Checks, Tell
from tests.e2e.rest import OwnersApi
from tests.e2e.stage import PATIENCE, SHELF, Entry, Stage, set_up
from tests.e2e.steps import Steps
from tests.e2e.stockroom import DECREASE, INCREASE, SET, Stockroom
from tests.e2e.wordpress import RealShop

SIMPLE = ("CUP", "PLATE", "BOWL", "POT", "FLOUR")

OTHER_PLUGIN = """<?php
/**
 * Another plugin, which changes stock when a page of the shop is asked for, in every way that WooCommerce offers.
 */
add_action(
	'wp_loaded',
	static function () {
		if ( ! isset( $_GET['e2e'], $_GET['product'], $_GET['quantity'] ) ) {
			return;
		}
		$product  = wc_get_product( (int) $_GET['product'] );
		$quantity = (float) $_GET['quantity'];
		if ( 'save' === $_GET['e2e'] ) {
			$product->set_stock_quantity( $quantity );
			$product->save();
		} elseif ( 'meta' === $_GET['e2e'] ) {
			update_post_meta( $product->get_id(), '_stock', $quantity );
		} elseif ( 'floor' === $_GET['e2e'] ) {
			add_filter(
				'woocommerce_update_product_stock_query',
				static function ( $sql ) {
					return preg_replace( '/= (meta_value [-+][0-9.]+)/', '= GREATEST( 0, $1 )', $sql );
				}
			);
			wc_update_product_stock( $product, $quantity, 'decrease' );
		} else {
			wc_update_product_stock( $product, $quantity, $_GET['e2e'] );
		}
		exit( 'done' );
	}
);
"""

FRACTIONS = """<?php
/**
 * A shop that sells by weight: what every plugin for that does.
 */
add_action(
	'plugins_loaded',
	static function () {
		remove_filter( 'woocommerce_stock_amount', 'intval' );
		add_filter( 'woocommerce_stock_amount', 'floatval' );
	}
);
"""

WEIGHED_ORDER = """
$order = wc_create_order();
$order->add_product( wc_get_product( %d ), %s );
$order->set_status( 'processing' );
echo $order->save();
"""


class OtherChanges(Steps):
    """The flow, step by step, on one stage."""

    def __init__(self, stage: Stage, held: Variable, api: OwnersApi, checks: Checks) -> None:
        super().__init__(stage, checks)
        self.held, self.api = held, api

    def many_at_once(self) -> None:
        """Bulk edit, a CSV file, a duplicate."""
        room, products = Stockroom(self.shop), self.stage.products
        plate, cup = products["PLATE"], products["CUP"]

        def bulk(change: str, quantity: int, **moves: str) -> Sequence[Entry]:
            room.bulk_edit([plate, cup], change, quantity)
            return [Entry(sku, amount, "admin", "") for sku, amount in moves.items()]

        def file() -> Sequence[Entry]:
            rows = [["PLATE", "44"], ["CUP", "60"], ["SHIRT", "81"]]
            found = room.import_csv(["sku", "stock_quantity"], rows)
            wanted = {"updated": 3, "imported": 0, "failed": 0, "skipped": 0}
            self.checks.expect("the importer updated all three", found=found, wanted=wanted)
            return [Entry("PLATE", "-16", "import", ""), Entry("SHIRT", "-19", "import", "")]

        def double() -> Sequence[Entry]:
            copy = room.duplicate(plate)
            self.checks.expect("the duplicate has as many", found=self.shop.level(copy), wanted=44.0)
            return []

        self.step("bulk edit: set to", lambda: bulk(SET, 57, PLATE="-43", CUP="-43"))
        self.step("bulk edit: increased by", lambda: bulk(INCREASE, 5, PLATE="5", CUP="5"))
        self.step("bulk edit: decreased by", lambda: bulk(DECREASE, 2, PLATE="-2", CUP="-2"))
        self.step("bulk edit of something else: moves nothing", lambda: bulk("", 0))
        self.step("CSV file with two levels that differ and one that does not", file)
        self.step("duplicated product: moves nothing", double)

    def other_plugins(self) -> None:
        """Whatever way another plugin takes, in a request of a visitor."""
        plate, bowl = self.stage.products["PLATE"], self.stage.products["BOWL"]
        for what, do, quantity, moves in (
            ("sets a level", "set", 70, 26),
            ("increases a level", "increase", 5, 5),
            ("saves a product", "save", 50, -25),
            ("writes the meta row itself", "meta", 64, 14),
            ("forbids levels below zero", "floor", 99, -64),
        ):
            act = partial(self._plugin, do, plate, quantity, Entry("PLATE", f"{moves}", "other", ""))
            self.step(f"another plugin {what}", act)
        same = partial(self._plugin, "set", bowl, self.shop.level(bowl))
        self.step("another plugin sets the level that is there: moves nothing", same)
        hoodie = partial(self._plugin, "decrease", self.held.variation, 4, Entry("HOODIE", "-4", "other", ""))
        self.step("another plugin takes from a variation what its parent holds", hoodie)

    def backorders(self) -> None:
        """What is not there can be ordered: both sides go below zero."""
        pot, item = self.stage.products["POT"], self.stage.items["POT"]
        self.api.call("PUT", f"products/{pot}", {"backorders": "notify", "stock_quantity": 2})
        self.stage.await_rest("two pots are left")

        def order() -> Sequence[Entry]:
            self.ordered = self.shop.checkout([(pot, 5)]).order_id
            return [Entry("POT", "-5", "order_line", str(self.ordered))]

        def cancel() -> Sequence[Entry]:
            self.api.set_status(self.ordered, "cancelled")
            return [Entry("POT", "5", "restore", str(self.ordered))]

        self.step("more ordered than there is", order)
        self.stage.till.record("sales", item, 1)
        self.stage.await_level("POT", -4)
        self.stage.await_rest("a till sale below zero")
        self.checks.expect("sold at the till as well", found=self.shop.level(pot), wanted=-4.0)
        status = self.shop.wp("eval", f"echo wc_get_product( {pot} )->get_stock_status();")
        self.checks.expect("and still to be ordered", found=status, wanted="onbackorder")
        self.step("the order is cancelled", cancel)

    def fractions(self) -> None:
        """By weight, down to amounts that no binary number holds."""
        flour, item = self.stage.products["FLOUR"], self.stage.items["FLOUR"]
        (self.shop.folder / "site/wp-content/mu-plugins/e2e-fractions.php").write_text(FRACTIONS, encoding="utf-8")

        def order() -> Sequence[Entry]:
            self.weighed = int(self.shop.wp("eval", WEIGHED_ORDER % (flour, "1.25")))
            return [Entry("FLOUR", "-1.25", "order_line", str(self.weighed))]

        def cancel() -> Sequence[Entry]:
            self.api.set_status(self.weighed, "cancelled")
            return [Entry("FLOUR", "1.25", "restore", str(self.weighed))]

        self.step("1.25 ordered", order)
        self.step("and cancelled", cancel)
        self.step("set to 62.5", partial(self._plugin, "set", flour, 62.5, Entry("FLOUR", "-37.5", "other", "")))
        for _ in range(3):
            self._plugin("decrease", flour, 0.1)
            self.stage.till.record("sales", item, 0.1)
        self._plugin("decrease", flour, 0.7)
        self.stage.await_rest("tenths on both sides")
        servers.wait_until(lambda: self._tenths() == (61.2, 61.2), "tenths agree", PATIENCE, 0.05)
        self.checks.expect("tenths sold on both sides, one after the other", found=self._tenths(), wanted=(61.2, 61.2))

    def switched(self) -> None:
        """A variation whose parent held its stock gets stock of its own, and loses it again."""
        route, name = f"products/{self.held.parent}/variations/{self.held.variation}", "HOODIE-S"
        self.stage.items[name] = self.stage.till.add_item(name, 7)

        def put(**fields: object) -> Sequence[Entry]:
            self.api.call("PUT", route, fields)
            return []

        def order(sku: str) -> Sequence[Entry]:
            line = {"product_id": self.held.parent, "variation_id": self.held.variation, "quantity": 2}
            return [Entry(sku, "-2", "order_line", str(self.api.order([line])["id"]))]

        own = partial(put, sku=name, manage_stock=True, stock_quantity=7)
        self.step("a variation gets stock of its own: moves nothing", own)
        self.stage.products[name] = self.held.variation
        self.stage.sync()
        links = len(self.stage.products)
        servers.wait_until(lambda: self.stage.status()["links"] == links, f"{name} is linked", PATIENCE, 0.05)
        self.step("it is ordered: its own stock moves", lambda: order(name))
        del self.stage.products[name]
        self.step("its parent holds it again: moves nothing", lambda: put(manage_stock=False))
        self.step("it is ordered: its parent's stock moves", lambda: order("HOODIE"))

    def sold_without_a_level(self) -> None:
        """The till sells what has no level of its own in the shop any more: nothing moves, and a person is told."""
        before = self.stage.in_shop()
        self.stage.till.record("sales", self.stage.items["HOODIE-S"], 1)
        servers.wait_until(lambda: self._sentences("HOODIE-S") != [], "a person is told", PATIENCE, 0.1)
        said = [sentence.split(":")[0] for sentence in self._sentences("HOODIE-S")]
        wanted = ["The parent product keeps this variation's stock"]
        self.checks.expect("sold without a level: a person is told why", found=said, wanted=wanted)
        self.checks.expect("sold without a level: nothing moves in the shop", found=self.stage.in_shop(), wanted=before)

    def _sentences(self, sku: str) -> list[str]:
        """What `tillbridge queue` says of it."""
        rows = self.stage.daemon.command("queue", "list", "--format", "json").json["rows"]
        return [str(row["sentence"]) for row in rows if row["sku"] == sku]

    def _plugin(self, do: str, product_id: int, quantity: float, *moves: Entry) -> Sequence[Entry]:
        asked = {"e2e": do, "product": str(product_id), "quantity": f"{quantity:g}"}
        with calls.session() as visitor:
            answer = visitor.get(f"{self.shop.url}/", params=asked, timeout=60)
        if answer.text != "done":
            raise RuntimeError(f"the other plugin: {answer.status_code} {answer.text[:300]}")
        return moves

    def _tenths(self) -> tuple[float, float]:
        """What both sides have of the flour; a shop's database counts in binary, so only what it means is compared."""
        return round(self.shop.level(self.stage.products["FLOUR"]), 6), self.stage.at_till()["FLOUR"]


def run(shop: RealShop, tell: Tell) -> int:
    """Play it and publish what was found."""
    checks = Checks(tell)
    products = {sku: shop.add_product(sku, SHELF, sku.title()) for sku in SIMPLE}
    own = goods.add_variable(shop, "SHIRT", SHELF, own=True)
    held = goods.add_variable(shop, "HOODIE", SHELF, own=False)
    page = goods.add_classic_checkout(shop)
    folder = shop.folder / "site/wp-content/mu-plugins"
    folder.mkdir()
    (folder / "e2e-other-plugin.php").write_text(OTHER_PLUGIN, encoding="utf-8")
    with set_up(shop, {**products, "SHIRT": own.variation, "HOODIE": held.parent}) as stage:
        play(stage, held, page, checks)
    checks.expect("PHP has nothing to say about the plugin", found=shop.complaints(), wanted=[])
    return checks.publish("e2e other-flows", "unusual changes in the shop are at the till, once, with their cause", 1)


def play(stage: Stage, held: Variable, page: str, checks: Checks) -> None:
    """Every step, one after the other."""
    api = OwnersApi(stage.shop)
    edited = EditedOrders(stage, page, api, checks)
    edited.lines()
    edited.refunds()
    edited.statuses()
    edited.unpaid()
    changes = OtherChanges(stage, held, api, checks)
    changes.many_at_once()
    changes.other_plugins()
    changes.backorders()
    changes.fractions()
    changes.switched()
    changes.sold_without_a_level()
    checks.figures["entries"] = len(stage.born())
