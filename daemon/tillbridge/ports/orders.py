"""What a shop's own records say of its orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from tillbridge.core.positions import OrderSeen


class Orders(Protocol):
    """How much stock the lines of orders hold, as the shop has it. All raise `SideTrouble`."""

    def positions(self, orders: Sequence[str]) -> tuple[OrderSeen, ...]:
        """Those of these orders that there still are."""

    def open_positions(self) -> Iterator[OrderSeen]:
        """Every order that holds stock and is not settled, streamed."""
