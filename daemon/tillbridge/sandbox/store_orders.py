"""wc/v3 orders and refunds of the make-believe shop, with the oddities that were recorded on a real one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from tillbridge.sandbox import order_shapes, posted_lines
from tillbridge.sandbox import store_checks as checks
from tillbridge.sandbox.orders import RefundRefused, Wanted
from tillbridge.sandbox.php import DECIMALS
from tillbridge.sandbox.posted_lines import item_id, objects
from tillbridge.sandbox.records import Order, Refund
from tillbridge.sandbox.rest import RestError
from tillbridge.sandbox.shop import Shop
from tillbridge.sandbox.site import Request

CRITICAL = (
    '<p>There has been a critical error on this website.</p><p><a href="https://wordpress.org/documentation/article/'
    'faq-troubleshooting/">Learn more about troubleshooting WordPress.</a></p>'
)
PLAIN = ("payment_method", "payment_method_title", "transaction_id", "customer_note")


class Orders:
    """Single orders and their refunds."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._orders = shop.state.orders

    def show(self, item: Order, dp: int = DECIMALS) -> dict[str, Any]:
        return order_shapes.order(self._shop, item, dp)

    def get(self, order_id: int) -> Order:
        found = self._orders.get(order_id)
        if found is None:
            raise RestError(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        return found

    def writable(self, order_id: int) -> Order:
        found = self._orders.get(order_id)
        if found is None:
            raise RestError(400, "woocommerce_rest_shop_order_invalid_id", "ID is invalid.")
        return found

    def create(self, request: Request, body: dict[str, Any]) -> Order:
        checks.new_order_body(body, self._shop.statuses)
        wanted = [self._wanted(posted) for posted in objects(body, "line_items")]
        fields = {name: str(body[name]) for name in (*PLAIN, "currency") if name in body}
        fields["created_via"] = str(body.get("created_via") or "rest-api")
        codes = posted_lines.coupon_codes(body)
        if unknown := [code for code in codes if code not in self._shop.state.coupons]:
            self._refuse_coupon(request, unknown[0], wanted, fields)
        order = self._shop.orders.create(
            request, wanted, str(body.get("status") or "pending"), **fields,
            extras=posted_lines.new_extras(body), coupons=codes,
            billing=_address(body, "billing"), shipping=_address(body, "shipping"), meta=self._meta((), body),
        )  # fmt: skip
        return self._paid(request, order, body)

    def update(self, request: Request, order: Order, body: dict[str, Any]) -> Order:
        """Lines first, under the status that the order still has; then the status."""
        checks.order_body(body, self._shop.statuses)
        fields: dict[str, Any] = {name: str(body[name]) for name in PLAIN if name in body}
        for name in ("billing", "shipping"):
            if name in body:
                fields[name] = {**getattr(order, name), **_address(body, name)}
        changed = replace(order, modified=self._shop.site.clock(), meta=self._meta(order.meta, body), **fields)
        self._orders.put(order.id, changed)
        for posted in objects(body, "line_items"):
            self._line(request, order.id, posted)
        if any(name in body for name in posted_lines.RECOUNTED):
            changed = posted_lines.with_extras(self._orders[order.id], body, lambda: self._shop.state.next("item"))
            self._shop.orders.change(request, changed)
        if body.get("status"):
            self._shop.orders.set_status(request, order.id, str(body["status"]))
        self._shop.shim.look_at(
            request, "order.changed", order.id, {"order_id": order.id, "status": self._orders[order.id].status}
        )
        return self._paid(request, self._orders[order.id], body)

    def trash(self, request: Request, order: Order) -> Order:
        if order.status == "trash":
            raise RestError(410, "woocommerce_rest_already_trashed", "The order has already been deleted.")
        return self._shop.orders.trash(request, order.id)

    def refunds(self, order_id: int) -> list[Refund]:
        """Newest first; an unknown order simply has none."""
        return [refund for refund in self._shop.state.refunds if refund.order_id == order_id][::-1]

    def refund(self, order_id: int, refund_id: int) -> Refund:
        self.get(order_id)
        found = self._shop.state.refunds.get(refund_id)
        if found is None or found.order_id != order_id:
            raise RestError(404, "woocommerce_rest_shop_order_refund_invalid_id", "Invalid ID.")
        return found

    def create_refund(self, request: Request, order: Order, body: dict[str, Any]) -> dict[str, Any]:
        """Money back. `api_refund` and `api_restock` are true unless somebody says otherwise."""
        lines = [posted_lines.given_back(one) for one in objects(body, "line_items")]
        given = sum((line.total + sum(tax.total for tax in line.taxes) for line in lines), Decimal(0))
        amount = checks.total(body["amount"]) if "amount" in body else given
        try:
            if body.get("api_refund", True) is not False and amount <= self._shop.orders.left(order.id):
                raise RefundRefused("The payment gateway for this order does not support automatic refunds.")
            reason, meta = str(body.get("reason") or ""), self._meta((), body)
            refund = self._shop.orders.refund(request, order.id, amount, lines, reason, meta)
        except RefundRefused as error:
            raise RestError(500, "woocommerce_rest_cannot_create_order_refund", str(error), data=500) from None
        if body.get("api_restock", True) is not False:
            self._shop.orders.restock(request, order.id, lines)
        self._shop.orders.close_refund(request, order.id)
        return self.show_refund(refund)

    def show_refund(self, item: Refund, dp: int = DECIMALS) -> dict[str, Any]:
        return order_shapes.refund(self._shop, item, dp)

    def delete_refund(self, order_id: int, refund_id: int) -> dict[str, Any]:
        """No hook fires, and what was restocked stays restocked."""
        gone = self.refund(order_id, refund_id)
        shown = self.show_refund(gone)
        self._shop.state.refunds.drop(refund_id)
        return shown

    def _wanted(self, posted: dict[str, Any]) -> Wanted:
        by_sku = self._shop.by_sku(str(posted.get("sku", "")))
        product_id = int(checks.amount(posted.get("variation_id") or posted.get("product_id")))
        if not product_id and by_sku is None:
            raise RestError(400, "woocommerce_rest_required_product_reference", "Product ID or SKU is required.")
        quantity = int(checks.amount(posted.get("quantity", 1)))
        if quantity == 0:
            raise RestError(500, "internal_server_error", CRITICAL)
        total, subtotal = (checks.total(posted[name]) if name in posted else None for name in ("total", "subtotal"))
        return Wanted(by_sku.id if by_sku else product_id, quantity, total, subtotal)

    def _line(self, request: Request, order_id: int, posted: dict[str, Any]) -> None:
        line_id = item_id(posted)
        if not line_id:
            self._shop.orders.add_line(request, order_id, self._wanted(posted))
            return
        if self._orders[order_id].line(line_id) is None:
            raise RestError(
                400, "woocommerce_rest_invalid_item_id", "Order item ID provided is not associated with order."
            )
        if posted.get("quantity") == 0 or ("product_id" in posted and posted["product_id"] is None):
            self._shop.orders.remove_line(request, order_id, line_id)
            return
        if "total" in posted or "subtotal" in posted:
            order = self._orders[order_id]
            self._shop.orders.change(request, posted_lines.repriced(order, line_id, posted))
        if "quantity" in posted:
            self._shop.orders.edit_line(request, order_id, line_id, int(checks.amount(posted["quantity"])))

    def _paid(self, request: Request, order: Order, body: dict[str, Any]) -> Order:
        if body.get("set_paid") is True and order.status in {"pending", "on-hold", "failed"}:
            return self._shop.orders.set_status(request, order.id, "processing")
        return order

    def _refuse_coupon(self, request: Request, code: str, wanted: list[Wanted], fields: dict[str, Any]) -> None:
        """There is no such coupon; like the real shop this one leaves the half-made order behind as a draft."""
        draft = self._shop.orders.create(request, wanted, "checkout-draft", **fields)
        message = f"Coupon &quot;{code}&quot; cannot be applied because it does not exist."
        raise RestError(400, "woocommerce_rest_invalid_coupon", message, new_draft_order_id=draft.id)

    def _meta(self, meta: tuple[tuple[int, str, Any], ...], body: dict[str, Any]) -> tuple[tuple[int, str, Any], ...]:
        kept = {key: (number, key, value) for number, key, value in meta}
        for posted in objects(body, "meta_data"):
            key = str(posted.get("key", ""))
            number = kept[key][0] if key in kept else self._shop.state.next("meta")
            kept[key] = (number, key, posted.get("value"))
        return tuple(kept.values())


def _address(body: dict[str, Any], name: str) -> dict[str, str]:
    names = ("first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country")
    given = body.get(name)
    address = given if isinstance(given, dict) else {}
    extra = ("email", "phone") if name == "billing" else ("phone",)
    return {part: str(address.get(part, "")) for part in (*names, *extra)}
