"""Orders and refunds that the daemon has made in the make-believe shop for sales and returns at the POS.

As in the plugin: each is made once, by its key; none moves stock; a request that dies half way is gone on with by the
next one of the same key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tillbridge.sandbox.drafts import KINDS, Row, invalid
from tillbridge.sandbox.money_records import Amounts, Extra, Tax
from tillbridge.sandbox.orders import GivenBack, RefundRefused
from tillbridge.sandbox.records import Line, Order, Refund
from tillbridge.sandbox.rest import Call, RestError
from tillbridge.sandbox.shop import Shop
from tillbridge.sandbox.site import Request

KEY, DOCUMENT, PAYMENTS = "_tillbridge_key", "_tillbridge_pos_document", "_tillbridge_payments"
DRAFT = "checkout-draft"
ZERO = Decimal(0)
STATUS = re.compile(r"/orders/([1-9][0-9]{0,17})/status")
Json = dict[str, Any]


class Documents:
    """The routes /orders, /refunds and /orders/ID/status of the plugin."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._state = shop.state

    def route(self, method: str, route: str) -> Callable[[Call], Json] | None:
        """What answers there, if anything of this does."""
        found = STATUS.fullmatch(route)
        if method != "POST":
            return None
        if found:
            return lambda call: self.status(int(found[1]), Row(call.json()))
        return {"/orders": self.order, "/refunds": self.refund}.get(route)

    def order(self, call: Call) -> Json:
        draft = Row(call.json())
        order, names, status, mark = self._order(draft)
        made = self._state.orders.get(self._state.numbers.get(mark) or 0)
        if made is not None and f"finished:{mark}" in self._state.texts:
            return self._said(made, again=True)
        with self._shop.request("rest") as request:
            kept = replace(order, id=made.id if made else self._state.next("post"))
            self._state.numbers.put(mark, kept.id)
            self._state.orders.put(kept.id, replace(kept, lines=(), extras=()))
            self._shop.fuse("document.begun")
            order = self._numbered(kept, names)
            self._shop.orders.keep(request, replace(order, status="pending"))
            self._shop.orders.set_status(request, order.id, status)
            made = self._state.orders[order.id]
            completed = order.created if status == "completed" else None
            self._shop.orders.keep(request, replace(made, paid=order.paid or made.paid, completed=completed))
            self._state.texts.put(f"finished:{mark}", "yes")
            self._shop.fuse("document.made")
        return self._said(self._state.orders[order.id], again=False)

    def refund(self, call: Call) -> Json:
        draft = Row(call.json())
        key, amount, at = draft.key(), draft.amount("amount"), draft.time("at")
        if amount < 0:
            raise invalid("amount", "an amount of at least 0")
        meta = (self._meta(KEY, key), self._meta(DOCUMENT, draft.said("document")))
        order_id, rows = draft.whole("order_id", 1), [(row, self._back(row)) for row in draft.rows("lines")]
        made = next((one for one in self._state.refunds if any(value == key for _, _, value in one.meta)), None)
        order = self._order_of(order_id, in_trash=made is not None)
        with self._shop.request("rest") as request:
            refund = made or self._refunded(request, order, amount, [back for _, back in rows], draft, meta)
            self._state.refunds.put(refund.id, replace(refund, created=at))
            self._shop.fuse("document.begun")
            for row, back in rows:
                if restocked := row.quantity("restocked"):
                    self._release(order.id, replace(back, quantity=int(restocked)), f"returned:{key}:{back.line_id}")
            if order.status != "trash":
                self._shop.orders.close_refund(request, order.id)
            self._shop.fuse("document.made")
        status = self._state.orders[order.id].status
        return {"refund_id": refund.id, "status": status, "again": made is not None, "lines": {}}

    def status(self, order_id: int, body: Row) -> Json:
        status = body.text("status")
        if status not in self._shop.statuses:
            raise invalid("status", "a status of this shop")
        order = self._order_of(order_id)
        if order.status == status:
            return self._said(order, again=True)
        with self._shop.request("rest") as request:
            return self._said(self._shop.orders.set_status(request, order_id, status), again=False)

    def _order(self, draft: Row) -> tuple[Order, list[str], str, str]:
        """The order without numbers, the POS's names of its lines, its status, and its mark."""
        key, at, status = draft.key(), draft.time("at"), draft.text("status")
        if status not in self._shop.statuses:
            raise invalid("status", "a status of this shop")
        rows, currency = draft.rows("lines"), draft.text("currency")
        draft.whole("customer_id", 0)  # This shop knows no customers; whoever it is, the order is a guest's.
        if re.fullmatch("[A-Z]{3}", currency) is None:
            raise invalid("currency", "three letters")
        if not rows:
            raise invalid("lines", "at least one: an order is never empty")
        items = [self._item(row) for row in rows]
        total = draft.amount("total")
        if sum((item.total + sum(tax.total for tax in item.taxes) for item in items), ZERO) != total:
            raise invalid("total", "the sum of the lines and their taxes")
        payments = [
            {"method": row.text("method"), "amount": str(row.amount("amount"))} for row in draft.rows("payments")
        ]
        meta = [(KEY, key), (DOCUMENT, draft.said("document")), *([(PAYMENTS, payments)] if payments else [])]
        order = Order(
            0, DRAFT, at, at, stock_reduced=True, paid=draft.time("paid") if draft.value.get("paid") else None,
            customer_id=0, billing=draft.address("billing"), shipping=draft.address("shipping"),
            payment_method=draft.text("method"), payment_method_title=draft.text("method_title"),
            created_via="tillbridge", customer_note=draft.text("note"), currency=currency,
            key="wc_order_" + key[:13], meta=tuple(self._meta(*one) for one in meta),
            lines=tuple(item for item in items if isinstance(item, Line)),
            extras=tuple(item for item in items if isinstance(item, Extra)),
            prices_include_tax=self._shop.orders.taxes.included, amounts=Amounts(total),
        )  # fmt: skip
        kinds = (Line, Extra)
        names = [
            row.said("line") for kind in kinds for row, item in zip(rows, items, strict=True) if type(item) is kind
        ]
        return order, names, status, f"made:{key}"

    def _item(self, row: Row) -> Line | Extra:
        """A line. What the shop has no product for, or cannot count in such parts, is a fee with its name."""
        kind, name, quantity, net = row.text("kind"), row.said("name"), row.quantity("quantity"), row.amount("net")
        if kind not in KINDS:
            raise invalid("kind", ", ".join(KINDS))
        taxes = tuple(Tax(rate, amount, amount) for rate, amount in row.taxes(self._is_rate).items())
        tax, product_id, held = (
            sum((tax.total for tax in taxes), ZERO),
            row.whole("product_id", 0),
            row.quantity("held"),
        )
        product = self._state.products.get(product_id) if kind == "item" else None
        if product is not None and quantity == int(quantity) and quantity > 0:
            parent = product.parent_id
            return Line(
                0, parent or product.id, product.id if parent else 0, product.name, product.sku, int(quantity), net,
                net, held or None, tax_class=_tax_class(row, product.tax_class), taxes=taxes, total_tax=tax,
                subtotal_tax=tax,
            )  # fmt: skip
        bare = tuple(replace(one, subtotal=None) for one in taxes)
        if kind == "shipping":
            return Extra(0, "shipping", name, net, row.text("method"), taxes=bare, total_tax=tax)
        shown = f"{name} × {quantity.normalize():f}" if kind == "item" and quantity != 1 else name
        return Extra(0, "fee", shown, net, tax_class=_tax_class(row), taxes=bare, total_tax=tax)

    def _numbered(self, order: Order, names: list[str]) -> Order:
        """The order with the ids of its lines, and its sums as they were given."""
        lines = tuple(replace(line, id=self._state.next("item")) for line in order.lines)
        extras = tuple(replace(extra, id=self._state.next("item")) for extra in order.extras)
        items = [*(line.id for line in lines), *(extra.id for extra in extras)]
        for name, item in zip(names, items, strict=True):
            self._state.texts.put(f"pos line {item}", name)
        return self._shop.orders.totals.taxed(replace(order, lines=lines, extras=extras))

    def _refunded(
        self, request: Request, order: Order, amount: Decimal, lines: list[GivenBack], draft: Row, meta: tuple[Any, ...]
    ) -> Refund:
        unknown = [back.line_id for back in lines if not (order.line(back.line_id) or order.extra(back.line_id))]
        if unknown:
            raise RestError(409, "tillbridge_no_line", f"The order has no line {unknown[0]} any more.")
        try:
            return self._shop.orders.refund(request, order.id, amount, lines, draft.text("reason"), meta)
        except RefundRefused as error:
            raise RestError(409, "tillbridge_no_refund", str(error)) from None

    def _back(self, row: Row) -> GivenBack:
        taxes = tuple(Tax(rate, amount, amount) for rate, amount in row.taxes(self._is_rate).items())
        row.quantity("restocked")
        return GivenBack(row.whole("line_id", 1), int(row.quantity("quantity")), row.amount("net"), taxes)

    def _release(self, order_id: int, back: GivenBack, mark: str) -> None:
        """Goods lie at the POS again: the line holds so much less, once."""
        order = self._state.orders[order_id]
        line = order.line(back.line_id)
        if line is None or mark in self._state.texts:
            return
        self._state.texts.put(mark, "yes")
        came = min(line.reduced or ZERO, Decimal(back.quantity))
        held = (
            replace(line, reduced=(line.reduced or ZERO) - came, restocked=line.restocked + int(came)) if came else line
        )
        lines = tuple(held if one.id == line.id else one for one in order.lines)
        self._state.orders.put(order_id, replace(order, lines=lines))

    def _order_of(self, order_id: int, *, in_trash: bool = False) -> Order:
        order = self._state.orders.get(order_id)
        if order is None or (order.status == "trash" and not in_trash):
            raise RestError(409, "tillbridge_no_order", "The shop has no such order, or it lies in the trash.")
        return order

    def _is_rate(self, number: int) -> bool:
        return number in self._state.rates

    def _meta(self, key: str, value: object) -> tuple[int, str, Any]:
        return self._state.next("meta"), key, value

    def _said(self, order: Order, *, again: bool) -> Json:
        items = [*(line.id for line in order.lines), *(extra.id for extra in order.extras)]
        lines = {self._state.texts.get(f"pos line {item}"): item for item in items}
        shown = {name: item for name, item in lines.items() if name}
        return {"order_id": order.id, "status": order.status, "again": again, "lines": shown}


def _tax_class(row: Row, usual: str = "") -> str:
    """The standard class has a name where it is asked for, and none where it is kept."""
    asked = row.text("tax_class")
    return "" if asked == "standard" else asked or usual
