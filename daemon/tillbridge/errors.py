"""Everything that can go wrong, and what the bridge does next about it.

BridgeError
├── SettingsError      the settings are wrong: every problem is listed, exit status 2
├── Malformed          what somebody sent cannot be read: they are told what, where and how to mend it
├── StorageTrouble     our own disk or database refuses: nothing is acknowledged, nothing is lost
│   └── AlreadyRunning another daemon holds this database: say so and stop
├── SideTrouble        a side did not do what we asked; the queue keeps the work
│   ├── NotSent        the request never left: free to try again with a new amount
│   ├── NoAnswer       it was sent and nobody knows what became of it: settle it by its key first
│   ├── Unauthorised   our credentials are refused: every message to this side waits for a person
│   ├── Throttled      too fast: wait until the time it names
│   └── BadAnswer      an answer whose shape we do not know: never guessed at
│       └── CallRefused the call was understood and refused as a whole, in the side's own words
└── Unsupported        this side cannot do that, said in words before anything is sent
"""

from __future__ import annotations


class BridgeError(Exception):
    """Base of everything that Tillbridge raises on purpose."""


class SettingsError(BridgeError):
    """The settings cannot be used; `problems` holds every one of them, not only the first."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Malformed(BridgeError):
    """Input that cannot be read; the message says what was found, where, and what is allowed."""


class TooFine(Malformed):
    """A quantity with more decimal places than are counted."""


class StorageTrouble(BridgeError):
    """The database could not make something durable (disk full, locked, corrupt)."""


class AlreadyRunning(StorageTrouble):
    """Another daemon works on the same database."""


class SideTrouble(BridgeError):
    """A side could not be asked, or did not answer as agreed."""


class NotSent(SideTrouble):
    """The request never reached the side (refused connection, unknown host): no effect is possible."""


class NoAnswer(SideTrouble):
    """The request was sent and its effect is unknown (time-out, reset, 5xx, unreadable body)."""


class Unauthorised(SideTrouble):
    """The side refuses our credentials; retrying does not help until a person mends them."""


class Throttled(SideTrouble):
    """The side asks us to slow down; `retry_after` is in seconds from now."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BadAnswer(SideTrouble):
    """The side answered in a shape that we do not know."""


class CallRefused(BadAnswer):
    """The side understood the call and refused it as a whole: nothing of it was done."""


class Unsupported(BridgeError):
    """The side's abilities rule this out."""
