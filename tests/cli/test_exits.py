"""Every trouble ends a command with the status that a script relies on."""

from __future__ import annotations

import pytest

from tillbridge.cli.exits import status_of
from tillbridge.errors import (
    AlreadyRunning,
    BridgeError,
    Malformed,
    NoAnswer,
    NotSent,
    SettingsError,
    StorageTrouble,
    Unauthorised,
    Unsupported,
)
from tillbridge.shop import NotPaired
from tillbridge.web.caller import Declined, NotDaemon

FOUND, WRONG_USE, UNREACHABLE, REFUSED = 1, 2, 3, 4


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (SettingsError(["x"]), WRONG_USE), (NotPaired(), WRONG_USE), (Malformed("x"), WRONG_USE),
        (Declined("unknown_sku", "x"), WRONG_USE), (Declined("unknown_message", "x"), WRONG_USE),
        (Declined("malformed", "x"), WRONG_USE), (Declined("no_pairing", "x"), WRONG_USE),
        (Declined("unknown_run", "x"), WRONG_USE), (Declined("unknown_decision", "x"), WRONG_USE),
        (Declined("cannot_undo", "x"), REFUSED),
        (Declined("side_trouble", "x"), UNREACHABLE), (Declined("unsupported", "x"), FOUND), (Unsupported("x"), FOUND),
        (NotSent("x"), UNREACHABLE), (NotDaemon("x"), UNREACHABLE), (NoAnswer("x"), FOUND),
        (Unauthorised("x"), REFUSED), (StorageTrouble("x"), REFUSED), (AlreadyRunning("x"), REFUSED),
    ],
)  # fmt: skip
def test_each_trouble_has_its_status(error: BridgeError, status: int) -> None:
    assert status_of(error) == status
