"""Time that moves only when the simulation says so, and wall clocks that somebody sets wrong."""

from __future__ import annotations

from datetime import UTC, datetime

BEGIN = 1_760_000_000.0


class VirtualClock:
    """`ports.Clock`. `off` is by how many seconds this machine's wall clock is wrong; its steady time never jumps."""

    def __init__(self, of: VirtualClock | None = None) -> None:
        """The clock of another machine goes by the time `of` the first."""
        self._machine = self if of is None else of
        self.seconds = BEGIN
        self.off = 0.0

    def now(self) -> float:
        return self._machine.seconds

    def wall(self) -> datetime:
        return datetime.fromtimestamp(self._machine.seconds + self.off, UTC)
