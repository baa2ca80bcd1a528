"""What an order of the make-believe shop comes to: taxes of its lines, and its sums (WooCommerce's
calculate_totals)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from tillbridge.sandbox.money_records import Amounts, Extra, Tax, TaxLine
from tillbridge.sandbox.php import DECIMALS, cents, stored, total_of, wc_round
from tillbridge.sandbox.records import Line, Order, Refund
from tillbridge.sandbox.taxes import Taxes, taxes_on

CENT = Decimal("0.01")
CENTS = float(10**DECIMALS)
ZERO = Decimal(0)


class Totals:
    """Counts orders. `new_item` gives the next id of an order's item."""

    def __init__(self, taxes: Taxes, new_item: Callable[[], int]) -> None:
        self._taxes = taxes
        self._new_item = new_item

    def counted(self, order: Order) -> Order:
        """The order with its taxes and sums. One without taxes, extras and coupons is the sum of its lines."""
        if not self._taxes.any and not order.extras and not order.coupons and all(map(_is_plain, order.lines)):
            return replace(order, amounts=None, tax_lines=()) if order.amounts else order
        order = self._without_too_much_discount(order)
        country = self._taxes.place(order)
        order = replace(order, lines=tuple(self._item(line, country) for line in order.lines))
        shipping_class = self._shipping_class(order)
        extras = tuple(self._extra(order, extra, country, shipping_class) for extra in order.extras)
        order = replace(order, extras=extras)
        return self._summed(replace(order, tax_lines=tuple(self._tax_lines(order))))

    def taxed(self, order: Order) -> Order:
        """An order whose lines and taxes are given: its sums follow from them, rounded nowhere."""
        order = replace(order, tax_lines=tuple(self._tax_lines(order)))
        sums = self._summed(order).amounts
        return replace(order, amounts=replace(sums, total=order.total) if sums else None)

    def rounded(self, values: Iterator[Decimal]) -> float:
        """A sum of lines, each rounded first unless the shop rounds at the subtotal."""
        in_cents = (cents(float(value), 6) for value in values)
        return total_of(one if self._taxes.at_subtotal else wc_round(one) for one in in_cents) / CENTS

    def tax_shares(self, taxes: Mapping[int, float]) -> tuple[Tax, ...]:
        return tuple(Tax(rate, stored(amount)) for rate, amount in taxes.items())

    def tax_of(self, taxes: tuple[Tax, ...]) -> Decimal:
        """The tax of a line: its shares, each rounded first unless the shop rounds at the subtotal."""
        return stored(total_of(self._taxes.round_line(float(tax.total)) for tax in taxes))

    def refunded(self, order: Order, refund: Refund) -> tuple[TaxLine, ...]:
        """What a refund takes off each rate of its order."""
        cart, shipping = dict[int, float](), dict[int, float]()
        for back in refund.lines:
            extra = order.extra(back.line_id)
            sums = shipping if extra and extra.kind == "shipping" else cart
            for tax in back.taxes:
                sums[tax.rate] = sums.get(tax.rate, 0.0) + self._taxes.round_line(float(tax.total))
        return tuple(
            TaxLine(self._new_item(), rate, stored(cart.get(rate, 0.0)), stored(shipping.get(rate, 0.0)))
            for rate in dict.fromkeys((*cart, *shipping))
        )

    def _without_too_much_discount(self, order: Order) -> Order:
        """A fee below zero takes no more than there is."""
        left = self.rounded(line.total for line in order.lines)
        left += total_of(wc_round(float(one.total), DECIMALS) for one in order.extras if one.kind == "shipping")
        kept: list[Extra] = []
        for extra in order.extras:
            most = -wc_round(left, DECIMALS)
            if extra.kind == "fee" and extra.total < 0 and float(extra.total) < most < 0:
                extra = replace(extra, total=stored(most))
            left += float(extra.total) if extra.kind == "fee" else 0
            kept.append(extra)
        return replace(order, extras=tuple(kept))

    def _item(self, line: Line, country: str) -> Line:
        rates = self._taxes.rates(line.tax_class, country)
        totals, subtotals = taxes_on(float(line.total), rates), taxes_on(float(line.subtotal), rates)
        if total_of(subtotals.values()) < total_of(totals.values()):
            subtotals = totals
        taxes = tuple(Tax(rate, stored(totals[rate]), stored(subtotals[rate])) for rate in totals)
        before = tuple(Tax(rate, stored(amount)) for rate, amount in subtotals.items())
        return replace(line, taxes=taxes, total_tax=self.tax_of(taxes), subtotal_tax=self.tax_of(before))

    def _shipping_class(self, order: Order) -> str | None:
        """Shipping bears the tax class of the goods; the standard one where any does. None: it bears no tax."""
        return min((line.tax_class for line in order.lines), default=None)

    def _extra(self, order: Order, extra: Extra, country: str, shipping_class: str | None) -> Extra:
        if extra.kind == "fee" and extra.total < 0:
            shares = self._of_discount(order, extra, country)
        elif extra.tax_status != "taxable" or (extra.kind == "shipping" and shipping_class is None):
            shares = {}
        elif extra.kind == "shipping":
            shares = taxes_on(float(extra.total), self._taxes.shipping_rates(shipping_class or "", country))
        else:
            shares = taxes_on(float(extra.total), self._taxes.rates(extra.tax_class, country))
        taxes = self.tax_shares(shares)
        return replace(extra, taxes=taxes, total_tax=self.tax_of(taxes))

    def _of_discount(self, order: Order, fee: Extra, country: str) -> dict[int, float]:
        """The tax of a fee below zero: shared out over what the order's tax classes cost."""
        costs = dict.fromkeys((line.tax_class for line in order.lines), 0.0)
        first = next(iter(costs), "")
        for line in order.lines:
            costs[line.tax_class] += float(line.total)
        for extra in sorted(order.extras, key=lambda one: one.kind):
            if extra.total >= 0:
                name = first if extra.kind == "shipping" else extra.tax_class
                name = name if extra.tax_status == "taxable" else "non-taxable"
                costs[name] = costs.get(name, 0.0) + float(extra.total)
        everything, shares = total_of(costs.values()), dict[int, float]()
        for name, cost in costs.items():
            if cost and name != "non-taxable":
                part = float(fee.total) * (cost / everything)
                for rate, tax in taxes_on(part, self._taxes.rates(name, country)).items():
                    shares[rate] = shares.get(rate, 0.0) + tax
        return shares

    def _tax_lines(self, order: Order) -> Iterator[TaxLine]:
        """The order's rates, in the order in which its lines name them; those that it had keep their ids."""
        cart, shipping = dict[int, float](), dict[int, float]()
        fees = [extra for extra in order.extras if extra.kind == "fee"]
        for taxes in (*(line.taxes for line in order.lines), *(fee.taxes for fee in fees)):
            for tax in taxes:
                cart[tax.rate] = cart.get(tax.rate, 0.0) + self._taxes.round_line(float(tax.total))
        for extra in order.extras:
            for tax in extra.taxes if extra.kind == "shipping" else ():
                shipping[tax.rate] = shipping.get(tax.rate, 0.0) + self._taxes.round_line(float(tax.total))
        had = {line.rate: line.id for line in order.tax_lines}
        named = list(dict.fromkeys((*cart, *shipping)))
        for rate in [*(rate for rate in had if rate in named), *(rate for rate in named if rate not in had)]:
            number = had.get(rate) or self._new_item()
            yield TaxLine(number, rate, stored(cart.get(rate, 0.0)), stored(shipping.get(rate, 0.0)))

    def _summed(self, order: Order) -> Order:
        before = self.rounded(line.subtotal for line in order.lines)
        goods = self.rounded(line.total for line in order.lines)
        shipping = total_of(wc_round(float(one.total), DECIMALS) for one in order.extras if one.kind == "shipping")
        fees = total_of(float(extra.total) for extra in order.extras if extra.kind == "fee")
        cart_tax = total_of(float(line.total) for line in order.tax_lines)
        shipping_tax = total_of(float(line.shipping) for line in order.tax_lines)
        taxes = [tax for line in order.lines for tax in line.taxes]
        tax_before = total_of(float(tax.subtotal or 0) for tax in taxes)
        tax_after = total_of(float(tax.total) for tax in taxes)
        sums = Amounts(
            total=stored(wc_round(goods + fees + shipping + cart_tax + shipping_tax, DECIMALS)),
            discount=stored(wc_round(before - goods, DECIMALS)),
            discount_tax=stored(self._taxes.round(tax_before - tax_after)),
            shipping=stored(shipping),
            shipping_tax=stored(shipping_tax),
            cart_tax=stored(cart_tax),
        )
        return replace(order, amounts=sums)


def _is_plain(line: Line) -> bool:
    return line.total == line.subtotal and line.total == line.total.quantize(CENT)
