"""Orders of the store in the books: what their lines hold, when it crosses to the POS, and what was sold twice."""

from __future__ import annotations

import logging
import tempfile
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import CUP, free_change, line_changed, order_told, sale_at_pos
from tests.fakes import keys
from tests.flows.world import LEASE, POS, STORE, WEEK, World
from tillbridge.core.events import Told
from tillbridge.core.positions import Order
from tillbridge.core.routing import Rules
from tillbridge.core.stock import ZERO, plain, spell
from tillbridge.core.terms import Authority, Terms
from tillbridge.relay import Chance, Policy, Relay

AT_COMPLETED = Rules(send_on=frozenset({"completed"}))


@pytest.fixture
def patient(world: World) -> World:
    """Ten cups on both sides; orders leave the POS when they are completed."""
    world.link_cup()
    world.put_together(world.sql, rules=AT_COMPLETED)
    return world


def write(world: World) -> tuple[list[str], list[str]]:
    """What the one rule has written in the shop and at the till, in all."""
    for _ in range(2):
        world.relay.write(STORE)
        world.relay.write(POS)
    return [spell(delta) for delta in world.store.deltas], [spell(delta) for delta in world.pos.deltas]


def terms(world: World, link: int = 1) -> Terms:
    with world.sql.writing() as unit:
        return unit.shelves_by_link([link])[link].terms


def lines(world: World, link: int = 1) -> dict[tuple[str, str], str]:
    """What each line holds, by order and line."""
    with world.sql.writing() as unit:
        return {(one.order, one.line): spell(one.position) for one in unit.lines_of_link(link)}


def order(world: World, ref: str = "9001") -> Order:
    with world.sql.writing() as unit:
        return unit.orders([ref])[ref]


# --- positions


def test_what_an_order_took_in_the_shop_is_held_and_not_yet_gone_from_the_till(patient: World) -> None:
    patient.book(line_changed("a", "-2"), line_changed("b", "-1", number=4))
    assert lines(patient) == {("9001", "3"): "2", ("9001", "4"): "1"}
    assert terms(patient) == Terms(positions=Decimal(3))
    assert write(patient) == ([], [])
    assert (patient.known(STORE), patient.known(POS)) == ("7", "10")


def test_a_line_change_told_twice_is_held_once(patient: World) -> None:
    patient.book(line_changed("a", "-2"), line_changed("a", "-2"))
    patient.book(line_changed("a", "-2"))
    assert lines(patient) == {("9001", "3"): "2"}


def test_a_restock_gives_back_a_part_and_a_cancellation_all_of_it(patient: World) -> None:
    patient.book(line_changed("a", "-3"), line_changed("b", "1", type_="restock"))
    assert lines(patient) == {("9001", "3"): "2"}
    patient.book(line_changed("c", "2", type_="restore"))
    assert lines(patient) == {("9001", "3"): "0"}
    assert (terms(patient), write(patient)) == (Terms(), ([], []))


def test_the_journal_says_of_which_line_a_change_was(patient: World) -> None:
    patient.book(line_changed("a", "-2"), free_change("b", "-1"), sale_at_pos("c"))
    rows = patient.rows("SELECT document, line, effect FROM entry WHERE kind = 'born' ORDER BY id")
    assert rows == [("9001", "3", "line"), ("", "", "counted"), ("S-1", "", "counted")]


def test_what_an_order_stirred_is_compared_a_moment_later(patient: World) -> None:
    patient.book(order_told("a", "processing"), order_told("b", topic="refund.created"), order_told("c", order=9002))
    with patient.sql.writing() as unit:
        assert (unit.are_stirred(), unit.stirred(10)) == (True, [])
    patient.clock.advance(10)
    with patient.sql.writing() as unit:
        assert [one.order for one in unit.stirred(10)] == ["9001", "9002"]


# --- admission


SALE = [line_changed("a", "-2"), line_changed("b", "-1", number=4), order_told("c", "completed")]


@pytest.mark.parametrize("told", list(permutations(SALE)))
@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one by one"])
def test_an_order_crosses_when_it_may_be_sent_whatever_is_told_first(
    patient: World, told: tuple[Told, ...], at_once: bool
) -> None:
    for batch in [told] if at_once else [(one,) for one in told]:
        patient.book(*batch)
    assert terms(patient) == Terms(positions=Decimal(3), admitted=Decimal(3))
    assert write(patient) == ([], ["-3"])


def test_a_status_told_again_sends_nothing_again(patient: World) -> None:
    patient.book(*SALE, order_told("d", "completed"))
    patient.book(order_told("e", "completed"), order_told("f", "processing"), order_told("g", "completed"))
    assert write(patient) == ([], ["-3"])
    assert order(patient) == Order("9001", "completed", admitted=True)


