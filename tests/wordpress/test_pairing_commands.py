"""Connecting, parting, moving and copying a shop on the command line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wordpress.command_line import CommandLine
from tests.wordpress.rig import Site
from tests.wordpress.scripted_daemon import ScriptedDaemon

WELL, FOUND, WRONG_USE, UNREACHABLE, REFUSED = range(5)
CODE = "7F3KQ-9QMD2-R5T0V-XW2HC-4NB8Z"


@pytest.fixture
def wp(site: Site) -> CommandLine:
    return CommandLine(site)


@pytest.fixture
def daemon(site: Site, wp: CommandLine) -> Iterator[ScriptedDaemon]:
    """A daemon that this shop does not know yet."""
    home = site.call("get_option", "home")
    site.call("update_option", "tillbridge_connection", "")
    with ScriptedDaemon("d" * 64) as daemon:
        yield daemon
    site.call("update_option", "home", home)
    wp("disconnect", "--forget", "--yes")
    site.call("delete_option", "tillbridge_site")
    site.connect("")


def state(wp: CommandLine) -> str:
    return str(wp("status", "--format=json").json["state"])


def test_connect_pairs_and_ends_with_what_the_doctor_finds(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    said = wp("connect", daemon.print_code())
    assert said.status == WELL
    assert "Success: This shop is connected.\n" in said.out
    assert "\nshop\tREST key\twell\tuser tillbridge, 1 key to read and write" in said.out
    assert said.out.endswith("No problem was found.\n")
    assert "Waiting for the daemon: 1 of 60" in said.err
    assert state(wp) == "paired"


def test_connect_stands_also_where_the_doctor_finds_a_problem(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    hop = {"name": "pos", "state": "problem", "detail": "away", "fix": "switch it on"}
    daemon.say("/v1/control/doctor", {"well": False, "hops": [hop]})
    said = wp("connect", daemon.print_code(), "--format=json")
    assert said.status == FOUND
    assert said.json[-1]["fix"] == "switch it on"
    assert state(wp) == "paired"


def test_connect_with_a_code_that_is_none_says_what_is_wrong_with_it(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    for code in ("FOO", f"{CODE[:-1]}@127.0.0.1:1", f"{CODE}@shop.example:80", f"{CODE}@"):
        said = wp("connect", code)
        assert said.status == WRONG_USE
        assert "7F3KQ" not in said.err, "a code is a secret"
    assert (daemon.heard, state(wp)) == ([], "unpaired")


def test_connect_with_a_wrong_code_is_refused(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    assert wp("connect", f"{CODE}@127.0.0.1:{daemon.port}").status == WRONG_USE, "no code waits"
    daemon.print_code()
    said = wp("connect", f"{CODE}@127.0.0.1:{daemon.port}")
    assert said.status == REFUSED
    assert "tillbridge init" in said.err
    assert state(wp) == "unpaired"


def test_connect_where_nobody_listens_cannot_reach(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    said = wp("connect", f"{CODE}@127.0.0.1:1")
    assert said.status == UNREACHABLE
    assert "http://127.0.0.1:1" in said.err


def test_disconnect_asks_then_tells_the_daemon_then_forgets(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    wp("connect", daemon.print_code())
    assert wp("disconnect", answer="n\n").status == WRONG_USE
    assert state(wp) == "paired"
    said = wp("disconnect", answer="y\n")
    assert (said.status, said.out) == (WELL, "Success: This shop is no longer connected.\n")
    assert len(daemon.told("/v1/control/disconnect")) == 1
    assert state(wp) == "unpaired"


def test_disconnect_changes_nothing_while_the_daemon_is_away_unless_told_to(
    wp: CommandLine, daemon: ScriptedDaemon
) -> None:
    wp("connect", daemon.print_code())
    daemon.go_away()
    said = wp("disconnect", "--yes")
    assert said.status == UNREACHABLE
    assert "--forget" in said.err
    assert state(wp) == "paired"
    assert wp("disconnect", "--forget", "--yes").status == WELL
    assert state(wp) == "unpaired"


def test_a_shop_that_moved_is_followed(site: Site, wp: CommandLine, daemon: ScriptedDaemon) -> None:
    wp("connect", daemon.print_code())
    site.call("update_option", "home", f"{site.url}/new")
    assert state(wp) == "elsewhere"
    assert wp("connect", daemon.print_code()).status == REFUSED, "first say which it is"
    said = wp("site", "moved", answer="y\n")
    assert said.status == WELL
    assert daemon.told("/v1/control/site")[0]["address"] == f"{site.url}/new"
    assert state(wp) == "paired"


def test_a_copy_forgets_the_shop_that_it_was_made_of(site: Site, wp: CommandLine, daemon: ScriptedDaemon) -> None:
    wp("connect", daemon.print_code())
    before = site.call("get_option", "tillbridge_site")
    heard = len(daemon.heard)
    site.call("update_option", "home", f"{site.url}/copy")
    assert wp("site", "copy").status == WRONG_USE, "nobody there to answer"
    assert wp("site", "copy", "--yes").status == WELL
    assert state(wp) == "unpaired"
    assert site.call("get_option", "tillbridge_site") != before
    assert len(daemon.heard) == heard, "the other shop's daemon hears nothing of it"


def test_a_shop_at_its_own_address_cannot_be_called_a_copy(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    wp("connect", daemon.print_code())
    said = wp("site", "copy", "--yes")
    assert said.status == REFUSED
    assert "disconnect" in said.err
    assert state(wp) == "paired"
