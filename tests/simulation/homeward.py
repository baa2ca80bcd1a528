"""What the owner decided about what the till tells of orders and sales, in a schedule whose orders travel as sales."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tillbridge.core.account import TaxRate
from tillbridge.core.homeward import Homeward, payments_back, taxes_back
from tillbridge.core.order_policy import STANDARD, OrderPolicy
from tillbridge.engine import Arriving
from tillbridge.ports import Side
from tillbridge.ports.papers import Papers
from tillbridge.sandbox.shop import Shop
from tillbridge.settings import Settings
from tillbridge.sides.till.side import TillSide
from tillbridge.sides.woocommerce.side import StoreSide


@dataclass(frozen=True, slots=True)
class Counter:
    """`keeps`: whether sales at the counter become orders, with `status` and the shipping method `shipping` (""
    none)."""

    keeps: bool = False
    status: str = "completed"
    shipping: str = ""

    def __str__(self) -> str:
        if not self.keeps:
            return "the till tells of orders"
        return f"the till's sales are orders, {self.status} {self.shipping}".rstrip()


def counter_of(seed: int) -> Counter:
    """By the seed."""
    dice = Random(f"counter of {seed}")
    status, shipping = dice.choice(("completed", "completed", "processing")), dice.choice(("", "local_pickup"))
    return Counter(dice.random() < 0.6, status, shipping)


def settings_of_counter(counter: Counter) -> dict[tuple[str, str], str]:
    """The same as the owner writes it."""
    return {
        ("orders", "pos_sales"): "orders" if counter.keeps else "no",
        ("orders", "pos_sales_status"): counter.status,
        ("orders", "pos_sales_shipping"): counter.shipping,
    }


def arriving_of(
    settings: Settings,
    shop: Shop,
    sides: tuple[StoreSide, Side],
    papers: Papers,
    policy: Callable[[], OrderPolicy],
) -> Arriving:
    """What keeps in the shop what the till tells, as `arriving.py` puts it together."""
    store, pos = sides
    assert isinstance(pos, TillSide)
    orders = settings.orders
    rates = [
        TaxRate(str(rate.id), rate.name, rate.percent, rate.tax_class or STANDARD, rate.country)
        for rate in shop.state.rates
    ]
    home = Homeward(
        pos_sales=orders.pos_sales == "orders",
        status=orders.pos_sales_status,
        shipping=orders.pos_sales_shipping,
        payments=payments_back(settings.payments),
        taxes=taxes_back(settings.taxes, rates, ()),
        classes={rate.id: rate.tax_class for rate in rates},
        currency="EUR",
    )
    return Arriving(shop.site.facts.site, papers, store.documents(), pos, policy, lambda: home, mail=False)
