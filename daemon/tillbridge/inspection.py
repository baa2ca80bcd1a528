"""Data and accounts, before anything moves: what both sides report, what is held out, and the policy in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tillbridge.backlog import held
from tillbridge.core.links import Held
from tillbridge.core.stock import SideName
from tillbridge.ports import Report, Said, Side


def inspect(sides: Mapping[SideName, Side], held_out: Sequence[Held], policy: Sequence[Mapping[str, str]]) -> Said:
    """`policy`: every setting's name, value and source, in which no secret is shown."""
    reports = {str(name): side.check() for name, side in sides.items()}
    return {
        "well": not any(report.problems for report in reports.values()),
        "sides": {name: _shown(report) for name, report in reports.items()},
        "held_out": [held(one) for one in held_out],
        "policy": [dict(one) for one in policy],
    }


def _shown(report: Report) -> dict[str, object]:
    return {"problems": list(report.problems), "facts": dict(report.facts)}
