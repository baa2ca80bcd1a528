"""Orders of the make-believe shop: which step takes stock, which gives it back, and which only seems to.

Recorded on a real store: processing, completed and on-hold take it once; cancelled, pending and failed give it back;
trash and deletion move nothing; a refund gives back only what it is told to restock; an edited line moves its own
difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from tillbridge.sandbox.discounts import Coupons
from tillbridge.sandbox.money_records import Extra, Tax
from tillbridge.sandbox.php import stored
from tillbridge.sandbox.records import Cause, Line, Order, Refund, RefundLine
from tillbridge.sandbox.shim import Shim
from tillbridge.sandbox.site import Request, Site
from tillbridge.sandbox.stock import Stock
from tillbridge.sandbox.taxes import Taxes
from tillbridge.sandbox.totals import Totals

TAKING = frozenset({"processing", "completed", "on-hold"})
GIVING = frozenset({"cancelled", "pending", "failed"})
STATUSES = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "checkout-draft")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line as it is asked for; an unknown product id becomes a line without product, as in WooCommerce."""

    product_id: int
    quantity: int
    total: Decimal | None = None
    subtotal: Decimal | None = None


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A line of a refund as it is asked for; the line may be shipping or a fee."""

    line_id: int
    quantity: int
    total: Decimal = Decimal(0)
    taxes: tuple[Tax, ...] = ()


class RefundRefused(Exception):
    """The refund is larger than what is left of the order."""


class Orders:
    """What may happen to orders."""

    def __init__(self, site: Site, shim: Shim, stock: Stock) -> None:
        self._site = site
        self._state = site.state
        self._shim = shim
        self._stock = stock
        self.taxes = Taxes(self._state)
        self.totals = Totals(self.taxes, lambda: self._state.next("item"))
        self._coupons = Coupons(self.taxes, self.totals)

    def create(
        self, request: Request, wanted: Sequence[Wanted], status: str, *,
        extras: Sequence[Extra] = (), coupons: Sequence[str] = (), **fields: Any,
    ) -> Order:  # fmt: skip
        """A new order: first saved as pending, then moved to `status`, as REST and checkout both do."""
        now = self._site.clock()
        lines = tuple(self.new_line(line) for line in wanted)
        order = Order(
            id=self._state.next("post"), status="pending", created=now, modified=now, lines=lines,
            key="wc_order_" + self._site.new_id()[:13], prices_include_tax=self.taxes.included, **fields,
            extras=tuple(replace(extra, id=self._state.next("item")) for extra in extras),
        )  # fmt: skip
        order = self.with_coupons(self.totals.counted(order), coupons)
        self._save(request, order)
        self._site.fuse("order.created")
        return self.set_status(request, order.id, status) if status != "pending" else self._state.orders[order.id]

    def with_coupons(self, order: Order, codes: Sequence[str]) -> Order:
        """The order with these coupons, all of which there are, and no others; as it is where none is named."""
        if not codes:
            return order
        had = {line.code: line.id for line in order.coupons}
        ids = {code: had.get(code) or self._state.next("item") for code in codes}
        return self._coupons.applied(order, [self._state.coupons[code] for code in ids], ids)

    def keep(self, request: Request, order: Order) -> None:
        """Save an order as it is: its sums are not counted anew."""
        self._save(request, order)

    def change(self, request: Request, order: Order) -> None:
        """Save an order of which lines, extras or addresses changed, counted anew."""
        self._save(request, self.totals.counted(order))

    def new_line(self, wanted: Wanted) -> Line:
        product = self._state.products.get(wanted.product_id)
        price = Decimal(product.price or 0) if product else Decimal(0)
        subtotal = price * wanted.quantity
        if product and self.taxes.any:
            subtotal = stored(self.taxes.net(product, wanted.quantity))
        total = subtotal if wanted.total is None else wanted.total
        parent = product.parent_id if product else 0
        return Line(
            id=self._state.next("item"),
            product_id=parent or (product.id if product else 0),
            variation_id=product.id if product and parent else 0,
            name=product.name if product else "",
            sku=product.sku if product else "",
            quantity=wanted.quantity,
            subtotal=max(subtotal, total) if wanted.subtotal is None else wanted.subtotal,
            total=total,
            tax_class=product.tax_class if product else "",
        )

    def set_status(self, request: Request, order_id: int, status: str) -> Order:
        """Change the status, and move stock where WooCommerce does."""
        order = self._state.orders[order_id]
        if order.status == status:
            return order
        now = self._site.clock()
        paid = order.paid or (now if status in {"processing", "completed"} else None)
        completed = now if status == "completed" else order.completed
        self._save(request, replace(order, status=status, paid=paid, completed=completed))
        self._site.fuse("order.status")
        if status in TAKING and not order.stock_reduced:
            self._take(request, order_id)
        elif status in GIVING and order.stock_reduced:
            self._give(request, order_id)
        elif status == "refunded":
            self._refund_rest(order_id)
        return self._state.orders[order_id]

    def edit_line(self, request: Request, order_id: int, line_id: int, quantity: int) -> None:
        """Another quantity for a line; on an order that holds stock its difference moves, without the order's hooks."""
        self._put_line(order_id, replace(self._line(order_id, line_id), quantity=quantity))
        self.adjust(request, order_id, line_id)

    def add_line(self, request: Request, order_id: int, wanted: Wanted) -> None:
        line = self.new_line(wanted)
        order = self._state.orders[order_id]
        self.change(request, replace(order, lines=(*order.lines, line)))
        self.adjust(request, order_id, line.id)

    def remove_line(self, request: Request, order_id: int, line_id: int) -> None:
        """Take a line out of an order: what it held goes back, whatever the order's status is."""
        line = self._line(order_id, line_id)
        holder = self._stock.holder(line.sellable)
        if line.reduced and holder is not None:
            self._stock.move(request, holder, line.reduced, Cause("order_line", order_id, line_id))
        order = self._state.orders[order_id]
        self.change(request, replace(order, lines=tuple(kept for kept in order.lines if kept.id != line_id)))

    def adjust(self, request: Request, order_id: int, line_id: int) -> None:
        """WooCommerce's wc_maybe_adjust_line_item_product_stock, which REST calls for every line it touches."""
        order, line = self._state.orders[order_id], self._line(order_id, line_id)
        holder = self._stock.holder(line.sellable)
        if order.status not in TAKING or holder is None:
            return
        diff = line.quantity - line.restocked - (line.reduced or Decimal(0))
        if diff == 0:
            return
        self._stock.move(request, holder, -Decimal(diff), Cause("order_line", order_id, line_id))
        self._put_line(order_id, replace(line, reduced=Decimal(line.quantity - line.restocked)))
        self._save(request, replace(self._state.orders[order_id], stock_reduced=True))

    def refund(
        self, request: Request, order_id: int, amount: Decimal, lines: Sequence[GivenBack], reason: str = "",
        meta: tuple[tuple[int, str, Any], ...] = (),
    ) -> Refund:  # fmt: skip
        """Give money back; raises `RefundRefused`. Goods come back only through `restock`."""
        if amount < 0 or amount > self.left(order_id):
            raise RefundRefused("Invalid refund amount.")
        order = self._state.orders[order_id]
        known = [back for back in lines if order.line(back.line_id) or order.extra(back.line_id)]
        refund = Refund(
            self._state.next("post"), order_id, amount, reason, self._site.clock(),
            tuple(RefundLine(self._state.next("item"), b.line_id, b.quantity, b.total, b.taxes) for b in known),
            meta=meta,
        )  # fmt: skip
        refund = replace(refund, tax_lines=self.totals.refunded(order, refund))
        self._state.refunds.put(refund.id, refund)
        about = {"refund_id": refund.id, "order_id": order_id}
        self._shim.look_at(request, "refund.created", refund.id, about)
        self._site.fuse("refund.created")
        return refund

    def restock(self, request: Request, order_id: int, lines: Sequence[GivenBack]) -> None:
        """Put refunded goods back on the shelf: only lines that hold stock, and never more than once asked."""
        for back in lines:
            line = self._state.orders[order_id].line(back.line_id)
            holder = self._stock.holder(line.sellable) if line else None
            if line is None or holder is None or not line.reduced or not back.quantity:
                continue
            self._stock.move(request, holder, Decimal(back.quantity), Cause("restock", order_id, line.id))
            held = replace(line, reduced=line.reduced - back.quantity, restocked=line.restocked + back.quantity)
            self._put_line(order_id, held)
            self._site.fuse("line.saved")

    def close_refund(self, request: Request, order_id: int) -> None:
        """After a refund: an order with nothing left to refund becomes `refunded`."""
        order = self._state.orders[order_id]
        if self.left(order_id) <= 0 and order.status != "refunded":
            self._save(request, replace(order, status="refunded"))
        else:
            self._save(request, order)

    def left(self, order_id: int) -> Decimal:
        """What may still be refunded."""
        given = (refund.amount for refund in self._state.refunds if refund.order_id == order_id)
        return self._state.orders[order_id].total - sum(given, Decimal(0))

    def trash(self, request: Request, order_id: int) -> Order:
        """To the trash: nothing moves, nothing is forgotten. Returns the order as it was, as REST answers."""
        order = self._state.orders[order_id]
        kept = replace(order, status="trash", status_before_trash=order.status, modified=self._site.clock())
        self._state.orders.put(order_id, kept)
        self._shim.look_at(request, "order.trashed", order_id, {"order_id": order_id})
        return order

    def untrash(self, request: Request, order_id: int) -> None:
        order = self._state.orders[order_id]
        self._state.orders.put(order_id, replace(order, status=order.status_before_trash or "pending"))
        self._shim.look_at(request, "order.restored", order_id, {"order_id": order_id})

    def delete(self, request: Request, order_id: int) -> Order:
        """Gone for good; the stock that it took stays taken."""
        order = self._state.orders[order_id]
        self._state.orders.drop(order_id)
        self._shim.look_at(request, "order.deleted", order_id, {"order_id": order_id})
        return order

    def _take(self, request: Request, order_id: int) -> None:
        for line in self._state.orders[order_id].lines:
            holder = self._stock.holder(line.sellable)
            if line.reduced or holder is None:
                continue
            self._stock.move(request, holder, -Decimal(line.quantity), Cause("order_line", order_id, line.id))
            self._put_line(order_id, replace(self._line(order_id, line.id), reduced=Decimal(line.quantity)))
            self._site.fuse("line.saved")
        self._mark(order_id, replace(self._state.orders[order_id], stock_reduced=True))

    def _give(self, request: Request, order_id: int) -> None:
        for line in self._state.orders[order_id].lines:
            holder = self._stock.holder(line.sellable)
            if not line.reduced or holder is None:
                continue
            self._stock.move(request, holder, line.reduced, Cause("restore", order_id, line.id))
            self._put_line(order_id, replace(self._line(order_id, line.id), reduced=None))
            self._site.fuse("line.saved")
        self._mark(order_id, replace(self._state.orders[order_id], stock_reduced=False))

    def _refund_rest(self, order_id: int) -> None:
        """The status `refunded` makes a refund of all that is left, without lines and without restocking."""
        left = self.left(order_id)
        if left > 0:
            refund = Refund(self._state.next("post"), order_id, left, "Order fully refunded.", self._site.clock())
            self._state.refunds.put(refund.id, refund)

    def _line(self, order_id: int, line_id: int) -> Line:
        line = self._state.orders[order_id].line(line_id)
        if line is None:
            raise KeyError(line_id)
        return line

    def _put_line(self, order_id: int, line: Line) -> None:
        order = self._state.orders[order_id]
        self._mark(order_id, replace(order, lines=tuple(line if kept.id == line.id else kept for kept in order.lines)))

    def _mark(self, order_id: int, order: Order) -> None:
        self._state.orders.put(order_id, order)

    def _save(self, request: Request, order: Order) -> None:
        self._state.orders.put(order.id, replace(order, modified=self._site.clock()))
        about = {"order_id": order.id, "status": order.status}
        self._shim.look_at(request, "order.changed", order.id, about)
