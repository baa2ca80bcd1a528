"""What the journal has beside what was sold."""

from __future__ import annotations

from decimal import Decimal

from tests.bench.backlog import Compared, compare

ONE, TWO, THREE = ("a", "MUG"), ("b", "MUG"), ("b", "CUP")
SOLD = {ONE: Decimal(-1), TWO: Decimal(-2), THREE: Decimal(3)}
BOOKED = list(SOLD.items())


def test_a_journal_that_has_each_change_once_is_right() -> None:
    assert compare(SOLD, BOOKED) == Compared(lost=0, doubled=0, wrong=0, in_order=True)


def test_a_change_that_the_journal_lacks_is_lost() -> None:
    assert compare(SOLD, BOOKED[:2]) == Compared(lost=1, doubled=0, wrong=0, in_order=True)


def test_a_change_that_the_journal_has_again_is_doubled() -> None:
    assert compare(SOLD, [*BOOKED, BOOKED[2], BOOKED[2]]) == Compared(lost=0, doubled=2, wrong=0, in_order=True)


def test_another_amount_and_a_change_that_nobody_made_are_wrong() -> None:
    booked = [(ONE, Decimal(-2)), *BOOKED[1:], (("c", "MUG"), Decimal(-1))]
    assert compare(SOLD, booked) == Compared(lost=0, doubled=0, wrong=2, in_order=True)


def test_what_was_booked_before_an_earlier_change_is_out_of_order() -> None:
    assert compare(SOLD, [BOOKED[1], BOOKED[0], BOOKED[2]]) == Compared(lost=0, doubled=0, wrong=0, in_order=False)
