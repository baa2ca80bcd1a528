"""Carrying what happened on one side to the other: events into the accounts, and the one rule's writes out to the
sides.

An event is booked in the transaction that settles its message. A write goes in three steps: amount and key are
committed, the request is made, its outcome is committed. Whatever dies between two of them leaves at most one attempt
with a key, and that key is asked about before anything else is written there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tillbridge.booking import Posted, post, together
from tillbridge.core import accounts, backoff, routing, targets
from tillbridge.core.accounts import Account, Next
from tillbridge.core.actions import Action, AdjustStock, Outcome, Status, VoidAdjustment, of_void
from tillbridge.core.stock import SideName, round_quantity, spell
from tillbridge.core.targets import Shelf
from tillbridge.errors import BridgeError
from tillbridge.ports import Books, Checkpoint, Message, Side, Unit

SELL_FROM = "sell_from"
"""The note that names the POS outlet which writes go to, where the settings leave it to the POS (its first)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the owner decided, as far as relaying needs it. Seconds. `sell_from` "" means the POS's first outlet."""

    sell_from: str
    lease_seconds: float
    give_up_after: float


@dataclass(frozen=True, slots=True)
class Chance:
    """Randomness, injected: a fresh key for a write, and a number in 0…1 to spread retries."""

    new_key: Callable[[], str]
    jitter: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Written:
    """What one round of writing at a side came to. `trouble` is the outcome that says the side is not well, if any."""

    messages: int
    calls: int = 0
    trouble: Outcome | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    message: Message
    link: int
    outlet: str
    action: Action


