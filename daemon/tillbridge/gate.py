"""The breaker before a side: while the side is away, one probe goes out now and then."""

from __future__ import annotations

import logging
import threading

from tillbridge.core import backoff
from tillbridge.core.backoff import Breaker
from tillbridge.core.stock import SideName
from tillbridge.ports import Clock

log = logging.getLogger(__name__)


class Gate:
    """The breaker of one side, shared by everyone who speaks to it."""

    def __init__(self, name: SideName, clock: Clock) -> None:
        self.name = name
        self._clock = clock
        self._lock = threading.Lock()
        self._breaker = Breaker()
        self._probe_out = False
        self._away = False
        self._trips = 0

    @property
    def breaker(self) -> Breaker:
        return self._breaker

    def open(self) -> bool:
        """Whether the side may be spoken to now."""
        return self._breaker.lets_through(self._clock.now())

    def enter(self) -> int | None:
        """A ticket to speak to the side now, None where it is not the time. Who has one tells `away`, `stumbled`,
        `answered` or `left` afterwards."""
        with self._lock:
            if not self.open() or (self._breaker.probing and self._probe_out):
                return None
            self._probe_out = self._breaker.probing
            return self._trips

    def is_well(self, ticket: int) -> bool:
        """Whether nothing has gone wrong since this ticket was given, and nobody waits to hear of its answer: another
        call may follow under it."""
        with self._lock:
            return ticket == self._trips and not self._away and not self._breaker.probing

    def left(self) -> None:
        """The caller had nothing to say after all."""
        with self._lock:
            self._probe_out = False

    def away(self, reason: str, retry_after: float | None = None) -> None:
        """The side could not be spoken to at all; when it answers again, whatever failed there is tried at once."""
        with self._lock:
            first = not self._away
            self._away = True
            self._trip(reason, retry_after)
        if first:
            log.warning("the %s cannot be spoken to: %s", self.name, reason)

    def stumbled(self, reason: str) -> None:
        """A call went wrong and may have taken effect. A pause for all; the message itself is retried on its own
        schedule, since a side that answers everything else would otherwise be asked again without end."""
        with self._lock:
            self._trip(reason, None)
        log.warning("a call to the %s went wrong: %s", self.name, reason)

    def _trip(self, reason: str, retry_after: float | None) -> None:
        self._breaker = backoff.tripped(self._breaker, self._clock.now(), reason, retry_after)
        self._trips += 1
        self._probe_out = False

    def answered(self, ticket: int) -> bool:
        """Whether this is the first answer of a side that was away. The answer to a call that set out before something
        went wrong says nothing about the time after it."""
        with self._lock:
            if ticket != self._trips:
                return False
            back, self._away = self._away, False
            self._breaker = backoff.mended()
            self._probe_out = False
        if back:
            log.warning("the %s answers again", self.name)
        return back

    def not_revived(self) -> None:
        """What failed there could not be made due: the next answer must do it."""
        with self._lock:
            self._away = True

    def opens_at(self) -> float:
        return self._breaker.closed_until
