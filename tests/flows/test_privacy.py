"""WordPress' tools for a person's data: what is held is told, and forgotten here and at the POS."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.flows.people_desk import ANNA, BOTH, TO_POS, PeopleDesk
from tests.flows.world import World
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.paper import Person
from tillbridge.core.pos_papers import PosPaper, PosPaperKind
from tillbridge.errors import Malformed, NotSent
from tillbridge.privacy import Privacy


@pytest.fixture
def desk(tmp_path: Path) -> PeopleDesk:
    """Anna bought something, and somebody else too."""
    made = PeopleDesk(World(tmp_path))
    made.shop.has(ANNA)
    made.order("2", billing=ANNA)
    made.write()
    made.shop.orders["4"] = ("9001", "8000")
    at = datetime(2026, 11, 22, 9, tzinfo=UTC)
    made.till.papers["shop-1:9001"] = (PosPaper(PosPaperKind.SALE, "S-000001", at, "main"),)
    return made


def held(desk: PeopleDesk, customer: str = "4") -> dict[str, str]:
    items: Any = desk.privacy.export(customer)["items"]
    return {item["name"]: item["value"] for item in items}


def test_the_link_and_the_documents_of_a_customer_are_told(desk: PeopleDesk) -> None:
    assert held(desk) == {
        "Customer of the till system": "number 1 there is account 4 here",
        "Order 9001": "the till system has sale S-000001 of 2026-11-22",
    }
    assert held(desk, "5") == {}


def test_an_export_says_where_a_side_could_not_be_asked(desk: PeopleDesk) -> None:
    desk.till.trouble = NotSent("nobody listens")
    assert "Make this request again" in held(desk)["Orders"]


def test_an_erasure_is_passed_on_and_ends_the_link(desk: PeopleDesk) -> None:
    said = desk.privacy.erase("4")
    assert (said["removed"], said["retained"]) == (True, False)
    assert (desk.acquaintance().pos_ref, desk.till.people["1"].erased) == ("", True)
    assert held(desk)["Erased"]


def test_who_was_erased_travels_no_more_until_there_is_another_order(desk: PeopleDesk) -> None:
    desk.privacy.erase("4")
    desk.stirred()
    desk.update()
    assert (len(desk.till.puts), desk.acquaintance().erased) == (1, True)
    desk.order("2", number="9002", billing=ANNA)
    desk.write()
    assert (desk.buyers(), desk.acquaintance().pos_ref) == (["1", "2"], "2")


def test_who_was_never_known_does_not_become_known_by_being_erased(desk: PeopleDesk) -> None:
    desk.shop.has(replace(ANNA, id="5"))
    assert desk.privacy.erase("5") == {"removed": False, "retained": False, "messages": []}
    desk.stirred(5)
    desk.update()
    assert len(desk.till.puts) == 1


def guests_desk(folder: Path, guests: str = "create") -> PeopleDesk:
    """A guest bought something; the till also has somebody of another address, and an account's customer."""
    made = PeopleDesk(World(folder), replace(TO_POS, guests=guests))
    guest = replace(ANNA, id="")
    made.shop.guests["9001"] = guest
    made.till.has("90", email="other@example.org")
    made.order("2", billing=guest)
    made.write()
    return made


def test_a_guest_who_was_made_at_the_till_is_exported_and_erased_there(tmp_path: Path) -> None:
    desk = guests_desk(tmp_path)
    assert held(desk, "order:9001") == {"Customer of the till system": "number 2 there"}
    said = desk.privacy.erase("order:9001")
    assert (said["removed"], said["retained"]) == (True, False)
    assert [ref for ref, one in desk.till.people.items() if one.erased] == ["2"]
    assert held(desk, "order:9001") == {}
    assert "anna" not in desk.everything().lower()


def test_whoever_is_an_accounts_customer_or_was_never_made_there_is_no_guest_to_erase(tmp_path: Path) -> None:
    linked = guests_desk(tmp_path / "linked")
    with linked.world.sql.writing() as unit:
        unit.link_person("4", "2")
    never = guests_desk(tmp_path / "never", "none")
    never.till.has("8", email=ANNA.email)
    for desk in (linked, never):
        assert desk.privacy.erase("order:9001") == {"removed": False, "retained": False, "messages": []}
        assert not any(one.erased for one in desk.till.people.values())


