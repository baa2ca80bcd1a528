"""First contact writes nothing, guesses nothing, and takes no opening of what is moving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.builders import CUP, CUP_POS, CUP_STORE, free_change, sale_at_pos, sale_in_store, told
from tests.flows.world import POS, STORE, World
from tillbridge.core.codec import STORE_KIND
from tillbridge.core.findings import Limits
from tillbridge.core.links import Held
from tillbridge.core.routing import Rules
from tillbridge.core.stock import Item
from tillbridge.core.terms import Authority, Terms
from tillbridge.db.archive import SqlArchive
from tillbridge.errors import NoAnswer
from tillbridge.linking import NO_RULES, Linked, Linking


@pytest.fixture
def cups(world: World) -> World:
    """Both sides have the cup, ten each, and nobody has linked it."""
    world.store.stock(CUP_STORE, CUP, "10", "")
    world.pos.stock(CUP_POS, CUP, "10", "main")
    return world


def linking(world: World, rules: Rules = NO_RULES, buffers: Mapping[str, Decimal] | None = None) -> Linking:
    """First contact by other rules."""
    return Linking(
        world.sql, world.sides, world.polls, lambda: world.relay.post_events(200), world.work.booked,
        world.passed.append, rules, buffers=lambda sku: (buffers or {}).get(sku, Decimal(0)),
    )  # fmt: skip


def terms(world: World) -> Terms:
    """What weighs on the cup besides its accounts."""
    with world.sql.writing() as unit:
        return unit.shelves_by_link([1])[1].terms


def write(world: World) -> None:
    """The one rule, on both sides."""
    for side in (STORE, POS):
        world.work.write(side)


def writes(world: World) -> int:
    """Calls that asked a side to change something."""
    return len(world.store.calls) + len(world.pos.calls)


def test_equal_skus_are_linked_with_both_levels(cups: World) -> None:
    assert cups.linking() == Linked(linked=1, moving=0, held=0)
    assert (cups.known(STORE), cups.known(POS)) == ("10", "10")
    assert cups.passed[-1] == "link.stored"


def test_what_is_booked_on_the_way_is_weighed_by_the_owners_limits(cups: World) -> None:
    cups.linking()
    cups.pos.stock("13", "MUG", "5", "main")
    cups.store.stock("52", "MUG", "5", "")
    careful = Limits(max_drop=Decimal(3))
    look = Linking(cups.sql, cups.sides, cups.polls, lambda: None, cups.work.booked, cups.passed.append, limits=careful)
    cups.put(free_change("typed", "-5"))
    assert look().linked == 1
    assert ([one.reason for one in cups.waiting()], cups.known(STORE)) == (["second_look"], "10")


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


@pytest.mark.parametrize("word", [None, False, True])
def test_the_shop_says_whether_an_item_may_be_sold_below_zero(cups: World, word: bool | None) -> None:
    cups.store.shelf = [replace(level, backorders=word) for level in cups.store.shelf]
    cups.linking()
    assert terms(cups).backorders is (word is True)


def test_what_the_shop_keeps_back_goes_off_sale_with_the_first_link(cups: World) -> None:
    buffers = {CUP: Decimal(3)}
    assert linking(cups, buffers=buffers)().linked == 1
    assert terms(cups).buffer == Decimal(3)
    write(cups)
    assert (cups.store.deltas, cups.pos.deltas) == ([Decimal(-3)], [])


def test_with_the_store_in_charge_a_second_outlet_keeps_every_item_out(cups: World) -> None:
    cups.pos.stock("13", "MUG", "3", "cellar")
    assert linking(cups, Rules(Authority.STORE))() == Linked(linked=0, moving=0, held=3)
    found = [(one.side, one.ref) for one in cups.sql.held() if one.reason == "several_outlets"]
    assert found == [(POS, CUP_POS), (STORE, CUP_STORE)]
    assert "[pos] outlets" in next(one.sentence for one in cups.sql.held() if one.reason == "several_outlets")


def test_events_met_on_the_way_are_booked_by_the_owners_rules(cups: World) -> None:
    cups.linking()
    cups.store.stock("52", "MUG", "5", "")
    cups.pos.stock("13", "MUG", "5", "main")
    cups.put(free_change("a", "-2"))
    linking(cups, Rules(Authority.POS))()
    assert (terms(cups).held, terms(cups).free) == (Decimal(2), Decimal(0))


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
