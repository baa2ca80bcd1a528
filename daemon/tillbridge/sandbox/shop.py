"""A whole make-believe WooCommerce shop with our plugin in it, in one process and without any network.

`Shop` offers what people do in a shop, each as one whole PHP request. For a request that dies or overlaps another, set
`shop.fuse` (see `site.py`), or use `begin_request` and the parts (`orders`, `stock`, `shim`) directly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from tillbridge.sandbox.money_records import Coupon, Tax, TaxRate
from tillbridge.sandbox.orders import STATUSES, GivenBack, Orders, Wanted
from tillbridge.sandbox.records import Order, Product, Refund
from tillbridge.sandbox.shim import Shim, stock_status
from tillbridge.sandbox.site import LOOK_AT, Facts, Request, Site
from tillbridge.sandbox.stock import Stock

Backup = dict[str, dict[Any, Any]]


class Shop:
    """The shop: its goods, its orders, and the shim that watches them.

    `clock` answers aware UTC times, `new_id` 32 random hex digits; nothing else in here is not reproducible.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        facts: Facts | None = None,
        tells: frozenset[str] = LOOK_AT,
    ) -> None:
        self.site = Site(clock, new_id, facts or Facts(), tells)
        self.state = self.site.state
        self.shim = Shim(self.site)
        self.stock = Stock(self.site, self.shim)
        self.orders = Orders(self.site, self.shim, self.stock)

    @property
    def fuse(self) -> Callable[[str], None]:
        return self.site.fuse

    @fuse.setter
    def fuse(self, fuse: Callable[[str], None]) -> None:
        self.site.fuse = fuse

    # --- requests -----------------------------------------------------------------------------------------------------

    def begin_request(self, source: str = "other") -> Request:
        """Start a PHP request. Without `end_request` it counts as dead once its rows are five minutes old."""
        return self.site.begin(source)

    def end_request(self, request: Request) -> bool:
        """The end of `shutdown`: the request's rows are sealed. Says whether there is anything to push."""
        self.site.fuse("request.ending")
        return self.shim.seal(request)

    @contextmanager
    def request(self, source: str = "other") -> Iterator[Request]:
        """A whole request. An exception ends it without `shutdown`, which is what a dead process does."""
        request = self.begin_request(source)
        yield request
        self.end_request(request)

    # --- what people do -----------------------------------------------------------------------------------------------

    def checkout(self, *wanted: tuple[int, int], status: str = "processing") -> Order:
        """A block checkout of (product or variation id, quantity) pairs; `on-hold` is a bank transfer."""
        with self.request() as request:
            return self.orders.create(
                request, [Wanted(*pair) for pair in wanted], status, created_via="store-api", payment_method="cod"
            )

    def set_status(self, order_id: int, status: str) -> Order:
        with self.request("admin") as request:
            if self.state.orders[order_id].status == "trash":
                self.orders.untrash(request, order_id)
            return self.orders.set_status(request, order_id, status)

    def refund(self, order_id: int, lines: Sequence[tuple[int, int]] | None = None) -> Refund:
        """Refund (line id, quantity) pairs, or all that every line still holds, and put the goods back."""
        order = self.state.orders[order_id]
        pairs = lines if lines is not None else [(line.id, int(line.reduced or 0)) for line in order.lines]
        return self._refund(order, [self._back(order, *pair) for pair in pairs], restocked=pairs)

    def refund_without_goods(self, order_id: int, lines: Sequence[tuple[int, int]]) -> Refund:
        """Refund, and leave the goods where they are: broken, lost, or a gift."""
        order = self.state.orders[order_id]
        return self._refund(order, [self._back(order, *pair) for pair in lines], restocked=())

    def edit_line(self, order_id: int, line_id: int, quantity: int) -> None:
        with self.request("rest") as request:
            self.orders.edit_line(request, order_id, line_id, quantity)

    def trash_order(self, order_id: int) -> None:
        with self.request("admin") as request:
            self.orders.trash(request, order_id)

    def untrash_order(self, order_id: int) -> None:
        with self.request("admin") as request:
            self.orders.untrash(request, order_id)

    def delete_order(self, order_id: int) -> None:
        with self.request("admin") as request:
            self.orders.delete(request, order_id)

    def write_level(self, product_id: int, level: Decimal, source: str = "admin") -> None:
        """Somebody types a number: an absolute write. Ignored, as in WooCommerce, where stock is not managed."""
        with self.request(source) as request:
            if self.state.products[product_id].manage_stock:
                self.stock.write(request, product_id, level)

    def sql_level(self, product_id: int, level: Decimal | None) -> None:
        """An import behind WooCommerce's back."""
        self.stock.by_sql(product_id, level)

    # --- the owner's settings -----------------------------------------------------------------------------------------

    @property
    def statuses(self) -> tuple[str, ...]:
        """Those that an order may have: WooCommerce's, and those that a plugin of the shop added."""
        return (*STATUSES, *(self.state.texts.get("statuses") or "").split())

    def add_status(self, status: str) -> None:
        self.state.texts.put("statuses", f"{self.state.texts.get('statuses') or ''} {status}".strip())

    def add_rate(self, percent: str, name: str = "TAX", **fields: Any) -> TaxRate:
        """A new tax rate; the first one switches taxes on."""
        rate = TaxRate(self.state.next("rate"), Decimal(percent), name, **fields)
        self.state.rates.put(rate.id, rate)
        return rate

    def add_coupon(self, code: str, kind: str, amount: str) -> None:
        self.state.coupons.put(code, Coupon(code, kind, Decimal(amount)))

    def set_option(self, name: str, value: str) -> None:
        """One of the options of `taxes.py`."""
        self.state.texts.put(name, value)

    # --- goods --------------------------------------------------------------------------------------------------------

    def add_product(self, name: str, sku: str = "", level: Decimal | None = None, **fields: Any) -> Product:
        """A new product; with a `level` its stock is managed."""
        with self.request("admin") as request:
            return self.create_product(request, name, sku, level, **fields)

    def create_product(
        self, request: Request, name: str, sku: str = "", level: Decimal | None = None, **fields: Any
    ) -> Product:
        now = self.site.clock()
        fields.setdefault("type", "variation" if fields.get("parent_id") else "simple")
        fields.setdefault("manage_stock", level is not None)
        product = Product(
            id=self.state.next("post"), name=name, sku=sku, created=now, modified=now, **fields,
        )  # fmt: skip
        self.state.products.put(product.id, product)
        if product.manage_stock:
            self.stock.write(request, product.id, level if level is not None else Decimal(0))
        self.shim.look_at(request, "product.changed", product.id, {"product_id": product.id})
        return self.state.products[product.id]

    def change_product(self, request: Request, product_id: int, **fields: Any) -> Product:
        """Change anything but the level. Switching stock management off forgets the level, as WooCommerce does."""
        product = replace(self.state.products[product_id], modified=self.site.clock(), **fields)
        if not product.manage_stock:
            product = replace(product, stock=None, backorders="no")
        else:
            product = replace(product, stock_status=stock_status(product.stock, product.backorders))
        self.state.products.put(product_id, product)
        self.shim.look_at(request, "product.changed", product_id, {"product_id": product_id})
        return product

    def trash_product(self, request: Request, product_id: int) -> None:
        """To the trash, with its variations. Its SKU stays reserved."""
        self.change_product(request, product_id, status="trash")
        self.shim.look_at(request, "product.trashed", product_id, {"product_id": product_id})

    def delete_product(self, request: Request, product_id: int) -> None:
        children = [p.id for p in self.state.products if p.parent_id == product_id]
        for gone in (*children, product_id):
            self.state.products.drop(gone)
            self.shim.look_at(request, "product.deleted", gone, {"product_id": gone})

    def by_sku(self, sku: str) -> Product | None:
        return next((p for p in self.state.products if p.sku == sku), None) if sku else None

    def level(self, product_id: int) -> Decimal | None:
        """The level that the shop shows for a product or variation, wherever it is kept."""
        holder = self.stock.holder(product_id)
        return holder.stock if holder is not None else None

    # --- backups ------------------------------------------------------------------------------------------------------

    def backup(self) -> Backup:
        return self.state.copy()

    def restore(self, backup: Backup) -> None:
        """Put the database back as it was: numbers repeat, rows come back, and what happened since is forgotten."""
        self.state.restore(backup)

    def _back(self, order: Order, line_id: int, quantity: int) -> GivenBack:
        line = order.line(line_id)
        if line is None or not line.quantity:
            return GivenBack(line_id, quantity)
        share, cent = Decimal(quantity) / line.quantity, Decimal("0.01")
        taxes = ((tax.rate, (tax.total * share).quantize(cent)) for tax in line.taxes)
        back = tuple(Tax(rate, amount, amount) for rate, amount in taxes if amount)
        return GivenBack(line_id, quantity, (line.total / line.quantity * quantity).quantize(cent), back)

    def _refund(self, order: Order, lines: list[GivenBack], restocked: Sequence[tuple[int, int]]) -> Refund:
        given = sum((line.total + sum(tax.total for tax in line.taxes) for line in lines), Decimal(0))
        amount = min(self.orders.left(order.id), given)
        with self.request("admin") as request:
            refund = self.orders.refund(request, order.id, amount, lines)
            self.orders.restock(request, order.id, [GivenBack(*pair) for pair in restocked])
            self.orders.close_refund(request, order.id)
            return refund
