"""Carrying what happened on one side to the other: events into the accounts, and the one rule's writes out to the
sides.

An event is booked in the transaction that settles its message. A write goes in three steps: amount and key are
committed, the request is made, its outcome is committed (together with the next one's amount and key, where one
follows at once). Whatever dies between two of them leaves at most one attempt with a key, and that key is asked about
before anything else is written there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tillbridge import attempts
from tillbridge.attempts import SELL_FROM, Call, LevelRead, Way
from tillbridge.booking import Booking, Posted, post, together
from tillbridge.core import targets
from tillbridge.core.accounts import Next
from tillbridge.core.actions import Action, Outcome, Status, Trace
from tillbridge.core.findings import Limits
from tillbridge.core.routing import Rules
from tillbridge.core.stock import SideName, spell
from tillbridge.core.targets import Shelf
from tillbridge.core.trouble import UNWELL, of_call
from tillbridge.errors import BridgeError, SideTrouble
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
    """What writing at a side came to. `trouble` is the outcome that says the side is not well, if any."""

    messages: int
    calls: int = 0
    trouble: Outcome | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a side said, and when the reading of it began (steady seconds)."""

    outcome: Outcome
    begun: float = 0.0


@dataclass(frozen=True, slots=True)
class _Taken:
    """How many messages were claimed, and the calls that are to be made for them."""

    messages: int = 0
    calls: Sequence[Call] = ()


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

    def write(self, name: SideName, goes_on: Callable[[], bool] = lambda: False) -> Written:
        """Take due work for one side, call the side, settle what it answered. While `goes_on` says so, the answers are
        settled in the transaction that begins the next call: a commit is what a call costs us."""
        side = self._sides[name]
        mark = ""
        if side.abilities.history:
            if self._books.next_due(name) is None:
                return Written(0)
            try:
                mark = side.watermark()  # before anything is claimed: whatever falls due meanwhile lies above it too
            except SideTrouble as error:
                return Written(0, 0, of_call(error))
        with self._books.writing() as unit:
            taken = self._take(unit, side, mark)
        messages, made = taken.messages, 0
        trouble: Outcome | None = None
        while taken.calls:
            self._checkpoint("write.attempted")
            answers = self._ask(side, taken.calls)
            self._checkpoint("write.answered")
            made += len(taken.calls)
            trouble = next((one.outcome for one in answers if one.outcome.status in UNWELL), None)
            may_go_on = trouble is None and not side.abilities.history and goes_on()
            taken = self._settle_and_take(side, taken.calls, answers, may_go_on=may_go_on)
            messages += taken.messages
            self._checkpoint("write.settled")
        return Written(messages, made, trouble)

    def _take(self, unit: Unit, side: Side, mark: str = "") -> _Taken:
        """Claim what is due at a side and fix what is to be asked of it."""
        if side.name in unit.paused():
            return _Taken()
        messages = unit.claim_writes(side.name, side.abilities.batch, self._policy.lease_seconds)
        if not messages:
            return _Taken()
        sell_from = "" if side.name is SideName.STORE else self._policy.sell_from or unit.noted(SELL_FROM)
        way = Way(side.name, side.abilities, sell_from, self._chance.new_key, mark)
        return _Taken(len(messages), attempts.begin(unit, way, messages))

    def _settle_and_take(
        self, side: Side, calls: Sequence[Call], answers: Sequence[_Answer], *, may_go_on: bool
    ) -> _Taken:
        """What was answered is entered in any case, even where the next call cannot be begun because of a defect."""
        try:
            with self._books.writing() as unit:
                self._settle(unit, side.name, calls, answers)
                return self._take(unit, side) if may_go_on else _Taken()
        except BridgeError:
            raise
        except Exception:
            if not may_go_on:
                raise
        return self._settle_and_take(side, calls, answers, may_go_on=False)

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
            return _Answer(of_call(trouble))
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
        limit, jitter = self._policy.give_up_after, self._chance.jitter()
        attempts.put_off(unit, message, words, limit, jitter, attempts.steps_of(then))
