"""What nobody told is found twice, put down to a side, and mended by the one rule; and a shop in step costs nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.builders import CUP, CUP_POS, CUP_STORE, sale_at_pos, sale_in_store
from tests.flows.world import POS, STORE, World
from tillbridge.core.actions import Loss
from tillbridge.core.findings import Limits
from tillbridge.core.routing import Rules
from tillbridge.core.terms import Authority
from tillbridge.ports import DONE, FAILED, HELD, PLAN, WAITING, Abilities, Row, Run
from tillbridge.reconcile import Care, Reconcile
from tillbridge.resync import UnknownSku

SETTLE = 60.0
USUAL = Limits()


class Desk:
    """A shop and a till with the cup on both shelves, and runs over them."""

    def __init__(self, world: World, authority: Authority = Authority.BOTH, limits: Limits = USUAL) -> None:
        self.world = world
        world.link_cup()
        self.show("10", "10")
        care = Care(Rules(authority), limits, SETTLE)
        self.reconcile = Reconcile(world.sql, world.sides, world.work.drain, care, world.clock, lambda _: None)

    def show(self, store: str | None, pos: str | None) -> None:
        """What both sides really have."""
        self.world.store.stock(CUP_STORE, CUP, store, "")
        self.world.pos.stock(CUP_POS, CUP, pos, "main")

    def run(self, what: str = "", kind: str = "reconcile", looks: int = 8) -> Run:
        """Begin a run, and let it come to its end."""
        self.world.clock.advance(1)
        number = self.reconcile.begin(what, kind).id
        for _ in range(looks):
            self.reconcile.advance()
            self.world.clock.advance(SETTLE)
        return self.state(number)

    def state(self, number: int) -> Run:
        with self.world.sql.writing() as unit:
            run = unit.run(number)
        assert run is not None
        return run

    def rows(self, run: Run) -> list[Row]:
        with self.world.sql.writing() as unit:
            return unit.found_by(run.id)

    def write(self) -> None:
        """The one rule, on both sides."""
        for side in (STORE, POS):
            self.world.work.write(side)


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def test_a_shop_in_step_costs_two_counts_and_no_writes(desk: Desk) -> None:
    run = desk.run()
    assert (run.state, desk.rows(run)) == (DONE, [])
    assert (desk.world.store.counts, desk.world.pos.counts) == (1, 1)
    assert desk.world.store.calls == desk.world.pos.calls == []


def test_a_level_changed_by_sql_is_born_there_and_the_other_side_follows(desk: Desk) -> None:
    desk.show("7", "10")
    run = desk.run()
    assert [(one.side, one.amount, one.verdict) for one in desk.rows(run)] == [(STORE, Decimal(-3), "born")]
    desk.write()
    assert (desk.world.store.deltas, desk.world.pos.deltas) == ([], [Decimal(-3)])


def test_nothing_is_acted_on_that_was_seen_only_once(desk: Desk) -> None:
    desk.show("7", "10")
    desk.world.clock.advance(1)
    run = desk.reconcile.begin()
    desk.reconcile.advance()
    assert (desk.state(run.id).state, desk.world.known(STORE)) == (WAITING, "10")
    desk.world.clock.advance(SETTLE - 1)
    assert not desk.reconcile.advance(), "it is not the time yet"
    desk.show("10", "10")
    desk.world.clock.advance(1)
    desk.reconcile.advance()
    assert (desk.state(run.id).state, desk.world.known(STORE)) == (DONE, "10")


def test_another_difference_begins_anew(desk: Desk) -> None:
    desk.show("7", "10")
    desk.world.clock.advance(1)
    run = desk.reconcile.begin()
    desk.reconcile.advance()
    desk.world.clock.advance(SETTLE)
    desk.show("6", "10")
    desk.reconcile.advance()
    assert (desk.state(run.id).state, desk.rows(run)) == (WAITING, [])
    desk.world.clock.advance(SETTLE)
    desk.reconcile.advance()
    assert [one.amount for one in desk.rows(run)] == [Decimal(-4)]


def test_a_sale_told_while_it_is_counted_is_no_difference(desk: Desk) -> None:
    def sell() -> None:
        desk.world.pos.during_count = lambda: None
        desk.world.pos.tell(sale_at_pos("a", "-2"))

    desk.show("10", "8")
    desk.world.pos.during_count = sell
    run = desk.run()
    assert (run.state, desk.rows(run), desk.world.known(POS)) == (DONE, [], "8")


def test_a_write_under_way_is_left_alone(desk: Desk) -> None:
    desk.world.book(sale_in_store("a", "-2"))
    desk.world.pos.during_apply = lambda: void(desk.run(looks=1))
    desk.show("8", "8")
    desk.write()
    assert desk.world.known(POS) == "8", "the write was confirmed, and the level it left was not taken for a loss"


def test_what_a_level_tells_nobody_knows_moves_nothing(desk: Desk) -> None:
    desk.show(None, "10")
    run = desk.run()
    assert (run.state, desk.rows(run), run.facts["unknown"]) == (DONE, [], 1)


@pytest.mark.parametrize(
    ("authority", "store", "pos", "verdict", "at_store", "at_pos"),
    [
        (Authority.BOTH, "13", "10", "born", [], [3]),
        (Authority.BOTH, "10", "13", "born", [3], []),
        (Authority.POS, "13", "10", "put_back", [-3], []),
        (Authority.POS, "7", "10", "held", [], []),
        (Authority.POS, "10", "7", "born", [-3], []),
        (Authority.STORE, "13", "10", "born", [], [3]),
        (Authority.STORE, "10", "13", "put_back", [], [-3]),
    ],
)
def test_each_side_is_put_down_by_whose_word_counts(
    world: World, authority: Authority, store: str, pos: str, verdict: str, at_store: list[int], at_pos: list[int]
) -> None:
    desk = Desk(world, authority)
    desk.show(store, pos)
    run = desk.run()
    assert [one.verdict for one in desk.rows(run)] == [verdict]
    desk.write()
    assert (world.store.deltas, world.pos.deltas) == ([*map(Decimal, at_store)], [*map(Decimal, at_pos)])


def test_a_write_that_the_pos_lost_is_made_again(world: World) -> None:
    desk = Desk(world)
    world.pos.abilities = Abilities(world.pos.abilities.actions, key_memory=60.0, history=True)
    world.book(sale_in_store("a", "-2"))
    desk.write()
    desk.show("8", "10")
    world.pos.losses = {(CUP_POS, "main"): (Loss("17", Decimal(-2)),)}
    run = desk.run()
    assert [one.verdict for one in desk.rows(run)] == ["lost_write"]
    desk.write()
    assert world.pos.deltas == [Decimal(-2), Decimal(-2)]
    desk.show("8", "8")
    assert desk.rows(desk.run()) == [], "the loss is entered once, though the history still shows it"


def test_a_plan_finds_the_same_and_does_nothing(desk: Desk) -> None:
    desk.show("7", "12")
    plan = desk.run(kind=PLAN)
    assert [(one.side, one.amount) for one in desk.rows(plan)] == [(POS, Decimal(2)), (STORE, Decimal(-3))]
    assert (desk.world.known(STORE), desk.world.known(POS)) == ("10", "10")
    run = desk.run()
    assert [(one.side, one.amount) for one in desk.rows(run)] == [(POS, Decimal(2)), (STORE, Decimal(-3))]


def test_one_sku_is_looked_at_without_a_count(desk: Desk) -> None:
    desk.show("7", "10")
    run = desk.run(CUP)
    assert (len(desk.rows(run)), desk.world.store.counts) == (1, 0)


def test_an_unknown_sku_is_said_to_be_one(desk: Desk) -> None:
    with pytest.raises(UnknownSku, match="NO-SUCH"):
        desk.reconcile.begin("NO-SUCH")


def test_with_report_nothing_is_done_without_a_person(world: World) -> None:
    desk = Desk(world, limits=Limits(report=True))
    desk.show("7", "10")
    run = desk.run()
    assert ([one.verdict for one in desk.rows(run)], world.known(STORE)) == (["reported"], "10")
    assert [one.kind for one in world.sql.alerts(10)] == ["unexplained"]
    with world.sql.writing() as unit:
        unit.note("accept:1:store:", "-3")
    desk.run()
    assert (world.known(STORE), world.sql.alerts(10)) == ("7", [])


def test_a_large_rise_is_reported_first(world: World) -> None:
    desk = Desk(world, limits=Limits(max_drop=Decimal(50)))
    desk.show("61", "10")
    assert [one.verdict for one in desk.rows(desk.run())] == ["reported"]


def test_a_run_that_would_change_too_much_is_held_until_a_person_says_go_on(world: World) -> None:
    desk = Desk(world, limits=Limits(least_changed=0, max_changed=Decimal("0.5")))
    desk.show("7", "10")
    run = desk.run()
    assert (run.state, world.known(STORE)) == (HELD, "10")
    with world.sql.writing() as unit:
        unit.save_run(Run(run.id, run.kind, run.scope, WAITING, run.started, None, {**run.facts, "allowed": True}))
    desk.reconcile.advance()
    assert (desk.state(run.id).state, world.known(STORE)) == (DONE, "7")


def test_many_items_that_fall_to_zero_at_once_hold_a_run(world: World) -> None:
    desk = Desk(world, limits=Limits(max_zeroed=0))
    desk.show("0", "10")
    assert desk.run().state == HELD


def test_a_side_that_cannot_be_read_ends_the_run_and_says_so(desk: Desk) -> None:
    from tillbridge.errors import NotSent

    desk.world.pos.feed_trouble = NotSent("the line is down")
    run = desk.run(looks=1)
    assert (run.state, run.facts["reason"]) == (FAILED, "the pos cannot be read now")


def test_the_same_run_is_not_begun_twice(desk: Desk) -> None:
    assert desk.reconcile.begin().id == desk.reconcile.begin().id != desk.reconcile.begin(CUP).id


def void(_: object) -> None:
    """For a callback whose answer nobody needs."""


def test_while_a_run_waits_for_a_person_the_schedule_begins_no_other(world: World) -> None:
    desk = Desk(world, limits=Limits(max_zeroed=0))
    desk.show("0", "10")
    held = desk.run()
    desk.reconcile.on_schedule()
    assert not desk.reconcile.advance()
    with world.sql.writing() as unit:
        unit.save_run(replace(held, state=DONE))
    desk.reconcile.on_schedule()
    assert desk.reconcile.advance()
