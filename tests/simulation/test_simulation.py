"""The simulation holds, repeats itself, and finds what is broken on purpose: a check that cannot fail proves
nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.simulation.play import play
from tests.simulation.steps import CHANGES, FAULTS, schedule
from tillbridge import linking, poll
from tillbridge.core import accounts, routing, targets
from tillbridge.core.accounts import Next, Settlement
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.stock import ZERO, SideName
from tillbridge.db import queue
from tillbridge.db.ledger import LedgerRows
from tillbridge.db.queue import QueueRows
from tillbridge.ports import Changes
from tillbridge.relay import Relay

MOST_SEEDS = 400


def test_every_schedule_has_enough_in_it() -> None:
    for seed in range(50):
        steps = schedule(seed)
        assert sum(step.what in CHANGES for step in steps) >= 20
        assert sum(step.what in FAULTS for step in steps) >= 2


def test_the_same_seed_is_the_same_schedule() -> None:
    assert play(7).trace == play(7).trace


@pytest.mark.parametrize("seed", range(40))
def test_at_rest_nothing_is_lost_and_nothing_is_there_twice(seed: int) -> None:
    assert play(seed).problems == ()


def test_events_are_taken_twice_where_their_key_is_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = iter(range(10**9))
    real = queue.add_events

    def careless(db: Any, told: Any, now: float) -> int:
        return real(db, [replace(one, key=f"{one.key}#{next(tokens)}") for one in told], now)

    monkeypatch.setattr(queue, "add_events", careless)
    monkeypatch.setattr("tillbridge.db.mailbox.add_events", queue.add_events)
    assert _found()


def test_a_key_made_for_every_try_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = iter(range(10**9))

    def forgetful(account: accounts.Account) -> accounts.Account:
        assert account.unsettled is not None
        return replace(account, unsettled=replace(account.unsettled, key=f"{next(tokens):032x}"))

    _patch_attempt(monkeypatch, forgetful)
    assert _found()


def _patch_attempt(monkeypatch: pytest.MonkeyPatch, forgetful: Callable[[accounts.Account], accounts.Account]) -> None:
    """The call under a new key, as if it were drawn for each request."""
    real = Relay._call

    def call(self: Relay, unit: Any, name: Any, message: Any, shelf: Any, sell_from: str) -> Any:
        made = real(self, unit, name, message, shelf, sell_from)
        if made is None or made[0].unsettled is None or made[0].unsettled.doubt is None:
            return made
        account = forgetful(made[0])
        assert account.unsettled is not None
        return account, replace(made[1], action=replace(made[1].action, key=account.unsettled.key))

    monkeypatch.setattr(Relay, "_call", call)


def test_an_uncertain_write_taken_for_lost_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = accounts.settle

    def hopeful(account: accounts.Account, outcome: Outcome, now: float) -> Settlement:
        if outcome.status is Status.UNCERTAIN:
            return Settlement(replace(account, unsettled=None), None, Next.AGAIN)
        return real(account, outcome, now)

    monkeypatch.setattr(accounts, "settle", hopeful)
    assert _found()


def test_an_uncertain_write_taken_for_done_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = accounts.settle

    def careless(account: accounts.Account, outcome: Outcome, now: float) -> Settlement:
        status = Status.APPLIED if outcome.status is Status.UNCERTAIN else outcome.status
        return real(account, replace(outcome, status=status), now)

    monkeypatch.setattr(accounts, "settle", careless)
    assert _found()


def test_an_unreachable_retry_taken_for_without_effect_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = accounts.settle

    def hasty(account: accounts.Account, outcome: Outcome, now: float) -> Settlement:
        if outcome.status is Status.UNREACHABLE:
            return Settlement(replace(account, unsettled=None), None, Next.CLOSED)
        return real(account, outcome, now)

    monkeypatch.setattr(accounts, "settle", hasty)
    assert _found()


def test_a_refused_call_taken_for_the_end_of_an_earlier_one_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = accounts.settle

    def relieved(account: accounts.Account, outcome: Outcome, now: float) -> Settlement:
        if outcome.status is Status.INVALID:
            return Settlement(replace(account, unsettled=None), None, Next.AGAIN)
        return real(account, outcome, now)

    monkeypatch.setattr(accounts, "settle", relieved)
    assert _found()


def test_an_echo_taken_for_a_sale_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = routing.post

    def gullible(event: Any, source: str, number: int, shelves: Any) -> Any:
        return real(replace(event, ours=False), source, number, shelves)

    monkeypatch.setattr(routing, "post", gullible)
    assert _found()


def test_a_sale_taken_for_an_echo_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = routing.post

    def deaf(event: Any, source: str, number: int, shelves: Any) -> Any:
        return real(replace(event, ours=event.cause.type == "delivery"), source, number, shelves)

    monkeypatch.setattr(routing, "post", deaf)
    assert _found()


def test_a_cursor_moved_before_its_events_are_stored_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = poll.Poll.__call__

    def eager(self: Any) -> int:
        side = self._side
        read = side.changes_since

        def reading(cursor: str) -> Changes:
            changes: Changes = read(cursor)
            with self._books.writing() as unit:
                unit.move_cursor(side.name, changes.cursor)
            return changes

        side.changes_since = reading
        try:
            return real(self)
        finally:
            del side.changes_since

    monkeypatch.setattr(poll.Poll, "__call__", eager)
    assert _found()


def test_an_opening_counted_without_reading_the_feeds_again_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking.Linking, "_drain", lambda self: None)
    monkeypatch.setattr(LedgerRows, "dropped_since", lambda self, side, mark: set())
    assert _found()


def test_settling_without_a_lease_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers take the same link, and each believes its own outcome."""
    monkeypatch.setattr(QueueRows, "held_of", lambda self, messages: {message.id for message in messages})
    real = QueueRows.claim_writes
    monkeypatch.setattr(
        QueueRows, "claim_writes", lambda self, side, limit, lease_seconds: real(self, side, limit, -1.0)
    )
    monkeypatch.setattr(
        accounts,
        "attempt",
        lambda account, amount, key, now: replace(account, unsettled=accounts.Attempt(key, amount, now, now)),
    )
    monkeypatch.setattr(
        targets, "next_write", lambda side, shelf: targets.target(side, shelf) - targets.known(side, shelf)
    )
    real_call = Relay._call

    def blind(self: Relay, unit: Any, name: SideName, message: Any, shelf: Any, sell_from: str) -> Any:
        return real_call(self, unit, name, message, _unsettle(shelf), sell_from)

    monkeypatch.setattr(Relay, "_call", blind)
    assert _found()


def _unsettle(shelf: Any) -> Any:
    """The shelf as somebody sees it who does not look whether a write is under way."""
    return replace(
        shelf, store=replace(shelf.store, unsettled=None), pos=tuple(replace(one, unsettled=None) for one in shelf.pos)
    )


def test_a_transfer_told_in_halves_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = routing.post

    def half(event: Any, source: str, number: int, shelves: Any) -> Any:
        if event.cause.type == "transfer":
            event = replace(event, movements=tuple(move for move in event.movements if move.delta < ZERO))
        return real(event, source, number, shelves)

    monkeypatch.setattr(routing, "post", half)
    assert _found()


def _found() -> bool:
    """Whether some schedule ends with a violation."""
    return any(play(seed).problems for seed in range(MOST_SEEDS))
