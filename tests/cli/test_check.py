"""What `check` prints for a person: both sides, the settings, and the policy with where each value comes from."""

from __future__ import annotations

import pytest

from tillbridge.cli.looking import tell_check

FOUND = {
    "well": False,
    "problems": ["orders.default_tax: found nothing"],
    "sides": {
        "store": {"problems": [], "facts": {"currency": "EUR"}},
        "pos": {"problems": ["no outlet \x1b[2J"], "facts": {}},
    },
    "held_out": [{"sku": "MUG"}],
    "policy": [
        {"name": "orders.as", "value": "sale", "source": "profile nexopos"},
        {"name": "payments.bacs", "value": "Bank", "source": "settings file, line 12"},
        {"name": "queue.lease", "value": "60s", "source": "default"},
    ],
}


def test_every_value_is_printed_with_where_it_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    tell_check(FOUND)
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    lines = printed.splitlines()
    assert lines[0] == "store: well (currency EUR)"
    assert lines[1].startswith("pos: needs you")
    assert lines[3:6] == [
        "settings: needs you", "  - orders.default_tax: found nothing", "1 held out of the sync: tillbridge queue",
    ]  # fmt: skip
    assert [line.split(maxsplit=2) for line in lines[-3:]] == [
        ["orders.as", "sale", "profile nexopos"],
        ["payments.bacs", "Bank", "settings file, line 12"],
        ["queue.lease", "60s", "default"],
    ]


def test_settings_that_lack_nothing_are_said_to_be_well(capsys: pytest.CaptureFixture[str]) -> None:
    tell_check({**FOUND, "problems": [], "held_out": []})
    assert "settings: well\nThe policy in force:\n" in capsys.readouterr().out
