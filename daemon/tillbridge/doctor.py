"""Every hop from shop to till, looked at now, each within a time limit: what hangs is unknown, which is not well."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial

from tillbridge.abreast import abreast
from tillbridge.errors import BridgeError
from tillbridge.ports import PUSHED, Books, Clock, Hop, HopState, Said

PATIENCE = 8.0
"""Seconds for all hops together; they are looked at side by side."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Examination:
    """Something to look at. `name` is the hop that is shown where it cannot be looked at."""

    name: str
    look: Callable[[], Sequence[Hop]]


class Doctor:
    """Looks at everything when called. Never raises."""

    def __init__(
        self,
        examinations: Sequence[Examination],
        clock: Clock,
        patience: float = PATIENCE,
        leave: Callable[[], None] = lambda: None,
    ) -> None:
        """`leave` is called in every thread that looked at something, at its end."""
        self._examinations = examinations
        self._leave = leave
        self._clock = clock
        self._patience = patience
        self._one_at_a_time = threading.Lock()

    def __call__(self, *more: Examination) -> Said:
        """`more` are hops that only this question can tell about; they come last."""
        with self._one_at_a_time:
            hops = self._look([*self._examinations, *more])
        shown = [{**asdict(hop), "state": str(hop.state)} for hop in hops]
        return {"well": all(hop.state is HopState.WELL for hop in hops), "hops": shown}

    def _look(self, examinations: Sequence[Examination]) -> list[Hop]:
        found = abreast([partial(_looked_at, one) for one in examinations], self._clock, self._patience, self._leave)
        late = [[_late(one, self._patience)] for one in examinations]
        return [hop for hops, none in zip(found, late, strict=True) for hop in (none if hops is None else hops)]


def _looked_at(examination: Examination) -> Sequence[Hop]:
    try:
        return examination.look()
    except BridgeError as trouble:
        return [Hop(examination.name, HopState.PROBLEM, str(trouble), "Mend this first, then ask again.")]
    except Exception:  # a doctor who faints helps nobody: the defect is in the log, the other hops are still told
        log.exception("%s could not be looked at", examination.name)
        return [Hop(examination.name, HopState.UNKNOWN, "looking at it met a defect", "See the daemon's log.")]


def _late(examination: Examination, patience: float) -> Hop:
    return Hop(
        examination.name,
        HopState.UNKNOWN,
        f"it did not answer within {patience:g} s",
        "See whether that computer and the line to it are overloaded, then ask again.",
    )


def from_shop(books: Books, clock: Clock, asked_by_shop: str) -> Examination:
    """The way from the shop to us: proved by a question that came through it, or by the last push of events."""

    def look() -> Sequence[Hop]:
        note = books.summary().notes.get(PUSHED)
        last = "no push yet" if note is None else f"last push {max(0.0, clock.now() - note[1]):.0f} s ago"
        if asked_by_shop:
            return [Hop(SHOP_TO_DAEMON, HopState.WELL, f"this question came that way; {last}")]
        if note is None:
            return [Hop(SHOP_TO_DAEMON, HopState.UNKNOWN, last, _ASK_THERE)]
        return [Hop(SHOP_TO_DAEMON, HopState.WELL, last)]

    return Examination(SHOP_TO_DAEMON, look)


SHOP_TO_DAEMON = "shop to daemon"
_ASK_THERE = "Ask from the other end: `wp tillbridge doctor`, or the page WooCommerce > Tillbridge."
