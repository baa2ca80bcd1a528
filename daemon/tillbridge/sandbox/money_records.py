"""What the make-believe shop keeps of money: tax rates, coupons, and what an order's lines and sums come to.

Amounts of lines are exact to six decimals, as WooCommerce stores them; it rounds only what it shows and what it sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A row of the shop's table of tax rates. `tax_class` "" is the standard one, `country` "" any."""

    id: int
    percent: Decimal
    name: str = "TAX"
    country: str = ""
    tax_class: str = ""
    priority: int = 1
    compound: bool = False
    shipping: bool = True


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon: `percent`, `fixed_cart` or `fixed_product`. `code` is in small letters."""

    code: str
    type: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Tax:
    """What a rate adds to a line; `subtotal` is before discounts, None where a line knows none."""

    rate: int
    total: Decimal
    subtotal: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Extra:
    """A line of shipping or a fee (`kind`)."""

    id: int
    kind: str
    name: str
    total: Decimal
    method_id: str = ""
    tax_class: str = ""
    tax_status: str = "taxable"
    taxes: tuple[Tax, ...] = ()
    total_tax: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class CouponLine:
    """A coupon as an order uses it, with what it took off."""

    id: int
    code: str
    discount: Decimal
    discount_tax: Decimal


@dataclass(frozen=True, slots=True)
class TaxLine:
    """What a rate comes to over a whole order, as WooCommerce rounded it."""

    id: int
    rate: int
    total: Decimal
    shipping: Decimal


@dataclass(frozen=True, slots=True)
class Amounts:
    """The sums of an order."""

    total: Decimal
    discount: Decimal = Decimal(0)
    discount_tax: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    shipping_tax: Decimal = Decimal(0)
    cart_tax: Decimal = Decimal(0)
