"""A change too large to believe that the second look does not find is settled without being booked, once for all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.builders import CUP, CUP_POS, CUP_STORE, free_change, moved, movement, sale_in_store
from tests.flows.test_reconcile import Desk
from tests.flows.world import POS, STORE, World
from tillbridge.core import codec
from tillbridge.core.events import Cause, Movement, StockMoved, Told
from tillbridge.ports import DONE, PLAN
from tillbridge.steer import in_step


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def counted(event_id: str, *moves: Movement) -> Told:
    """Somebody at the till counted."""
    event = moved(*moves, event_id=event_id)
    return codec.encode_moved(StockMoved(event.side, event.id, event.at, event.movements, Cause("count", "C-1")))


def parked(world: World) -> list[str]:
    return [one.reason for one in world.waiting()]


def test_a_large_change_that_is_not_there_is_settled_without_being_booked(desk: Desk) -> None:
    desk.world.book(free_change("typed", "150"))
    assert parked(desk.world) == ["second_look"]
    run = desk.run()
    assert (run.state, desk.rows(run), desk.world.waiting()) == (DONE, [], [])
    assert (desk.world.known(STORE), in_step(desk.world.sql.summary())) == ("10", True)
    words = desk.world.rows("SELECT error FROM message WHERE state = 'done' AND error <> ''")
    assert [("does not show it" in str(word)) for (word,) in words] == [True], "the message says why"


def test_what_was_settled_unbooked_is_never_booked_later(desk: Desk) -> None:
    desk.world.book(free_change("typed", "150"))
    desk.run()
    with desk.world.connection.write() as db:
        db.run("UPDATE message SET state = 'ready', due_at = 0 WHERE state = 'done'")
    desk.world.book(free_change("typed", "150"))
    assert (desk.world.known(STORE), desk.world.waiting()) == ("10", [])


def test_a_large_change_typed_and_taken_back_is_settled_with_its_opposite(desk: Desk) -> None:
    desk.world.book(free_change("typed", "150"), free_change("back", "-150"))
    assert parked(desk.world) == ["second_look"] * 2
    desk.run()
    assert (desk.world.known(STORE), desk.world.waiting()) == ("10", [])


def test_a_large_fall_that_the_level_shows_is_entered_once_and_ends(world: World) -> None:
    desk = Desk(world)
    world.book(free_change("typed", "-150"))
    desk.show("-140", "10")
    run = desk.run()
    assert ([one.amount for one in desk.rows(run)], world.known(STORE), parked(world)) == ([Decimal(-150)], "-140", [])
    desk.run()
    assert (world.known(STORE), world.waiting(), in_step(world.sql.summary())) == ("-140", [], False)
    desk.write()
    assert (world.known(POS), in_step(world.sql.summary())) == ("-140", True)


def test_a_large_rise_that_the_level_shows_still_waits_for_a_person(desk: Desk) -> None:
    desk.world.book(free_change("typed", "150"))
    desk.show("160", "10")
    run = desk.run()
    assert ([one.verdict for one in desk.rows(run)], parked(desk.world)) == (["reported"], ["second_look"])
    assert desk.world.known(STORE) == "10"


def test_a_level_that_is_read_at_once_settles_nothing(desk: Desk) -> None:
    desk.world.book(free_change("typed", "150"))
    desk.run(looks=1)
    assert parked(desk.world) == ["second_look"], "it may trail: it is read again when it must have come"


def test_a_level_that_moves_settles_nothing(desk: Desk) -> None:
    desk.world.book(free_change("typed", "150"))
    desk.world.store.stir(CUP_STORE)
    desk.run()
    assert parked(desk.world) == ["second_look"]


def test_what_is_sold_meanwhile_still_counts(desk: Desk) -> None:
    desk.world.book(free_change("typed", "150"), sale_in_store("a", "-2"))
    desk.show("8", "10")
    desk.run()
    assert (desk.world.known(STORE), desk.world.waiting()) == ("8", [])
    desk.world.book(sale_in_store("b", "-1"), free_change("typed-again", "20"))
    assert desk.world.known(STORE) == "27", "what comes later is booked as ever"


def test_a_plan_settles_nothing(desk: Desk) -> None:
    desk.world.book(free_change("typed", "150"))
    desk.run(kind=PLAN)
    assert parked(desk.world) == ["second_look"]


def test_a_level_that_trails_is_asked_when_it_must_have_come(desk: Desk) -> None:
    desk.world.store.abilities = replace(desk.world.store.abilities, lag=200.0)
    desk.world.book(free_change("typed", "150"))
    desk.run(looks=4)
    assert parked(desk.world) == ["second_look"]
    desk.run()
    assert desk.world.waiting() == []


def test_of_a_document_over_two_outlets_each_level_is_asked(desk: Desk) -> None:
    world = desk.world
    world.book(counted("opens", movement("1", outlet="annex", before="2")))
    world.book(counted("counted", movement("150"), movement("2", outlet="annex")))
    assert parked(world) == ["second_look"]
    world.pos.stock(CUP_POS, CUP, "5", "annex")
    run = desk.run()
    assert [(one.outlet, one.amount) for one in desk.rows(run)] == [("annex", Decimal(2))]
    desk.run()
    found = (world.account(POS).known, world.account(POS, outlet="annex").known)
    assert (found, world.waiting()) == ((Decimal(10), Decimal(5)), [])


def test_a_discarded_change_leaves_no_question_behind(desk: Desk) -> None:
    desk.world.book(free_change("typed", "150"))
    with desk.world.sql.writing() as unit:
        assert unit.discard(desk.world.waiting()[0].id, "a slip") == 1
    desk.run()
    with desk.world.sql.writing() as unit:
        assert unit.noted_under("doubt:") == {}
