"""Where both sides ought to end is a sum, and sums know no order."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import CUP_POS, CUP_STORE, POS, STORE, account, attempt, moved, movement, shelf
from tillbridge.core import accounts, routing, targets
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.events import StockMoved
from tillbridge.core.routing import Posted
from tillbridge.core.stock import SideName
from tillbridge.core.targets import Shelf

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


AMOUNT = st.decimals(-50, 50, places=3).map(str)
AT_STORE = st.builds(lambda delta: moved(movement(delta, CUP_STORE, ""), side=STORE), AMOUNT)
AT_POS = st.builds(lambda delta, to: moved(movement(delta, CUP_POS, to)), AMOUNT, st.sampled_from(["main", "cellar"]))
TRANSFER = st.builds(
    lambda delta: moved(movement(delta, CUP_POS, "main"), movement(str(-Decimal(delta)), CUP_POS, "cellar")), AMOUNT
)


@given(st.data(), st.lists(AT_STORE | AT_POS | TRANSFER, max_size=12))
def test_order_and_repetition_do_not_change_where_both_sides_end(data: st.DataObject, events: list[StockMoved]) -> None:
    numbered = list(enumerate(events))
    shuffled = data.draw(st.permutations(numbered + data.draw(st.lists(st.sampled_from(numbered or [(0, moved())])))))
    straight, other = _book(numbered), _book(shuffled if events else [])
    for side in SideName:
        assert targets.target(side, other) == targets.target(side, straight)
        assert targets.known(side, other) == targets.known(side, straight)


@given(st.lists(st.sampled_from(["write store", "write pos"]) | AT_STORE | AT_POS, max_size=16))
def test_whatever_happens_in_between_both_sides_end_together(steps: list[str | StockMoved]) -> None:
    now = START
    for number, step in enumerate(steps):
        now = _write(SideName(step.split()[1]), now) if isinstance(step, str) else _post(now, step, str(number))
    for side in (STORE, POS, STORE, POS):
        now = _write(side, now)
    assert not targets.busy(STORE, now)
    assert not targets.busy(POS, now)
    assert targets.known(STORE, now) == targets.known(POS, now) + now.link.offset


def _book(events: Sequence[tuple[int, StockMoved]]) -> Shelf:
    """Book each event once, however often it comes."""
    now, seen = START, set()
    for number, event in events:
        if number not in seen:
            seen.add(number)
            now = _post(now, event, str(number))
    return now


def _post(now: Shelf, event: StockMoved, source: str) -> Shelf:
    result = routing.post(event, source, 1, {now.link.ref(event.side): now})
    assert isinstance(result, Posted)
    return result.shelves[0] if result.shelves else now


def _write(side: SideName, now: Shelf) -> Shelf:
    amount = targets.next_write(side, now)
    found = now.account(side, "main")
    if not amount or found is None:
        return now
    settled = accounts.settle(accounts.attempt(found, amount, "k", 0.0), Outcome(Status.APPLIED), 0.0)
    return routing.with_account(now, settled.account)
