"""What waits for a person's word is listed with its choices, each does what it says, and the decision can be undone."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import CUP, free_change, line_changed, order_told
from tests.fakes import outcomes
from tests.flows.test_reconcile import Desk
from tests.flows.world import POS, STORE, World
from tillbridge import braking
from tillbridge.core.actions import AdjustStock, Status
from tillbridge.core.findings import Limits
from tillbridge.core.terms import Authority
from tillbridge.decisions import Decisions, UnknownDecision
from tillbridge.errors import Malformed
from tillbridge.poll import restored
from tillbridge.ports import DONE, HELD, WAITING, Abilities
from tillbridge.undo import CannotUndo, Undo


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
    assert (row["id"], row["amount"]) == (f"unexplained:{CUP}", "-3")
    assert "the difference of -3 is explained by nothing" in row["words"]
    person.decide(row["id"], "accept")
    assert person.ids() == []
    desk.run()
    assert (person.writes(), person.ids()) == (([], [-3]), [])


def test_an_acceptance_that_is_taken_back_in_time_does_nothing(person: Person) -> None:
    desk = reported(person.world)
    person.takes_back(person.decide(f"unexplained:{CUP}", "accept"))
    assert person.ids() == [f"unexplained:{CUP}"]
    desk.run()
    assert person.writes() == ([], [])


def test_another_difference_than_the_accepted_one_is_asked_about(person: Person) -> None:
    desk = reported(person.world)
    person.decide(f"unexplained:{CUP}", "accept")
    desk.show("6", "10")
    desk.run()
    assert [row["amount"] for row in person.rows()] == ["-4"]


# --- writes of which nobody knows what became


@pytest.fixture
def unsure(person: Person) -> Person:
    """A change of -2 was sent to the POS, its memory of keys is over, and the level there fits neither with the change
    nor without it."""
    world = person.world
    world.pos.abilities = Abilities(frozenset({AdjustStock}), batch=100, key_memory=60.0)
    world.link_cup()
    world.pos.answer(*outcomes(Status.UNCERTAIN))
    world.book(free_change("a", "-2"))
    world.relay.write(POS)
    world.pos.stock(CUP_POS, CUP, "9", "main")
    world.clock.advance(3600)
    world.relay.write(POS)
    return person


def test_a_write_of_which_nobody_knows_what_became_is_asked_about(unsure: Person) -> None:
    (row,) = unsure.rows()
    assert (row["kind"], row["sku"], row["amount"]) == ("write", CUP, "-2")
    assert set(unsure.choices(row["id"])) == {"done", "not-done"}


@pytest.mark.parametrize(("choice", "there"), [("done", []), ("not-done", [-2])])
def test_a_person_says_whether_a_write_took_effect(unsure: Person, choice: str, there: list[int]) -> None:
    (row,) = unsure.rows()
    said = unsure.decide(row["id"], choice)
    assert unsure.writes() == ([], there)
    assert (unsure.world.known(POS), unsure.ids(), unsure.world.states()) == ("8", [], {})
    assert unsure.world.account(POS).unsettled is None
    with pytest.raises(CannotUndo, match="is said once"):
        unsure.takes_back(said)


# --- what is held


def held_run(world: World) -> Desk:
    desk = Desk(world, limits=Limits(least_changed=0, max_changed=Decimal(0)))
    desk.show("7", "10")
    return desk


def test_a_held_run_goes_on_when_a_person_says_so(person: Person) -> None:
    desk = held_run(person.world)
    run = desk.run()
    assert run.state == HELD
    (row,) = person.rows()
    assert (row["id"], row["run"]) == (f"run:{run.id}", run.id)
    assert "max_changed" in row["words"]
    said = person.decide(row["id"], "go-on")
    assert desk.state(run.id).state == WAITING
    assert desk.reconcile.advance()
    assert (desk.state(run.id).state, person.writes(), person.ids()) == (DONE, ([], [-3]), [])
    with pytest.raises(CannotUndo, match=f"undo run {run.id} itself"):
        person.takes_back(said)
    assert person.undo(run.id)["undone"] == 1


def test_a_held_run_is_dropped(person: Person) -> None:
    desk = held_run(person.world)
    run = desk.run()
    person.decide(f"run:{run.id}", "drop")
    assert (desk.state(run.id).state, desk.state(run.id).facts["dropped"], person.ids()) == (DONE, True, [])
    assert not desk.reconcile.advance()
    assert person.writes() == ([], [])


def test_of_many_held_runs_the_latest_is_asked_about_and_the_others_go_with_it(person: Person) -> None:
    desk = held_run(person.world)
    first, second, single = desk.run(), desk.run(), desk.run(CUP)
    assert person.ids() == [f"run:{second.id}", f"run:{single.id}"]
    person.decide(f"run:{second.id}", "drop")
    assert person.ids() == [f"run:{single.id}"]
    assert desk.state(first.id).facts["superseded_by"] == second.id


def test_a_brake_is_released(person: Person) -> None:
    person.world.link_cup()
    with person.world.sql.writing() as unit:
        unit.note(braking.note_of(STORE), "on")
    assert person.ids() == ["brake:store"]
    said = person.decide("brake:store", "go-on")
    with person.world.sql.writing() as unit:
        assert braking.is_released(unit, STORE)
    assert person.ids() == []
    with pytest.raises(CannotUndo):
        person.takes_back(said)


def test_a_restored_side_is_believed_or_not(person: Person) -> None:
    person.world.link_cup()
    with person.world.sql.writing() as unit:
        unit.note(restored("pos"), "the POS went back")
        unit.pause([STORE, POS], "the POS went back")
    assert [(row["id"], row["words"]) for row in person.rows()] == [("restored:pos", "the POS went back")]
    assert set(person.choices("restored:pos")) == {"ours", "theirs", "apart"}
    person.decide("restored:pos", "theirs")
    with person.world.sql.writing() as unit:
        (run,) = unit.runs_in(("looking",))
        assert (run.facts["believe"], unit.paused()) == ({"pos": "theirs"}, set())
    assert person.ids() == []


def test_restored_books_go_on(person: Person) -> None:
    with person.world.sql.writing() as unit:
        unit.note(restored("books"), "our books went back")
        unit.pause([STORE, POS], "our books went back")
    assert person.choices("restored:books").keys() == {"go-on"}
    person.decide("restored:books", "go-on")
    with person.world.sql.writing() as unit:
        assert unit.paused() == set()
    assert person.ids() == []


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


def test_the_list_begins_with_what_holds_everything_up(person: Person) -> None:
    held_fall(person.world)
    with person.world.sql.writing() as unit:
        unit.note(restored("store"), "the shop went back")
        unit.note(braking.note_of(POS), "on")
    assert person.ids() == ["restored:store", "brake:pos", f"held:{CUP}"]
