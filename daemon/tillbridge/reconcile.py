"""Each side against its own account: what differs unexplained is found twice, put down to a side, and mended.

A run looks once, waits until whatever was on its way has arrived, and looks again at what differed. Only the same
difference, seen twice while nothing moved, is acted on. Sides are never set equal: what is entered is what happened on
one side, and the one rule writes what follows. A plan does all of this and enters nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from tillbridge.core.findings import Believe, Limits, Seen
from tillbridge.core.routing import Rules
from tillbridge.core.stock import SideName
from tillbridge.counting import Counting, Looked, Reading
from tillbridge.doubting import Doubting
from tillbridge.errors import BridgeError, SideTrouble
from tillbridge.mending import Mending, end_reported
from tillbridge.poll import undecided
from tillbridge.ports import (
    DONE,
    FAILED,
    HELD,
    LOOKING,
    PLAN,
    RECONCILE,
    RECONCILE_FAILED,
    RECONCILED,
    WAITING,
    Books,
    Clock,
    Run,
    Side,
    Sighting,
    Unit,
)
from tillbridge.resync import UnknownSku

log = logging.getLogger(__name__)

LOOKED_AT_SINGLY = 200
"""Up to so many items are read one by one when they are looked at again; more are cheaper in a count."""

FOR_ORDERS = 1800.0
"""Seconds for which a difference at the store is left to an order whose lines differ, beside the time to settle; an
order that cannot be compared must not keep its items from being mended for ever. So long, too, what a feed told is left
to the second reading of it."""

LOOKS_AT_MOVING = 3
ROUNDS = 6
"""How often a run looks again before it leaves what still moves to the next one."""


@dataclass(frozen=True, slots=True)
class Care:
    """The owner's rules and limits, and how far apart two looks are (seconds, at the least)."""

    rules: Rules
    limits: Limits
    settle: float


