"""The next thing to do at a side for one link, and what its answer comes to.

Amount and key of a write are fixed in the transaction that begins the attempt. An attempt of which nobody knows what
became is never sent again blindly: it is voided where the side can do that, repeated under its key where the side knows
it, looked for in the side's own history, and only where there is none is it judged by the level.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tillbridge import alerts
from tillbridge.core import accounts, backoff, routing, targets
from tillbridge.core.accounts import Account, Attempt, Next, Settlement
from tillbridge.core.actions import Action, AdjustStock, Outcome, Trace, VoidAdjustment, of_void
from tillbridge.core.stock import SideName, round_quantity, spell
from tillbridge.core.targets import Shelf
from tillbridge.ports import Abilities, Message, Side, Unit

SELL_FROM = "sell_from"
"""The note that names the POS outlet which writes go to, where the settings leave it to the POS (its first)."""

UNCERTAIN_WRITE = "uncertain_write"
"""The reason of a message that waits for a person to say what became of a write."""

REASON = "tillbridge"
"""What our writes are called at a side that asks for a reason."""


@dataclass(frozen=True, slots=True)
class LevelRead:
    """Nothing but the level can say what became of the attempt under `key`."""

    key: str
    ref: str
    outlet: str


Question = Action | Trace | LevelRead


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked of a side for one message."""

    message: Message
    link: int
    outlet: str
    question: Question


@dataclass(frozen=True, slots=True)
class Way:
    """How one side is written to: which outlet, with which abilities, and where its history stood (`mark`)."""

    side: SideName
    abilities: Abilities
    sell_from: str
    new_key: Callable[[], str]
    mark: str = ""


def begin(unit: Unit, way: Way, messages: Sequence[Message]) -> list[Call]:
    """Fix amounts and keys, and save the attempts. What needs no call is settled here."""
    shelves = unit.shelves_by_link([int(message.body) for message in messages])
    calls: list[Call] = []
    changed: list[Account] = []
    settled: list[Message] = []
    for message in messages:
        shelf = shelves.get(int(message.body))
        if shelf is None or not targets.busy(way.side, shelf):
            settled.append(message)
            continue
        under_way = next((one for one in shelf.of(way.side) if one.unsettled is not None), None)
        if under_way is not None and under_way.unsettled is not None and under_way.unsettled.order:
            settled.append(message)  # a document moves it; whoever settles that makes this due again
            continue
        made = (
            _begun(unit, way, message, shelf) if under_way is None else _ask_about(unit, way, message, shelf, under_way)
        )
        if isinstance(made, Call):
            calls.append(made)
        elif made is not None:
            changed.append(made[0])
            calls.append(made[1])
    unit.save(changed)
    unit.done(settled)
    return calls


def _begun(unit: Unit, way: Way, message: Message, shelf: Shelf) -> tuple[Account, Call] | None:
    """A new attempt; None where a person must help first, or nothing can be written now."""
    account = shelf.account(way.side, way.sell_from)
    if account is None:
        words = f"the POS has no level at the outlet {way.sell_from!r}: mend [pos] sell_from"
        unit.park(message, "no_outlet", words)
        return None
    wanted = targets.next_write(way.side, shelf)
    amount = targets.writable(wanted, account, below_zero=way.abilities.below_zero)
    if not way.abilities.below_zero:
        _tell_rest(unit, shelf, wanted - amount)
    if not amount:
        unit.done([message])
        return None
    if round_quantity(amount, way.abilities.precision) != amount:
        words = f"{spell(amount)} does not fit: this side takes {way.abilities.precision} decimals"
        unit.park(message, "precision", words)
        return None
    key = way.new_key()
    action = AdjustStock(key, shelf.link.ref(way.side), account.outlet, amount, REASON)
    attempted = accounts.attempt(account, amount, key, unit.now, way.mark)
    return attempted, Call(message, shelf.link.id, account.outlet, action)


def _ask_about(unit: Unit, way: Way, message: Message, shelf: Shelf, account: Account) -> tuple[Account, Call] | Call:
    """What became of the attempt under way?"""
    attempt = account.unsettled
    assert attempt is not None
    question = _question(unit.now, way, shelf, account, attempt)
    call = Call(message, shelf.link.id, account.outlet, question)
    if isinstance(question, Trace | LevelRead):
        return call  # nothing is sent that might have an effect, so there is nothing new to be in doubt about
    return accounts.attempt_again(account, unit.now), call


def _question(now: float, way: Way, shelf: Shelf, account: Account, attempt: Attempt) -> Question:
    """How to find out. Past its memory of keys a side counts as one that knows none."""
    ref = shelf.link.ref(way.side)
    if VoidAdjustment in way.abilities.actions:
        return VoidAdjustment(attempt.key, ref)
    if way.abilities.key_memory is not None and now - attempt.since < way.abilities.key_memory:
        return AdjustStock(attempt.key, ref, account.outlet, attempt.amount, REASON)
    if way.abilities.history:
        return Trace(attempt.key, ref, account.outlet, attempt.amount, attempt.mark)
    return LevelRead(attempt.key, ref, account.outlet)


def _tell_rest(unit: Unit, shelf: Shelf, rest: Decimal) -> None:
    """What cannot be taken below zero is shown until goods come there."""
    words = _OPEN.format(sku=shelf.link.sku, amount=spell(abs(rest)))
    alerts.tell(unit, shelf.link.id, alerts.OPEN_DIFFERENCE, abs(rest), words)


def conclude(call: Call, account: Account, outcome: Outcome, now: float, begun: float) -> Settlement | None:
    """What the answer means for the account; None where only a person can tell. `begun`: when the level was read, where
    that was the question."""
    match call.question:
        case Trace():
            return accounts.settle_by_trace(account, outcome, now)
        case LevelRead():
            if outcome.level is None or account.touched >= begun:
                return Settlement(account, None, Next.LATER)
            return accounts.settle_by_level(account, outcome.level, now)
        case VoidAdjustment():
            return accounts.settle(account, of_void(outcome), now)
        case _:
            return accounts.settle(account, outcome, now)


def after(settlement: Settlement, side: Side, shelf: Shelf, refused: Attempt) -> tuple[Shelf, Next]:
    """The shelf after it, and what happens next: what was refused may not be what is wanted any more."""
    found = routing.with_account(shelf, settlement.account)
    wanted = targets.next_write(side.name, found)
    now = targets.writable(wanted, settlement.account, below_zero=side.abilities.below_zero)
    if settlement.next in (Next.REFUSED, Next.PARKED) and now != refused.amount:
        return found, Next.AGAIN
    return found, settlement.next


def put_off(
    unit: Unit, message: Message, words: str, give_up_after: float, jitter: float, steps: Sequence[float]
) -> None:
    """It failed: tried again after the next of these steps (seconds), or dead after failing for `give_up_after`."""
    since_last = max(0.0, unit.now - message.tried_at) if message.tried_at is not None else 0.0
    verdict = backoff.after(message.attempts, message.failing_for, since_last, give_up_after, unit.now, jitter, steps)
    unit.retry(message, verdict, words)


def steps_of(then: Next) -> Sequence[float]:
    """How soon it is tried again."""
    return backoff.SETTLING if then is Next.LATER else backoff.STEPS


_OPEN = "the POS takes nothing below zero: {amount} of {sku!r} must still come off there, once goods arrive"

UNCLEAR = (
    "a change of {amount} was sent, its answer was lost, and the level there ({level}) fits neither with it nor without"
    " it: compare the level at the POS by hand, then say what became of it (`tillbridge decide`)"
)
