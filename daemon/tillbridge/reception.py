"""Puts the desk together, where a person asks the daemon: the verbs with the parts that they look at.

The command line uses the same parts where it looks for itself, because no daemon answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from functools import partial

from tillbridge import __version__
from tillbridge.attempts import SELL_FROM
from tillbridge.audit import Audits, Rules
from tillbridge.audit.comparison import Sides
from tillbridge.backlog import Backlog
from tillbridge.buffers import idle
from tillbridge.core.links import Held
from tillbridge.core.order_policy import OrderPolicy
from tillbridge.core.stock import SideName
from tillbridge.db.books import SqlBooks
from tillbridge.db.connect import Connection
from tillbridge.db.examine import NAME as DATABASE
from tillbridge.db.examine import examine, look
from tillbridge.decisions import Decisions
from tillbridge.desk import FrontDesk
from tillbridge.doctor import Doctor, Examination, from_shop
from tillbridge.engine import Telling
from tillbridge.errors import SideTrouble, Unsupported
from tillbridge.hints import NAME as HINTS
from tillbridge.hints import Hints, Wish
from tillbridge.inspection import Money, inspect
from tillbridge.ports import Clock, Hop, HopState, Reconciling, Said, Side
from tillbridge.privacy import Privacy
from tillbridge.resync import Resync
from tillbridge.runs import Report
from tillbridge.settings import SALE, Given, Settings, lacking, order_policy, policy
from tillbridge.shop import Shop
from tillbridge.sides.till.side import TillSide
from tillbridge.sides.woocommerce.hops import KEY
from tillbridge.sides.woocommerce.side import StoreSide
from tillbridge.steer import Steering
from tillbridge.telling import build_meeting
from tillbridge.undo import Undo
from tillbridge.why import Why
from tillbridge.work import Work

DAEMON, LISTENER, FLOWS = "daemon", "listener", "flows"


@dataclass(frozen=True, slots=True)
class Parts:
    """What a running daemon consists of, as far as the desk looks at it. `address`: where it listens."""

    settings: Settings
    shop: Shop
    connection: Connection
    books: SqlBooks
    store: StoreSide
    pos: TillSide
    work: Work
    steering: Steering
    clock: Clock
    reconcile: Reconciling
    undo: Undo
    audits: Audits
    address: Callable[[], str]


def build_desk(parts: Parts, hints: Hints) -> FrontDesk:
    """The desk of a running daemon."""
    sides: dict[SideName, Side] = {SideName.STORE: parts.store, SideName.POS: parts.pos}
    examinations = [
        Examination(DAEMON, partial(_daemon, parts)),
        Examination(LISTENER, partial(_listener, parts)),
        Examination(DATABASE, partial(examine, parts.settings.daemon.database, parts.books)),
        *_of_shop(parts.store),
        Examination("pos", parts.pos.hops),
        Examination(HINTS, hints.hops),
        Examination(FLOWS, partial(_flows, parts.books)),
    ]
    return FrontDesk(
        Doctor(examinations, parts.clock, leave=parts.connection.forget_thread),
        partial(from_shop, parts.books, parts.clock),
        partial(check, parts.settings, parts.shop, parts.store, parts.pos, parts.books, parts.clock),
        Resync(parts.books, parts.books, sides, parts.work, parts.store),
        Backlog(parts.books, parts.books, parts.work.ring_all_writers),
        hints,
        parts.reconcile,
        Report(parts.books),
        parts.undo,
        Why(parts.books, parts.books),
        Decisions(parts.books, parts.books, parts.work.ring_all_writers),
        _privacy(parts),
        parts.audits,
    )


def build_audits(
    settings: Settings, site: str, books: SqlBooks, sides: tuple[StoreSide, TillSide], telling: Telling | None,
    leave: Callable[[], object],
) -> Audits:  # fmt: skip
    """The book-keeper's comparisons; also where orders travel as stock only, which is told then."""
    store, pos = sides

    def read() -> Sides:
        papers = store.papers()
        if papers is None:
            raise Unsupported("the shop gave no key for WooCommerce's REST API: pair it (`tillbridge init`)")
        return Sides(books, papers, pos, site, sold=telling is not None)

    def by() -> OrderPolicy:
        return order_policy(settings, store.zone(), currency=pos.terms().currency)

    return Audits(Rules(read, store.zone, by if telling is None else telling.policy), leave)


def _privacy(parts: Parts) -> Privacy:
    meeting = build_meeting(parts.shop, (parts.store, parts.pos))
    ends, guests = None if meeting is None else meeting.ends, parts.settings.orders.guests == "create"
    return Privacy(parts.books, ends, parts.pos, parts.shop.site, guests=guests)


