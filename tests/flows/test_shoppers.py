"""Whose order a sale at the counter is in the shop: the buyer's, an account of staff too, else nobody's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.flows.people_desk import ANNA, BOTH, TO_POS, PeopleDesk
from tests.flows.return_desk import SALES, ReturnDesk, document, piece
from tests.flows.world import World
from tillbridge.core.homeward import order_of
from tillbridge.core.paper import Person
from tillbridge.core.pos_papers import PosPaper, PosPerson
from tillbridge.errors import BadAnswer, CallRefused, NoAnswer
from tillbridge.people import Ends
from tillbridge.shoppers import Shoppers

COUNTER = Person(first_name="Counter", street="Markt 1", postcode="50667", city="Köln", country="DE")


@pytest.fixture
def desk(tmp_path: Path) -> PeopleDesk:
    return PeopleDesk(World(tmp_path), BOTH)


def shoppers(desk: PeopleDesk, *, to_store: bool = True) -> Shoppers:
    return Shoppers(desk.world.sql, Ends(desk.shop, desk.till), to_store=to_store)


def sale(customer: str = "") -> PosPaper:
    paper = document("sale", "S-1", "20", order="", sold=(piece("2", "20", line=""),), payments={"cash": Decimal(20)})
    return replace(paper, customer=customer)


def billed(paper: PosPaper, buyer: Person | None) -> Person:
    home = replace(SALES, billing=COUNTER, author="7")
    found = order_of(paper, {}, home, "k", buyer)
    return found.draft.billing  # type: ignore[union-attr]


def test_a_sale_that_names_nobody_has_the_billing_address_and_the_author_of_the_settings() -> None:
    assert billed(sale(), None) == replace(COUNTER, id="7")


def test_a_linked_customer_is_named_by_the_account_with_what_the_till_knows(desk: PeopleDesk) -> None:
    desk.shop.has(ANNA)
    desk.till.has("8", email="anna@example.org", first_name="Ann", city="Bonn")
    with desk.world.sql.writing() as unit:
        unit.link_person("4", "8")
    found = shoppers(desk)("8")
    assert found is not None
    assert (found.id, found.first_name, found.city, found.phone) == ("4", "Ann", "Bonn", ANNA.phone)
    assert billed(sale("8"), found) == found
    assert desk.shop.written == []


@pytest.mark.parametrize("staff", [False, True])
def test_a_customer_with_the_address_of_an_account_staff_too_gets_the_order_and_no_account_is_changed(
    desk: PeopleDesk, staff: bool
) -> None:
    desk.shop.has(ANNA, staff=staff)
    desk.till.has("8", email="Anna@Example.org", first_name="Ann")
    found = shoppers(desk)("8")
    assert found is not None
    assert (found.id, found.first_name) == ("4", "Ann")
    assert (desk.shop.written, desk.acquaintance().pos_ref) == ([], "")


def test_a_customer_without_an_account_is_a_guest_with_a_name(desk: PeopleDesk) -> None:
    desk.till.has("8", email="new@example.org", first_name="Ann")
    assert shoppers(desk)("8") == Person(email="new@example.org", first_name="Ann")


def test_where_customers_do_not_travel_to_the_shop_nothing_is_told_but_the_account_that_is_linked(
    desk: PeopleDesk,
) -> None:
    desk.take_on(TO_POS)
    desk.shop.has(ANNA)
    desk.till.has("8", email="anna@example.org", first_name="Changed")
    assert shoppers(desk, to_store=False)("8") is None
    with desk.world.sql.writing() as unit:
        unit.link_person("4", "8")
    assert shoppers(desk, to_store=False)("8") == ANNA


def test_who_was_erased_at_the_till_is_nobody(desk: PeopleDesk) -> None:
    desk.till.people["8"] = PosPerson("8", Person(), erased=True)
    assert shoppers(desk)("8") is None
    assert shoppers(desk)("") is None


def test_an_answer_about_a_customer_that_cannot_be_read_is_told_without_its_words(
    desk: PeopleDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def strange(_ref: str) -> None:
        raise BadAnswer("found 'Anna Marked'")

    monkeypatch.setattr(desk.till, "person", strange)
    with pytest.raises(BadAnswer, match="cannot be read") as raised:
        shoppers(desk)("8")
    assert "Anna" not in str(raised.value)


def returning(folder: Path, who: Callable[[str], Person | None]) -> ReturnDesk:
    desk = ReturnDesk(World(folder))
    desk.shopper = who
    return desk


def test_the_order_of_a_sale_is_its_buyers(tmp_path: Path) -> None:
    desk = returning(tmp_path, lambda ref: Person("4", first_name=f"customer {ref}"))
    desk.happens(sale("8"))
    desk.write()
    (made,) = desk.made.orders.values()
    assert (made.billing.id, made.billing.first_name) == ("4", "customer 8")


def test_while_nobody_can_be_asked_who_the_buyer_is_the_order_waits(tmp_path: Path) -> None:
    away = [True]

    def who(_ref: str) -> Person | None:
        if away:
            raise NoAnswer("the till is away")
        return None

    desk = returning(tmp_path, who)
    desk.happens(sale("8"))
    desk.write()
    assert desk.made.orders == {}
    away.clear()
    desk.world.clock.advance(60)
    desk.write()
    assert len(desk.made.orders) == 1


def test_what_the_shop_says_of_the_order_is_kept_without_the_person(tmp_path: Path) -> None:
    desk = returning(tmp_path, lambda _ref: Person("4", email="anna@example.org"))
    desk.made.trouble = CallRefused("billing: anna@example.org is no address")
    desk.happens(sale("8"))
    desk.write()
    ((_, words),) = desk.parked()
    assert words == "The shop says: billing: … is no address"
