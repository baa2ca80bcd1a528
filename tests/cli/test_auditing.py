"""`tillbridge audit` prints one list of everything, and ends as a script relies on."""

from __future__ import annotations

import csv
import io
import json
import time
from typing import Any

import pytest

from tillbridge import cli
from tillbridge.cli import auditing

WELL, FOUND, WRONG_USE, UNREACHABLE = range(4)

SUM = {"store": "20.00", "pos": "19.00", "difference": "1.00"}
ORDER: dict[str, Any] = {
    "kind": "differs", "order": "9001", "number": "9001", "on_the_day": "1.00", "store": "20.00", "pos": "19.00",
    "reason": "differs", "words": "the till's \x1b[2Jdocuments", "store_at": "2026-11-22T05:50:00+01:00",
    "documents": [{"document": "T1", "at": "2026-11-22T12:00:00+01:00"}],
    "gaps": [{"what": "payment", "name": "cash", "store": "0.00", "pos": "19.00", "difference": "-19.00"}],
}  # fmt: skip
REFUND = {
    "side": "pos", "channel": "online", "order": "9001", "document": "T2", "at": "2026-11-22T13:00:00+01:00",
    "line": "3", "name": "Cup", "quantity": "1.00", "net": "10.00", "tax": "1.90", "gross": "11.90",
}  # fmt: skip
AUDIT: dict[str, Any] = {
    "audit": 7, "state": "done", "from": "2026-11-22", "to": "2026-11-22", "looked": 3, "words": "1 difference",
    "unreachable": False, "zone": "Europe/Berlin",
    "channels": [{"channel": "online", "what": "total", **SUM},
                 {"channel": "counter", "what": "total", "store": "0.00", "pos": "0.00", "difference": "0.00"}],
    "payments": [{"channel": "online", "payment": "transfer", **SUM}],
    "taxes": [{"channel": "online", "tax": "VAT 19", "what": "net", **SUM}],
    "refunds": [REFUND], "differences": [ORDER], "remarks": [],
    "balance": {**SUM, "differences": "1.00", "by_policy": "0.00", "other_days": "0.00"},
    "totals": {"differences": 1, "remarks": 0, "refund_lines": 1, "by_kind": {"differs": 1}},
}  # fmt: skip


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the daemon answers first, what it answers then, and what it was asked."""
    answers: dict[str, Any] = {"begun": {**AUDIT, "state": "looking"}, "audit": AUDIT, "asked": None}

    def begin(_: None, what: str, body: dict[str, object]) -> Any:
        answers["asked"] = (what, body)
        return answers["begun"]

    monkeypatch.setattr(auditing, "settings_of", lambda _: None)
    monkeypatch.setattr(auditing, "order", begin)
    monkeypatch.setattr(auditing, "ask", lambda _, what, query: answers[what] if query == {"id": "7"} else None)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    return answers


def rows(out: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(out)))


def test_an_audit_is_begun_waited_for_and_found_different(
    said: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["audit", "--day", "2026-11-22"]) == FOUND
    assert said["asked"] == ("audit", {"from": "2026-11-22", "to": ""})
    out = capsys.readouterr().out
    assert out.startswith("2026-11-22, Europe/Berlin: 1 difference in 3 orders")
    assert "difference 1.00 = differences 1.00 + by choice 0.00 + other days 0.00" in out
    assert "payment cash 0.00/19.00" in out
    assert ("counter" in out, "\x1b" in out) == (False, False)


def test_a_list_for_a_spreadsheet_holds_sums_refunds_and_orders(
    said: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["audit", "--from", "2026-11-01", "--to", "2026-11-30", "--format=csv"])
    assert said["asked"] == ("audit", {"from": "2026-11-01", "to": "2026-11-30"})
    found = rows(capsys.readouterr().out)
    assert [(row["part"], row["what"]) for row in found] == [
        ("channel", "total"), ("channel", "total"), ("payment", "total"), ("tax", "net"), ("refund", "quantity"),
        ("refund", "net"), ("refund", "tax"), ("refund", "gross"), ("differs", "order"), ("differs", "payment"),
    ]  # fmt: skip
    back, differs, gap = found[7], found[8], found[9]
    assert (back["store"], back["pos"], back["pos_at"], back["words"]) == ("", "11.90", REFUND["at"], "line 3")
    assert (differs["order"], differs["difference"], differs["document"]) == ("9001", "1.00", "T1")
    assert (gap["name"], gap["store"], gap["pos"], gap["difference"]) == ("cash", "0.00", "19.00", "-19.00")


def test_what_a_program_reads_is_the_whole_answer_or_the_number(
    said: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["audit", "--day", "2026-11-22", "--format=json"])
    assert json.loads(capsys.readouterr().out) == AUDIT
    cli.main(["audit", "--day", "2026-11-22", "--format=count"])
    assert capsys.readouterr().out == "1\n"


def test_a_day_without_differences_ends_well(said: dict[str, Any]) -> None:
    said["audit"] = {**AUDIT, "differences": [], "totals": {**AUDIT["totals"], "differences": 0}}
    assert cli.main(["audit", "--day", "2026-11-22"]) == WELL


def test_a_side_that_cannot_be_read_is_no_day_without_differences(
    said: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    said["audit"] = {name: AUDIT[name] for name in ("audit", "from", "to", "looked")}
    said["audit"] |= {"state": "failed", "words": "a side cannot be read: gone", "unreachable": True}
    assert cli.main(["audit", "--day", "2026-11-22", "--format=csv"]) == UNREACHABLE
    assert capsys.readouterr() == ("", "tillbridge: a side cannot be read: gone\n")


@pytest.mark.parametrize("words", [[], ["--to", "2026-11-22"], ["--day", "2026-11-22", "--from", "2026-11-22"]])
def test_whoever_does_not_say_which_day_is_told_how(said: dict[str, Any], words: list[str]) -> None:
    assert cli.main(["audit", *words]) == WRONG_USE
    assert said["asked"] is None
