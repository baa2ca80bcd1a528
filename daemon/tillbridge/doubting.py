"""The second look at a change too large to believe: where the level does not show it, it is settled unbooked.

A level that equals what is known, read long enough after the event came and while nothing moved, contains the event and
whatever took it back. So the account passes over every message up to that reading, and none of them is booked later.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from tillbridge import braking
from tillbridge.braking import Doubt, Place
from tillbridge.core import accounts
from tillbridge.core.accounts import Account
from tillbridge.core.brakes import Held
from tillbridge.core.stock import Level, SideName
from tillbridge.counting import shelf_account
from tillbridge.ports import Books, Clock, Side, Unit


@dataclass(frozen=True, slots=True)
class _Look:
    """One level as it was read: since when (steady seconds), and the highest message id by then."""

    begun: float
    contains: int
    level: Level | None


class Doubting:
    """Asks the levels about what waits for a second look."""

    def __init__(
        self, books: Books, sides: Mapping[SideName, Side], drain: Callable[[], object], settle: float, clock: Clock
    ) -> None:
        """`settle`: seconds between an event and the look at it, at the least; more where a side's levels trail."""
        self._books = books
        self._sides = sides
        self._drain = drain
        self._settle = settle
        self._clock = clock

    def waiting(self, links: Collection[int] | None) -> list[Doubt]:
        """What waits for a second look, about these links (None: about any)."""
        with self._books.writing() as unit:
            found = braking.doubts(unit)
        return [one for one in found if links is None or any(link in links for link, _, _ in one.places)]

    def __call__(self, links: Collection[int] | None) -> int:
        """Settle what the levels do not show; how many must be asked about once more, because they came only now or
        something moves. Raises `SideTrouble`."""
        waiting = self.waiting(links)
        now = self._clock.now()
        ripe = [one for one in waiting if all(now - one.since >= self._wait(side) for _, side, _ in one.places)]
        if not ripe:
            return len(waiting)
        looks = self._read({place for one in ripe for place in one.places})
        self._drain()
        with self._books.writing() as unit:
            ended, moving = self._weigh(unit, ripe, looks)
        if ended:
            self._drain()
            with self._books.writing() as unit:
                for one in ended:  # also of those that a person discarded meanwhile, which nobody books any more
                    braking.end_doubt(unit, one.number)
        return len(waiting) - len(ripe) + moving

    def _wait(self, side: SideName) -> float:
        return max(self._settle, self._sides[side].abilities.lag)

    def _read(self, places: Collection[Place]) -> dict[Place, _Look]:
        with self._books.writing() as unit:
            shelves = unit.shelves_by_link(sorted({link for link, _, _ in places}))
        looks: dict[Place, _Look] = {}
        for link, side in sorted({(link, side) for link, side, _ in places if link in shelves}):
            with self._books.writing() as unit:
                begun, contains = self._clock.now(), unit.last_id()
            found = {level.outlet: level for level in self._sides[side].levels_of(shelves[link].link.ref(side))}
            for place in places:
                if place[:2] == (link, side):
                    looks[place] = _Look(begun, contains, found.get(place[2]))
        return looks

    def _weigh(self, unit: Unit, ripe: Collection[Doubt], looks: Mapping[Place, _Look]) -> tuple[list[Doubt], int]:
        """Those that are answered, and how many move. A level that differs is a finding of the run, which enters it."""
        shelves = unit.shelves_by_link(sorted({link for link, _, _ in looks}))
        equal: dict[Place, Account] = {}
        moving: set[Place] = set()
        contains: dict[Place, int] = {}
        for place, look in looks.items():
            shelf = shelves.get(place[0])
            account = None if shelf is None else shelf_account(shelf.of(place[1]), place[2])
            if account is None or look.level is None or look.level.quantity is None:
                continue
            contains[place] = account.contains
            lag = self._sides[place[1]].abilities.lag
            if look.level.moving or not accounts.is_quiet(account, look.begun - lag):
                moving.add(place)
            elif look.level.quantity == account.known and look.contains > account.contains:
                equal[place] = replace(account, contains=look.contains)
        unit.save(list(equal.values()))
        contains |= {place: account.contains for place, account in equal.items()}
        ended = [one for one in ripe if all(contains.get(place, 0) >= one.number for place in one.places)]
        if ended:
            unit.unpark_reason(str(Held.SECOND_LOOK))
        return ended, sum(one not in ended and not moving.isdisjoint(one.places) for one in ripe)
