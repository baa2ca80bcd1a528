"""Holding the writers back while a backlog is booked, but not for long."""

from __future__ import annotations

import threading
from types import TracebackType

from tillbridge.core.stock import SideName
from tillbridge.ports import Clock


class Holding:
    """Entered by whoever books a backlog. However often that is, a side's writers are held up for `longest` seconds at
    the most before one of them gets through."""

    def __init__(self, clock: Clock, longest: float) -> None:
        self._clock = clock
        self._longest = longest
        self._lock = threading.Lock()
        self._inside = 0
        self._since: float | None = None
        self._waiting: set[SideName] = set()

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._since is None:
                self._since, self._waiting = self._clock.now(), set()

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside and not self._waiting:
                self._since = None

    def holds(self) -> bool:
        """Whether writers are to wait now."""
        return self._inside > 0 and self._clock.now() < self.ends_at()

    def holds_up(self, side: SideName) -> bool:
        """Whether a writer of that side, who is about to begin, has to wait."""
        with self._lock:
            if self.holds():
                self._waiting.add(side)
                return True
            self._waiting.discard(side)
            if not self._inside and not self._waiting:
                self._since = None
            return False

    def ends_at(self) -> float:
        """When writers go on at the latest; long ago where nobody holds them."""
        since = self._since
        return 0.0 if since is None or not self._inside else since + self._longest
