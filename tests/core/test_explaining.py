"""What lines of an order hold beyond what was known: whose it is, and that nothing else moves because of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import POS, STORE, account, link
from tillbridge.core import targets
from tillbridge.core.explaining import Explained, explain, part_of
from tillbridge.core.positions import Line, LineKey, Order
from tillbridge.core.routing import Rules
from tillbridge.core.stock import ZERO
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Authority, Effect, Terms

SENT = Order("9001", "processing", admitted=True)
WAITING = Order("9001", "processing")
COMPLETED = Order("9001", "completed")


def shelf(known: str = "10", **terms: str) -> Shelf:
    """The cup, with ten at the POS and what is known of the store."""
    weights = Terms(**{name: Decimal(amount) for name, amount in terms.items()})  # type: ignore[arg-type]
    return Shelf(link(), account(STORE, known), (account(POS, "10"),), weights)


def explained(
    before: Shelf,
    level: str,
    *more: str,
    order: Order = SENT,
    authority: Authority = Authority.BOTH,
    lines: tuple[Line, ...] = (),
) -> Explained:
    """Lines 3, 4, … of the order hold so much more."""
    found: dict[LineKey, Decimal] = {("9001", str(3 + at), 1): Decimal(amount) for at, amount in enumerate(more)}
    known = {(line.order, line.line, line.link): line for line in lines}
    return explain(before, order, known, found, Decimal(level), Rules(authority))


@pytest.mark.parametrize(
    ("unexplained", "difference", "theirs"),
    [("-2", "2", "-2"), ("-5", "2", "-2"), ("-1", "2", "-1"), ("0", "2", "0"), ("3", "2", "0"),
     ("2", "-2", "2"), ("5", "-2", "2"), ("1", "-2", "1"), ("-3", "-2", "0"), ("7", "0", "0")],
)  # fmt: skip
def test_a_level_is_theirs_only_as_far_as_lines_explain_it(unexplained: str, difference: str, theirs: str) -> None:
    assert part_of(Decimal(unexplained), Decimal(difference)) == Decimal(theirs)


def test_a_lost_hook_is_entered_as_what_it_was() -> None:
    after = explained(shelf("10"), "8", "2")
    ((booked, entry),) = after.entries
    assert (booked.known, entry.amount, entry.effect) == (Decimal(8), Decimal(-2), Effect.LINE)
    assert (entry.cause, entry.document, entry.line) == ("unexplained", "9001", "3")
    assert after.lines == (Line("9001", "3", 1, position=Decimal(2)),)
    terms = after.shelf.terms
    assert (terms.free, terms.positions, terms.admitted) == (ZERO, Decimal(2), Decimal(2))
    assert [targets.next_write(side, after.shelf) for side in (STORE, POS)] == [ZERO, Decimal(-2)]


def test_several_lines_of_an_item_are_one_entry() -> None:
    after = explained(shelf("10"), "5", "2", "3")
    ((_, entry),) = after.entries
    assert (entry.amount, entry.line) == (Decimal(-5), "")


def test_what_no_line_explains_is_left_alone() -> None:
    after = explained(shelf("10"), "510", "2")
    assert after.entries == ()
    assert after.shelf.store.known == Decimal(10)


def test_a_fall_that_was_free_is_given_to_its_line_and_taken_back_from_the_pos_until_it_is_sent() -> None:
    before = shelf("8", free="-2")
    after = explained(before, "8", "2", order=WAITING)
    assert (after.entries, after.shelf.terms.free, after.shelf.terms.positions) == ((), ZERO, Decimal(2))
    assert targets.target(STORE, after.shelf) == Decimal(8)
    assert [targets.target(POS, one) for one in (before, after.shelf)] == [Decimal(8), Decimal(10)]


def test_where_the_word_of_the_pos_counts_a_line_frees_what_was_held() -> None:
    after = explained(shelf("8", held="2"), "8", "2", order=WAITING, authority=Authority.POS)
    assert (after.shelf.terms.held, after.shelf.terms.positions) == (ZERO, Decimal(2))
    assert targets.target(STORE, after.shelf) == Decimal(8)


def test_a_line_frees_no_more_than_was_held_and_lowers_nothing_for_the_rest() -> None:
    after = explained(shelf("9", held="1"), "9", "3", authority=Authority.POS)
    assert after.lines == (Line("9001", "3", 1, position=Decimal(1), booked=Decimal(2)),)
    assert [targets.target(side, after.shelf) for side in (STORE, POS)] == [Decimal(9), Decimal(9)]


@pytest.mark.parametrize("authority", list(Authority))
@pytest.mark.parametrize("admitted", [True, False])
@pytest.mark.parametrize("position", ["0", "-1"])
def test_what_a_settled_order_held_before_first_contact_moves_nothing(
    authority: Authority, admitted: bool, position: str
) -> None:
    before, order = shelf("10", positions=position), replace(COMPLETED, admitted=admitted)
    line = Line("9001", "3", 1, position=Decimal(position))
    after = explained(before, "10", "3", order=order, authority=authority, lines=(line,))
    assert after == Explained(before, (replace(line, booked=Decimal(3)),), ())


def test_what_a_known_line_of_a_settled_order_gained_is_its_own() -> None:
    line = Line("9001", "3", 1, position=Decimal(2))
    after = explained(shelf("8", positions="2", free="-1"), "8", "1", order=COMPLETED, lines=(line,))
    assert after.lines == (replace(line, position=Decimal(3)),)


AMOUNTS = st.integers(-9, 9).map(Decimal)


@given(
    st.dictionaries(st.sampled_from(["3", "4", "5"]), AMOUNTS.filter(bool), min_size=1),
    AMOUNTS,
    st.integers(0, 9).map(Decimal),
    st.lists(st.tuples(st.sampled_from(["3", "4", "6"]), AMOUNTS, AMOUNTS), unique_by=lambda one: one[0]),
    st.sampled_from([SENT, WAITING, COMPLETED]),
    st.sampled_from(list(Authority)),
)
def test_the_store_has_less_for_sale_by_exactly_what_fell_and_the_lines_say_what_the_shop_says(
    more: dict[str, Decimal],
    unexplained: Decimal,
    held: Decimal,
    lines: list[tuple[str, Decimal, Decimal]],
    order: Order,
    authority: Authority,
) -> None:
    before = shelf("10", held=str(held))
    known = {("9001", number, 1): Line("9001", number, 1, position, booked) for number, position, booked in lines}
    found: dict[LineKey, Decimal] = {("9001", number, 1): amount for number, amount in more.items()}
    after = explain(before, order, known, found, Decimal(10) + unexplained, Rules(authority))
    entered = after.shelf.store.known - before.store.known
    assert targets.for_sale(after.shelf) - targets.for_sale(before) == entered
    assert entered * (unexplained - entered) >= 0
    assert abs(entered) <= abs(unexplained)
    for line in after.lines:
        key = (line.order, line.line, line.link)
        assert line.holds == (known[key].holds if key in known else ZERO) + found[key]
    moved = sum((line.position - (known[key].position if (key := (line.order, line.line, line.link)) in known else 0)
                 for line in after.lines), ZERO)  # fmt: skip
    assert after.shelf.terms.positions == moved
    assert after.shelf.terms.admitted == (moved if order.admitted else ZERO)


def test_what_a_line_gave_back_beyond_what_it_took_was_taken_since_first_contact() -> None:
    line = Line("9001", "3", 1, position=Decimal(-2))
    before = shelf("10", positions="-2", free="-2")
    known = {("9001", "3", 1): line}
    after = explain(before, COMPLETED, known, {("9001", "3", 1): Decimal(2)}, Decimal(10), Rules(), {("9001", "3", 1)})
    assert after.lines == (replace(line, position=ZERO),)
    assert (after.shelf.terms.positions, after.shelf.terms.free) == (ZERO, ZERO)
