"""Data and accounts, before anything moves: what both sides report, what is held out, and the policy in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tillbridge.abreast import abreast
from tillbridge.backlog import held
from tillbridge.core.links import Held
from tillbridge.core.stock import SideName
from tillbridge.ports import Clock, Report, Said, Side

PATIENCE = 8.0
"""Seconds for both sides, which are asked at the same time."""


def inspect(
    sides: Mapping[SideName, Side],
    held_out: Sequence[Held],
    policy: Sequence[Mapping[str, str]],
    clock: Clock,
    patience: float = PATIENCE,
    buffers: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> Said:
    """`policy`: every setting's name, value and source, in which no secret is shown. `buffers`: what is
    wrong with those that are set by SKU, and what is to be remarked; it is told with the shop."""
    late = Report((f"it did not say within {patience:g} s how it is. See what keeps it busy, then run check again",))
    found = abreast([side.check for side in sides.values()], clock, patience)
    reports = {str(name): report or late for name, report in zip(sides, found, strict=True)}
    told = reports[str(SideName.STORE)]
    remarks = {"buffers": "; ".join(buffers[1])} if buffers[1] else {}
    reports[str(SideName.STORE)] = Report((*told.problems, *buffers[0]), {**told.facts, **remarks})
    return {
        "well": not any(report.problems for report in reports.values()),
        "sides": {name: _shown(report) for name, report in reports.items()},
        "held_out": [held(one) for one in held_out],
        "policy": [dict(one) for one in policy],
    }


def _shown(report: Report) -> dict[str, object]:
    return {"problems": list(report.problems), "facts": dict(report.facts)}
