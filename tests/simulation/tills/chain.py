"""What a history with `before` and `after` says of the rows that a level lost. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tests.simulation.tills.floor import Row


def overwritten(rows: Sequence[Row]) -> list[Row]:
    """The rows of one level that are without effect, in order.

    The newest row stands, and so does the row on whose `after` it is built, and so on backwards; what lies between the
    two was overwritten. A row that builds on nothing known says nothing of the rows before it.
    """
    lost: list[Row] = []
    at = len(rows) - 1
    while at > 0:
        base = _base(rows, at)
        lost += rows[base + 1 : at]
        at = base
    return sorted(lost, key=lambda row: (row.n, row.line))


def _base(rows: Sequence[Row], at: int) -> int:
    """The place of the row that row `at` is built on; −1 for the level from before all of them."""
    before = rows[at].before
    for earlier in range(at - 1, -1, -1):
        if rows[earlier].after == before:
            return earlier
    return -1 if rows[0].before == before else at - 1
