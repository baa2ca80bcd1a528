"""What waits for a person's word is listed with its choices, each does what it says, and the decision can be undone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.builders import CUP, line_changed, order_told
from tests.flows.test_reconcile import Desk
from tests.flows.world import POS, STORE, World
from tillbridge.core.findings import Limits
from tillbridge.core.terms import Authority
from tillbridge.decisions import Decisions, UnknownDecision
from tillbridge.errors import Malformed
from tillbridge.ports import DONE
from tillbridge.undo import Undo


class Person:
    """Somebody who decides; `stirs` counts how often the writers were woken."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stirs = 0
        self.decisions = Decisions(world.sql, world.sql, self._stir)
        self.undo = Undo(world.sql, self._stir)

    def _stir(self) -> None:
        self.stirs += 1

    def rows(self) -> Any:
        said: Any = self.decisions.listed()
        assert json.loads(json.dumps(said)) == said
        assert said["total"] == len([row for row in said["rows"] if row["id"] != "offsets"])
        return said["rows"]

    def ids(self) -> list[str]:
        return [row["id"] for row in self.rows()]

    def choices(self, name: str) -> dict[str, str]:
        (row,) = [row for row in self.rows() if row["id"] == name]
        return {one["choice"]: one["words"] for one in row["choices"]}

    def decide(self, name: str, choice: str, words: str = "") -> Any:
        self.world.clock.advance(1)
        said: Any = self.decisions.decide(name, choice, words)
        assert json.loads(json.dumps(said)) == said
        return said

    def takes_back(self, said: Any) -> Any:
        self.world.clock.advance(1)
        return self.undo(said["run"])

    def cup(self) -> Any:
        with self.world.sql.writing() as unit:
            (shelf,) = unit.shelves_by_sku(CUP)
        return shelf

    def writes(self) -> Any:
        """What the one rule writes at store and POS from here on."""
        before = len(self.world.store.deltas), len(self.world.pos.deltas)
        for side in (STORE, POS):
            while self.world.work.write(side):
                pass
        return self.world.store.deltas[before[0] :], self.world.pos.deltas[before[1] :]


@pytest.fixture
def person(world: World) -> Person:
    return Person(world)


def held_fall(world: World) -> Desk:
    """Three cups left the shop's level without a word, and the POS's word counts."""
    desk = Desk(world, Authority.POS)
    desk.show("7", "10")
    desk.run()
    return desk


def test_where_nothing_waits_the_list_is_empty(person: Person) -> None:
    person.world.link_cup()
    assert person.rows() == []


# --- held falls


def test_a_held_fall_is_asked_about_with_what_follows(person: Person) -> None:
    held_fall(person.world)
    (row,) = person.rows()
    assert (row["id"], row["kind"], row["sku"], row["amount"]) == (f"held:{CUP}", "held", CUP, "3")
    assert person.choices(row["id"]) == {
        "sold": "somebody sold them: the pos gets -3", "put-back": "nobody did: the store gets +3",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("choice", "there", "back"), [("sold", ([], [-3]), ([], [3])), ("put-back", ([3], []), ([-3], []))]
)
def test_a_held_fall_is_sold_or_put_back_and_the_decision_taken_back(
    person: Person, choice: str, there: object, back: object
) -> None:
    held_fall(person.world)
    said = person.decide(f"held:{CUP}", choice, "we counted")
    assert (said["id"], said["choice"], [row["sku"] for row in said["rows"]]) == (f"held:{CUP}", choice, [CUP])
    assert (person.writes(), person.rows(), person.stirs) == (there, [], 1)
    person.takes_back(said)
    assert (person.writes(), person.ids()) == (back, [f"held:{CUP}"])


def test_a_decision_is_a_run_with_a_persons_words(person: Person) -> None:
    held_fall(person.world)
    number = person.decide(f"held:{CUP}", "sold", " we counted ")["run"]
    with person.world.sql.writing() as unit:
        run = unit.run(number)
        (ruling,) = unit.rulings_of_run(number)
    assert run is not None
    assert (run.kind, run.scope, run.state, run.facts["words"]) == ("decision", f"held:{CUP}", DONE, "we counted")
    assert (ruling.kind, ruling.words) == ("sold", "a person said that it was sold")


# --- offsets


