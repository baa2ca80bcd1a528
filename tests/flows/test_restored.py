"""A shop that was restored from a backup: it is noticed, nothing is written on top of it, and a person decides."""

from __future__ import annotations

from tests.builders import sale_at_pos, sale_in_store
from tests.flows.world import POS, STORE, World
from tillbridge.core.marks import Mark
from tillbridge.db.mailbox import SqlMailbox
from tillbridge.ports import Changes, Parcel


def come_to(world: World, counter: int, incarnation: str = "6f1c") -> None:
    """The shop's database is at this mark, and its feed is read."""
    world.store.mark = Mark(incarnation, counter)
    assert world.work.read(STORE)


def test_a_counter_that_rises_stops_nothing(world: World) -> None:
    world.link_cup()
    for counter in (5, 5, 9):
        come_to(world, counter)
    world.book(sale_at_pos("a"))
    assert world.work.write(STORE)
    assert dict(world.sql.summary().stopped) == {}


def test_nothing_is_written_to_either_side_after_the_shop_went_back(world: World) -> None:
    world.link_cup()
    come_to(world, 9)
    come_to(world, 4)
    world.book(sale_at_pos("a"), sale_in_store("b"))
    assert not world.work.write(STORE)
    assert not world.work.write(POS)
    assert world.store.calls == world.pos.calls == []
    stopped = world.sql.summary().stopped
    assert set(stopped) == {STORE, POS}
    assert "restored from a backup" in stopped[STORE]


def test_a_shop_that_was_made_anew_is_noticed_after_a_restart_too(world: World) -> None:
    come_to(world, 9)
    world.restart()
    come_to(world, 12, "77aa")
    assert set(world.sql.summary().stopped) == {STORE, POS}


def test_what_was_sold_meanwhile_is_booked_and_written_once_a_person_says_go_on(world: World) -> None:
    world.link_cup()
    come_to(world, 9)
    come_to(world, 4)
    world.book(sale_at_pos("a"))
    with world.sql.writing() as unit:
        unit.resume((STORE, POS))
    come_to(world, 5)
    assert world.work.write(STORE)
    assert [str(delta) for delta in world.store.deltas] == ["-1"]
    assert dict(world.sql.summary().stopped) == {}


def test_a_pause_of_a_person_does_not_hide_the_reason(world: World) -> None:
    come_to(world, 9)
    come_to(world, 4)
    with world.sql.writing() as unit:
        unit.pause((STORE,))
    assert STORE in world.sql.summary().stopped


def test_a_shop_that_does_not_say_how_far_it_is_is_not_suspected(world: World) -> None:
    come_to(world, 9)
    world.store.mark = None
    assert world.work.read(STORE)
    assert dict(world.sql.summary().stopped) == {}


def push(world: World, counter: int, incarnation: str = "6f1c") -> None:
    """The shop pushes by itself, and says how far its database is."""
    mailbox = SqlMailbox(world.connection, world.clock, lambda: None, world.passed.append)
    mailbox.deliver([Parcel((), f"nonce-{counter}", world.clock.now() + 600, Mark(incarnation, counter))])


def test_a_shop_that_was_restored_before_its_next_page_was_read_is_behind_what_it_pushed(world: World) -> None:
    come_to(world, 9)
    push(world, 12)
    come_to(world, 9)
    assert "fell from 12 to 9" in world.sql.summary().stopped[STORE]


def test_pushes_that_pass_each_other_are_no_restored_backup(world: World) -> None:
    come_to(world, 9)
    for counter in (12, 11):
        push(world, counter)
    come_to(world, 12)
    assert dict(world.sql.summary().stopped) == {}


def test_a_push_that_overtakes_the_answer_to_a_question_is_no_restored_backup(world: World) -> None:
    come_to(world, 9)
    told_at_ten = world.store.changes_since

    def overtaken(cursor: str) -> Changes:
        answer = told_at_ten(cursor)
        push(world, 12)
        return answer

    world.store.changes_since = overtaken  # type: ignore[method-assign]
    come_to(world, 10)
    world.store.changes_since = told_at_ten  # type: ignore[method-assign]
    assert dict(world.sql.summary().stopped) == {}
    come_to(world, 11)
    assert "fell from 12 to 11" in world.sql.summary().stopped[STORE]


def test_a_push_under_another_name_does_not_hide_that_the_shop_was_made_anew(world: World) -> None:
    come_to(world, 9)
    push(world, 40, "77aa")
    come_to(world, 41, "77aa")
    assert set(world.sql.summary().stopped) == {STORE, POS}