def test_what_was_sent_comes_back_with_its_cancellation(patient: World) -> None:
    patient.book(*SALE)
    write(patient)
    patient.book(order_told("d", "cancelled"), line_changed("e", "2", type_="restore"))
    assert write(patient) == ([], ["-3", "2"])
    assert order(patient) == Order("9001", "cancelled", admitted=True)


def test_an_order_that_is_cancelled_before_it_is_sent_never_reaches_the_till(patient: World) -> None:
    patient.book(line_changed("a", "-2"), order_told("b", "processing"))
    patient.book(line_changed("c", "2", type_="restore"), order_told("d", "cancelled"))
    assert write(patient) == ([], [])
    assert not order(patient).admitted


def test_an_order_takes_all_its_items_along_also_those_that_nothing_is_told_about_now(world: World) -> None:
    world.link_many(3)
    world.put_together(world.sql, rules=AT_COMPLETED)
    world.book(*(line_changed(f"e{number}", f"-{number}", number=number, ref=str(number)) for number in (1, 2, 3)))
    assert world.relay.write(POS).calls == 0
    world.book(order_told("c", "completed"))
    assert world.relay.write(POS).calls == 3
    assert [world.known(POS, number) for number in (1, 2, 3)] == ["999", "998", "997"]


def test_other_orders_are_not_sent_along(patient: World) -> None:
    patient.book(line_changed("a", "-2"), line_changed("b", "-4", order=9002), order_told("c", "completed", order=9002))
    assert write(patient) == ([], ["-4"])
    assert terms(patient) == Terms(positions=Decimal(6), admitted=Decimal(4))


def test_an_order_stays_admitted_over_a_restart(patient: World) -> None:
    patient.book(order_told("a", "completed"))
    patient.restart()
    patient.put_together(patient.sql, rules=AT_COMPLETED)
    patient.book(order_told("b", "on-hold"), line_changed("c", "-2"))
    assert write(patient) == ([], ["-2"])


def test_where_no_status_is_waited_for_an_order_crosses_at_once(world: World) -> None:
    world.link_cup()
    world.book(line_changed("a", "-2"))
    assert write(world) == ([], ["-2"])
    assert order(world).admitted


# --- deleted orders


@pytest.mark.parametrize("topic", ["order.trashed", "order.restored"])
def test_the_trash_moves_nothing(patient: World, topic: str) -> None:
    patient.book(*SALE, order_told("d", topic=topic))
    assert write(patient) == ([], ["-3"])
    assert not order(patient).gone


def test_an_order_deleted_for_good_keeps_what_it_holds_until_a_person_decides(patient: World) -> None:
    patient.book(line_changed("a", "-2"), line_changed("b", "-1", order=9002), order_told("c", topic="order.deleted"))
    assert write(patient) == ([], [])
    assert terms(patient) == Terms(positions=Decimal(3))
    with patient.sql.writing() as unit:
        assert [(one.order, one.position) for one in unit.gone_and_holding()] == [("9001", Decimal(2))]


def test_a_change_that_arrives_after_the_deletion_still_counts(patient: World) -> None:
    patient.book(line_changed("a", "-2"), order_told("b", topic="order.deleted"))
    patient.book(line_changed("c", "2", type_="restore"))
    assert order(patient).gone
    with patient.sql.writing() as unit:
        assert unit.gone_and_holding() == []
    assert (terms(patient), write(patient)) == (Terms(), ([], []))


def test_an_order_that_takes_something_after_its_deletion_has_only_the_number_of_one_that_was_deleted(
    patient: World,
) -> None:
    patient.book(line_changed("a", "-2"), order_told("b", topic="order.deleted"))
    patient.book(line_changed("c", "-1", number=4))  # the shop went back to a backup, and gave 9001 once more
    assert not order(patient).gone


# --- oversells


def oversells(world: World) -> list[tuple[str, str]]:
    """What stands in the list: how much, and the orders that are named."""
    found = [one for one in world.sql.alerts(100) if one.kind == "oversold"]
    return [(spell(one.amount), one.words.partition("hold it: ")[2]) for one in found]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.WARNING, "tillbridge.alerts")
    return caplog


def test_a_piece_sold_on_both_sides_is_told_once_with_its_order(patient: World, log: pytest.LogCaptureFixture) -> None:
    patient.book(line_changed("a", "-3"))
    assert oversells(patient) == []
    patient.book(sale_at_pos("b", "-9"))
    assert oversells(patient) == [("2", "9001")]
    patient.book(order_told("c", "processing"), order_told("d", "completed"))
    write(patient)
    patient.restart()
    patient.book(order_told("e", "completed"))
    assert log.messages == [f"'{CUP}' is oversold by 2; the latest orders that hold it: 9001"]


