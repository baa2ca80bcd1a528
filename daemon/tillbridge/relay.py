"""Carrying what happened on one side to the other: events into the accounts, and the one rule's writes out to the
sides.

An event is booked in the transaction that settles its message. A write goes in three steps: amount and key are
committed, the request is made, its outcome is committed. Whatever dies between two of them leaves at most one attempt
with a key, and that key is asked about before anything else is written there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tillbridge import attempts
from tillbridge.attempts import SELL_FROM, Call, LevelRead, Way
from tillbridge.booking import Booking, Posted, post, together
from tillbridge.core import backoff, targets
from tillbridge.core.accounts import Next
from tillbridge.core.actions import Action, Outcome, Status, Trace
from tillbridge.core.findings import Limits
from tillbridge.core.routing import Rules
from tillbridge.core.stock import SideName, spell
from tillbridge.core.targets import Shelf
from tillbridge.errors import BridgeError, SideTrouble, Throttled, Unauthorised
from tillbridge.ports import Books, Checkpoint, Message, Side, Unit


@dataclass(frozen=True, slots=True)
class Policy:
    """What the owner decided, as far as relaying needs it. Seconds. `sell_from` "" means the POS's first outlet."""

    sell_from: str
    lease_seconds: float
    give_up_after: float
    rules: Rules = Rules()
    limits: Limits = Limits()


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
class _Answer:
    """What a side said, and when the reading of it began (steady seconds)."""

    outcome: Outcome
    begun: float = 0.0


