"""Customers are kept in step as the settings say, an echo writes nothing, and whoever is deleted is only unlinked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.flows.people_desk import ANNA, BOTH, TO_POS, TO_STORE, PeopleDesk
from tests.flows.world import POS, World
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.pos_papers import PosPerson
from tillbridge.errors import CallRefused, NoAnswer, NotSent
from tillbridge.people import PeopleRules
from tillbridge.ports.persons import StorePerson


def acquainted(folder: Path, rules: PeopleRules = BOTH) -> PeopleDesk:
    """Anna is linked and in step."""
    desk = PeopleDesk(World(folder), rules)
    desk.shop.has(ANNA)
    desk.till.people["1"] = PosPerson("1", replace(ANNA, id=""))
    with desk.world.sql.writing() as unit:
        unit.link_person("4", "1")
        unit.stir_people(["order:4"])
    desk.update()
    assert (desk.till.puts, desk.shop.written) == ([], [])
    return desk


def moves(desk: PeopleDesk, city: str = "Bonn") -> None:
    account = desk.shop.accounts["4"]
    desk.shop.accounts["4"] = StorePerson("4", replace(account.person, city=city), account.staff)
    desk.stirred()


def calls(desk: PeopleDesk, phone: str = "+49 30 5550000") -> None:
    there = desk.till.people["1"]
    desk.till.people["1"] = PosPerson("1", replace(there.person, phone=phone))
    desk.hinted("1")


def at_pos(desk: PeopleDesk) -> tuple[str, str]:
    person = desk.till.people["1"].person
    return person.city, person.phone


@pytest.mark.parametrize(
    ("rules", "there", "here"),
    [
        (BOTH, ("Bonn", "+49 30 5550000"), [("4", {"phone": "+49 30 5550000"})]),
        (TO_POS, ("Bonn", "+49 30 5550000"), []),
        (TO_STORE, ("Cologne", "+49 30 5550000"), [("4", {"phone": "+49 30 5550000"})]),
        (PeopleRules(), ("Cologne", "+49 30 5550000"), []),
    ],
)
def test_a_change_travels_the_ways_that_the_settings_open(
    tmp_path: Path, rules: PeopleRules, there: tuple[str, str], here: list[tuple[str, dict[str, str]]]
) -> None:
    desk = acquainted(tmp_path, rules)
    moves(desk)
    calls(desk)
    desk.update()
    assert (at_pos(desk), desk.shop.written) == (there, here)


def test_an_echo_does_not_bounce(tmp_path: Path) -> None:
    desk = acquainted(tmp_path)
    moves(desk)
    calls(desk)
    desk.update()
    for _ in range(2):
        desk.stirred()
        desk.hinted("1")
        desk.update()
    assert (len(desk.till.puts), len(desk.shop.written)) == (1, 1)


def test_a_customer_who_is_written_stays_that_customer(tmp_path: Path) -> None:
    desk = acquainted(tmp_path)
    moves(desk)
    desk.update()
    assert [(ref, person.id, person.email) for ref, person, _ in desk.till.puts] == [("1", "4", "anna@example.org")]


def test_a_new_account_is_made_at_the_pos_unless_customers_travel_with_their_orders(tmp_path: Path) -> None:
    for rules, made in ((TO_POS, 1), (replace(TO_POS, with_order=True), 0), (TO_STORE, 0)):
        desk = PeopleDesk(World(tmp_path / str((rules.with_order, made))), rules)
        desk.shop.has(ANNA)
        desk.stirred()
        desk.update()
        assert len(desk.till.puts) == made


def test_with_orders_a_change_travels_when_there_is_one(tmp_path: Path) -> None:
    desk = acquainted(tmp_path, replace(TO_POS, with_order=True))
    moves(desk)
    desk.update()
    assert at_pos(desk)[0] == "Cologne"
    desk.order("2", billing=ANNA)
    desk.write()
    desk.update()
    assert at_pos(desk)[0] == "Bonn"


def test_who_is_deleted_at_one_side_is_unlinked_and_deleted_nowhere(tmp_path: Path) -> None:
    desk = acquainted(tmp_path)
    gone = desk.shop.accounts.pop("4")
    desk.stirred(topic="customer.deleted")
    desk.update()
    assert (desk.acquaintance().pos_ref, desk.till.people["1"].erased) == ("", False)
    desk.shop.accounts["4"] = gone
    desk.stirred()
    desk.update()
    assert desk.acquaintance().pos_ref == "1"
    desk.till.erase_person("1")
    desk.hinted("1")
    desk.update()
    assert (desk.acquaintance().pos_ref, desk.shop.written) == ("", [])


def test_a_link_ends_with_its_account_also_where_customers_do_not_travel_any_more(tmp_path: Path) -> None:
    desk = acquainted(tmp_path, PeopleRules())
    desk.shop.accounts.clear()
    desk.stirred(topic="customer.deleted")
    desk.update()
    assert desk.acquaintance().pos_ref == ""


def test_the_accounts_of_staff_are_never_changed(tmp_path: Path) -> None:
    desk = acquainted(tmp_path)
    desk.shop.has(ANNA, staff=True)
    moves(desk)
    calls(desk)
    desk.update()
    assert (desk.till.puts, desk.shop.written) == ([], [])


def test_whom_only_the_pos_knows_is_linked_by_the_address_and_gets_an_account_only_where_the_shop_may_write(
    tmp_path: Path,
) -> None:
    for accounts in (False, True):
        desk = PeopleDesk(World(tmp_path / str(accounts)), replace(TO_STORE, accounts=accounts))
        desk.shop.has(ANNA)
        desk.till.has("7", email="ANNA@example.org")
        desk.till.has("8", email="new@example.org", city="Bonn")
        desk.till.has("9", first_name="Nobody")
        for ref in ("7", "8", "9"):
            desk.hinted(ref)
        desk.update()
        assert desk.acquaintance("4").pos_ref == "7"
        assert [written for written in desk.shop.written if written[1].get("email") == "new@example.org"] == (
            [("101", {"email": "new@example.org"})] if accounts else []
        )
        assert desk.acquaintance("101").pos_ref == ("8" if accounts else "")


def test_what_a_side_refuses_waits_and_its_words_name_nobody(tmp_path: Path) -> None:
    desk = acquainted(tmp_path)
    desk.till.answers = [Outcome(Status.REFUSED, reason="postcode_invalid", sentence="Bonn has no '50667'")]
    moves(desk)
    desk.update()
    assert desk.parked() == [("postcode_invalid", "The POS says: … has no '…'")]
    desk.shop.refusal = CallRefused("HTTP 400: +49 30 5550000 is no number [bad]")
    calls(desk)
    desk.update()
    assert ("customer_refused", "The shop says: HTTP 400: … is no number [bad]") in desk.parked()


def test_a_side_that_is_away_is_asked_again(tmp_path: Path) -> None:
    desk = acquainted(tmp_path)
    desk.till.trouble = NotSent("nobody listens")
    moves(desk)
    assert desk.updating.write().trouble is not None
    desk.till.trouble, desk.shop.trouble = None, NoAnswer("timed out")
    assert desk.updating.write().trouble is None
    desk.shop.trouble = None
    desk.world.clock.advance(10)
    desk.update()
    assert at_pos(desk)[0] == "Bonn"


def test_nothing_is_written_while_a_flow_is_paused(tmp_path: Path) -> None:
    desk = acquainted(tmp_path)
    moves(desk)
    for side in desk.world.sides:
        with desk.world.sql.writing() as unit:
            unit.pause([side])
        assert desk.updating.write().messages == 0
        with desk.world.sql.writing() as unit:
            unit.resume([side])
    desk.update()
    assert at_pos(desk)[0] == "Bonn"


def test_what_is_stopped_while_both_sides_are_read_is_not_written_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = acquainted(tmp_path)
    moves(desk)
    known, ask = desk.till.people["1"], desk.till.person

    def stopping(ref: str) -> PosPerson | None:
        with desk.world.sql.writing() as unit:
            unit.pause([POS])
        return ask(ref)

    monkeypatch.setattr(desk.till, "person", stopping)
    desk.update()
    assert (desk.till.puts, desk.till.people["1"]) == ([], known)
    monkeypatch.setattr(desk.till, "person", ask)
    with desk.world.sql.writing() as unit:
        unit.resume([POS])
    desk.world.clock.advance(60)
    desk.update()
    assert at_pos(desk)[0] == "Bonn"