@pytest.mark.parametrize(
    ("offset", "choice", "there"),
    [
        ("2", "pos", ([-2], [])), ("2", "store", ([], [2])), ("2", "smaller", ([-2], [])),
        ("-2", "pos", ([2], [])), ("-2", "store", ([], [-2])), ("-2", "smaller", ([], [-2])),
        ("2", "leave", ([], [])), ("-2", "leave", ([], [])),
    ],
)  # fmt: skip
def test_a_difference_that_was_left_standing_is_settled_by_a_persons_word(
    person: Person, offset: str, choice: str, there: object
) -> None:
    person.world.link_cup(str(10 + int(offset)), "10", offset)
    assert person.ids() == [f"offset:{CUP}"]
    said = person.decide(f"offset:{CUP}", choice)
    assert (person.writes(), person.ids()) == (there, [])
    person.takes_back(said)
    assert (person.ids(), str(person.cup().link.offset)) == ([f"offset:{CUP}"], offset)


def test_what_may_stay_is_asked_about_again_once_it_is_another_difference(person: Person) -> None:
    person.world.link_cup("12", "10", "2")
    person.decide(f"offset:{CUP}", "leave")
    assert person.ids() == []
    with person.world.connection.write() as db:
        db.run("UPDATE link SET shift = '3'")
    assert person.ids() == [f"offset:{CUP}"]


def test_a_person_may_think_better_of_what_was_to_stay(person: Person) -> None:
    person.world.link_cup("12", "10", "2")
    person.decide(f"offset:{CUP}", "leave")
    person.decide(f"offset:{CUP}", "pos")
    assert person.writes() == ([-2], [])


def test_one_word_settles_the_differences_of_all_items(person: Person) -> None:
    person.world.link_many(3)
    with person.world.connection.write() as db:
        db.run("UPDATE link SET shift = '5' WHERE id < 3")
        db.run("UPDATE account SET opening = '1005' WHERE side = 'store' AND link < 3")
    assert person.ids() == ["offset:SKU-1", "offset:SKU-2", "offsets"]
    said = person.decide("offsets", "store")
    assert (person.writes(), person.ids()) == (([], [5, 5]), [])
    person.takes_back(said)
    assert (person.writes(), len(person.ids())) == (([], [-5, -5]), 3)


# --- orders that were deleted


@pytest.fixture
def deleted(person: Person) -> Person:
    """Order 9001 took two cups and was deleted for good."""
    person.world.link_cup()
    person.world.book(line_changed("a", "-2"), order_told("b", topic="order.deleted"))
    assert person.writes() == ([], [-2])
    return person


def test_a_deleted_order_that_holds_stock_is_asked_about(deleted: Person) -> None:
    (row,) = deleted.rows()
    assert (row["id"], row["order"], row["amount"]) == ("deleted:9001", "9001", "2")
    assert row["words"] == f"order 9001 was deleted in the shop and still holds 2 of {CUP!r}"


def test_the_goods_of_a_deleted_order_are_back_on_both_sides(deleted: Person) -> None:
    said = deleted.decide("deleted:9001", "returned")
    assert (deleted.writes(), deleted.ids()) == (([2], [2]), [])
    assert (deleted.cup().terms.positions, deleted.world.known(STORE)) == (0, "10")
    deleted.takes_back(said)
    assert (deleted.writes(), deleted.ids()) == (([-2], [-2]), ["deleted:9001"])
    with deleted.world.sql.writing() as unit:
        (line,) = unit.lines_of_orders(["9001"])
    assert (str(line.position), deleted.cup().terms.positions) == ("2", 2)


def test_an_undo_of_goods_that_came_back_can_be_undone_too(deleted: Person) -> None:
    said = deleted.decide("deleted:9001", "returned")
    deleted.takes_back(deleted.takes_back(said))
    assert (deleted.ids(), deleted.cup().terms.positions) == ([], 0)


def test_the_goods_of_a_deleted_order_are_gone_and_nobody_asks_again(deleted: Person) -> None:
    said = deleted.decide("deleted:9001", "sold")
    assert (deleted.writes(), deleted.ids(), deleted.cup().terms.positions) == (([], []), [], 2)
    deleted.takes_back(said)
    assert deleted.ids() == ["deleted:9001"]


# --- differences that were reported


def reported(world: World) -> Desk:
    """The shop shows three cups less than is known, and nothing is done about it without a person."""
    desk = Desk(world, limits=Limits(report=True))
    desk.show("7", "10")
    desk.run()
    return desk


