"""Somebody in the office who works on orders in wp-admin: edits their lines, pays back, changes their status."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from tests.e2e.people import Form, Staff

LINE_FIELDS = ("order_item_id", "order_item_qty", "order_item_tax_class", "line_total", "line_subtotal", "line_tax")


class _Page:
    """The page of one order, as it was shown: with tables of their own for orders, or among the posts as of old."""

    def __init__(self, html: str, address: str, posts: str) -> None:
        form_id = "order" if 'id="order"' in html else "post"
        self.form = Form(html, form_id)
        self.action = address if form_id == "order" else posts
        nonce = re.search(r'"order_item_nonce":"([0-9a-f]+)"', html)
        if nonce is None:
            raise RuntimeError(f"the order's page has no nonce: {address}")
        self.nonce = nonce[1]

    def lines(self, quantities: Mapping[int, str]) -> str:
        """The lines as the page's own script sends them, with other quantities."""
        typed = {f"order_item_qty[{line}]": quantity for line, quantity in quantities.items()}
        return urlencode([pair for pair in self.form.with_(typed) if pair[0].startswith(LINE_FIELDS)])


class OrderDesk(Staff):
    """What WooCommerce's own pages and scripts do with an order."""

    def add_item(self, order_id: int, product_id: int, quantity: str) -> None:
        """Add a product; as the page does, without a word about the lines that are there."""
        wanted = {"data[0][id]": str(product_id), "data[0][qty]": quantity}
        self._ajax(order_id, "woocommerce_add_order_item", wanted)

    def save_items(self, order_id: int, quantities: Mapping[int, str] | None = None) -> None:
        """Type other quantities and press Save below the lines."""
        lines = self._open(order_id).lines(quantities or {})
        self._ajax(order_id, "woocommerce_save_order_items", {"items": lines})

    def remove_item(self, order_id: int, line_id: int) -> None:
        """The little cross at the end of a line."""
        self._ajax(order_id, "woocommerce_remove_order_item", {"order_item_ids": str(line_id)})

    def refund(self, order_id: int, line_id: int, quantity: int, *, restock: bool, so_far: str = "0.00") -> None:
        """Pay back 1.00 for so many of a line, by hand; `so_far` is what was paid back before."""
        wanted = {
            "refund_amount": "1.00",
            "refunded_amount": so_far,
            "line_item_qtys": json.dumps({line_id: quantity}),
            "line_item_totals": json.dumps({line_id: "1.00"}),
            "line_item_tax_totals": "{}",
            "api_refund": "false",
            "restock_refunded_items": json.dumps(restock),
        }
        self._ajax(order_id, "woocommerce_refund_line_items", wanted)

    def delete_refund(self, order_id: int, refund_id: int) -> None:
        """The cross at the end of a refund."""
        self._ajax(order_id, "woocommerce_delete_refund", {"refund_id": str(refund_id)})

    def save(self, order_id: int, status: str, quantities: Mapping[int, str] | None = None) -> None:
        """Choose another status (and type other quantities), press Update."""
        page = self._open(order_id)
        typed = {f"order_item_qty[{line}]": quantity for line, quantity in (quantities or {}).items()}
        if "_payment_method" not in dict(page.form.fields):
            typed["_payment_method"] = ""
        form = page.form.with_({**typed, "order_status": f"wc-{status}", "save": "Update"})
        self._page(self._browser.post(page.action, data=form, timeout=120))

    def mark(self, order_ids: Sequence[int], status: str) -> None:
        """Tick orders in the list, choose Change status to …, press Apply."""
        own = "admin.php?page=wc-orders"
        has_tables = own in self.products_page()
        place = f"{self._admin}/{own if has_tables else 'edit.php?post_type=shop_order'}"
        html = self._page(self._browser.get(place, timeout=120))
        form = Form(html, "wc-orders-filter" if has_tables else "posts-filter")
        box = re.search(rf'name="(\w+\[\])" value="{order_ids[0]}"', html)
        if box is None:
            raise RuntimeError(f"the list has no order {order_ids[0]} to tick")
        ticked = [(box[1], str(order_id)) for order_id in order_ids]
        chosen = [*form.with_({"action": f"mark_{status}", "action2": "-1"}), *ticked]
        self._page(self._browser.get(place.split("?")[0], params=chosen, timeout=120))

    def _open(self, order_id: int) -> _Page:
        answer = self._browser.get(f"{self._admin}/post.php?post={order_id}&action=edit", timeout=120)
        return _Page(self._page(answer), answer.url, f"{self._admin}/post.php")

    def _ajax(self, order_id: int, action: str, wanted: Mapping[str, str]) -> None:
        form = {"action": action, "security": self._open(order_id).nonce, "order_id": str(order_id), **wanted}
        answer = self._page(self._browser.post(f"{self._admin}/admin-ajax.php", data=form, timeout=120))
        if answer and not json.loads(answer).get("success"):
            raise RuntimeError(f"{action}: {answer[:300]}")
