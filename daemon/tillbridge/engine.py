"""Puts the engine together: the verbs that carry stock between the two sides, by the owner's rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tillbridge.core.events import Hinted
from tillbridge.core.findings import Limits
from tillbridge.core.routing import Rules
from tillbridge.core.stock import SideName
from tillbridge.core.terms import Authority
from tillbridge.linking import Linking, LinkWhenStirred
from tillbridge.looking import LookAgain
from tillbridge.poll import Poll
from tillbridge.ports import Books, Checkpoint, Clock, Side
from tillbridge.reconcile import Care, Reconcile
from tillbridge.relay import Chance, Policy, Relay
from tillbridge.settings import Settings
from tillbridge.work import EVENTS_AT_ONCE, Work


@dataclass(frozen=True, slots=True)
class Engine:
    """The verbs that carry stock."""

    work: Work
    linking: LinkWhenStirred
    reconcile: Reconcile
    look_again: LookAgain


def rules_of(settings: Settings) -> Rules:
    """Whose word counts, and which orders are sent when."""
    send_on = settings.orders.send_on
    return Rules(Authority(settings.stock.authority), frozenset() if send_on is None else send_on)


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
    sides: dict[SideName, Side],
    clock: Clock,
    chance: Chance,
    checkpoint: Checkpoint,
    is_from_pos: Callable[[Hinted], bool],
) -> Engine:
    """Nothing is started yet."""
    care = care_of(settings)
    chosen = settings.queue
    policy = Policy(settings.pos.sell_from, chosen.lease, chosen.give_up_after, care.rules, care.limits)
    relay = Relay(books, sides, policy, chance, checkpoint, lambda side: work.hear(side))
    polls = {name: Poll(side, books, lambda: work.ring_events(), checkpoint) for name, side in sides.items()}
    set_aside = partial(relay.post_events, EVENTS_AT_ONCE)
    first_contact = Linking(books, sides, polls, set_aside, lambda posted: work.booked(posted), checkpoint)
    linking = LinkWhenStirred(first_contact, clock, lambda: work.may_speak())
    work = Work(relay, polls, books, clock, linking.stirred, is_from_pos)
    reconcile = Reconcile(books, sides, work.drain, care, clock, work.ring_writers)
    work.on_second_look(reconcile.begin)
    return Engine(work, linking, reconcile, LookAgain(books, sides, clock, chance.new_key))
