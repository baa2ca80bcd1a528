"""Customers and staff of the shop: what they do with orders, refunds and levels."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

from tillbridge.sandbox.orders import GIVING, TAKING, RefundRefused
from tillbridge.sandbox.records import Cause, Order, Refund
from tillbridge.sandbox.records import Line as OrderLine
from tillbridge.sandbox.shop import Shop

Lines = list[tuple[int, int]]
"""Pairs of an item's number (0 … SKUS − 1) and how many."""

OPEN = frozenset({"processing", "on-hold"})
LIVING = OPEN | {"completed"}


class ShopPeople:
    """They act on the orders that there are; where there is none that fits, nothing happens."""

    def __init__(self, shop: Shop, products: list[int]) -> None:
        """`products` are the ids of the shop's products by number."""
        self.shop = shop
        self.products = products

    def checkout(self, lines: Lines, _: int) -> None:
        self.shop.checkout(*((self.products[sku], quantity) for sku, quantity in lines))

    def checkout_on_hold(self, lines: Lines, _: int) -> None:
        """A bank transfer: the stock is taken, the money is awaited."""
        self.shop.checkout(*((self.products[sku], quantity) for sku, quantity in lines), status="on-hold")

    def set_status(self, number: int, among: Collection[str], to: str) -> None:
        if (order := self._order(number, among)) is not None:
            self.shop.set_status(order.id, to)

    def refund(self, _: Lines, number: int) -> None:
        self._refund(number, self.shop.refund)

    def refund_without_goods(self, _: Lines, number: int) -> None:
        self._refund(number, self.shop.refund_without_goods)

    def _refund(self, number: int, give: Callable[[int, list[tuple[int, int]]], Refund]) -> None:
        order = self._order(number, LIVING)
        line = None if order is None else next((one for one in order.lines if (one.reduced or 0) >= 1), None)
        if order is not None and line is not None:
            with suppress(RefundRefused):
                give(order.id, [(line.id, 1)])

    def delete_refund(self, _: Lines, number: int) -> None:
        """Nothing is told, and nothing moves: what was put back stays there."""
        refunds = sorted(refund.id for refund in self.shop.state.refunds)
        if refunds:
            self.shop.state.refunds.drop(refunds[number % len(refunds)])

    def edit_line(self, _: Lines, number: int) -> None:
        if (found := self._line(number)) is not None:
            order, line = found
            self.shop.edit_line(order.id, line.id, 1 + number % 5)

    def edit_line_silently(self, _: Lines, number: int) -> None:
        """As WooCommerce before 8 does over REST: the stock moves, and nobody says for which order."""
        if (found := self._line(number)) is None:
            return
        order, line = found
        quantity = 1 + number % 5
        held, before = Decimal(quantity - line.restocked), line.reduced or Decimal(0)
        holder = self.shop.stock.holder(line.sellable)
        if order.status not in TAKING or holder is None or held == before:
            return
        with self.shop.request("rest") as request:
            self.shop.stock.move(request, holder, before - held, Cause("rest"))
            lines = tuple(
                one if one.id != line.id else replace(line, quantity=quantity, reduced=held)
                for one in self.shop.state.orders[order.id].lines
            )
            self.shop.orders._save(request, replace(self.shop.state.orders[order.id], lines=lines))

    def remove_line(self, _: Lines, number: int) -> None:
        if (found := self._line(number)) is not None and len(found[0].lines) > 1 and not _is_being_made(found[0]):
            order, line = found
            with self.shop.request("admin") as request:
                self.shop.orders.remove_line(request, order.id, line.id)

    def trash(self, _: Lines, number: int) -> None:
        if (order := self._order(number, LIVING)) is not None:
            self.shop.trash_order(order.id)

    def untrash(self, _: Lines, number: int) -> None:
        if (order := self._order(number, {"trash"})) is not None:
            self.shop.untrash_order(order.id)

    def delete_order(self, _: Lines, number: int) -> None:
        order = self._order(number, LIVING | GIVING | {"trash"})
        if order is not None and not _is_being_made(order):
            self.shop.delete_order(order.id)

    def admin_level(self, lines: Lines, number: int) -> None:
        self.shop.write_level(self.products[lines[0][0]], Decimal(number % 25))

    def admin_fraction(self, lines: Lines, number: int) -> None:
        self.shop.write_level(self.products[lines[0][0]], Decimal(number % 25000) / 1000, "rest")

    def _order(self, number: int, among: Collection[str]) -> Order | None:
        orders = sorted((order for order in self.shop.state.orders if order.status in among), key=lambda one: one.id)
        return orders[number % len(orders)] if orders else None

    def _line(self, number: int) -> tuple[Order, OrderLine] | None:
        order = self._order(number, LIVING)
        if order is None or not order.lines:
            return None
        return order, order.lines[number % len(order.lines)]


def _is_being_made(order: Order) -> bool:
    """Whether a checkout is still taking its goods, or died over it: nobody sees it in a list yet."""
    return order.status in TAKING and not order.stock_reduced


def _status(among: Collection[str], to: str) -> Callable[[ShopPeople, Lines, int], None]:
    return lambda people, _, number: people.set_status(number, among, to)


AT_THE_SHOP: dict[str, Callable[[ShopPeople, Lines, int], None]] = {
    "checkout": ShopPeople.checkout,
    "checkout-on-hold": ShopPeople.checkout_on_hold,
    "complete": _status(OPEN, "completed"),
    "hold": _status({"processing"}, "on-hold"),
    "cancel": _status(LIVING, "cancelled"),
    "fail": _status({"on-hold"}, "failed"),
    "reinstate": _status(GIVING, "processing"),
    "refund": ShopPeople.refund,
    "refund-without-goods": ShopPeople.refund_without_goods,
    "delete-refund": ShopPeople.delete_refund,
    "edit-line": ShopPeople.edit_line,
    "edit-line-silently": ShopPeople.edit_line_silently,
    "remove-line": ShopPeople.remove_line,
    "trash": ShopPeople.trash,
    "untrash": ShopPeople.untrash,
    "delete-order": ShopPeople.delete_order,
    "admin-level": ShopPeople.admin_level,
    "admin-fraction": ShopPeople.admin_fraction,
}
