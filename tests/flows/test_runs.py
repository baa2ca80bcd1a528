"""What a run came to is told with its findings and totals, and how far it has come while it is under way."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import CUP
from tests.fakes import START
from tests.flows.test_reconcile import Desk
from tests.flows.world import World
from tillbridge.core.findings import Finding, Limits, Seen, Verdict
from tillbridge.core.stock import SideName
from tillbridge.decisions import Decisions
from tillbridge.errors import NotSent
from tillbridge.ports import DONE, LOOKING, PLAN, RECONCILE, WAITING, Run
from tillbridge.runs import Report, progress, totals, words
from tillbridge.undo import Undo, UnknownRun


class Reader:
    """Somebody who reads what runs came to."""

    def __init__(self, world: World, limits: Limits | None = None) -> None:
        self.desk = Desk(world) if limits is None else Desk(world, limits=limits)
        self.report = Report(world.sql)

    def __call__(self, number: int, rows: int = 1000) -> Any:
        said = self.report(number, rows)
        assert json.loads(json.dumps(said)) == said
        return said

    def recent(self) -> Any:
        said: Any = self.report.recent()
        assert json.loads(json.dumps(said)) == said
        return said["rows"]


@pytest.fixture
def reader(world: World) -> Reader:
    return Reader(world)


def run_of(state: str, kind: str = RECONCILE, scope: str = "", **facts: object) -> Run:
    return Run(1, kind, scope, state, START, None, facts)


def test_a_run_is_told_with_its_findings_totals_and_times(reader: Reader) -> None:
    reader.desk.show("7", "12.5")
    run = reader.desk.run()
    said = reader(run.id)
    head = ("run", "kind", "scope", "state", "looked", "links", "moving", "undone_by")
    assert {name: said[name] for name in head} == {
        "run": run.id, "kind": "reconcile", "scope": "", "state": DONE, "looked": 2, "links": 1, "moving": 0,
        "undone_by": None,
    }  # fmt: skip
    assert (said["started"], said["finished"], said["seconds"]) == (
        "2025-10-09T08:53:21Z",
        "2025-10-09T08:54:21Z",
        60.0,
    )
    assert said["totals"] == {"findings": 2, "by_side": {"store": 1, "pos": 1}, "rises": "2.5", "falls": "-3"}
    assert said["rows"][1] == {
        "sku": CUP, "side": "store", "outlet": "", "level": "7", "known": "10", "difference": "-3", "verdict": "born",
        "words": "it happened there, and counts on both sides; the pos then gets -3",
    }  # fmt: skip
    assert [(row["side"], row["difference"]) for row in said["worst"]] == [("store", "-3"), ("pos", "2.5")]
    assert (said["words"], said["progress"]) == ("2 differences found", {"percent": 100, "words": "over"})
    assert said["figures"]["unknown"] == 0
    assert "due_at" not in said["figures"]


def test_the_worst_are_the_largest_whatever_the_list_shows(world: World) -> None:
    world.link_many(15)
    with world.sql.writing() as unit:
        run = unit.start_run(RECONCILE, "", DONE, {})
        for number in range(1, 16):
            amount = Decimal(number + 1) * (1 if number % 2 else -1)
            seen = Seen(number, SideName.STORE, "", Decimal(100) + amount, Decimal(100))
            unit.findings(run.id, [(Finding(seen, Verdict.BORN), "x")])
    said: Any = Report(world.sql)(run.id, 2)
    assert [row["difference"] for row in said["worst"]] == [
        "16",
        "-15",
        "14",
        "-13",
        "12",
        "-11",
        "10",
        "-9",
        "8",
        "-7",
    ]
    assert (len(said["rows"]), said["totals"]["findings"]) == (2, 15)
    assert Report(world.sql)(run.id, 0)["rows"] == []


def test_a_run_under_way_says_so_with_the_time_it_takes(reader: Reader) -> None:
    number = reader.desk.reconcile.begin().id
    reader.desk.world.clock.advance(7)
    said = reader(number)
    assert (said["state"], said["finished"], said["seconds"], said["words"]) == (LOOKING, None, 7.0, "still under way")
    assert said["progress"] == {"percent": 0, "words": "reads both sides"}


def test_an_undo_and_a_decision_are_told_with_their_rulings(reader: Reader) -> None:
    world = reader.desk.world
    reader.desk.show("7", "10")
    run = reader.desk.run()
    undone: Any = Undo(world.sql, lambda: None)(run.id)
    said = reader(undone["run"])
    assert said["words"] == f"undid 1 of run {run.id}, left 0"
    assert said["rulings"] == [
        {"sku": CUP, "kind": "undo", "document": f"run:{run.id}", "changes": {"offset": "-3", "free": "3"},
         "words": f"run {run.id} undone"}
    ]  # fmt: skip
    assert (reader(run.id)["undone_by"], reader(run.id)["words"]) == (
        undone["run"], f"1 difference found; undone by run {undone['run']}",
    )  # fmt: skip
    decided: Any = Decisions(world.sql, world.sql, lambda: None).decide(f"offset:{CUP}", "leave")
    said = reader(decided["run"])
    assert said["words"].endswith("and that is left standing — decided: leave")
    assert "notes" not in said["figures"]


def test_the_latest_runs_are_listed_the_newest_first(reader: Reader) -> None:
    reader.desk.show("7", "10")
    first, second = reader.desk.run(), reader.desk.run(kind=PLAN)
    assert [(row["run"], row["kind"], row["findings"], row["words"]) for row in reader.recent()] == [
        (second.id, "plan", 0, "nothing differs"), (first.id, "reconcile", 1, "1 difference found"),
    ]  # fmt: skip
    with reader.desk.world.sql.writing() as unit:
        for _ in range(60):
            unit.start_run(PLAN, "", DONE, {})
    assert len(reader.recent()) == 50


def test_a_run_that_nobody_has_begun_is_unknown(reader: Reader) -> None:
    with pytest.raises(UnknownRun, match="no run has the number 99"):
        reader(99)


def test_a_held_run_and_a_failed_one_say_why(world: World) -> None:
    reader = Reader(world, Limits(least_changed=0, max_changed=Decimal(0)))
    reader.desk.show("7", "10")
    assert reader(reader.desk.run().id)["words"].startswith("held: 1 of 1 linked items differ")
    world.pos.feed_trouble = NotSent("the line is down")
    assert reader(reader.desk.run(looks=1).id)["words"] == "failed: the pos cannot be read now"


@pytest.mark.parametrize(
    ("run", "percent"),
    [
        (run_of(LOOKING), 0),
        (run_of(LOOKING, counting="store", looked=20_000), 8),
        (run_of(LOOKING, counting="pos", looked=0), 40),
        (run_of(LOOKING, counting="pos", looked=500_000), 80),
        (run_of(LOOKING, scope=CUP, counting="pos", looked=1), 0),
        (run_of(WAITING, rounds=0), 80), (run_of(WAITING, rounds=2), 88), (run_of(WAITING, rounds=9), 96),
        (run_of(DONE), 100),
    ],
)  # fmt: skip
def test_progress_only_rises(run: Run, percent: int) -> None:
    assert progress(run, 100_000)["percent"] == percent


def test_progress_of_an_empty_shop_divides_by_nothing() -> None:
    assert progress(run_of(LOOKING, counting="pos", looked=0), 0)["percent"] == 0


def test_totals_of_nothing_are_zero() -> None:
    assert totals([]) == {"findings": 0, "by_side": {"store": 0, "pos": 0}, "rises": "0", "falls": "0"}


def test_words_say_what_a_plan_would_do_and_what_was_left_out() -> None:
    plan = run_of(DONE, kind=PLAN, reason="too many", moving=2)
    assert words(plan, 2) == "2 differences would be entered, 2 still moving; it would be held: too many"
    assert words(replace(plan, kind=RECONCILE, facts={"dropped": True}), 1) == "1 difference found; dropped"
