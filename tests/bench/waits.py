"""From each sale in the shop to the write at the till that brought it."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

Sale = tuple[str, float]
"""SKU of the one piece that was sold, and when its clock started."""


def waits(sales: Iterable[Sale], changes: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[float]:
    """Milliseconds that each sale took. `changes` are the till's, `names` gives the SKU of its items.

    Where several sales of one SKU crossed in one write, each counts from its own start to the write that brought its
    sum.
    """
    reached = _sums(changes, names)
    taken: defaultdict[str, int] = defaultdict(int)
    found = []
    for sku, start in sorted(sales, key=lambda sale: sale[1]):
        taken[sku] += 1
        step = bisect_left(reached[sku], Decimal(taken[sku]), key=lambda one: one[0])
        if step == len(reached[sku]):
            raise LookupError(f"sale {taken[sku]} of {sku} never came to the till")
        found.append((reached[sku][step][1] - start) * 1000)
    return found


def _sums(
    changes: Iterable[Mapping[str, Any]], names: Mapping[str, str]
) -> defaultdict[str, list[tuple[Decimal, float]]]:
    """By SKU: how many pieces the bridge had taken away, and when."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    reached: defaultdict[str, list[tuple[Decimal, float]]] = defaultdict(list)
    for change in changes:
        if change["author"] != "api" or change["kind"] != "adjustment":
            continue
        at = datetime.fromisoformat(change["at"]).timestamp()
        for move in change["movements"]:
            sku = names[str(move["item_id"])]
            sums[sku] -= Decimal(move["delta"])
            reached[sku].append((sums[sku], at))
    return reached
