"""First contact writes nothing, guesses nothing, and takes no opening of what is moving."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.builders import CUP, CUP_POS, CUP_STORE, sale_at_pos, sale_in_store, told
from tests.fakes import VirtualClock
from tests.flows.world import POS, STORE, World
from tillbridge.core.codec import STORE_KIND
from tillbridge.core.links import Held
from tillbridge.core.stock import Item
from tillbridge.db.archive import SqlArchive
from tillbridge.errors import NoAnswer, StorageTrouble
from tillbridge.linking import LINK_AT_MOST_EVERY, LOOK_AGAIN, Linked


@pytest.fixture
def cups(world: World) -> World:
    """Both sides have the cup, ten each, and nobody has linked it."""
    world.store.stock(CUP_STORE, CUP, "10", "")
    world.pos.stock(CUP_POS, CUP, "10", "main")
    return world


def writes(world: World) -> int:
    """Calls that asked a side to change something."""
    return len(world.store.calls) + len(world.pos.calls)


def test_equal_skus_are_linked_with_both_levels(cups: World) -> None:
    assert cups.linking() == Linked(linked=1, moving=0, held=0)
    assert (cups.known(STORE), cups.known(POS)) == ("10", "10")
    assert cups.passed[-1] == "link.stored"


def test_first_contact_writes_nothing_to_either_side(cups: World) -> None:
    cups.store.stock(CUP_STORE, CUP, "14", "")
    cups.linking()
    while cups.relay.post_events(10).events:
        pass
    for side in (STORE, POS):
        cups.relay.write(side)
    assert writes(cups) == 0
    assert cups.states() == {}


def test_a_difference_is_kept_as_it_is(cups: World) -> None:
    cups.store.stock(CUP_STORE, CUP, "14", "")
    cups.linking()
    cups.book(sale_at_pos("a", "-3"), sale_in_store("b", "-1"))
    cups.relay.write(STORE)
    cups.relay.write(POS)
    assert (cups.known(STORE), cups.known(POS)) == ("10", "6")
    with cups.sql.writing() as unit:
        assert unit.shelves_by_link([1])[1].link.offset == Decimal(4)


def test_all_outlets_are_opened_and_the_first_sells_for_the_web(cups: World) -> None:
    cups.pos.stock(CUP_POS, CUP, "3", "cellar")
    cups.linking()
    with cups.sql.writing() as unit:
        assert unit.noted("sell_from") == "main"
        shelf = unit.shelves_by_link([1])[1]
    assert [(one.outlet, one.opening) for one in shelf.pos] == [("cellar", Decimal(3)), ("main", Decimal(10))]
    assert shelf.link.offset == Decimal(-3)


def test_a_second_look_changes_nothing(cups: World) -> None:
    cups.linking()
    assert cups.linking() == Linked(linked=0, moving=0, held=0)
    assert len(cups.rows("SELECT * FROM link")) == 1


def test_where_there_is_nothing_to_pair_nothing_is_counted(world: World) -> None:
    world.store.stock("1", "", "5", "")
    assert world.linking() == Linked(0, 0, held=1)
    assert world.store.counts == 0
    assert world.sql.summary().held == {"blank_sku": 1}


def test_a_sale_between_the_two_counts_waits_for_the_next_look(cups: World) -> None:
    def sell() -> None:
        cups.store.during_count = lambda: None
        cups.pos.tell(sale_at_pos("a", "-1"))
        cups.pos.stock(CUP_POS, CUP, "9", "main")

    cups.polls[POS]()
    cups.store.during_count = sell
    assert cups.linking() == Linked(linked=0, moving=1, held=0)
    assert cups.linking() == Linked(linked=1, moving=0, held=0)
    assert (cups.known(STORE), cups.known(POS)) == ("10", "9")


def test_a_web_order_pushed_during_the_count_waits_as_well(cups: World) -> None:
    def sell() -> None:
        cups.pos.during_count = lambda: None
        cups.put(sale_in_store("a", "-1"))
        cups.store.stock(CUP_STORE, CUP, "9", "")

    cups.pos.during_count = sell
    assert cups.linking().linked == 0
    assert cups.linking().linked == 1
    assert cups.known(STORE) == "9"


def test_a_sale_told_before_the_count_is_in_the_opening_only_once(cups: World) -> None:
    cups.put(sale_in_store("a", "-1"))  # the shop's 10 contains it
    assert cups.linking().linked == 1
    cups.book()
    assert cups.known(STORE) == "10"


def test_an_opening_contains_what_was_told_before_however_late_it_is_booked(cups: World) -> None:
    """An event that was parked before the count and is released after it must not count twice."""
    cups.put(told(STORE_KIND, "{", "store:odd"))
    cups.book()
    cups.linking()
    body = sale_in_store("odd", "-1").body
    with cups.connection.write() as db:
        db.run("UPDATE message SET state = 'ready', body = ? WHERE key = 'store:odd'", (body,))
    cups.book()
    assert cups.known(STORE) == "10"


def test_an_item_whose_changes_are_on_their_way_waits(cups: World) -> None:
    cups.store.stir(CUP_STORE)
    assert cups.linking() == Linked(linked=0, moving=1, held=0)
    cups.store.settle()
    assert cups.linking().linked == 1


def test_what_moves_does_not_keep_its_neighbours_waiting(cups: World) -> None:
    cups.store.stock("52", "MUG", "5", "")
    cups.pos.stock("13", "MUG", "5", "main")
    cups.store.stir(CUP_STORE)
    assert cups.linking() == Linked(linked=1, moving=1, held=0)
    assert cups.rows("SELECT sku FROM link") == [("MUG",)]


@pytest.mark.parametrize("side", ["store", "pos"])
def test_an_unknown_level_is_never_linked_and_is_shown(cups: World, side: str) -> None:
    if side == "store":
        cups.store.stock(CUP_STORE, CUP, None, "")
    else:
        cups.pos.stock(CUP_POS, CUP, None, "main")
    assert cups.linking() == Linked(linked=0, moving=0, held=1)
    assert [(one.side, one.ref, one.reason) for one in cups.sql.held()] == [
        (side, CUP_STORE if side == "store" else CUP_POS, "unknown_level")
    ]


def test_an_item_unknown_at_one_outlet_is_unknown(cups: World) -> None:
    cups.pos.stock(CUP_POS, CUP, None, "cellar")
    assert cups.linking().linked == 0


def test_an_item_that_is_missing_from_the_count_is_not_taken_for_zero(cups: World) -> None:
    cups.pos.shelf.clear()
    assert cups.linking() == Linked(linked=0, moving=0, held=1)


def test_an_item_that_got_its_level_is_linked_at_the_next_look(cups: World) -> None:
    cups.store.stock(CUP_STORE, CUP, None, "")
    cups.linking()
    cups.store.stock(CUP_STORE, CUP, "0", "")
    assert cups.linking().linked == 1
    assert cups.known(STORE) == "0"
    assert cups.sql.held() == []


def test_what_is_held_out_is_listed_with_its_reason(cups: World) -> None:
    cups.store.items.append(Item("60", "MUG", "Mug", tracked=False))
    cups.linking()
    assert cups.sql.held() == [
        Held(STORE, "60", "MUG", "Mug", "only_here", "The other side has no item with this SKU.")
    ]


def test_more_pairs_than_a_transaction_takes_are_all_linked(world: World) -> None:
    for number in range(1, 451):
        world.store.stock(str(number), f"SKU-{number}", "5", "")
        world.pos.stock(str(number), f"SKU-{number}", "5", "main")
    assert world.linking().linked == 450


def test_a_side_that_cannot_be_counted_leaves_everything_as_it_was(cups: World) -> None:
    cups.polls[POS]()
    cups.pos.feed_trouble = NoAnswer("time-out")
    with pytest.raises(NoAnswer):
        cups.linking()
    assert cups.rows("SELECT * FROM link") == []


def test_an_old_note_about_an_unlinked_item_does_not_keep_it_out_for_ever(cups: World) -> None:
    """Housekeeping may have deleted the newest message since, and with it the highest number."""
    cups.book(sale_in_store("a"), sale_in_store("b"))
    cups.clock.advance(1e6)
    assert SqlArchive(cups.connection).forget_done(cups.clock.now()) == 2
    assert cups.linking().linked == 1


def test_a_message_number_is_never_used_twice(world: World) -> None:
    """It is a mark in time: an opening contains everything up to it."""
    world.book(sale_in_store("a"))
    with world.sql.writing() as unit:
        mark = unit.last_id()
    world.clock.advance(1e6)
    SqlArchive(world.connection).forget_done(world.clock.now())
    with world.sql.writing() as unit:
        unit.add([sale_in_store("b")])
        (anew,) = unit.claim_events(1)
    assert anew.id > mark


class Looks:
    """How often the two sides were counted."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock: VirtualClock = world.clock

    def after(self, seconds: float) -> int:
        self.clock.advance(seconds)
        before = self.world.store.counts
        self.world.when_stirred.run_if_wanted()
        return self.world.store.counts - before