class Relay:
    """Books events and makes writes. Several threads may use one relay; the books keep them apart."""

    def __init__(
        self,
        books: Books,
        sides: Mapping[SideName, Side],
        policy: Policy,
        chance: Chance,
        checkpoint: Checkpoint,
        drain: Callable[[SideName], object] = lambda _: None,
    ) -> None:
        """`drain` reads a side's feed to its end: a level says something only where nothing else is on its way. Raises
        `SideTrouble`."""
        self._books = books
        self._sides = sides
        self._policy = policy
        self._booking = Booking(policy.rules, policy.limits, {name: side.abilities.lag for name, side in sides.items()})
        self._chance = chance
        self._checkpoint = checkpoint
        self._drain = drain

    def post_events(self, limit: int) -> Posted:
        """Book up to `limit` waiting events. One that cannot be booked is parked or retried alone; it blocks no
        other."""
        try:
            with self._books.writing() as unit:
                posted = post(unit, unit.claim_events(limit), self._booking)
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
                    done.append(post(unit, self._still_waiting(unit, limit, number), self._booking))
            except BridgeError:
                raise
            except Exception as error:  # shown with the message, retried, dead in the end: never silent or in the way
                with self._books.writing() as unit:
                    for message in self._still_waiting(unit, limit, number):
                        self._fail(unit, message, f"booking failed: {error!r}", Next.REFUSED)
        return together(done)

    @staticmethod
    def _still_waiting(unit: Unit, limit: int, number: int) -> list[Message]:
        """The message of this id, if nobody has settled it since it was seen."""
        return [message for message in unit.claim_events(limit) if message.id == number]

    def write(self, name: SideName) -> Written:
        """Take due work for one side, call the side once, settle what it answered."""
        side = self._sides[name]
        mark = ""
        if side.abilities.history:
            if self._books.next_due(name) is None:
                return Written(0)
            try:
                mark = side.watermark()  # before anything is claimed: whatever falls due meanwhile lies above it too
            except SideTrouble as error:
                return Written(0, 0, _unasked(error))
        with self._books.writing() as unit:
            if name in unit.paused():
                return Written(0)
            messages = unit.claim_writes(name, side.abilities.batch, self._policy.lease_seconds)
            sell_from = "" if name is SideName.STORE else self._policy.sell_from or unit.noted(SELL_FROM)
            way = Way(name, side.abilities, sell_from, self._chance.new_key, mark)
            calls = attempts.begin(unit, way, messages) if messages else []
        if not calls:
            return Written(len(messages))
        self._checkpoint("write.attempted")
        answers = self._ask(side, calls)
        self._checkpoint("write.answered")
        with self._books.writing() as unit:
            self._settle(unit, name, calls, answers)
        self._checkpoint("write.settled")
        trouble = next((one.outcome for one in answers if one.outcome.status in _TROUBLE), None)
        return Written(len(messages), len(calls), trouble)

    def _ask(self, side: Side, calls: Sequence[Call]) -> list[_Answer]:
        """One answer for each call: actions go out together, questions one by one."""
        actions: list[Action] = []
        for call in calls:
            if not isinstance(call.question, Trace | LevelRead):
                actions.append(call.question)
        outcomes = side.apply(actions) if actions else []
        if len(outcomes) != len(actions):
            raise ValueError(f"the {side.name} gave {len(outcomes)} answers to {len(actions)} actions")
        acted = iter(outcomes)
        return [
            self._inquire(side, call.question) if isinstance(call.question, Trace | LevelRead) else _Answer(next(acted))
            for call in calls
        ]

    def _inquire(self, side: Side, question: Trace | LevelRead) -> _Answer:
        """What a side shows of an attempt."""
        try:
            if isinstance(question, Trace):
                return _Answer(side.find(question))
            self._drain(side.name)
            with self._books.writing() as unit:
                begun = unit.now
            level = next((one for one in side.levels_of(question.ref) if one.outlet == question.outlet), None)
            self._drain(side.name)
        except SideTrouble as trouble:
            return _Answer(_unasked(trouble))
        quantity = None if level is None or level.moving else level.quantity
        return _Answer(Outcome(Status.NOT_FOUND, quantity), begun)

    def _settle(self, unit: Unit, name: SideName, calls: Sequence[Call], answers: Sequence[_Answer]) -> None:
        """Enter what became of the calls, and say what happens next to each message."""
        held = unit.held_of([call.message for call in calls])
        shelves = unit.shelves_by_link([call.link for call in calls])
        for call, answer in zip(calls, answers, strict=True):
            shelf = shelves.get(call.link)
            if call.message.id not in held or shelf is None:
                continue  # another worker has taken over: it settles this by the key
            account = shelf.account(name, call.outlet)
            if account is None or account.unsettled is None or account.unsettled.key != call.question.key:
                unit.again([call.message])
                continue
            attempt = account.unsettled
            settlement = attempts.conclude(call, account, answer.outcome, unit.now, answer.begun)
            if settlement is None:
                level = "unknown" if answer.outcome.level is None else spell(answer.outcome.level)
                words = attempts.UNCLEAR.format(amount=spell(attempt.amount), level=level)
                unit.park(call.message, attempts.UNCERTAIN_WRITE, words)
                continue
            if settlement.entry is not None:
                unit.post([(settlement.account, settlement.entry)])
            elif settlement.account != account:
                unit.save([settlement.account])
            after, then = attempts.after(settlement, self._sides[name], shelf, attempt)
            self._next(unit, call.message, then, answer.outcome, after, name)

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
            case Next.LATER | Next.REFUSED:
                self._fail(unit, message, words, then)

    def _fail(self, unit: Unit, message: Message, words: str, then: Next) -> None:
        since_last = max(0.0, unit.now - message.tried_at) if message.tried_at is not None else 0.0
        limit, jitter, steps = self._policy.give_up_after, self._chance.jitter(), attempts.steps_of(then)
        verdict = backoff.after(message.attempts, message.failing_for, since_last, limit, unit.now, jitter, steps)
        unit.retry(message, verdict, words)


def _unasked(trouble: SideTrouble) -> Outcome:
    """A question that got no answer: nothing was sent that could have had an effect."""
    match trouble:
        case Unauthorised():
            return Outcome(Status.UNAUTHORISED, reason="unauthorised", sentence=str(trouble))
        case Throttled():
            return Outcome(Status.THROTTLED, sentence=str(trouble), retry_after=trouble.retry_after)
        case _:
            return Outcome(Status.UNCERTAIN, reason="no_answer", sentence=str(trouble))


_TROUBLE = frozenset({Status.UNREACHABLE, Status.UNAUTHORISED, Status.THROTTLED, Status.UNCERTAIN})
