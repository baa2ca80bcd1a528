"""Customers at the till through its adapter: of an order, by themselves, and forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.sides.till_orders import AT, POST, REFERENCE, D, World
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.documents import Heading, RecordSale
from tillbridge.core.paper import Person
from tillbridge.errors import NoAnswer
from tillbridge.ports import PosPeople


@pytest.fixture
def world() -> World:
    return World()


PERSON = Person(
    "5", "ada@example.org", "+4930123", "Ada", "Example", "", "Long road 1", "", "10115", "Berlin", "", "DE"
)


def with_customer(person: Person, key: str = "a1-k1", reference: str = REFERENCE) -> RecordSale:
    heading = Heading(reference, "1041", "", "EUR")
    return RecordSale(key, heading, AT, (POST,), (), D("5.83"), person)


def test_the_customer_of_an_order_is_written_down_once(world: World) -> None:
    world.act(with_customer(PERSON))
    world.act(with_customer(PERSON, "a1-k2", "shop:42"))
    world.act(with_customer(Person(email="ADA@example.org"), "a1-k3", "shop:43"))
    world.act(with_customer(Person(first_name="Guest"), "a1-k4", "shop:44"))
    world.act(with_customer(Person(first_name="Guest"), "a1-k5", "shop:45"))
    assert [world.book.document(f"S-{n:06d}").customer for n in (2, 3, 4, 6, 8)] == [1, 1, 1, 2, 3]


def test_a_customer_whom_the_till_refuses_keeps_the_sale_away(world: World) -> None:
    world.call("PUT", "/v1/rules", {"strict_postcode": True})
    wrong = Person("5", "ada@example.org", postcode="1", country="DE")
    (outcome,) = world.act(with_customer(wrong))
    assert (outcome.status, outcome.reason) == (Status.REFUSED, "postcode_invalid")
    assert world.book.recent(1) == []


def test_trouble_while_the_customer_is_looked_for_means_that_nothing_was_sent(world: World) -> None:
    for at in range(4):
        world.trouble = [*[("", None)] * at, ("before", NoAnswer("timed out"))]
        assert world.act(with_customer(PERSON))[0].status is Status.UNREACHABLE
    assert world.book.recent(1) == []


def test_two_customers_who_fit_need_a_person(world: World) -> None:
    for name in ("one", "other"):
        world.call("POST", "/v1/customers", {"name": name, "email": "ada@example.org"})
    assert world.act(with_customer(PERSON))[0].reason == "customer_ambiguous"


def test_people_are_found_written_and_forgotten(world: World) -> None:
    side: PosPeople = world.side
    made = side.put_person(PERSON)
    assert made == Outcome(Status.APPLIED, document="1")
    assert side.put_person(PERSON) == made
    (found,) = side.find_person("Ada@example.org", "")
    assert (found.ref, found.person) == ("1", Person(**{**_fields(PERSON), "id": ""}))
    assert side.find_person("", "") == ()
    assert side.put_person(Person("5", "new@example.org"), "1").status is Status.APPLIED
    assert side.put_person(PERSON, "9").reason == "customer_unknown"
    assert side.erase_person("1") == Outcome(Status.APPLIED, document="1")
    erased = side.person("1")
    assert erased is not None
    assert (erased.erased, erased.person) == (True, Person())
    assert side.person("9") is None
    assert side.erase_person("9").status is Status.NOT_FOUND


def _fields(person: Person) -> dict[str, str]:
    return {name: getattr(person, name) for name in Person.__dataclass_fields__}


def test_a_sale_whose_customer_is_known_by_its_id_asks_for_nobody(world: World) -> None:
    world.call("POST", "/v1/customers", {"name": "Ada", "email": "ada@example.org"})
    sales = [
        replace(with_customer(PERSON, f"a1-k{at}", f"shop:{at}"), buyer=buyer) for at, buyer in enumerate(("1", ""))
    ]
    made = [outcome.document for sale in sales for outcome in world.act(sale)]
    assert [world.book.document(number).customer for number in made] == [1, None]
    assert not [target for _, target in world.asked if "customers" in target]
