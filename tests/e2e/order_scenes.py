"""What happens to orders of a real shop after they were made: edits, refunds, and their end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.contracts.order_figures import SHIPPING, Counter
from tests.e2e.order_bench import NAMES, Bench, Made
from tests.e2e.order_desk import OrderDesk
from tests.e2e.order_shop import OrderShop
from tests.e2e.sold_orders import Json
from tests.e2e.stage import Stage

BILLING = {
    "first_name": NAMES[0],
    "last_name": NAMES[1],
    "address_1": "1 " + NAMES[3],
    "city": NAMES[4],
    "postcode": "10115",
    "country": "DE",
    "email": "zebulon.quartermain@example.com",
    "phone": "+49 30 " + NAMES[5],
}
OLD = """
$order = wc_get_order( %d );
$order->set_date_created( '2025-06-01 12:00:00' );
$order->set_status( 'processing' );
$order->save();
"""
BY_WEIGHT = """
$order = wc_create_order( array( 'status' => 'pending' ) );
$order->add_product( wc_get_product( %d ), 1.5 );
$order->calculate_totals();
$order->set_status( 'processing' );
$order->save();
echo $order->get_id();
"""
TWO_REFUNDS = """
$order = wc_get_order( %d );
foreach ( array( true, false ) as $restock ) {
	foreach ( $order->get_items() as $line ) {
		$share = fn( $tax ) => wc_round_tax_total( $tax / $line->get_quantity() );
		$taxes = array_map( $share, $line->get_taxes()['total'] );
		$net = wc_format_decimal( $line->get_total() / $line->get_quantity(), 2 );
		$back = array( 'qty' => 1, 'refund_total' => $net, 'refund_tax' => $taxes );
		wc_create_refund( array( 'order_id' => $order->get_id(), 'amount' => $net + array_sum( $taxes ),
			'line_items' => array( $line->get_id() => $back ), 'restock_items' => $restock ) );
	}
}
"""
UNTRASH = """
if ( class_exists( 'Automattic\\WooCommerce\\Utilities\\OrderUtil' )
	&& Automattic\\WooCommerce\\Utilities\\OrderUtil::custom_orders_table_usage_is_enabled() ) {
	$order = wc_get_order( %1$d );
	wc_get_container()->get( Automattic\\WooCommerce\\Internal\\DataStores\\Orders\\OrdersTableDataStore::class )
		->untrash_order( $order );
} else {
	wp_untrash_post( %1$d );
}
"""


class Scenes:
    """Orders, each with what is done to it once the till has it (`after`), and what is done after that (`last`)."""

    def __init__(self, stage: Stage, desk: OrderShop, bench: Bench, shirt: tuple[int, int]) -> None:
        self.shop, self.desk, self.bench = stage.shop, desk, bench
        self.parent, self.variation = shirt
        self.counter = Counter(desk)
        self.office = OrderDesk(stage.shop)
        self.after: list[tuple[str, Callable[[], object]]] = []
        self.last: list[tuple[str, Callable[[], object]]] = []

    def play(self, acts: list[tuple[str, Callable[[], object]]]) -> None:
        """Do them all; one that fails is said, and the others go on."""
        for name, act in acts:
            try:
                act()
            except Exception as error:
                self.bench.checks.expect(f"{name} can be done", found=f"{error!r:.300}", wanted="")

    def buy(self, name: str, *lines: Any, state: str = "sold", **fields: Any) -> tuple[Made, Json]:
        order = self.counter.order(*lines, **{"payment_method": "bacs", **fields})
        return self.bench.made(name, order, state), order

    def plain(self) -> None:
        """Orders to which nothing more happens."""
        customer = self.desk.call("POST", "customers", {"email": "quartermain@example.com", **_names()})["id"]
        parent, variation = self.parent, self.variation
        shirt = {"product_id": parent, "variation_id": variation, "quantity": 3}
        self.buy("a guest", ("cup", 1), billing=BILLING)
        self.buy("a customer", ("cup", 1), billing=BILLING, customer_id=int(customer))
        self.buy("a variation", shirt)
        self.buy("a variation in two lines", shirt, {**shirt, "quantity": 1}, ("book", 2))
        self.buy("cash on delivery, not paid", ("book", 3), payment_method="cod", set_paid=False)
        self.buy("without a gateway", ("cup", 1), payment_method="")
        self.buy("free, by a coupon of all", {**self.counter.line("cup", 2), "subtotal": "20", "total": "0"})
        checkout = self.shop.checkout([(self.desk.goods["cup"], 3)])
        self.bench.made("bought at the block checkout", {"id": checkout.order_id})
        weighed = self.shop.wp("eval", BY_WEIGHT % self.desk.goods["bread"])
        self.bench.made("a piece and a half", {"id": int(weighed)})
        made, order = self.buy("on hold, then shipped", ("cup", 3), ("book", 3), state="not-yet", status="on-hold")
        self.then("on hold, then shipped", lambda: self._ship(made, order))
        self.buy("on hold, as it stays", ("cup", 1), state="not-yet", status="on-hold")

    def policies(self) -> None:
        """Orders of which the owner's policy has something to say."""
        self.buy("a product that is not linked", ("unlinked", 2), ("cup", 1), state="unlinked_line")
        self.buy("a gateway without a type", ("cup", 1), state="unmapped_payment", payment_method="paypal")
        _, order = self.buy("made before the start", ("cup", 2), state="alone", status="pending")
        self.shop.wp("eval", OLD % int(order["id"]))

    def edits(self) -> None:
        """Orders that are worked on."""
        for where in ("REST", "wp-admin"):
            name = f"quantity raised over {where}"
            _, order = self.buy(name, ("cup", 3), ("book", 3))
            line = int(order["line_items"][0]["id"])
            if where == "REST":
                self.then(name, partial(self._edit, order, line_items=[{"id": line, "quantity": 5}]))
            else:
                self.then(name, partial(self.office.save_items, order["id"], {line: "5"}))
        _, lowered = self.buy("quantity lowered in wp-admin", ("cup", 3), ("pen", 7))
        self.then("lowered", lambda: self.office.save_items(lowered["id"], {lowered["line_items"][1]["id"]: "2"}))
        _, priced = self.buy("price changed over REST", ("cup", 3), ("book", 1))
        first = priced["line_items"][0]["id"]
        self.then("priced", lambda: self._edit(priced, line_items=[{"id": first, "total": "20.00"}]))
        _, added = self.buy("line added, shipping and fee added over REST", ("book", 1))
        more = {"line_items": [self.counter.line("tea", 2)], "shipping_lines": SHIPPING}
        self.then("added", lambda: self._edit(added, **more))
        _, added_too = self.buy("line added in wp-admin", ("cup", 1))
        self.then("added in wp-admin", lambda: self.office.add_item(added_too["id"], self.desk.goods["pen"], "3"))
        self.then("and saved", lambda: self.office.save_items(added_too["id"]))
        _, less = self.buy("line removed in wp-admin", ("cup", 2), ("book", 3))
        self.then("removed", lambda: self.office.remove_item(less["id"], less["line_items"][1]["id"]))
        _, moved = self.buy("address changed", ("cup", 1), billing=BILLING)
        self.then("moved", lambda: self._edit(moved, billing={**BILLING, "city": "Elsewhere"}))
        for status in ("cancelled", "failed", "pending"):
            _, order = self.buy(f"sent, then {status}", ("cup", 2), shipping_lines=SHIPPING)
            self.then(status, partial(self._status, order, status))
        _, again = self.buy("cancelled, and taken up again", ("cup", 2))
        self.then("cancelled", lambda: self._status(again, "cancelled"))
        self.finally_("taken up", lambda: self._status(again, "processing"))

    def refunds(self) -> None:
        """Money and goods that come back."""
        for restock in (True, False):
            name = f"refund by line, {'with' if restock else 'without'} restock"
            _, order = self.buy(name, ("cup", 3), ("book", 3), coupon_lines=[{"code": "third"}])
            back = [self.counter.back(order["line_items"][0], 1), self.counter.back(order["line_items"][1], 2)]
            self.then(name, partial(self.counter.refund, order, back, api_restock=restock))
        _, whole = self.buy("full refund with restock", ("cup", 3), shipping_lines=SHIPPING)
        back = [self.counter.back(line) for line in (*whole["line_items"], *whole["shipping_lines"])]
        self.then("whole", lambda: self.counter.refund(whole, back, amount=whole["total"], api_restock=True))
        _, amount = self.buy("refund by amount", ("book", 3), ("cup", 1))
        self.then("amount", lambda: self.counter.refund(amount, amount="3.33"))
        _, status = self.buy("refund by status", ("book", 3), ("pen", 1))
        self.then("status", lambda: self._status(status, "refunded"))
        _, gone = self.buy("refund, then deleted", ("cup", 3))
        self.then("to be deleted", lambda: self.counter.refund(gone, [self.counter.back(gone["line_items"][0], 1)]))
        self.finally_("refund deleted", lambda: self._delete_refund(gone))
        _, two = self.buy("two refunds in one second", ("cup", 4))
        self.then("two refunds", lambda: self.shop.wp("eval", TWO_REFUNDS % int(two["id"])))

    def ends(self) -> None:
        """Orders that are thrown away."""
        trashed, _ = self.buy("trashed", ("cup", 2))
        self.then("trashed", lambda: self._trash(trashed))
        back, _ = self.buy("trashed and untrashed", ("cup", 2))
        self.then("trashed", lambda: self._trash(back))
        self.finally_("untrashed", lambda: self._untrash(back))
        gone, _ = self.buy("deleted for good", ("cup", 2))
        self.then("deleted", lambda: self._delete(gone))

    def then(self, name: str, act: Callable[[], object]) -> None:
        self.after.append((name, act))

    def finally_(self, name: str, act: Callable[[], object]) -> None:
        self.last.append((name, act))

    def _ship(self, made: Made, order: Json) -> None:
        made.state = "sold"
        self._status(order, "shipped")

    def _edit(self, order: Json, **fields: Any) -> None:
        self.counter.edit(order, **fields)

    def _status(self, order: Json, status: str) -> None:
        self.counter.edit(order, status=status)

    def _delete_refund(self, order: Json) -> None:
        (refund,) = self.desk.call("GET", f"orders/{order['id']}/refunds")
        self.desk.delete_for_good(f"orders/{order['id']}/refunds/{refund['id']}")

    def _trash(self, made: Made) -> None:
        self.bench.keep(made)
        self.desk.call("DELETE", f"orders/{made.ref}")

    def _untrash(self, made: Made) -> None:
        self.shop.wp("eval", UNTRASH.replace("%1$d", str(made.ref)))
        made.kept = None

    def _delete(self, made: Made) -> None:
        self.bench.keep(made)
        self.desk.delete_for_good(f"orders/{made.ref}")


def _names() -> dict[str, Any]:
    return {"first_name": NAMES[0], "last_name": NAMES[1], "billing": BILLING}
