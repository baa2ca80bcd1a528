"""What trouble with a side means for what was asked of it."""

from __future__ import annotations

import pytest

from tillbridge.core import trouble
from tillbridge.core.actions import Outcome, Status
from tillbridge.errors import BadAnswer, NoAnswer, NotSent, SideTrouble, Throttled, Unauthorised


@pytest.mark.parametrize(
    ("met", "status"),
    [
        (NotSent("refused"), Status.UNREACHABLE),
        (Unauthorised("who are you"), Status.UNAUTHORISED),
        (Throttled("slow down", 7.0), Status.THROTTLED),
        (NoAnswer("reset"), Status.UNCERTAIN),
        (BadAnswer("HTML"), Status.UNCERTAIN),
    ],
)
def test_only_a_call_that_never_left_is_certain_to_have_had_no_effect(met: SideTrouble, status: Status) -> None:
    outcome = trouble.of_call(met)
    assert (outcome.status, outcome.sentence) == (status, str(met))


def test_who_asks_for_patience_says_for_how_long() -> None:
    assert trouble.of_call(Throttled("slow down", 7.0)).retry_after == 7.0
    assert trouble.of_unsent(Throttled("slow down", 7.0)).retry_after == 7.0


@pytest.mark.parametrize("met", [NotSent("refused"), NoAnswer("reset"), BadAnswer("HTML")])
def test_trouble_while_only_reading_leaves_nothing_in_doubt(met: SideTrouble) -> None:
    outcome = trouble.of_unsent(met)
    assert outcome.status is Status.UNREACHABLE
    assert str(met) in outcome.sentence


def test_what_waited_behind_a_lost_call_was_not_sent() -> None:
    assert trouble.never_sent(Outcome(Status.UNCERTAIN, sentence="reset")).sentence == "not sent: reset"
    refused = Outcome(Status.UNAUTHORISED, sentence="who are you")
    assert trouble.never_sent(refused) is refused
