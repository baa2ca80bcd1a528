"""A real shop whose orders become sales: goods with stock, taxes by the till's names, and the daemon's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.e2e.real_money import RealDesk
from tests.e2e.wordpress import RealShop

SHELF = 1000
STATUS = """<?php
add_action( 'init', function () {
	register_post_status( 'wc-shipped', array( 'label' => 'Shipped', 'public' => true,
		'show_in_admin_status_list' => true, 'label_count' => array( 'Shipped', 'Shipped' ) ) );
} );
add_filter( 'wc_order_statuses', function ( $known ) {
	return $known + array( 'wc-shipped' => 'Shipped' );
} );
add_filter( 'pre_wp_mail', '__return_true' );
remove_filter( 'woocommerce_stock_amount', 'intval' );
add_filter( 'woocommerce_stock_amount', 'floatval' );
"""
"""A status of the shop's own, pieces that can be cut, and no mail."""


class OrderShop(RealDesk):
    """Goods by name, each linked by its SKU; `unlinked` lies in the shop alone."""

    def __init__(self, shop: RealShop) -> None:
        super().__init__(shop)
        self.shop = shop
        plugins = shop.folder / "site/wp-content/mu-plugins"
        plugins.mkdir(exist_ok=True)
        (plugins / "own-status.php").write_text(STATUS, encoding="utf-8")
        shop.option("woocommerce_currency", "EUR")
        for name, product in self.goods.items():
            self.call("PUT", f"products/{product}", {"sku": name.upper(), **_stock(SHELF)})
        self.linked = {name.upper(): product for name, product in self.goods.items()}
        made = self.call("POST", "products", {"name": "Unlinked", "regular_price": "7.77", **_stock(SHELF)})
        self.goods["unlinked"] = int(made["id"])

    def add_variation(self, sku: str, price: str) -> tuple[int, int]:
        """A variation with stock of its own: the product, and it."""
        attribute = {"name": "Size", "variation": True, "options": ["S", "M"]}
        parent = self.call("POST", "products", {"name": "Shirt", "type": "variable", "attributes": [attribute]})["id"]
        body = {"sku": sku, "regular_price": price, "attributes": [{"name": "Size", "option": "S"}], **_stock(SHELF)}
        made = self.call("POST", f"products/{parent}/variations", body)
        self.linked[sku] = int(made["id"])
        return int(parent), int(made["id"])

    def delete_for_good(self, route: str) -> None:
        """Past the trash."""
        self._api.delete(route, force=True)

    def settings(self) -> Mapping[str, str]:
        """What the owner of this shop writes into the daemon's settings."""
        taxes = {f"taxes.{rate}": name for rate, name in self.rates.items()}
        payments = {"payments.cod": "cash", "payments.bacs": "transfer", "payments.none": "other"}
        return {
            "orders.as": "sale",
            "orders.send_on": "processing, completed, shipped",
            "orders.start_date": "2026-01-01",
            "orders.unlinked_line": "park",
            "orders.guests": "create",
            "sync.customers": "to-pos",
            **taxes,
            **payments,
        }


def _stock(level: int) -> dict[str, Any]:
    return {"manage_stock": True, "stock_quantity": level}
