"""`wp tillbridge audit`: the same question, the same list, the same ends as on the server."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.daemon_double import Answer
from tests.cli.test_auditing import AUDIT
from tests.wordpress.command_line import CommandLine
from tests.wordpress.rig import Site
from tests.wordpress.scripted_daemon import ScriptedDaemon

WELL, FOUND, WRONG_USE, UNREACHABLE = range(4)
PATH = "/v1/control/audit"
DAY = "--day=2026-11-22"


class PatientDaemon(ScriptedDaemon):
    """A daemon whose audit takes so many looks until it is over."""

    looks = 0

    def _obey(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Answer:
        if path == PATH and (method == "POST" or self.looks > 0):
            self.looks -= method == "GET"
            super()._obey(method, path, query, body)
            return 200, {"audit": 7, "state": "looking", "from": "2026-11-22", "to": "2026-11-22", "looked": 0}
        return super()._obey(method, path, query, body)


@pytest.fixture
def wp(site: Site) -> CommandLine:
    return CommandLine(site)


@pytest.fixture
def daemon(site: Site) -> Iterator[PatientDaemon]:
    """The daemon to which this shop is connected, by hand."""
    with PatientDaemon(site.secret) as daemon:
        site.connect(daemon.listener)
        daemon.say(PATH, AUDIT)
        yield daemon
    site.connect("")


def rows(out: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(out)))


def test_an_audit_is_waited_for_and_told_to_the_book_keeper(wp: CommandLine, daemon: PatientDaemon) -> None:
    daemon.looks = 1
    said = wp("audit", DAY)
    assert said.status == FOUND
    assert said.out.startswith("2026-11-22, Europe/Berlin: 1 difference\n")
    assert "payment cash 0.00/19.00" in said.out
    assert "difference 1.00, differences 1.00, by_policy 0.00, other_days 0.00" in said.out
    assert "\x1b" not in said.out


def test_the_list_for_a_spreadsheet_is_the_one_of_the_server(wp: CommandLine, daemon: PatientDaemon) -> None:
    found = rows(wp("audit", "--from=2026-11-01", "--to=2026-11-30", "--format=csv").out)
    assert [(row["part"], row["what"]) for row in found] == [
        ("channel", "total"), ("channel", "total"), ("payment", "total"), ("tax", "net"), ("refund", "quantity"),
        ("refund", "net"), ("refund", "tax"), ("refund", "gross"), ("differs", "order"), ("differs", "payment"),
    ]  # fmt: skip
    back, differs, gap = found[7], found[8], found[9]
    assert (back["store"], back["pos"], back["words"], back["name"]) == ("", "11.90", "line 3", "Cup")
    assert (differs["order"], differs["difference"], differs["document"]) == ("9001", "1.00", "T1")
    assert (gap["name"], gap["store"], gap["pos"], gap["difference"]) == ("cash", "0.00", "19.00", "-19.00")
    assert wp("audit", DAY, "--format=json").json == AUDIT
    assert wp("audit", DAY, "--format=count").out == "1\n"


def test_an_audit_ends_as_a_script_relies_on(wp: CommandLine, daemon: PatientDaemon) -> None:
    daemon.say(PATH, {**AUDIT, "differences": [], "totals": {**AUDIT["totals"], "differences": 0}})
    assert wp("audit", DAY).status == WELL
    daemon.say(PATH, {"audit": 7, "state": "failed", "words": "a side cannot be read: gone", "unreachable": True})
    said = wp("audit", DAY, "--format=csv")
    assert (said.status, said.out, "a side cannot be read: gone" in said.err) == (UNREACHABLE, "", True)


@pytest.mark.parametrize("words", [(), ("--to=2026-11-22",), (DAY, "--from=2026-11-22")])
def test_whoever_does_not_say_which_day_is_told_how(
    wp: CommandLine, daemon: PatientDaemon, words: tuple[str, ...]
) -> None:
    assert wp("audit", *words).status == WRONG_USE
    assert daemon.told(PATH) == []


def test_what_the_daemon_leaves_out_reads_unknown(wp: CommandLine, daemon: PatientDaemon) -> None:
    daemon.say(PATH, {"audit": 7, "state": "done"})
    said = wp("audit", DAY)
    assert (said.status, "unknown" in said.out, "php" in said.err.lower()) == (FOUND, True, False)
