"""Tills at which nobody can say what became of a lost call."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.simulation.tills.rig import Rig
from tillbridge.core.actions import CountStock, Outcome, Status


@pytest.mark.parametrize("kind", ["mute", "mute-levels", "absolute"])
def test_it_says_nothing_whatever_happened(kind: str) -> None:
    rig = Rig(kind)
    assert rig.side.watermark() == ""
    rig.fate("time-out-after")
    assert (count(rig, 8, 10) if kind == "absolute" else rig.adjust("1", "-2", "k")).status is Status.UNCERTAIN
    assert rig.side.find(rig.trace("1", "-2", "", "k")).status is Status.UNCERTAIN
    assert rig.side.lost("1", "main") == ()
    assert not rig.side.abilities.history
    assert rig.side.abilities.key_memory is None


def count(rig: Rig, level: int, expected: int | None) -> Outcome:
    wanted = None if expected is None else Decimal(expected)
    return rig.side.apply([CountStock("k", "1", "main", Decimal(level), wanted)])[0]


def test_a_count_is_refused_where_another_level_was_expected() -> None:
    rig = Rig("absolute")
    rig.meanwhile.append(rig.sell("1", 1))
    refused = count(rig, 12, 10)
    assert (refused.status, refused.reason, refused.level) == (Status.REFUSED, "changed", Decimal(9))
    assert rig.level("1") == 9
    assert count(rig, 12, 9) == Outcome(Status.APPLIED, Decimal(12))


def test_a_count_that_expects_nothing_overwrites() -> None:
    rig = Rig("absolute")
    rig.meanwhile.append(rig.sell("1", 1))
    assert count(rig, 12, None).status is Status.APPLIED
    assert rig.level("1") == 12


def test_a_count_that_arrives_late_does_not_undo_a_sale() -> None:
    rig = Rig("absolute")
    rig.fate("delay", 30.0)
    assert count(rig, 12, 10).status is Status.UNCERTAIN
    rig.sell("1", 1)()
    rig.arrive()
    assert rig.level("1") == 9


def test_a_count_of_what_is_there_is_applied() -> None:
    assert count(Rig("absolute"), 10, 10).status is Status.APPLIED
