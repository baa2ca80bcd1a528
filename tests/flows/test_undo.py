"""A run is undone: what happened on a side stays there, what was carried over comes back, and nobody finds it again."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import CUP, CUP_POS, free_change, line_changed
from tests.flows.test_reconcile import USUAL, Desk
from tests.flows.world import POS, STORE, World
from tillbridge.booking import make_due
from tillbridge.core import rulings
from tillbridge.core.actions import Loss
from tillbridge.core.findings import Limits
from tillbridge.core.terms import Authority
from tillbridge.ports import DECISION, DONE, HELD, PLAN, Abilities
from tillbridge.undo import CannotUndo, Undo, UnknownRun


class Person:
    """Somebody who reconciles the cup and takes it back; `stirs` counts how often the writers were woken."""

    def __init__(self, world: World, authority: Authority = Authority.BOTH, limits: Limits = USUAL) -> None:
        self.world = world
        self.desk = Desk(world, authority, limits)
        self.stirs = 0
        self.undo = Undo(world.sql, self._stir)

    def _stir(self) -> None:
        self.stirs += 1

    def finds(self, store: str = "10", pos: str = "10") -> int:
        """The number of a run that found these levels."""
        self.desk.show(store, pos)
        return self.desk.run().id

    def takes_back(self, number: int) -> Any:
        self.world.clock.advance(1)
        return self.undo(number)

    def writes(self) -> Any:
        """What the one rule writes at store and POS from here on."""
        before = len(self.world.store.deltas), len(self.world.pos.deltas)
        self.desk.write()
        return self.world.store.deltas[before[0] :], self.world.pos.deltas[before[1] :]

    def shelf(self) -> Any:
        with self.world.sql.writing() as unit:
            (shelf,) = unit.shelves_by_sku(CUP)
        return shelf

    def rules(self, kind: str, how: Any) -> int:
        """A decision about the cup, under a run of its own."""
        self.world.clock.advance(1)
        with self.world.sql.writing() as unit:
            (shelf,) = unit.shelves_by_sku(CUP)
            run = unit.start_run(DECISION, "", DONE, {})
            unit.rule(shelf, how(shelf), run.id, kind, "", "a person said so")
            unit.save_run(replace(run, finished=unit.now))
            make_due(unit, unit.shelves_by_sku(CUP))
        return run.id


@pytest.fixture
def person(world: World) -> Person:
    return Person(world)


def test_what_was_born_at_the_store_stays_there_and_the_pos_gets_its_pieces_back(person: Person) -> None:
    run = person.finds(store="7")
    assert person.writes() == ([], [-3])
    said = person.takes_back(run)
    assert [(row["sku"], row["side"], row["amount"]) for row in said["rows"]] == [(CUP, "store", "-3")]
    assert (said["undid"], said["undone"], said["left"], person.stirs) == (run, 1, [], 1)
    assert person.writes() == ([], [3])
    person.finds(store="7")
    assert person.writes() == ([], []), "no later run finds it again"


def test_what_was_born_at_the_pos_stays_there_and_the_store_gets_its_pieces_back(person: Person) -> None:
    run = person.finds(pos="12")
    assert person.writes() == ([2], [])
    person.takes_back(run)
    assert person.writes() == ([-2], [])
    person.finds(pos="12")
    assert person.writes() == ([], [])


@pytest.mark.parametrize(
    ("authority", "store", "pos", "there", "back"),
    [
        (Authority.POS, "13", "10", ([-3], []), ([3], [])),
        (Authority.STORE, "10", "13", ([], [-3]), ([], [3])),
    ],
)
def test_what_was_put_back_is_given_to_its_side_again(
    world: World, authority: Authority, store: str, pos: str, there: object, back: object
) -> None:
    person = Person(world, authority)
    run = person.finds(store, pos)
    assert person.writes() == there
    person.takes_back(run)
    assert person.writes() == back
    person.finds(store, pos)
    assert person.writes() == ([], [])


def test_a_held_fall_is_held_no_more_and_stays_in_the_shop(world: World) -> None:
    person = Person(world, Authority.POS)
    run = person.finds(store="7")
    assert person.shelf().terms.held == 3
    person.takes_back(run)
    assert (person.shelf().terms.held, person.shelf().link.offset, person.writes()) == (0, -3, ([], []))


def test_a_held_fall_of_which_a_person_has_spoken_since_is_left_alone(world: World) -> None:
    person = Person(world, Authority.POS)
    run = person.finds(store="7")
    decision = person.rules("sold", rulings.sold)
    assert person.writes() == ([], [-3])
    said = person.takes_back(run)
    assert (said["undone"], [(one["sku"], one["amount"]) for one in said["left"]]) == (0, [(CUP, "-3")])
    assert "a person has said since" in said["left"][0]["words"]
    assert person.writes() == ([], [])
    assert decision > run


def test_a_decision_that_was_undone_stands_in_nobodys_way(world: World) -> None:
    person = Person(world, Authority.POS)
    run = person.finds(store="7")
    decision = person.rules("sold", rulings.sold)
    person.takes_back(decision)
    assert (person.shelf().terms.held, person.shelf().terms.free) == (3, 0)
    assert person.takes_back(run)["undone"] == 1
    assert person.writes() == ([], [])


def test_an_earlier_decision_about_another_fall_stands_in_nobodys_way(world: World) -> None:
    person = Person(world, Authority.POS)
    person.finds(store="8")
    person.rules("sold", rulings.sold)
    person.writes()
    assert person.takes_back(person.finds(store="5", pos="8"))["undone"] == 1
    assert person.shelf().terms.held == 0


def test_a_held_fall_that_was_restored_since_is_left_alone(world: World) -> None:
    person = Person(world, Authority.POS)
    run = person.finds(store="7")
    with world.sql.writing() as unit:
        (shelf,) = unit.shelves_by_sku(CUP)
        unit.save_links([replace(shelf, terms=replace(shelf.terms, held=Decimal(1)))])
    said = person.takes_back(run)
    assert (said["undone"], "explained" in said["left"][0]["words"]) == (0, True)


def test_what_belongs_to_an_order_is_left_to_the_order(person: Person) -> None:
    run = person.finds(store="7")
    with person.world.connection.write() as db:
        db.run("UPDATE entry SET effect = 'line' WHERE run = ?", (run,))
    assert "belongs to an order" in person.takes_back(run)["left"][0]["words"]


def test_a_write_that_the_pos_lost_is_not_made_again(world: World) -> None:
    person = Person(world)
    world.pos.abilities = Abilities(world.pos.abilities.actions, key_memory=60.0, history=True)
    world.book(line_changed("a", "-2"))
    person.writes()
    world.pos.losses = {(CUP_POS, "main"): (Loss("17", Decimal(-2)),)}
    run = person.finds(store="8", pos="10")
    person.takes_back(run)
    assert person.writes() == ([], [])
    assert (world.known(STORE), world.known(POS)) == ("8", "10")


def test_a_run_is_undone_once_and_the_undo_can_be_undone(person: Person) -> None:
    run = person.finds(store="7")
    first = person.takes_back(run)["run"]
    with pytest.raises(CannotUndo, match=rf"already, by run {first}; `tillbridge undo {first}` takes that back"):
        person.takes_back(run)
    second = person.takes_back(first)["run"]
    person.desk.write()
    assert (person.world.known(STORE), person.world.known(POS)) == ("7", "7")
    with pytest.raises(CannotUndo, match=f"`tillbridge undo {second}` undoes it again"):
        person.takes_back(run)
    person.takes_back(second)
    person.desk.write()
    assert (person.world.known(STORE), person.world.known(POS)) == ("7", "10")


def test_an_undo_is_a_run_with_its_rulings(person: Person) -> None:
    run = person.finds(store="7")
    number = person.takes_back(run)["run"]
    with person.world.sql.writing() as unit:
        made = unit.run(number)
        (ruling,) = unit.rulings_of_run(number)
    assert made is not None
    assert (made.kind, made.scope, made.state, made.finished) == ("undo", str(run), DONE, person.world.clock.now())
    assert (ruling.changes, ruling.document) == ({"offset": Decimal(-3), "free": Decimal(3)}, f"run:{run}")


def test_a_ruling_whose_fall_was_decided_anew_is_left_alone(world: World) -> None:
    person = Person(world, Authority.POS)
    run = person.finds(store="7")
    decision = person.rules("sold", rulings.sold)
    undone = person.takes_back(decision)["run"]
    person.rules("put_back", rulings.put_back)
    said = person.takes_back(undone)
    assert (said["undone"], "decided anew" in said["left"][0]["words"]) == (0, True)
    assert (person.shelf().terms.held, run < decision) == (0, True)


def test_an_undo_whose_difference_was_settled_since_is_left_alone_until_that_word_is_undone(person: Person) -> None:
    undone = person.takes_back(person.finds(store="7"))["run"]
    person.desk.write()
    decision = person.rules("store", rulings.store_is_right)
    assert person.writes() == ([], [Decimal(-3)])
    said = person.takes_back(undone)
    assert (said["undone"], "decided anew" in said["left"][0]["words"]) == (0, True)
    assert person.writes() == ([], [])
    person.takes_back(decision)
    assert person.writes() == ([], [Decimal(3)])


def test_a_run_of_which_the_journal_was_folded_says_what_it_cannot_undo(person: Person) -> None:
    run = person.finds(store="7")
    with person.world.connection.write() as db:
        db.run("UPDATE entry SET run = 0, cause = 'carried' WHERE run = ?", (run,))
    said = person.takes_back(run)
    assert (said["undone"], said["left"][0]["amount"], "folded" in said["left"][0]["words"]) == (0, "-3", True)


def test_what_cannot_be_undone_is_refused_in_words(world: World) -> None:
    person = Person(world, limits=Limits(least_changed=0, max_changed=Decimal(0)))
    with pytest.raises(UnknownRun, match="no run has the number 99"):
        person.takes_back(99)
    person.desk.show("7", "10")
    plan = person.desk.run(kind=PLAN)
    with pytest.raises(CannotUndo, match="was a plan"):
        person.takes_back(plan.id)
    held = person.finds(store="7")
    assert person.desk.state(held).state == HELD
    with pytest.raises(CannotUndo, match=f"decide run:{held} drop"):
        person.takes_back(held)
    under_way = person.desk.reconcile.begin(CUP).id
    with pytest.raises(CannotUndo, match="wait until it ends"):
        person.takes_back(under_way)
    assert person.stirs == 0


def test_a_run_that_changed_nothing_is_not_undone(person: Person) -> None:
    run = person.finds()
    with pytest.raises(CannotUndo, match="changed nothing"):
        person.takes_back(run)
    with person.world.sql.writing() as unit:
        assert unit.run(run + 1) is None


def test_a_change_that_was_told_meanwhile_is_not_touched(person: Person) -> None:
    run = person.finds(store="7")
    person.writes()
    person.world.book(free_change("b", "-1", "7"))
    person.takes_back(run)
    assert person.writes() == ([], [2])
