"""Money in whole cents, or what a currency has: rounding, and sharing a sum so that nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from tillbridge.core.stock import ZERO

_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"

_OTHERS = {**dict.fromkeys(_NONE.split(), 0), **dict.fromkeys(_THREE.split(), 3), "CLF": 4, "UYW": 4}
"""ISO 4217: the currencies that do not have two decimals."""


def decimals(currency: str) -> int:
    """How many decimals a currency (ISO 4217) has."""
    return _OTHERS.get(currency.upper(), 2)


def step_of(currency: str, places: int | None = None) -> Decimal:
    """The smallest amount of a currency, or of a shop that reckons in fewer decimals (`places`) than it has."""
    own = decimals(currency)
    return Decimal(1).scaleb(-(own if places is None else min(own, places)))


def rounded(amount: Decimal, step: Decimal) -> Decimal:
    """The nearest amount in whole steps, half a step away from zero."""
    return amount.quantize(step, ROUND_HALF_UP)


def floor(amount: Decimal, step: Decimal) -> Decimal:
    """The next amount in whole steps that is not more."""
    return amount.quantize(step, ROUND_FLOOR)


def ceiling(amount: Decimal, step: Decimal) -> Decimal:
    """The next amount in whole steps that is not less."""
    return amount.quantize(step, ROUND_CEILING)


def bounds(exact: Sequence[Decimal], step: Decimal) -> tuple[Decimal, Decimal]:
    """The least and the largest sum that these amounts can have once each is rounded down or up."""
    return sum((floor(amount, step) for amount in exact), ZERO), sum((ceiling(amount, step) for amount in exact), ZERO)


def share(
    total: Decimal, exact: Sequence[Decimal], step: Decimal, weights: Sequence[Decimal] | None = None
) -> list[Decimal]:
    """Each amount rounded down or up to whole steps, so that they sum to `total`, which lies within their `bounds`.

    Up go those with the largest remainder, or the largest of `weights`, the first of equals first. An amount that is
    whole stays as it is.
    """
    shares = [floor(amount, step) for amount in exact]
    ranks = weights if weights is not None else [amount - low for amount, low in zip(exact, shares, strict=True)]
    broken = [index for index, amount in enumerate(exact) if amount != shares[index]]
    lacking = int((total - sum(shares, ZERO)) / step)
    for index in sorted(broken, key=lambda index: (-ranks[index], index))[:lacking]:
        shares[index] += step
    return shares


def spelled(amount: Decimal, step: Decimal) -> str:
    """An amount as people write it, with the decimals of its currency and more only where it has them."""
    places = max(0, -_exponent(step), -_exponent(amount.normalize()))
    return f"{amount:.{places}f}"


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
