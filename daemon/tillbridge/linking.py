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

from tillbridge.booking import post
from tillbridge.core.links import Pair, Proposal, propose
from tillbridge.core.stock import ZERO, Level, SideName, plain
from tillbridge.errors import SideTrouble
from tillbridge.ports import Books, Checkpoint, Clock, Side
from tillbridge.relay import SELL_FROM

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
    """One side's levels by ref and outlet, and the refs that are still moving or unknown somewhere."""

    levels: Mapping[str, Mapping[str, Decimal]]
    unusable: frozenset[str]
    outlets: tuple[str, ...]


class Linking:
    """Looks for items that can be linked. Run it at the start, on a schedule, and when an unlinked item stirs."""

    def __init__(
        self,
        books: Books,
        sides: Mapping[SideName, Side],
        polls: Mapping[SideName, Callable[[], int]],
        checkpoint: Checkpoint,
    ) -> None:
        self._books = books
        self._sides = sides
        self._polls = polls
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
            self._hold(proposal)
            return Linked(0, 0, len(proposal.held))
        counts = {name: _count(side.levels()) for name, side in self._sides.items()}
        self._drain()
        linked = 0
        for at in range(0, len(proposal.pairs), _PAIRS_A_TRANSACTION):
            linked += self._link(proposal.pairs[at : at + _PAIRS_A_TRANSACTION], counts, mark)
        self._hold(proposal)
        return Linked(linked, len(proposal.pairs) - linked, len(proposal.held))

    def _drain(self) -> None:
        for poll in self._polls.values():
            poll()

    def _link(self, pairs: Sequence[Pair], counts: Mapping[SideName, _Count], mark: int) -> int:
        store, pos = counts[SideName.STORE], counts[SideName.POS]
        with self._books.writing() as unit:
            while events := unit.claim_events(_EVENTS_A_TRANSACTION):
                post(unit, events)
            moved = {side: unit.dropped_since(side, mark) for side in SideName}
            taken = {side: set(refs) for side, refs in unit.linked_refs().items()}
            linked = 0
            for pair in pairs:
                if pair.store_ref in moved[SideName.STORE] | store.unusable | taken[SideName.STORE]:
                    continue
                if pair.pos_ref in moved[SideName.POS] | pos.unusable | taken[SideName.POS]:
                    continue
                here, there = store.levels.get(pair.store_ref), pos.levels.get(pair.pos_ref)
                if not here or not there:
                    continue
                openings = {(SideName.STORE, outlet): level for outlet, level in here.items()}
                openings |= {(SideName.POS, outlet): level for outlet, level in there.items()}
                offset = plain(sum(here.values(), ZERO) - sum(there.values(), ZERO))
                unit.open_link(pair, offset, openings)
                linked += 1
            if linked and not unit.noted(SELL_FROM):
                unit.note(SELL_FROM, pos.outlets[0])
        if linked:
            self._checkpoint("link.stored")
        return linked

    def _hold(self, proposal: Proposal) -> None:
        with self._books.writing() as unit:
            unit.hold(proposal.held)


def _count(levels: Iterable[Level]) -> _Count:
    """Collect a count. An item that is moving, or unknown at any outlet, cannot be used: unknown is never zero."""
    found: dict[str, dict[str, Decimal]] = {}
    unusable: set[str] = set()
    outlets: dict[str, None] = {}
    for level in levels:
        outlets.setdefault(level.outlet)
        if level.moving or level.quantity is None:
            unusable.add(level.ref)
        else:
            found.setdefault(level.ref, {})[level.outlet] = level.quantity
    return _Count(found, frozenset(unusable), tuple(outlets))


class LinkWhenStirred:
    """Runs first contact when somebody wants it, or when an item that nobody linked yet stirs; not more often than
    useful."""

    def __init__(self, linking: Linking, clock: Clock) -> None:
        self._linking = linking
        self._clock = clock
        self._wanted = threading.Event()
        self._next = 0.0

    def stirred(self, side: SideName, refs: frozenset[str]) -> None:
        log.debug("%d unlinked items stirred at the %s", len(refs), side)
        self._wanted.set()

    def wanted(self) -> None:
        self._next = 0.0
        self._wanted.set()

    def run_if_wanted(self) -> None:
        if not self._wanted.is_set() or self._clock.now() < self._next:
            return
        self._wanted.clear()
        self._next = self._clock.now() + LINK_AT_MOST_EVERY
        try:
            found = self._linking()
        except SideTrouble as trouble:
            log.warning("first contact has to wait: %s", trouble)
            self._wanted.set()
            self._next = self._clock.now() + LOOK_AGAIN
            return
        if found.linked or found.moving:
            log.info("linked %d, still moving %d, held out %d", found.linked, found.moving, found.held)
        if found.moving:
            self._wanted.set()
            self._next = self._clock.now() + LOOK_AGAIN
