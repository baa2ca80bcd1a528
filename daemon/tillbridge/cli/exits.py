"""The exit statuses of every command, and which trouble ends in which."""

from __future__ import annotations

from tillbridge.errors import BridgeError, Malformed, NotSent, SettingsError, StorageTrouble, Unauthorised
from tillbridge.shop import NotPaired
from tillbridge.web.caller import Declined, NotDaemon

WELL, FOUND, WRONG_USE, UNREACHABLE, REFUSED = range(5)

INTERRUPTED = 130
"""As a shell says it of whoever was stopped with Ctrl-C: what was asked for is not known to be done."""

_WRONG_USE = ("malformed", "unknown_sku", "unknown_message", "unknown_run", "unknown_decision", "no_pairing")
"""What the daemon calls a question that cannot be answered as it was put."""

_REFUSED = ("cannot_undo",)
"""What it calls an order that it understood, and will not carry out."""


_UNREACHABLE = ("side_trouble",)
"""What it calls a shop or till that it could not ask."""


def status_of(error: BridgeError) -> int:
    """How a command ends that met this."""
    match error:
        case SettingsError() | NotPaired() | Malformed():
            return WRONG_USE
        case Declined() if error.code in _WRONG_USE:
            return WRONG_USE
        case Declined() if error.code in _UNREACHABLE:
            return UNREACHABLE
        case Declined() if error.code in _REFUSED:
            return REFUSED
        case Unauthorised() | StorageTrouble():
            return REFUSED
        case NotSent() | NotDaemon():
            return UNREACHABLE
        case _:
            return FOUND
