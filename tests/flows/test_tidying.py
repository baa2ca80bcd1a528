"""Old runs and the lines of finished orders go, what may still be undone or asked about stays, and every sum holds."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.builders import CUP, line_changed, order_told
from tests.flows.order_desk import Desk as OrderDesk
from tests.flows.return_desk import ReturnDesk, come_back, document, piece, sold_two
from tests.flows.test_undo import Person
from tests.flows.world import POS, STORE, World
from tillbridge.core.terms import Authority
from tillbridge.db.archive import SqlArchive
from tillbridge.decisions import Decisions
from tillbridge.housekeeping import Housekeeping, Keep
from tillbridge.ports import DONE, HELD, PLAN, RECONCILE, Run
from tillbridge.resync import UnknownSku
from tillbridge.runs import Report
from tillbridge.undo import CannotUndo, UnknownRun
from tillbridge.why import Why

DAY = 86_400.0
KEPT = 400 * DAY


def tidy(world: World) -> dict[str, int]:
    """The nightly round."""
    return Housekeeping(SqlArchive(world.connection), world.clock, Keep(30 * DAY, KEPT))()


def later(world: World, days: float = 401) -> dict[str, int]:
    world.clock.advance(days * DAY)
    return tidy(world)


def numbers(world: World, table: str) -> list[int]:
    """The runs that a table still speaks of."""
    return [int(str(row[0])) for row in world.rows(f"SELECT DISTINCT run FROM {table} WHERE run <> 0 ORDER BY run")]


def explained(world: World) -> Any:
    said: Any = Why(world.sql, world.sql)(CUP)
    (link,) = said["links"]
    return link


# --- runs


def test_an_old_run_goes_with_all_that_it_found_and_says_so(world: World) -> None:
    person = Person(world)
    run = person.finds(store="7")
    person.writes()
    assert later(world)["runs"] == 1
    assert (numbers(world, "finding"), world.known(STORE)) == ([], "7")
    for ask in (person.takes_back, Report(world.sql)):
        with pytest.raises(UnknownRun, match=rf"run {run} is older than 2025-10-10T09:01:21Z and no longer kept"):
            ask(run)
    with pytest.raises(UnknownRun, match="no run has the number 99"):
        person.takes_back(99)
    assert explained(world)["explained"]


def test_a_young_run_stays_and_can_be_undone(world: World) -> None:
    person = Person(world)
    person.finds(store="7")
    world.clock.advance(300 * DAY)
    run = person.finds(store="6", pos="7")
    person.writes()
    assert later(world, 101)["runs"] == 1
    assert person.takes_back(run)["left"] == []


def test_a_run_whose_fall_is_still_kept_off_sale_stays_whole(world: World) -> None:
    person = Person(world, Authority.POS)
    run = person.finds(store="7")
    assert later(world)["runs"] == 0
    assert (numbers(world, "finding"), numbers(world, "entry")) == ([run], [run])
    assert person.takes_back(run)["undone"] == 1
    assert person.shelf().terms.held == 0


@pytest.mark.parametrize("state", [HELD, "looking", "waiting"])
def test_a_run_that_waits_is_never_old(world: World, state: str) -> None:
    with world.sql.writing() as unit:
        run = unit.start_run(RECONCILE, "", state, {})
        unit.save_run(replace(run, finished=unit.now))
    assert later(world)["runs"] == 0


def test_an_undo_goes_only_after_what_it_undid(world: World) -> None:
    person = Person(world, Authority.POS)
    run = person.finds(store="7")
    undo = person.takes_back(run)["run"]
    person.takes_back(undo)
    assert person.shelf().terms.held == 3
    assert later(world)["runs"] == 0, "the first is still the reason of what is held"
    with pytest.raises(CannotUndo, match="undone already"):
        person.takes_back(run)
    Decisions(world.sql, world.sql, lambda: None).decide(f"held:{CUP}", "put-back")
    assert tidy(world)["runs"] == 3


def test_a_large_run_goes_in_pieces_and_a_crash_in_between_leaves_nothing_for_good(world: World) -> None:
    world.link_many(1)
    with world.sql.writing() as unit:
        runs = [unit.start_run(PLAN, "", DONE, {}) for _ in range(250)]
        for run in runs:
            unit.save_run(Run(run.id, run.kind, "", DONE, run.started, unit.now, {}))
    with world.connection.write() as db:
        db.run_many(
            "INSERT INTO finding (run, link, side, outlet, level, known, amount, verdict, words, at)"
            " VALUES (1, ?, 'store', '', '1', '2', '-1', 'born', '', 0)",
            [(number,) for number in range(1201)],
        )
        db.run("DELETE FROM run WHERE id = 1")
    assert later(world)["runs"] == 249
    assert numbers(world, "finding") == []


# --- lines of orders


@pytest.fixture
def desk(world: World) -> OrderDesk:
    """An order of three cups was sent and is done; the shop says the same of its line."""
    desk = OrderDesk(world)
    desk.told(line_changed("a", "-3"), order_told("b", "completed"))
    desk.orders.hold("3", "completed")
    desk.show("7")
    desk.settle()
    return desk


def test_the_lines_of_an_old_finished_order_go_and_the_sums_stay(desk: OrderDesk) -> None:
    world, before = desk.world, desk.weights()
    assert later(world, 399)["lines"] == 0
    assert later(world, 2)["lines"] == 1
    assert (desk.lines(), desk.weights(), before) == ([], before, ("0", "0", "3", "3"))
    link = explained(world)
    assert [(row["status"][:24], row["position"]) for row in link["orders"]] == [("finished, and older than", "3")]
    said: Any = Why(world.sql, world.sql)("9001")
    assert "its lines are no longer kept" in said["order"]["words"]
    with pytest.raises(UnknownSku, match="finished orders older than 2025-10-"):
        Why(world.sql, world.sql)("777")


def test_a_return_years_later_is_sent_and_explained_all_the_same(desk: OrderDesk) -> None:
    later(desk.world)
    desk.told(line_changed("c", "1", type_="restock"), order_told("d", "completed"))
    desk.orders.hold("2", "completed")
    desk.show("8")
    desk.settle()
    assert (desk.weights(), desk.written()) == (("0", "0", "2", "2"), ([], [Decimal(-3), Decimal(1)]))
    assert (desk.lines()[0].position, desk.lines()[0].holds, desk.calm()) == (Decimal(-1), Decimal(2), True)
    assert (desk.world.known(STORE), desk.world.known(POS)) == ("8", "8")


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("UPDATE shop_order SET status = 'processing'", "it is not finished"),
        ("UPDATE shop_order SET status = 'completed', admitted = 0", "it is only promised"),
        ("UPDATE shop_order SET gone = 1", "a person is asked about it"),
        ("UPDATE line SET rest = '3'", "a document carries it"),
        ("INSERT INTO stirred (order_ref, at, due_at) VALUES ('9001', 0, 0)", "it is still to be compared"),
        ("UPDATE entry SET at = 9e9 WHERE document = '9001'", "something was told of it lately"),
    ],
)
def test_lines_that_somebody_may_ask_for_stay(desk: OrderDesk, sql: str, why: str) -> None:
    with desk.world.connection.write() as db:
        db.run(sql)
    assert later(desk.world)["lines"] == 0, why


def test_an_order_that_gave_everything_back_goes_as_a_whole(desk: OrderDesk) -> None:
    desk.told(line_changed("c", "3", type_="restore"), order_told("d", "cancelled"))
    desk.orders.hold("0", "cancelled")
    desk.show("10")
    desk.settle()
    assert later(desk.world)["lines"] == 1
    assert (desk.order(), explained(desk.world)["orders"]) == (None, [])


def test_what_was_decided_about_an_order_is_kept_as_long_as_its_lines(world: World) -> None:
    desk = OrderDesk(world)
    desk.told(order_told("a", "processing"))
    desk.orders.hold("2")
    desk.show("8")
    desk.settle()
    assert later(world)["runs"] == 0
    with world.connection.write() as db:
        db.run("UPDATE shop_order SET status = 'completed', at = 0")
    assert tidy(world)["lines"] == 1
    assert tidy(world)["runs"] == 1


# --- documents of the POS


def arrivals(desk: ReturnDesk) -> list[tuple[object, ...]]:
    return desk.world.rows("SELECT number, part FROM arrival ORDER BY number")


@pytest.fixture
def counter(tmp_path: Path) -> ReturnDesk:
    """Two cups were ordered and one came back at the counter; two cups were sold there."""
    desk = sold_two(tmp_path)
    now = desk.world.clock.wall()
    come_back(desk, at=now)
    cups = piece("2", "20", line="")
    desk.happens(document("sale", "S-1", "20", order="", sold=(cups,), payments={"cash": Decimal(20)}, at=now))
    desk.write()
    return desk


def test_what_the_shop_made_of_old_documents_is_forgotten_and_nothing_is_made_again(counter: ReturnDesk) -> None:
    assert arrivals(counter) == [("R-1", "refund"), ("S-1", "order")]
    assert later(counter.world, 300)["documents"] == 0
    before = counter.levels()
    assert later(counter.world)["documents"] == 1
    assert (arrivals(counter), counter.levels()) == ([("S-1", "order")], before)
    counter.write()
    assert counter.made.calls == 2


def test_what_comes_back_years_later_of_a_sale_still_finds_its_order(counter: ReturnDesk) -> None:
    later(counter.world, 1000)
    back = (piece("2", "20", line=""),)
    counter.happens(
        document("return", "R-2", "-20", order="", sale="S-1", returned=back, at=counter.world.clock.wall())
    )
    counter.write()
    assert [made.amount for made in counter.made.refunds.values()] == [10, 20]
    assert later(counter.world, 31)["documents"] == 1
    assert arrivals(counter) == [("R-2", "refund")], "nothing is left of the sale"


def test_what_waits_for_a_person_is_kept_however_old(counter: ReturnDesk) -> None:
    too_many = (piece("3", "30", restock=False),)
    at = counter.world.clock.wall()
    counter.happens(document("return", "R-3", "-30", returned=too_many, at=at))
    counter.write()
    assert len(counter.parked()) == 1
    later(counter.world)
    assert ("R-3", "refund") in arrivals(counter)
