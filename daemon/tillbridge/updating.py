"""Keeping customers in step: what changed of somebody at one side is written at the other, as the owner lets it travel.

One message stands for each customer who stirred; both sides are read when its turn comes, so the newest state is what
is written, and an echo of our own write finds nothing to do. Whoever was deleted at one side is unlinked, and deleted
nowhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from tillbridge.attempts import put_off
from tillbridge.core import agreeing, backoff, trouble
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.agreeing import Seal
from tillbridge.core.paper import Person
from tillbridge.core.people import without
from tillbridge.core.pos_papers import PosPerson
from tillbridge.core.stock import SideName
from tillbridge.errors import BadAnswer, CallRefused, SideTrouble
from tillbridge.people import NOT_TOLD, SHOP_AWAY, Ends, People, PeopleRules, nameless
from tillbridge.ports import Books, Message, Unit
from tillbridge.ports.persons import Acquaintance, StorePerson
from tillbridge.relay import Chance, Written

REFUSED = "customer_refused"
"""Why a customer waits whom a side would not take."""

_TROUBLE = frozenset({Status.UNREACHABLE, Status.UNAUTHORISED, Status.THROTTLED})


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: for how long a worker has a message, and after how long it gives up."""

    lease_seconds: float
    give_up_after: float


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of a message, and which side said so."""

    outcome: Outcome = Outcome(Status.APPLIED)
    side: SideName = SideName.POS
    note: str = ""


class Updating:
    """Several threads may use one; customers are written by one of them at a time."""

    def __init__(
        self, books: Books, ends: Ends, rules: PeopleRules, people: People, secret: bytes, pace: Pace, chance: Chance
    ) -> None:
        """`secret` makes the digests; it must not stand in the books."""
        self._books = books
        self._ends = ends
        self._rules = rules
        self._people = people
        self._secret = secret
        self._pace = pace
        self._chance = chance
        self._lock = threading.Lock()

    def write(self) -> Written:
        """Look at one customer, if one is due."""
        with self._books.writing() as unit:
            if unit.paused() & self._written_to():
                return Written(0)
            claimed = unit.claim_people(1, self._pace.lease_seconds)
        if not claimed:
            return Written(0)
        (message,) = claimed
        with self._lock:
            done = self._look(message)
        with self._books.writing() as unit:
            if unit.held_of([message]):
                self._settle(unit, message, done)
        away = done.side is SideName.POS and done.outcome.status in _TROUBLE
        return Written(1, 1, done.outcome if away else None)

    def _written_to(self) -> set[SideName]:
        return {SideName.POS} | ({SideName.STORE} if self._rules.to_store else set())

    def _look(self, message: Message) -> _Done:
        """Never raises `SideTrouble`."""
        why, _, ref = message.body.partition(":")
        with self._books.writing() as unit:
            known = unit.acquaintance_at(ref) if why == "pos" else unit.acquaintance(ref)
        side = SideName.POS
        try:
            if known is None:
                return self._stranger(ref)
            side = SideName.STORE
            account = self._ends.shop.person(known.ref)
            side = SideName.POS
            if account is None:
                return self._gone(known)
            if not known.pos_ref:
                return self._newcomer(known, account, why)
            there = self._ends.pos.person(known.pos_ref)
            if there is None or there.erased:
                return self._gone(known)
            if account.staff or (why == "store" and self._rules.with_order):
                return _Done(note="nothing of this customer travels now")
            return self._in_step(known, account, there)
        except SideTrouble as error:
            return _Done(_asked_in_vain(error), side)

    def _gone(self, known: Acquaintance) -> _Done:
        with self._books.writing() as unit:
            unit.unlink_person(known.ref)
        return _Done(note="one side has this customer no more; unlinked" if known.pos_ref else "")

    def _newcomer(self, known: Acquaintance, account: StorePerson, why: str) -> _Done:
        """Somebody whom the POS need not know yet."""
        rules = self._rules
        if known.erased or account.staff or not rules.to_pos or (rules.with_order and why == "store"):
            return _Done()
        return self._met(known.ref)

    def _met(self, ref: str) -> _Done:
        outcome = self._people.meet(ref)
        return _Done(outcome, SideName.STORE if outcome.reason == SHOP_AWAY else SideName.POS)

    def _stranger(self, pos_ref: str) -> _Done:
        """Somebody of the POS who is no customer of the shop yet."""
        if not self._rules.to_store:
            return _Done()
        there = self._ends.pos.person(pos_ref)
        if there is None or there.erased or not there.person.email.strip():
            return _Done(note="without an e-mail address nobody has an account in the shop")
        try:
            accounts = self._ends.shop.find(there.person.email.strip())
        except SideTrouble as error:
            return _Done(_asked_in_vain(error), SideName.STORE)
        if not accounts:
            return self._opened(there) if self._rules.accounts else _Done(note="the shop makes no account for them")
        if len(accounts) > 1 or accounts[0].staff or self._is_linked(accounts[0].ref):
            return _Done(note="the account of that e-mail address belongs to somebody else")
        return self._met(accounts[0].ref)

    def _is_linked(self, ref: str) -> bool:
        with self._books.writing() as unit:
            known = unit.acquaintance(ref)
        return bool(known.pos_ref) or known.erased

    def _are_stopped(self) -> bool:
        """Whether somebody stopped the writing while both sides were read."""
        with self._books.writing() as unit:
            return bool(unit.paused() & self._written_to())

    def _opened(self, there: PosPerson) -> _Done:
        if self._are_stopped():
            return _STOPPED
        try:
            account = self._ends.shop.create(there.person)
        except SideTrouble as error:
            return _Done(_written_in_vain(error, there.person), SideName.STORE)
        with self._books.writing() as unit:
            unit.link_person(account.ref, there.ref)
            unit.agree_person(account.ref, self._seal(account.ref).agreed(account.person, there.person))
        return _Done()

    def _in_step(self, known: Acquaintance, account: StorePerson, there: PosPerson) -> _Done:
        seal, rules = self._seal(known.ref), self._rules
        found = agreeing.step(
            account.person, there.person, known.agreed, seal, to_pos=rules.to_pos, to_store=rules.to_store
        )
        if (found.store or found.pos) and self._are_stopped():
            return _STOPPED
        if found.store:
            try:
                account = self._ends.shop.change(known.ref, found.store)
            except SideTrouble as error:
                return _Done(_written_in_vain(error, account.person, there.person), SideName.STORE)
        if found.pos:
            told = replace(agreeing.after(there.person, found.pos), id=known.ref)
            outcome = self._ends.pos.put_person(told, there.ref, "")
            if outcome.status is not Status.APPLIED:
                return _Done(nameless(outcome, told, there.person))
            there = self._ends.pos.person(there.ref) or there
        with self._books.writing() as unit:
            unit.agree_person(known.ref, seal.agreed(account.person, there.person))
        return _Done()

    def _seal(self, ref: str) -> Seal:
        return Seal(self._secret, ref)

    def _settle(self, unit: Unit, message: Message, done: _Done) -> None:
        outcome, words = done.outcome, done.outcome.sentence or done.outcome.reason or str(done.outcome.status)
        match outcome.status:
            case Status.APPLIED | Status.DUPLICATE:
                unit.done([message], done.note)
            case status if status in _TROUBLE and done.side is SideName.POS:
                unit.wait([message], words)
            case Status.REFUSED | Status.INVALID | Status.NOT_FOUND:
                who = "The POS says" if done.side is SideName.POS else "The shop says"
                unit.park(message, outcome.reason or REFUSED, f"{who}: {words}")
            case _:
                self._retry(unit, message, words)

    def _retry(self, unit: Unit, message: Message, words: str) -> None:
        put_off(unit, message, words, self._pace.give_up_after, self._chance.jitter(), backoff.STEPS)


_STOPPED = _Done(Outcome(Status.UNREACHABLE, sentence="writing was stopped meanwhile"), SideName.STORE)
"""It says nothing about the POS, and is looked at again."""


def _asked_in_vain(error: SideTrouble) -> Outcome:
    words = NOT_TOLD if isinstance(error, BadAnswer) else str(error)
    return replace(trouble.of_unsent(error), sentence=words)


def _written_in_vain(error: SideTrouble, *people: Person) -> Outcome:
    """What the shop did not take. A write is the same however often it is made, so one in doubt is made again."""
    if isinstance(error, CallRefused):
        return Outcome(Status.REFUSED, reason=REFUSED, sentence=without(str(error), *people))
    if isinstance(error, BadAnswer):
        return replace(trouble.of_call(error), sentence=NOT_TOLD)
    return replace(trouble.of_call(error), sentence=without(str(error), *people))


_Make = Callable[[], Written]


def one_after_another(*steps: _Make) -> _Make:
    """The first of these that has something to do does it."""

    def write() -> Written:
        for step in steps:
            written = step()
            if written.messages:
                return written
        return Written(0)

    return write
