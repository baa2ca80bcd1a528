"""Ending the link of an item that one side has no more, so that its SKU is free for the one that was made anew.

Gone is only what is certainly gone: the full catalogue does not list it, a read of it finds nothing, and the shop told
that it was deleted (its trash looks the same from outside; a POS tells nothing of that kind). An item's link ends when
the other side has all that is to be written there; what was still to be written at the item itself is dropped with it.
Many at once are asked about first: that is also what a broken catalogue looks like.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tillbridge.core.links import Ended, is_too_much
from tillbridge.core.stock import ZERO, SideName, spell
from tillbridge.core.targets import Shelf
from tillbridge.poll import BOOKS, restored
from tillbridge.ports import Books, Side, Unit

GO_ON, KEEP = "go-on", "keep:"
"""What the note of a side says after a person's word. Before it, how many links are asked about; "" is nothing."""

_READ_AT_MOST = 500
"""Items that are read one by one in one look."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Retired:
    """How many links ended, and how many will once what is under way is over."""

    ended: int = 0
    waiting: int = 0


def note_of(side: SideName) -> str:
    """The note that says what is asked about the vanished items of a side."""
    return f"vanished:{side}"


class Retiring:
    """Ends links when called with the full catalogues of both sides."""

    def __init__(
        self, books: Books, sides: Mapping[SideName, Side], max_zeroed: int, set_aside: Callable[[], object]
    ) -> None:
        """`set_aside` books what waits: what an item was told before its end counts."""
        self._books = books
        self._sides = sides
        self._max = max_zeroed
        self._set_aside = set_aside

    def __call__(self, listed: Mapping[SideName, Collection[str]]) -> Retired:
        """`listed`: the refs in the catalogue of each side. Raises `SideTrouble`; then nothing of that side ended."""
        ended = waiting = 0
        for side in SideName:
            done = self._side(side, set(listed[side]))
            ended, waiting = ended + done.ended, waiting + done.waiting
        return Retired(ended, waiting)

    def _side(self, side: SideName, listed: set[str]) -> Retired:
        with self._books.writing() as unit:
            if any(unit.noted(restored(what)) for what in (str(side), BOOKS)):
                return Retired()  # an older database lacks what was made since: a person says first what counts
            linked = unit.linked_refs()[side]
            missing = [ref for ref in linked if ref not in listed]
            if missing and side is SideName.STORE:
                told = unit.told_deleted(missing)
                missing = [ref for ref in missing if ref in told]
        gone = [ref for ref in missing[:_READ_AT_MOST] if not self._sides[side].levels_of(ref)]
        if not gone:
            self._forget(side)
            return Retired()
        self._set_aside()
        with self._books.writing() as unit:
            if not self._may(unit, side, gone, linked, listed):
                return Retired()
            if unit.claim_events(1):
                return Retired(0, len(gone))
            return _retire(unit, side, gone)

    def _forget(self, side: SideName) -> None:
        """What was asked about is there again."""
        if self._books.noted(note_of(side)):
            with self._books.writing() as unit:
                unit.note(note_of(side), "")

    def _may(
        self, unit: Unit, side: SideName, gone: Sequence[str], linked: Sequence[str], listed: Collection[str]
    ) -> bool:
        """Whether so many may end without a person's word, or with the one that was given."""
        name = note_of(side)
        said = unit.noted(name)
        if not is_too_much(len(gone), len(linked), self._max, is_empty=not listed):
            if said:
                unit.note(name, "")
            return True
        if said == GO_ON:
            return True
        if not said.startswith(KEEP) or len(gone) > int(said.removeprefix(KEEP)):
            if said != str(len(gone)):
                log.warning("%d linked items are gone from the %s at once: `tillbridge decide`", len(gone), side)
            unit.note(name, str(len(gone)))
        return False


def _retire(unit: Unit, side: SideName, gone: Sequence[str]) -> Retired:
    """End the links of which nothing is under way at the other side."""
    shelves = unit.shelves(side, gone)
    still = unit.writes_waiting([shelf.link.id for shelf in shelves.values()])
    ended: list[Ended] = []
    for shelf in shelves.values():
        other = side.other
        if still[shelf.link.id, other] or any(one.unsettled is not None for one in shelf.of(other)):
            continue
        ended.append(Ended(shelf.link, unit.now, _words(unit, side, shelf)))
    unit.retire(ended)
    for one in ended:
        log.info("the link of %r ended: %s", one.link.sku, one.words)
    if len(ended) == len(shelves) and unit.noted(note_of(side)):
        unit.note(note_of(side), "")
    return Retired(len(ended), len(shelves) - len(ended))


def _words(unit: Unit, side: SideName, shelf: Shelf) -> str:
    """Why it ended, and what ended with it."""
    link = shelf.link
    where = "the shop" if side is SideName.STORE else "the POS"
    words = [f"item {link.ref(side)} was deleted in {where} for good"]
    dropped = [one.unsettled.amount for one in shelf.of(side) if one.unsettled is not None]
    if dropped:
        words.append(f"what became of a write of {spell(sum(dropped, Decimal(0)))} there does not matter any more")
    lines = [line for line in unit.lines_of_link(link.id) if line.position != ZERO]
    if lines:
        orders = ", ".join(sorted({line.order for line in lines}))
        pieces = spell(sum((line.position for line in lines), ZERO))
        words.append(f"{pieces} in lines of orders ({orders}) are followed no more: count a return of them by hand")
    return "; ".join(words)
