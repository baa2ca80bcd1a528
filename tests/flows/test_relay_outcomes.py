"""What happens after each kind of answer, and after none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.builders import CUP, CUP_POS, sale_at_pos, sale_in_store
from tests.fakes import outcomes
from tests.flows.world import POS, STORE, WEEK, World
from tillbridge.core.actions import AdjustStock, Outcome, Status, VoidAdjustment
from tillbridge.core.stock import SideName
from tillbridge.ports import Abilities

CLOSED = Outcome(Status.REFUSED, sentence="the register is closed")


def test_a_refusal_is_shown_in_the_poss_words_and_tried_again(world: World) -> None:
    world.link_cup()
    world.pos.answer(CLOSED)
    world.book(sale_in_store("a", "-2"))
    world.relay.write(POS)
    assert world.account(POS).unsettled is None
    (shown,) = world.waiting()
    assert (shown.state, shown.sentence, shown.due_at) == ("retrying", "the register is closed", world.clock.now() + 5)
    world.clock.advance(5)
    world.relay.write(POS)
    assert [action.key for action in world.pos.actions] == ["key-1", "key-2"]
    assert world.known(POS) == "8"


def test_what_was_refused_is_tried_at_once_when_something_changes(world: World) -> None:
    world.link_cup()
    world.pos.answer(CLOSED)
    world.book(sale_in_store("a", "-2"))
    world.relay.write(POS)
    world.book(sale_in_store("b", "-1"))
    world.relay.write(POS)
    assert world.pos.deltas == [Decimal(-2), Decimal(-3)]


def test_a_refusal_waits_longer_each_time_and_gives_up_after_a_week(world: World) -> None:
    world.link_cup()
    world.pos.answer(*[CLOSED] * 100)
    world.book(sale_in_store("a", "-2"))
    started, waits = world.clock.now(), []
    while world.states() == {"ready": 1}:
        world.relay.write(POS)
        due = world.sql.next_due(POS)
        if due is not None:
            waits.append(due - world.clock.now())
            world.clock.seconds = due
    assert waits[:6] == [5, 60, 900, 3600, 21_600, 21_600]
    assert world.states() == {"dead": 1}
    assert WEEK <= world.clock.now() - started <= WEEK + 21_600
    assert [one.sentence for one in world.waiting()] == ["the register is closed"]


def test_a_first_refusal_after_a_quiet_month_is_tried_again(world: World) -> None:
    world.link_cup()
    world.book(sale_in_store("a"))
    world.relay.write(POS)
    world.clock.advance(4 * WEEK)
    world.pos.answer(CLOSED)
    world.book(sale_in_store("b"))
    world.relay.write(POS)
    assert world.states() == {"ready": 1}


def test_an_outage_of_any_length_kills_no_message(world: World) -> None:
    world.link_cup()
    world.pos.answer(CLOSED)
    world.book(sale_in_store("a"))
    world.work.write(POS)
    world.work.gates[POS].away("the line is down")
    world.clock.advance(2 * WEEK)
    world.work.read(POS)
    world.pos.answer(CLOSED)
    world.work.write(POS)
    assert len(world.pos.calls) == 2
    assert world.states() == {"ready": 1}


def test_a_pause_of_any_length_kills_no_message(world: World) -> None:
    world.link_cup()
    world.pos.answer(CLOSED, CLOSED)
    world.book(sale_in_store("a"))
    world.relay.write(POS)
    with world.sql.writing() as unit:
        unit.pause([POS])
    world.clock.advance(2 * WEEK)
    with world.sql.writing() as unit:
        unit.resume([POS])
    world.relay.write(POS)
    assert world.states() == {"ready": 1}


def test_an_item_that_is_gone_is_parked_with_what_the_pos_said(world: World) -> None:
    world.link_cup()
    world.pos.answer(Outcome(Status.NOT_FOUND, reason="no_item", sentence="there is no item 12"))
    world.book(sale_in_store("a", "-2"))
    world.relay.write(POS)
    assert [(one.state, one.reason, one.sentence) for one in world.waiting()] == [
        ("parked", "no_item", "there is no item 12")
    ]
    world.clock.advance(WEEK)
    assert world.relay.write(POS).messages == 0


def test_what_is_parked_is_released_by_new_activity(world: World) -> None:
    world.link_cup()
    world.pos.answer(*outcomes(Status.NOT_FOUND))
    world.book(sale_in_store("a", "-2"))
    world.relay.write(POS)
    world.book(sale_in_store("b", "-1"))
    world.relay.write(POS)
    assert world.pos.deltas == [Decimal(-2), Decimal(-3)]
    assert world.states() == {}


@pytest.mark.parametrize("status", [Status.REFUSED, Status.NOT_FOUND, Status.INVALID])
def test_what_happened_during_a_call_that_failed_is_not_forgotten(world: World, status: Status) -> None:
    world.link_cup()
    world.pos.answer(Outcome(status, sentence="no"))
    world.book(sale_in_store("a", "-2"))
    world.pos.during_apply = lambda: world.book(sale_in_store("b", "-1"))
    world.relay.write(POS)
    world.pos.during_apply = lambda: None
    world.relay.write(POS)
    assert world.pos.deltas == [Decimal(-2), Decimal(-3)]


def test_an_unanswered_write_in_the_shop_is_voided_before_a_new_amount(world: World) -> None:
    world.link_cup()
    world.store.answer(*outcomes(Status.UNCERTAIN))
    world.book(sale_at_pos("a", "-2"))
    world.relay.write(STORE)
    assert world.known(STORE) == "10"
    world.book(sale_at_pos("b", "-1"))
    world.relay.write(STORE)
    world.relay.write(STORE)
    assert world.store.actions == [
        AdjustStock("key-1", "51", "", Decimal(-2), "tillbridge"),
        VoidAdjustment("key-1", "51"),
        AdjustStock("key-2", "51", "", Decimal(-3), "tillbridge"),
    ]
    assert world.known(STORE) == "7"


def test_a_void_that_came_too_late_counts_what_was_applied(world: World) -> None:
    world.link_cup()
    world.store.answer(*outcomes(Status.UNCERTAIN, Status.APPLIED))
    world.book(sale_at_pos("a", "-2"))
    for _ in range(3):
        world.relay.write(STORE)
        world.clock.advance(5)
    assert [type(action) for action in world.store.actions] == [AdjustStock, VoidAdjustment]
    assert world.known(STORE) == "8"
    assert world.rows("SELECT source, amount FROM entry WHERE kind = 'written'") == [("key-1", "-2")]


def test_an_unanswered_write_at_the_pos_is_repeated_unchanged(world: World) -> None:
    world.link_cup()
    world.pos.answer(*outcomes(Status.UNCERTAIN, Status.UNCERTAIN, Status.DUPLICATE))
    world.book(sale_in_store("a", "-2"))
    world.relay.write(POS)
    world.book(sale_in_store("b", "-1"))
    world.relay.write(POS)
    world.clock.advance(120)
    world.relay.write(POS)
    world.relay.write(POS)
    sent = [(action.key, str(action.delta)) for action in world.pos.actions if isinstance(action, AdjustStock)]
    assert sent == [("key-1", "-2"), ("key-1", "-2"), ("key-1", "-2"), ("key-2", "-1")]
    assert world.known(POS) == "7"


@pytest.mark.parametrize(("level", "known"), [("8", "8"), ("10", "10")])
def test_past_the_poss_memory_of_keys_its_level_is_looked_at(world: World, level: str, known: str) -> None:
    world.link_cup()
    world.pos.abilities = Abilities(world.pos.abilities.actions, key_memory=3600.0)
    world.pos.answer(*outcomes(Status.UNCERTAIN))
    world.book(sale_in_store("a", "-2"))
    world.relay.write(POS)
    world.pos.stock(CUP_POS, CUP, level, "main")
    world.clock.advance(3600)
    world.relay.write(POS)
    assert (len(world.pos.calls), world.known(POS), world.account(POS).unsettled) == (1, known, None)


def test_a_pos_without_keys_is_never_asked_twice(world: World) -> None:
    world.link_cup()
    world.pos.abilities = Abilities(world.pos.abilities.actions, key_memory=None)
    world.pos.answer(*outcomes(Status.UNCERTAIN))
    world.book(sale_in_store("a", "-2"))
    world.relay.write(POS)
    world.pos.stock(CUP_POS, CUP, "9", "main")
    world.clock.advance(5)
    world.relay.write(POS)
    assert len(world.pos.calls) == 1
    assert [one.reason for one in world.waiting()] == ["uncertain_write"], "9 is neither 10 nor 8"


@pytest.mark.parametrize("status", [Status.UNAUTHORISED, Status.THROTTLED])
def test_a_gateway_that_refuses_may_have_let_the_request_through(world: World, status: Status) -> None:
    world.link_cup()
    world.pos.answer(*outcomes(status))
    world.book(sale_in_store("a", "-2"))
    world.relay.write(POS)
    world.relay.write(POS)
    assert [action.key for action in world.pos.actions] == ["key-1"] * 2


def test_a_first_try_that_never_arrived_dissolves_and_coalesces(world: World) -> None:
    world.link_cup()
    world.pos.answer(*outcomes(Status.UNREACHABLE))
    world.book(sale_in_store("a", "-2"))
    world.relay.write(POS)
    assert world.account(POS).unsettled is None
    world.book(*(sale_in_store(f"b{number}") for number in range(100)))
    world.relay.write(POS)
    assert world.pos.deltas == [Decimal(-2), Decimal(-102)]
    assert [action.key for action in world.pos.actions] == ["key-1", "key-2"]


@pytest.mark.parametrize("status", [Status.UNREACHABLE, Status.UNAUTHORISED, Status.THROTTLED])
def test_a_later_try_that_never_arrived_leaves_the_earlier_open(world: World, status: Status) -> None:
    world.link_cup()
    world.pos.answer(*outcomes(Status.UNCERTAIN, status))
    world.book(sale_in_store("a", "-2"))
    world.relay.write(POS)
    world.clock.advance(5)
    world.relay.write(POS)
    world.book(sale_in_store("b", "-1"))
    world.relay.write(POS)
    assert [action.key for action in world.pos.actions] == ["key-1"] * 3
    assert world.account(POS).written == Decimal(-2)


def test_a_side_that_is_away_costs_a_message_nothing(world: World) -> None:
    world.link_cup()
    world.pos.answer(*outcomes(*[Status.UNREACHABLE] * 50))
    world.book(sale_in_store("a"))
    for _ in range(50):
        world.relay.write(POS)
        world.clock.advance(86_400)
    assert world.rows("SELECT attempts, failing_for, state FROM message WHERE side = 'pos'") == [(0, 0, "ready")]
    world.relay.write(POS)
    assert world.known(POS) == "9"


def _crash(world: World) -> None:
    """The process dies before the answer is stored: nothing after the call happens."""

    def die() -> None:
        raise KeyboardInterrupt

    world.pos.during_apply = world.store.during_apply = die


@pytest.mark.parametrize(
    ("side", "status", "asked"),
    [(STORE, Status.APPLIED, VoidAdjustment), (POS, Status.DUPLICATE, AdjustStock)],
    ids=["in the shop", "at the POS"],
)
def test_after_a_crash_the_attempt_is_settled_by_its_key(
    world: World, side: SideName, status: Status, asked: type
) -> None:
    world.link_cup()
    here = world.store if side is STORE else world.pos
    world.book(sale_at_pos("a", "-2") if side is STORE else sale_in_store("a", "-2"))
    _crash(world)
    with pytest.raises(KeyboardInterrupt):
        world.relay.write(side)
    here.during_apply = lambda: None
    here.answer(Outcome(status))
    world.restart()
    world.relay.write(side)
    assert [type(action) for action in here.actions] == [AdjustStock, asked]
    assert {action.key for action in here.actions} == {"key-1"}
    assert world.known(side) == "8"
