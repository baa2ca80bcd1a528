"""WooCommerce keeps each level twice: where it counts, and in a lookup table for its own lists, filters and reports.

Writes by SQL reach only the first. Nothing of ours rests on the second; where it differs, that is said.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

NAMED = 20
"""Products that are named; of more only the number is told."""

_FIX = "WooCommerce > Status > Tools > Regenerate the product lookup tables mends it; no stock moves by that."

log = logging.getLogger(__name__)

Row = Mapping[str, Any]


def differs(row: Row) -> bool:
    """Whether a row of stock/levels says that the lookup table shows another level. An older plugin does not say."""
    return "lookup" in row and (row["lookup"] is None or isinstance(row["lookup"], str))


def words(rows: Sequence[Row], of: str = "") -> str:
    """How many differ, which, and what a person does about it. `of`: how much was looked at, where it was not all."""
    named = ", ".join(_one(row) for row in rows[:NAMED])
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    many = "1 product has" if len(rows) == 1 else f"{len(rows)} products have"
    return f"{many} another level in WooCommerce's lookup table than in stock{of}: {named}{more}. {_FIX}"


def _one(row: Row) -> str:
    shown = "none" if row["lookup"] is None else row["lookup"]
    return f"{row['sku'] or row['product_id']} ({row['level']}, there {shown})"


class Lookups:
    """Reports what a whole count met, once, until it is something else."""

    def __init__(self) -> None:
        self._told = ""

    def met(self, rows: Sequence[Row]) -> None:
        """A count is at its end, and these differ."""
        said = words(rows) if rows else ""
        if said and said != self._told:
            log.warning("%s", said)
        self._told = said
