"""Where both sides ought to end, and the one rule that takes them there."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.builders import POS, STORE, account, attempt, quantities, shelf, shelf_with
from tillbridge.core import accounts, targets
from tillbridge.core.terms import Terms

START = shelf(account(STORE, "12"), account(POS, "10"), account(POS, "3", outlet="cellar"), offset="-1")


@pytest.mark.parametrize(
    ("store", "pos", "offset", "at_store", "at_pos"),
    [
        (account(STORE, "10"), account(POS, "10"), "0", "0", "0"),
        (account(STORE, "10", "-2"), account(POS, "10"), "0", "0", "-2"),
        (account(STORE, "10"), account(POS, "10", "-3"), "0", "-3", "0"),
        (account(STORE, "10", "-2"), account(POS, "10", "-3"), "0", "-3", "-2"),
        (account(STORE, "10", "-2"), account(POS, "10", "0", "-2"), "0", "0", "0"),
        (account(STORE, "14"), account(POS, "10"), "4", "0", "0"),
        (account(STORE, "14", "-1"), account(POS, "10"), "4", "0", "-1"),
        (account(STORE, "5", "-5"), account(POS, "5", "-5"), "0", "-5", "-5"),
        (account(STORE, "1.5", "-0.25"), account(POS, "1.5"), "0", "0", "-0.25"),
        (account(STORE, "10", "-2", unsettled=attempt()), account(POS, "10", "-3"), "0", "0", "-2"),
        (account(STORE, "10", "-2"), account(POS, "10", "-3", unsettled=attempt()), "0", "-3", "0"),
    ],
)
def test_one_rule_moves_stock(
    store: accounts.Account, pos: accounts.Account, offset: str, at_store: str, at_pos: str
) -> None:
    found = shelf(store, pos, offset=offset)
    assert targets.next_write(STORE, found) == Decimal(at_store)
    assert targets.next_write(POS, found) == Decimal(at_pos)


def test_the_pos_is_the_sum_of_its_outlets() -> None:
    found = shelf(account(STORE, "13"), account(POS, "10", "-1"), account(POS, "3", "-2", outlet="cellar"))
    assert targets.known(POS, found) == Decimal(10)
    assert targets.next_write(STORE, found) == Decimal(-3)


def test_a_write_under_way_at_one_outlet_keeps_the_whole_side_waiting() -> None:
    found = shelf(account(STORE, "13", "-1"), account(POS, "10"), account(POS, "3", outlet="b", unsettled=attempt()))
    assert targets.next_write(POS, found) == 0
    assert targets.busy(POS, found)


def test_a_side_is_busy_while_it_has_something_to_write_or_to_ask() -> None:
    assert not targets.busy(STORE, START)
    assert targets.busy(STORE, shelf(account(STORE, "10"), account(POS, "10", "-1")))
    assert targets.busy(STORE, shelf(account(STORE, "10", unsettled=attempt()), account(POS, "10")))


def test_writes_go_to_the_outlet_that_sells_for_the_web() -> None:
    assert START.account(POS, "cellar") == START.pos[1]
    assert START.account(POS, "attic") is None
    assert START.account(STORE, "cellar") == START.store


def test_a_link_without_an_account_of_the_store_is_a_defect() -> None:
    with pytest.raises(ValueError, match="unpack"):
        targets.shelf(START.link, START.pos, START.terms)


def test_a_link_is_put_together_from_its_accounts() -> None:
    assert targets.shelf(START.link, [START.pos[0], START.store, START.pos[1]], START.terms) == START


@pytest.mark.parametrize(
    ("terms", "offset", "at_store", "at_pos"),
    [
        (quantities(), "0", "10", "10"),
        (quantities(free="-2"), "0", "8", "8"),
        (quantities(uncounted="4"), "0", "6", "6"),
        (quantities(positions="3"), "0", "7", "10"),  # held by orders that are not sent yet
        (quantities(positions="3", admitted="3"), "0", "7", "7"),
        (quantities(positions="3", admitted="1"), "0", "7", "9"),
        (quantities(positions="-1", admitted="-1"), "0", "11", "11"),  # in transit: its restore came first
        (quantities(held="3"), "0", "7", "10"),
        (quantities(), "-4", "6", "10"),
        (quantities(), "4", "14", "10"),
        (quantities(buffer="2"), "0", "8", "10"),
        (quantities(free="-1", held="2", uncounted="0.5", positions="3", admitted="1", buffer="1"), "2", "4.5", "7.5"),
    ],
)
def test_each_term_weighs_where_it_belongs(terms: Terms, offset: str, at_store: str, at_pos: str) -> None:
    found = shelf_with(terms, offset=offset)
    assert targets.target(STORE, found) == Decimal(at_store)
    assert targets.target(POS, found) == Decimal(at_pos)


def test_what_the_pos_has_is_what_it_began_with_and_what_was_born_there_at_every_outlet() -> None:
    found = shelf(account(STORE), account(POS, "10", "-1", "-99"), account(POS, "3", "2", "7", outlet="cellar"))
    assert targets.common(found) == Decimal(14), "what we wrote there is not its own word"


def test_offset_and_shortage_belong_to_the_store_alone() -> None:
    found = shelf_with(quantities(positions="12"), offset="1")
    assert targets.for_sale(found) == Decimal(-1)
    assert targets.target(STORE, found) == Decimal(-1)
    assert targets.target(POS, found) == Decimal(10)


@pytest.mark.parametrize(
    ("quantity", "buffer", "shows", "with_backorders"),
    [
        ("10", "0", "10", "10"),
        ("10", "2", "8", "8"),
        ("2", "2", "0", "0"),
        ("1", "2", "0", "-1"),  # less than is kept back: nothing is offered
        ("0", "2", "0", "-2"),
        ("0", "0", "0", "0"),
        ("-1", "2", "-1", "-3"),  # a shortage is never hidden: a cancellation fills it first
        ("-5", "0", "-5", "-5"),
        ("0.25", "0.125", "0.125", "0.125"),
        ("-0.25", "1", "-0.25", "-1.25"),
    ],
)
def test_the_buffer_is_kept_back_and_hides_no_shortage(
    quantity: str, buffer: str, shows: str, with_backorders: str
) -> None:
    terms = quantities(buffer=buffer)
    assert targets.shown(Decimal(quantity), terms) == Decimal(shows)
    assert targets.shown(Decimal(quantity), replace(terms, backorders=True)) == Decimal(with_backorders)


@pytest.mark.parametrize(
    ("positions", "offset", "missing"),
    [("12", "0", "2"), ("10", "0", "0"), ("3", "0", "0"), ("12", "2", "0"), ("10", "-0.5", "0.5")],
)
def test_what_was_sold_and_is_not_there_is_an_oversell(positions: str, offset: str, missing: str) -> None:
    found = shelf_with(quantities(positions=positions, buffer="5"), offset=offset)
    assert targets.oversold(found) == Decimal(missing)


def test_what_may_be_sold_before_it_is_there_is_no_oversell() -> None:
    found = shelf_with(replace(quantities(positions="12"), backorders=True))
    assert targets.oversold(found) == 0
    assert targets.target(STORE, found) == Decimal(-2)


@pytest.mark.parametrize(
    ("amount", "level", "floor", "now"),
    [
        ("-3", "10", "0", "-3"),
        ("-3", "3", "0", "-3"),
        ("-3", "1", "0", "-1"),  # the rest stays open until goods come there
        ("-3", "0", "0", "0"),
        ("-3", "-1", "0", "0"),  # it went below by itself: not deeper by us
        ("-0.5", "0.25", "0", "-0.25"),
        ("3", "-5", "0", "3"),  # a rise is never cut
        ("3", "0", "0", "3"),
        ("0", "0", "0", "0"),
        ("-3", "1", "none", "-3"),
    ],
)
def test_nothing_is_written_below_zero_where_the_side_takes_none(amount: str, level: str, floor: str, now: str) -> None:
    found = account(POS, level)
    assert targets.writable(Decimal(amount), found, below_zero=floor == "none") == Decimal(now)
