"""An eye on every write to the shop: none may raise it above what it may offer, when it is made and when it arrives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from tests.simulation.books import PlainConnection, Transaction
from tests.simulation.news import Rise
from tillbridge.core.accounts import Account
from tillbridge.core.actions import Action, AdjustStock, Outcome
from tillbridge.core.stock import ZERO, SideName
from tillbridge.core.targets import Shelf
from tillbridge.db.books import DUE, SqlBooks, UnitOfWork
from tillbridge.db.connect import Connection
from tillbridge.db.ledger import PAUSED
from tillbridge.db.story import StoryRows
from tillbridge.ports import Clock, Glance, Unit
from tillbridge.sandbox.records import Cause, Order, Product, Table
from tillbridge.sandbox.shim import Result, Shim
from tillbridge.sandbox.site import Request
from tillbridge.sides.woocommerce.side import StoreSide


@dataclass(frozen=True, slots=True)
class Attempted:
    """A write of ours, when it was first about to go out (steady seconds)."""

    at: float
    link: int
    side: SideName
    outlet: str
    amount: Decimal


class Watch:
    """Remembers, for each request to the shop, how much all our writes there may come to by what the books say in the
    transaction that sends it; and compares when one takes effect. `problems` collects what was too much. Once somebody
    forgot what happened there is nothing to compare, and the watch `is_blind`."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.attempts: list[Attempted] = []
        self.rises: list[Rise] = []
        self._saved_news: dict[str, tuple[int, float]] = {}
        self._news: dict[str, tuple[int, float]] = {}
        self.is_blind = False
        self._saved: dict[str, Decimal] = {}
        self._most: dict[str, Decimal] = {}
        self._tried: dict[str, float | None] = {}
        self._keys: set[str] = set()

    @property
    def last_attempt(self) -> float:
        """When the latest write of ours was about to go out, steady seconds; 0 where none was."""
        return self.attempts[-1].at if self.attempts else 0.0

    def is_new(self, account: Account) -> bool:
        """Whether this is an attempt that was never saved before."""
        return account.unsettled is not None and account.unsettled.key not in self._keys

    def is_to_be_sent(self, account: Account) -> bool:
        """Whether this is an attempt at the shop that goes out next, for the first time or once more."""
        attempt = account.unsettled
        if account.side is not SideName.STORE or attempt is None:
            return False
        return self._tried.get(attempt.key, -1.0) != attempt.tried

    def attempted(self, account: Account, now: float, stopped: Sequence[SideName]) -> None:
        """An attempt at either side is saved. None begins at a side where a person has to decide first."""
        attempt = account.unsettled
        if attempt is not None and attempt.key not in self._keys:
            if account.side in stopped:
                why = "before a person had decided"
                self.problems.append(f"stopped: {attempt.amount} went to the {account.side} {why}")
            self._keys.add(attempt.key)
            self.attempts.append(Attempted(now, account.link, account.side, account.outlet, attempt.amount))

    def sent(self, shelf: Shelf, news: int, now: float) -> None:
        """An attempt at the shop is saved: its request goes out next. `news` is the newest entry of the journal."""
        attempt = shelf.store.unsettled
        if attempt is None or self._tried.get(attempt.key, -1.0) == attempt.tried:
            return
        self._tried[attempt.key] = attempt.tried
        self._saved[attempt.key] = most_written(shelf)
        self._saved_news[attempt.key] = news, now

    def leaves(self, actions: Sequence[Action]) -> None:
        """These go out. What was saved for a question about an attempt is no leave to make it."""
        for action in actions:
            if isinstance(action, AdjustStock) and action.key in self._saved:
                self._most[action.key] = self._saved[action.key]
                self._news[action.key] = self._saved_news[action.key]

    def arrived(self, key: str, sku: str, written: Decimal) -> None:
        """A rise took effect; `written` is what all our writes of that product come to by now."""
        if key in self._news:
            self.rises.append(Rise(sku, written, *self._news[key]))
        most = self._most.get(key)
        if most is not None and written > most and not self.is_blind:
            self.problems.append(f"oversell: our writes of {sku} at the shop came to {written}, allowed were {most}")


def most_written(shelf: Shelf) -> Decimal:
    """How much our writes at the shop may come to: what may be offered, less what was there and what happened there by
    itself. Written out once more here, so that a mistake in the engine's own formula is not repeated."""
    terms = shelf.terms
    at_the_till = sum((account.opening + account.born for account in shelf.pos), ZERO) - terms.uncounted
    may_offer = at_the_till + terms.free - terms.positions - terms.held + shelf.link.offset
    return may_offer - shelf.store.opening - shelf.store.born


