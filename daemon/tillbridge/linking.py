"""First contact: pairing the items of both sides and taking their opening levels, without writing anything anywhere.

An opening must contain every change that happened before it and none that comes after, or a sale would count twice or
not at all. So both feeds are read to their end, the levels are counted, the feeds are read again, and a pair is
linked only where no change of either item was told in between and the shop holds none back (`moving`). What moved is
taken at the next look.

    1. read both feeds to the end; mark the highest message
    2. read what the lines of open orders hold and which writes of ours the shop remembers, then count both sides
    3. read both feeds again
    4. book every waiting event; in the transaction that finds no other, leave out what moved since the mark, and link
       the rest
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from tillbridge.booking import Booking, Posted, post, together
from tillbridge.buffers import no_buffer, take_buffers
from tillbridge.core import contact
from tillbridge.core.actions import OwnWrite
from tillbridge.core.contact import Contact
from tillbridge.core.findings import Limits
from tillbridge.core.links import Held, Pair, propose
from tillbridge.core.positions import Order
from tillbridge.core.routing import Rules
from tillbridge.core.stock import SideName
from tillbridge.errors import BridgeError, SideTrouble
from tillbridge.opening import Opened, Opening
from tillbridge.ports import LOOKED, Books, Checkpoint, Clock, Feed, Orders, Remembers, Side, Unit
from tillbridge.recovering import are_behind
from tillbridge.retiring import Retiring

log = logging.getLogger(__name__)

LINK_AT_MOST_EVERY = 30.0
"""Seconds between two counts of both sides on account of items that stirred without a link."""

LOOK_AGAIN = 1.0
"""Seconds until the next look when something was moving, or a side could not be counted."""

WAITS_FOR_LINKS = ("unlinked_line", "no_open_lines")
"""Why orders are parked that a new link may mend."""

NO_RULES = Rules()
"""Both sides' words count, and every order is sent at once."""

USUAL = Limits()

_PAIRS_A_TRANSACTION = 200
EVENTS_A_TRANSACTION = 200
"""For so many waiting events the write lock is held at a stretch, at most."""