class Reconcile:
    """Begins runs, and advances them when called by the schedule."""

    def __init__(
        self,
        books: Books,
        sides: Mapping[SideName, Side],
        drain: Callable[[], Mapping[SideName, bool]],
        care: Care,
        clock: Clock,
        stirred: Callable[[frozenset[SideName]], None],
        stir_orders: Callable[[], object] = lambda: None,
    ) -> None:
        """`drain` reads both feeds to their end and books what they brought; it says which side could be read.
        `stirred` hears to which sides something is to be written. `stir_orders` has the lines of open orders compared
        with the books, because a difference that a line explains is nobody else's."""
        self._books = books
        self._sides = sides
        self._drain = drain
        self._care = care
        self._clock = clock
        self._counting = Counting(books, sides, clock)
        self._mending = Mending(books, sides, care.rules.authority, care.limits)
        self._doubting = Doubting(books, sides, drain, care.settle, clock)
        self._stirred = stirred
        self._stir_orders = stir_orders
        self._orders_stirred_at = float("-inf")

    def begin(self, what: str = "", kind: str = RECONCILE) -> Run:
        """Begin a run over the whole shop, or over one SKU; one of that kind that is under way already goes on instead.
        Raises `UnknownSku`."""
        scope = what.strip()
        with self._books.writing() as unit:
            if scope and not unit.shelves_by_sku(scope):
                raise UnknownSku(f"no item is linked under the SKU {scope!r}; `tillbridge sync` looks for new ones")
            for run in unit.runs_in((LOOKING, WAITING)):
                if (run.kind, run.scope) == (kind, scope):
                    return run
            return unit.start_run(kind, scope, LOOKING, {})

    def on_schedule(self) -> None:
        """Begin a run over the whole shop, unless one waits for a person: it would find the same, and be told again."""
        with self._books.writing() as unit:
            waits = any(run.kind == RECONCILE and not run.scope for run in unit.runs_in((HELD,)))
        if not waits:
            self.begin()

    def advance(self) -> bool:
        """Take the oldest run a step further, if it is time; whether there was something to do. While something that
        was restored waits for a person's word, none but a plan goes on: it would decide for the person."""
        with self._books.glancing() as books:
            waiting = books.runs_in((LOOKING, WAITING))
        why = undecided(self._books.noted) if waiting else ""
        ready = (one for one in waiting if not (why and believed(one)))
        run = next((one for one in ready if one.state == LOOKING or self._is_due(one)), None)
        if run is None:
            return False
        if why and run.kind != PLAN:
            self._end(run, FAILED, reason=f"nothing is put down to a side before you decide: {why}")
            return True
        try:
            if run.state == LOOKING:
                self._look(run)
            else:
                self._look_again(run)
        except SideTrouble as trouble:
            log.warning("run %d: a side could not be read: %s", run.id, trouble)
            self._end(run, FAILED, reason=str(trouble), unreachable=True)
        except BridgeError:
            raise
        except Exception as defect:  # one run must not be begun again without end, nor keep all others waiting
            log.exception("run %d met a defect", run.id)
            self._end(run, FAILED, reason=f"a defect of Tillbridge, please report it: {defect!r}")
        return True

    def _is_due(self, run: Run) -> bool:
        due = run.facts.get("due_at")
        return not isinstance(due, float) or self._clock.now() >= due

    # --- the first look

    def _look(self, run: Run) -> None:
        if not self._is_heard(run):
            return
        self._compare_orders()
        looked = {side: self._read(run, side) for side in SideName}
        quiet, moving = self._sort([one for side in looked.values() for one in side.readings])
        compared, unknown = (sum(getattr(one, name) for one in looked.values()) for name in ("compared", "unknown"))
        run = _with(run, looked=compared, unknown=unknown, moving=len(moving), links=self._links(run), rounds=0)
        with self._books.writing() as unit:
            unit.sight([reading.seen for reading in quiet])
            self._forget_others(unit, run, [*quiet, *moving])
        if quiet or moving or self._doubted(run):
            self._wait(run)
        else:
            self._end(run, DONE)

    def _doubted(self, run: Run) -> int:
        """Settle what waited for a second look and is not there; how many must be looked at once more."""
        if run.kind == PLAN:
            return 0
        if not run.scope:
            return self._doubting(None)
        with self._books.writing() as unit:
            links = {shelf.link.id for shelf in unit.shelves_by_sku(run.scope)}
        return self._doubting(links)

    def _compare_orders(self) -> None:
        """What lines of orders explain is theirs first. Runs over single items come in numbers, and share a look."""
        now = self._clock.now()
        if now - self._orders_stirred_at >= self._care.settle:
            self._stir_orders()
            self._orders_stirred_at = now

    def _read(self, run: Run, side: SideName) -> Looked:
        if run.scope:
            return self._counting.some(side, self._refs(run, side))
        return self._counting.everything(side, partial(self._tell, run, side))

    def _refs(self, run: Run, side: SideName) -> list[str]:
        with self._books.writing() as unit:
            return [shelf.link.ref(side) for shelf in unit.shelves_by_sku(run.scope)]

    def _links(self, run: Run) -> int:
        return len(self._refs(run, SideName.STORE)) if run.scope else self._books.summary().links

    def _tell(self, run: Run, side: SideName, compared: int) -> None:
        """How far a long count has come, for who waits for it."""
        if compared % 20_000 == 0:
            with self._books.writing() as unit:
                unit.save_run(_with(run, counting=str(side), looked=compared))

    def _sort(self, readings: Sequence[Reading]) -> tuple[list[Reading], list[Reading]]:
        """What is certain, and what still moves after a few more looks."""
        self._drain()
        found = self._counting.sort(readings)
        quiet, moving = found.quiet, found.moving
        for _ in range(LOOKS_AT_MOVING):
            if not moving or len(moving) > LOOKED_AT_SINGLY:
                break
            again = self._singly(moving)
            self._drain()
            found = self._counting.sort(again)
            quiet, moving = [*quiet, *found.quiet], found.moving
        return quiet, moving

    def _singly(self, places: Sequence[Reading]) -> list[Reading]:
        """Read these once more, one by one; only the outlets that are asked for."""
        wanted = {(one.seen.side, one.ref, one.seen.outlet) for one in places}
        found: list[Reading] = []
        for side in SideName:
            refs = sorted({ref for name, ref, _ in wanted if name is side})
            found += self._counting.some(side, refs).readings if refs else []
        return [one for one in found if (one.seen.side, one.ref, one.seen.outlet) in wanted]

    def _forget_others(self, unit: Unit, run: Run, found: Sequence[Reading]) -> None:
        """What was seen before and is not there any more, is over."""
        still = {_place(reading.seen) for reading in found}
        gone = [one.seen for one in self._in_scope(unit, run) if _place(one.seen) not in still]
        unit.forget_sightings(gone)
        end_reported(unit, gone)

    def _in_scope(self, unit: Unit, run: Run) -> list[Sighting]:
        found = unit.sightings()
        if not run.scope:
            return found
        links = {shelf.link.id for shelf in unit.shelves_by_sku(run.scope)}
        return [one for one in found if one.seen.link in links]

    # --- the looks after it

    def _look_again(self, run: Run) -> None:
        if not self._is_heard(run):
            return
        now = self._clock.now()
        with self._books.writing() as unit:
            pending = self._in_scope(unit, run)
            shelves = unit.shelves_by_link([one.seen.link for one in pending])
        places = [
            Reading(one.seen, shelves[one.seen.link].link.ref(one.seen.side), now, moving=False)
            for one in pending
            if one.seen.link in shelves  # else it ended meanwhile
        ]
        quiet, moving = self._sort(self._read_places(run, places))
        with self._books.writing() as unit:
            unit.sight([reading.seen for reading in quiet])
            self._forget_others(unit, run, [*quiet, *moving])
            since = {_place(one.seen): one.since for one in self._in_scope(unit, run)}
            with_orders = unit.links_at_odds(now - self._settle(SideName.STORE) - FOR_ORDERS)
            told = {side: unit.asked_for(side, now - self._settle(side) - FOR_ORDERS) for side in SideName}
        ripe = [
            one
            for one in quiet
            if now - since.get(_place(one.seen), now) >= self._settle(one.seen.side)
            and not (one.seen.side is SideName.STORE and one.seen.link in with_orders)
            and one.ref not in told[one.seen.side]
        ]
        left = len(quiet) - len(ripe) + len(moving) + self._doubted(run)
        self._go_on(_with(run, moving=left, rounds=_rounds(run) + 1), ripe, left)

    def _read_places(self, run: Run, places: Sequence[Reading]) -> list[Reading]:
        if run.scope or len(places) <= LOOKED_AT_SINGLY:
            return self._singly(places)
        wanted = {_place(one.seen) for one in places}
        sides = {one.seen.side for one in places}
        readings = [one for side in sides for one in self._read(run, side).readings]
        return [one for one in readings if _place(one.seen) in wanted]

    def _go_on(self, run: Run, ripe: Sequence[Reading], left: int) -> None:
        """Judge what was seen twice, and enter it where the run may."""
        findings = self._mending.judge(ripe, believed(run))
        why = self._mending.why_held(findings, run)
        if run.kind == PLAN or why:
            self._mending.plan(run, findings)
        else:
            due, entered = self._mending.enter(run, findings)
            self._stirred(due)
            left += len(findings) - entered
        if why and run.kind != PLAN:
            log.error("run %d is held: %s; see `tillbridge decide`", run.id, why)
            self._end(run, HELD, reason=why)
        elif left and _rounds(run) < ROUNDS:
            self._wait(run)
        else:
            self._end(run, DONE, **({"reason": why} if why else {}))

    def _settle(self, side: SideName) -> float:
        return max(self._care.settle, self._sides[side].abilities.lag)

    # --- a run's own row

    def _is_heard(self, run: Run) -> bool:
        """Both feeds were read; a side that cannot be heard cannot be compared."""
        deaf = [str(side) for side, heard in self._drain().items() if not heard]
        if deaf:
            self._end(run, FAILED, reason=f"the {' and the '.join(deaf)} cannot be read now", unreachable=True)
        return not deaf

    def _wait(self, run: Run) -> None:
        settle = max(self._settle(side) for side in SideName)
        with self._books.writing() as unit:
            unit.save_run(replace(_with(run, due_at=unit.now + settle), state=WAITING))

    def _end(self, run: Run, state: str, **facts: object) -> None:
        with self._books.writing() as unit:
            unit.save_run(replace(_with(run, **facts), state=state, finished=unit.now))
            if run.kind == RECONCILE and not run.scope:
                _note_end(unit, run, state, str(facts.get("reason", "")))


def _note_end(unit: Unit, run: Run, state: str, reason: str) -> None:
    """Whoever asks how things stand is told of the last look at everything, and of one that failed until one ends
    well."""
    if state == DONE:
        unit.note(RECONCILED, str(run.id))
        unit.note(RECONCILE_FAILED, "")
    elif state == FAILED:
        unit.note(RECONCILE_FAILED, f"run {run.id} failed: {reason}")


def believed(run: Run) -> dict[SideName, Believe]:
    """Whose word counts in this run, by side, where a person said so."""
    said = run.facts.get("believe")
    return {SideName(side): Believe(word) for side, word in said.items()} if isinstance(said, dict) else {}


def _with(run: Run, **facts: object) -> Run:
    return replace(run, facts={**run.facts, **facts})


def _rounds(run: Run) -> int:
    rounds = run.facts.get("rounds", 0)
    return rounds if isinstance(rounds, int) else 0


def _place(seen: Seen) -> tuple[int, SideName, str]:
    return seen.link, seen.side, seen.outlet
