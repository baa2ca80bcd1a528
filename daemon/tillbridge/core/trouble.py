"""What trouble with a side means for what was asked of it, in the words of the engine."""

from __future__ import annotations

from tillbridge.core.actions import Outcome, Status
from tillbridge.errors import NotSent, SideTrouble, Throttled, Unauthorised

UNWELL = frozenset({Status.UNREACHABLE, Status.UNAUTHORISED, Status.THROTTLED, Status.UNCERTAIN})
"""Outcomes that say of the side that it is not well, whatever was asked of it."""


def of_call(trouble: SideTrouble) -> Outcome:
    """A call that went wrong as a whole. Only of one that never left it is certain that it had no effect."""
    match trouble:
        case NotSent():
            return Outcome(Status.UNREACHABLE, reason="unreachable", sentence=str(trouble))
        case Unauthorised():
            return Outcome(Status.UNAUTHORISED, reason="unauthorised", sentence=str(trouble))
        case Throttled():
            return Outcome(Status.THROTTLED, reason="throttled", sentence=str(trouble), retry_after=trouble.retry_after)
        case _:
            return Outcome(Status.UNCERTAIN, reason="no_answer", sentence=str(trouble))


def of_unsent(trouble: SideTrouble) -> Outcome:
    """Trouble while only reading what a call needs: it was never sent, so whatever it was, no effect is possible."""
    return never_sent(of_call(trouble))


def never_sent(outcome: Outcome) -> Outcome:
    """What the outcome of one call means for those behind it, which were not sent because of it."""
    if outcome.status is Status.UNCERTAIN:
        return Outcome(Status.UNREACHABLE, reason="unreachable", sentence=f"not sent: {outcome.sentence}")
    return outcome
