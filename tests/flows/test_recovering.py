"""Books, a shop or a till that went back to a backup: noticed, caught up, and decided by a person."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import CUP, CUP_POS, CUP_STORE, line_changed, moved, movement, order_told, sale_in_store
from tests.flows.world import POS, STORE, World
from tillbridge.core import codec
from tillbridge.core.accounts import LONGEST_FLIGHT
from tillbridge.core.actions import OwnWrite
from tillbridge.core.events import Told
from tillbridge.core.findings import Limits
from tillbridge.core.marks import Mark
from tillbridge.core.routing import Rules
from tillbridge.decisions import Decisions, UnknownDecision
from tillbridge.errors import Malformed
from tillbridge.poll import restored
from tillbridge.reconcile import Care, Reconcile
from tillbridge.recovering import Recovering, as_it_is, believe, go_on


class Memory:
    """What the shop still knows."""

    def __init__(self) -> None:
        self.events: list[Told] = []
        self.writes: list[OwnWrite] = []

    def retained(self) -> Iterator[Told]:
        return iter(self.events)

    def own_writes(self) -> Iterator[OwnWrite]:
        return iter(self.writes)


def notice(world: World, further: int) -> None:
    """The shop remembers that our books had come further than they are."""
    ours = world.sql.mark()
    world.store.ours = Mark(ours.incarnation, ours.counter + further)
    assert world.work.read(STORE)


def recovering(world: World, memory: Memory) -> Recovering:
    return Recovering(world.sql, memory, lambda: world.book())


@pytest.fixture(autouse=True)
def _named(world: World) -> None:
    world.sql.take_over()
    world.link_cup()


def test_books_that_are_the_newest_stop_nothing(world: World) -> None:
    notice(world, 0)
    assert dict(world.sql.summary().stopped) == {}
    assert not recovering(world, Memory())()


def test_books_begun_anew_are_no_backup(world: World) -> None:
    world.store.ours = Mark("another", 10**6)
    assert world.work.read(STORE)
    assert dict(world.sql.summary().stopped) == {}


def test_books_that_went_back_stop_all_writing_and_say_so(world: World) -> None:
    notice(world, 5)
    assert "books of this daemon were restored" in world.sql.summary().stopped[POS]
    world.book(sale_in_store("a"))
    assert not world.work.write(POS)


def test_what_the_shop_still_knows_is_taken_once_and_our_writes_are_recognised(world: World) -> None:
    memory = Memory()
    world.book(sale_in_store("old", "-1"))
    notice(world, 5)
    memory.events = [sale_in_store("old", "-1"), sale_in_store("forgotten", "-2")]
    memory.writes = [OwnWrite("of-ours", CUP_STORE, "", Decimal(-3)), OwnWrite("elsewhere", "99", "", Decimal(-1))]
    assert recovering(world, memory)()
    assert world.known(STORE) == "4", "10, 1 sold before the backup and 2 after it, and 3 that we took for the till"
    assert not recovering(world, memory)(), "nothing can have arrived yet"
    world.clock.advance(LONGEST_FLIGHT)
    assert recovering(world, memory)()
    assert world.known(STORE) == "4"
    assert not recovering(world, memory)(), "all has arrived"
    with world.sql.writing() as unit:
        go_on(unit)
    assert world.work.read(STORE)
    assert dict(world.sql.summary().stopped) == {}, "under their old name they would be behind for ever"


def test_a_write_that_was_on_its_way_when_the_books_went_back_is_recognised_before_they_go_on(world: World) -> None:
    memory = Memory()
    notice(world, 5)
    assert recovering(world, memory)()
    memory.writes = [OwnWrite("late", CUP_STORE, "", Decimal(-3))]
    world.clock.advance(LONGEST_FLIGHT - 1)
    assert not recovering(world, memory)()
    with pytest.raises(Malformed, match="not up to date yet"), world.sql.writing() as unit:
        go_on(unit)
    world.clock.advance(1)
    assert recovering(world, memory)()
    assert (world.account(STORE).written, world.account(STORE).born) == (Decimal(-3), Decimal(0))
    with world.sql.writing() as unit:
        go_on(unit)
    assert dict(world.sql.summary().stopped) == {}


def test_books_that_go_back_once_more_wait_anew_for_what_is_on_its_way(world: World) -> None:
    for _ in range(2):
        notice(world, 5)
        assert recovering(world, Memory())()
        assert not recovering(world, Memory())()
        world.clock.advance(LONGEST_FLIGHT)
        assert recovering(world, Memory())()
        with world.sql.writing() as unit:
            go_on(unit)


def test_who_decides_about_one_of_two_that_went_back_lets_nothing_be_written_yet(world: World) -> None:
    world.pos.mark = Mark("till", 9)
    world.work.read(POS)
    world.pos.mark = Mark("till", 4)
    world.work.read(POS)
    notice(world, 5)
    with world.sql.writing() as unit:
        believe(unit, POS, "theirs")
    assert "books of this daemon were restored" in world.sql.summary().stopped[STORE]
    assert "books of this daemon were restored" in world.sql.summary().stopped[POS]


def test_an_echo_under_a_key_that_nobody_knows_is_written_by_us(world: World) -> None:
    echo = moved(movement("-2"), event_id="e", ours=True, key="of-ours")
    world.book(
        codec.encode_moved(echo), codec.encode_moved(moved(movement("-2"), event_id="f", ours=True, key="of-ours"))
    )
    account = world.account(POS)
    assert (account.written, account.born) == (Decimal(-2), Decimal(0))


def test_an_echo_of_a_write_under_way_is_settled_by_its_key_and_not_taken_for_another(world: World) -> None:
    world.book(sale_in_store("a", "-2"))

    def echoed() -> None:
        world.book(codec.encode_moved(moved(movement("-2"), event_id="e", ours=True, key="key-1")))

    world.pos.during_apply = echoed
    world.work.write(POS)
    assert world.known(POS) == "8"


@pytest.mark.parametrize(("word", "at_store", "at_pos"), [("ours", [], [-3]), ("theirs", [3], []), ("apart", [], [])])
def test_whose_word_counts_after_a_till_went_back_is_said_by_a_person(
    world: World, word: str, at_store: list[int], at_pos: list[int]
) -> None:
    world.pos.mark = Mark("till", 9)
    world.work.read(POS)
    world.pos.mark = Mark("till", 4)
    world.work.read(POS)
    assert "decide restored:pos" in world.sql.summary().stopped[POS]
    world.store.stock(CUP_STORE, CUP, "10", "")
    world.pos.stock(CUP_POS, CUP, "13", "main")
    care = Care(Rules(), Limits(least_changed=0, max_changed=Decimal(0)), 60.0)
    runs = Reconcile(world.sql, world.sides, world.work.drain, care, world.clock, lambda _: None)
    world.clock.advance(1)
    with world.sql.writing() as unit:
        believe(unit, POS, word)
    for _ in range(3):
        runs.advance()
        world.clock.advance(60)
    for side in (STORE, POS):
        world.work.write(side)
    assert (world.store.deltas, world.pos.deltas) == ([*map(Decimal, at_store)], [*map(Decimal, at_pos)])
    assert dict(world.sql.summary().stopped) == {}


def asked(decisions: Decisions) -> list[str]:
    said: Any = decisions.listed()
    return [one["id"] for one in said["rows"]]


@pytest.mark.parametrize("word", ["ours", "theirs", "apart", "resume"])
def test_nobody_is_asked_about_an_order_that_a_shop_which_went_back_may_have_again(world: World, word: str) -> None:
    world.book(line_changed("a", "-2"), order_told("b", topic="order.deleted"))
    decisions = Decisions(world.sql, world.sql, lambda: None)
    assert asked(decisions) == ["deleted:9001"]
    with world.sql.writing() as unit:
        unit.note(restored(STORE), "the database of the store went back")
    assert asked(decisions) == ["restored:store"]
    with pytest.raises(UnknownDecision):
        decisions.decide("deleted:9001", "returned")
    if word == "resume":
        with world.sql.writing() as unit:
            as_it_is(unit)
    else:
        decisions.decide("restored:store", word)
    assert asked(decisions) == []
    world.clock.advance(3600)
    with world.sql.writing() as unit:
        assert [one.order for one in unit.stirred(9)] == ["9001"]


def test_another_word_is_refused_with_those_that_are_allowed(world: World) -> None:
    with pytest.raises(Malformed, match="ours, theirs, apart"), world.sql.writing() as unit:
        believe(unit, POS, "whatever")


def test_the_time_to_which_a_side_went_back_is_said(world: World) -> None:
    for counter in (5, 9):
        world.store.mark = Mark("6f1c", counter)
        world.work.read(STORE)
        world.clock.advance(3600)
    world.store.mark = Mark("6f1c", 6)
    world.work.read(STORE)
    assert "of about 2025-10-09 08:53 UTC" in world.sql.summary().stopped[STORE]