def build_hints(settings: Settings, shop: Shop, pos: TillSide, books: SqlBooks, url: Callable[[], str]) -> Hints:
    """What keeps the POS telling us. `url`: where it is to call, "" where it cannot."""
    chosen, secret = settings.pos, settings.pos.webhook_secret
    wish = Wish(chosen.hints, "" if secret is None else secret.reveal(), url, chosen.poll_every, shop.door)
    return Hints(pos, books, wish)


def check(
    settings: Settings, shop: Shop, store: StoreSide, pos: TillSide, books: SqlBooks | None, clock: Clock
) -> Said:
    """Both sides, what is held out, the policy in force. Without books there is nothing to say about what they hold."""
    sides: dict[SideName, Side] = {SideName.STORE: store, SideName.POS: pos}
    noted = None if books is None else books.summary().notes.get(SELL_FROM)
    learned = dict(_learned(shop))
    if noted is not None:
        learned["pos.sell_from"] = Given(noted[0], "first contact")
    held = [] if books is None else books.held()
    sells = settings.orders.as_ == SALE and settings.sync.orders != "off"
    return inspect(
        sides,
        held,
        policy(settings, learned),
        clock,
        buffers=_idle_buffers(settings, store, books, held),
        problems=tuple(lacking(settings, clock.wall())),
        money=Money(order_policy(settings, UTC), store.account, pos.terms) if sells else None,
    )


def _idle_buffers(
    settings: Settings, store: StoreSide, books: SqlBooks | None, held: Sequence[Held]
) -> tuple[Sequence[str], Sequence[str]]:
    """The shop itself is asked which SKUs it has: nobody is to be told that a new product is none."""
    named = settings.stock.buffers
    if books is None or not named:
        return (), ()
    with suppress(SideTrouble):  # that is a problem of its own, and told as such
        return idle(books, held, named, {item.sku.strip() for item in store.catalogue()})
    return (), ()


def examine_alone(settings: Settings, store: StoreSide, pos: TillSide, clock: Clock, why: str) -> Said:
    """What can be seen of the hops where no daemon answers, which is the first problem (`why`)."""
    no_daemon = Hop(LISTENER, HopState.PROBLEM, why, "Start it: `tillbridge run`, or its service.")
    examinations = [
        Examination(LISTENER, lambda: [no_daemon]),
        Examination(DATABASE, partial(look, settings.daemon.database)),
        *_of_shop(store),
        Examination("pos", pos.hops),
    ]
    return Doctor(examinations, clock)()


def _of_shop(store: StoreSide) -> list[Examination]:
    """By both ways into it: the plugin's own routes, and WooCommerce's public API."""
    return [Examination("daemon to shop", store.hops), Examination(KEY, store.key_hops)]


def _learned(shop: Shop) -> list[tuple[str, Given]]:
    """What pairing decided."""
    if shop.source != "pairing":
        return []
    told = {"store.url": shop.url, "store.site": shop.site, "store.secret": "set", "store.rest_prefix": shop.prefix}
    return [(name, Given(text, shop.source)) for name, text in told.items()]


def _daemon(parts: Parts) -> Sequence[Hop]:
    well, facts = parts.steering.healthy()
    if facts["workers"] != "ok":
        return [Hop(DAEMON, HopState.PROBLEM, "a worker has ended", "See its log, then restart the daemon.")]
    if not well:
        silent = ", ".join(f"{side} for {seconds} s" for side, seconds in _items(facts["silent_sides"]))
        return [Hop(DAEMON, HopState.PROBLEM, f"not heard: {silent}", "See `tillbridge status` for the reason.")]
    return [Hop(DAEMON, HopState.WELL, f"Tillbridge {__version__} at work, every worker lives")]


def _items(value: object) -> list[tuple[str, object]]:
    return sorted(value.items()) if isinstance(value, dict) else []


def _listener(parts: Parts) -> Sequence[Hop]:
    behind = ", behind a proxy" if parts.settings.listener.behind_proxy else ""
    return [Hop(LISTENER, HopState.WELL, f"answers at {parts.address()}{behind}")]


def _flows(books: SqlBooks) -> Sequence[Hop]:
    summary = books.summary()
    for why in summary.stopped.values():
        return [Hop(FLOWS, HopState.PROBLEM, f"nothing is written: {why}", "Look into it, then `tillbridge resume`.")]
    if summary.paused:
        to = " and ".join(str(side) for side in summary.paused)
        return [Hop(FLOWS, HopState.PROBLEM, f"writing to {to} is paused", "`tillbridge resume`.")]
    return [Hop(FLOWS, HopState.WELL, "both ways are open")]
