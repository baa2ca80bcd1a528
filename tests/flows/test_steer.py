"""What a person is told about the running daemon, and may ask of it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import CUP, CUP_POS, CUP_STORE, sale_at_pos, sale_in_store, store_event, told
from tests.fakes import outcomes
from tests.flows.world import OF_BOTH, POS, STORE, USUAL, World
from tillbridge import alerts, braking
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.codec import STORE_KIND
from tillbridge.errors import Malformed, NoAnswer
from tillbridge.reconcile import Care, Reconcile
from tillbridge.recovering import REPLAYED
from tillbridge.runs import Report
from tillbridge.steer import ALERTS_SHOWN, STALE_AFTER, Steering


class Person:
    """Somebody at the controls of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.looks = 0
        self.steering = Steering(world.sql, world.work, world.clock, self._look, 0.0)

    def _look(self) -> None:
        self.looks += 1

    def sees(self, name: str) -> Any:
        """One figure of the status."""
        return self.steering.status()[name]


@pytest.fixture
def person(world: World) -> Person:
    """A person who knows nothing but the controls."""
    world.link_cup()
    return Person(world)


def test_a_quiet_daemon_is_in_step(person: Person) -> None:
    status = person.steering.status()
    assert json.loads(json.dumps(status)) == status
    assert {name: status[name] for name in ("in_step", "links", "waiting", "parked", "dead", "under_way")} == {
        "in_step": True, "links": 1, "waiting": 0, "parked": 0, "dead": 0, "under_way": 0,
    }  # fmt: skip
    assert (status["paused"], status["held_out"], status["oldest_waiting_seconds"]) == ([], {}, None)
    assert status["sides"] == {
        side: {"reachable": True, "away_seconds": None, "trouble": "", "feed_read_seconds_ago": None}
        for side in ("store", "pos")
    }


def test_since_when_both_are_in_step_is_the_end_of_the_last_work(person: Person) -> None:
    assert person.sees("in_step_since") is None, "nothing was ever settled"
    person.world.book(sale_in_store("a"))
    assert (person.sees("in_step"), person.sees("in_step_since")) == (False, None)
    person.world.clock.advance(60)
    person.world.relay.write(POS)
    person.world.clock.advance(3600)
    assert (person.sees("in_step"), person.sees("in_step_since")) == (True, "2025-10-09T08:54:20Z")


def test_a_comparison_that_failed_is_told_until_one_ends_well(person: Person) -> None:
    world = person.world
    care = Care(OF_BOTH, USUAL, settle=60.0)
    reconcile = Reconcile(world.sql, world.sides, world.work.drain, care, world.clock, lambda _: None)
    world.store.stock(CUP_STORE, CUP, "10", "")
    world.pos.stock(CUP_POS, CUP, "10", "main")
    assert person.sees("reconcile") == {"run": None, "ended_well": None, "failed": "", "failed_at": None}
    world.pos.feed_trouble = NoAnswer("time-out")
    reconcile.begin()
    reconcile.advance()
    failed = person.sees("reconcile")
    assert (failed["failed"], failed["ended_well"]) == ("run 1 failed: the pos cannot be read now", None)
    assert failed["failed_at"] == "2025-10-09T08:53:20Z"
    assert person.steering.figures()["tillbridge_reconcile_failed"] == 1.0
    assert Report(world.sql)(1)["unreachable"] is True
    world.pos.feed_trouble = None
    world.clock.advance(3600)
    reconcile.begin()
    reconcile.advance()
    assert person.sees("reconcile") == {
        "run": 2, "ended_well": "2025-10-09T09:53:20Z", "failed": "", "failed_at": None,
    }  # fmt: skip
    world.clock.advance(5)
    figures = person.steering.figures()
    assert (figures["tillbridge_reconcile_failed"], figures["tillbridge_last_good_reconcile_seconds"]) == (0.0, 5.0)


def test_what_waits_is_counted_with_its_age(person: Person) -> None:
    person.world.put(sale_in_store("a"), sale_in_store("b"))
    person.world.clock.advance(90)
    assert (person.sees("waiting"), person.sees("oldest_waiting_seconds"), person.sees("in_step")) == (2, 90.0, False)
    assert person.sees("up_seconds") == 90.0


def test_what_needs_a_person_is_counted(person: Person) -> None:
    person.world.book(told(STORE_KIND, store_event("a", "loyalty.changed"), "store:a"))
    assert (person.sees("parked"), person.sees("in_step")) == (1, False)


def test_a_write_under_way_is_not_in_step(person: Person) -> None:
    person.world.pos.answer(*outcomes(Status.UNCERTAIN))
    person.world.book(sale_in_store("a"))
    person.world.relay.write(POS)
    assert (person.sees("under_way"), person.sees("in_step")) == (1, False)


def test_a_side_that_is_away_is_shown_with_reason_and_time(person: Person) -> None:
    person.world.work.read(POS)
    person.world.clock.advance(10)
    person.world.pos.feed_trouble = NoAnswer("time-out")
    person.world.work.read(POS)
    person.world.clock.advance(5)
    assert person.sees("sides")["pos"] == {
        "reachable": False, "away_seconds": 5.0, "trouble": "time-out", "feed_read_seconds_ago": 15.0,
    }  # fmt: skip
    assert person.sees("sides")["store"]["reachable"] is True


