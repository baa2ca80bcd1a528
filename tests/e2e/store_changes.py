"""Every way in which stock moves in a real shop: at the till with the right amount, in the journal with its cause, and
none twice. What WooCommerce does not move is asserted as well."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.e2e import goods
from tests.e2e.goods import Variable
from tests.e2e.people import Staff, classic_checkout
from tests.e2e.report import Checks, Tell
from tests.e2e.rest import OwnersApi
from tests.e2e.stage import SHELF, Entry, Stage, set_up
from tests.e2e.steps import Steps
from tests.e2e.wordpress import RealShop

SIMPLE = ("CUP", "PLATE", "BOWL", "BUNDLE", "PART", "GONE")

CLI_ORDER = """
$order = wc_create_order();
$order->add_product( wc_get_product( %d ), %d );
$order->calculate_totals();
$order->set_status( 'processing' );
echo $order->save();
"""


class Changes(Steps):
    """The flow, step by step, on one stage."""

    def __init__(self, stage: Stage, own: Variable, held: Variable, page: str, checks: Checks) -> None:
        super().__init__(stage, checks)
        self.own, self.held, self.page = own, held, page
        self.api = OwnersApi(stage.shop)
        self.staff = Staff(stage.shop)

    # --- orders -------------------------------------------------------------------------------------------------------

    def orders(self) -> None:
        cup, plate = self.stage.products["CUP"], self.stage.products["PLATE"]

        def block() -> Sequence[Entry]:
            order = str(self.shop.checkout([(cup, 2), (plate, 1)]).order_id)
            return [Entry("CUP", "-2", "order_line", order), Entry("PLATE", "-1", "order_line", order)]

        def classic() -> Sequence[Entry]:
            return [Entry("CUP", "-3", "order_line", str(classic_checkout(self.shop, self.page, cup, 3)))]

        def cli() -> Sequence[Entry]:
            return [Entry("CUP", "-1", "order_line", self.shop.wp("eval", CLI_ORDER % (cup, 1)))]

        def rest() -> Sequence[Entry]:
            order = self.api.order([{"product_id": cup, "quantity": 1}, {"product_id": cup, "quantity": 2}])
            return [Entry("CUP", amount, "order_line", str(order["id"])) for amount in ("-1", "-2")]

        def variation() -> Sequence[Entry]:
            line = {"product_id": self.own.parent, "variation_id": self.own.variation, "quantity": 2}
            return [Entry("SHIRT", "-2", "order_line", str(self.api.order([line])["id"]))]

        def held_by_parent() -> Sequence[Entry]:
            line = {"product_id": self.held.parent, "variation_id": self.held.variation, "quantity": 3}
            return [Entry("HOODIE", "-3", "order_line", str(self.api.order([line])["id"]))]

        def bundle() -> Sequence[Entry]:
            order = str(self.api.order([{"product_id": self.stage.products["BUNDLE"], "quantity": 2}])["id"])
            once, more = Entry("BUNDLE", "-2", "order_line", order), Entry("BUNDLE", "-1", "rest", "")
            return [once, Entry("PART", "-1", "rest", ""), more]

        self.step("block checkout, two lines", block)
        self.step("classic checkout", classic)
        self.step("order by WP-CLI", cli)
        self.step("order over REST, two lines of one product", rest)
        self.step("variation with stock of its own", variation)
        self.step("variation whose parent holds the stock", held_by_parent)
        self.step("two products and one twice in one request", bundle)

    # --- after the order ----------------------------------------------------------------------------------------------

    def after_the_order(self) -> None:
        bowl = self.stage.products["BOWL"]
        made = [self.api.order([{"product_id": bowl, "quantity": 5}]) for _ in range(4)]
        self.stage.await_rest("four orders")
        cancelled, refunded, edited, trashed = made

        def cancel() -> Sequence[Entry]:
            self.api.set_status(cancelled["id"], "cancelled")
            return [Entry("BOWL", "5", "restore", str(cancelled["id"]))]

        def complete() -> Sequence[Entry]:
            self.api.set_status(refunded["id"], "completed")
            return []

        def restock() -> Sequence[Entry]:
            self.refund = self.api.refund(refunded, 2, restock=True)
            return [Entry("BOWL", "2", "restock", str(refunded["id"]))]

        def keep() -> Sequence[Entry]:
            self.api.refund(refunded, 1, restock=False)
            return []

        def undo_refund() -> Sequence[Entry]:
            self.api.delete(f"orders/{refunded['id']}/refunds/{self.refund}", force=True)
            return []

        def edit() -> Sequence[Entry]:
            level = self.shop.level(bowl)
            line = {"id": edited["line_items"][0]["id"], "quantity": 8}
            self.api.call("PUT", f"orders/{edited['id']}", {"line_items": [line]})
            moved = self.shop.level(bowl) - level  # A WooCommerce of 7.9 moves nothing here, one of 11.0 does.
            return [Entry("BOWL", f"{moved:g}", "order_line", str(edited["id"]))] if moved else []

        def trash() -> Sequence[Entry]:
            self.api.delete(f"orders/{trashed['id']}", force=False)
            return []

        def restore_and_cancel() -> Sequence[Entry]:
            self.shop.wp("eval", f"wc_get_order( {trashed['id']} )->untrash();")
            self.shop.wp("eval", f"wc_get_order( {trashed['id']} )->update_status( 'cancelled' );")
            return [Entry("BOWL", "5", "restore", str(trashed["id"]))]

        def delete() -> Sequence[Entry]:
            self.api.delete(f"orders/{edited['id']}", force=True)
            return []

        self.step("cancelled", cancel)
        self.step("completed: moves nothing", complete)
        self.step("refund with restock", restock)
        self.step("refund without restock: moves nothing", keep)
        self.step("restocked refund deleted: WooCommerce moves nothing", undo_refund)
        self.step("line edited over REST", edit)
        self.step("order in the trash: WooCommerce gives nothing back", trash)
        self.step("order out of the trash and cancelled", restore_and_cancel)
        self.step("order deleted for good: WooCommerce gives nothing back", delete)

    # --- products -----------------------------------------------------------------------------------------------------

    def products(self) -> None:
        plate, gone = self.stage.products["PLATE"], self.stage.products["GONE"]

        def typed(sku: str, level: int, cause: str, write: Callable[[], object]) -> Callable[[], Sequence[Entry]]:
            def act() -> Sequence[Entry]:
                delta = level - self.shop.level(self.stage.products[sku])
                write()
                return [Entry(sku, f"{delta:g}", cause, "")]

            return act

        def batch() -> Sequence[Entry]:
            found = self.stage.in_shop()
            rows = [{"id": self.stage.products[sku], "stock_quantity": 60} for sku in ("PLATE", "PART")]
            self.api.call("POST", "products/batch", {"update": rows})
            return [Entry(sku, f"{60 - found[sku]:g}", "rest", "") for sku in ("PLATE", "PART")]

        def put(sku: str, route: str, level: int) -> Callable[[], Sequence[Entry]]:
            return typed(sku, level, "rest", lambda: self.api.call("PUT", route, {"stock_quantity": level}))

        def same() -> Sequence[Entry]:
            self.api.call("PUT", f"products/{plate}", {"stock_quantity": int(self.shop.level(plate))})
            return []

        def away_and_back() -> Sequence[Entry]:
            self.api.delete(f"products/{gone}", force=False)
            self.shop.wp("eval", f"wp_untrash_post( {gone} );")
            return []

        self.step("admin form", typed("PLATE", 40, "admin", lambda: self.staff.edit_stock(plate, 40)))
        self.step("quick edit", typed("PLATE", 55, "admin", lambda: self.staff.quick_edit_stock(plate, "PLATE", 55)))
        self.step("edited over REST", put("PLATE", f"products/{plate}", 33))
        self.step("same number over REST: moves nothing", same)
        self.step("batch over REST", batch)
        own = f"products/{self.own.parent}/variations/{self.own.variation}"
        self.step("variation edited over REST", put("SHIRT", own, 70))
        self.step("stock of a parent edited over REST", put("HOODIE", f"products/{self.held.parent}", 71))
        self.step("product in the trash and back: moves nothing", away_and_back)

    def not_seen_yet(self) -> None:
        """An edit by SQL fires nothing: neither the till nor the journal knows of it. Reconcile will find it."""
        cup = self.stage.products["CUP"]
        before, entry = self.stage.at_till(), self.stage.last_entry()
        spoil = "UPDATE wp_postmeta SET meta_value = meta_value + 10 WHERE post_id = {} AND meta_key = '_stock'"
        self.shop.sql(spoil.format(cup))
        order = str(self.shop.checkout([(cup, 1)]).order_id)
        self.stage.await_rest("an order after an edit by SQL")
        self.checks.expect(
            "edit by SQL: NOT SEEN YET, and the sale after it is told as what it is",
            found=(self.stage.born(entry), self.stage.at_till()["CUP"]),
            wanted=([Entry("CUP", "-1", "order_line", order)], before["CUP"] - 1),
        )

    def deletion(self) -> None:
        """A product that is deleted for good moves nothing at the till."""

        def delete() -> Sequence[Entry]:
            self.api.delete(f"products/{self.stage.products.pop('GONE')}", force=True)
            return []

        self.step("product deleted for good: moves nothing", delete)


def run(shop: RealShop, tell: Tell) -> int:
    """Play it and publish what was found."""
    checks = Checks(tell)
    products = {sku: shop.add_product(sku, SHELF, sku.title()) for sku in SIMPLE}
    own = goods.add_variable(shop, "SHIRT", SHELF, own=True)
    held = goods.add_variable(shop, "HOODIE", SHELF, own=False)
    page = goods.add_classic_checkout(shop)
    goods.add_neighbours(shop)
    with set_up(shop, {**products, "SHIRT": own.variation, "HOODIE": held.parent}) as stage:
        changes = Changes(stage, own, held, page, checks)
        changes.orders()
        changes.after_the_order()
        changes.products()
        changes.deletion()
        changes.not_seen_yet()
        checks.figures["entries"] = len(stage.born())
    checks.expect("PHP has nothing to say about the plugin", found=shop.complaints(), wanted=[])
    return checks.publish("e2e store-changes", "every change in the shop is at the till, once, with its cause", 1)
