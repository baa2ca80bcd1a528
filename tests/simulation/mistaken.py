"""Writes at a till of which only its level could tell what became, and that something of the same size made it tell
wrong: a limit of such tills, and of nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.simulation.limits import same_size
from tests.simulation.rows import Row
from tests.simulation.spoils import LEVEL_FEEDS, spoils_of
from tests.simulation.truth import Truth
from tillbridge.core.accounts import EntryKind
from tillbridge.core.stock import ZERO, SideName
from tillbridge.core.targets import Shelf

if TYPE_CHECKING:
    from tests.simulation.world import World

SELL_FROM = "main"
"""The outlet that is written to."""

READ_EARLIER = 30.0
"""Seconds before an entry in which the level that it rests on may have been read."""


@dataclass(frozen=True, slots=True)
class Mistaken:
    """Amounts that were entered as done and never took effect (`done`), and that took effect and never were entered
    (`undone`)."""

    done: Counter[Decimal]
    undone: Counter[Decimal]

    @property
    def net(self) -> Decimal:
        """By how much the books believe more to be written there than was."""
        return sum(self.done.elements(), ZERO) - sum(self.undone.elements(), ZERO)

    def __bool__(self) -> bool:
        return bool(self.done or self.undone)


def at_the_till(world: World, shelf: Shelf, entries: Sequence[Row], truth: Truth) -> Mistaken:
    """What the books and the till disagree on, of all our writes there."""
    ours = Counter(one.amount for one in entries if _is_write(one, shelf))
    there = Counter(truth.written[SideName.POS].get(shelf.link.pos_ref, []))
    for one in world.pos.spoilt.values():
        if one.how == "twice" and one.row.ref == shelf.link.pos_ref:
            there[one.row.delta] -= 1
    return Mistaken(ours - there, there - ours)


def is_a_limit(world: World, shelf: Shelf, entries: Sequence[Row], truth: Truth, found: Mistaken) -> bool:
    """Whether only the level could tell of these writes, and what nobody had told by then came to just as much: in the
    direction of a write that was taken for done, against one that was taken for lost."""
    able = world.daemon.sides[SideName.POS].abilities
    if able.key_memory is not None or able.history:
        return False
    moves = sorted(_untold(world, shelf, truth))
    taken = [one for one in entries if _is_write(one, shelf) and one.amount in found.done]
    likely = {one.amount for one in taken if one.amount in _sums(moves, _told_all(world, one, entries), one.at)}
    return likely == set(found.done) and same_size([-amount for amount in found.undone], [one for _, one in moves])


def _is_write(one: Row, shelf: Shelf) -> bool:
    return (one.link, one.side, one.kind) == (shelf.link.id, SideName.POS, EntryKind.WRITTEN) and not one.corrects


def _sums(moves: Sequence[tuple[float, Decimal]], since: float, until: float) -> set[Decimal]:
    """What everything between two readings of the level may come to: when exactly they were made, nobody noted."""
    inside = [delta for at, delta in moves if since < at <= until - READ_EARLIER]
    before = [delta for at, delta in moves if since - READ_EARLIER < at <= since]
    after = [delta for at, delta in moves if max(since, until - READ_EARLIER) < at <= until]
    return {
        sum((*before[begin:], *inside, *after[:end]), ZERO)
        for begin in range(len(before) + 1)
        for end in range(len(after) + 1)
    }


def _told_all(world: World, write: Row, entries: Sequence[Row]) -> float:
    """When the books last knew everything that had moved the level which the write was judged by."""
    mine = (one for one in entries if (one.link, one.side, one.outlet) == (write.link, write.side, write.outlet))
    return max((one.at for one in mine if one.at < write.at and _tells_all(world, one)), default=0.0)


def _tells_all(world: World, entry: Row) -> bool:
    """Whether with this entry the books knew everything that had moved the level."""
    return entry.kind == EntryKind.OPENING or entry.corrects or (entry.kind == EntryKind.BORN and _levels(world))


def _levels(world: World) -> bool:
    return world.options.pos in LEVEL_FEEDS


def _untold(world: World, shelf: Shelf, truth: Truth) -> Iterable[tuple[float, Decimal]]:
    """When something moved the level that no feed tells as a change, and by how much."""
    ref = shelf.link.pos_ref
    for spoil in spoils_of(world):
        if (spoil.side, spoil.ref, spoil.outlet) == (SideName.POS, ref, SELL_FROM):
            yield spoil.at, spoil.delta
    if _levels(world):
        for change in truth.born.values():
            if (change.side, change.ref, change.outlet) == (SideName.POS, ref, SELL_FROM):
                yield change.at, change.delta
