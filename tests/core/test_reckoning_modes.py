"""Whatever WooCommerce's settings make of prices, rates, coupons, fees and shipping: it adds up to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.orders import order
from tillbridge.core.paper import LineKind, Paper, PaperLine, TaxShare
from tillbridge.core.reckoning import Reckoned, reckon

D = Decimal
CENT = D("0.01")
SIX = D("0.000001")


class Prices(StrEnum):
    WITH_TAX = "with"
    WITHOUT_TAX = "without"


class Rounding(StrEnum):
    PER_LINE = "line"
    AT_SUBTOTAL = "subtotal"


@dataclass(frozen=True)
class Good:
    """What is bought: at this price, so many, taxed by these rates (percent); the second is a compound one."""

    kind: LineKind
    price: Decimal
    quantity: int
    rates: tuple[str, ...]


@dataclass(frozen=True)
class Shop:
    prices: Prices
    rounding: Rounding
    coupon: Decimal


def line_of(number: int, good: Good, shop: Shop) -> PaperLine:
    """A line as WooCommerce computes it, told with six decimals."""
    off = shop.coupon if good.kind is LineKind.ITEM else D(0)
    price = good.price * good.quantity * (1 - off / 100)
    first, *more = [D(rate) / 100 for rate in good.rates] or [D(0)]
    second = more[0] if more else D(0)
    inclusive = shop.prices is Prices.WITH_TAX and good.kind is LineKind.ITEM
    net = price / ((1 + first) * (1 + second)) if inclusive else price
    amounts = [net * first, net * (1 + first) * second][: len(good.rates)]
    shares = tuple(TaxShare(rate, amount.quantize(SIX)) for rate, amount in zip(good.rates, amounts, strict=True))
    return PaperLine(str(number), good.kind, "Cup", D(good.quantity), net.quantize(SIX), shares)


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def paper_of(goods: Sequence[Good], shop: Shop) -> Paper:
    """The totals as `calculate_totals` of an order makes them."""
    lines = [line_of(number, good, shop) for number, good in enumerate(goods, start=1)]
    per_line = shop.rounding is Rounding.PER_LINE
    mode = ROUND_HALF_DOWN if shop.prices is Prices.WITH_TAX else ROUND_HALF_UP
    rates: dict[str, Decimal] = {}
    charged = {True: D(0), False: D(0)}
    total = D(0)
    for line in lines:
        ships = line.kind is LineKind.SHIPPING
        total += cents(line.net) if ships or per_line and line.kind is LineKind.ITEM else line.net
        for tax in line.taxes:
            amount = tax.amount.quantize(CENT, mode) if per_line else tax.amount
            rates[tax.rate] = rates.get(tax.rate, D(0)) + amount
            charged[ships] += amount
    total = cents(total + cents(charged[True]) + cents(charged[False]))
    return order(str(total), *lines, rates={rate: str(amount) for rate, amount in rates.items()})


PRICE = st.integers(0, 20_000).map(lambda amount: D(amount) / 100)
RATES = st.sampled_from([(), ("7",), ("19",), ("10",), ("5", "9.975"), ("8.25",)])
GOOD = st.builds(Good, st.just(LineKind.ITEM), PRICE, st.integers(1, 7), RATES)
SHIPPING = st.builds(Good, st.just(LineKind.SHIPPING), PRICE, st.just(1), RATES)
FEE = st.builds(Good, st.just(LineKind.FEE), PRICE.map(lambda price: price - 20), st.just(1), RATES)
SHOP = st.builds(Shop, st.sampled_from(Prices), st.sampled_from(Rounding), st.sampled_from([D(0), D("33.33"), D(100)]))


@settings(max_examples=400, deadline=None)
@given(st.lists(GOOD, min_size=1, max_size=6), st.lists(SHIPPING, max_size=2), st.lists(FEE, max_size=2), SHOP)
def test_every_order_adds_up_and_no_amount_is_a_cent_off(
    goods: list[Good], shipping: list[Good], fees: list[Good], shop: Shop
) -> None:
    paper = paper_of([*goods, *shipping, *fees], shop)
    found = reckon(paper)
    assert isinstance(found, Reckoned), found
    assert sum(line.gross for line in found.lines.values()) == paper.total
    for line in paper.lines:
        whole = found.lines[line.id]
        assert abs(whole.net - line.net) < CENT
        assert whole.net == cents(whole.net)
        for tax in line.taxes:
            assert abs(whole.taxes[tax.rate] - tax.amount) < CENT
    for rate in paper.rates:
        own = sum((line.taxes.get(rate.id, D(0)) for line in found.lines.values()), D(0))
        assert own == rate.total if shop.rounding is Rounding.PER_LINE else abs(own - rate.total) <= CENT
    assert reckon(paper) == found
