"""An event on one side becomes one write on the other, with the amount that is lacking there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.builders import sale_at_pos, sale_in_store
from tests.flows.world import LEASE, POS, STORE, World
from tillbridge.core.actions import AdjustStock, Outcome, Status
from tillbridge.ports import Abilities


def test_a_web_sale_is_written_at_the_till_once(world: World) -> None:
    world.link_cup()
    world.book(sale_in_store("a", "-2"))
    assert world.relay.write(POS).calls == 1
    assert world.pos.actions == [AdjustStock("key-1", "12", "main", Decimal(-2), "tillbridge")]
    assert (world.known(STORE), world.known(POS)) == ("8", "8")
    assert world.states() == {}
    assert world.relay.write(POS).messages == 0
    assert world.store.calls == []


def test_a_till_sale_is_written_in_the_shop_once(world: World) -> None:
    world.link_cup()
    world.book(sale_at_pos("a", "-1.5"))
    world.relay.write(STORE)
    assert world.store.actions == [AdjustStock("key-1", "51", "", Decimal("-1.5"), "tillbridge")]
    assert (world.known(STORE), world.known(POS)) == ("8.5", "8.5")


def test_sales_on_both_sides_cross_each_other(world: World) -> None:
    world.link_cup()
    world.book(sale_in_store("a", "-2"), sale_at_pos("b", "-3"))
    world.relay.write(POS)
    world.relay.write(STORE)
    assert (world.pos.deltas, world.store.deltas) == ([Decimal(-2)], [Decimal(-3)])
    assert (world.known(STORE), world.known(POS)) == ("5", "5")


def test_an_event_that_comes_late_changes_nothing_about_the_end(world: World) -> None:
    world.link_cup()
    world.book(sale_at_pos("b", "-3"))
    world.relay.write(STORE)
    world.clock.advance(86_400)
    world.book(sale_in_store("a", "-2"))
    world.relay.write(POS)
    assert (world.pos.deltas, world.store.deltas) == ([Decimal(-2)], [Decimal(-3)])
    assert (world.known(STORE), world.known(POS)) == ("5", "5")


def test_a_thousand_sales_become_one_write(world: World) -> None:
    world.link_cup("2000", "2000")
    world.book(*(sale_in_store(str(number)) for number in range(1000)))
    assert world.relay.write(POS).calls == 1
    assert world.pos.deltas == [Decimal(-1000)]
    assert world.rows("SELECT COUNT(*) FROM entry WHERE kind = 'written'") == [(1,)]


def test_a_sale_and_its_cancellation_are_no_write(world: World) -> None:
    world.link_cup()
    world.book(sale_in_store("a", "-2"), sale_in_store("b", "2"))
    world.relay.write(POS)
    assert world.pos.calls == []
    assert world.states() == {}


def test_what_was_due_and_cancelled_itself_out_needs_no_call(world: World) -> None:
    world.link_cup()
    world.book(sale_in_store("a", "-2"))
    world.book(sale_in_store("b", "2"))
    assert world.relay.write(POS).messages == 1
    assert world.pos.calls == []
    assert world.states() == {}


def test_many_items_go_in_one_call_up_to_what_the_side_bears(world: World) -> None:
    world.link_many(250)
    world.book(*(sale_in_store(f"e{number}", ref=str(number)) for number in range(1, 251)))
    while world.relay.write(POS).messages:
        pass
    assert [len(call) for call in world.pos.calls] == [100, 100, 50]
    assert len({action.key for action in world.pos.actions}) == 250


def test_falls_are_written_before_rises(world: World) -> None:
    world.link_many(3)
    world.book(sale_in_store("a", "5", "1"), sale_in_store("b", "-1", "2"), sale_in_store("c", "-1", "3"))
    world.relay.write(POS)
    assert [action.ref for action in world.pos.actions if isinstance(action, AdjustStock)] == ["2", "3", "1"]


def test_one_bad_item_does_not_fail_its_neighbours(world: World) -> None:
    world.link_many(3)
    world.pos.answer(Outcome(Status.APPLIED), Outcome(Status.NOT_FOUND, sentence="gone"), Outcome(Status.DUPLICATE))
    world.book(*(sale_in_store(f"e{number}", ref=str(number)) for number in (1, 2, 3)))
    world.relay.write(POS)
    assert [world.known(POS, number) for number in (1, 2, 3)] == ["999", "1000", "999"]
    assert world.rows("SELECT body, state FROM message WHERE side = 'pos' AND state <> 'done'") == [("2", "parked")]


def test_a_sale_during_the_call_is_written_by_the_next(world: World) -> None:
    world.link_cup()
    world.book(sale_in_store("a", "-2"))
    world.pos.during_apply = lambda: world.book(sale_in_store("b", "-1"))
    world.relay.write(POS)
    world.pos.during_apply = lambda: None
    world.relay.write(POS)
    assert world.pos.deltas == [Decimal(-2), Decimal(-1)]
    assert world.known(POS) == "7"


def test_the_attempt_is_on_disk_before_the_call(world: World) -> None:
    world.link_cup()
    world.book(sale_in_store("a", "-2"))
    seen: list[object] = []
    world.pos.during_apply = lambda: seen.append(world.account(POS).unsettled)
    world.relay.write(POS)
    (under_way,) = seen
    assert (getattr(under_way, "key", None), getattr(under_way, "amount", None)) == ("key-1", Decimal(-2))
    assert world.passed[-3:] == ["write.attempted", "write.answered", "write.settled"]


def test_writes_go_to_the_outlet_that_the_owner_named(world: World) -> None:
    world.link_cup(cellar="5")
    world.put_together(world.sql, sell_from="cellar")
    world.book(sale_in_store("a", "-2"))
    world.relay.write(POS)
    assert [action.outlet for action in world.pos.actions if isinstance(action, AdjustStock)] == ["cellar"]


def test_an_outlet_without_a_level_needs_a_person(world: World) -> None:
    world.link_cup()
    world.put_together(world.sql, sell_from="attic")
    world.book(sale_in_store("a", "-2"))
    world.relay.write(POS)
    assert world.pos.calls == []
    assert [(one.reason, "attic" in one.sentence) for one in world.waiting()] == [("no_outlet", True)]


def test_an_amount_that_does_not_fit_is_parked_and_never_rounded(world: World) -> None:
    world.link_cup()
    world.pos.abilities = Abilities(world.pos.abilities.actions, precision=0, key_memory=60.0)
    world.book(sale_in_store("a", "-1.5"))
    world.relay.write(POS)
    assert world.pos.calls == []
    (shown,) = world.waiting()
    assert (shown.reason, shown.sentence) == ("precision", "-1.5 does not fit: this side takes 0 decimals")
    world.book(sale_in_store("b", "-0.5"))
    world.relay.write(POS)
    assert world.pos.deltas == [Decimal(-2)]


def test_a_paused_side_is_not_written_to_and_misses_nothing(world: World) -> None:
    world.link_cup()
    with world.sql.writing() as unit:
        unit.pause([POS])
    world.book(sale_in_store("a"), sale_at_pos("b"))
    assert world.relay.write(POS).messages == 0
    assert world.relay.write(STORE).calls == 1
    with world.sql.writing() as unit:
        unit.resume([POS])
    world.relay.write(POS)
    assert world.pos.deltas == [Decimal(-1)]


def test_a_worker_that_slept_past_its_lease_changes_nothing(world: World) -> None:
    world.link_cup()
    world.book(sale_in_store("a", "-2"))

    def oversleep() -> None:
        world.pos.during_apply = lambda: None
        world.clock.advance(LEASE + 1)
        world.relay.write(POS)  # another worker takes over: same key, same amount

    world.pos.during_apply = oversleep
    world.pos.answer(Outcome(Status.DUPLICATE), Outcome(Status.APPLIED))
    world.relay.write(POS)
    assert [action.key for action in world.pos.actions] == ["key-1", "key-1"]
    assert world.account(POS).written == Decimal(-2)
    assert world.rows("SELECT COUNT(*) FROM entry WHERE kind = 'written'") == [(1,)]


def test_an_answer_that_comes_after_the_takeover_is_left_to_the_new_worker(world: World) -> None:
    world.link_cup()
    world.book(sale_in_store("a", "-2"))

    def take_over() -> None:
        world.clock.advance(LEASE + 1)
        with world.sql.writing() as unit:
            assert len(unit.claim_writes(POS, 10, LEASE)) == 1

    world.pos.during_apply = take_over
    world.relay.write(POS)
    unsettled = world.account(POS).unsettled
    assert unsettled is not None
    assert unsettled.key == "key-1"


def test_an_answer_for_the_wrong_number_of_actions_settles_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.link_cup()
    world.book(sale_in_store("a"))
    monkeypatch.setattr(world.pos, "apply", lambda _: [])
    with pytest.raises(ValueError, match="0 answers to 1"):
        world.relay.write(POS)
    assert world.account(POS).unsettled is not None


def test_the_journal_explains_both_levels(world: World) -> None:
    world.link_cup()
    world.book(sale_in_store("a", "-2"), sale_at_pos("b", "-3"), sale_at_pos("c", "5"))
    world.relay.write(POS)
    world.relay.write(STORE)
    sums = {
        side: sum(
            Decimal(str(amount)) for found, amount in world.rows("SELECT side, amount FROM entry") if found == side
        )
        for side in (STORE, POS)
    }
    assert sums == {STORE: Decimal(10), POS: Decimal(10)}
    assert world.sql.summary().unsettled == 0