def test_what_a_person_was_told_and_is_asked_is_shown(person: Person) -> None:
    assert (person.sees("alerts"), person.sees("alerts_total"), person.sees("decisions")) == ([], 0, 0)
    with person.world.sql.writing() as unit:
        unit.note(braking.note_of(STORE), "on")
        alerts.tell(unit, 1, alerts.OVERSOLD, Decimal(2), "two are missing")
    assert person.sees("alerts") == [
        {"kind": "oversold", "sku": CUP, "amount": "2", "words": "two are missing", "since": "2025-10-09T08:53:20Z"}
    ]
    assert (person.sees("alerts_total"), person.sees("decisions")) == (1, 1)
    figures = person.steering.figures()
    assert (figures["tillbridge_alerts"], figures["tillbridge_decisions"]) == (1.0, 1.0)
    json.dumps(person.steering.status())


def test_of_many_alerts_the_oldest_are_shown_and_all_are_counted(person: Person) -> None:
    with person.world.sql.writing() as unit:
        for number in range(30):
            alerts.tell(unit, 1, f"kind-{number}", Decimal(1), "x")
    assert (len(person.sees("alerts")), person.sees("alerts_total")) == (ALERTS_SHOWN, 30)


@pytest.mark.parametrize(("flow", "paused"), [("to-pos", ["pos"]), ("to-store", ["store"]), ("all", ["store", "pos"])])
def test_a_flow_is_paused_and_resumed(person: Person, flow: str, paused: list[str]) -> None:
    assert person.steering.pause(flow)["paused"] == paused
    assert person.sees("paused") == paused
    assert person.steering.resume(flow)["paused"] == []


def test_a_pause_holds_one_direction_only(person: Person) -> None:
    person.steering.pause("to-pos")
    person.world.book(sale_in_store("a"), sale_at_pos("b"))
    person.world.work.write(POS)
    person.world.work.write(STORE)
    assert (person.world.pos.calls, len(person.world.store.calls)) == ([], 1)


@pytest.mark.parametrize("verb", ["pause", "resume", "sync"])
@pytest.mark.parametrize("flow", ["", "pos", "TO-POS", "both", "to-pos; drop"])
def test_a_wrong_flow_is_told_what_is_allowed(person: Person, verb: str, flow: str) -> None:
    with pytest.raises(Malformed, match="allowed is one of to-pos, to-store, all"):
        getattr(person.steering, verb)(flow)
    assert person.sees("paused") == []


def test_looking_now_tries_everything_that_failed_once_more(person: Person) -> None:
    person.world.pos.answer(Outcome(Status.NOT_FOUND), Outcome(Status.REFUSED))
    person.world.book(sale_in_store("a"), told(STORE_KIND, "{", "store:odd"))
    person.world.relay.write(POS)
    assert person.sees("parked") == 2
    person.steering.sync("all")
    assert person.looks == 1
    person.world.relay.write(POS)
    assert len(person.world.pos.calls) == 2
    person.steering.sync("to-pos")
    person.world.relay.write(POS)
    assert person.world.known(POS) == "9"


def test_a_daemon_without_workers_is_not_healthy(person: Person) -> None:
    person.world.work.start({STORE: 1, POS: 1})
    well, told_well = person.steering.healthy()
    assert person.world.work.stop(20.0)
    ill, told_ill = person.steering.healthy()
    assert (well, told_well["workers"]) == (True, "ok")
    assert (ill, told_ill["workers"]) == (False, "dead")


def test_a_side_that_was_not_heard_for_long_is_not_healthy(person: Person) -> None:
    person.world.clock.advance(STALE_AFTER)
    assert person.steering.healthy()[1]["silent_sides"] == {}
    person.world.work.read(STORE)
    person.world.clock.advance(1)
    well, told_why = person.steering.healthy()
    assert (well, told_why["silent_sides"]) == (False, {"pos": STALE_AFTER + 1})


def test_the_figures_for_monitoring_follow_the_status(person: Person) -> None:
    person.world.put(sale_in_store("a"))
    person.world.work.gates[POS].away("refused")
    person.world.clock.advance(7)
    figures = person.steering.figures()
    assert figures["tillbridge_links"] == 1.0
    assert figures["tillbridge_oldest_waiting_seconds"] == 7.0
    assert figures['tillbridge_messages{state="ready"}'] == 1.0
    assert figures['tillbridge_side_reachable{side="pos"}'] == 0.0
    assert figures['tillbridge_side_reachable{side="store"}'] == 1.0
    assert all(isinstance(value, float) for value in figures.values())
    assert figures["tillbridge_database_bytes"] > 0


def test_to_go_on_after_a_backup_without_a_word_is_a_decision_too(person: Person) -> None:
    books = person.world.sql
    books.take_over()
    with books.writing() as unit:
        unit.note("restored:books", "why")
        unit.note("restored:pos", "why")
    with pytest.raises(Malformed, match="not up to date yet"):
        person.steering.resume("to-pos")
    with books.writing() as unit:
        unit.note(REPLAYED, "yes")
    person.steering.resume("to-pos")
    assert books.noted("restored:pos") == "why", "one way open is no decision"
    person.steering.resume("all")
    assert [books.noted(f"restored:{what}") for what in ("books", "pos", "store")] == ["", "", ""]
