"""A person looks into what waits, has it tried again, or gives it up and is told what that means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.builders import CUP, sale_in_store, store_event, told
from tests.flows.world import POS, World
from tillbridge.backlog import LONGEST_REASON, Backlog, UnknownMessage
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.codec import STORE_KIND
from tillbridge.errors import Malformed


class Person:
    """Somebody at the queue of a world; `rings` counts how often the workers were woken."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rings = 0
        self.backlog = Backlog(world.sql, world.sql, self._ring)

    def _ring(self) -> None:
        self.rings += 1

    def rows(self, state: str = "all") -> Any:
        return self.backlog.listed(state, 100)["rows"]


@pytest.fixture
def person(world: World) -> Person:
    """A person before a write that the POS does not know what to do with."""
    world.link_cup()
    world.pos.answer(Outcome(Status.NOT_FOUND, reason="not_found", sentence="no such item"))
    world.book(sale_in_store("a"))
    world.relay.write(POS)
    return Person(world)


def test_what_waits_is_listed_with_item_words_and_times(person: Person) -> None:
    listed = person.backlog.listed("all", 100)
    assert json.loads(json.dumps(listed)) == listed
    (row,) = person.rows()
    assert (row["state"], row["side"], row["sku"], row["reason"], row["sentence"], listed["total"]) == (
        "parked", "pos", CUP, "not_found", "no such item", 1,
    )  # fmt: skip
    assert row["created_at"] == "2025-10-09T08:53:20Z"


def test_only_the_state_that_was_asked_for_is_listed(person: Person) -> None:
    assert (len(person.rows("parked")), person.rows("dead")) == (1, [])


@pytest.mark.parametrize("state", ["", "ready", "PARKED", "parked; drop"])
def test_another_state_is_told_what_is_allowed(person: Person, state: str) -> None:
    with pytest.raises(Malformed, match="allowed is one of all, parked, dead, retrying"):
        person.backlog.listed(state, 100)


def test_items_that_are_held_out_are_listed_beside_it(person: Person) -> None:
    person.world.store.stock("60", "MUG", "3", "")
    person.world.linking()
    (held,) = json.loads(json.dumps(person.backlog.listed("all", 1)["held_out"]))
    assert (held["side"], held["sku"], held["reason"]) == ("store", "MUG", "only_here")


def test_a_message_is_shown_with_all_that_it_carries(person: Person) -> None:
    world = person.world
    world.book(told(STORE_KIND, store_event("odd", "loyalty.changed", points=5), "store:odd"))
    (number,) = [row["id"] for row in person.rows() if row["side"] == ""]
    shown: Any = person.backlog.shown(number)["row"]
    assert (shown["kind"], shown["lane"], shown["body"]["data"]) == ("store.1", "", {"points": 5})


def test_what_a_stranger_sent_as_a_webhook_is_never_shown(person: Person) -> None:
    person.world.put(told(STORE_KIND, store_event("w", "pos.webhook", body="c2VjcmV0"), "store:w"))
    person.world.put(told(STORE_KIND, '{"topic": "pos.webhook", "c2VjcmV0"', "store:cut"))
    numbers = [row[0] for row in person.world.rows("SELECT id FROM message WHERE key IN ('store:w', 'store:cut')")]
    for number in numbers:
        assert isinstance(number, int)
        shown = person.backlog.shown(number)
        assert "c2VjcmV0" not in json.dumps(shown)
    assert len(numbers) == 2


def test_a_mended_write_goes_through_when_it_is_released(person: Person) -> None:
    assert person.backlog.release(None)["changed"] == 1
    assert person.rings == 1
    person.world.relay.write(POS)
    assert (person.rows(), person.world.known(POS)) == ([], "9")


def test_one_message_is_tried_again_by_its_number(person: Person) -> None:
    (row,) = person.rows()
    assert person.backlog.retry(row["id"])["changed"] == 1
    person.world.relay.write(POS)
    assert person.world.known(POS) == "9"


def test_where_nothing_waits_nothing_is_changed_and_nobody_woken(person: Person) -> None:
    person.backlog.retry(None)
    person.world.relay.write(POS)
    said = person.backlog.retry(None)
    assert (said["changed"], person.rings) == (0, 1)
    assert "Nothing to do" in str(said["sentence"])


def test_giving_up_a_write_loses_no_stock(person: Person) -> None:
    (row,) = person.rows()
    said = person.backlog.discard(row["id"], " the item was renamed ")
    assert said["changed"] == 1
    assert "No stock is lost" in str(said["sentence"])
    assert person.rows() == []
    person.world.book(sale_in_store("b"))
    person.world.relay.write(POS)
    assert person.world.known(POS) == "8"


def test_giving_up_an_event_says_that_it_is_not_booked(person: Person) -> None:
    person.world.book(told(STORE_KIND, store_event("odd", "loyalty.changed"), "store:odd"))
    (number,) = [row["id"] for row in person.rows() if row["side"] == ""]
    assert "is not booked" in str(person.backlog.discard(number, "we have no points")["sentence"])


@pytest.mark.parametrize("reason", ["", "   ", "x" * (LONGEST_REASON + 1)])
def test_nothing_is_given_up_without_a_reason(person: Person, reason: str) -> None:
    (row,) = person.rows()
    with pytest.raises(Malformed, match="that say why"):
        person.backlog.discard(row["id"], reason)
    assert len(person.rows()) == 1


def test_a_number_that_nobody_has_is_said_to_be_unknown(person: Person) -> None:
    for ask in (person.backlog.shown, person.backlog.retry, person.backlog.release):
        with pytest.raises(UnknownMessage, match="999"):
            ask(999)
    with pytest.raises(UnknownMessage, match="999"):
        person.backlog.discard(999, "x")
