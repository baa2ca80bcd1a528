"""wc/v3 products and variations of the make-believe shop, with the oddities that were recorded on a real one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tillbridge.sandbox import shapes
from tillbridge.sandbox import store_checks as checks
from tillbridge.sandbox.records import Product
from tillbridge.sandbox.rest import RestError
from tillbridge.sandbox.shop import Shop
from tillbridge.sandbox.site import Request

WRONG_ROUTE = (
    "To manipulate product variations you should use the /products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint."
)


class Products:
    """Single products and variations; `parent` is 0 on the products routes."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._products = shop.state.products

    def show(self, item: Product) -> dict[str, Any]:
        return shapes.product(self._shop, item)

    def show_variation(self, item: Product) -> dict[str, Any]:
        return shapes.variation(self._shop, item)

    def get(self, product_id: int) -> Product:
        """Any product or variation, for reading; 404 where there is none."""
        found = self._products.get(product_id)
        if found is None:
            raise RestError(404, "woocommerce_rest_product_invalid_id", "Invalid ID.")
        return found

    def writable(self, product_id: int) -> Product:
        """A product for writing: an unknown one is 400 here, and a variation is sent elsewhere."""
        found = self._products.get(product_id)
        if found is None:
            raise RestError(400, "woocommerce_rest_product_invalid_id", "Invalid ID.")
        if found.type == "variation":
            raise RestError(404, "woocommerce_rest_invalid_product_id", WRONG_ROUTE)
        return found

    def variation(self, parent: int, product_id: int) -> Product:
        found = self._products.get(product_id)
        if found is None or not parent or found.parent_id != parent:
            raise RestError(404, "woocommerce_rest_product_variation_invalid_id", "Invalid ID.")
        return found

    def create(self, request: Request, body: dict[str, Any], parent: int = 0) -> Product:
        checks.free_sku(self._shop, str(body.get("sku", "")), 0)
        fields = checks.product_fields(body, None)
        if parent:
            options = ", ".join(option for _, option in fields.get("options", ()))
            name = f"{self.get(parent).name} - {options}".removesuffix(" - ")
            fields |= {"type": "variation", "parent_id": parent, "name": name}
        managed = fields.pop("manage_stock", False)
        level = checks.amount(body.get("stock_quantity")) if managed else None
        return self._shop.create_product(
            request, fields.pop("name", "Product"), fields.pop("sku", ""), level, **fields
        )

    def update(self, request: Request, item: Product, body: dict[str, Any]) -> Product:
        """Everything but the level first, as WooCommerce's save does; a level for an unmanaged product is ignored."""
        if "sku" in body:
            checks.free_sku(self._shop, str(body["sku"]), item.id)
        fields = checks.product_fields(body, item)
        was = item.status
        if was == "trash" and fields.get("status", "trash") != "trash":
            self._shop.shim.look_at(request, "product.restored", item.id, {"product_id": item.id})
        changed = self._shop.change_product(request, item.id, **fields)
        if changed.manage_stock:
            self._level(request, changed, body)
        return self._products[item.id]

    def _level(self, request: Request, item: Product, body: dict[str, Any]) -> None:
        if "stock_quantity" in body:
            self._shop.stock.write(request, item.id, checks.amount(body["stock_quantity"]))
        elif "inventory_delta" in body:
            level = (item.stock or Decimal(0)) + checks.amount(body["inventory_delta"])
            self._shop.fuse("stock.read")
            self._shop.stock.write(request, item.id, level)
        elif item.stock is None:
            self._shop.stock.write(request, item.id, Decimal(0))

    def trash(self, request: Request, item: Product) -> None:
        if item.status == "trash":
            raise RestError(410, "woocommerce_rest_already_trashed", "The product has already been deleted.")
        self._shop.trash_product(request, item.id)
