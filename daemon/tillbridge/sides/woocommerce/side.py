"""The web shop as one end of the bridge: counted, watched and adjusted through our plugin in WordPress."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from typing import Any

from tillbridge.core import marks
from tillbridge.core.account import StoreAccount
from tillbridge.core.actions import Action, AdjustStock, Loss, Outcome, OwnWrite, Status, Trace, VoidAdjustment
from tillbridge.core.events import Told
from tillbridge.core.marks import Mark
from tillbridge.core.positions import OrderSeen
from tillbridge.core.stock import PRECISION, Item, Level, SideName
from tillbridge.errors import BadAnswer, Malformed, NotSent, SideTrouble, Unsupported
from tillbridge.ports import Abilities, Changes, Hop, Report
from tillbridge.sides.http import Exchange
from tillbridge.sides.woocommerce import account, holdings, hops, lookups, mapping
from tillbridge.sides.woocommerce.client import ShimClient
from tillbridge.sides.woocommerce.customers import Customers
from tillbridge.sides.woocommerce.documents import StoreDocuments
from tillbridge.sides.woocommerce.papers import StorePapers
from tillbridge.sides.woocommerce.standard import StandardApi
from tillbridge.sides.woocommerce.zones import zone_of

PAGE = 500
COUNT_PAGE = 10_000
CHECKED = 5 * COUNT_PAGE
"""Products at which a check looks: somebody waits for it, and it has 8 seconds."""
"""A shop of that size is counted in one call: the plugin then reads it in half the time, and WordPress starts once."""
KEYS_PAGE = 1000
ORDERS_A_CALL = 100
OLDEST_PLUGIN = (0, 1)
SETTLED_AFTER = timedelta(seconds=60)
"""So long after an outcome the daemon has either recorded it or died and begun to ask again."""
SETTLED_KEPT = 10_000
SETTLED_A_CALL = 1000


class StoreSide:
    """Implements `ports.Side`, `ports.Orders` and `ports.Remembers` for a WooCommerce shop with the Tillbridge plugin.

    `site` is the pairing's id of the shop; where it is given, another shop at the same address is noticed by `check`.
    `standard` opens WooCommerce's public API; None where the shop gave us no key for it. `books` says how far our own
    books have come, which the shop remembers for us.
    """

    name = SideName.STORE
    abilities = Abilities(actions=frozenset({AdjustStock, VoidAdjustment}), precision=PRECISION, batch=500, parallel=2)

    def __init__(
        self,
        exchange: Exchange,
        secret: str,
        new_nonce: Callable[[], str],
        wall: Callable[[], datetime],
        prefix: str = "/wp-json",
        site: str = "",
        standard: StandardApi | None = None,
        books: Callable[[], Mark | None] = lambda: None,
    ) -> None:
        self._shim = ShimClient(exchange, secret, new_nonce, wall, prefix)
        self._wall = wall
        self._site = site
        self._standard = standard
        self._books = books
        self._settled: deque[tuple[datetime, str]] = deque(maxlen=SETTLED_KEPT)
        self._settled_lock = threading.Lock()
        self._lookups = lookups.Lookups()

    def check(self) -> Report:
        """Every reason why this shop cannot be worked with, each with its fix."""
        try:
            health = self._shim.health()
        except SideTrouble as error:
            return Report((hops.why_not(error),))
        names = ("plugin", "wordpress", "woocommerce", "php", "address", "site")
        facts = {name: str(health[name]) for name in names if name in health}
        problems = list(_problems(health, self._site, self._wall()))
        if self._standard is not None:
            try:
                facts["currency"] = self.currency()
            except SideTrouble as error:
                problems.append(f"WooCommerce's REST API does not let us in ({error}). Pair again (`tillbridge init`).")
        problems += self._lookup_problems()
        return Report(tuple(problems), facts)

    def _lookup_problems(self) -> list[str]:
        """Where WooCommerce's own lists show other levels; of a very large shop only its first products are looked at,
        because somebody waits for the answer."""
        try:
            rows = list(islice(self._rows(), CHECKED))
        except SideTrouble as error:
            return [f"The shop does not tell its levels ({error}). Look into its PHP error log."]
        found = [row for row in rows if lookups.differs(row)]
        of = f" (of the first {CHECKED})" if len(rows) == CHECKED else ""
        return [lookups.words(found, of)] if found else []

    def currency(self) -> str:
        """What the shop's prices are in (ISO 4217), asked over the public API. Raises `SideTrouble`, `Unsupported`."""
        found = self._api().read("data/currencies/current")
        if not isinstance(found, dict) or not isinstance(found.get("code"), str):
            raise BadAnswer("wc/v3 data/currencies/current: the answer names no currency")
        return str(found["code"])

    def papers(self) -> StorePapers | None:
        """Where its orders are read in full; None where it gave no key for that."""
        return None if self._standard is None else StorePapers(self._standard)

    def documents(self) -> StoreDocuments:
        """What makes orders and refunds there."""
        return StoreDocuments(self._shim)

    def user(self, login: str) -> str:
        """The id of the user of that login, "" where there is none. Raises `SideTrouble`, `Unsupported`."""
        return account.user(self._api(), login)

    def customers(self) -> Customers | None:
        """Where its customers are read and written; None where it gave no key for that."""
        return None if self._standard is None else Customers(self._standard)

    def zone(self) -> tzinfo:
        """The time zone in which the shop's days begin. Raises `SideTrouble`."""
        found = zone_of(name := self._shim.health().get("zone"))
        if found is None:
            raise BadAnswer(f"the plugin tells no time zone that is known here: {name!r}. Update the plugin")
        return found

    def account(self) -> StoreAccount:
        """By what the shop takes money, asked over the public API. Raises `SideTrouble`, `Unsupported`."""
        return account.read(self._api())

    def hops(self) -> tuple[Hop, ...]:
        """Everything that the plugin's own words tell of the way to the shop."""
        try:
            health = self._shim.health()
        except SideTrouble as error:
            return hops.unreached(error)
        return hops.of_health(health, self._site, self._wall())

    def _api(self) -> StandardApi:
        if self._standard is None:
            raise Unsupported("the shop gave no key for WooCommerce's REST API: pair it (`tillbridge init`)")
        return self._standard

    def key_hops(self) -> tuple[Hop, ...]:
        """Whether WooCommerce's public API takes our key. Apart from the rest, since it goes another way."""
        if self._standard is None:
            return (hops.no_key(),)
        try:
            return (hops.key_taken(self.currency()),)
        except SideTrouble as error:
            return (hops.key_refused(error),)

    def levels(self) -> Iterator[Level]:
        """A full count, page by page."""
        return map(mapping.level, self._rows())

    def levels_of(self, ref: str) -> tuple[Level, ...]:
        """One product, from a page of one."""
        if not (ref.isascii() and ref.isdecimal() and int(ref) > 0):
            return ()
        rows = mapping.level_rows(self._shim.levels(int(ref) - 1, 1))
        return tuple(level for level in map(mapping.level, rows) if level.ref == ref)

    def catalogue(self) -> Iterator[Item]:
        """Every product and variation, from the same pages as the count."""
        return map(mapping.item, self._rows())

    def changes_since(self, cursor: str) -> Changes:
        """The next page of the outbox. The cursor lists the page before, which the shop may now forget."""
        done, books = _ids_in(cursor), self._books()
        if done:
            self._shim.ack(done, books)
        page = self._shim.outbox(PAGE, books)
        told = mapping.told(page)
        cursor = json.dumps(mapping.ids(page), separators=(",", ":"))
        return Changes(told, cursor, mapping.has_more(page), marks.read(page), mapping.remembered(page))

    def retained(self) -> Iterator[Told]:
        """Every event that the plugin still keeps, acknowledged or not; without webhooks, which are erased."""
        after: int | None = 0
        while after is not None:
            page = self._shim.replay(after, PAGE)
            told = mapping.told(page)
            after = mapping.next_page(page, after, "outbox")
            yield from told

    def own_writes(self) -> Iterator[OwnWrite]:
        """The changes that took effect in the last 7 days, by the keys that the plugin keeps."""
        after: str | None = ""
        while after is not None:
            page = self._shim.keys(after, KEYS_PAGE)
            writes = holdings.own_writes(page)
            after = holdings.next_key(page, after)
            yield from writes

    def positions(self, orders: Sequence[str]) -> tuple[OrderSeen, ...]:
        """Those of these orders that the shop has; what is no id of an order is none of them."""
        wanted = [order for order in dict.fromkeys(orders) if holdings.is_order(order)]
        found: list[OrderSeen] = []
        for start in range(0, len(wanted), ORDERS_A_CALL):
            batch = wanted[start : start + ORDERS_A_CALL]
            found += holdings.asked_for(holdings.orders(self._shim.positions(batch)), batch)
        return tuple(found)

    def open_positions(self) -> Iterator[OrderSeen]:
        """Every order that holds stock and is neither completed, refunded, cancelled nor failed, page by page."""
        after: int | None = 0
        while after is not None:
            page = self._shim.open_positions(after, ORDERS_A_CALL)
            orders = holdings.orders(page)
            after = mapping.next_page(page, after, "orders/positions")
            yield from orders

    def watermark(self) -> str:
        """The plugin knows keys, so nobody needs to look for traces."""
        return ""

    def find(self, trace: Trace) -> Outcome:
        """The plugin says what a key left behind only while voiding it."""
        raise Unsupported(f"The shop cannot be asked about {trace.key}; void it instead.")

    def lost(self, _ref: str, _outlet: str, /) -> tuple[Loss, ...]:
        """The plugin's writes and the shop's sales are relative, so none of them can be overwritten unseen."""
        return ()

    def apply(self, actions: Sequence[Action]) -> list[Outcome]:
        """Adjust and void, in calls of at most `abilities.batch`; after trouble the rest is not sent at all."""
        answers: dict[int, Outcome] = {}
        ready: list[tuple[int, Action, dict[str, Any]]] = []
        for at, action in enumerate(actions):
            try:
                ready.append((at, action, mapping.change(action)))
            except Malformed as error:
                answers[at] = Outcome(Status.INVALID, reason="invalid", sentence=str(error))
        for start in range(0, len(ready), self.abilities.batch):
            batch = ready[start : start + self.abilities.batch]
            try:
                found = self._send([action for _, action, _ in batch], [change for _, _, change in batch])
            except SideTrouble as error:
                answers |= {at: mapping.trouble(error) for at, _, _ in batch}
                unsent = mapping.trouble(NotSent(f"not sent, because the call before it failed: {error}"))
                answers |= {at: unsent for at, _, _ in ready[start + len(batch) :]}
                break
            answers |= {at: outcome for (at, _, _), outcome in zip(batch, found, strict=True)}
        return [answers[at] for at in range(len(actions))]

    def _send(self, actions: list[Action], changes: list[dict[str, Any]]) -> list[Outcome]:
        settled = self._take_settled()
        try:
            found = mapping.outcomes(actions, self._shim.apply(changes, [key for _, key in settled]))
        except SideTrouble:
            with self._settled_lock:
                self._settled.extendleft(reversed(settled))
            raise
        now = self._wall()
        with self._settled_lock:
            self._settled.extend(
                (now, action.key)
                for action, outcome in zip(actions, found, strict=True)
                if outcome.status in (Status.APPLIED, Status.DUPLICATE, Status.VOIDED)
            )
        return found

    def _take_settled(self) -> list[tuple[datetime, str]]:
        """Keys that nobody will ask about again. If a crash loses them, the shop only keeps its keys longer."""
        limit = self._wall() - SETTLED_AFTER
        taken: list[tuple[datetime, str]] = []
        with self._settled_lock:
            while self._settled and len(taken) < SETTLED_A_CALL and self._settled[0][0] <= limit:
                taken.append(self._settled.popleft())
        return taken

    def _rows(self) -> Iterator[Mapping[str, Any]]:
        after: int | None = 0
        apart: list[Mapping[str, Any]] = []
        while after is not None:
            page = self._shim.levels(after, COUNT_PAGE)
            rows = mapping.level_rows(page)
            after = mapping.next_page(page, after)
            for row in rows:
                if lookups.differs(row):
                    apart.append(row)
                yield row
        self._lookups.met(apart)


