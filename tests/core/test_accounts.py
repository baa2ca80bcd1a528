"""The only ways in which an account changes, and what every answer means for a write under way."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import POS, STORE, account, attempt, bear
from tillbridge.core import accounts
from tillbridge.core.accounts import Entry, EntryKind, Next
from tillbridge.core.actions import Loss, Outcome, Status, of_void
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


@given(st.lists(st.tuples(st.sampled_from(["born", "write", "loss"]), st.decimals(-99, 99, places=3))))
def test_the_journal_sums_to_what_is_known(steps: list[tuple[str, Decimal]]) -> None:
    now, opening = accounts.opened(1, POS, "main", Decimal(5))
    journal = [opening]
    for number, (what, amount) in enumerate(steps):
        if what == "born":
            now, entry = bear(now, amount, f"e{number}", "sale")
            journal.append(entry)
        elif what == "loss":
            now, entry = accounts.lose(now, Loss(f"m{number}", amount))
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


# --- a side without keys: its own records, and where there are none its level

SENT_LONG_AGO = replace(attempt("-3"), since=LANDED, tried=LANDED)
ON_ITS_WAY = replace(attempt("-3"), since=LANDED - 60, tried=FLYING)


def under_way(sent: accounts.Attempt = SENT_LONG_AGO) -> accounts.Account:
    """Eleven pieces, of which a write wants three."""
    return account(POS, "10", "-1", "2", unsettled=sent)


@pytest.mark.parametrize(
    ("found", "sent", "fate"),
    [
        (Status.APPLIED, SENT_LONG_AGO, BOOKED),
        (Status.APPLIED, ON_ITS_WAY, BOOKED),
        (Status.DUPLICATE, SENT_LONG_AGO, BOOKED),
        (Status.NOT_FOUND, SENT_LONG_AGO, FREED),
        (Status.NOT_FOUND, ON_ITS_WAY, KEPT),  # it may arrive yet
        (Status.NOT_FOUND, replace(ON_ITS_WAY, tried=None), FREED),  # its request was answered: nothing flies any more
        (Status.NOT_FOUND, replace(SENT_LONG_AGO, tried=None, doubt=FLYING), KEPT),  # the one before it was not
        (Status.UNCERTAIN, SENT_LONG_AGO, KEPT),
        (Status.REFUSED, SENT_LONG_AGO, KEPT),
        (Status.INVALID, SENT_LONG_AGO, KEPT),
        (Status.UNREACHABLE, SENT_LONG_AGO, KEPT),
        (Status.UNAUTHORISED, SENT_LONG_AGO, KEPT),
        (Status.THROTTLED, SENT_LONG_AGO, KEPT),
    ],
)
def test_what_a_side_remembers_settles_a_write_of_unknown_outcome(
    found: Status, sent: accounts.Attempt, fate: str
) -> None:
    before = under_way(sent)
    settled = accounts.settle_by_trace(before, Outcome(found), NOW)
    assert settled.account.known == (Decimal(8) if fate is BOOKED else Decimal(11))
    assert settled.account.unsettled == (sent if fate is KEPT else None)
    assert settled.entry == (Entry(EntryKind.WRITTEN, Decimal(-3), "k", "write") if fate is BOOKED else None)
    assert settled.next is (Next.LATER if fate is KEPT else Next.AGAIN)


@pytest.mark.parametrize(
    ("level", "sent", "fate"),
    [
        ("8", SENT_LONG_AGO, BOOKED),
        ("8", ON_ITS_WAY, BOOKED),
        ("11", SENT_LONG_AGO, FREED),
        ("11", ON_ITS_WAY, KEPT),
        ("11", replace(SENT_LONG_AGO, tried=None, doubt=FLYING), KEPT),
    ],
)
def test_a_level_says_whether_a_write_of_unknown_outcome_took_effect(
    level: str, sent: accounts.Attempt, fate: str
) -> None:
    settled = accounts.settle_by_level(under_way(sent), Decimal(level), NOW)
    assert settled is not None
    assert settled.account.known == (Decimal(8) if fate is BOOKED else Decimal(11))
    assert settled.account.unsettled == (sent if fate is KEPT else None)
    assert settled.next is (Next.LATER if fate is KEPT else Next.AGAIN)
    assert (settled.entry is not None) == (fate is BOOKED)


@pytest.mark.parametrize("level", ["9", "10", "7.999", "0", "-3", "12"])
@pytest.mark.parametrize("sent", [SENT_LONG_AGO, ON_ITS_WAY])
def test_a_level_that_fits_neither_with_a_write_nor_without_it_needs_a_person(
    level: str, sent: accounts.Attempt
) -> None:
    assert accounts.settle_by_level(under_way(sent), Decimal(level), NOW) is None


def test_what_is_settled_already_is_not_settled_again() -> None:
    before = account(POS, "10")
    nothing = accounts.Settlement(before, None, Next.AGAIN)
    assert accounts.settle_by_trace(before, Outcome(Status.APPLIED), NOW) == nothing
    assert accounts.settle_by_level(before, Decimal(3), NOW) == nothing


@pytest.mark.parametrize(
    ("touched", "unsettled", "quiet"),
    [(99.0, None, True), (100.0, None, False), (101.0, None, False), (99.0, attempt(), False)],
)
def test_a_level_is_compared_only_where_nothing_moved_since_its_read_began(
    touched: float, unsettled: accounts.Attempt | None, quiet: bool
) -> None:
    found = replace(account(POS, "10", unsettled=unsettled), touched=touched)
    assert accounts.is_quiet(found, 100.0) is quiet


def test_a_lost_write_is_taken_out_of_what_was_written_and_says_which() -> None:
    changed, entry = accounts.lose(account(POS, "10", "-1", "-5"), Loss("m7", Decimal(-2)))
    assert changed == account(POS, "10", "-1", "-3")
    assert entry == Entry(EntryKind.WRITTEN, Decimal(2), "lost:m7", "lost", effect=Effect.LOST)


def test_a_write_that_only_the_side_remembers_is_written_by_us() -> None:
    changed, entry = accounts.recognise(account(POS, "10", "-1"), Decimal(-2), "k9", "recognised")
    assert changed == account(POS, "10", "-1", "-2")
    assert entry == Entry(EntryKind.WRITTEN, Decimal(-2), "k9", "recognised")


def test_where_the_sides_history_stood_goes_with_the_attempt() -> None:
    begun = accounts.attempt(account(POS, "10"), Decimal(-2), "k1", 5.0, mark="4711")
    assert begun.unsettled is not None
    assert begun.unsettled.mark == "4711"
    again = accounts.attempt_again(begun, 8.0).unsettled
    assert again is not None
    assert again.mark == "4711"
