"""Customers on both sides of the paper desk: a shop with accounts, a POS with customers, the verbs about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from tests.builders import store_event
from tests.fakes import keys
from tests.flows.paper_desk import USUAL, PaperDesk
from tests.flows.world import LEASE, POS, STORE, WEEK, World
from tillbridge.buying import Buying
from tillbridge.core import codec
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.events import LookAt
from tillbridge.core.paper import Person
from tillbridge.core.people import email_key
from tillbridge.core.pos_papers import PosPaper, PosPerson, PosTerms
from tillbridge.decisions import Decisions
from tillbridge.decisions.asked import Asked
from tillbridge.decisions.people import People as Questions
from tillbridge.errors import SideTrouble
from tillbridge.papers import PaperRelay
from tillbridge.people import Ends, People, PeopleRules
from tillbridge.ports.persons import Acquaintance, StorePerson
from tillbridge.privacy import Privacy
from tillbridge.relay import Chance
from tillbridge.sheets import PaperRules
from tillbridge.updating import Pace, Updating

TO_POS = PeopleRules(to_pos=True)
BOTH = PeopleRules(to_pos=True, to_store=True)
TO_STORE = PeopleRules(to_store=True)
ANNA = Person(
    "4", "anna@example.org", "+49 221 123456", "Anna", "Marked", "", "Musterweg 5", "", "50667", "Cologne", "", "DE"
)


@dataclass
class FakeShopPeople:
    """`ports.StorePeople` by script."""

    accounts: dict[str, StorePerson] = field(default_factory=dict)
    orders: dict[str, tuple[str, ...]] = field(default_factory=dict)
    guests: dict[str, Person] = field(default_factory=dict)
    trouble: SideTrouble | None = None
    refusal: SideTrouble | None = None
    written: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def has(self, person: Person, *, staff: bool = False) -> None:
        self.accounts[person.id] = StorePerson(person.id, person, staff)

    def person(self, ref: str) -> StorePerson | None:
        self._speak()
        return self.accounts.get(ref)

    def find(self, email: str) -> tuple[StorePerson, ...]:
        self._speak()
        return tuple(one for one in self.accounts.values() if email_key(one.person.email) == email_key(email))

    def change(self, ref: str, fields: Mapping[str, str]) -> StorePerson:
        self._speak()
        if self.refusal is not None:
            raise self.refusal
        self.written.append((ref, dict(fields)))
        now = self.accounts[ref]
        self.accounts[ref] = replace(now, person=replace(now.person, **fields))
        return self.accounts[ref]

    def create(self, person: Person) -> StorePerson:
        ref = str(100 + len(self.accounts))
        self.written.append((ref, {"email": person.email}))
        self.accounts[ref] = StorePerson(ref, replace(person, id=ref))
        return self.accounts[ref]

    def guest(self, order: str) -> Person | None:
        self._speak()
        return self.guests.get(order)

    def orders_of(self, ref: str, limit: int) -> tuple[str, ...]:
        self._speak()
        return self.orders.get(ref, ())[:limit]

    def _speak(self) -> None:
        if self.trouble is not None:
            raise self.trouble


@dataclass
class FakePosPeople:
    """`ports.PosPeople` by script. Numbers are found as the till finds them: by their digits."""

    people: dict[str, PosPerson] = field(default_factory=dict)
    puts: list[tuple[str, Person, str]] = field(default_factory=list)
    answers: list[Outcome] = field(default_factory=list)
    trouble: SideTrouble | None = None
    papers: dict[str, tuple[PosPaper, ...]] = field(default_factory=dict)

    def has(self, ref: str, **known: str) -> None:
        self.people[ref] = PosPerson(ref, Person(**known))

    def find_person(self, email: str, phone: str) -> tuple[PosPerson, ...]:
        self._speak()
        digits = [_digits(one.person.phone) for one in self.people.values()]
        return tuple(
            one
            for one, number in zip(self.people.values(), digits, strict=True)
            if (email and one.person.email.casefold() == email.casefold()) or (phone and number == _digits(phone))
        )

    def person(self, ref: str) -> PosPerson | None:
        self._speak()
        return self.people.get(ref)

    def put_person(self, person: Person, ref: str = "", group: str = "", /) -> Outcome:
        self.puts.append((ref, person, group))
        if self.answers:
            return self.answers.pop(0)
        ref = ref or str(len(self.people) + 1)
        self.people[ref] = PosPerson(ref, person)
        return Outcome(Status.APPLIED, document=ref)

    def erase_person(self, ref: str) -> Outcome:
        if self.answers:
            return self.answers.pop(0)
        self.people[ref] = PosPerson(ref, Person(), erased=True)
        return Outcome(Status.APPLIED, document=ref)

    def terms(self) -> PosTerms:
        raise NotImplementedError

    def find_document(self, key: str, reference: str) -> Outcome:
        raise NotImplementedError

    def document(self, number: str) -> PosPaper | None:
        raise NotImplementedError

    def documents_of(self, reference: str) -> tuple[PosPaper, ...]:
        self._speak()
        return self.papers.get(reference, ())

    def documents_between(self, begin: datetime, end: datetime) -> Iterator[PosPaper]:
        raise NotImplementedError

    def _speak(self) -> None:
        if self.trouble is not None:
            raise self.trouble


class PeopleDesk(PaperDesk):
    """The paper desk, with customers."""

    def __init__(self, world: World, rules: PeopleRules = TO_POS, groups: bool = False) -> None:
        self.shop = FakeShopPeople()
        self.till = FakePosPeople()
        self.events = 0
        super().__init__(world)
        self.rules = replace(self.rules, people=rules.to_pos or rules.to_store)
        self.world.put_together(self.world.sql, rules=self.rules)
        self.take_on(rules, groups)

    def take_on(self, rules: PeopleRules, groups: bool = False) -> None:
        """The verbs by these rules."""
        ends, books, chance = Ends(self.shop, self.till, groups), self.world.sql, Chance(keys("paper"), lambda: 0.0)
        self.people = People(books, ends, rules)
        self.updating = Updating(books, ends, rules, self.people, b"secret", Pace(LEASE, WEEK), chance)
        self.privacy = Privacy(books, ends, self.till, "shop-1", guests=rules.guests == "create")
        self.decisions = Decisions(books, books, lambda: None)
        self.relay = PaperRelay(
            books,
            self.papers,
            Buying(books, self.people, self.world.pos),
            PaperRules("shop-1", lambda: USUAL, "", LEASE, WEEK, guests=True),
            chance,
            self.world.clock.wall,
            self.world.passed.append,
            lambda: self.world.work.drain()[STORE],
        )

    def stirred(self, number: int = 4, topic: str = "customer.changed") -> None:
        """The shop tells of a customer."""
        self.events += 1
        self.tell(codec.told_by_store(store_event(f"c{self.events}", topic, customer_id=number)))

    def hinted(self, ref: str) -> None:
        """The POS tells of a customer."""
        self.events += 1
        self.tell(codec.encode_look(LookAt(POS, f"p{self.events}", "", "pos.customer", ref)))

    def update(self) -> None:
        """Everybody who is due is looked at."""
        while self.updating.write().messages:
            pass

    def acquaintance(self, ref: str = "4") -> Acquaintance:
        with self.world.sql.writing() as unit:
            return unit.acquaintance(ref)

    def questions(self) -> list[Asked]:
        """What a person is asked about customers."""
        with self.world.sql.reading() as story:
            return Questions().rows(story)

    def buyers(self) -> list[str | None]:
        """Whose sales the POS was told of."""
        return [getattr(document, "buyer", None) for document in self.documents]

    def everything(self) -> str:
        """Every table of the books."""
        with self.world.connection.read() as db:
            tables = [name for (name,) in db.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return repr([db.rows(f"SELECT * FROM {name}") for name in tables])


def _digits(phone: str) -> str:
    return "".join(letter for letter in phone if letter in "+0123456789")
