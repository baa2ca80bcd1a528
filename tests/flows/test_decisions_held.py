"""What holds a side, a run or a write up waits for a person's word, and goes on, or not, when it is given."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.builders import CUP, CUP_POS, free_change
from tests.fakes import outcomes
from tests.flows.test_decisions import Person, held_fall
from tests.flows.test_reconcile import Desk
from tests.flows.world import POS, STORE, World
from tillbridge import braking
from tillbridge.core.actions import AdjustStock, Status
from tillbridge.core.findings import Limits
from tillbridge.errors import Malformed
from tillbridge.poll import restored
from tillbridge.ports import DONE, HELD, WAITING, Abilities
from tillbridge.recovering import REPLAYED
from tillbridge.undo import CannotUndo


@pytest.fixture
def person(world: World) -> Person:
    return Person(world)


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
    with pytest.raises(Malformed, match="not up to date yet"):
        person.decide("restored:books", "go-on")
    with person.world.sql.writing() as unit:
        assert unit.paused() == {STORE, POS}
        unit.note(REPLAYED, "yes")
    person.decide("restored:books", "go-on")
    with person.world.sql.writing() as unit:
        assert unit.paused() == set()
    assert person.ids() == []


def test_the_list_begins_with_what_holds_everything_up(person: Person) -> None:
    held_fall(person.world)
    with person.world.sql.writing() as unit:
        unit.note(restored("store"), "the shop went back")
        unit.note(braking.note_of(POS), "on")
    assert person.ids() == ["restored:store", "brake:pos", f"held:{CUP}"]
