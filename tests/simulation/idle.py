"""What need not be asked again: in a world where nothing happened and nothing was written, it would be idle as before.

The real daemon asks every few seconds, for hours. Played out, that is most of the time that a schedule takes, and finds
nothing: so a step that was idle sleeps until something happens in the world, something is written to the books, or it
has slept for as long as it may.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

A = TypeVar("A")

Stamp = tuple[int, int]


class Idle:
    """Remembers which steps had nothing to do, when, and in which state of the world and the books."""

    def __init__(self, stamp: Callable[[], Stamp]) -> None:
        """`stamp` is never the same again once something happened or was written."""
        self._stamp = stamp
        self._asleep: dict[Hashable, tuple[Stamp, float]] = {}

    def sleeps(self, step: Hashable, now: float) -> bool:
        stamp, until = self._asleep.get(step, ((-1, -1), now))
        return now < until and stamp == self._stamp()

    def wakes_at(self, step: Hashable) -> float | None:
        """When the step must be tried again, if it sleeps and nothing happens."""
        stamp, until = self._asleep.get(step, ((-1, -1), 0.0))
        return until if stamp == self._stamp() else None

    def tried(self, step: Hashable, act: Callable[[], bool], until: float) -> bool:
        """Do it, and whether that changed anything; where it changed nothing, it may sleep until then. `act` says
        whether it could be done at all; trouble says that it could not."""
        self._asleep.pop(step, None)
        before = self._stamp()
        done, changed = act(), self._stamp() != before
        if done and not changed:
            self._asleep[step] = (before, until)
        return changed

    def rouse(self, step: Hashable) -> None:
        self._asleep.pop(step, None)


ANSWERS_HOLD = 10.0
"""Seconds for which an answer of the books holds while nothing is written: a lease runs out by time alone."""


class Asked(Generic[A]):
    """An answer of the books that is the same as before, because nothing was written since."""

    def __init__(self, changes: Callable[[], int], ask: Callable[[], A]) -> None:
        self._changes = changes
        self._ask = ask
        self._known: tuple[int, float, A] | None = None

    def get(self, now: float) -> A:
        known = self._known
        if known is not None and known[0] == self._changes() and now < known[1]:
            return known[2]
        answer = self._ask()
        self._known = self._changes(), now + ANSWERS_HOLD, answer
        return answer
