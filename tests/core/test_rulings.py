"""A person's word moves the terms of a link, and the opposite amounts take it back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import POS, STORE, account, shelf
from tillbridge.core import rulings, targets
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Fall

AMOUNTS = st.decimals(min_value=-1000, max_value=1000, places=3)


def cup(offset: str = "0", **terms: str) -> Shelf:
    """Ten cups at the POS."""
    found = shelf(account(STORE, "10"), account(POS, "10"), offset=offset)
    return rulings.moved(found, {name: Decimal(amount) for name, amount in terms.items()})


def both(found: Shelf) -> tuple[str, str]:
    """The targets of store and POS."""
    return str(targets.target(STORE, found)), str(targets.target(POS, found))


@given(st.dictionaries(st.sampled_from([rulings.OFFSET, *rulings.TERMS]), AMOUNTS))
def test_opposite_changes_take_every_change_back(changes: dict[str, Decimal]) -> None:
    before = cup("1", free="2", held="3", positions="4")
    assert rulings.moved(rulings.moved(before, changes), rulings.opposite(changes)) == before


def test_after_a_ruling_no_rise_dissolves_an_earlier_fall() -> None:
    before = cup(held="3")
    fallen = replace(before, terms=replace(before.terms, last_fall=Fall(Decimal(10), Decimal(3)), backorders=True))
    after = rulings.moved(fallen, {"held": Decimal(1)})
    assert (after.terms.last_fall, after.terms.backorders) == (None, True)


@pytest.mark.parametrize(("name", "fits"), [("held", False), ("buffer", False), ("free", True), ("positions", True)])
def test_what_is_kept_is_never_less_than_nothing(name: str, fits: bool) -> None:
    assert rulings.fits(rulings.moved(cup(), {name: Decimal(-1)})) is fits


def test_a_held_fall_that_was_sold_is_taken_from_the_pos_and_one_put_back_is_offered_again() -> None:
    held = cup(held="3")
    assert both(held) == ("7", "10")
    assert both(rulings.sold(held)) == ("7", "7")
    assert both(rulings.put_back(held)) == ("10", "10")


@pytest.mark.parametrize(
    ("offset", "pos_right", "store_right", "smaller"),
    [("2", ("10", "10"), ("12", "12"), ("10", "10")), ("-2", ("10", "10"), ("8", "8"), ("8", "8"))],
)
def test_an_offset_is_given_up_or_taken_over(
    offset: str, pos_right: tuple[str, str], store_right: tuple[str, str], smaller: tuple[str, str]
) -> None:
    apart = cup(offset)
    assert both(rulings.pos_is_right(apart)) == pos_right
    assert both(rulings.store_is_right(apart)) == store_right
    assert both(rulings.smaller(apart)) == smaller
    assert rulings.smaller(apart).link.offset == 0


def test_what_follows_is_said_of_both_sides() -> None:
    apart = cup("-2")
    assert rulings.follows(apart, rulings.store_is_right(apart)) == "the pos gets -2"
    assert rulings.follows(apart, rulings.pos_is_right(apart)) == "the store gets +2"
    assert rulings.follows(apart, apart) == "nothing is written"