def test_a_reported_difference_that_is_accepted_is_entered_at_the_next_look(person: Person) -> None:
    desk = reported(person.world)
    (row,) = person.rows()
    assert (row["id"], row["amount"]) == (f"unexplained:{CUP}:store", "-3")
    assert "the difference of -3 is explained by nothing" in row["words"]
    person.decide(row["id"], "accept")
    assert person.ids() == []
    desk.run()
    assert (person.writes(), person.ids()) == (([], [-3]), [])


def test_an_acceptance_that_is_taken_back_in_time_does_nothing(person: Person) -> None:
    desk = reported(person.world)
    person.takes_back(person.decide(f"unexplained:{CUP}", "accept"))
    assert person.ids() == [f"unexplained:{CUP}:store"]
    desk.run()
    assert person.writes() == ([], [])


def test_another_difference_than_the_accepted_one_is_asked_about(person: Person) -> None:
    desk = reported(person.world)
    person.decide(f"unexplained:{CUP}", "accept")
    desk.show("6", "10")
    desk.run()
    assert [row["amount"] for row in person.rows()] == ["-4"]


def test_what_differs_at_both_sides_of_an_item_is_two_questions_with_words_of_their_own(person: Person) -> None:
    desk = Desk(person.world, limits=Limits(report=True))
    desk.show("7", "12")
    desk.run()
    assert person.ids() == [f"unexplained:{CUP}:pos:main", f"unexplained:{CUP}:store"]
    with pytest.raises(UnknownDecision):
        person.decide(f"unexplained:{CUP}", "accept")
    person.decide(f"unexplained:{CUP}:store", "accept")
    assert person.ids() == [f"unexplained:{CUP}:pos:main"]
    desk.run()
    assert (person.writes(), person.ids()) == (([], [-3]), [f"unexplained:{CUP}:pos:main"])
    desk.show("7", "9")
    desk.run()
    person.decide(f"unexplained:{CUP}:pos:main", "accept", "counted again")
    desk.run()
    assert (person.writes(), person.ids()) == (([2], []), [])


def test_two_differences_of_the_same_size_are_accepted_one_by_one(person: Person) -> None:
    desk = Desk(person.world, limits=Limits(report=True))
    desk.show("7", "7")
    desk.run()
    person.decide(f"unexplained:{CUP}:pos:main", "accept")
    assert person.ids() == [f"unexplained:{CUP}:store"]
    desk.run()
    assert (person.world.known(STORE), person.world.known(POS)) == ("10", "7")


def test_two_links_of_one_sku_are_two_questions(person: Person) -> None:
    """The item was deleted and made anew on both sides."""
    person.world.link_many(2)
    with person.world.connection.write() as db:
        db.run("UPDATE link SET sku = 'TWIN', held = id")
    assert person.ids() == ["held:TWIN@1", "held:TWIN@2"]
    with pytest.raises(UnknownDecision):
        person.decide("held:TWIN", "sold")
    person.decide("held:TWIN@2", "sold")
    assert person.ids() == ["held:TWIN"]
    assert [row["amount"] for row in person.rows()] == ["1"]


# --- what cannot be decided


@pytest.mark.parametrize(
    "name",
    ["", "held", "held:", "held:NO-SUCH", f"offset:{CUP}", "deleted:9001", "run:1", "write:1", "brake:store",
     "restored:pos", "offsets", "offsets:x", "nonsense:1", "run:x", "write:x", "💥" * 100],
)  # fmt: skip
def test_an_id_under_which_nothing_waits_is_said_to_be_unknown(person: Person, name: str) -> None:
    held_fall(person.world)
    with pytest.raises(UnknownDecision, match="tillbridge decide` lists"):
        person.decide(name, "sold")
    assert person.stirs == 0


@pytest.mark.parametrize("choice", ["", "SOLD", "put_back", "go-on", "x" * 500])
def test_a_choice_that_is_not_offered_names_those_that_are(person: Person, choice: str) -> None:
    held_fall(person.world)
    with pytest.raises(Malformed, match="allowed for 'held:CUP-BLUE' are sold, put-back"):
        person.decide(f"held:{CUP}", choice)
    assert person.ids() == [f"held:{CUP}"]


def test_a_reason_may_not_be_a_book(person: Person) -> None:
    held_fall(person.world)
    with pytest.raises(Malformed, match="at most 300"):
        person.decide(f"held:{CUP}", "sold", "x" * 301)


def test_an_sku_with_a_colon_is_found(person: Person) -> None:
    held_fall(person.world)
    with person.world.connection.write() as db:
        db.run("UPDATE link SET sku = 'A:B:1'")
    person.decide("held:A:B:1", "sold")
    assert person.ids() == []
