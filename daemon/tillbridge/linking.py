"""First contact: pairing the items of both sides and taking their opening levels, without writing anything anywhere.

An opening must contain every change that happened before it and none that comes after, or a sale would count twice or
not at all. So both feeds are read to their end, the levels are counted, the feeds are read again, and a pair is
linked only where no change of either item was told in between and the shop holds none back (`moving`). What moved is
taken at the next look.

    1. read both feeds to the end; mark the highest message
    2. count both sides
    3. read both feeds again
    4. in one transaction: book every waiting event, leave out what moved since the mark, link the rest
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tillbridge.attempts import SELL_FROM
from tillbridge.booking import Posted, post, together
from tillbridge.core.links import Held, Pair, propose
from tillbridge.core.stock import ZERO, Level, SideName, plain
from tillbridge.errors import BridgeError, SideTrouble
from tillbridge.ports import Books, Checkpoint, Clock, Side, Unit

log = logging.getLogger(__name__)

LINK_AT_MOST_EVERY = 30.0
"""Seconds between two counts of both sides on account of items that stirred without a link."""

LOOK_AGAIN = 1.0
"""Seconds until the next look when something was moving, or a side could not be counted."""

_PAIRS_A_TRANSACTION = 200
_EVENTS_A_TRANSACTION = 500


@dataclass(frozen=True, slots=True)
class Linked:
    """What a look for new links found."""

    linked: int
    moving: int
    held: int


@dataclass(frozen=True, slots=True)
class _Count:
    """One side's levels by ref and outlet; the refs that are moving, and those unknown somewhere; the outlets."""

    levels: Mapping[str, Mapping[str, Decimal]]
    moving: frozenset[str]
    unknown: frozenset[str]
    outlets: tuple[str, ...]

    def openings(self, side: SideName, ref: str) -> dict[tuple[SideName, str], Decimal] | None:
        """The levels of an item by outlet; None where one is unknown: unknown is never zero."""
        levels = self.levels.get(ref)
        if levels is None or ref in self.unknown:
            return None
        return {(side, outlet): level for outlet, level in levels.items()}


class Linking:
    """Looks for items that can be linked. Run it at the start, on a schedule, and when an unlinked item stirs."""

    def __init__(
        self,
        books: Books,
        sides: Mapping[SideName, Side],
        polls: Mapping[SideName, Callable[[], int]],
        set_aside: Callable[[], object],
        booked: Callable[[Posted], None],
        checkpoint: Checkpoint,
    ) -> None:
        """`set_aside` books waiting events one by one, so that one that cannot be booked is put off; `booked` is told
        what was booked on the way."""
        self._books = books
        self._sides = sides
        self._polls = polls
        self._set_aside = set_aside
        self._booked = booked
        self._checkpoint = checkpoint

    def __call__(self) -> Linked:
        """Link what can be linked. Raises `SideTrouble` where a side cannot be counted; then nothing is linked."""
        self._drain()
        with self._books.writing() as unit:
            already = unit.linked_refs()
            mark = unit.last_id()
        catalogue = {name: list(side.catalogue()) for name, side in self._sides.items()}
        proposal = propose(catalogue[SideName.STORE], catalogue[SideName.POS], already)
        if not proposal.pairs:
            self._hold(proposal.held)
            return Linked(0, 0, len(proposal.held))
        counts = {name: _count(side.levels()) for name, side in self._sides.items()}
        self._drain()
        unknown, usable = _without_unknown(proposal.pairs, counts)
        linked = 0
        for at in range(0, len(usable), _PAIRS_A_TRANSACTION):
            linked += self._link(usable[at : at + _PAIRS_A_TRANSACTION], counts, mark)
        self._hold([*proposal.held, *unknown])
        return Linked(linked, len(usable) - linked, len(proposal.held) + len(unknown))

    def _drain(self) -> None:
        for poll in self._polls.values():
            poll()

    def _link(self, pairs: Sequence[Pair], counts: Mapping[SideName, _Count], mark: int) -> int:
        try:
            with self._books.writing() as unit:
                linked, posted = _open(unit, pairs, counts, mark)
        except BridgeError:
            raise
        except Exception:  # an event that cannot be booked is put off by itself; linking has its turn after that
            self._set_aside()
            return 0
        self._booked(posted)
        if linked:
            self._checkpoint("link.stored")
        return linked

    def _hold(self, held: Sequence[Held]) -> None:
        with self._books.writing() as unit:
            unit.hold(held)


