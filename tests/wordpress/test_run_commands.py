"""Runs, undo, why and decide in `wp tillbridge`: what was found, came back, is explained, and waits for a word."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.daemon_double import Answer, status
from tests.wordpress.command_line import CommandLine
from tests.wordpress.rig import Site
from tests.wordpress.scripted_daemon import ScriptedDaemon
from tests.wordpress.test_commands import STRANGE

WELL, FOUND, WRONG_USE, UNREACHABLE, REFUSED = range(5)
WP_CLI_ITSELF = 1

HOSTILE = "CUP\x1b[2J\r\n\u202eevil"
FINDING = {
    "sku": HOSTILE, "side": "store", "outlet": "", "level": "7", "known": "10", "difference": "-3", "verdict": "born",
    "words": "the pos then gets -3",
}  # fmt: skip
QUESTION = {
    "id": "held:CUP", "kind": "held", "sku": "CUP", "order": "", "run": None, "amount": "3", "words": "3 are missing",
    "choices": [{"choice": "sold", "words": "the pos gets -3"}, {"choice": "put-back", "words": "the store gets +3"}],
}  # fmt: skip
LINK: dict[str, Any] = {
    "sku": "CUP", "store_ref": "51", "pos_ref": "12", "explained": True,
    "accounts": [{"side": "store", "outlet": "", "opening": "10", "born": "0", "written": "0", "known": "10",
                  "under_way": ""}],
    "formulas": [{"name": "common", "figures": "10 - 0 + 0", "result": "10", "words": "x"}],
    "targets": [], "rulings": [{"at": "t", "run": 4, "kind": "undo", "document": "run:3",
                                "changes": {"offset": "-3", "free": "3"}, "words": "undone"}],
    "entries": [{"side": "store", "outlet": "", "at": None, "amount": "10", "sum": "10", "cause": "", "document": "",
                 "run": None, "words": "before that: 4 lines"}],
    "orders": [{"order": "9001", "line": "3", "status": "processing", "admitted": True, "gone": False, "position": "2",
                "booked": "0"}],
    "sightings": [], "alerts": [],
}  # fmt: skip


READING = [
    ("/v1/control/runs", ("runs",)), ("/v1/control/run", ("runs", "7")), ("/v1/control/undo", ("undo", "7")),
    ("/v1/control/why", ("why", "CUP")), ("/v1/control/decisions", ("decide",)),
    ("/v1/control/decide", ("decide", "held:CUP", "sold")),
]  # fmt: skip


def run(state: str = "done", findings: int = 0, **more: object) -> dict[str, Any]:
    """A run as the daemon tells it."""
    made: dict[str, Any] = {
        "run": 7, "kind": "reconcile", "scope": "", "state": state, "seconds": 61.5, "words": "nothing differs",
        "progress": {"percent": 40, "words": "counts"}, "looked": 200, "links": 100, "moving": 0, "figures": {},
        "totals": {"findings": findings, "by_side": {"store": findings, "pos": 0}, "rises": "0", "falls": "-3"},
        "rows": [FINDING] * findings, "worst": [], "rulings": [],
    }  # fmt: skip
    return {**made, **more}


class WorkingDaemon(ScriptedDaemon):
    """A daemon whose runs take so many looks until they are over."""

    looks = 0

    def _obey(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Answer:
        if path == "/v1/control/run" and self.looks > 0:
            self.looks -= 1
            return 200, run("looking")
        return super()._obey(method, path, query, body)


@pytest.fixture
def wp(site: Site) -> CommandLine:
    return CommandLine(site)


@pytest.fixture
def daemon(site: Site) -> Iterator[WorkingDaemon]:
    """The daemon to which this shop is connected, by hand."""
    with WorkingDaemon(site.secret) as daemon:
        site.connect(daemon.listener)
        daemon.say("/v1/control/reconcile", run("looking"))
        daemon.say("/v1/control/run", run())
        yield daemon
    site.connect("")


@pytest.mark.parametrize("answer", STRANGE)
@pytest.mark.parametrize(("path", "words"), READING)
def test_what_the_daemon_leaves_out_reads_unknown(
    wp: CommandLine, daemon: WorkingDaemon, path: str, words: tuple[str, ...], answer: dict[str, object]
) -> None:
    daemon.say(path, answer)
    said = wp(*words)
    text = (said.out + said.err).lower()
    assert "unknown" in text or "does not say" in text
    assert "php" not in said.err.lower()
    assert said.status in (WELL, FOUND)


def test_a_run_is_begun_waited_for_and_told(wp: CommandLine, daemon: WorkingDaemon) -> None:
    daemon.looks = 1
    said = wp("reconcile")
    assert (said.status, said.err) == (WELL, "Run 7: 100 of 100\n")
    assert said.out.startswith("Run 7: nothing differs.\n")
    assert "levels compared 200, items 100, still moving 0, differ 0" in said.out
    assert daemon.told("/v1/control/reconcile")[0] | {"actor": ""} == {
        "what": "", "dry_run": False, "actor": "", "capability": "shell",
    }  # fmt: skip
    assert [body["rows"] for body in daemon.told("/v1/control/run")] == ["0", "0", "100000"]


def test_what_a_plan_found_is_listed_harmlessly(wp: CommandLine, daemon: WorkingDaemon) -> None:
    daemon.say("/v1/control/run", run(findings=1))
    said = wp("reconcile", "CUP", "--dry-run", "--format=csv")
    assert said.status == FOUND
    (row,) = csv.DictReader(io.StringIO(said.out))
    assert (row["sku"], row["difference"], row["words"]) == (r"CUP\x1b[2J\r\n\u202eevil", "-3", "the pos then gets -3")
    asked = daemon.told("/v1/control/reconcile")[0]
    assert (asked["what"], asked["dry_run"]) == ("CUP", True)
    assert wp("reconcile", "--format=json").json == run(findings=1)
    assert wp("reconcile", "--format=count").out == "1"


@pytest.mark.parametrize("answer", [run("held"), run("failed"), run(moving=2), {"state": "done"}, {}])
def test_a_run_that_is_not_well_over_is_found(wp: CommandLine, daemon: WorkingDaemon, answer: dict[str, Any]) -> None:
    daemon.say("/v1/control/run", answer)
    assert wp("reconcile").status == FOUND


def test_nobody_has_to_wait_for_a_run(wp: CommandLine, daemon: WorkingDaemon) -> None:
    said = wp("reconcile", "--no-wait")
    assert (said.status, "Run 7 has begun" in said.out) == (WELL, True)
    assert daemon.told("/v1/control/run") == []


def test_a_run_that_nobody_waits_for_is_printed_as_data(wp: CommandLine, daemon: WorkingDaemon) -> None:
    (row,) = csv.DictReader(io.StringIO(wp("reconcile", "--no-wait", "--format=csv").out))
    assert (row["run"], row["state"]) == ("7", "looking")
    assert wp("reconcile", "--no-wait", "--format=count").out == "1"
    assert wp("reconcile", "--no-wait", "--format=json").json == run("looking")


def test_a_run_that_could_not_read_a_side_ends_as_what_cannot_be_reached(
    wp: CommandLine, daemon: WorkingDaemon
) -> None:
    daemon.say("/v1/control/run", run("failed", unreachable=True))
    assert (wp("reconcile").status, wp("runs", "7").status) == (UNREACHABLE, UNREACHABLE)
    daemon.refuse("/v1/control/reconcile", 502, "side_trouble", "the shop does not answer")
    assert wp("reconcile").status == UNREACHABLE


def test_an_answer_without_a_run_is_not_believed(wp: CommandLine, daemon: WorkingDaemon) -> None:
    daemon.say("/v1/control/reconcile", {})
    assert wp("reconcile").status == UNREACHABLE


def test_runs_are_listed_and_one_is_shown(wp: CommandLine, daemon: WorkingDaemon) -> None:
    daemon.say("/v1/control/runs", {"rows": [{**run(), "findings": 3}]})
    said = wp("runs", "--format=json")
    assert (said.status, [(one["run"], one["findings"]) for one in said.json]) == (WELL, [("7", "3")])
    daemon.say("/v1/control/run", run(findings=1))
    assert wp("runs", "7").status == FOUND
    daemon.refuse("/v1/control/run", 404, "unknown_run", "no run has the number 8")
    said = wp("runs", "8")
    assert (said.status, "  fix: " in said.err) == (WRONG_USE, True)
    assert wp("runs", "seven").status == WRONG_USE


def test_an_undo_tells_what_came_back_and_what_was_left(wp: CommandLine, daemon: WorkingDaemon) -> None:
    row = {"sku": "CUP", "side": "store", "amount": "-3", "words": "it stays"}
    daemon.say("/v1/control/undo", {"run": 8, "undid": 7, "undone": 1, "rows": [row], "left": []})
    said = wp("undo", "7")
    assert said.status == WELL
    assert "taken back\tCUP\tstore\t-3\tit stays\n" in said.out
    assert said.out.endswith("Run 8: 1 taken back, 0 left as it is.\n")
    assert daemon.told("/v1/control/undo")[0]["run"] == 7
    daemon.say("/v1/control/undo", {"run": 8, "undid": 7, "undone": 0, "rows": [], "left": [row]})
    said = wp("undo", "7")
    assert (said.status, "left\tCUP" in said.out) == (FOUND, True)
    daemon.refuse("/v1/control/undo", 409, "cannot_undo", "run 7 was undone already")
    assert wp("undo", "7").status == REFUSED
    assert wp("undo", "-1").status != WELL


def test_an_undo_that_goes_on_is_said_to(wp: CommandLine, daemon: WorkingDaemon) -> None:
    going = {"run": 8, "undid": 7, "undone": 200, "rows": [], "left": [], "state": "undoing"}
    daemon.say("/v1/control/undo", going)
    assert wp("undo", "7").out.endswith('So far: it goes on, "wp tillbridge runs 8" shows it.\n')
    daemon.say("/v1/control/undo", {**going, "state": "done"})
    assert "goes on" not in wp("undo", "7").out


def test_why_tells_each_part_that_has_something_to_tell(wp: CommandLine, daemon: WorkingDaemon) -> None:
    daemon.say("/v1/control/why", {"what": "CUP", "at": "t", "links": [LINK], "order": None})
    said = wp("why", " CUP ")
    assert (said.status, said.err) == (WELL, "")
    assert said.out.startswith("CUP: product 51 of the shop, item 12 of the till\n")
    assert "common\t10 - 0 + 0\t10\tx\n" in said.out
    assert "offset -3, free 3" in said.out
    assert "9001\t3\tprocessing\tyes\tno\t2\t0\n" in said.out
    assert "store\t\t\t10\t10\t\t\t\tbefore that: 4 lines\n" in said.out
    assert "What follows" not in said.out
    assert wp("why", "CUP", "--format=json").json["links"] == [LINK]
    assert "before that" in wp("why", "CUP", "--format=yaml").out
    asked = daemon.told("/v1/control/why")[0]
    assert (asked["what"], asked["lines"]) == ("CUP", "50")


def test_why_tells_an_order(wp: CommandLine, daemon: WorkingDaemon) -> None:
    line = {"sku": "CUP", "line": "3", "position": "2", "booked": "0"}
    order = {"order": "9001", "words": "not sent to the POS yet", "lines": [line], "entries": []}
    daemon.say("/v1/control/why", {"what": "9001", "at": "t", "links": [], "order": order})
    said = wp("why", "9001")
    assert said.out == "9001: not sent to the POS yet\n\nIts lines:\nsku\tline\tposition\tbooked\nCUP\t3\t2\t0\n"


def test_a_journal_that_does_not_add_up_is_said_to_be_a_defect(wp: CommandLine, daemon: WorkingDaemon) -> None:
    for wrong in ({**LINK, "explained": False}, {"sku": "CUP"}):
        daemon.say("/v1/control/why", {"links": [wrong], "order": None})
        said = wp("why", "CUP")
        assert (said.status, "does not add up" in said.err) == (FOUND, True)


def test_questions_are_listed_with_their_answers(wp: CommandLine, daemon: WorkingDaemon) -> None:
    daemon.say("/v1/control/decisions", {"rows": [QUESTION], "total": 1})
    said = wp("decide")
    assert said.status == FOUND
    assert "held:CUP\t\t3 are missing\nheld:CUP\tsold\tthe pos gets -3\n" in said.out
    assert said.out.endswith("1 question waits for your word.\n")
    assert wp("decide", "held:CUP").status == FOUND
    assert wp("decide", "--format=count").out == "1"
    assert wp("decide", "held:MUG").status == WRONG_USE
    daemon.say("/v1/control/decisions", {"rows": [], "total": 0})
    assert wp("decide").status == WELL
    daemon.say("/v1/control/decisions", {})
    said = wp("decide")
    assert (said.status, "does not say" in said.out) == (FOUND, True)


def test_one_question_is_printed_alone_and_all_are_counted(wp: CommandLine, daemon: WorkingDaemon) -> None:
    daemon.say("/v1/control/decisions", {"rows": [QUESTION, {**QUESTION, "id": "held:MUG"}], "total": 1200})
    assert wp("decide", "--format=count").out.strip() == "1200"
    assert wp("decide", "held:MUG", "--format=count").out.strip() == "1"
    found = wp("decide", "held:MUG", "--format=json").json
    assert ([row["id"] for row in found["rows"]], found["total"]) == (["held:MUG"], 1)
    assert wp("decide", "held:MUG").out.endswith("1 question waits for your word.\n")


def test_a_word_is_given_with_its_reason(wp: CommandLine, daemon: WorkingDaemon) -> None:
    daemon.say(
        "/v1/control/decide", {"run": 9, "id": "held:CUP", "choice": "sold", "rows": [{"sku": "CUP", "words": "so"}]}
    )
    said = wp("decide", "held:CUP", "sold", "--words=counted on Friday")
    assert (said.status, said.out) == (WELL, "sku\twords\nCUP\tso\nRun 9.\n")
    asked = daemon.told("/v1/control/decide")[0]
    assert (asked["id"], asked["choice"], asked["words"]) == ("held:CUP", "sold", "counted on Friday")
    daemon.refuse("/v1/control/decide", 400, "malformed", "choice: allowed are sold, put-back")
    assert wp("decide", "held:CUP", "maybe").status == WRONG_USE


def test_status_tells_alerts_and_what_waits_for_a_word(wp: CommandLine, daemon: WorkingDaemon) -> None:
    daemon.status = status(decisions=2, alerts=[{"words": "oversold by 2"}], alerts_total=5)
    said = wp("status")
    assert (said.field("waits for you"), said.field("alerts")) == ("2", "oversold by 2; and 4 more")
    daemon.status = status(decisions=0, alerts=[], alerts_total=0)
    assert wp("status").field("alerts") == "none"
    daemon.status = status()
    assert wp("status").field("alerts") == "unknown"


def test_status_tells_since_when_and_how_the_last_comparison_ended(wp: CommandLine, daemon: WorkingDaemon) -> None:
    ended = {"run": 3, "ended_well": "2026-11-28T09:00:00Z", "failed": "", "failed_at": None}
    daemon.status = status(in_step_since="2026-11-28T10:00:00Z", reconcile=ended)
    said = wp("status")
    assert (said.status, said.field("in step since")) == (WELL, "2026-11-28T10:00:00Z")
    assert said.field("compared well") == "2026-11-28T09:00:00Z"
    daemon.status = status(reconcile={**ended, "failed": "run 4 failed: no", "failed_at": "2026-11-28T10:00:00Z"})
    said = wp("status")
    assert said.status == FOUND
    assert said.field("compared well").endswith("FAILED at 2026-11-28T10:00:00Z: run 4 failed: no")


AWAY = {"store": {"reachable": True}, "pos": {"reachable": False}}


@pytest.mark.parametrize("needs", [{"decisions": 2}, {"alerts_total": 1}, {"sides": AWAY}])
def test_status_finds_what_needs_a_person_though_nothing_waits(
    wp: CommandLine, daemon: ScriptedDaemon, needs: dict[str, object]
) -> None:
    daemon.status = status(**needs)
    assert wp("status").status == FOUND
