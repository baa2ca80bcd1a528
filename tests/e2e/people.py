"""People who work the shop's own pages: a customer at the classic checkout, and staff in wp-admin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import requests

from tests.e2e import calls
from tests.e2e.wordpress import ADDRESS, RealShop


class Form(HTMLParser):
    """The fields of one form, as a browser would send them."""

    def __init__(self, html: str, form_id: str) -> None:
        super().__init__(convert_charrefs=True)
        self.fields: list[tuple[str, str]] = []
        self._wanted = form_id
        self._inside = False
        self._area: str | None = None
        self._select = ""
        self.feed(html)
        if not self.fields:
            raise RuntimeError(f"the page has no form {form_id!r}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = have.get("id") == self._wanted
        name = have.get("name", "")
        if not self._inside or "disabled" in have:
            return
        if tag == "input" and name and have.get("type") not in ("submit", "button", "image", "file"):
            if have.get("type") not in ("checkbox", "radio") or "checked" in have:
                self.fields.append((name, have.get("value", "on")))
        elif tag == "textarea":
            self._area = name
            self.fields.append((name, ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in have:
            self.fields.append((self._select, have.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._inside and self._area is not None:
            self.fields[-1] = (self._area, self.fields[-1][1] + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._inside = False

    def with_(self, changes: Mapping[str, str]) -> list[tuple[str, str]]:
        """The fields, with what a person typed."""
        return [(name, value) for name, value in self.fields if name not in changes] + list(changes.items())


def classic_checkout(shop: RealShop, page: str, product_id: int, quantity: int) -> int:
    """A guest buys at the checkout that a shortcode makes, cash on delivery; the order's id."""
    answer = ClassicGuest(shop, page, product_id, quantity).pay({"payment_method": "cod"})
    order = re.search(r"order-received/(\d+)", str(answer.get("redirect", "")))
    if answer.get("result") != "success" or order is None:
        raise RuntimeError(f"classic checkout: {answer}")
    return int(order[1])


class ClassicGuest:
    """Somebody with a cart before the checkout that a shortcode makes, who may press the button more than once."""

    def __init__(self, shop: RealShop, page: str, product_id: int, quantity: int) -> None:
        self._guest = calls.session()
        self._home, self._checkout = f"{shop.url}/", f"{shop.url}/{page}/"
        wanted = {"add-to-cart": str(product_id), "quantity": str(quantity)}
        self._guest.get(self._home, params=wanted, timeout=60).raise_for_status()

    def pay(self, method: Mapping[str, str]) -> dict[str, Any]:
        """Open the page, fill it in, press the button; what the shop answered."""
        html = self._guest.get(self._checkout, timeout=60).text
        nonce = re.search(r'name="woocommerce-process-checkout-nonce" value="([0-9a-f]+)"', html)
        if nonce is None:
            raise RuntimeError(f"the classic checkout has no nonce: {html[:300]}")
        address = {f"billing_{name}": value for name, value in ADDRESS.items()} | {"billing_email": "ann@example.com"}
        form = {**address, **method, "woocommerce-process-checkout-nonce": nonce[1], "terms": "1"}
        found: dict[str, Any] = self._guest.post(
            self._home, params={"wc-ajax": "checkout"}, data=form, timeout=60
        ).json()
        return found


class Staff:
    """Somebody who is logged in to wp-admin."""

    def __init__(self, shop: RealShop) -> None:
        self._admin = f"{shop.url}/wp-admin"
        self._browser = calls.session()
        self._browser.cookies.set("wordpress_test_cookie", "WP%20Cookie%20check")
        form = {"log": "admin", "pwd": "admin", "testcookie": "1", "redirect_to": f"{self._admin}/"}
        self._page(self._browser.post(f"{shop.url}/wp-login.php", data=form, timeout=120))

    def products_page(self) -> str:
        """The list of products, as it is shown."""
        return self._page(self._browser.get(f"{self._admin}/edit.php?post_type=product", timeout=120))

    def edit_stock(self, product_id: int, level: int) -> None:
        """Open the product's form, type another quantity, press Update."""
        html = self._page(self._browser.get(f"{self._admin}/post.php?post={product_id}&action=edit", timeout=120))
        form = Form(html, "post").with_({"_stock": str(level), "save": "Update"})
        self._page(self._browser.post(f"{self._admin}/post.php", data=form, timeout=120))

    def quick_edit_stock(self, product_id: int, sku: str, level: int) -> None:
        """Type another quantity in the list of products."""
        html = self.products_page()
        nonces = {name: _nonce(html, name) for name in ("_inline_edit", "woocommerce_quick_edit_nonce")}
        form = {
            **nonces,
            "action": "inline-save",
            "post_type": "product",
            "post_ID": str(product_id),
            "post_view": "list",
            "screen": "edit-product",
            "post_title": sku.title(),
            "_status": "publish",
            "woocommerce_quick_edit": "1",
            "_sku": sku,
            "_regular_price": "10",
            "_visibility": "visible",
            "_manage_stock": "yes",
            "_stock_status": "instock",
            "_stock": str(level),
            "_backorders": "no",
        }
        self._page(self._browser.post(f"{self._admin}/admin-ajax.php", data=form, timeout=120))

    def _page(self, answer: requests.Response) -> str:
        if answer.status_code != 200 or "wp-die-message" in answer.text:
            raise RuntimeError(f"wp-admin {answer.url}: {answer.status_code} {answer.text[:300]}")
        return answer.text


def _nonce(html: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([0-9a-f]+)"', html)
    if found is None:
        raise RuntimeError(f"the page has no nonce {name}")
    return found[1]
