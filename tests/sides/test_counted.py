"""Differences at a POS that takes only levels: each is worked out from the level that is there, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tests.fakes import FakeSide
from tillbridge.core.actions import Action, AdjustStock, CountStock, Outcome, Status, VoidAdjustment
from tillbridge.core.stock import SideName
from tillbridge.errors import NotSent
from tillbridge.ports import Abilities
from tillbridge.sides.counted import Counted


class LevelsOnly(FakeSide):
    """It takes a level where it is based on the one that it has; `sold` is what the till sells right before."""

    def __init__(self) -> None:
        super().__init__(SideName.POS, Abilities(frozenset({CountStock}), key_memory=60.0, parallel=4))
        self.stock("1", "CUP", "10", "main")
        self.sold: list[int] = []

    def apply(self, actions: Sequence[Action]) -> list[Outcome]:
        self.calls.append(list(actions))
        return [self._count(action) for action in actions]

    def _count(self, action: Action) -> Outcome:
        assert isinstance(action, CountStock)
        now = self.shelf[0].quantity
        assert now is not None
        if self.sold:
            now -= self.sold.pop()
            self.stock("1", "CUP", str(now), "main")
        if now != action.expected:
            return Outcome(Status.REFUSED, reason="changed")
        self.stock("1", "CUP", str(action.level), "main")
        return Outcome(Status.APPLIED, action.level)


def adjust(delta: str) -> AdjustStock:
    return AdjustStock("k", "1", "main", Decimal(delta), "tillbridge")


def test_a_difference_becomes_the_level_that_it_leads_to() -> None:
    pos = LevelsOnly()
    assert [one.status for one in Counted(pos).apply([adjust("-2"), adjust("-1")])] == [Status.APPLIED] * 2
    assert pos.shelf[0].quantity == 7


def test_a_sale_in_between_has_it_worked_out_anew() -> None:
    pos = LevelsOnly()
    pos.sold = [3]
    assert Counted(pos).apply([adjust("-2")])[0].status is Status.APPLIED
    assert pos.shelf[0].quantity == 5, "10, 3 sold at the till, 2 taken by us"


def test_a_level_that_never_rests_is_left_for_later() -> None:
    pos = LevelsOnly()
    pos.sold = [1] * 9
    assert Counted(pos).apply([adjust("-2")])[0].status is Status.REFUSED


def test_an_unknown_level_is_not_counted_from() -> None:
    pos = LevelsOnly()
    pos.stock("1", "CUP", None, "main")
    assert Counted(pos).apply([adjust("-2")])[0].reason == "unknown_level"
    assert pos.calls == []


def test_it_promises_no_more_than_the_pos_can_keep() -> None:
    abilities = Counted(LevelsOnly()).abilities
    assert (abilities.actions, abilities.parallel, abilities.key_memory) == (frozenset({AdjustStock}), 1, None)
    assert Counted(LevelsOnly()).apply([VoidAdjustment("k", "1")])[0].status is Status.INVALID


def test_what_the_pos_shows_afterwards_is_told() -> None:
    (outcome,) = Counted(LevelsOnly()).apply([adjust("-2")])
    assert (outcome.level, outcome.sentence) == (Decimal(8), "it showed 10, 8 was written, it shows 8")


class Forgetful(LevelsOnly):
    """It says yes, and does nothing."""

    def _count(self, action: Action) -> Outcome:
        return Outcome(Status.APPLIED)


def test_a_yes_that_the_level_does_not_bear_out_is_not_believed() -> None:
    (outcome,) = Counted(Forgetful()).apply([adjust("-2")])
    assert (outcome.status, outcome.level, outcome.reason) == (Status.UNCERTAIN, Decimal(10), "not_there")


class Silent(LevelsOnly):
    """It cannot be read any more once it was written to."""

    def _count(self, action: Action) -> Outcome:
        self.feed_trouble = NotSent("the line is down")
        return super()._count(action)


def test_where_nothing_can_be_read_back_the_word_of_the_pos_stands() -> None:
    (outcome,) = Counted(Silent()).apply([adjust("-2")])
    assert (outcome.status, outcome.level) == (Status.APPLIED, Decimal(8))
