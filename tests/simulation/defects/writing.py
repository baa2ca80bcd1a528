"""Defects in how the one rule writes, and in what is made of the answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.simulation.defects.planting import Defect, Planting
from tillbridge import attempts
from tillbridge.core import accounts, targets
from tillbridge.core.accounts import Account, Attempt, Next, Settlement
from tillbridge.core.actions import AdjustStock, Outcome, Status
from tillbridge.core.stock import SideName
from tillbridge.core.targets import Shelf
from tillbridge.db.queue import QueueRows


def _key_per_try(planting: Planting) -> None:
    tokens = iter(range(10**9))
    real = attempts._ask_about

    def forgetful(*about: Any) -> Any:
        made: Any = real(*about)
        if not isinstance(made, tuple) or not isinstance(made[1].question, AdjustStock):
            return made
        account, call = made
        key = f"{next(tokens):032x}"
        question = replace(made[1].question, key=key)
        return replace(account, unsettled=replace(account.unsettled, key=key)), replace(call, question=question)

    planting.put(attempts, "_ask_about", forgetful)


def _stale_raise(planting: Planting) -> None:
    """An attempt at the shop without an answer is sent again as it was."""
    real = attempts._question

    def stubborn(now: float, way: Any, shelf: Shelf, account: Account, attempt: Attempt) -> Any:
        if way.side is SideName.STORE:
            return AdjustStock(attempt.key, shelf.link.store_ref, "", attempt.amount, attempts.REASON)
        return real(now, way, shelf, account, attempt)

    planting.put(attempts, "_question", stubborn)


def _no_fencing(planting: Planting) -> None:
    """Two workers take the same link, and each believes its own outcome."""
    claim, known, begun = QueueRows.claim_writes, targets.known, attempts._begun
    planting.put(QueueRows, "held_of", lambda self, messages: {message.id for message in messages})
    planting.put(QueueRows, "claim_writes", lambda self, side, limit, lease_seconds: claim(self, side, limit, -1.0))
    planting.put(
        accounts,
        "attempt",
        lambda account, amount, key, now, mark="": replace(
            account, unsettled=accounts.Attempt(key, amount, now, now, mark=mark)
        ),
    )
    planting.put(targets, "next_write", lambda side, shelf: targets.target(side, shelf) - known(side, shelf))
    planting.put(attempts, "_ask_about", lambda unit, way, message, shelf, account: begun(unit, way, message, shelf))


def _settling(status: Status, wrong: Callable[[Account], Settlement]) -> Callable[[Planting], None]:
    """Something wrong is made of every answer with that status."""

    def plant(planting: Planting) -> None:
        real = accounts.settle

        def settle(account: Account, outcome: Outcome, now: float) -> Settlement:
            if outcome.status is status and account.unsettled is not None:
                return wrong(account)
            return real(account, outcome, now)

        planting.put(accounts, "settle", settle)

    return plant


def _dissolved(then: Next) -> Callable[[Account], Settlement]:
    return lambda account: Settlement(replace(account, unsettled=None), None, then)


def _done(planting: Planting) -> None:
    real = accounts.settle

    def careless(account: Account, outcome: Outcome, now: float) -> Settlement:
        status = Status.APPLIED if outcome.status is Status.UNCERTAIN else outcome.status
        return real(account, replace(outcome, status=status), now)

    planting.put(accounts, "settle", careless)


WRITING = (
    Defect("key-per-try", "a key is made for every try", _key_per_try),
    Defect("stale-raise", "a raise is delivered after an outage, whatever was sold meanwhile", _stale_raise),
    Defect("no-fencing", "a lease that ran out still settles", _no_fencing),
    Defect(
        "uncertain-is-lost", "an uncertain write is taken for lost", _settling(Status.UNCERTAIN, _dissolved(Next.AGAIN))
    ),
    Defect("uncertain-is-done", "an uncertain write is taken for done", _done),
    Defect(
        "unreachable-ends-it",
        "a retry that did not leave is taken for the end of the try before it",
        _settling(Status.UNREACHABLE, _dissolved(Next.CLOSED)),
    ),
    Defect(
        "invalid-ends-it",
        "a call refused as a whole is taken for the end of an earlier one",
        _settling(Status.INVALID, _dissolved(Next.AGAIN)),
    ),
)
