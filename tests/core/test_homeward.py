"""What the shop keeps of what the POS tells: which parts, under which keys, by which payments and taxes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tillbridge.core.account import TaxRate
from tillbridge.core.documents import Portion
from tillbridge.core.homeward import key_of, parts_of, payments_back, taxes_back
from tillbridge.core.pos_papers import PosPaper, PosPaperKind, PosPaperLine, PosTax

D = Decimal
AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ONE = PosPaperLine("", "12", "", "Cup", Portion(D(1), D(10)))


@pytest.mark.parametrize(
    ("kind", "web", "sales", "parts"),
    [
        ("pickup", True, False, ["complete"]),
        ("shipment", True, False, ["complete"]),
        ("sale", False, True, ["order"]),
        ("sale", False, False, []),
        ("sale", True, True, []),
        ("return", True, False, ["refund"]),
        ("void", True, False, ["refund"]),
        ("exchange", True, True, ["refund"]),
        ("exchange", False, True, ["order", "refund"]),
        ("exchange", False, False, ["refund"]),
    ],
)
def test_each_document_has_its_parts(kind: str, web: bool, sales: bool, parts: list[str]) -> None:
    paper = PosPaper(PosPaperKind(kind), "N-1", AT, "main", (ONE,), (ONE,))
    assert list(parts_of(paper, is_web_order=web, pos_sales=sales)) == parts


def test_a_key_belongs_to_one_document_of_one_shop_and_one_moment() -> None:
    paper = PosPaper(PosPaperKind.RETURN, "R-1", AT, "main")
    others = [
        key_of("shop-2", paper, "refund"),
        key_of("shop-1", paper, "order"),
        key_of("shop-1", replace(paper, number="R-2"), "refund"),
        key_of("shop-1", replace(paper, at=AT + timedelta(days=1)), "refund"),
    ]
    key = key_of("shop-1", paper, "refund")
    assert (len({key, *others}), key_of("shop-1", paper, "refund")) == (5, key)


def test_of_two_gateways_of_one_payment_type_the_first_is_taken() -> None:
    assert payments_back({"cod": "cash", "cheque": "cash", "gift_card": "voucher"}) == {"cash": "cod"}


def test_a_tax_goes_back_to_the_rate_that_is_named_or_to_one_of_its_class_with_its_per_cent() -> None:
    rates = [
        TaxRate("4", "VAT", D(19), "standard"),
        TaxRate("5", "VAT", D(20), "standard"),
        TaxRate("6", "VAT", D(7), "reduced-rate"),
        TaxRate("7", "Eco", D(1), "standard"),
    ]
    taxes = [PosTax("VAT 20", D(20)), PosTax("VAT 7", D(7))]
    mapped = {"standard": "VAT 20", "reduced-rate": "VAT 7", "7": "ECO"}
    assert taxes_back(mapped, rates, taxes) == {"VAT 20": "5", "VAT 7": "6", "ECO": "7"}
    assert taxes_back({"standard": "VAT 20"}, rates[:1], taxes) == {}


TWO_COUNTRIES = [
    TaxRate("1", "USt", D(19), "standard", "DE"),
    TaxRate("2", "TVA", D(19), "standard", "RO"),
    TaxRate("3", "USt", D(7), "reduced-rate", "DE"),
]


def test_of_two_rates_that_a_tax_may_be_none_is_guessed() -> None:
    taxes = [PosTax("VAT 19", D(19)), PosTax("VAT 7", D(7))]
    mapped = {"standard": "VAT 19", "reduced-rate": "VAT 7"}
    assert taxes_back(mapped, TWO_COUNTRIES, taxes) == {"VAT 7": "3"}
    assert taxes_back({"standard": "VAT 19"}, [*TWO_COUNTRIES[:1], TaxRate("9", "Old", D(16), "standard")], ()) == {}


def test_of_rates_that_the_owner_names_the_first_that_is_there_is_taken() -> None:
    taxes = [PosTax("VAT 19", D(19))]
    assert taxes_back({"9": "VAT 19", "3": "VAT 19", "2": "VAT 19", "1": "VAT 19"}, TWO_COUNTRIES, taxes) == {
        "VAT 19": "2"
    }


def test_the_default_tax_goes_back_to_the_one_rate_without_a_mapping_that_has_its_per_cent() -> None:
    taxes = [PosTax("VAT 19", D(19)), PosTax("VAT 7", D(7))]
    assert taxes_back({"1": "VAT 19"}, TWO_COUNTRIES, taxes, "VAT 7") == {"VAT 19": "1", "VAT 7": "3"}
    assert taxes_back({}, TWO_COUNTRIES, taxes, "VAT 19") == {}
    assert taxes_back({}, TWO_COUNTRIES, taxes) == {}
