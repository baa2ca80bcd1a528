"""A feed is read to its end, and its cursor never runs ahead of what is stored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.builders import sale_at_pos, sale_in_store
from tests.flows.world import POS, STORE, World
from tillbridge.errors import BadAnswer, NoAnswer, StorageTrouble
from tillbridge.poll import Poll
from tillbridge.ports import Changes


def test_a_first_read_begins_from_now(world: World) -> None:
    assert world.polls[POS]() == 0
    assert world.pos.cursors == [""]
    with world.sql.writing() as unit:
        assert unit.cursor(POS) == "0"


def test_a_feed_is_read_to_its_end(world: World) -> None:
    world.pos.page = 3
    world.pos.tell(*(sale_at_pos(str(number)) for number in range(8)))
    assert world.polls[POS]() == 8
    assert world.pos.cursors == ["", "0", "3", "6", "8"]


def test_the_last_cursor_is_handed_back(world: World) -> None:
    """Only so does the shop hear that a page is durably ours, and forgets it."""
    world.polls[STORE]()
    world.store.tell(sale_in_store("a"))
    world.store.cursors.clear()
    world.polls[STORE]()
    assert world.store.cursors == ["0", "1"]


def test_cursor_and_events_are_stored_together(world: World) -> None:
    world.pos.page = 2
    world.pos.tell(*(sale_at_pos(str(number)) for number in range(5)))

    def die(point: str) -> None:
        if point == "poll.stored":
            raise KeyboardInterrupt

    world.polls[POS]()
    dying = Poll(world.pos, world.sql, lambda: None, die)
    world.pos.tell(*(sale_at_pos(str(number)) for number in range(5, 9)))
    with pytest.raises(KeyboardInterrupt):
        dying()
    with world.sql.writing() as unit:
        assert unit.cursor(POS) == "7"
        assert len(unit.claim_events(100)) == 7


def test_what_was_read_and_not_stored_is_read_again(world: World) -> None:
    def die(point: str) -> None:
        if point == "poll.read" and len(world.pos.cursors) == 2:
            raise KeyboardInterrupt

    world.pos.tell(sale_at_pos("a"))
    with pytest.raises(KeyboardInterrupt):
        Poll(world.pos, world.sql, lambda: None, die)()
    world.restart()
    assert world.polls[POS]() == 1


def test_a_restarted_daemon_goes_on_where_it_was(world: World) -> None:
    world.pos.tell(sale_at_pos("a"))
    world.polls[POS]()
    world.restart()
    world.pos.tell(sale_at_pos("b"))
    world.pos.cursors.clear()
    assert world.polls[POS]() == 1
    assert world.pos.cursors == ["1", "2"]


def test_what_was_pushed_before_is_no_news(world: World) -> None:
    world.put(sale_in_store("a"))
    world.store.tell(sale_in_store("a"), sale_in_store("b"))
    assert world.polls[STORE]() == 1


@pytest.mark.parametrize("trouble", [NoAnswer("time-out"), BadAnswer("a page of HTML")])
def test_a_feed_that_fails_keeps_its_place(world: World, trouble: NoAnswer | BadAnswer) -> None:
    world.polls[POS]()
    world.pos.tell(sale_at_pos("a"))
    world.pos.feed_trouble = trouble
    with pytest.raises(type(trouble)):
        world.polls[POS]()
    world.pos.feed_trouble = None
    assert world.polls[POS]() == 1


def test_a_database_that_refuses_keeps_the_place_too(world: World) -> None:
    world.polls[POS]()
    world.pos.tell(*(sale_at_pos(str(number)) for number in range(100)))
    (pages,) = world.rows("PRAGMA page_count")[0]
    world.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageTrouble):
        world.polls[POS]()
    world.rows("PRAGMA max_page_count = 1000000")
    assert world.polls[POS]() == 100


def test_the_bookers_are_woken_only_by_news(world: World) -> None:
    rings: list[str] = []
    poll = Poll(world.pos, world.sql, lambda: rings.append("ring"), lambda _: None)
    poll()
    assert rings == []
    world.pos.tell(sale_at_pos("a"))
    poll()
    assert rings == ["ring"]


def test_it_is_known_whose_feed_it_is(world: World) -> None:
    assert {side: poll.name for side, poll in world.polls.items()} == {STORE: STORE, POS: POS}


def test_pages_that_overlap_end_where_nothing_is_new_on_them(world: World) -> None:
    world.pos.abilities = replace(world.pos.abilities, overlaps=True)
    page = Changes((sale_at_pos("a"),), "at noon", more=False)
    world.pos.changes_since = lambda cursor: page  # type: ignore[method-assign]  # noqa: ARG005
    assert (world.polls[POS](), world.polls[POS]()) == (1, 0)
