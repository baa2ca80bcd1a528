"""What a differing level means, how it is entered, and that undoing it leaves the side as it is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import POS, STORE, account, shelf
from tillbridge.core import accounts, findings, routing, targets
from tillbridge.core.accounts import Entry
from tillbridge.core.actions import Loss, Outcome, Status
from tillbridge.core.findings import Believe, Finding, Limits, Seen, Verdict
from tillbridge.core.stock import SideName
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Authority, Effect, Terms

LIMITS = Limits()
ACTED = [Verdict.BORN, Verdict.PUT_BACK, Verdict.APART]


def seen(level: str, known: str = "10", side: SideName = STORE, link: int = 1) -> Seen:
    return Seen(link, side, "" if side is STORE else "main", Decimal(level), Decimal(known))


@pytest.mark.parametrize(
    ("authority", "side", "level", "verdict"),
    [
        (Authority.BOTH, STORE, "13", Verdict.BORN), (Authority.BOTH, STORE, "7", Verdict.BORN),
        (Authority.BOTH, POS, "13", Verdict.BORN), (Authority.BOTH, POS, "7", Verdict.BORN),
        (Authority.POS, STORE, "13", Verdict.PUT_BACK), (Authority.POS, STORE, "7", Verdict.HELD),
        (Authority.POS, POS, "13", Verdict.BORN), (Authority.POS, POS, "7", Verdict.BORN),
        (Authority.STORE, STORE, "13", Verdict.BORN), (Authority.STORE, STORE, "7", Verdict.BORN),
        (Authority.STORE, POS, "13", Verdict.PUT_BACK), (Authority.STORE, POS, "7", Verdict.PUT_BACK),
    ],
)  # fmt: skip
def test_the_attribution_table(authority: Authority, side: SideName, level: str, verdict: Verdict) -> None:
    assert findings.judge(seen(level, side=side), authority, (), LIMITS).verdict is verdict


@pytest.mark.parametrize(
    ("amount", "losses", "matched", "verdict"),
    [
        ("2", ["-2"], ["-2"], Verdict.LOST_WRITE),
        ("3", ["-2"], ["-2"], Verdict.BORN),
        ("3", ["-1", "-2"], ["-1", "-2"], Verdict.LOST_WRITE),
        ("2", ["-5"], [], Verdict.BORN),
        ("2", ["2"], [], Verdict.BORN),
        ("-2", ["2"], ["2"], Verdict.LOST_WRITE),
        ("2", ["-3", "1"], [], Verdict.BORN),
        ("3", ["-2", "-3"], ["-3"], Verdict.LOST_WRITE),
        ("5", ["-4", "-2", "-3"], ["-2", "-3"], Verdict.LOST_WRITE),
        ("-5", ["4", "2", "3"], ["2", "3"], Verdict.LOST_WRITE),
        ("4", ["-3", "-2", "-2"], ["-2", "-2"], Verdict.LOST_WRITE),
        ("2", ["-1", "-1", "-2"], ["-2"], Verdict.LOST_WRITE),
        ("2.5", ["-2", "-1", "-1.5"], ["-1", "-1.5"], Verdict.LOST_WRITE),
        ("8", ["-3", "-7", "-6"], ["-7"], Verdict.BORN),
        ("3", ["-2", "-2"], ["-2"], Verdict.BORN),
    ],
)
def test_the_losses_that_fit_best_are_taken_and_none_that_points_the_other_way(
    amount: str, losses: list[str], matched: list[str], verdict: Verdict
) -> None:
    known = [Loss(str(number), Decimal(delta)) for number, delta in enumerate(losses)]
    level = str(10 + Decimal(amount))
    found = findings.judge(seen(level, side=POS), Authority.BOTH, known, LIMITS)
    assert ([str(one.delta) for one in found.losses], found.verdict) == (matched, verdict)


def test_of_very_many_losses_the_largest_that_fits_is_taken_first() -> None:
    known = [Loss(str(number), Decimal(-number)) for number in range(1, 31)]
    found = findings.judge(seen("41", side=POS), Authority.BOTH, known, LIMITS)
    assert ([one.id for one in found.losses], found.verdict) == (["1", "30"], Verdict.LOST_WRITE)


def test_a_large_rise_is_reported_and_a_large_fall_is_not() -> None:
    assert findings.judge(seen("111"), Authority.BOTH, (), LIMITS).verdict is Verdict.REPORTED
    assert findings.judge(seen("110"), Authority.BOTH, (), LIMITS).verdict is Verdict.BORN
    assert findings.judge(seen("0", "500"), Authority.BOTH, (), LIMITS).verdict is Verdict.BORN


def test_with_report_everything_is_only_told_but_a_lost_write() -> None:
    report = Limits(report=True)
    assert findings.judge(seen("9"), Authority.BOTH, (), report).verdict is Verdict.REPORTED
    lost = findings.judge(seen("12", side=POS), Authority.BOTH, [Loss("1", Decimal(-2))], report)
    assert lost.verdict is Verdict.LOST_WRITE


@pytest.mark.parametrize("verdict", [*ACTED, Verdict.HELD, Verdict.LOST_WRITE])
@pytest.mark.parametrize("side", [STORE, POS])
@pytest.mark.parametrize("level", ["4", "17"])
def test_afterwards_the_account_says_what_the_level_says(verdict: Verdict, side: SideName, level: str) -> None:
    losses = (Loss("9", Decimal(3)),) if verdict is Verdict.LOST_WRITE else ()
    after, entries = findings.enter(at_ten(), Finding(seen(level, side=side), verdict, losses), 7, 42)
    changed = after.of(side)[0]
    assert (changed.known, changed.contains) == (Decimal(level), 42)
    assert sum((entry.amount for _, entry in entries), Decimal(0)) == Decimal(level) - 10
    assert {entry.run for _, entry in entries} == {7}


@pytest.mark.parametrize(
    ("verdict", "side", "level", "at_store", "at_pos"),
    [
        (Verdict.BORN, STORE, "7", 0, -3), (Verdict.BORN, POS, "7", -3, 0),
        (Verdict.PUT_BACK, STORE, "13", -3, 0), (Verdict.PUT_BACK, POS, "13", 0, -3),
        (Verdict.HELD, STORE, "7", 0, 0),
        (Verdict.APART, STORE, "7", 0, 0), (Verdict.APART, POS, "7", 0, 0),
    ],
)  # fmt: skip
def test_the_one_rule_writes_what_follows(
    verdict: Verdict, side: SideName, level: str, at_store: int, at_pos: int
) -> None:
    after, _ = findings.enter(at_ten(), Finding(seen(level, side=side), verdict), 7, 0)
    assert [targets.next_write(side, after) for side in SideName] == [*map(Decimal, (at_store, at_pos))]


@pytest.mark.parametrize(
    ("verdict", "side", "level", "store", "pos"),
    [
        (Verdict.BORN, STORE, "7", 7, 10), (Verdict.BORN, POS, "7", 10, 7),
        (Verdict.PUT_BACK, STORE, "13", 13, 10), (Verdict.PUT_BACK, POS, "13", 10, 13),
        (Verdict.HELD, STORE, "7", 7, 10),
        (Verdict.APART, STORE, "7", 10, 10), (Verdict.APART, POS, "7", 10, 10),
    ],
)  # fmt: skip
def test_undone_the_side_keeps_it_and_what_was_carried_over_is_taken_back(
    verdict: Verdict, side: SideName, level: str, store: int, pos: int
) -> None:
    after, entries = findings.enter(at_ten(), Finding(seen(level, side=side), verdict), 7, 0)
    settled = written(after)
    undone = written(findings.undo(settled, entries[-1][1], side))
    assert [targets.known(side, undone) for side in SideName] == [*map(Decimal, (store, pos))]


def test_a_lost_write_undone_is_not_made_again() -> None:
    finding = Finding(seen("12", side=POS), Verdict.LOST_WRITE, (Loss("1", Decimal(-2)),))
    after, entries = findings.enter(at_ten(), finding, 7, 0)
    assert entries[0][1].effect is Effect.LOST
    undone = written(findings.undo(after, entries[0][1], POS))
    assert [targets.known(side, undone) for side in SideName] == [Decimal(10), Decimal(12)]


AMOUNT = st.decimals(-50, 50, places=3).filter(lambda amount: amount != 0)


@given(AMOUNT, st.sampled_from([STORE, POS]), st.sampled_from(ACTED), st.booleans())
def test_an_undo_at_any_moment_ends_at_the_same_levels(
    amount: Decimal, side: SideName, verdict: Verdict, first: bool
) -> None:
    """Whether or not the rule has written what followed by then."""
    after, entries = findings.enter(at_ten(), Finding(seen(str(10 + amount), side=side), verdict), 7, 0)
    undone = written(findings.undo(written(after) if first else after, entries[-1][1], side))
    apart = verdict is Verdict.APART
    expected = {side: Decimal(10) if apart else 10 + amount, side.other: Decimal(10)}
    assert {one: targets.known(one, undone) for one in SideName} == expected
    assert not targets.busy(STORE, undone)
    assert not targets.busy(POS, undone)


@pytest.mark.parametrize(
    ("word", "verdict"),
    [(Believe.OURS, Verdict.PUT_BACK), (Believe.THEIRS, Verdict.BORN), (Believe.APART, Verdict.APART)],
)
def test_after_a_restore_a_persons_word_counts(word: Believe, verdict: Verdict) -> None:
    assert findings.believed(seen("7"), word).verdict is verdict


def test_a_run_is_held_where_it_would_change_too_much() -> None:
    born = [seen("9", link=number) for number in range(26)]
    assert findings.too_many(born[:25], 100, LIMITS) == ""
    assert "26 of 100" in findings.too_many(born, 100, LIMITS)
    assert findings.too_many(born, 1000, LIMITS) == ""


def test_a_run_is_held_where_many_items_fell_to_zero() -> None:
    zero = [seen("0", link=number) for number in range(11)]
    assert findings.too_many(zero[:10], 1000, LIMITS) == ""
    assert "11 items fell to zero" in findings.too_many(zero, 1000, LIMITS)
    assert findings.too_many([seen("0", "-1", link=number) for number in range(11)], 1000, LIMITS) == ""


def at_ten() -> Shelf:
    """Ten on both sides, nothing pending."""
    return replace(shelf(account(STORE, "10"), account(POS, "10")), terms=Terms())


def written(now: Shelf) -> Shelf:
    """The shelf after the one rule has written what it wants on both sides."""
    for side in SideName:
        amount = targets.next_write(side, now)
        if amount:
            begun = accounts.attempt(now.of(side)[0], amount, "k", 0.0)
            now = routing.with_account(now, accounts.settle(begun, Outcome(Status.APPLIED), 0.0).account)
    return now


def test_an_entry_of_a_side_is_never_undone_as_one_of_the_other() -> None:
    after, entries = findings.enter(at_ten(), Finding(seen("7", side=POS), Verdict.BORN), 7, 0)
    entry: Entry = entries[0][1]
    assert findings.undo(after, entry, POS).link.offset == 3
    assert findings.undo(after, entry, STORE).link.offset == -3