class Relay:
    """Books events and makes writes. Several threads may use one relay; the books keep them apart."""

    def __init__(
        self, books: Books, sides: Mapping[SideName, Side], policy: Policy, chance: Chance, checkpoint: Checkpoint
    ) -> None:
        self._books = books
        self._sides = sides
        self._policy = policy
        self._chance = chance
        self._checkpoint = checkpoint

    def post_events(self, limit: int) -> Posted:
        """Book up to `limit` waiting events. One that cannot be booked is parked or retried alone; it blocks no
        other."""
        try:
            with self._books.writing() as unit:
                posted = post(unit, unit.claim_events(limit))
        except BridgeError:
            raise
        except Exception:  # a defect met by one event must not stop the others: each gets a transaction of its own
            posted = self._post_singly(limit)
        if posted.events:
            self._checkpoint("relay.posted")
        return posted

    def _post_singly(self, limit: int) -> Posted:
        with self._books.writing() as unit:
            waiting = [message.id for message in unit.claim_events(limit)]
        done: list[Posted] = []
        for number in waiting:
            try:
                with self._books.writing() as unit:
                    done.append(post(unit, self._still_waiting(unit, limit, number)))
            except BridgeError:
                raise
            except Exception as error:  # shown with the message, retried, dead in the end: never silent or in the way
                with self._books.writing() as unit:
                    for message in self._still_waiting(unit, limit, number):
                        self._fail(unit, message, f"booking failed: {error!r}")
        return together(done)

    @staticmethod
    def _still_waiting(unit: Unit, limit: int, number: int) -> list[Message]:
        """The message of this id, if nobody has settled it since it was seen."""
        return [message for message in unit.claim_events(limit) if message.id == number]

    def write(self, name: SideName) -> Written:
        """Take due work for one side, call the side once, settle what it answered."""
        side = self._sides[name]
        with self._books.writing() as unit:
            if name in unit.paused():
                return Written(0)
            messages = unit.claim_writes(name, side.abilities.batch, self._policy.lease_seconds)
            calls = self._attempt(unit, name, messages) if messages else []
        if not calls:
            return Written(len(messages))
        self._checkpoint("write.attempted")
        outcomes = side.apply([call.action for call in calls])
        self._checkpoint("write.answered")
        with self._books.writing() as unit:
            self._settle(unit, name, calls, outcomes)
        self._checkpoint("write.settled")
        trouble = next((one for one in outcomes if one.status in _TROUBLE), None)
        return Written(len(messages), len(calls), trouble)

    def _attempt(self, unit: Unit, name: SideName, messages: Sequence[Message]) -> list[_Call]:
        """Fix amounts and keys. What needs no call is settled here."""
        shelves = unit.shelves_by_link([int(message.body) for message in messages])
        sell_from = "" if name is SideName.STORE else self._policy.sell_from or unit.noted(SELL_FROM)
        calls: list[_Call] = []
        changed: list[Account] = []
        settled: list[Message] = []
        for message in messages:
            shelf = shelves.get(int(message.body))
            if shelf is None or not targets.busy(name, shelf):
                settled.append(message)
                continue
            made = self._call(unit, name, message, shelf, sell_from)
            if made is not None:
                account, call = made
                changed.append(account)
                calls.append(call)
        unit.save(changed)
        unit.done(settled)
        return calls

    def _call(
        self, unit: Unit, name: SideName, message: Message, shelf: Shelf, sell_from: str
    ) -> tuple[Account, _Call] | None:
        """The account with its attempt and the call that makes it; None where a person must help first."""
        abilities = self._sides[name].abilities
        open_one = next((one for one in shelf.all() if one.side is name and one.unsettled is not None), None)
        if open_one is not None and open_one.unsettled is not None:
            under_way = open_one.unsettled
            ref = shelf.link.ref(name)
            if VoidAdjustment in abilities.actions:
                action: Action = VoidAdjustment(under_way.key, ref)
            elif abilities.key_memory is not None and unit.now - under_way.since < abilities.key_memory:
                action = AdjustStock(under_way.key, ref, open_one.outlet, under_way.amount, "tillbridge")
            else:
                unit.park(message, "uncertain_write", _UNCERTAIN.format(amount=spell(under_way.amount)))
                return None
            return accounts.attempt_again(open_one, unit.now), _Call(message, shelf.link.id, open_one.outlet, action)
        account = shelf.account(name, sell_from)
        amount = targets.next_write(name, shelf)
        if account is None:
            unit.park(message, "no_outlet", f"the POS has no level at the outlet {sell_from!r}: mend [pos] sell_from")
            return None
        if round_quantity(amount, abilities.precision) != amount:
            unit.park(
                message, "precision", f"{spell(amount)} does not fit: this side takes {abilities.precision} decimals"
            )
            return None
        key = self._chance.new_key()
        action = AdjustStock(key, shelf.link.ref(name), account.outlet, amount, "tillbridge")
        begun = accounts.attempt(account, amount, key, unit.now)
        return begun, _Call(message, shelf.link.id, account.outlet, action)

    def _settle(self, unit: Unit, name: SideName, calls: Sequence[_Call], outcomes: Sequence[Outcome]) -> None:
        """Enter what became of the calls, and say what happens next to each message."""
        held = unit.held_of([call.message for call in calls])
        shelves = unit.shelves_by_link([call.link for call in calls])
        for call, outcome in zip(calls, outcomes, strict=True):
            shelf = shelves.get(call.link)
            if call.message.id not in held or shelf is None:
                continue  # another worker has taken over: it settles this by the key
            account = shelf.account(name, call.outlet)
            if account is None or account.unsettled is None or account.unsettled.key != call.action.key:
                unit.again([call.message])
                continue
            refused = account.unsettled.amount
            answer = of_void(outcome) if isinstance(call.action, VoidAdjustment) else outcome
            settlement = accounts.settle(account, answer, unit.now)
            if settlement.entry is not None:
                unit.post([(settlement.account, settlement.entry)])
            else:
                unit.save([settlement.account])
            after = routing.with_account(shelf, settlement.account)
            then = settlement.next
            if then in (Next.REFUSED, Next.PARKED) and targets.next_write(name, after) != refused:
                then = Next.AGAIN  # something changed meanwhile: what was refused is not what is wanted now
            self._next(unit, call.message, then, outcome, after, name)

    def _next(self, unit: Unit, message: Message, then: Next, outcome: Outcome, shelf: Shelf, name: SideName) -> None:
        words = outcome.sentence or outcome.reason or str(outcome.status)
        match then:
            case Next.AGAIN:
                if targets.busy(name, shelf):
                    unit.again([message])
                else:
                    unit.done([message])
            case Next.CLOSED:
                unit.wait([message], words)
            case Next.PARKED:
                unit.park(message, outcome.reason or str(outcome.status), words)
            case Next.LATER:
                self._fail(unit, message, words, backoff.SETTLING)
            case Next.REFUSED:
                self._fail(unit, message, words)

    def _fail(self, unit: Unit, message: Message, words: str, steps: Sequence[float] = backoff.STEPS) -> None:
        since_last = max(0.0, unit.now - message.tried_at) if message.tried_at is not None else 0.0
        limit, jitter = self._policy.give_up_after, self._chance.jitter()
        verdict = backoff.after(message.attempts, message.failing_for, since_last, limit, unit.now, jitter, steps)
        unit.retry(message, verdict, words)


_TROUBLE = frozenset({Status.UNREACHABLE, Status.UNAUTHORISED, Status.THROTTLED, Status.UNCERTAIN})

_UNCERTAIN = (
    "a change of {amount} was sent and its answer was lost so long ago that this POS no longer knows the key:"
    " compare the level at the POS by hand"
)
