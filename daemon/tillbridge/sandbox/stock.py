"""How a WooCommerce shop moves its stock: orders add and subtract, people and imports overwrite.

Both ways pass the shim's hooks in the order that was recorded on a real store; SQL passes neither.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tillbridge.sandbox.records import Cause, Product
from tillbridge.sandbox.shim import ZERO, Shim, stock_status, told_between
from tillbridge.sandbox.site import Request, Site


class Stock:
    """The two write paths, and the third that nobody sees."""

    def __init__(self, site: Site, shim: Shim) -> None:
        self._site = site
        self._products = site.state.products
        self._shim = shim

    def holder(self, product_id: int) -> Product | None:
        """The product whose stock is meant: itself, its parent, or None where nobody manages it."""
        product = self._products.get(product_id)
        if product is None or product.manage_stock:
            return product
        parent = self._products.get(product.parent_id)
        return parent if parent is not None and parent.manage_stock else None

    def move(self, request: Request, product: Product, delta: Decimal, cause: Cause) -> None:
        """The orders' path: one relative UPDATE, exact however many requests make one at once."""
        row = self._shim.open(request, self._products[product.id], "relative", cause)
        self._site.fuse("stock.opened")
        now_there = self._products[product.id]
        self._put(now_there, (now_there.stock or ZERO) + delta)
        self._site.fuse("stock.written")
        self._shim.close(row, delta)
        self._look(request, product)
        self._site.fuse("stock.closed")

    def write(self, request: Request, product_id: int, level: Decimal) -> None:
        """The path of admin pages and REST: an absolute number, which loses what others sold meanwhile."""
        if self._products[product_id].stock == level:
            return
        row = self._shim.open(request, self._products[product_id], "absolute", Cause(request.source))
        before = self._products[product_id].stock
        self._site.fuse("stock.opened")
        self._put(self._products[product_id], level)
        self._site.fuse("stock.written")
        self._shim.close(row, told_between(before or ZERO, level))
        self._site.fuse("stock.closed")

    def by_sql(self, product_id: int, level: Decimal | None) -> None:
        """An import that writes the table itself: no hook, no row, no request, and the stock status stays as it was."""
        self._products.put(product_id, replace(self._products[product_id], stock=level))

    def _put(self, product: Product, level: Decimal) -> None:
        status = stock_status(level, product.backorders)
        self._products.put(
            product.id, replace(product, stock=level, stock_status=status, modified=self._site.clock())
        )

    def _look(self, request: Request, product: Product) -> None:
        self._shim.look_at(request, "product.changed", product.id, {"product_id": product.id})
