"""What a person may ask of the running daemon: how it stands, stop, go on, look now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from tillbridge import __version__, recovering
from tillbridge.core.moments import moment
from tillbridge.core.stock import SideName
from tillbridge.decisions import attention
from tillbridge.errors import Malformed
from tillbridge.ports import RECONCILE_FAILED, RECONCILED, Attention, Books, Clock, Stories, Summary
from tillbridge.why import alert
from tillbridge.work import Work

FLOWS: Mapping[str, tuple[SideName, ...]] = {
    "to-pos": (SideName.POS,),
    "to-store": (SideName.STORE,),
    "all": (SideName.STORE, SideName.POS),
}
"""What may be paused: writing to one side, or to both. Listening never pauses, so nothing is lost meanwhile."""

STALE_AFTER = 300.0
"""Seconds without a good look at a side's feed after which the daemon does not call itself healthy, at the least."""


ALERTS_SHOWN = 20


class StandingBooks(Books, Stories, Protocol):
    """Books that can also be looked at."""


class Steering:
    """`ports.Controls` for a running daemon. `look_for_links` is called by `sync`, and must return at once."""

    def __init__(
        self, books: StandingBooks, work: Work, clock: Clock, look_for_links: Callable[[], None], stale_after: float
    ) -> None:
        self._books = books
        self._work = work
        self._clock = clock
        self._look_for_links = look_for_links
        self._started = clock.now()
        self._stale_after = max(stale_after, STALE_AFTER)

    def status(self) -> dict[str, object]:
        summary, standing = self._books.summary(), self._attention()
        now = self._clock.now()
        return {
            "version": __version__,
            "time": self._clock.wall().isoformat(timespec="seconds"),
            "in_step": in_step(summary),
            "in_step_since": _spelled(summary.settled) if in_step(summary) else None,
            "links": summary.links,
            "waiting": _count(summary, "ready"),
            "parked": _count(summary, "parked"),
            "dead": _count(summary, "dead"),
            "under_way": summary.unsettled,
            "held_out": dict(summary.held),
            "oldest_waiting_seconds": None if summary.oldest_ready is None else round(now - summary.oldest_ready, 3),
            "paused": [str(side) for side in summary.paused],
            "stopped": {str(side): why for side, why in summary.stopped.items()},
            "sides": {str(side): self._side(side, now) for side in SideName},
            "alerts": [alert(one) for one in standing.alerts],
            "alerts_total": standing.alerts_in_all,
            "decisions": standing.decisions,
            "reconcile": _reconciled(summary),
            "database_bytes": summary.bytes,
            "up_seconds": round(now - self._started, 3),
        }

    def _attention(self) -> Attention:
        with self._books.reading() as story:
            return attention(story, ALERTS_SHOWN)

    def _side(self, side: SideName, now: float) -> dict[str, object]:
        breaker = self._work.gates[side].breaker
        heard = self._work.heard.get(side)
        return {
            "reachable": not breaker.probing,
            "away_seconds": None if breaker.since is None else round(now - breaker.since, 3),
            "trouble": breaker.reason,
            "feed_read_seconds_ago": None if heard is None else round(now - heard, 3),
        }

    def pause(self, flow: str) -> dict[str, object]:
        sides = _sides(flow)
        with self._books.writing() as unit:
            unit.pause(sides)
        return self.status()

    def resume(self, flow: str) -> dict[str, object]:
        sides = _sides(flow)
        with self._books.writing() as unit:
            recovering.refuse_while_behind(unit)
            unit.resume(sides)
            if len(sides) == len(SideName):
                recovering.as_it_is(unit)
        self._work.ring_all()
        return self.status()

    def sync(self, flow: str) -> dict[str, object]:
        sides = _sides(flow)
        with self._books.writing() as unit:
            unit.release(sides)
            for side in sides:
                unit.revive(side)
        self._look_for_links()
        self._work.ring_all()
        return self.status()

    def hint(self, side: SideName) -> None:
        self._work.ring_feed(side)

    def healthy(self) -> tuple[bool, dict[str, object]]:
        now = self._clock.now()
        workers = self._work.alive()
        silent = {
            str(side): round(now - self._work.heard.get(side, self._started), 1)
            for side in SideName
            if now - self._work.heard.get(side, self._started) > self._stale_after
        }
        return workers and not silent, {"workers": "ok" if workers else "dead", "silent_sides": silent}

    def figures(self) -> dict[str, float]:
        summary, standing = self._books.summary(), self._attention()
        now = self._clock.now()
        found: dict[str, float] = {
            "tillbridge_links": float(summary.links),
            "tillbridge_writes_under_way": float(summary.unsettled),
            "tillbridge_database_bytes": float(summary.bytes),
            "tillbridge_alerts": float(standing.alerts_in_all),
            "tillbridge_decisions": float(standing.decisions),
            "tillbridge_reconcile_failed": float(bool(summary.notes.get(RECONCILE_FAILED, ("", 0.0))[0])),
            "tillbridge_oldest_waiting_seconds": 0.0
            if summary.oldest_ready is None
            else max(0.0, now - summary.oldest_ready),
        }
        if RECONCILED in summary.notes:
            found["tillbridge_last_good_reconcile_seconds"] = max(0.0, now - summary.notes[RECONCILED][1])
        for state in ("ready", "parked", "dead"):
            found[f'tillbridge_messages{{state="{state}"}}'] = float(_count(summary, state))
        for side in SideName:
            found[f'tillbridge_side_reachable{{side="{side}"}}'] = (
                0.0 if self._work.gates[side].breaker.probing else 1.0
            )
        return found


def in_step(summary: Summary) -> bool:
    """Nothing waits, nothing is under way, nothing needs a person."""
    return not summary.messages and summary.unsettled == 0 and not summary.stopped


def _reconciled(summary: Summary) -> dict[str, object]:
    """When the whole shop was last compared well, and why not since."""
    last, failed = summary.notes.get(RECONCILED), summary.notes.get(RECONCILE_FAILED, ("", 0.0))
    return {
        "run": None if last is None else int(last[0]),
        "ended_well": None if last is None else moment(last[1]),
        "failed": failed[0],
        "failed_at": moment(failed[1]) if failed[0] else None,
    }


def _spelled(at: float | None) -> str | None:
    return None if at is None else moment(at)


def _count(summary: Summary, state: str) -> int:
    return sum(number for (found, _), number in summary.messages.items() if found == state)


def _sides(flow: str) -> tuple[SideName, ...]:
    if flow not in FLOWS:
        raise Malformed(f"flow: found {flow!r}, allowed is one of {', '.join(FLOWS)}")
    return FLOWS[flow]
