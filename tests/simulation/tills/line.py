"""The way to a till that is a model in process, with the same faults as a `Wire`, at the level of whole calls."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from tests.simulation.network import HTML
from tillbridge.errors import BadAnswer, NoAnswer, NotSent, SideTrouble, Throttled

Answer = TypeVar("Answer")


class Line:
    """Carries calls to a model. Cut, blocked and fated by the same attributes as a `Wire`.

    `between` runs whatever else happens while the call is on its way. `most_writes` is the most calls that ever wrote
    at the same time: a side declares how many it bears.
    """

    def __init__(
        self,
        between: Callable[[], None],
        later: Callable[[float, Callable[[], None]], None],
        met: Counter[str],
    ) -> None:
        self._between = between
        self._later = later
        self._met = met
        self._writes = 0
        self.most_writes = 0
        self.down = False
        self.blocked = False
        self.blocked_in = HTML
        self.fates: deque[tuple[str, float]] = deque()

    def read(self, do: Callable[[], Answer]) -> Answer:
        """Ask something. Raises `SideTrouble`."""
        return self._call(do)

    def write(self, do: Callable[[], Answer]) -> Answer:
        """Have something done, which may arrive late, or twice. Raises `SideTrouble`."""
        self._writes += 1
        self.most_writes = max(self.most_writes, self._writes)
        try:
            return self._call(do)
        finally:
            self._writes -= 1

    def _call(self, do: Callable[[], Answer]) -> Answer:
        self._between()
        if self.down:
            self._met["outage"] += 1
            raise NotSent("the line is down")
        if self.blocked:
            self._met["blocked"] += 1
            raise BadAnswer(f"something else answered in the POS's place: {self.blocked_in[:40]!r}")
        fate, seconds = self.fates.popleft() if self.fates else ("", 0.0)
        if fate:
            self._met[fate] += 1
        if fate in ("drop", "time-out-before"):
            raise NoAnswer("no answer (the request was lost)")
        if fate == "delay":
            self._later(seconds, lambda: _arrive(do))
            raise NoAnswer("no answer yet")
        if fate == "throttled":
            raise Throttled("the POS asks us to slow down", seconds)
        answer = do()
        if fate == "duplicate":
            _arrive(do)
        self._between()
        if fate == "time-out-after":
            raise NoAnswer("no answer (it was lost)")
        if fate == "error-after":
            raise NoAnswer("the POS is in trouble (HTTP 500)")
        if fate == "lying":
            raise BadAnswer("expected JSON, got HTTP 200 with a page")
        return answer


def _arrive(do: Callable[[], object]) -> None:
    """A request arrives whose answer nobody hears."""
    with suppress(SideTrouble):
        do()
