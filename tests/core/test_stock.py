"""Quantities are read exactly or refused, rounded only as levels, and spelled in one way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillbridge.core.stock import LARGEST, ZERO, SideName, parse_quantity, plain, round_quantity, spell
from tillbridge.errors import Malformed

AMOUNTS = st.decimals(-LARGEST, LARGEST, places=3)


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("7", "7"),
        ("-2", "-2"),
        ("0.250", "0.25"),
        ("-0", "0"),
        ("0.0000", "0"),
        (5, "5"),
        (-3, "-3"),
        ("1000000000000", "1000000000000"),
    ],
)
def test_a_quantity_is_read_exactly(told: object, read: str) -> None:
    assert spell(parse_quantity(told, "delta")) == read


NO_TEXT: list[object] = [None, True, False, 0.5, 1.0, [], {}, b"5"]
NO_NUMBER = ["", "  ", "five", "1,5", "+1", "1e2", "5.", ".5", "0x10", "--1", "1.2.3", "NaN", "sNaN", "Infinity"]
TOO_EXACT = ["1.2345", "0.0001", "1e-4", "1e-9999999", "1000000000000.001"]
TOO_MUCH = ["1e13", "1e400", 10**13, -(10**13), 10**4000, "1e1000000", "-1e1000000", "1e999999999999999999"]


@pytest.mark.parametrize("told", [*NO_TEXT, *NO_NUMBER, *TOO_EXACT, *TOO_MUCH])
def test_what_is_no_exact_quantity_is_refused_and_named(told: object) -> None:
    with pytest.raises(Malformed, match="data.delta"):
        parse_quantity(told, "data.delta")


@pytest.mark.parametrize("told", [" 5", "5 ", "\n5", "1_000", "\u0663", "\uff15"])
def test_spellings_that_only_python_reads_are_refused(told: str) -> None:
    with pytest.raises(Malformed):
        parse_quantity(told, "delta")


def test_a_side_with_less_precision_takes_fewer_decimals() -> None:
    assert parse_quantity("1.5", "delta", 1) == Decimal("1.5")
    with pytest.raises(Malformed, match="at most 0 decimal places"):
        parse_quantity("1.5", "delta", 0)


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        ("9.799999999999999", "9.8"),
        ("0.30000000000000004", "0.3"),
        ("-1.0004999", "-1"),
        ("9.9999999", "10"),
        ("0.0004", "0"),
        ("-0.0001", "0"),
    ],
)
def test_a_level_is_rounded_to_the_precision_in_which_it_is_kept(shown: str, kept: str) -> None:
    assert spell(round_quantity(Decimal(shown))) == kept


@pytest.mark.parametrize(
    ("number", "spelled"),
    [("1E+3", "1000"), ("10", "10"), ("100.000", "100"), ("0E-9", "0"), ("-0.0", "0"), ("0.50", "0.5"), ("-2", "-2")],
)
def test_a_quantity_has_one_spelling(number: str, spelled: str) -> None:
    assert spell(Decimal(number)) == spelled


@given(AMOUNTS)
def test_what_is_spelled_is_read_again_as_the_same_quantity(amount: Decimal) -> None:
    assert parse_quantity(spell(amount), "delta") == amount
    assert str(plain(amount)) == spell(amount)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.decimals().map(str)))
def test_reading_a_quantity_answers_or_says_malformed(told: object) -> None:
    try:
        read = parse_quantity(told, "delta")
    except Malformed:
        return
    assert abs(read) <= LARGEST
    assert read == round_quantity(read)


def test_nothing_is_zero() -> None:
    assert plain(Decimal("-0.000")) is ZERO


def test_each_side_has_the_other() -> None:
    assert SideName.STORE.other is SideName.POS
    assert SideName.POS.other is SideName.STORE