def _open(unit: Unit, pairs: Sequence[Pair], counts: Mapping[SideName, _Count], mark: int) -> tuple[int, Posted]:
    """Book every waiting event, then link the pairs of which nothing was told since the mark; how many, and what was
    booked."""
    batches: list[Posted] = []
    while events := unit.claim_events(_EVENTS_A_TRANSACTION):
        batches.append(post(unit, events))
    if unit.events_wait(mark):
        return 0, together(batches)
    moved = {side: unit.dropped_since(side, mark) | counts[side].moving for side in SideName}
    taken = {side: set(refs) for side, refs in unit.linked_refs().items()}
    linked = 0
    for pair in pairs:
        refs = {SideName.STORE: pair.store_ref, SideName.POS: pair.pos_ref}
        if any(ref in moved[side] or ref in taken[side] for side, ref in refs.items()):
            continue
        openings = {side: counts[side].openings(side, ref) or {} for side, ref in refs.items()}
        offset = sum(openings[SideName.STORE].values(), ZERO) - sum(openings[SideName.POS].values(), ZERO)
        unit.open_link(pair, plain(offset), openings[SideName.STORE] | openings[SideName.POS], mark)
        linked += 1
    if linked and not unit.noted(SELL_FROM):
        unit.note(SELL_FROM, counts[SideName.POS].outlets[0])
    return linked, together(batches)


def _without_unknown(pairs: Sequence[Pair], counts: Mapping[SideName, _Count]) -> tuple[list[Held], list[Pair]]:
    """The pairs that can be linked, and those of which a side does not know the level: these are held out and shown."""
    held: list[Held] = []
    usable: list[Pair] = []
    for pair in pairs:
        refs = {SideName.STORE: pair.store_ref, SideName.POS: pair.pos_ref}
        unsure = [side for side, ref in refs.items() if counts[side].openings(side, ref) is None]
        held += [Held(side, refs[side], pair.sku, "", "unknown_level", _UNKNOWN) for side in unsure]
        usable += [] if unsure else [pair]
    return held, usable


_UNKNOWN = "Its level is unknown there. Set a level; unknown is never taken for zero."


def _count(levels: Iterable[Level]) -> _Count:
    """Collect a count."""
    found: dict[str, dict[str, Decimal]] = {}
    moving: set[str] = set()
    unknown: set[str] = set()
    outlets: dict[str, None] = {}
    for level in levels:
        outlets.setdefault(level.outlet)
        if level.moving:
            moving.add(level.ref)
        if level.quantity is None:
            unknown.add(level.ref)
        else:
            found.setdefault(level.ref, {})[level.outlet] = level.quantity
    return _Count(found, frozenset(moving), frozenset(unknown), tuple(outlets))


class LinkWhenStirred:
    """Runs first contact when somebody wants it, or when an item that nobody linked yet stirs; not more often than
    useful."""

    def __init__(self, linking: Linking, clock: Clock, may_speak: Callable[[], bool]) -> None:
        """`may_speak` says whether both sides may be asked now: a look for links is no reason to disturb one that asked
        for patience."""
        self._linking = linking
        self._clock = clock
        self._may_speak = may_speak
        self._wanted = threading.Event()
        self._next = 0.0

    def stirred(self, side: SideName, refs: frozenset[str]) -> None:
        log.debug("%d unlinked items stirred at the %s", len(refs), side)
        self._wanted.set()

    def wanted(self) -> None:
        self._next = 0.0
        self._wanted.set()

    def run_if_wanted(self) -> None:
        if not self._wanted.is_set() or self._clock.now() < self._next or not self._may_speak():
            return
        self._wanted.clear()
        self._next = self._clock.now() + LINK_AT_MOST_EVERY
        try:
            found = self._linking()
        except SideTrouble as trouble:
            log.warning("first contact has to wait: %s", trouble)
            self._look_again()
            return
        except BaseException:
            self._look_again()
            raise
        if found.linked or found.moving:
            log.info("linked %d, still moving %d, held out %d", found.linked, found.moving, found.held)
        if found.moving:
            self._look_again()

    def _look_again(self) -> None:
        self._wanted.set()
        self._next = self._clock.now() + LOOK_AGAIN
