"""Whether there is anything to do: what jobs that run every few seconds ask of the books, without the write lock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tillbridge.core.stock import SideName
from tillbridge.ports.orderbook import Stirred
from tillbridge.ports.runs import Run


class Glance(Protocol):
    """A consistent picture of what waits. The promises of each are those of `OrderBook` and `Runs`."""

    @property
    def now(self) -> float:
        """Steady seconds at its start."""

    def are_stirred(self) -> bool: ...
    def stirred(self, limit: int) -> list[Stirred]: ...
    def are_looks_wanted(self) -> bool:
        """Whether any level is to be read again, now or later."""

    def parked_for(self, reason: str) -> int:
        """How much is parked for that reason."""

    def to_look_at(self, side: SideName, limit: int, until: float) -> list[str]: ...
    def runs_in(self, states: Sequence[str]) -> list[Run]: ...
