"""How an order is paid by the POS's types, and how money of it is paid back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.orders import goods, order
from tillbridge.core import paying
from tillbridge.core.order_policy import OrderPolicy, UnmappedPayment, Unpaid
from tillbridge.core.paper import Paper, Part

D = Decimal
CENT = D("0.01")
MAPPED = OrderPolicy(payments={"bacs": "Bank", "stripe": "Card", "gift_card": "Voucher", "cod": "Cash"})


def hundred(*parts: tuple[str, str], **more: Any) -> Paper:
    """An order of 100.00."""
    return order("100.00", goods("1", "100.00"), parts=tuple(Part(name, D(amount)) for name, amount in parts), **more)


def paid(paper: Paper, policy: OrderPolicy = MAPPED, total: str = "100.00") -> dict[str, str]:
    found = paying.paid(paper, D(total), CENT, policy)
    assert not found.unmapped
    return {name: str(amount) for name, amount in found.payments.items()}


def test_one_gateway_pays_all() -> None:
    assert paid(hundred()) == {"Bank": "100.00"}


def test_an_order_of_nothing_has_no_payment() -> None:
    assert paid(order("0", goods("1", "0")), total="0") == {}


def test_a_split_payment_is_one_of_each_type() -> None:
    assert paid(hundred(("stripe", "60"), ("cod", "40"))) == {"Card": "60.00", "Cash": "40.00"}


def test_two_parts_of_one_type_are_one_payment() -> None:
    assert paid(hundred(("stripe", "60"), ("stripe", "40"))) == {"Card": "100.00"}


def test_a_gift_card_pays_its_part_and_the_gateway_the_rest() -> None:
    assert paid(hundred(("gift_card", "30"))) == {"Voucher": "30.00", "Bank": "70.00"}


def test_what_is_outstanding_of_a_deposit_is_not_paid() -> None:
    policy = OrderPolicy(MAPPED.payments, unpaid=Unpaid.OUTSTANDING)
    assert paid(hundred(("bacs", "40"), ("outstanding", "60"), paid=None), policy) == {"Bank": "40.00"}


def test_parts_that_exceed_the_total_are_cut_at_the_largest() -> None:
    assert paid(hundred(("gift_card", "30"), ("bacs", "75"))) == {"Voucher": "30.00", "Bank": "70.00"}


def test_an_unpaid_order_is_recorded_by_its_gateway() -> None:
    assert paid(hundred(method="cod", paid=None)) == {"Cash": "100.00"}


def test_an_unpaid_order_may_be_on_account() -> None:
    policy = OrderPolicy(MAPPED.payments, unpaid=Unpaid.TYPE, unpaid_type="On account")
    assert paid(hundred(paid=None), policy) == {"On account": "100.00"}
    assert paid(hundred(), policy) == {"Bank": "100.00"}


def test_a_gift_card_has_paid_though_the_order_is_unpaid() -> None:
    policy = OrderPolicy(MAPPED.payments, unpaid=Unpaid.OUTSTANDING)
    assert paid(hundred(("gift_card", "30"), ("bacs", "70"), paid=None), policy) == {"Voucher": "30.00"}


def test_a_gateway_without_a_type_is_named() -> None:
    assert paying.paid(hundred(method="klarna"), D(100), CENT, MAPPED).unmapped == ("klarna",)


def test_an_order_without_a_gateway_goes_by_a_name_of_its_own() -> None:
    assert paying.paid(hundred(method=""), D(100), CENT, MAPPED).unmapped == ("none",)


def test_a_default_type_takes_what_is_not_mapped() -> None:
    policy = OrderPolicy(unmapped_payment=UnmappedPayment.DEFAULT, default_payment="Other")
    assert paid(hundred(("gift_card", "30")), policy) == {"Other": "100.00"}


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("50", {"Card": "50"}),
        ("70", {"Card": "60", "Cash": "10"}),
        ("100", {"Card": "60", "Cash": "40"}),
        ("120", {"Card": "60", "Cash": "40"}),
    ],
)
def test_money_is_paid_back_of_the_largest_first(amount: str, expected: dict[str, str]) -> None:
    back = paying.paid_back(D(amount), {"Cash": D(40), "Card": D(60)})
    assert {name: str(part) for name, part in back.items()} == expected


def test_of_two_equal_types_the_first_name_pays_back() -> None:
    assert paying.paid_back(D(10), {"Cash": D(50), "Card": D(50)}) == {"Card": D(10)}


AMOUNTS = st.integers(0, 100_000).map(lambda amount: D(amount) / 100)


@given(AMOUNTS, st.dictionaries(st.sampled_from("abcd"), AMOUNTS))
def test_never_more_is_paid_back_than_was_taken_of_a_type(amount: Decimal, taken: dict[str, Decimal]) -> None:
    back = paying.paid_back(amount, taken)
    assert sum(back.values()) == min(amount, sum(taken.values()))
    assert all(0 < part <= taken[name] for name, part in back.items())


@given(AMOUNTS, st.lists(st.tuples(st.sampled_from(["bacs", "gift_card", "outstanding"]), AMOUNTS), max_size=4))
def test_the_parts_of_an_order_always_come_to_its_total(total: Decimal, parts: list[tuple[str, Decimal]]) -> None:
    paper = order(str(total), goods("1", str(total)), parts=tuple(Part(name, amount) for name, amount in parts))
    assert sum(paying.parts(paper, total, CENT).values()) == total
