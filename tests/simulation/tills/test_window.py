"""The window of a POS that takes only levels and checks none: which moments of a write lose a sale, and how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.simulation.tills.absolute import AbsoluteTill
from tests.simulation.tills.rig import Rig, nothing
from tillbridge.core.actions import Action, CountStock, Outcome, Status
from tillbridge.sides.counted import Counted

LEG = 0.25
"""Seconds that a request or its answer is on its way."""

LEGS = ("the read goes out", "its answer comes", "the write goes out", "its answer comes back", "read back", "answered")


class Unchecked(AbsoluteTill):
    """It takes a level whatever it has by then."""

    def _act(self, action: Action) -> Outcome:
        return super()._act(replace(action, expected=None) if isinstance(action, CountStock) else action)


def adjusted(sale_at: int | None, *, checks: bool = False) -> tuple[Rig, Outcome]:
    """Two fewer of ten, with a sale of three on one leg of the way."""
    rig = Rig("absolute")
    if not checks:
        assert isinstance(rig.side, AbsoluteTill)
        rig.side.__class__ = Unchecked
    rig.side = Counted(rig.side)

    def leg(then: Callable[[], object]) -> Callable[[], object]:
        def moment() -> None:
            rig.clock.advance(LEG)
            then()

        return moment

    rig.meanwhile.extend(leg(rig.sell("1", 3) if number == sale_at else nothing) for number in range(len(LEGS)))
    return rig, rig.adjust("1", "-2")


@pytest.mark.parametrize("at", range(len(LEGS)), ids=lambda at: LEGS[at])
def test_a_sale_is_lost_only_between_the_answer_to_the_read_and_the_arrival_of_the_write(at: int) -> None:
    rig, outcome = adjusted(at)
    is_lost = at in (1, 2)
    assert (rig.level("1"), outcome.status) == (8 if is_lost else 5, Status.APPLIED)


def test_the_window_is_one_call_long_of_the_three_that_a_write_takes() -> None:
    lost = [at for at in range(len(LEGS)) if adjusted(at)[0].level("1") == 8]
    rig = Rig("absolute")
    before = rig.clock.now()
    whole, _ = adjusted(None)
    assert (len(lost) * LEG, whole.clock.now() - before) == (2 * LEG, len(LEGS) * LEG)


@pytest.mark.parametrize("at", range(len(LEGS)), ids=lambda at: LEGS[at])
def test_where_the_basis_is_checked_there_is_no_window(at: int) -> None:
    rig, outcome = adjusted(at, checks=True)
    assert (rig.level("1"), outcome.status) == (5, Status.APPLIED)


def test_what_is_read_back_is_told() -> None:
    rig, outcome = adjusted(3)
    assert (rig.level("1"), outcome.level) == (5, Decimal(5))
    assert outcome.sentence == "it showed 10, 8 was written, it shows 5"
