"""How a change enters the terms of a link: by whose word counts, and never twice."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.builders import POS, STORE, shelf_with
from tillbridge.core import targets, terms
from tillbridge.core.stock import SideName
from tillbridge.core.terms import Authority, Effect, Fall, Terms

BOTH, POS_COUNTS, STORE_COUNTS = Authority.BOTH, Authority.POS, Authority.STORE
HELD = Terms(held=Decimal(3), last_fall=Fall(Decimal(10), Decimal(3)))
"""Three pieces went at the store without an order, from ten."""


def change(before: Terms, delta: str, level: str | None, authority: Authority = POS_COUNTS) -> tuple[Terms, Effect]:
    return terms.store_change(before, Decimal(delta), None if level is None else Decimal(level), authority)


@pytest.mark.parametrize(
    ("authority", "delta", "free", "held", "effect"),
    [
        (BOTH, "-2", "-2", "0", Effect.COUNTED),
        (BOTH, "2", "2", "0", Effect.COUNTED),
        (STORE_COUNTS, "-2", "-2", "0", Effect.COUNTED),
        (STORE_COUNTS, "2.5", "2.5", "0", Effect.COUNTED),
        (POS_COUNTS, "-2", "0", "2", Effect.HELD),
        (POS_COUNTS, "2", "0", "0", Effect.PUT_BACK),
    ],
)
def test_a_change_at_the_store_enters_by_whose_word_counts(
    authority: Authority, delta: str, free: str, held: str, effect: Effect
) -> None:
    after, found = change(Terms(), delta, "10", authority)
    assert (after.free, after.held, found) == (Decimal(free), Decimal(held), effect)


@pytest.mark.parametrize(
    ("delta", "level", "held", "effect"),
    [
        ("3", "7", "0", Effect.DISSOLVED),
        ("3", "6", "3", Effect.PUT_BACK),  # it ends at another level: something else moved in between
        ("2", "8", "3", Effect.PUT_BACK),  # it ends there, but did not restore this fall
        ("2", "7", "3", Effect.PUT_BACK),  # a part of it
        ("4", "7", "3", Effect.PUT_BACK),  # more than it
        ("3", None, "3", Effect.PUT_BACK),  # nobody says from where
    ],
)
def test_only_what_restores_exactly_the_level_before_dissolves_a_held_fall(
    delta: str, level: str | None, held: str, effect: Effect
) -> None:
    after, found = change(HELD, delta, level)
    assert (after.held, found) == (Decimal(held), effect)
    assert after.last_fall is None, "only the next change may do it"


def test_a_second_chance_to_dissolve_a_fall_is_not_given() -> None:
    missed, _ = change(HELD, "1", "7")
    after, effect = change(missed, "3", "7")
    assert (after.held, effect) == (Decimal(3), Effect.PUT_BACK)


def test_held_falls_are_a_sum_of_which_only_the_latest_can_dissolve() -> None:
    twice, _ = change(HELD, "-2", "7")
    assert (twice.held, twice.last_fall) == (Decimal(5), Fall(Decimal(7), Decimal(2)))
    once, effect = change(twice, "2", "5")
    assert (once.held, effect) == (Decimal(3), Effect.DISSOLVED)
    rest, effect = change(once, "3", "7")
    assert (rest.held, effect) == (Decimal(3), Effect.PUT_BACK)


def test_a_fall_of_which_the_level_before_is_unknown_cannot_dissolve() -> None:
    held, _ = change(Terms(), "-3", None)
    after, effect = change(held, "3", "7")
    assert (after.held, effect) == (Decimal(3), Effect.PUT_BACK)


@pytest.mark.parametrize("cause", ["sale", "return", "exchange", "void", "level"])
def test_what_customers_did_at_the_till_crosses_also_where_the_stores_word_counts(cause: str) -> None:
    assert terms.pos_change(Terms(), Decimal(-2), cause, STORE_COUNTS) == (Terms(), Effect.COUNTED)


@pytest.mark.parametrize("cause", ["delivery", "count", "transfer", "unexplained", ""])
def test_what_the_owner_did_at_the_till_is_put_back_where_the_stores_word_counts(cause: str) -> None:
    after, effect = terms.pos_change(Terms(uncounted=Decimal(1)), Decimal(5), cause, STORE_COUNTS)
    assert (after, effect) == (Terms(uncounted=Decimal(6)), Effect.PUT_BACK)


@pytest.mark.parametrize("authority", [BOTH, POS_COUNTS])
@pytest.mark.parametrize("cause", ["sale", "delivery", "count"])
def test_every_change_at_the_till_counts_where_its_word_does(authority: Authority, cause: str) -> None:
    assert terms.pos_change(Terms(), Decimal(5), cause, authority) == (Terms(), Effect.COUNTED)


@pytest.mark.parametrize(
    ("authority", "amount", "free", "held"),
    [
        (BOTH, "2", "2", "3"),
        (STORE_COUNTS, "-2", "-2", "3"),
        (POS_COUNTS, "2", "0", "1"),  # lines hold two of the three that fell
        (POS_COUNTS, "3", "0", "0"),
        (POS_COUNTS, "4", "0", "0"),  # never less than nothing is held
        (POS_COUNTS, "-2", "0", "5"),
    ],
)
def test_what_lines_turn_out_to_hold_is_free_no_more(authority: Authority, amount: str, free: str, held: str) -> None:
    after = terms.explained(HELD, Decimal(amount), authority)
    assert (after.free, after.held) == (Decimal(free), Decimal(held))


def levels(found: Terms) -> dict[SideName, Decimal]:
    shelf = shelf_with(found)
    return {side: targets.target(side, shelf) for side in SideName}


def test_a_held_fall_that_was_a_sale_lowers_the_till_and_leaves_the_store() -> None:
    assert levels(HELD) == {STORE: Decimal(7), POS: Decimal(10)}
    assert levels(terms.sold(HELD, Decimal(3))) == {STORE: Decimal(7), POS: Decimal(7)}
    assert levels(terms.sold(HELD, Decimal(1))) == {STORE: Decimal(7), POS: Decimal(9)}


def test_a_held_fall_that_was_no_sale_is_offered_again() -> None:
    assert levels(terms.put_back(HELD, Decimal(3))) == {STORE: Decimal(10), POS: Decimal(10)}
    assert levels(terms.put_back(HELD, Decimal(1))) == {STORE: Decimal(8), POS: Decimal(10)}


def test_a_fall_that_a_person_decided_cannot_dissolve_later() -> None:
    for decided in (terms.sold(HELD, Decimal(1)), terms.put_back(HELD, Decimal(1))):
        after, effect = change(decided, "3", "7")
        assert (after.held, effect) == (Decimal(2), Effect.PUT_BACK)


def test_lines_that_hold_more_take_it_from_the_store_and_what_crosses_from_the_till() -> None:
    held = terms.moved(Terms(), Decimal(3), Decimal(2))
    assert levels(held) == {STORE: Decimal(7), POS: Decimal(8)}
    assert terms.moved(held, Decimal(-3), Decimal(-2)) == Terms()


def test_every_effect_that_concerns_a_person_has_words() -> None:
    assert terms.words([Effect.NONE]) == ""
    assert all(terms.words([effect]) for effect in Effect if effect is not Effect.NONE)
    assert terms.words([Effect.LINE, Effect.COUNTED]) == "it belongs to an order, it counts on both sides"
