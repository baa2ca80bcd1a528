"""Which wc/v3 address leads where in the make-believe shop: lists, single things, batches."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from tillbridge.sandbox import store_checks
from tillbridge.sandbox.php import DECIMALS
from tillbridge.sandbox.records import Order, Product
from tillbridge.sandbox.rest import Call, Response, RestError, answer, invalid, no_route
from tillbridge.sandbox.shop import Shop
from tillbridge.sandbox.site import Request
from tillbridge.sandbox.store_orders import Orders
from tillbridge.sandbox.store_products import Products

ORDER_BY = (
    "date", "id", "include", "title", "slug", "modified", "popularity", "rating", "post__in", "price", "sales",
    "menu_order", "random", "popularity", "rating", "menu_order", "price", "popularity", "rating",
)  # fmt: skip
"""As WooCommerce lists them, repetitions and all; the sandbox sorts by date, id, title and modified."""
MOST_ITEMS = 100
Handler = Callable[..., Response]


class StoreRoutes:
    """The part of wc/v3 that a bridge between shop and till needs."""

    def __init__(self, shop: Shop, home: str) -> None:
        self._shop = shop
        self._home = home
        self.products = Products(shop)
        self.orders = Orders(shop)
        self._table: list[tuple[re.Pattern[str], dict[str, Handler]]] = [
            _route("products", GET=self.list_products, POST=self.create_product),
            _route("products/batch", POST=self.batch_products),
            _route("products/<>", GET=self.get_product, PUT=self.put_product, DELETE=self.delete_product),
            _route("products/<>/variations", GET=self.list_variations, POST=self.create_variation),
            _route("products/<>/variations/batch", POST=self.batch_variations),
            _route("products/<>/variations/<>", GET=self.get_variation, PUT=self.put_variation),
            _route("orders", GET=self.list_orders, POST=self.create_order),
            _route("orders/batch", POST=self.batch_orders),
            _route("orders/<>", GET=self.get_order, PUT=self.put_order, DELETE=self.delete_order),
            _route("orders/<>/refunds", GET=self.list_refunds, POST=self.create_refund),
            _route("orders/<>/refunds/<>", GET=self.get_refund, DELETE=self.delete_refund),
        ]

    def __call__(self, call: Call) -> Response:
        method = {"HEAD": "GET", "PATCH": "PUT"}.get(call.method, call.method)
        for pattern, handlers in self._table:
            found = pattern.fullmatch(call.route)
            if found is None:
                continue
            handler = handlers.get("POST" if method == "POST" and "POST" in handlers else method)
            if handler is None and method == "POST":
                handler = handlers.get("PUT")
            if handler is None:
                raise no_route()
            response = handler(call, *(int(number) for number in found.groups()))
            return Response(response.status, response.headers, b"") if call.method == "HEAD" else response
        raise no_route()

    # --- products -----------------------------------------------------------------------------------------------------

    def list_products(self, call: Call) -> Response:
        found = [p for p in self._shop.state.products if self._wanted(call, p)]
        return self._page(call, found, self.products.show, "name")

    def get_product(self, call: Call, product_id: int) -> Response:
        return answer(_only(call, self.products.show(self.products.get(product_id))))

    def create_product(self, call: Call) -> Response:
        body = call.json()
        store_checks.product_types(body)
        with self._shop.request("rest") as request:
            made = self.products.create(request, body)
        return answer(self.products.show(made), 201)

    def put_product(self, call: Call, product_id: int) -> Response:
        body, item = call.json(), self.products.writable(product_id)
        store_checks.product_types(body)
        with self._shop.request("rest") as request:
            item = self.products.update(request, item, body)
        return answer(_only(call, self.products.show(item)))

    def delete_product(self, call: Call, product_id: int) -> Response:
        item = self.products.get(product_id)
        shown = self.products.show(item)
        with self._shop.request("rest") as request:
            if call.truth("force"):
                self._shop.delete_product(request, item.id)
            else:
                self.products.trash(request, item)
        return answer(shown)

    def batch_products(self, call: Call) -> Response:
        """One request for all items; each stands alone, and none is checked for types."""
        return self._batch(
            call,
            lambda request, body: self.products.show(self.products.create(request, body)),
            lambda request, body: self.products.show(
                self.products.update(request, self.products.writable(_item_id(body)), body)
            ),
        )

    def list_variations(self, call: Call, parent: int) -> Response:
        found = [p for p in self._shop.state.products if p.parent_id == parent and p.status != "trash"]
        return self._page(call, found, self.products.show_variation, "name")

    def get_variation(self, _call: Call, parent: int, product_id: int) -> Response:
        return answer(self.products.show_variation(self.products.variation(parent, product_id)))

    def create_variation(self, call: Call, parent: int) -> Response:
        body = call.json()
        store_checks.product_types(body)
        with self._shop.request("rest") as request:
            made = self.products.create(request, body, parent)
        return answer(self.products.show_variation(made), 201)

    def put_variation(self, call: Call, parent: int, product_id: int) -> Response:
        body, item = call.json(), self.products.variation(parent, product_id)
        if body.get("manage_stock") != "parent":
            store_checks.product_types(body)
        with self._shop.request("rest") as request:
            item = self.products.update(request, item, body)
        return answer(self.products.show_variation(item))

    def batch_variations(self, call: Call, parent: int) -> Response:
        return self._batch(
            call,
            lambda request, body: self.products.show_variation(self.products.create(request, body, parent)),
            lambda request, body: self.products.show_variation(
                self.products.update(request, self.products.variation(parent, _item_id(body)), body)
            ),
        )

    # --- orders -------------------------------------------------------------------------------------------------------

    def list_orders(self, call: Call) -> Response:
        asked = call.text("status", "any").split(",")
        for one in asked:
            if one not in (*self._shop.statuses, "any", "trash", "auto-draft"):
                enum = ["any", "trash", "auto-draft", *self._shop.statuses]
                message = "status[0] is not one of " + ", ".join(enum[:-1]) + f", and {enum[-1]}."
                raise invalid("status", message, "rest_not_in_enum", {"enum": enum})
        found = [
            order for order in self._shop.state.orders
            if order.status in asked or ("any" in asked and order.status not in {"trash", "checkout-draft"})
        ]  # fmt: skip
        dp = _decimals(call)
        return self._page(call, found, lambda order: self.orders.show(order, dp), "key")

    def get_order(self, call: Call, order_id: int) -> Response:
        return answer(_only(call, self.orders.show(self.orders.get(order_id), _decimals(call))))

    def create_order(self, call: Call) -> Response:
        with self._shop.request("rest") as request:
            order = self.orders.create(request, call.json())
        return answer(self.orders.show(order), 201)

    def put_order(self, call: Call, order_id: int) -> Response:
        order = self.orders.writable(order_id)
        with self._shop.request("rest") as request:
            order = self.orders.update(request, order, call.json())
        return answer(self.orders.show(order))

    def delete_order(self, call: Call, order_id: int) -> Response:
        order = self.orders.get(order_id)
        with self._shop.request("rest") as request:
            if call.truth("force"):
                order = self._shop.orders.delete(request, order.id)
            else:
                order = self.orders.trash(request, order)
        return answer(self.orders.show(order))

    def batch_orders(self, call: Call) -> Response:
        return self._batch(
            call,
            lambda request, body: self.orders.show(self.orders.create(request, body)),
            lambda request, body: self.orders.show(
                self.orders.update(request, self.orders.writable(_item_id(body)), body)
            ),
        )

    def list_refunds(self, call: Call, order_id: int) -> Response:
        found, size, page = (
            self.orders.refunds(order_id),
            call.number("per_page", 10, 1, 100),
            call.number("page", 1, 1),
        )
        shown = found[(page - 1) * size : page * size]
        dp = _decimals(call)
        return answer([self.orders.show_refund(one, dp) for one in shown], headers=_totals(len(found), size))

    def get_refund(self, call: Call, order_id: int, refund_id: int) -> Response:
        return answer(self.orders.show_refund(self.orders.refund(order_id, refund_id), _decimals(call)))

    def create_refund(self, call: Call, order_id: int) -> Response:
        order = self.orders.get(order_id)
        with self._shop.request("rest") as request:
            shown = self.orders.create_refund(request, order, call.json())
        return answer(shown, 201)

    def delete_refund(self, _call: Call, order_id: int, refund_id: int) -> Response:
        return answer(self.orders.delete_refund(order_id, refund_id))

    # --- lists and batches --------------------------------------------------------------------------------------------

    def _wanted(self, call: Call, item: Product) -> bool:
        """The filters of the product list. Variations appear only where a SKU is asked for."""
        skus, ids, text = call.text("sku"), call.text("include"), call.text("search").lower()
        if skus:
            if item.sku not in skus.split(","):
                return False
        elif item.type == "variation":
            return False
        if ids and str(item.id) not in [one.strip() for one in ids.split(",")]:
            return False
        if text and text not in item.name.lower() and text not in item.sku.lower():
            return False
        if call.text("type") and item.type != call.text("type"):
            return False
        if call.text("stock_status") and item.stock_status != call.text("stock_status"):
            return False
        status = call.text("status", "any")
        return item.status != "trash" if status == "any" else item.status in status.split(",")

    def _page(self, call: Call, found: Sequence[Any], show: Callable[[Any], dict[str, Any]], title: str) -> Response:
        size, page = call.number("per_page", 10, 1, 100), call.number("page", 1, 1)
        by, downwards = call.text("orderby", "date"), call.text("order", "desc") == "desc"
        if by not in ORDER_BY:
            message = "orderby is not one of " + ", ".join(ORDER_BY[:-1]) + f", and {ORDER_BY[-1]}."
            raise invalid("orderby", message, "rest_not_in_enum", {"enum": list(ORDER_BY)})
        since = _moment(call, "modified_after")
        kept = [item for item in found if since is None or item.modified.replace(tzinfo=None) > since]

        def place(item: Product | Order) -> tuple[Any, int]:
            key = {"modified": item.modified, "id": item.id, "title": getattr(item, title)}.get(by, item.created)
            return key, item.id

        ordered = sorted(kept, key=place, reverse=downwards)
        begin = call.number("offset", 0, 0) or (page - 1) * size
        shown = [_only(call, show(item)) for item in ordered[begin : begin + size]]
        return answer(shown, headers=_totals(len(kept), size))

    def _batch(
        self,
        call: Call,
        create: Callable[[Request, dict[str, Any]], dict[str, Any]],
        update: Callable[[Request, dict[str, Any]], dict[str, Any]],
    ) -> Response:
        body = call.json()
        items = {verb: body[verb] for verb in ("create", "update") if isinstance(body.get(verb), list)}
        if sum(map(len, items.values())) > MOST_ITEMS:
            message = f"Unable to accept more than {MOST_ITEMS} items for this request."
            raise RestError(413, "woocommerce_rest_request_entity_too_large", message)
        done: dict[str, list[dict[str, Any]]] = {}
        with self._shop.request("rest") as request:
            for verb, act in (("create", create), ("update", update)):
                for one in items.get(verb, ()):
                    done.setdefault(verb, []).append(_attempt(act, request, one if isinstance(one, dict) else {}))
        return answer(done or [])


def _attempt(
    act: Callable[[Request, dict[str, Any]], dict[str, Any]], request: Request, body: dict[str, Any]
) -> dict[str, Any]:
    try:
        return act(request, body)
    except RestError as error:
        return {"id": _item_id(body), "error": error.body}


def _item_id(body: dict[str, Any]) -> int:
    return int(store_checks.amount(body.get("id")))


def _route(pattern: str, **handlers: Handler) -> tuple[re.Pattern[str], dict[str, Handler]]:
    return re.compile("/wc/v3/" + pattern.replace("<>", r"(\d{1,18})")), handlers


def _totals(total: int, size: int) -> dict[str, str]:
    return {"x-wp-total": str(total), "x-wp-totalpages": str(-(-total // size))}


def _decimals(call: Call) -> int:
    return call.number("dp", DECIMALS, 0)


def _only(call: Call, shown: dict[str, Any]) -> dict[str, Any]:
    names = call.text("_fields")
    return {name: shown[name] for name in names.split(",") if name in shown} if names else shown


def _moment(call: Call, name: str) -> datetime | None:
    text = call.text(name)
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise invalid(name, "Invalid date.", "rest_invalid_date") from None
