"""Puts the engine together: the verbs that carry stock between the two sides, by the owner's rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Protocol

from tillbridge.admission import admit_waiting
from tillbridge.asking_first import by_its_memory
from tillbridge.buffers import take_buffers
from tillbridge.buying import Buying
from tillbridge.comparing import Comparing
from tillbridge.core.events import Hinted
from tillbridge.core.findings import Limits
from tillbridge.core.homeward import Homeward
from tillbridge.core.order_policy import OrderPolicy
from tillbridge.core.routing import Rules, Travel
from tillbridge.core.stock import SideName
from tillbridge.core.terms import Authority
from tillbridge.linking import Linking, LinkWhenStirred
from tillbridge.looking import LookAgain
from tillbridge.open_orders import OpenOrders
from tillbridge.papers import PaperRelay
from tillbridge.people import Ends, People, PeopleRules
from tillbridge.poll import Poll
from tillbridge.ports import Books, Checkpoint, Clock, Orders, PosPapers, Remembers, Side
from tillbridge.ports.papers import Documents, Papers
from tillbridge.reconcile import Care, Reconcile
from tillbridge.recovering import Recovering
from tillbridge.refiling import Refiling
from tillbridge.relay import Chance, Policy, Relay, Written
from tillbridge.returning import ReturnRelay, ReturnRules
from tillbridge.settings import SALE, Settings
from tillbridge.sheets import PaperRules
from tillbridge.shoppers import Shoppers
from tillbridge.updating import Pace, Updating, one_after_another
from tillbridge.work import EVENTS_AT_ONCE, Work


@dataclass(frozen=True, slots=True)
class Engine:
    """The verbs that carry stock."""

    work: Work
    linking: LinkWhenStirred
    reconcile: Reconcile
    look_again: LookAgain
    comparing: Comparing
    recovering: Recovering


@dataclass(frozen=True, slots=True)
class Telling:
    """What the engine needs to tell the POS of orders: the name of this shop, where orders are read, by which policy
    they become sales (it may ask the sides, and raises `SideTrouble`), the date that documents bear. A `pos` without
    keys is asked for a document before it is told of it, and each for what restored books have forgotten."""

    site: str
    papers: Papers
    policy: Callable[[], OrderPolicy]
    wall: Callable[[], datetime]
    pos: PosPapers | None = None


@dataclass(frozen=True, slots=True)
class Arriving:
    """What the engine needs to keep in the shop what the POS tells of orders and sales."""

    site: str
    papers: Papers
    documents: Documents
    pos: PosPapers
    policy: Callable[[], OrderPolicy]
    homeward: Callable[[], Homeward]
    mail: bool


@dataclass(frozen=True, slots=True)
class Meeting:
    """What the engine needs to carry customers over: where they are, and the secret of the digests by which a change of
    one is seen; it stands in no database."""

    ends: Ends
    secret: bytes


class Shop(Side, Orders, Remembers, Protocol):
    """The shop as the engine needs it: a side that also knows its orders, and what it told before."""


def are_sold(settings: Settings) -> bool:
    """Whether the POS is told of orders as sales."""
    return settings.orders.as_ == SALE and settings.sync.orders in ("to-pos", "both")


def rules_of(settings: Settings) -> Rules:
    """Whose word counts, and which orders are sent when."""
    send_on = settings.orders.send_on
    orders = Travel.SALE if are_sold(settings) else Travel.STOCK
    travels = settings.sync.customers != "off"
    statuses = frozenset() if send_on is None else send_on
    return Rules(Authority(settings.stock.authority), statuses, orders, people=travels)


def people_rules(settings: Settings) -> PeopleRules:
    """What the owner decided about customers."""
    flow, orders, people = settings.sync.customers, settings.orders, settings.people
    return PeopleRules(
        to_pos=flow in ("to-pos", "both"),
        to_store=flow in ("to-store", "both"),
        with_order=people.travel == "with-order",
        guests=orders.guests,
        guest_customer=orders.guest_customer,
        group=people.default_group if people.group == "default" else "",
        accounts=orders.mail,
    )


def care_of(settings: Settings) -> Care:
    """What is done with care."""
    safety = settings.safety
    limits = Limits(
        report=settings.stock.unexplained == "report",
        max_drop=safety.max_drop,
        max_changed=safety.max_changed,
        max_zeroed=safety.max_zeroed,
    )
    return Care(rules_of(settings), limits, settings.stock.settle)


def build_engine(
    settings: Settings,
    books: Books,
    sides: tuple[Shop, Side],
    clock: Clock,
    chance: Chance,
    checkpoint: Checkpoint,
    is_from_pos: Callable[[Hinted], bool],
    telling: Telling | None = None,
    arriving: Arriving | None = None,
    meeting: Meeting | None = None,
) -> Engine:
    """Nothing is started yet; but what the settings say of buffers and orders is taken over. `telling` is needed where
    orders travel as sales, `arriving` where the shop keeps what the POS tells, `meeting` where customers travel."""
    store, pos = sides
    both: dict[SideName, Side] = {SideName.STORE: store, SideName.POS: pos}
    care, chosen = care_of(settings), settings.queue
    if arriving is not None:
        care = replace(care, rules=replace(care.rules, site=arriving.site))
    policy = Policy(settings.pos.sell_from, chosen.lease, chosen.give_up_after, care.rules, care.limits)
    relay = Relay(books, both, policy, chance, checkpoint, lambda side: work.hear(side))
    polls = {name: Poll(side, books, lambda: work.ring_events(), checkpoint) for name, side in both.items()}
    set_aside = partial(relay.post_events, EVENTS_AT_ONCE)
    buffers = partial(_buffer, settings)
    first_contact = Linking(
        books, both, polls, set_aside, lambda posted: work.booked(posted), checkpoint, care.rules, store, buffers,
        care.limits, store,
    )  # fmt: skip
    linking = LinkWhenStirred(first_contact, clock, lambda: work.may_speak())
    work = Work(relay, polls, books, clock, linking.stirred, is_from_pos)
    reconcile = Reconcile(books, both, work.drain, care, clock, work.ring_writers, OpenOrders(books, store))
    work.on_second_look(reconcile.begin)
    take_buffers(books, buffers)
    admit_waiting(books, care.rules)
    hear = lambda: work.drain()[SideName.STORE]  # noqa: E731
    people = None if meeting is None else People(books, meeting.ends, people_rules(settings))
    write: list[Callable[[], Written]] = []
    if telling is not None and care.rules.orders is Travel.SALE:
        sell_from, guests = settings.pos.sell_from, people is not None
        rules = PaperRules(telling.site, telling.policy, sell_from, chosen.lease, chosen.give_up_after, guests)
        told = by_its_memory(pos, telling.pos)
        taking = told if people is None else Buying(books, people, told)
        write += [PaperRelay(books, telling.papers, taking, rules, chance, telling.wall, checkpoint, hear).write]
    if meeting is not None and people is not None:
        write += [_updating(settings, books, meeting, people, chance).write]
    if write:
        work.on_papers(SideName.POS, one_after_another(*write))
    if arriving is not None:
        home = _kept_by(settings, books, arriving, meeting)
        shop = (arriving.papers, arriving.documents)
        work.on_papers(SideName.STORE, ReturnRelay(books, shop, arriving.pos, home, chance, checkpoint, hear).write)
    return Engine(
        work,
        linking,
        reconcile,
        LookAgain(books, both, clock, chance.new_key),
        Comparing(books, store, store, hear, care.rules, care.settle, work.ring_writers),
        Recovering(books, store, work.post, _refiled(books, telling, care.rules, work)),
    )


def _refiled(books: Books, telling: Telling | None, rules: Rules, work: Work) -> Callable[[], bool]:
    """How documents are found again that restored books have forgotten; where none were told, there are none."""
    if telling is None or telling.pos is None:
        return lambda: True
    return Refiling(books, telling.pos, telling.site, rules, lambda: work.drain()[SideName.POS])


def _kept_by(settings: Settings, books: Books, arriving: Arriving, meeting: Meeting | None) -> ReturnRules:
    """By which rules the shop keeps what the POS tells; who bought there is looked for where customers travel."""
    queue = settings.queue
    rules = ReturnRules(
        arriving.site, arriving.policy, arriving.homeward, queue.lease, queue.give_up_after, arriving.mail
    )  # fmt: skip
    if meeting is None or settings.sync.customers == "off":
        return rules
    return replace(rules, shopper=Shoppers(books, meeting.ends, to_store=people_rules(settings).to_store))


def _updating(settings: Settings, books: Books, meeting: Meeting, people: People, chance: Chance) -> Updating:
    pace = Pace(settings.queue.lease, settings.queue.give_up_after)
    return Updating(books, meeting.ends, people_rules(settings), people, meeting.secret, pace, chance)


def _buffer(settings: Settings, sku: str) -> Decimal:
    """What the shop keeps back of it."""
    return settings.stock.buffers.get(sku, settings.stock.buffer)
