"""Wears the real plugin as a `Shim` for the contract tests. Run through `python -m tests.e2e contract`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from tests.contracts.shim_contract import ShimContract
from tests.e2e.contract import HANDED_DOWN
from tests.e2e.wordpress import RealShop
from tillbridge.sides.http import HttpExchange

MAKE_VARIATION = """
$parent = new WC_Product_Variable();
$attribute = new WC_Product_Attribute();
$attribute->set_name( 'Size' );
$attribute->set_options( array( 'S', 'M' ) );
$attribute->set_variation( true );
$parent->set_name( 'Hoodie' );
$parent->set_attributes( array( $attribute ) );
$parent->set_manage_stock( true );
$parent->set_stock_quantity( %s );
$variation = new WC_Product_Variation();
$variation->set_parent_id( $parent->save() );
$variation->set_attributes( array( 'size' => 'S' ) );
$variation->set_regular_price( 20 );
echo $parent->get_id(), ' ', $variation->save();
"""

SELL = """
$order = wc_create_order();
$order->add_product( wc_get_product( %d ), %d );
$order->calculate_totals();
$order->set_status( 'processing' );
echo $order->save();
"""


REFUND = """
$order = wc_get_order( %d );
$line = current( $order->get_items() );
$back = array( $line->get_id() => array( 'qty' => %d, 'refund_total' => 1 ) );
$refund = array( 'order_id' => $order->get_id(), 'amount' => 1, 'line_items' => $back, 'restock_items' => %s );
wc_create_refund( $refund );
"""


class RealShim:
    """What people do in the shop, done by WP-CLI."""

    prefix = "/wp-json"

    def __init__(self, shop: RealShop) -> None:
        self._shop = shop
        self.exchange = HttpExchange(shop.url)
        self.secret = shop.secret
        self.door = shop.door

    def now(self) -> datetime:
        return datetime.now(UTC)

    def make_product(self, level: str | None) -> int:
        stock = "" if level is None else f"$p->set_manage_stock( true ); $p->set_stock_quantity( {level} );"
        product = "$p = new WC_Product_Simple(); $p->set_name( 'Cup' ); $p->set_regular_price( 5 );"
        return int(self._shop.wp("eval", f"{product} {stock} echo $p->save();"))

    def make_variation(self, parent_level: str) -> tuple[int, int]:
        parent, variation = self._shop.wp("eval", MAKE_VARIATION % parent_level).split()
        return int(parent), int(variation)

    def sell(self, product_id: int, quantity: int) -> int:
        return int(self._shop.wp("eval", SELL % (product_id, quantity)))

    def cancel(self, order_id: int) -> None:
        self._shop.wp("eval", f"wc_get_order( {order_id} )->update_status( 'cancelled' );")

    def complete(self, order_id: int) -> None:
        self._shop.wp("eval", f"wc_get_order( {order_id} )->update_status( 'completed' );")

    def refund(self, order_id: int, quantity: int, restock: bool) -> None:
        self._shop.wp("eval", REFUND % (order_id, quantity, "true" if restock else "false"))

    @contextmanager
    def being_a_copy(self) -> Iterator[None]:
        self._shop.connect("", address_hash="0" * 64)
        yield
        self._shop.connect("")

    def write_level(self, product_id: int, level: str) -> None:
        self._shop.wp("eval", f"$p = wc_get_product( {product_id} ); $p->set_stock_quantity( {level} ); $p->save();")


class TestRealShim(ShimContract):
    """The plugin keeps the contract."""

    @pytest.fixture
    def shim(self) -> RealShim:
        if HANDED_DOWN not in os.environ:
            pytest.fail("run this with: python -m tests.e2e contract")
        return RealShim(RealShop.attached(json.loads(os.environ[HANDED_DOWN])))