@dataclass(frozen=True, slots=True)
class Linked:
    """What a look for new links found."""

    linked: int
    moving: int
    held: int
    retired: int = 0
    """Links that ended, because one side has no such item any more."""


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
        rules: Rules = NO_RULES,
        orders: Orders | None = None,
        buffers: Callable[[str], Decimal] = no_buffer,
        limits: Limits = USUAL,
        remembers: Remembers | None = None,
    ) -> None:
        """`set_aside` books waiting events one by one, so that one that cannot be booked is put off; `booked` is told
        what was booked on the way. `orders` says what the lines of orders hold, where the shop can; `buffers` what the
        shop keeps back, by SKU; `limits` what is done with care while waiting events are booked; `remembers` which
        writes of ours the shop knows."""
        self._books = books
        self._sides = sides
        self._polls = polls
        self._set_aside = set_aside
        self._booked = booked
        self._checkpoint = checkpoint
        self._rules = rules
        self._orders = orders
        self._buffers = buffers
        self._remembers = remembers
        self._retiring = Retiring(books, sides, limits.max_zeroed, set_aside)
        self._booking = Booking(rules, limits, lag={name: side.abilities.lag for name, side in sides.items()})

    def __call__(self) -> Linked:
        """Link what can be linked. Raises `SideTrouble` where a side cannot be counted; then nothing is linked."""
        self._drain()
        with self._books.writing() as unit:
            already = unit.linked_refs()
            since, mark = unit.now, unit.last_id()
        catalogue = {name: list(side.catalogue()) for name, side in self._sides.items()}
        ended = self._retiring({name: {item.ref for item in items} for name, items in catalogue.items()})
        if ended.ended:
            found = self()  # a look of its own, that begins after the end of the old links
            return replace(found, retired=found.retired + ended.ended)
        self._rename({item.ref: item.sku.strip() for item in catalogue[SideName.STORE]})
        proposal = propose(catalogue[SideName.STORE], catalogue[SideName.POS], already)
        if not proposal.pairs:
            self._hold(proposal.held, mark)
            return Linked(0, ended.waiting, len(proposal.held))
        wanted = {pair.store_ref for pair in proposal.pairs}
        seen = self._orders.open_positions() if self._orders is not None else ()
        holdings = contact.holdings(seen, set(already[SideName.STORE]), wanted)
        written = self._written(wanted)
        counts = {name: contact.count(side.levels()) for name, side in self._sides.items()}
        self._drain()
        out, usable = contact.usable(proposal.pairs, counts, self._rules.authority, holdings.unreadable)
        met = Contact(counts, holdings.lines, holdings.statuses, since, mark, holdings.from_pos, written)
        linked = self._link_all(usable, met)
        self._hold([*proposal.held, *out], mark if linked == len(usable) else None)
        return Linked(linked, len(usable) - linked + ended.waiting, len(proposal.held) + len(out))

    def _written(self, wanted: Container[str]) -> Mapping[str, Sequence[OwnWrite]]:
        """Our own writes to these items that the shop remembers: a life that these books know nothing of may have made
        them."""
        found: defaultdict[str, list[OwnWrite]] = defaultdict(list)
        for write in () if self._remembers is None else self._remembers.own_writes():
            if write.ref in wanted:
                found[write.ref].append(write)
        return found

    def _drain(self) -> None:
        for poll in self._polls.values():
            poll()

    def _link_all(self, pairs: Sequence[Pair], found: Contact) -> int:
        linked = 0
        ours: dict[str, Order] = {}
        for at in range(0, len(pairs), _PAIRS_A_TRANSACTION):
            opened = self._link(pairs[at : at + _PAIRS_A_TRANSACTION], found, ours)
            linked += opened.links
            ours |= opened.orders
        return linked

    def _link(self, pairs: Sequence[Pair], found: Contact, ours: Mapping[str, Order]) -> Opened:
        """Book what waits, page by page, and open the links in the transaction in which nothing waits any more. Between
        two pages others write: who has told us something is kept waiting for one page, however long the queue is."""
        opened: Opened | None = None
        while opened is None:
            try:
                with self._books.writing() as unit:
                    posted = post(unit, unit.claim_events(EVENTS_A_TRANSACTION), self._booking)
                    opened = None if unit.claim_events(1) else self._open(unit, pairs, found, ours)
            except BridgeError:
                raise
            except Exception:  # an event that cannot be booked is put off by itself; linking has its turn after that
                self._set_aside()
                return Opened()
            self._booked(posted if opened is None else together([posted, Posted(due=opened.due)]))
        if opened.links:
            self._checkpoint("link.stored")
        return opened

    def _open(self, unit: Unit, pairs: Sequence[Pair], found: Contact, ours: Mapping[str, Order]) -> Opened:
        """Open the links, unless something that was told since the look began is put off: it may be in the opening or
        not."""
        if unit.events_wait(found.mark) or are_behind(unit.noted):
            return Opened()
        opened = Opening(unit, found, self._rules, self._buffers)(pairs, ours)
        if opened.links:
            for reason in WAITS_FOR_LINKS:
                unit.unpark_reason(reason)
            if unit.stir_left_out({pair.store_ref for pair in pairs}):
                opened = replace(opened, due=opened.due | {SideName.POS})
        if opened.links and self._sides[SideName.POS].abilities.feed is Feed.LEVELS:
            # Its count may have trailed a change that its feed told before, and will not tell again.
            unit.look_again(SideName.POS, {pair.pos_ref for pair in pairs})
        return opened

    def _rename(self, skus: Mapping[str, str]) -> None:
        """A link is one of ids; but people ask by the SKU that they see in the shop now, and the settings
        name what is kept back by it."""
        with self._books.writing() as unit:
            renamed = unit.rename({ref: sku for ref, sku in skus.items() if sku})
        if renamed:
            take_buffers(self._books, self._buffers)

    def _hold(self, held: Sequence[Held], mark: int | None) -> None:
        """What is kept out; and, where nothing waits to be linked, the latest message when the look began."""
        with self._books.writing() as unit:
            unit.hold(held)
            if mark is not None:
                unit.note(LOOKED, str(mark))


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
        if found.linked or found.moving or found.retired:
            words = "linked %d, still moving %d, held out %d, ended %d"
            log.info(words, found.linked, found.moving, found.held, found.retired)
        if found.moving:
            self._look_again()

    def _look_again(self) -> None:
        self._wanted.set()
        self._next = self._clock.now() + LOOK_AGAIN
