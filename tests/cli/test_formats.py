"""What a command prints is data in the format that was asked for, and how it ends is what a script relies on."""

from __future__ import annotations

import csv
import io
import json
import time
from typing import Any

import pytest

from tillbridge import cli
from tillbridge.cli import deciding, reconciling

WELL, FOUND, UNREACHABLE, INTERRUPTED = 0, 1, 3, 130

TOTALS = {"findings": 0, "by_side": {"store": 0, "pos": 0}, "rises": "0", "falls": "0"}
RUN: dict[str, Any] = {
    "run": 7, "kind": "reconcile", "scope": "", "state": "looking", "started": "2026-11-28T10:00:00Z", "seconds": 0.5,
    "words": "still under way", "moving": 0, "looked": None, "links": 1, "rows": [], "worst": [], "rulings": [],
    "totals": TOTALS, "unreachable": False, "progress": {"percent": 0, "words": ""},
}  # fmt: skip
QUESTION: dict[str, Any] = {
    "kind": "held", "order": "", "run": None, "amount": "3", "words": "x", "choices": [],
}  # fmt: skip
QUESTIONS = [{**QUESTION, "id": f"held:{sku}", "sku": sku} for sku in ("CUP", "MUG")]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the daemon answers, by its path."""
    answers: dict[str, Any] = {"reconcile": RUN, "run": RUN, "decisions": {"rows": QUESTIONS, "total": 1200}}
    for module in (deciding, reconciling):
        monkeypatch.setattr(module, "settings_of", lambda _: None)
        monkeypatch.setattr(module, "ask", lambda _, what, __=None: answers[what])
        monkeypatch.setattr(module, "order", lambda _, what, __: answers[what])
    return answers


def test_a_run_that_nobody_waits_for_is_printed_as_data(
    said: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["reconcile", "--no-wait", "--format=csv"]) == WELL
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["run"], row["state"]) == ("7", "looking")
    assert cli.main(["reconcile", "--no-wait", "--format=count"]) == WELL
    assert capsys.readouterr().out == "1\n"
    cli.main(["reconcile", "--no-wait", "--format=json"])
    assert json.loads(capsys.readouterr().out) == RUN


def test_a_run_that_could_not_read_a_side_ends_as_what_cannot_be_reached(said: dict[str, Any]) -> None:
    said["run"] = {**RUN, "state": "failed", "unreachable": True}
    assert (cli.main(["reconcile"]), cli.main(["runs", "7"])) == (UNREACHABLE, UNREACHABLE)
    said["run"] = {**RUN, "state": "failed"}
    assert cli.main(["reconcile"]) == FOUND


def test_whoever_stops_waiting_is_not_told_that_all_is_well(
    said: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", stop)
    assert cli.main(["reconcile"]) == INTERRUPTED


def test_all_questions_are_counted_and_not_only_those_that_are_listed(
    said: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["decide", "--format=count"]) == FOUND
    assert capsys.readouterr().out == "1200\n"
    cli.main(["decide", "held:CUP", "--format=count"])
    assert capsys.readouterr().out == "1\n"
    cli.main(["decide", "held:CUP", "--format=json"])
    found = json.loads(capsys.readouterr().out)
    assert ([row["id"] for row in found["rows"]], found["total"]) == (["held:CUP"], 1)
