"""What a shop takes money by, in a schedule whose orders travel as sales: taxes, rounding, coupons, gateways, and which
of them the owner has named to the till."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tillbridge.sandbox.shop import Shop
from tillbridge.sandbox.taxes import AT_SUBTOTAL, INCLUDED, NO, YES

PRICES = ("9.99", "0.33", "19.99", "24.95")
"""By the item's number: three at 9.99 with 7 % come to no whole cent anywhere."""

CLASSES = ("reduced-rate", "", "", "reduced-rate")
UNLINKED_PRICE = "4.99"

COUPONS = {"third": ("percent", "33.33"), "five": ("fixed_cart", "5"), "one": ("fixed_product", "1")}

TYPES = {"cod": "cash", "bacs": "transfer", "paypal": "card", "none": "other"}
"""The till's payment types by the shop's gateways. `stripe` is named in no settings file."""

NAMES = {"": "VAT 19", "reduced-rate": "VAT 7"}
"""The till's taxes by the shop's tax classes."""


@dataclass(frozen=True, slots=True)
class Money:
    """`taxed`: with taxes at all, `included` in prices, rounded `at_subtotal` or line by line. `policy`: what the owner
    wrote under [orders] beside the profile. `named`: whether he named the reduced tax."""

    taxed: bool = True
    included: bool = True
    at_subtotal: bool = False
    named: bool = True
    policy: tuple[tuple[str, str], ...] = field(default=())

    def __str__(self) -> str:
        words = ["taxed " + ("incl" if self.included else "excl") if self.taxed else "untaxed"]
        words += ["subtotal"] if self.at_subtotal else []
        words += [] if self.named else ["a tax unnamed"]
        return " ".join([*words, *(f"{name}={value}" for name, value in self.policy)])


def money_of(seed: int, profile: str) -> Money:
    """By the seed. What the profile says of what is not mapped stays as it is there."""
    dice = Random(f"money of {seed}")
    policy = [("unpaid", dice.choice(("gateway", "gateway", "type", "outstanding"))), ("unpaid_type", "other")]
    unmapped = dice.choice(("park", "park", "ignore", "default"))
    unlinked = dice.choice(("park", "custom", "leave-out"))
    tax = dice.choice(("park", "default"))
    policy += [("default_payment", "other"), ("default_tax", "VAT other")]
    if profile == "none":
        policy += [("unmapped_payment", unmapped), ("unlinked_line", unlinked), ("unmapped_tax", tax)]
    return Money(
        dice.random() < 0.85, dice.random() < 0.5, dice.random() < 0.3, dice.random() < 0.9, tuple(sorted(policy))
    )


def settings_of_money(money: Money) -> dict[tuple[str, str], str]:
    """The same as the owner writes it."""
    found = {("orders", name): value for name, value in money.policy}
    found |= {("payments", gateway): name for gateway, name in TYPES.items()}
    found[("taxes", "standard")] = NAMES[""]
    if money.named:
        found[("taxes", "reduced-rate")] = NAMES["reduced-rate"]
    return found


def open_for_business(shop: Shop, money: Money) -> None:
    """Enter the taxes and the coupons."""
    if money.taxed:
        shop.set_option(INCLUDED, YES if money.included else NO)
        shop.set_option(AT_SUBTOTAL, YES if money.at_subtotal else NO)
        shop.add_rate("19", "VAT")
        shop.add_rate("7", "reduced VAT", tax_class="reduced-rate")
    for code, (kind, amount) in COUPONS.items():
        shop.add_coupon(code, kind, amount)