def test_a_guest_whom_the_till_did_not_erase_is_told_as_kept(tmp_path: Path) -> None:
    desk = guests_desk(tmp_path)
    desk.till.answers = [Outcome(Status.UNREACHABLE)]
    assert (desk.privacy.erase("order:9001")["removed"], desk.till.people["2"].erased) == (False, False)
    desk.till.trouble = NotSent("nobody listens")
    said = desk.privacy.erase("order:9001")
    assert (said["removed"], said["retained"]) == (False, True)
    assert "Not asked" in held(desk, "order:9001")


@pytest.mark.parametrize(
    ("status", "removed", "linked"),
    [
        (Status.REFUSED, True, ""), (Status.INVALID, True, ""), (Status.UNREACHABLE, False, "1"),
        (Status.UNCERTAIN, False, "1"),
    ],
)  # fmt: skip
def test_what_the_pos_did_not_erase_is_told_as_kept(
    desk: PeopleDesk, status: Status, removed: bool, linked: str
) -> None:
    desk.till.answers = [Outcome(status)]
    said = desk.privacy.erase("4")
    assert (said["removed"], said["retained"], desk.acquaintance().pos_ref) == (removed, True, linked)
    assert said["messages"]


def test_without_a_key_to_the_shop_what_is_here_is_told_and_forgotten(desk: PeopleDesk) -> None:
    privacy = Privacy(desk.world.sql, None, desk.till, "shop-1")
    assert "no key" in repr(privacy.export("4"))
    assert privacy.erase("4")["retained"] is True
    assert desk.acquaintance().pos_ref == ""


@pytest.mark.parametrize("customer", ["", "0", "guest:4", "order:", "order:x", "anna@example.org", "-1", "٣", "1" * 17])
def test_only_a_number_is_a_customer(desk: PeopleDesk, customer: str) -> None:
    with pytest.raises(Malformed):
        desk.privacy.export(customer)


MARKED = Person(
    "4", "zzmark1@zzmark2.example", "+49 221 99887766", "Zzmark3", "Zzmark4", "Zzmark5", "Zzmark6 1", "Zzmark7",
    "99887", "Zzmark8", "Zzmark9", "DE",
)  # fmt: skip


def test_nothing_of_a_person_is_kept_anywhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    desk = PeopleDesk(World(tmp_path), replace(BOTH, guests="create", accounts=True))
    desk.shop.has(MARKED)
    desk.till.has("7", email=MARKED.email)
    desk.till.has("8", phone=MARKED.phone)
    words = f"{MARKED.last_name} of {MARKED.street} ({MARKED.email}, {MARKED.phone}) cannot be taken"
    said: list[object] = []
    for number, billing in (("9001", MARKED), ("9002", replace(MARKED, id=""))):
        desk.order("1", number=number, total="10", billing=billing)
        desk.write()
        said += [desk.decisions.listed(), desk.parked()]
        desk.decisions.decide("person:customer:4" if billing.id else f"person:order:{number}", "8")
        desk.world.pos.answer(Outcome(Status.REFUSED, reason="closed", sentence=words))
        desk.write()
        said += [desk.parked(), desk.everything()]
        with desk.world.sql.writing() as unit:
            unit.retry_refused()
        desk.write()
    desk.shop.accounts["4"] = replace(desk.shop.accounts["4"], person=replace(MARKED, city="Zzmark10"))
    desk.till.answers = [Outcome(Status.INVALID, sentence=words)]
    desk.stirred()
    desk.update()
    said += [desk.parked(), desk.everything(), desk.privacy.export("4"), desk.privacy.erase("4"), desk.everything()]
    assert desk.buyers() == ["8", "8", "8", "8"]
    for mark in ("zzmark", "99887", "998877"):
        assert mark not in repr(said).lower()
        assert mark not in caplog.text.lower()
