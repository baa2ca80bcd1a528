"""What users of such systems suffer, and what must make it impossible here; each pain by its number in the list of
research. Whole flows: the rules behind them have their own tests."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.builders import CUP_POS, CUP_STORE, free_change, level_seen, moved, movement, order_told, sale_at_pos, told
from tests.flows.real_shelves import Shelves
from tests.flows.world import POS, STORE, World
from tillbridge.core import codec
from tillbridge.core.actions import AdjustStock, Outcome, Status
from tillbridge.core.events import Cause
from tillbridge.core.findings import Limits
from tillbridge.core.routing import Rules
from tillbridge.core.terms import Authority
from tillbridge.errors import NotSent
from tillbridge.ports import DONE, FAILED, HELD

ON_COMPLETED = Rules(Authority.POS, frozenset({"completed"}))


@pytest.fixture
def shelves(world: World) -> Shelves:
    return Shelves(world)


def test_pain_01_a_stale_level_overwrites_nothing_newer(shelves: Shelves) -> None:
    begun = shelves.world.clock.now()
    shelves.world.clock.advance(1)
    shelves.book(shelves.web("a", "-1"), shelves.till("b", "-2"))
    shelves.book(codec.encode_level(level_seen("10", begun)))
    assert shelves.levels() == ("7", "7")
    asked = [*shelves.store.actions, *shelves.pos.actions]
    assert all(isinstance(one, AdjustStock) for one in asked), "movements are written, never levels"
    assert len({one.key for one in asked}) == len(asked) == 2


def test_pain_02_unknown_is_never_zero_and_nothing_is_wiped(shelves: Shelves) -> None:
    shelves.pos.stock(CUP_POS, "CUP-BLUE", None, "main")
    assert shelves.look().state == DONE
    shelves.pos.shelf = []
    assert shelves.look().state == DONE, "a truncated answer moves nothing either"
    assert (shelves.world.known(POS), shelves.store.calls, shelves.pos.calls) == ("10", [], [])


def test_pain_02_a_till_that_shows_nothing_any_more_stops_the_flow_and_asks(world: World) -> None:
    shelves = Shelves(world, limits=Limits(max_zeroed=0))
    shelves.pos.stock(CUP_POS, "CUP-BLUE", "0", "main")
    assert (shelves.look().state, shelves.store.calls) == (HELD, [])


def test_pain_03_what_is_sold_and_not_yet_handed_over_is_not_offered_again(world: World) -> None:
    shelves = Shelves(world, ON_COMPLETED)
    shelves.book(shelves.web("a", "-2"), order_told("b", "processing"))
    shelves.book(codec.encode_level(level_seen("10", world.clock.now())))
    shelves.look()
    assert shelves.levels() == ("8", "10")
    shelves.book(order_told("c", "completed"))
    assert shelves.levels() == ("8", "8")


def test_pain_04_a_push_that_never_came_is_found_by_the_pull(shelves: Shelves) -> None:
    shelves.store.tell(shelves.web("a", "-2"))
    shelves.world.work.drain()
    shelves.write()
    assert shelves.levels() == ("8", "8")


def test_pain_05_what_no_feed_tells_is_found_by_looking(shelves: Shelves) -> None:
    shelves.store.move(CUP_STORE, "-3", "")
    run = shelves.look()
    assert (run.state, shelves.levels()) == (DONE, ("7", "7"))


def test_pain_06_one_event_counts_once_however_often_and_in_which_order_it_comes(shelves: Shelves) -> None:
    sold, given_back = shelves.web("a", "-2"), shelves.web("b", "1", type_="restock")
    for delivery in ((given_back, sold), (sold,), (sold, given_back)):
        shelves.book(*delivery)
    assert shelves.levels() == ("9", "9")


def test_pain_06_two_lines_of_one_product_are_two_sales(shelves: Shelves) -> None:
    shelves.book(shelves.web("a", "-2", line=3), shelves.web("b", "-1", line=4))
    assert shelves.levels() == ("7", "7")


def test_pain_07_could_not_look_is_not_nothing_to_do(shelves: Shelves) -> None:
    shelves.pos.feed_trouble = NotSent("the line is down")
    run = shelves.look()
    assert (run.state, run.facts["reason"]) == (FAILED, "the pos cannot be read now")
    assert shelves.world.work.gates[POS].breaker.reason == "the line is down"


def test_pain_07_a_run_that_meets_a_defect_ends_and_says_so(shelves: Shelves) -> None:
    def fail() -> None:
        raise ValueError("strange")

    shelves.store.during_count = fail
    run = shelves.look()
    assert (run.state, shelves.store.counts) == (FAILED, 1), "it is not begun again every second"
    assert "strange" in str(run.facts["reason"])
    shelves.store.during_count = lambda: None
    assert shelves.look().state == DONE


def test_pain_08_a_feed_that_breaks_off_goes_on_where_it_was(shelves: Shelves) -> None:
    shelves.pos.page = 2
    shelves.pos.tell(*(shelves.till(str(number), "-1") for number in range(5)))
    shelves.pos.feed_trouble = NotSent("the line is down")
    assert not shelves.world.work.read(POS)
    shelves.pos.feed_trouble = None
    shelves.world.clock.advance(60)
    assert shelves.world.work.read(POS)
    shelves.book()
    assert shelves.levels() == ("5", "5")


def test_pain_09_a_write_whose_answer_was_lost_is_not_made_twice(shelves: Shelves) -> None:
    shelves.pos.answer(Outcome(Status.UNCERTAIN), Outcome(Status.DUPLICATE))
    shelves.book(shelves.web("a", "-2"))
    shelves.pos.move(CUP_POS, "-2", "main")  # it had arrived
    shelves.world.clock.advance(60)
    shelves.write()
    assert len({one.key for one in shelves.pos.actions}) == 1, "asked again under the same key"
    assert (shelves.levels(), shelves.world.known(POS)) == (("8", "8"), "8")


def test_pain_10_one_bad_record_keeps_no_other_waiting(shelves: Shelves) -> None:
    shelves.book(told(codec.STORE_KIND, {"id": "x", "topic": "stock.changed"}), shelves.web("a", "-2"))
    assert shelves.levels() == ("8", "8")
    assert [one.state for one in shelves.world.waiting()] == ["parked"]


@pytest.mark.parametrize(("restocked", "levels"), [("0", ("8", "8")), ("1", ("9", "9")), ("2", ("10", "10"))])
def test_pain_12_a_refund_gives_back_what_was_restocked_and_no_more(
    shelves: Shelves, restocked: str, levels: tuple[str, str]
) -> None:
    shelves.book(shelves.web("a", "-2"), order_told("b", "completed"))
    refund = [order_told("c", topic="refund.created")]
    if restocked != "0":
        refund.append(shelves.web("d", restocked, type_="restock"))
    shelves.book(*refund)
    assert shelves.levels() == levels


def test_pain_14_another_sku_is_no_break(shelves: Shelves) -> None:
    shelves.store.items = [replace(one, sku="CUP-NAVY") for one in shelves.store.items]
    shelves.world.linking()
    shelves.book(shelves.web("a", "-2"))
    assert shelves.levels() == ("8", "8")
    assert shelves.reconcile.begin("CUP-NAVY").scope == "CUP-NAVY", "it is asked for by the name that it has now"


def test_pain_14_a_blank_sku_leaves_the_item_its_name(shelves: Shelves) -> None:
    shelves.store.items = [replace(one, sku=" ") for one in shelves.store.items]
    shelves.world.linking()
    assert shelves.reconcile.begin("CUP-BLUE").scope == "CUP-BLUE"


def test_pain_17_many_changes_of_one_product_are_one_write(shelves: Shelves) -> None:
    shelves.book(*(shelves.till(str(number), "-0.01") for number in range(500)))
    assert (shelves.levels(), len(shelves.store.actions)) == (("5", "5"), 1)


def test_pain_18_a_transfer_between_outlets_is_no_sale(world: World) -> None:
    world.link_cup("10", "7", cellar="3")
    carried = moved(movement("-2"), movement("2", outlet="cellar"))
    world.book(codec.encode_moved(replace(carried, cause=Cause("transfer", "T-1"))))
    assert (world.relay.write(STORE).calls, world.relay.write(POS).calls) == (0, 0)
    world.book(sale_at_pos("b", "-1", outlet="cellar"))
    world.relay.write(STORE)
    assert world.store.deltas == [Decimal(-1)], "a sale at any outlet is one"


def test_pain_22_an_order_at_the_wrong_status_takes_nothing_from_the_till(world: World) -> None:
    shelves = Shelves(world, ON_COMPLETED)
    for number, status in enumerate(("checkout-draft", "pending", "processing")):
        shelves.book(order_told(f"o{number}", status))
    shelves.book(shelves.web("a", "-2"))
    assert (shelves.levels(), shelves.pos.calls) == (("8", "10"), [])
    shelves.book(shelves.web("b", "2", type_="restore"), order_told("c", "cancelled"))
    assert (shelves.levels(), shelves.store.calls, shelves.pos.calls) == (("10", "10"), [], [])


def test_pain_23_our_own_write_coming_back_ends_there(shelves: Shelves) -> None:
    shelves.book(shelves.web("a", "-2"))
    (write,) = shelves.pos.actions
    echo = moved(movement("-2"), event_id="echo", ours=True, key=write.key)
    shelves.book(codec.encode_moved(echo))
    shelves.look()
    assert (shelves.levels(), len(shelves.pos.calls), shelves.store.calls) == (("8", "8"), 1, [])


def test_pain_24_a_till_sale_that_comes_days_late_counts_all_the_same(shelves: Shelves) -> None:
    late = shelves.till("old", "-3")
    shelves.world.clock.advance(5 * 86_400)
    shelves.book(shelves.web("a", "-1"), free_change("b", "0"), late)
    assert shelves.levels() == ("6", "6")
