"""A status is well only where nobody has to look: in step, both sides there, nothing told or asked."""

from __future__ import annotations

from typing import Any

import pytest

from tillbridge.cli.standing import is_well

SIDES = {"store": {"reachable": True}, "pos": {"reachable": True}}
WELL: dict[str, Any] = {"in_step": True, "decisions": 0, "alerts_total": 0, "reconcile": {"failed": ""}, "sides": SIDES}


def test_a_shop_and_a_till_in_step_are_well() -> None:
    assert is_well(WELL)


@pytest.mark.parametrize(
    "trouble",
    [
        {"in_step": False}, {"decisions": 1}, {"alerts_total": 1}, {"reconcile": {"failed": "run 4 failed"}},
        {"sides": {**SIDES, "pos": {"reachable": False}}},
    ],
)  # fmt: skip
def test_what_needs_a_person_is_not_well_though_nothing_waits_to_be_written(trouble: dict[str, Any]) -> None:
    assert not is_well({**WELL, **trouble})
