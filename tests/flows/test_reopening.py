"""A register that opens again: what it refused for that is told within moments. It is asked only then."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.flows.paper_desk import PaperDesk
from tests.flows.return_desk import FakeTill
from tests.flows.world import World
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.pos_papers import PosTerms
from tillbridge.errors import NoAnswer
from tillbridge.reopening import Reopening

CLOSED = Outcome(Status.REFUSED, reason="register_closed", sentence="the register is closed")
TOO_MUCH = Outcome(Status.REFUSED, reason="payments_exceed", sentence="that is too much")


class Till(FakeTill):
    """It says whether it is open, and counts who asks."""

    is_open: bool | None = False
    asked = 0

    def terms(self) -> PosTerms:
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        return replace(super().terms(), is_open=self.is_open)


class Desk(PaperDesk):
    """With somebody who looks whether the till is open."""

    def __init__(self, folder: Path) -> None:
        super().__init__(World(folder))
        self.till = Till()
        self.rung = 0
        self.may_speak = True
        self.look = Reopening(self.world.sql, self.till, lambda: self.may_speak, self._ring)

    def _ring(self) -> None:
        self.rung += 1

    def refused(self, outcome: Outcome = CLOSED) -> None:
        self.world.pos.answer(outcome)
        self.order("2")
        self.write()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_what_a_closed_register_refused_is_told_once_it_says_that_it_is_open(desk: Desk) -> None:
    desk.refused()
    assert (desk.look(), [reason for reason, _ in desk.parked()]) == (0, ["register_closed"])
    desk.till.is_open = True
    assert (desk.look(), desk.rung) == (1, 1)
    desk.write()
    assert (desk.parked(), desk.dossier().taken.total, len(desk.documents)) == ([], Decimal(20), 2)


def test_nobody_is_asked_while_nothing_waits_for_that(desk: Desk) -> None:
    desk.till.is_open = True
    desk.look()
    desk.refused(TOO_MUCH)
    assert (desk.look(), desk.till.asked) == (0, 0)


def test_a_till_that_is_away_or_does_not_say_is_left_alone(desk: Desk) -> None:
    desk.refused()
    desk.till.is_open = None
    assert desk.look() == 0
    desk.till.trouble = NoAnswer("timed out")
    assert desk.look() == 0
    desk.may_speak = False
    assert (desk.look(), desk.till.asked) == (0, 2)
