"""Coupons of the make-believe shop, shared out over the lines to the cent as WooCommerce does (WC_Discounts).

Everything here is in cents of the price that the shop shows: with tax where its prices include tax.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tillbridge.sandbox.money_records import Coupon, CouponLine
from tillbridge.sandbox.php import DECIMALS, cents, stored, total_of, wc_round
from tillbridge.sandbox.records import Line, Order
from tillbridge.sandbox.taxes import Taxes, taxes_in, taxes_on
from tillbridge.sandbox.totals import Totals

IN_CENTS = 10**DECIMALS


class Discounts:
    """What each coupon takes off each line. The dearest lines come first."""

    def __init__(self, order: Order) -> None:
        self.by_coupon: dict[str, dict[int, float]] = {}
        self._prices = {line.id: _price(line, with_tax=order.prices_include_tax) for line in order.lines}
        self._quantities = {line.id: line.quantity for line in order.lines}
        dearest = sorted(order.lines, key=lambda line: -self._prices[line.id] / max(line.quantity, 1))
        self._lines = [line.id for line in dearest]

    def apply(self, coupon: Coupon) -> None:
        self.by_coupon[coupon.code] = dict.fromkeys(self._lines, 0.0)
        lines = [line for line in self._lines if self._left(line) and self._quantities[line] > 0]
        if coupon.type == "percent":
            self._percent(coupon, lines)
        elif coupon.type == "fixed_cart":
            self._fixed_cart(coupon.code, lines, cents(float(coupon.amount)))
        else:
            self._fixed_product(coupon.code, lines, cents(float(coupon.amount)))

    def by_line(self) -> dict[int, float]:
        """What all coupons take off each line, in units of the currency."""
        return {line: self._taken(line) / IN_CENTS for line in self._lines}

    def _percent(self, coupon: Coupon, lines: Sequence[int]) -> None:
        part, given, whole = float(coupon.amount) / 100, 0.0, 0.0
        for line in lines:
            quantity = self._quantities[line]
            price = wc_round(self._prices[line]) / quantity * quantity
            discount = wc_round(min(self._left(line), math.floor(price * part)), down=True)
            self.by_coupon[coupon.code][line] += discount
            given, whole = given + discount, whole + price
        owed = wc_round(whole * part, down=True)
        if given < owed:
            self._remainder(coupon.code, lines, owed - given)

    def _fixed_product(self, code: str, lines: Sequence[int], each: float) -> float:
        given = 0.0
        for line in lines:
            discount = min(self._left(line), each * self._quantities[line])
            self.by_coupon[code][line] += discount
            given += discount
        return given

    def _fixed_cart(self, code: str, lines: Sequence[int], amount: float) -> float:
        lines = [line for line in lines if self._left(line) > 0]
        pieces = sum(self._quantities[line] for line in lines)
        if not pieces or not amount:
            return 0.0
        each = math.floor(abs(amount / pieces))
        if each == 0:
            return self._remainder(code, lines, amount)
        given = self._fixed_product(code, lines, each)
        if 0 < given < amount:
            given += self._fixed_cart(code, lines, amount - given)
        return given

    def _remainder(self, code: str, lines: Sequence[int], amount: float) -> float:
        """The last cents, one for each piece in turn."""
        given = 0.0
        for line in lines:
            for _ in range(self._quantities[line]):
                discount = min(self._left(line), 1)
                self.by_coupon[code][line] += discount
                given += discount
                if given >= amount:
                    return given
        return given

    def _left(self, line: int) -> float:
        return math.floor(abs(wc_round(self._prices[line] - self._taken(line))))

    def _taken(self, line: int) -> float:
        return total_of(lines[line] for lines in self.by_coupon.values())


class Coupons:
    """Puts coupons on orders."""

    def __init__(self, taxes: Taxes, totals: Totals) -> None:
        self._taxes = taxes
        self._totals = totals

    def applied(self, order: Order, coupons: Sequence[Coupon], ids: Mapping[str, int]) -> Order:
        """The order with these coupons and no others, counted anew. `ids` are those of its coupon lines."""
        bare = tuple(replace(line, total=line.subtotal, total_tax=line.subtotal_tax) for line in order.lines)
        order, discounts = replace(order, lines=bare), Discounts(order)
        for coupon in coupons:
            discounts.apply(coupon)
        taken = discounts.by_line()
        shown = tuple(self._line(order, code, ids[code], lines) for code, lines in discounts.by_coupon.items())
        lines = tuple(self._cheaper(order, line, taken[line.id]) for line in order.lines)
        return self._totals.counted(replace(order, lines=lines, coupons=shown))

    def _line(self, order: Order, code: str, number: int, lines: Mapping[int, float]) -> CouponLine:
        country, tax_classes = self._taxes.place(order), {line.id: line.tax_class for line in order.lines}
        amount, tax = total_of(lines.values()) / IN_CENTS, 0.0
        for line, discount in lines.items():
            rates = self._taxes.rates(tax_classes[line], country)
            of = taxes_in if order.prices_include_tax else taxes_on
            share = self._taxes.round_line(total_of(of(discount / IN_CENTS, rates).values()))
            tax += share
            amount -= share if order.prices_include_tax else 0
        return CouponLine(number, code, stored(amount), stored(tax))

    def _cheaper(self, order: Order, line: Line, discount: float) -> Line:
        if order.prices_include_tax:
            rates = self._taxes.rates(line.tax_class, self._taxes.place(order))
            discount -= total_of(taxes_in(discount, rates).values())
        return replace(line, total=stored(max(0.0, float(line.total) - discount)))


def _price(line: Line, *, with_tax: bool) -> float:
    price = cents(float(line.subtotal))
    return price + cents(float(line.subtotal_tax)) if with_tax else price
