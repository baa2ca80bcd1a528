"""Time and the points where a process may die, both injected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

Checkpoint = Callable[[str], None]
"""Called at every named point where a process may die; does nothing in production (see `app.py`)."""


class Clock(Protocol):
    """Time, injected. `now` never jumps while the process lives; `wall` is what the world calls it."""

    def now(self) -> float:
        """Seconds since the epoch, steady: wall time at start plus what the monotonic clock counted since."""

    def wall(self) -> datetime:
        """The world's time now, aware, UTC. For signatures and for people, never for intervals."""