class WatchedUnit(UnitOfWork):
    """A transaction, with an eye on the attempts that are saved."""

    def __init__(self, connection: Connection, boot: str, tokens: count[int], now: float, watch: Watch) -> None:
        super().__init__(connection, boot, tokens, now)
        self._watch = watch

    def save(self, changed: Sequence[Account]) -> None:
        super().save(changed)
        new = [one for one in changed if self._watch.is_new(one)]
        stops = self._stops() if new else ()
        for one in new:
            self._watch.attempted(one, self.now, stops)
        attempts = [one for one in changed if self._watch.is_to_be_sent(one)]
        if attempts:
            shelves = self.shelves_by_link([one.link for one in attempts])
            newest = int(self._db.rows("SELECT COALESCE(MAX(id), 0) FROM entry")[0][0])
            for shelf in shelves.values():
                self._watch.sent(shelf, newest, self.now)

    def _stops(self) -> list[SideName]:
        """The sides to which nothing is written, for a reason."""
        names = [f"paused:{side}" for side in SideName]
        rows = self._db.rows("SELECT name FROM note WHERE name IN (?, ?) AND value <> ?", (*names, PAUSED))
        return [SideName(name.partition(":")[2]) for (name,) in rows]


class WatchedBooks(SqlBooks):
    """The books, with an eye on the attempts that are saved."""

    def __init__(self, connection: PlainConnection, clock: Clock, boot: str, watch: Watch) -> None:
        super().__init__(connection, clock, boot)
        self._raw = connection.raw
        self._watch = watch

    def writing(self) -> Transaction[Unit]:  # type: ignore[override]  # a context manager all the same
        return Transaction(self._raw, WatchedUnit(self._db, self._boot, self._tokens, self._clock.now(), self._watch))

    def dues(self) -> dict[SideName | None, float | None]:
        """`next_due` of the events and of both sides, in one go."""
        places = (None, *SideName)
        values = [value for place in places for value in self._about(place)]
        (found,) = self._db.ask(f"SELECT {', '.join(f'({DUE})' for _ in places)}", values)
        return dict(zip(places, found, strict=True))

    def glancing(self) -> nullcontext[Glance]:  # type: ignore[override]
        return nullcontext(StoryRows(self._db, self._clock.now()))


def watched_side(store: StoreSide, watch: Watch) -> StoreSide:
    """The shop as the daemon writes to it, with an eye on what leaves."""
    apply = store.apply

    def applying(actions: Sequence[Action]) -> list[Outcome]:
        watch.leaves(actions)
        return apply(actions)

    store.apply = applying  # type: ignore[method-assign]
    return store


def timed(shim: Shim, clock: Clock) -> dict[str, float]:
    """When each row of the outbox was opened (steady seconds), however wrong the shop's own clock is."""
    opened: dict[str, float] = {}
    open_row = shim.open

    def opening(request: Request, product: Product, path: str, cause: Cause) -> str:
        row = open_row(request, product, path, cause)
        opened[row] = clock.now()
        return row

    shim.open = opening  # type: ignore[method-assign]
    return opened


def statuses_of(orders: Table[int, Order]) -> dict[int, set[str]]:
    """Every status that each order ever had."""
    had: defaultdict[int, set[str]] = defaultdict(set)
    put = orders.put

    def putting(key: int, row: Order) -> None:
        had[key].add(row.status)
        put(key, row)

    orders.put = putting  # type: ignore[method-assign]
    return had


def watched(shim: Shim, products: dict[int, str], watch: Watch) -> None:
    """Have the shop's plugin tell the watch of every change of ours that takes effect."""
    apply = shim.apply

    def applied(key: str, product_id: int, delta: Decimal) -> Result:
        result = apply(key, product_id, delta)
        if result.status == "applied" and delta > ZERO:
            watch.arrived(key, products.get(product_id, ""), written_at(shim, product_id))
        return result

    shim.apply = applied  # type: ignore[method-assign]


def written_at(shim: Shim, product_id: int) -> Decimal:
    """What our writes of a product come to, by the plugin's own record of keys."""
    keys = (key for key in shim._state.keys if key.product_id == product_id)
    return sum((key.delta for key in keys if key.delta is not None), ZERO)