@pytest.fixture
def looks(cups: World) -> Looks:
    """A counter of counts."""
    return Looks(cups)


def test_nobody_looks_until_somebody_wants_it(cups: World, looks: Looks) -> None:
    assert looks.after(1e6) == 0
    cups.when_stirred.wanted()
    assert looks.after(0) == 1
    assert looks.after(1e6) == 0


def test_items_that_stir_without_a_link_are_looked_at_now_and_then(cups: World, looks: Looks) -> None:
    cups.pos.items.append(Item("99", CUP, "a double", tracked=True))
    cups.store.stock("52", "MUG", "5", "")
    cups.pos.stock("13", "MUG", "5", "main")
    cups.pos.stir("13")
    cups.when_stirred.stirred(STORE, frozenset({"52"}))
    assert looks.after(0) == 1
    cups.pos.settle()
    assert looks.after(LOOK_AGAIN) == 1
    cups.store.stock("53", "JUG", "5", "")
    cups.pos.stock("14", "JUG", "5", "main")
    cups.when_stirred.stirred(STORE, frozenset({"53"}))
    assert looks.after(LOOK_AGAIN) == 0
    assert looks.after(LINK_AT_MOST_EVERY) == 1


def test_a_person_who_wants_a_look_does_not_wait(cups: World, looks: Looks) -> None:
    cups.when_stirred.wanted()
    looks.after(0)
    cups.store.stock("52", "MUG", "5", "")
    cups.pos.stock("13", "MUG", "5", "main")
    cups.when_stirred.wanted()
    assert looks.after(0) == 1


