"""Who the customer of an order is at the POS, before the sale is told: found, made once, asked about, never guessed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.flows.people_desk import ANNA, TO_POS, TO_STORE, PeopleDesk
from tests.flows.world import World
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.documents import RecordSale
from tillbridge.core.paper import Person
from tillbridge.errors import BadAnswer, NoAnswer, NotSent
from tillbridge.people import PeopleRules


@pytest.fixture
def desk(tmp_path: Path) -> PeopleDesk:
    made = PeopleDesk(World(tmp_path))
    made.shop.has(ANNA)
    return made


def sold(desk: PeopleDesk, billing: Person = ANNA, number: str = "9001") -> None:
    desk.order("2", number=number, billing=billing)
    desk.write()


def test_a_new_customer_is_made_and_linked_before_the_sale_is_told(desk: PeopleDesk) -> None:
    sold(desk)
    assert (desk.buyers(), desk.acquaintance().pos_ref) == (["1"], "1")
    assert [(ref, one.email, one.id) for ref, one, _ in desk.till.puts] == [("", "anna@example.org", "4")]


def test_who_is_known_by_address_or_number_is_taken_as_they_are(desk: PeopleDesk) -> None:
    desk.till.has("7", email="ANNA@example.org", first_name="Ann")
    desk.shop.has(replace(ANNA, id="5", email="ann@other.example", phone="+49 30 5550000"))
    desk.till.has("8", phone="030 5550000")
    sold(desk)
    sold(desk, replace(ANNA, id="5"), "9002")
    assert (desk.buyers(), desk.till.puts) == (["7", "8"], [])


def test_a_link_goes_before_everything_else(desk: PeopleDesk) -> None:
    sold(desk)
    desk.till.has("1", email="moved@example.org")
    desk.till.has("2", email="anna@example.org")
    sold(desk, number="9002")
    assert desk.buyers() == ["1", "1"]


def test_two_accounts_with_one_number_stay_two_people(desk: PeopleDesk) -> None:
    desk.shop.has(replace(ANNA, id="5", email="bob@example.org"))
    sold(desk)
    sold(desk, replace(ANNA, id="5", email="bob@example.org"), "9002")
    assert desk.buyers() == ["1", "2"]


@pytest.mark.parametrize(("choice", "buyer"), [("7", "7"), ("8", "8"), ("new", "3"), ("nobody", "")])
def test_where_address_and_number_disagree_a_person_says_who_it_is(desk: PeopleDesk, choice: str, buyer: str) -> None:
    desk.till.has("7", email="anna@example.org")
    desk.till.has("8", phone="+49221123456")
    sold(desk)
    assert desk.documents == []
    ((reason, sentence),) = desk.parked()
    assert (reason, "any of 7, 8" in sentence) == ("customer_ambiguous", True)
    (asked,) = desk.questions()
    assert (asked.id, [one.choice for one in asked.choices]) == ("person:customer:4", ["7", "8", "new", "nobody"])
    desk.decisions.decide("person:customer:4", choice)
    desk.write()
    assert (desk.buyers(), desk.questions()) == ([buyer], [])


def test_the_repeated_sale_is_of_the_same_customer_whoever_came_in_between(desk: PeopleDesk) -> None:
    desk.world.pos.answer(Outcome(Status.UNCERTAIN))
    sold(desk)
    with desk.world.sql.writing() as unit:
        unit.unlink_person("4")
    desk.till.has("1", first_name="Somebody else")
    desk.world.clock.advance(120)
    desk.write()
    assert desk.buyers() == ["1", "1"]
    assert len({document.key for document in desk.documents}) == 1


def test_a_customer_whom_the_pos_forgot_is_found_anew(desk: PeopleDesk) -> None:
    sold(desk)
    desk.till.erase_person("1")
    sold(desk, number="9002")
    assert (desk.buyers(), desk.acquaintance().pos_ref) == (["1", "2"], "2")


def test_nothing_of_those_who_look_after_the_shop_travels(desk: PeopleDesk) -> None:
    desk.shop.has(ANNA, staff=True)
    sold(desk)
    (sale,) = desk.documents
    assert isinstance(sale, RecordSale)
    assert (sale.buyer, sale.customer, desk.till.puts) == ("", None, [])


@pytest.mark.parametrize(
    ("rules", "buyers"),
    [
        (TO_POS, ["", ""]),
        (replace(TO_POS, guests="one", guest_customer="99"), ["99", "99"]),
        (replace(TO_POS, guests="create"), ["1", "1"]),
        (PeopleRules(), ["", ""]),
        (replace(TO_STORE, guests="create"), ["", ""]),
    ],
)
def test_a_guest_is_whom_the_settings_say_one_for_each_address(
    tmp_path: Path, rules: PeopleRules, buyers: list[str]
) -> None:
    desk = PeopleDesk(World(tmp_path), rules)
    sold(desk, replace(ANNA, id=""))
    sold(desk, replace(ANNA, id="", email="ANNA@EXAMPLE.ORG"), "9002")
    assert desk.buyers() == buyers


@pytest.mark.parametrize(("guests", "buyer"), [("none", ""), ("one", "99"), ("create", "")])
def test_where_no_customer_travels_an_order_is_sold_whole_as_a_guest_s_and_nothing_of_anybody_reaches_the_till(
    tmp_path: Path, guests: str, buyer: str
) -> None:
    desk = PeopleDesk(World(tmp_path), PeopleRules(guests=guests, guest_customer="99"))
    desk.till.trouble = NoAnswer("nobody asks the till who somebody is")
    sold(desk)
    (sale,) = desk.documents
    assert isinstance(sale, RecordSale)
    assert ([str(line.portion.quantity) for line in sale.lines], str(sale.total)) == (["2"], "20")
    assert len(sale.payments) == 1
    assert (desk.buyers(), desk.till.puts, desk.parked()) == ([buyer], [], [])


def test_a_guest_who_gives_no_address_and_no_number_is_nobody(tmp_path: Path) -> None:
    desk = PeopleDesk(World(tmp_path), replace(TO_POS, guests="create"))
    sold(desk, Person(first_name="Anna"))
    assert desk.buyers() == [""]


def test_who_is_made_comes_into_a_group_only_where_the_pos_has_groups(tmp_path: Path) -> None:
    for at, groups in enumerate((False, True)):
        desk = PeopleDesk(World(tmp_path / str(at)), replace(TO_POS, group="Web"), groups)
        desk.shop.has(ANNA)
        sold(desk)
        assert [group for _, _, group in desk.till.puts] == ["Web" if groups else ""]


def test_a_customer_whom_the_pos_refuses_keeps_the_sale_away_and_its_words_name_nobody(desk: PeopleDesk) -> None:
    desk.till.answers = [Outcome(Status.REFUSED, reason="postcode_invalid", sentence="'50667' is no postcode")]
    sold(desk)
    ((reason, words),) = desk.parked()
    assert (reason, words.startswith("The POS says: '…' is no postcode — it was told: sale: ")) == (
        "postcode_invalid", True,
    )  # fmt: skip
    assert desk.documents == []


def test_a_pos_that_cannot_be_asked_is_asked_again(desk: PeopleDesk) -> None:
    desk.till.trouble = NotSent("nobody listens")
    desk.order("2", billing=ANNA)
    assert desk.send().trouble is not None
    desk.till.trouble = None
    desk.write()
    assert desk.buyers() == ["1"]


def test_a_shop_that_cannot_be_asked_is_no_trouble_with_the_pos(desk: PeopleDesk) -> None:
    desk.shop.trouble = NoAnswer("timed out")
    desk.order("2", billing=ANNA)
    assert desk.send().trouble is None
    desk.shop.trouble = None
    desk.world.clock.advance(10)
    desk.write()
    assert desk.buyers() == ["1"]


def test_an_answer_that_cannot_be_read_is_not_kept(desk: PeopleDesk) -> None:
    desk.till.trouble = BadAnswer("expected JSON, got 'Anna Marked'")
    desk.order("2", billing=ANNA)
    assert desk.send().trouble is not None
    assert "Marked" not in desk.everything()
