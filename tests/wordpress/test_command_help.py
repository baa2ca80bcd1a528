"""Every `wp tillbridge` command explains itself, and wrong use reaches nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wordpress.command_line import CommandLine
from tests.wordpress.rig import Site
from tests.wordpress.scripted_daemon import ScriptedDaemon
from tests.wordpress.test_commands import WP_CLI_ITSELF


@pytest.fixture
def wp(site: Site) -> CommandLine:
    return CommandLine(site)


@pytest.fixture
def daemon(site: Site) -> Iterator[ScriptedDaemon]:
    """The daemon to which this shop is connected, by hand."""
    with ScriptedDaemon(site.secret) as daemon:
        site.connect(daemon.listener)
        yield daemon
    site.connect("")


def test_every_command_explains_itself_in_the_form_that_wp_cli_reads(wp: CommandLine) -> None:
    commands = {one["name"]: one for one in wp.wp("cli", "cmd-dump").json}
    assert len(commands) == 27
    assert {name for name, one in commands.items() if one["strange"]} == set()
    assert {
        name for name, one in commands.items() if not one["description"].endswith(".") or not one["examples"]
    } == set()
    arguments = [(name, argument) for name, one in commands.items() for argument in one["arguments"]]
    assert {f"{name} {one['name']}" for name, one in arguments if not one["about"].endswith((".", "once."))} == set()
    assert {f"{name} {one['name']}" for name, one in arguments if one["options"] and one["default"] is None} == set()


@pytest.mark.parametrize(
    "wrong", [("status", "--sideways"), ("queue", "show"), ("sync", "all", "all"), ("status", "--format=xml")]
)
def test_wrong_use_reaches_nobody(wp: CommandLine, daemon: ScriptedDaemon, wrong: tuple[str, ...]) -> None:
    assert wp(*wrong).status == WP_CLI_ITSELF
    assert daemon.heard == []
