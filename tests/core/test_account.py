"""What of the two accounts keeps orders from becoming sales: each thing with its fix, and nothing that fits."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tillbridge.core.account import (
    Gateway,
    StoreAccount,
    TaxRate,
    currencies_differ,
    pos_misfits,
    store_misfits,
)
from tillbridge.core.order_policy import OrderPolicy, UnlinkedLine, UnmappedPayment, UnmappedTax, Unpaid
from tillbridge.core.pos_papers import PosTax, PosTerms

SHOP = StoreAccount(
    "EUR",
    (Gateway("bacs", "Bank transfer", enabled=True), Gateway("cheque", "Cheque", enabled=False)),
    (
        TaxRate("1", "MwSt. 19%", Decimal("19.0000"), "standard", "DE"),
        TaxRate("2", "MwSt. 7%", Decimal("7.0000"), "reduced-rate", "DE"),
        TaxRate("9", "Nothing", Decimal("0.0000"), "zero-rate"),
    ),
    ("standard", "reduced-rate", "zero-rate"),
)
POS = PosTerms("EUR", ("Cash", "Bank"), (PosTax("VAT 19", Decimal(19)), PosTax("VAT 7", Decimal(7))))
FITS = OrderPolicy({"bacs": "Bank"}, {"standard": "VAT 19", "2": "VAT 7"})


def shop_says(policy: OrderPolicy = FITS, store: StoreAccount = SHOP, pos: PosTerms = POS) -> list[str]:
    return list(store_misfits(policy, store, pos))


def pos_says(policy: OrderPolicy = FITS, pos: PosTerms = POS) -> list[str]:
    return list(pos_misfits(policy, pos))


def test_accounts_that_fit_are_not_spoken_of() -> None:
    assert shop_says() == pos_says() == []


def test_a_gateway_that_customers_can_use_needs_a_payment_type() -> None:
    assert shop_says(OrderPolicy({}, FITS.taxes)) == [
        "Customers can pay by 'Bank transfer' (bacs), which is no payment type of the POS yet: such orders wait. Write "
        "bacs = Cash or Bank under [payments]"
    ]
    (told,) = shop_says(OrderPolicy({}, FITS.taxes), pos=PosTerms("EUR", ()))
    assert told.endswith("Write bacs = PAYMENT TYPE under [payments]")


@pytest.mark.parametrize("unmapped", [UnmappedPayment.IGNORE, UnmappedPayment.DEFAULT])
def test_a_gateway_without_a_type_is_well_where_the_owner_said_what_becomes_of_it(unmapped: UnmappedPayment) -> None:
    assert shop_says(OrderPolicy({}, FITS.taxes, unmapped_payment=unmapped)) == []


def test_a_tax_rate_needs_a_tax_by_its_number_or_by_its_class() -> None:
    (told,) = shop_says(OrderPolicy(FITS.payments, {"standard": "VAT 19"}))
    assert told == (
        "Of the tax class reduced-rate these rates are no tax of the POS yet: 2 'MwSt. 7%'. Orders with them wait. "
        "Write reduced-rate = VAT 19 or VAT 7 under [taxes], or a line for the number of each"
    )
    assert shop_says(OrderPolicy(FITS.payments, {"standard": "VAT 19"}, unmapped_tax=UnmappedTax.DEFAULT)) == []


def test_of_many_tax_rates_each_class_is_told_once() -> None:
    rates = tuple(TaxRate(str(number), "State", Decimal("6.25"), "standard", "US") for number in range(1, 3001))
    (told,) = shop_says(OrderPolicy(FITS.payments), StoreAccount("EUR", SHOP.gateways, rates))
    assert "1 'State', 2 'State', 3 'State' and 2997 more. Orders with them wait." in told


def test_an_entry_for_a_tax_that_the_shop_does_not_have_is_told() -> None:
    (told,) = shop_says(OrderPolicy(FITS.payments, {**FITS.taxes, "reduced": "VAT 7"}))
    assert told.startswith("[taxes] names reduced, and the shop has no such tax rate or tax class: ")
    assert "standard, reduced-rate, zero-rate and the rates 1, 2, 9" in told


def test_names_that_the_pos_does_not_have_are_told_with_those_that_it_has() -> None:
    policy = OrderPolicy({"bacs": "Bnak"}, {"standard": "19"}, unmapped_payment=UnmappedPayment.DEFAULT,
                         default_payment="Web", unmapped_tax=UnmappedTax.DEFAULT, default_tax="20",
                         unpaid=Unpaid.TYPE, unpaid_type="Invoice")  # fmt: skip
    assert pos_says(policy) == [
        f"{entry} names no {what} of the POS, which has: {has}. Correct it, or add it there"
        for entry, what, has in [
            ("[orders] default_payment = Web", "payment type", "Cash, Bank"),
            ("[orders] unpaid_type = Invoice", "payment type", "Cash, Bank"),
            ("[orders] default_tax = 20", "tax", "VAT 19, VAT 7"),
            ("[payments] bacs = Bnak", "payment type", "Cash, Bank"),
            ("[taxes] standard = 19", "tax", "VAT 19, VAT 7"),
        ]
    ]
    assert pos_says(policy, PosTerms("EUR", ())) == [], "a POS that does not say what it has is believed to have it"


def test_a_default_that_is_not_used_is_not_held_against_anybody() -> None:
    assert pos_says(OrderPolicy(default_payment="Web", default_tax="20", unpaid_type="Invoice")) == []


def test_open_lines_are_not_promised_to_a_pos_that_takes_none() -> None:
    closed = PosTerms("EUR", POS.payment_types, POS.taxes, open_lines=False)
    (told,) = pos_says(OrderPolicy(FITS.payments, FITS.taxes, unlinked_line=UnlinkedLine.CUSTOM), closed)
    assert told.startswith("[orders] unlinked_line = custom, and the POS takes no line without a product")
    assert pos_says(OrderPolicy(unlinked_line=UnlinkedLine.CUSTOM)) == pos_says(pos=closed) == []


def test_two_currencies_are_told_and_an_unknown_one_is_not_guessed_at() -> None:
    (told,) = shop_says(pos=PosTerms("CHF", ()))
    assert told.startswith("The shop's prices are in EUR, the POS's in CHF: no order can be a sale there. ")
    assert currencies_differ("EUR", "EUR") == currencies_differ("", "EUR") == currencies_differ("EUR", "") == ""