def _ids_in(cursor: str) -> list[str]:
    """The ids that a cursor lists. One that cannot be read acknowledges nothing: its events come again."""
    try:
        ids = json.loads(cursor or "[]")
    except ValueError:
        return []
    return ids if isinstance(ids, list) and all(isinstance(one, str) for one in ids) else []


def _problems(health: Mapping[str, Any], site: str, now: datetime) -> Iterator[str]:
    if site and health.get("site") != site:
        yield (
            f"Another shop answers here ({health.get('site')!r}, paired is {site!r}), perhaps a copy or a move. "
            "Say `tillbridge site moved` or `site copy`."
        )
    if hops.version(health.get("plugin")) < OLDEST_PLUGIN:
        yield f"The plugin is too old ({health.get('plugin')!r}). Update Tillbridge in WordPress."
    if hops.version(health.get("woocommerce")) < hops.OLDEST_WOOCOMMERCE:
        yield f"WooCommerce is too old or not active ({health.get('woocommerce')!r}). Update it to 7.7 or later."
    if health.get("innodb") is not True:
        yield "The tables are not InnoDB, where a change may happen twice. Convert them (ALTER TABLE … ENGINE=InnoDB)."
    off = hops.seconds_off(health.get("time"), now)
    if off is None or abs(off) > hops.CLOCK_OFF:
        said = "cannot be read" if off is None else f"is {off:+.0f} s off"
        yield f"The shop's clock {said}. Set both clocks by NTP: at 300 s every call is refused."