def test_an_unknown_level_is_not_counted_again_and_again(cups: World, looks: Looks) -> None:
    cups.store.stock(CUP_STORE, CUP, None, "")
    cups.when_stirred.wanted()
    assert looks.after(0) == 1
    assert [looks.after(LOOK_AGAIN) for _ in range(60)] == [0] * 60


def test_a_side_in_trouble_is_counted_when_it_is_back(cups: World, looks: Looks) -> None:
    cups.pos.feed_trouble = NoAnswer("time-out")
    cups.when_stirred.wanted()
    assert looks.after(0) == 0
    cups.pos.feed_trouble = None
    assert looks.after(LOOK_AGAIN) == 1
    assert len(cups.rows("SELECT * FROM link")) == 1


def test_a_database_in_trouble_does_not_make_it_forget_that_it_was_wanted(cups: World, looks: Looks) -> None:
    def refuse() -> None:
        cups.store.during_count = lambda: None
        raise StorageTrouble("locked")

    cups.store.during_count = refuse
    cups.when_stirred.wanted()
    with pytest.raises(StorageTrouble):
        looks.after(0)
    assert looks.after(LOOK_AGAIN) == 1
    assert len(cups.rows("SELECT * FROM link")) == 1


def test_an_event_that_meets_a_defect_holds_linking_up_once(cups: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from tillbridge.core import routing

    real = routing.post

    def post(event: object, source: str, number: int, shelves: object) -> object:
        if source == "store:bad":
            raise ZeroDivisionError("a defect")
        return real(event, source, number, shelves)  # type: ignore[arg-type]

    monkeypatch.setattr(routing, "post", post)
    cups.put(sale_in_store("bad", ref="77"))
    assert cups.linking().linked == 0
    assert cups.linking().linked == 1
