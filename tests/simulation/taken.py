"""What a restored backup takes away: the measure of what may be corrected after it.

A side forgets what its level moved by since the backup; what was on its way there or from there may have been seen or
not. Our own books forget their entries: what happened on a side is told again, so that only our own writes are lost,
and what nobody tells again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.simulation.rows import Row, entries_of
from tests.simulation.spoils import LEVEL_FEEDS
from tests.simulation.tills.floor import pieces
from tests.simulation.truth import truth_of
from tillbridge.core.accounts import Account, EntryKind
from tillbridge.core.stock import ZERO, SideName
from tillbridge.core.targets import Shelf

if TYPE_CHECKING:
    from tests.simulation.world import World

Place = tuple[SideName, str, str]
"""A side, an item's ref there, an outlet."""

STILL_ARRIVING = 150.0
"""Seconds after which no request of ours arrives any more, in a schedule."""

READ_EARLIER = 30.0
"""Seconds before an entry in which the level that it rests on may have been read."""


class Taken:
    """How much each restored backup took away, place by place, and how much was on its way at that moment."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sizes: defaultdict[Place, Decimal] = defaultdict(lambda: ZERO)
        self._untold: defaultdict[Place, Decimal] = defaultdict(lambda: ZERO)
        self._in_doubt: defaultdict[Place, Decimal] = defaultdict(lambda: ZERO)
        self._went_back: dict[SideName, float] = {}
        self._orders: set[int] = set()

    def of(self, shelf: Shelf, account: Account) -> Decimal:
        """The most that may be corrected of this account."""
        place = account.side, shelf.link.ref(account.side), account.outlet
        restored = self._world.troubles.restored
        if not restored.forgot:
            return self._in_doubt[place]
        noticed = self._world.met["restored:noticed"] > 0
        missed = self._missed_since(place) if account.side in self._went_back else ZERO
        return self._sizes[place] + missed + (ZERO if noticed else self._untold[place])

    def _missed_since(self, place: Place) -> Decimal:
        """What happened at a side after it went back and was never entered for it: who notices it begins there anew.
        What a till that was offline in its backup posts once more was entered, but before it went back, when its level
        had it; its level has lost it since, and has it again, and that it is told once more enters nothing."""
        back = self._went_back[place[0]]
        entered = {one.source for one in entries_of(self._world) if one.at >= back}
        missed = (
            abs(one.delta)
            for one in truth_of(self._world).born.values()
            if (one.side, one.ref, one.outlet) == place and one.source not in entered
            if one.at >= back
        )
        return sum(missed, ZERO)

    def orders(self) -> set[int]:
        """The orders of which our books have forgotten what they were told, where nobody noticed that they went back:
        the shop, which had its answer, does not tell it again."""
        return self._orders if self._world.met["restored:noticed"] == 0 else set()

    def levels(self) -> dict[Place, Decimal]:
        """Every level as it lies in the databases of both sides."""
        world = self._world
        found: dict[Place, Decimal] = {}
        for number in world.people.products:
            found[SideName.STORE, str(number), ""] = world.shop.state.products[number].stock or ZERO
        for item in world.people.items:
            for outlet in world.options.outlets:
                found[SideName.POS, str(item), outlet] = pieces(world.book.feed.level(item, outlet) or 0)
        return found

    def by_a_side(self, side: SideName, before: Mapping[Place, Decimal], on_its_way: Mapping[Place, Decimal]) -> None:
        """A side went back from these levels to those of now, while so much was on its way."""
        after = self.levels()
        self._went_back[side] = self._world.clock.seconds
        for place in before:
            if place[0] is side:
                self._sizes[place] += abs(before[place] - after[place]) + on_its_way.get(place, ZERO)

    def by_our_books(self, since: float) -> None:
        """Our books are about to go back to that time."""
        places = self._places()
        told = (kept.row for kept in self._world.shop.state.acked)
        recent = [row for row in told if self._world.rows_opened.get(row.id, since) >= since - STILL_ARRIVING]
        self._orders |= {int(row.about.get("order_id") or row.cause.order_id or 0) for row in recent}
        for place, amount in self._attempts(since - STILL_ARRIVING):
            self._sizes[place] += amount
        for place, amount in self.on_its_way(SideName.STORE).items():
            self._untold[place] += amount  # taken in, acknowledged, and not booked yet: lost like an entry
        for place, amount in self._unsettled(places):
            self._in_doubt[place] += amount
        for one in entries_of(self._world):
            if one.at <= since or one.kind != EntryKind.BORN or one.link not in places:
                continue
            place = one.side, places[one.link][one.side], one.outlet
            tells_again = one.side is SideName.STORE or self._world.options.pos not in LEVEL_FEEDS
            (self._untold if tells_again else self._sizes)[place] += abs(one.amount)

    def on_its_way(self, side: SideName) -> dict[Place, Decimal]:
        """What happened there and is not entered yet, and what of ours may be under way or just have arrived."""
        world = self._world
        found: defaultdict[Place, Decimal] = defaultdict(lambda: ZERO)
        entries = entries_of(world)
        entered = {one.source for one in entries}
        places = {(side, refs[side]): link for link, refs in self._places().items()}
        for change in truth_of(world).born.values():
            if change.side is not side or change.source in entered:
                continue
            link = places.get((change.side, change.ref))
            since = world.clock.seconds - STILL_ARRIVING  # where nothing is linked yet, late news are all there is
            if link is not None:
                since = self._told_until(link, side, change.outlet, entries)
            if change.at > since:
                found[side, change.ref, change.outlet] += abs(change.delta)
        for place, amount in self._attempts(world.clock.seconds - STILL_ARRIVING):
            if place[0] is side:
                found[place] += amount
        return found

    def about_to_be_lost(self, side: SideName) -> dict[Place, Decimal]:
        """What a side that goes back now takes with it beside the level itself: what was on its way, and what dead
        requests of the shop did, which it would have told later."""
        found = self.on_its_way(side)
        for product in self._world.shop.state.products if side is SideName.STORE else ():
            if product.stock is not None:
                place = SideName.STORE, str(product.id), ""
                found[place] = found.get(place, ZERO) + abs(self._world.troubles.untold(product.id, product.stock))
        return found

    def _told_until(self, link: int, side: SideName, outlet: str, entries: list[Row]) -> float:
        """Until when everything that moved there is in the books. A feed of levels tells it all at once."""
        levels = side is SideName.POS and self._world.options.pos in LEVEL_FEEDS
        kinds = (EntryKind.OPENING, EntryKind.BORN) if levels else (EntryKind.OPENING,)
        mine = [
            one.at for one in entries if (one.link, one.side, one.outlet) == (link, side, outlet) and one.kind in kinds
        ]
        return max(mine, default=0.0) - (READ_EARLIER if levels else 0.0)

    def _attempts(self, since: float) -> Iterator[tuple[Place, Decimal]]:
        places = self._places()
        for one in self._world.watch.attempts:
            if one.at >= since and one.link in places:
                yield (one.side, places[one.link][one.side], one.outlet), abs(one.amount)

    def _unsettled(self, places: Mapping[int, Mapping[SideName, str]]) -> Iterator[tuple[Place, Decimal]]:
        """Writes of which nobody knows yet what became."""
        with self._world.connection.read() as db:
            rows = db.rows("SELECT link, side, outlet, attempt_amount FROM account WHERE attempt_key IS NOT NULL")
        for link, side, outlet, amount in rows:
            yield (SideName(side), places[link][SideName(side)], outlet), abs(Decimal(amount))

    def _places(self) -> dict[int, dict[SideName, str]]:
        with self._world.connection.read() as db:
            rows = db.rows("SELECT id, store_ref, pos_ref FROM link")
        return {link: {SideName.STORE: store, SideName.POS: pos} for link, store, pos in rows}
