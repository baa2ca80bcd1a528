"""Pieces and prices as they are typed and shown."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.till import amounts
from tillbridge.till.refusal import Refusal


@given(st.integers(-amounts.LARGEST, amounts.LARGEST))
def test_a_quantity_comes_back_as_it_was_spelled(number: int) -> None:
    text = amounts.spell(number)
    assert amounts.thousandths(text, "here") == number
    assert Decimal(text) == Decimal(number) / 1000


@pytest.mark.parametrize(
    "value", ["", "1e3", "NaN", "1.2345", "--1", "+1", " 1", "1,5", "٣", "1\n", 1.5, True, None, 10**30]
)
def test_what_is_no_quantity_is_refused(value: object) -> None:
    with pytest.raises(Refusal, match="here"):
        amounts.thousandths(value, "here")


@pytest.mark.parametrize("value", ["-1", "1.234", "", "9,99", "1e2", 9.99, 10, None, "99999999"])
def test_what_is_no_price_is_refused(value: object) -> None:
    with pytest.raises(Refusal, match="price"):
        amounts.cents(value, "price")


@pytest.mark.parametrize(("text", "number"), [("9.99", 999), ("10", 1000), ("0.5", 50), ("0", 0)])
def test_a_price_is_kept_in_cents(text: str, number: int) -> None:
    assert amounts.cents(text, "price") == number


def test_half_a_cent_is_rounded_up() -> None:
    assert amounts.line_total(1500, 333) == 500
    assert amounts.money(-4995) == "-49.95"
