"""How an order of WooCommerce is paid, where not one gateway pays all of it.

WooCommerce itself knows one gateway an order. Told apart are: gift cards (field `gift_cards` of WooCommerce Gift
Cards, which takes them off the order's total), a deposit and what is still to be paid (metadata `_wc_deposits_…` of
the deposit plugins of that family), and `_tillbridge_payments`, a list of {"method", "amount"} by which any plugin of
split payments may tell us.
"""

from __future__ import annotations

import json
from decimal import Decimal

from tillbridge.core.paper import Part
from tillbridge.core.stock import ZERO, plain
from tillbridge.errors import BadAnswer
from tillbridge.sides.woocommerce.fields import Fields

GIFT_CARD = "gift_card"
OUTSTANDING = "outstanding"
SPLIT = "_tillbridge_payments"
DEPOSIT = "_wc_deposits_"


def parts(order: Fields) -> tuple[Part, ...]:
    """The parts of the payment; none where the order's gateway pays all. They come to the order's total, and what gift
    cards paid besides."""
    cards = tuple(Part(GIFT_CARD, row.number("amount")) for row in order.objects("gift_cards", []))
    total = order.number("total")
    rest = _split(order) or _deposit(order, total)
    if cards and not rest and total:
        rest = (Part(order.text("payment_method", ""), total),)
    found = tuple(part for part in (*cards, *rest) if part.amount)
    if any(part.amount < 0 for part in found):
        raise BadAnswer(f"{order.where}: a part of the payment is below zero")
    return found


def _split(order: Fields) -> tuple[Part, ...]:
    value = order.meta(SPLIT)
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise BadAnswer(f"{order.where}: meta_data {SPLIT}: expected a list, found {value!r:.80}") from None
    listed = Fields({SPLIT: value}, f"{order.where}: meta_data")
    return tuple(Part(row.text("method"), row.number("amount")) for row in listed.objects(SPLIT))


def _deposit(order: Fields, total: Decimal) -> tuple[Part, ...]:
    """What was paid down, and what is outstanding; nothing once all is paid."""
    if order.meta(DEPOSIT + "order_has_deposit") != "yes" or order.meta(DEPOSIT + "second_payment_paid") == "yes":
        return ()
    paid = ZERO
    if order.meta(DEPOSIT + "deposit_paid") == "yes":
        amount = order.meta_number(DEPOSIT + "deposit_amount")
        if amount is None or amount > total:
            raise BadAnswer(f"{order.where}: meta_data {DEPOSIT}deposit_amount: expected an amount, found {amount}")
        paid = amount
    return (Part(order.text("payment_method", ""), paid), Part(OUTSTANDING, plain(total - paid)))
