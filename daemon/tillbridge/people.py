"""Who at the POS a customer of the shop is: found, asked about, or made; once, and then by a link.

What is known of a person passes through and is kept nowhere: the books hold ids, and what a side says is told without
what stands in the person's data.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tillbridge.core import trouble
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.events import Event, LookAt
from tillbridge.core.paper import Person
from tillbridge.core.people import Known, Several, filled, match, spellings, without
from tillbridge.core.pos_papers import PosPerson
from tillbridge.core.stock import SideName
from tillbridge.errors import BadAnswer, SideTrouble
from tillbridge.ports import Books, PosPeople, Unit
from tillbridge.ports.persons import AMBIGUOUS, NEW, NOBODY, StorePeople, customer, guest_of

NOT_TOLD = "the answer about a customer cannot be read; it is not shown, since it may say who that is"

SHOP_AWAY = "shop_unreadable"
"""The reason of an outcome that says nothing about the POS: the shop could not be asked who somebody is."""

NOTHING_SAID = Person()

TOPICS = frozenset({"customer.changed", "customer.deleted", "pos.customer"})


@dataclass(frozen=True, slots=True)
class PeopleRules:
    """What the owner decided about customers.

    `to_pos` and `to_store`: which way they travel. `with_order`: the POS hears of somebody only with an order. `guests`
    is `none`, `one` (all are `guest_customer`, an id of the POS) or `create`. `group`: of somebody who is made at a POS
    that has groups. `accounts`: somebody whom only the POS knows gets an account in the shop, which may write to them.
    """

    to_pos: bool = False
    to_store: bool = False
    with_order: bool = False
    guests: str = "none"
    guest_customer: str = ""
    group: str = ""
    accounts: bool = False


@dataclass(frozen=True, slots=True)
class Ends:
    """Where customers are: in the shop, and at the POS, which may have groups of them."""

    shop: StorePeople
    pos: PosPeople
    groups: bool = False


class People:
    """Several threads may use one; who is made is made by one of them."""

    def __init__(self, books: Books, ends: Ends, rules: PeopleRules) -> None:
        self._books = books
        self._ends = ends
        self._rules = rules
        self._lock = threading.Lock()

    def buyer(self, order: str, billing: Person | None) -> Outcome:
        """Whose sale an order is at the POS: `applied` with the POS's id as its document ("" nobody's), else why the
        order has to wait. Never raises."""
        if not self._rules.to_pos and self._rules.guests == "one":
            return _is(self._rules.guest_customer)  # nobody travels, so everybody is a guest there
        if not self._rules.to_pos or billing is None:
            return _SALE_OF_NOBODY
        if not billing.id:
            return self._guest(order, billing)
        return self.meet(billing.id, billing)

    def meet(self, ref: str, billing: Person = NOTHING_SAID) -> Outcome:
        """Who a customer of the shop is at the POS, linked from now on; `billing` is what an order says of them. Never
        raises."""
        with self._lock:
            try:
                return self._met(ref, billing)
            except SideTrouble as error:
                return told(error, billing)

    def _met(self, ref: str, billing: Person) -> Outcome:
        with self._books.writing() as unit:
            known = unit.acquaintance(ref)
        if known.pos_ref:
            there = self._ends.pos.person(known.pos_ref)
            with self._books.writing() as unit:
                if there is not None and not there.erased:
                    unit.stir_people([f"order:{ref}"])
                    return _is(known.pos_ref)
                unit.unlink_person(ref)
        try:
            account = self._ends.shop.person(ref)
        except SideTrouble as error:
            return replace(told(error, billing), status=Status.UNREACHABLE, reason=SHOP_AWAY)
        if account is None or account.staff:
            return _SALE_OF_NOBODY
        outcome = self._found_or_made(customer(ref), replace(filled(account.person, billing), id=ref), ref)
        if outcome.status is Status.APPLIED and outcome.document:
            with self._books.writing() as unit:
                unit.link_person(ref, outcome.document)
                unit.stir_people([f"order:{ref}"])
        return outcome

    def _guest(self, order: str, billing: Person) -> Outcome:
        """No link is kept: a guest has no account, and is found by the e-mail address again."""
        rules = self._rules
        if rules.guests == "one":
            return _is(rules.guest_customer)
        if rules.guests != "create" or not (billing.email.strip() or billing.phone.strip()):
            return _SALE_OF_NOBODY
        with self._lock:
            try:
                outcome = self._found_or_made(guest_of(order), billing)
            except SideTrouble as error:
                return told(error, billing)
            if outcome.status is Status.APPLIED:
                with self._books.writing() as unit:
                    unit.drop_question(guest_of(order))
            return outcome

    def _found_or_made(self, subject: str, person: Person, ref: str = "") -> Outcome:
        found = match(person, candidates := self._candidates(person), self._others(candidates, ref))
        if isinstance(found, Known):
            return _is(found.ref)
        if isinstance(found, Several):
            with self._books.writing() as unit:
                answer = unit.ask_person(subject, found.refs)
            if answer in found.refs:
                return _is(answer)
            if answer == NOBODY:
                return _SALE_OF_NOBODY
            if answer != NEW:
                return _ambiguous(found)
        if not self._rules.to_pos:
            return _SALE_OF_NOBODY
        group = self._rules.group if self._ends.groups else ""
        made = self._ends.pos.put_person(person, "", group)
        return made if made.status is Status.APPLIED else trouble.never_sent(nameless(made, person))

    def _candidates(self, person: Person) -> list[PosPerson]:
        """Everybody at the POS who may be meant."""
        numbers = spellings(person.phone, person.country)
        found = [*self._ends.pos.find_person(person.email.strip(), numbers[0] if numbers else "")]
        for number in numbers[1:]:
            found += self._ends.pos.find_person("", number)
        return found

    def _others(self, candidates: list[PosPerson], ref: str) -> set[str]:
        """Those who are known to be another customer of the shop. A guest may be anybody."""
        if not ref:
            return set()
        with self._books.writing() as unit:
            linked = unit.linked_people({one.ref for one in candidates})
        return {pos_ref for pos_ref, other in linked.items() if other != ref}


def stirred(unit: Unit, events: Iterable[Event], *, travels: bool) -> set[str]:
    """Have the customers looked at whom these events are about; who they are. Where customers do not travel, only who
    is linked all the same: a link ends with one of its ends."""
    looks = [one for one in events if isinstance(one, LookAt) and one.topic in TOPICS and one.ref]
    found = {f"{one.side}:{one.ref}" for one in looks if travels or _is_linked(unit, one)}
    if found:
        unit.stir_people(found)
    return found


def _is_linked(unit: Unit, look: LookAt) -> bool:
    if look.side is SideName.POS:
        return unit.acquaintance_at(look.ref) is not None
    return bool(unit.acquaintance(look.ref).pos_ref)


def told(error: SideTrouble, *people: Person | None) -> Outcome:
    """Trouble while customers were only looked for, in words that may be kept: no effect is possible."""
    words = NOT_TOLD if isinstance(error, BadAnswer) else without(str(error), *people)
    return replace(trouble.of_unsent(error), sentence=words)


def nameless(outcome: Outcome, *people: Person | None) -> Outcome:
    """An outcome in words that may be kept."""
    return replace(outcome, sentence=without(outcome.sentence, *people))


def _is(ref: str) -> Outcome:
    return Outcome(Status.APPLIED, document=ref)


def _ambiguous(found: Several) -> Outcome:
    words = (
        f"the customer may be any of {', '.join(found.refs)} there, by e-mail address and phone number: say which "
        "(`tillbridge decide`)"
    )
    return Outcome(Status.REFUSED, reason=AMBIGUOUS, sentence=words)


_SALE_OF_NOBODY = Outcome(Status.APPLIED)
