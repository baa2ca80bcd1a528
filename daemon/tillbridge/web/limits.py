"""How much the door takes: sizes, and how many requests a second, so that a flood is turned away in words."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request, and one second, may bring.

    `body`: bytes. `signed`: requests a second with a good signature. `refused`: requests a second that are still
    told why they are refused; beyond it they get 429. A burst is `burst` times the rate.
    """

    body: int = 1024 * 1024
    signed: float = 200.0
    refused: float = 20.0
    burst: float = 2.0


class Bucket:
    """A token bucket: a steady rate, and a burst on top of it."""

    def __init__(self, rate: float, burst: float, now: Callable[[], float]) -> None:
        self._rate = rate
        self._size = max(1.0, burst)
        self._now = now
        self._level = self._size
        self._filled_at = now()
        self._lock = threading.Lock()

    def take(self) -> float:
        """0 where one more is fine (and counted), else the seconds until it will be."""
        with self._lock:
            now = self._now()
            gained = max(0.0, now - self._filled_at) * self._rate
            self._level = min(self._size, self._level + gained)
            self._filled_at = now
            if self._level >= 1.0:
                self._level -= 1.0
                return 0.0
            return (1.0 - self._level) / self._rate
