"""The make-believe shop's taxes: which rates concern a line, and what they come to (WooCommerce's WC_Tax)."""

from __future__ import annotations

from collections.abc import Sequence

from tillbridge.sandbox.money_records import TaxRate
from tillbridge.sandbox.php import DECIMALS, PRECISION, total_of, wc_round
from tillbridge.sandbox.records import Order, Product, State

YES, NO = "yes", "no"
INCLUDED, AT_SUBTOTAL, BASED_ON, COUNTRY = "tax.included", "tax.at_subtotal", "tax.based_on", "tax.country"
"""The shop's options, by the names under which its database keeps them."""
PICKUP = frozenset({"local_pickup", "legacy_local_pickup"})


class Taxes:
    """The table of rates and the options beside it, read when they are needed."""

    def __init__(self, state: State) -> None:
        self._rates = state.rates
        self._texts = state.texts

    @property
    def any(self) -> bool:
        return len(self._rates) > 0

    @property
    def included(self) -> bool:
        """Whether prices are entered with their tax."""
        return self._texts.get(INCLUDED) != NO

    @property
    def at_subtotal(self) -> bool:
        """Whether tax is rounded once for the whole order, and not line by line."""
        return self._texts.get(AT_SUBTOTAL) == YES

    @property
    def home(self) -> str:
        return self._texts.get(COUNTRY) or "DE"

    def rate(self, number: int) -> TaxRate | None:
        return self._rates.get(number)

    def place(self, order: Order) -> str:
        """The country whose taxes an order bears."""
        based_on = self._texts.get(BASED_ON) or "shipping"
        if based_on == "base" or any(extra.method_id in PICKUP for extra in order.extras):
            return self.home
        country = order.shipping.get("country", "") if based_on == "shipping" else ""
        return country or order.billing.get("country", "") or self.home

    def rates(self, tax_class: str, country: str) -> list[TaxRate]:
        """One rate for each priority: the one for just this country before one for any."""
        fitting = [r for r in self._rates if r.tax_class == tax_class and r.country in (country, "")]
        found: dict[int, TaxRate] = {}
        for rate in sorted(fitting, key=lambda r: (r.priority, r.country == "", r.id)):
            found.setdefault(rate.priority, rate)
        return list(found.values())

    def shipping_rates(self, tax_class: str, country: str) -> list[TaxRate]:
        return [rate for rate in self.rates(tax_class, country) if rate.shipping]

    def round(self, tax: float) -> float:
        """A tax to cents. Where prices include it, halves go down, so that net and tax come to the price."""
        return wc_round(tax, DECIMALS, down=self.included)

    def round_line(self, tax: float) -> float:
        return tax if self.at_subtotal else self.round(tax)

    def net(self, product: Product, quantity: int) -> float:
        """What so many cost without tax."""
        price = float(product.price or 0) * quantity
        if not self.included:
            return price
        return price - total_of(taxes_in(price, self.rates(product.tax_class, self.home)).values())


def taxes_on(price: float, rates: Sequence[TaxRate]) -> dict[int, float]:
    """What is added to a net amount, by rate; compound rates also tax the other taxes."""
    taxes = {rate.id: price * (float(rate.percent) / 100) for rate in rates if not rate.compound}
    so_far = total_of(taxes.values())
    for rate in rates:
        if rate.compound:
            taxes[rate.id] = (price + so_far) * (float(rate.percent) / 100)
            so_far = total_of(taxes.values())
    return {number: wc_round(tax, PRECISION) for number, tax in taxes.items()}


def taxes_in(price: float, rates: Sequence[TaxRate]) -> dict[int, float]:
    """What of a gross amount is tax, by rate."""
    taxes = dict.fromkeys((rate.id for rate in rates), 0.0)
    rest = price
    for rate in reversed([rate for rate in rates if rate.compound]):
        taxes[rate.id] = rest - rest / (1 + float(rate.percent) / 100)
        rest -= taxes[rate.id]
    regular = [rate for rate in rates if not rate.compound]
    divisor = 1 + total_of(float(rate.percent) for rate in regular) / 100
    for rate in regular:
        taxes[rate.id] += price - (price - (float(rate.percent) / 100) / divisor * rest)
    return {number: wc_round(tax, PRECISION) for number, tax in taxes.items()}