def test_more_is_told_anew_and_less_is_noted_in_silence(patient: World, log: pytest.LogCaptureFixture) -> None:
    patient.book(line_changed("a", "-12"))
    patient.book(sale_at_pos("b", "-1"))
    assert oversells(patient) == [("3", "9001")]
    patient.book(line_changed("c", "2", type_="restock"))
    assert oversells(patient) == [("1", "9001")]
    assert [words.partition(";")[0] for words in log.messages] == [
        f"'{CUP}' is oversold by 2",
        f"'{CUP}' is oversold by 3",
    ]


@pytest.mark.parametrize("mends", [line_changed("z", "2", type_="restore"), sale_at_pos("z", "2")])
def test_an_oversell_is_over_when_there_is_enough_again(
    patient: World, log: pytest.LogCaptureFixture, mends: Told
) -> None:
    patient.book(line_changed("a", "-12"))
    patient.book(mends)
    assert oversells(patient) == []
    patient.book(line_changed("b", "-2", order=9002))
    assert len(log.messages) == 2, "the next one is told again"


def test_the_latest_orders_that_hold_what_is_missing_are_named(patient: World) -> None:
    patient.book(line_changed("a", "-6"), line_changed("b", "-2", 9002), line_changed("c", "-1", 9003))
    patient.book(line_changed("d", "-2", 9004), line_changed("e", "3", 9004, type_="restore"), sale_at_pos("f", "-4"))
    assert oversells(patient) == [("2", "9003, 9002")]


def test_an_order_whose_restore_comes_first_is_no_oversell(patient: World, log: pytest.LogCaptureFixture) -> None:
    patient.book(sale_at_pos("a", "-10"))
    patient.book(line_changed("b", "2", type_="restore"))
    patient.book(line_changed("c", "-2"))
    assert (oversells(patient), log.messages) == ([], [])


def test_what_may_be_sold_before_it_is_there_is_not_told(patient: World) -> None:
    with patient.connection.write() as db:
        db.run("UPDATE link SET backorders = 1")
    patient.book(line_changed("a", "-12"))
    assert oversells(patient) == []


# --- whose word counts, and the journal

EVERYTHING = ["line", "restore", "free", "till", "completed", "write"]


@given(
    st.permutations(list(Authority)), st.lists(st.tuples(st.sampled_from(EVERYTHING), st.integers(1, 9)), max_size=9)
)
@settings(max_examples=25)
def test_the_journal_sums_to_what_is_known_and_another_authority_writes_nothing(
    who: list[Authority], steps: list[tuple[str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.link_cup("10", "10")
        for authority in who:
            policy = Policy("", LEASE, WEEK, Rules(authority, AT_COMPLETED.send_on))
            chance = Chance(keys(authority), lambda: 0.0)
            world.relay = Relay(world.sql, world.sides, policy, chance, world.passed.append)
            world.book(order_told(f"{authority}", "processing", 9003), sale_at_pos(f"{authority}", "0"))
            before = len(world.store.actions), len(world.pos.actions)
            write(world)
            assert (len(world.store.actions), len(world.pos.actions)) == before, "no number jumps"
            for number, (what, size) in enumerate(steps):
                _happen(world, what, f"{authority}{number}", size)
            write(world)
            assert _journal(world) == {side: world.account(side).known for side in (STORE, POS)}
            assert world.sql.summary().unsettled == 0
            assert world.states() == {}


def _happen(world: World, what: str, name: str, size: int) -> None:
    match what:
        case "line":
            world.book(line_changed(name, f"-{size}", number=size % 2 + 1))
        case "restore":
            world.book(line_changed(name, f"{size}", number=size % 2 + 1, type_="restore"))
        case "free":
            world.book(free_change(name, spell(Decimal(size - 5)), before="7"))
        case "till":
            world.book(sale_at_pos(name, spell(Decimal(size - 5) / 8)))
        case "completed":
            world.book(order_told(name, "completed"))
        case _:
            write(world)


def _journal(world: World) -> dict[str, Decimal]:
    sums = {STORE: ZERO, POS: ZERO}
    for side, amount in world.rows("SELECT side, amount FROM entry"):
        found = STORE if side == STORE else POS
        sums[found] = plain(sums[found] + Decimal(str(amount)))
    return {str(side): amount for side, amount in sums.items()}
