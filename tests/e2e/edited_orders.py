"""Orders that are worked on in wp-admin after they were made, and orders that nobody pays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.e2e import calls, servers
from tests.e2e.order_desk import OrderDesk
from tests.e2e.people import classic_checkout
from tests.e2e.report import Checks
from tests.e2e.rest import OwnersApi
from tests.e2e.stage import PATIENCE, Entry, Stage
from tests.e2e.steps import Steps

UNPAID_ORDER = """
$order = wc_create_order( array( 'created_via' => 'checkout' ) );
$order->add_product( wc_get_product( %d ), %d );
$order->save();
wc_maybe_reduce_stock_levels( $order->get_id() );
echo $order->get_id();
"""

AGE = """
global $wpdb;
$order = wc_get_order( %d );
$order->set_date_modified( time() - DAY_IN_SECONDS );
$order->save();
$wpdb->update( $wpdb->posts, array( 'post_modified' => '2020-01-01 00:00:00' ), array( 'ID' => $order->get_id() ) );
"""
"""Nobody has touched the order since yesterday, whether it lies in a table of its own or among the posts."""


class EditedOrders(Steps):
    """Steps of the flow `other-flows`."""

    def __init__(self, stage: Stage, page: str, api: OwnersApi, checks: Checks) -> None:
        super().__init__(stage, checks)
        self.page, self.api = page, api
        self.desk = OrderDesk(stage.shop)
        self.bowl, self.cup = stage.products["BOWL"], stage.products["CUP"]

    def lines(self) -> None:
        """Lines added, changed, removed."""
        order = self._order(5)
        number, first = int(order["id"]), int(order["line_items"][0]["id"])

        def moves(sku: str, amount: str) -> Sequence[Entry]:
            return [Entry(sku, amount, "order_line", str(number))]

        def add() -> Sequence[Entry]:
            self.desk.add_item(number, self.cup, "2")
            return []

        def save() -> Sequence[Entry]:
            self.desk.save_items(number)
            return moves("CUP", "-2")

        def save_again() -> Sequence[Entry]:
            self.desk.save_items(number)
            return []

        def change(quantity: str, amount: str) -> Sequence[Entry]:
            self.desk.save_items(number, {first: quantity})
            return moves("BOWL", amount)

        def remove() -> Sequence[Entry]:
            self.desk.remove_item(number, self._line_of(number, self.cup))
            return moves("CUP", "2")

        self.step("line added in wp-admin: WooCommerce moves nothing yet", add)
        self.step("and saved with the lines", save)
        self.step("saved again: moves nothing", save_again)
        self.step("line raised in wp-admin", lambda: change("8", "-3"))
        self.step("line lowered in wp-admin", lambda: change("6", "2"))
        self.step("line removed in wp-admin", remove)
        self.step("line set to 0 in wp-admin", lambda: change("0", "6"))

    def refunds(self) -> None:
        """Paid back with and without restock, one refund deleted, and what the line holds after that."""
        order = self._order(4)
        number, line = int(order["id"]), int(order["line_items"][0]["id"])

        def restock() -> Sequence[Entry]:
            self.desk.refund(number, line, 1, restock=True)
            self.restocked = int(self.api.call("GET", f"orders/{number}/refunds")[0]["id"])
            return [Entry("BOWL", "1", "restock", str(number))]

        def keep() -> Sequence[Entry]:
            self.desk.refund(number, line, 1, restock=False, so_far="1.00")
            return []

        def delete() -> Sequence[Entry]:
            self.desk.delete_refund(number, self.restocked)
            return []

        def edit() -> Sequence[Entry]:
            self.desk.save_items(number, {line: "5"})
            return [Entry("BOWL", "-1", "order_line", str(number))]

        self.step("refund with restock in wp-admin", restock)
        self.step("refund without restock in wp-admin: moves nothing", keep)
        self.step("restocked refund deleted in wp-admin: WooCommerce moves nothing", delete)
        self.step("line raised after refunds", edit)

    def statuses(self) -> None:
        """The form of an order saves its lines first and its status then, both in one request."""
        order = self.api.order([{"product_id": self.bowl, "quantity": 2}], "pending")
        self.stage.await_rest("an order that waits for its payment")
        number, line = int(order["id"]), int(order["line_items"][0]["id"])

        def save(status: str, quantity: str, *moves: tuple[str, str]) -> Sequence[Entry]:
            self.desk.save(number, status, {line: quantity})
            return [Entry("BOWL", amount, cause, str(number)) for amount, cause in moves]

        self.step("paid, with another quantity", lambda: save("processing", "3", ("-3", "order_line")))
        self.step("saved as it is: moves nothing", lambda: save("processing", "3"))
        both = (("2", "order_line"), ("1", "restore"))
        self.step("lowered and cancelled at once", lambda: save("cancelled", "1", *both))
        self.step("cancelled one is taken up again", lambda: save("on-hold", "1", ("-1", "order_line")))
        self.step("refunded by its status: WooCommerce gives nothing back", lambda: save("refunded", "1"))

    def unpaid(self) -> None:
        """What is not paid in time is cancelled by WooCommerce, in a request of nobody."""

        def bought() -> Sequence[Entry]:
            self.bought = classic_checkout(self.shop, self.page, self.bowl, 2)
            return [Entry("BOWL", "-2", "order_line", str(self.bought))]

        def to_be_paid() -> Sequence[Entry]:
            self.desk.save(self.bought, "pending")
            return [Entry("BOWL", "2", "restore", str(self.bought))]

        def reduced() -> Sequence[Entry]:
            self.reduced = int(self.shop.wp("eval", UNPAID_ORDER % (self.bowl, 3)))
            return [Entry("BOWL", "-3", "order_line", str(self.reduced))]

        def expires() -> Sequence[Entry]:
            for order in (self.bought, self.reduced):
                self.shop.wp("eval", AGE % order)
            self._run_cron("woocommerce_cancel_unpaid_orders")
            servers.wait_until(lambda: self._statuses() == {"cancelled"}, "WooCommerce has cancelled both", PATIENCE)
            return [Entry("BOWL", "3", "restore", str(self.reduced))]

        self.step("bought, cash on delivery", bought)
        self.step("is to be paid before: given back", to_be_paid)
        self.step("taken from stock before it is paid, as some gateways do", reduced)
        self.step("neither is paid in time: given back is what was taken", expires)

    def _order(self, quantity: int) -> dict[str, Any]:
        order = self.api.order([{"product_id": self.bowl, "quantity": quantity}])
        self.stage.await_rest("an order")
        return order

    def _line_of(self, order_id: int, product_id: int) -> int:
        lines = self.api.call("GET", f"orders/{order_id}")["line_items"]
        return next(int(line["id"]) for line in lines if line["product_id"] == product_id)

    def _statuses(self) -> set[str]:
        orders = (self.bought, self.reduced)
        return {str(self.api.call("GET", f"orders/{order}")["status"]) for order in orders}

    def _run_cron(self, hook: str) -> None:
        """Have a visit to wp-cron.php run it, which lets its visitor go before it begins."""
        self.shop.wp("cron", "event", "schedule", hook, "now")
        with calls.session() as visitor:
            visitor.get(f"{self.shop.url}/wp-cron.php?doing_wp_cron", timeout=60).raise_for_status()
