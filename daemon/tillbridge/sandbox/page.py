"""The make-believe shop's one page: look, buy, cancel, refund, and set a level as somebody in wp-admin would."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from flask import Flask, Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from tillbridge.sandbox.counter import Counter
from tillbridge.sandbox.records import Order
from tillbridge.sandbox.shop import Shop
from tillbridge.sandbox.wire import quantity

COOKIE = "shop_form"
SAID = {
    "bought": "Thank you! Your order is being processed.",
    "sold_out": "Sorry, there are not so many left.",
    "cancelled": "The order is cancelled; its goods are back on the shelf.",
    "refunded": "The order is refunded; its goods are back on the shelf.",
    "set": "The level is set.",
    "odd": "That is not a level: a whole number, please.",
}
RULES = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HOMES = ("127.0.0.1", "localhost", "[::1]")
SHOWN_ORDERS = 12


@dataclass(frozen=True, slots=True)
class Good:
    """A thing for sale, as the page shows it."""

    id: int
    name: str
    sku: str
    price: str
    level: str | None
    left: int


def attach(app: Flask, counter: Counter) -> None:
    """Put the page on an application."""

    @app.get("/")
    def look() -> Response:
        token = request.cookies.get(COOKIE) or secrets.token_urlsafe(24)
        with counter.serving() as shop:
            page = render_template(
                "shop.html",
                goods=_goods(shop),
                orders=_orders(shop),
                token=token,
                said=SAID.get(request.args.get("said", "")),
                waiting=shop.shim.unacked(),
            )
        response = make_response(page)
        response.set_cookie(COOKIE, token, httponly=True, samesite="Strict")
        return response

    def form(rule: str, act: Callable[[Shop], str]) -> None:
        def submit() -> Answer:
            _check_form()
            with counter.serving() as shop:
                said = act(shop)
            return redirect(f"/?said={said}", code=303)

        app.add_url_rule(rule, endpoint=rule, view_func=submit, methods=["POST"])

    form("/buy", _buy)
    form("/cancel", _cancel)
    form("/refund", _refund)
    form("/level", _level)

    @app.before_request
    def only_from_here() -> None:
        if request.host.rsplit(":", 1)[0] not in HOMES:
            abort(400, "This shop is only for the computer that it runs on.")

    @app.after_request
    def strict(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", RULES)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response


def _check_form() -> None:
    """Only our own page knows the cookie's value, so only it can send the field."""
    cookie, field = request.cookies.get(COOKIE, ""), request.form.get("token", "")
    if not cookie or not hmac.compare_digest(cookie.encode(), field.encode()):
        abort(403, "This form has expired. Load the page again.")


def _buy(shop: Shop) -> str:
    product, wanted = _number("product"), _number("quantity")
    item = shop.state.products.get(product)
    if item is None or item.type == "variable" or not 1 <= wanted <= 99:
        abort(400, "No such product.")
    level = shop.level(product)
    if level is not None and level < wanted:
        return "sold_out"
    shop.checkout((product, wanted))
    return "bought"


def _cancel(shop: Shop) -> str:
    shop.set_status(_order(shop).id, "cancelled")
    return "cancelled"


def _refund(shop: Shop) -> str:
    shop.refund(_order(shop).id)
    return "refunded"


def _level(shop: Shop) -> str:
    product = _number("product")
    if product not in shop.state.products:
        abort(400, "No such product.")
    try:
        level = Decimal(request.form.get("level", "").strip())
    except InvalidOperation:
        return "odd"
    if not level.is_finite() or level != level.to_integral_value() or abs(level) > 1_000_000:
        return "odd"
    shop.write_level(product, level)
    return "set"


def _order(shop: Shop) -> Order:
    order = shop.state.orders.get(_number("order"))
    if order is None or order.status not in {"processing", "on-hold", "completed"}:
        abort(400, "This order can no longer be changed.")
    return order


def _number(name: str) -> int:
    text = request.form.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        abort(400, f"{name} is not a number.")
    return int(text)


def _goods(shop: Shop) -> list[Good]:
    shown = [p for p in shop.state.products if p.type != "variable" and p.status == "publish"]
    return [
        Good(p.id, p.name, p.sku, p.price, quantity(level), int(max(Decimal(0), level)) if level is not None else 99)
        for p, level in ((p, shop.level(p.id)) for p in shown)
    ]


def _orders(shop: Shop) -> list[Order]:
    return sorted(shop.state.orders, key=lambda order: order.id, reverse=True)[:SHOWN_ORDERS]
