"""The only ways in which an account changes, and what every answer means for a write under way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import POS, STORE, account, attempt, bear
from tillbridge.core import accounts
from tillbridge.core.accounts import Entry, EntryKind, Next
from tillbridge.core.actions import Outcome, Status, of_void
from tillbridge.core.stock import ZERO
from tillbridge.core.terms import Effect

BOOKED, FREED, KEPT = "booked", "freed", "kept"
"""What becomes of a write under way: it counts as written, it never was, or it is asked about again."""

NOW = 1000.0
FLYING, LANDED = NOW - 5, NOW - accounts.LONGEST_FLIGHT
"""When an earlier request was sent that may still arrive, and one that cannot any more."""

SETTLED = [
    (Status.APPLIED, None, BOOKED, Next.AGAIN),
    (Status.APPLIED, FLYING, BOOKED, Next.AGAIN),
    (Status.DUPLICATE, None, BOOKED, Next.AGAIN),
    (Status.DUPLICATE, FLYING, BOOKED, Next.AGAIN),
    (Status.VOIDED, None, FREED, Next.AGAIN),
    (Status.VOIDED, FLYING, FREED, Next.AGAIN),
    (Status.REFUSED, None, FREED, Next.REFUSED),
    (Status.REFUSED, FLYING, KEPT, Next.LATER),
    (Status.REFUSED, LANDED, FREED, Next.REFUSED),
    (Status.NOT_FOUND, None, FREED, Next.PARKED),
    (Status.NOT_FOUND, FLYING, KEPT, Next.LATER),
    (Status.NOT_FOUND, LANDED, FREED, Next.PARKED),
    (Status.INVALID, None, FREED, Next.PARKED),
    (Status.INVALID, FLYING, KEPT, Next.LATER),
    (Status.INVALID, LANDED, KEPT, Next.LATER),
    (Status.UNREACHABLE, None, FREED, Next.CLOSED),
    (Status.UNREACHABLE, FLYING, KEPT, Next.CLOSED),
    (Status.UNREACHABLE, LANDED, KEPT, Next.CLOSED),
    (Status.UNAUTHORISED, None, KEPT, Next.CLOSED),
    (Status.UNAUTHORISED, LANDED, KEPT, Next.CLOSED),
    (Status.THROTTLED, None, KEPT, Next.CLOSED),
    (Status.THROTTLED, LANDED, KEPT, Next.CLOSED),
    (Status.UNCERTAIN, None, KEPT, Next.LATER),
    (Status.UNCERTAIN, FLYING, KEPT, Next.LATER),
]


@pytest.mark.parametrize(("status", "doubt", "fate", "then"), SETTLED)
def test_an_answer_settles_the_write_under_way(status: Status, doubt: float | None, fate: str, then: Next) -> None:
    before = account(POS, "10", "-1", "2", unsettled=attempt("-3", doubt))
    settled = accounts.settle(before, Outcome(status), NOW)
    assert settled.next is then
    assert settled.account.known == (Decimal(8) if fate is BOOKED else Decimal(11))
    kept = settled.account.unsettled
    assert (kept and (kept.key, kept.amount, kept.doubt)) == (("k", Decimal(-3), doubt) if fate is KEPT else None)
    expected = Entry(EntryKind.WRITTEN, Decimal(-3), "k", "write") if fate is BOOKED else None
    assert settled.entry == expected


def test_every_status_has_its_meaning() -> None:
    assert {status for status, _, _, _ in SETTLED} == set(Status)


@pytest.mark.parametrize("status", list(Status))
def test_an_answer_to_nothing_changes_nothing(status: Status) -> None:
    before = account(POS, "10")
    assert accounts.settle(before, Outcome(status), NOW) == accounts.Settlement(before, None, Next.AGAIN)


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("doubt", [None, FLYING, LANDED])
def test_settling_never_touches_what_was_born(status: Status, doubt: float | None) -> None:
    before = account(STORE, "10", "-4", unsettled=attempt("-3", doubt))
    after = accounts.settle(before, Outcome(status), NOW).account
    assert (after.opening, after.born) == (before.opening, before.born)


def test_an_opening_is_the_first_line_of_the_journal() -> None:
    opened, entry = accounts.opened(7, POS, "main", Decimal("2.5"))
    assert (opened.link, opened.known) == (7, Decimal("2.5"))
    assert (entry.kind, entry.amount) == (EntryKind.OPENING, Decimal("2.5"))


def test_a_change_is_born_with_its_source_and_its_paper() -> None:
    changed, entry = bear(account(STORE, "10"), Decimal(-2), "store:e1", "order_line", "9001")
    assert changed.known == Decimal(8)
    assert entry == Entry(EntryKind.BORN, Decimal(-2), "store:e1", "order_line", "9001", effect=Effect.COUNTED)


def test_a_write_under_way_is_not_yet_known() -> None:
    begun = accounts.attempt(account(POS, "10"), Decimal(-2), "k1", 5.0)
    assert begun.known == Decimal(10)
    assert begun.unsettled == accounts.Attempt("k1", Decimal(-2), 5.0, 5.0)


def test_another_request_keeps_key_amount_and_beginning_and_doubts_the_one_before() -> None:
    begun = accounts.attempt(account(POS, "10"), Decimal(-2), "k1", 5.0)
    again = accounts.attempt_again(begun, 8.0)
    assert again.unsettled == accounts.Attempt("k1", Decimal(-2), 5.0, 8.0, doubt=5.0)
    assert accounts.attempt_again(again, 9.0).unsettled == accounts.Attempt("k1", Decimal(-2), 5.0, 9.0, doubt=8.0)


def test_a_request_that_was_answered_for_certain_is_not_in_doubt() -> None:
    begun = accounts.attempt_again(accounts.attempt(account(POS, "10"), Decimal(-2), "k1", 5.0), 8.0)
    kept = accounts.settle(begun, Outcome(Status.REFUSED), 9.0).account
    assert accounts.attempt_again(kept, 70.0).unsettled == accounts.Attempt("k1", Decimal(-2), 5.0, 70.0, doubt=5.0)


def test_two_writes_at_once_are_a_defect() -> None:
    with pytest.raises(AssertionError, match="under way"):
        accounts.attempt(account(POS, unsettled=attempt()), Decimal(1), "k2", 6.0)


def test_asking_again_about_nothing_is_a_defect() -> None:
    with pytest.raises(AssertionError, match="nothing under way"):
        accounts.attempt_again(account(POS), 1.0)


@given(st.lists(st.tuples(st.sampled_from(["born", "write"]), st.decimals(-99, 99, places=3))))
def test_the_journal_sums_to_what_is_known(steps: list[tuple[str, Decimal]]) -> None:
    now, opening = accounts.opened(1, POS, "main", Decimal(5))
    journal = [opening]
    for number, (what, amount) in enumerate(steps):
        if what == "born":
            now, entry = bear(now, amount, f"e{number}", "sale")
            journal.append(entry)
        else:
            settled = accounts.settle(accounts.attempt(now, amount, f"k{number}", 0.0), Outcome(Status.APPLIED), 0.0)
            now = settled.account
            journal += [settled.entry] if settled.entry else []
    assert sum((entry.amount for entry in journal), ZERO) == now.known


@pytest.mark.parametrize("status", [Status.NOT_FOUND, Status.REFUSED, Status.INVALID])
def test_a_refused_void_proves_nothing(status: Status) -> None:
    assert of_void(Outcome(status, reason="r")) == Outcome(Status.UNCERTAIN, reason="r")


@pytest.mark.parametrize("status", [Status.APPLIED, Status.VOIDED, Status.UNCERTAIN, Status.UNREACHABLE])
def test_a_void_that_was_heard_says_what_it_says(status: Status) -> None:
    assert of_void(Outcome(status)) == Outcome(status)
