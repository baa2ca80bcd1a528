"""Numbers as PHP and WooCommerce reckon with them: floats, rounded in WooCommerce's ways.

The make-believe shop must come to the same cent as a real one, so it adds the same floats in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

DECIMALS = 2
"""Of the shop's currency."""
PRECISION = 6
"""WooCommerce's own, for amounts that are not shown."""


def php_round(value: float, places: int = 0, *, down: bool = False) -> float:
    """PHP's round(): halves away from zero, or towards it; what a float cannot hold exactly is taken for what it
    means."""
    means = Decimal(format(value, ".15g"))
    return float(means.quantize(Decimal(1).scaleb(-places), ROUND_HALF_DOWN if down else ROUND_HALF_UP))


def wc_round(value: float, places: int = 0, *, down: bool = False) -> float:
    """NumberUtil::round: to the precision first, then to the places."""
    return php_round(php_round(value, PRECISION), places, down=down)


def stored(value: float) -> Decimal:
    """A float as WooCommerce stores it (wc_format_decimal): six decimals, no zeros at the end."""
    number = Decimal(format(value, f".{PRECISION}f"))
    return number.normalize() if number else Decimal(0)


def cents(value: float, places: int = PRECISION - DECIMALS) -> float:
    """wc_add_number_precision: money in cents."""
    return wc_round(value * 10**DECIMALS, places) if value else 0.0


def total_of(values: Iterable[float]) -> float:
    """Added one after the other, as PHP does. Python's own sum is more exact, and would differ."""
    result = 0.0
    for value in values:
        result += value
    return result


def number_format(amount: Decimal, places: int = DECIMALS) -> str:
    """An amount as it is shown."""
    rounded = amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return format(rounded if rounded else abs(rounded), "f")
