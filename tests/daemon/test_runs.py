"""Reconcile, undo, why and decide as a person types them, against a daemon that runs between a real shop and a till."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from sqlite3 import connect
from typing import Any

import pytest
import yaml

from tests.daemon.programs import wait_until
from tests.daemon.rig import OPENING, Rig

WELL, FOUND, WRONG_USE, UNREACHABLE, REFUSED = range(5)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with Rig(tmp_path_factory.mktemp("runs")) as rig:
        rig.settings[("stock", "settle")] = "1s"
        rig.settings[("stock", "reconcile_every")] = "1h"
        rig.link()
        yield rig


@pytest.fixture
def apart(rig: Rig) -> Iterator[Rig]:
    """The shop shows three cups more than the books believe: as if somebody had put them there by SQL."""
    rig.await_rest()
    _believe(rig, "CUP", OPENING - 3)
    yield rig
    _believe(rig, "CUP", OPENING)
    wait_until(lambda: rig.levels()["CUP"] == both(OPENING), "the shelves are as before")
    assert answer(rig, "reconcile")["rows"] == []


def _believe(rig: Rig, sku: str, level: int) -> None:
    """Have the books believe that the shop has this level of an item, and always had so much more or less."""
    with closing(connect(rig.database, timeout=30)) as books, books:
        ((link, born, written),) = books.execute(
            "SELECT link.id, born, written FROM link JOIN account ON account.link = link.id"
            " WHERE sku = ? AND side = 'store'",
            (sku,),
        )
        opening = str(level - Decimal(born) - Decimal(written))
        books.execute("UPDATE account SET opening = ? WHERE link = ? AND side = 'store'", (opening, link))
        books.execute(
            "UPDATE entry SET amount = ? WHERE link = ? AND side = 'store' AND kind = 'opening'", (opening, link)
        )
        books.execute("UPDATE link SET shift = ? WHERE id = ?", (str(level - OPENING), link))


def answer(rig: Rig, *words: str) -> Any:
    return json.loads(rig.ask(*words, "--format", "json").stdout)


def both(level: int, pos: int | None = None) -> tuple[Decimal, Decimal]:
    return Decimal(level), Decimal(level if pos is None else pos)


def test_a_shop_in_step_is_found_well(rig: Rig) -> None:
    rig.await_rest()
    told = rig.ask("reconcile")
    assert (told.returncode, told.stderr) == (WELL, "")
    assert "nothing differs" in told.stdout
    assert "4 levels of 2 items" in told.stdout


def test_a_plan_finds_and_does_nothing_and_a_run_mends_and_is_undone(apart: Rig) -> None:
    plan = apart.ask("reconcile", "--dry-run", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(plan.stdout))
    assert (plan.returncode, row["side"], row["sku"], row["difference"], row["verdict"]) == (
        FOUND, "store", "CUP", "3", "born",
    )  # fmt: skip
    assert apart.levels()["CUP"] == both(OPENING)

    told = apart.ask("reconcile", "CUP")
    assert (told.returncode, "1 difference found" in told.stdout) == (FOUND, True)
    assert "rises 3, falls 0" in told.stdout
    wait_until(lambda: apart.levels()["CUP"] == both(OPENING, OPENING + 3), "the till follows")
    (run,) = [
        row["run"] for row in answer(apart, "runs")["rows"] if row["kind"] == "reconcile" and row["scope"] == "CUP"
    ]
    assert yaml.safe_load(apart.ask("runs", str(run), "--format", "yaml").stdout)["totals"]["findings"] == 1

    undone = apart.ask("undo", str(run))
    assert (undone.returncode, f"1 of run {run} taken back, 0 left" in undone.stdout) == (WELL, True)
    wait_until(lambda: apart.levels()["CUP"] == both(OPENING), "the till has its pieces back")
    again = apart.ask("undo", str(run))
    assert (again.returncode, "was undone already" in again.stderr) == (REFUSED, True)
    assert apart.ask("reconcile").returncode == WELL, "no later run finds it again"


def test_a_difference_that_stands_is_decided_by_a_person(apart: Rig) -> None:
    listed = apart.ask("decide")
    assert (listed.returncode, "offset:CUP: the shop may sell 3 of 'CUP' less" in listed.stdout) == (FOUND, True)
    assert f"{apart.status()['decisions']} waiting for your word" in apart.ask("status").stdout
    rows = list(csv.DictReader(io.StringIO(apart.ask("decide", "--format", "csv").stdout)))
    assert [(row["id"], row["choices"]) for row in rows] == [("offset:CUP", "pos store smaller leave")]
    assert apart.ask("decide", "offset:CUP").returncode == FOUND
    wrong = apart.ask("decide", "offset:CUP", "maybe")
    assert (wrong.returncode, "are pos, store, smaller, leave" in wrong.stderr) == (WRONG_USE, True)
    done = apart.ask("decide", "offset:CUP", "leave", "--words", "counted on Friday")
    assert (done.returncode, "left standing" in done.stdout) == (WELL, True)
    assert apart.ask("decide").stdout == "0 waiting for your word\n"
    assert apart.ask("decide").returncode == WELL


def test_why_explains_an_item_with_sums_and_figures(rig: Rig) -> None:
    rig.await_rest()
    rig.buy("PLATE", 2)
    rig.await_rest()
    told = rig.ask("why", "PLATE")
    assert (told.returncode, told.stderr) == (WELL, "")
    assert "What each side should have:" in told.stdout
    (link,) = answer(rig, "why", "PLATE")["links"]
    assert (link["explained"], [one["known"] for one in link["accounts"]]) == (True, [str(OPENING - 2)] * 2)
    (held,) = link["orders"]
    assert held["position"] == "2"
    order = rig.ask("why", held["order"])
    assert (order.returncode, "What moved for it:" in order.stdout, "PLATE" in order.stdout) == (WELL, True, True)


def test_a_run_may_be_begun_without_waiting(rig: Rig) -> None:
    told = rig.ask("reconcile", "--no-wait")
    assert (told.returncode, "is under way; `tillbridge runs" in told.stdout) == (WELL, True)
    number = told.stdout.split()[1]
    wait_until(lambda: answer(rig, "runs", number)["state"] == "done", "it ends by itself")


@pytest.mark.parametrize(
    "words",
    [["reconcile", "NO-SUCH"], ["undo", "99999"], ["undo", "x"], ["why", "NO-SUCH"], ["runs", "99999"], ["runs", "0"],
     ["decide", "held:NO-SUCH"], ["decide", "held:NO-SUCH", "sold"], ["why", "CUP", "--lines", "0"]],
)  # fmt: skip
def test_what_cannot_be_answered_as_it_was_put_is_wrong_use(rig: Rig, words: list[str]) -> None:
    told = rig.ask(*words)
    assert (told.returncode, told.stdout) == (WRONG_USE, "")
    assert "Traceback" not in told.stderr


def test_without_a_daemon_nothing_of_this_can_be_asked(rig: Rig) -> None:
    rig.end_daemons()
    for words in (["reconcile"], ["undo", "1"], ["why", "CUP"], ["decide"], ["runs"]):
        assert rig.ask(*words).returncode == UNREACHABLE, words
