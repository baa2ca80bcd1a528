"""What the POS tells of orders, kept in the shop: handed over, come back, sold at the counter.

A document of the POS is read when its turn comes, and what follows from it in the shop is made under a key that comes
from the document itself. A refund is written down before it is made, so that nobody takes it for the shop's own: until
it is entered, no document of its order goes to the POS. What came back is born at the POS and counts there already;
here it only moves to where no target has it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from tillbridge import homecoming
from tillbridge.attempts import put_off
from tillbridge.core import backoff, homeward, trouble
from tillbridge.core.actions import Outcome
from tillbridge.core.coming_back import ComingBack, coming_back
from tillbridge.core.drafts import Made
from tillbridge.core.homeward import FromPos, Homeward
from tillbridge.core.money import step_of
from tillbridge.core.order_policy import OrderPolicy
from tillbridge.core.paper import Paper, Person
from tillbridge.core.people import without
from tillbridge.core.pos_papers import PosPaper
from tillbridge.core.stock import SideName
from tillbridge.core.wanted import Parked
from tillbridge.errors import CallRefused, Malformed, NotSent, SideTrouble, Throttled, Unauthorised
from tillbridge.ports import Books, Checkpoint, Message, PosPapers, Unit
from tillbridge.ports.arrivals import Arrival
from tillbridge.ports.papers import Documents, Papers
from tillbridge.relay import Chance, Written

log = logging.getLogger(__name__)

REFUSED = "store_refused"
"""The reason of a document of which the shop would not make anything: its words stand with it."""

NO_ORDER = "no_order"
UNKNOWN = "unknown_order"

SALE_WAITS = "sale_waits"
"""The reason of what came back on a sale of the POS that waits for a person itself."""

_UNDER_WAY = "a document of that order is on its way to the POS"
_UNREAD = "the shop's feed cannot be read now"


@dataclass(frozen=True, slots=True)
class ReturnRules:
    """What the owner decided. `site` names this shop in references; both callables may ask the sides, and raise
    `SideTrouble`: `homeward` is asked of documents that are no web order's. `mail`: whether the shop may write to the
    customer of an order that was refunded or handed over. `shopper`: who in the shop a customer of the POS is, by the
    POS's id; raises `SideTrouble`."""

    site: str
    policy: Callable[[], OrderPolicy]
    homeward: Callable[[], Homeward]
    lease_seconds: float
    give_up_after: float
    mail: bool = False
    shopper: Callable[[str], Person | None] = lambda _pos_ref: None


@dataclass(frozen=True, slots=True)
class _Read:
    """A document as the POS shows it (None: it shows none), the shop's order that it is about, and the policies."""

    paper: PosPaper | None
    order: str
    shown: Paper | None
    policy: OrderPolicy
    homeward: Homeward
    stirred_at: float
    buyer: Person | None = None


@dataclass(frozen=True, slots=True)
class _Sent:
    """What the shop is to make for a message. `task` is a refund, an order, or a status."""

    message: Message
    arrival: Arrival
    task: ComingBack | FromPos | str
    more: bool = False
    """Whether the document has another part to be kept."""


class ReturnRelay:
    """Keeps documents of the POS in the shop. Several threads may use one; the books keep them apart."""

    def __init__(
        self,
        books: Books,
        shop: tuple[Papers, Documents],
        pos: PosPapers,
        rules: ReturnRules,
        chance: Chance,
        checkpoint: Checkpoint,
        drain: Callable[[], bool],
    ) -> None:
        """`drain` reads the shop's feed to its end and books what it brought; whether it could be read."""
        self._books = books
        self._papers, self._documents = shop
        self._pos = pos
        self._rules = rules
        self._chance = chance
        self._checkpoint = checkpoint
        self._drain = drain

    def write(self) -> Written:
        """Keep one document of the POS, if one is due."""
        with self._books.writing() as unit:
            if SideName.STORE in unit.paused():
                return Written(0)
            claimed = unit.claim_arrivals(1, self._rules.lease_seconds)
        if not claimed:
            return Written(0)
        (message,) = claimed
        read = self._read(message)
        if read is None:
            return Written(1)
        with self._books.writing() as unit:
            sent = self._begin(unit, message, read) if unit.held_of([message]) else None
        if sent is None:
            return Written(1)
        self._checkpoint("return.attempted")
        try:
            made = self._make(sent)
        except (SideTrouble, Malformed) as problem:
            return Written(1, 1, self._failed(sent, problem))
        self._checkpoint("return.answered")
        heard = self._drain()
        with self._books.writing() as unit:
            if not unit.held_of([message]):
                pass  # another worker has taken over: it settles this by the key
            elif heard:
                self._settle(unit, sent, made)
            else:
                self._retry(unit, message, _UNREAD)
        self._checkpoint("return.settled")
        return Written(1, 1)

    # --- before

    def _read(self, message: Message) -> _Read | None:
        """The document, and its order between two readings of the shop's feed; None where one cannot be read now."""
        words = _UNREAD
        try:
            paper = self._pos.document(message.body)
            policy = self._rules.policy()
            home = Homeward() if paper is None or paper.reference else self._rules.homeward()
            buyer = self._rules.shopper(paper.customer) if paper is not None and home.pos_sales else None
            if self._drain():
                order, stirred_at = self._order_of(paper)
                shown = self._papers.paper(order) if order else None
                if self._drain():
                    return _Read(paper, order, shown, policy, home, stirred_at, buyer)
        except SideTrouble as problem:
            words = f"document {message.body} of the POS, or its order, cannot be read: {problem}"
        with self._books.writing() as unit:
            if unit.held_of([message]):
                self._retry(unit, message, words)
        return None

    def _order_of(self, paper: PosPaper | None) -> tuple[str, float]:
        """The shop's order that a document is about, and when it stirred last; "" where it is about none."""
        if paper is None:
            return "", 0.0
        order = ""
        with self._books.writing() as unit:
            if paper.reference:
                site, _, ref = paper.reference.rpartition(":")
                order = ref if site == self._rules.site else ""
            elif paper.sale:
                order = unit.arrival(paper.sale, "order").order
            return order, unit.dossier(order).stirred_at if order else 0.0

    def _begin(self, unit: Unit, message: Message, read: _Read) -> _Sent | None:
        """Fix what the shop is to make; None where that is nothing, and then the message is settled here."""
        paper = read.paper
        if SideName.STORE in unit.paused():
            unit.again([message])  # stopped meanwhile
            return None
        if paper is None:
            unit.done([message], f"the POS has no document {message.body} any more")
            return None
        if paper.key:
            unit.done([message], "we made this document ourselves")
            return None
        if paper.reference and not read.order:
            unit.done([message], "it is about an order of another shop")
            return None
        parts = homeward.parts_of(paper, is_web_order=bool(paper.reference), pos_sales=read.homeward.pos_sales)
        stamp = paper.at.isoformat()
        waiting: list[tuple[str, Arrival]] = []
        for what in parts:
            arrival = unit.arrival(paper.number, what)
            if arrival.at != stamp:
                arrival = Arrival(paper.number, what, stamp)  # a till that was restored gave the number anew
            if not arrival.made:
                waiting.append((what, arrival))
        if not waiting:
            unit.done([message])
            return None
        what, arrival = waiting[0]
        order = "" if what == "order" else read.order
        sent = self._task(unit, message, what, replace(arrival, order=order), read, paper)
        return None if sent is None else replace(sent, more=len(waiting) > 1)

    def _task(
        self, unit: Unit, message: Message, what: str, arrival: Arrival, read: _Read, paper: PosPaper
    ) -> _Sent | None:
        """One part of a document."""
        if arrival.coming is not None:
            return _Sent(message, arrival, arrival.coming)
        key = homeward.key_of(self._rules.site, paper, what)
        if what == "order":
            items = sorted({line.item for line in paper.sold if line.item})
            refs = {ref: shelf.link.store_ref for ref, shelf in unit.shelves(SideName.POS, items).items()}
            if not homecoming.is_looked_for(unit, message, set(items) - set(refs)):
                self._retry(unit, message, "what it sold is not linked yet: first contact comes first")
                return None
            found = homeward.order_of(paper, refs, read.homeward, key, read.buyer)
            if isinstance(found, Parked):
                self._park(unit, message, arrival, read, found)
                return None
            unit.save_arrival(arrival)
            return _Sent(message, arrival, found)
        if not read.order and paper.sale and homecoming.is_waiting(unit, paper.sale):
            words = f"the sale {paper.sale} that it came back on is not kept yet"
            if unit.arrival_is_parked(paper.sale):
                unit.park(message, SALE_WAITS, f"{words} — See to {paper.sale}: this follows by itself.")
            else:
                self._retry(unit, message, words)
            return None
        if not read.order:
            self._leave(unit, message, arrival, "the sale that it came back on is no order of the shop")
            return None
        if read.shown is None:
            lost = Parked(
                NO_ORDER, f"Order {read.order} is not in the shop any more.", "Keep it by hand, or discard this."
            )
            self._park(unit, message, arrival, read, lost)
            return None
        if what == "complete":
            if read.shown.status in homeward.OVER:
                words = f"order {read.shown.number} is {read.shown.status} in the shop: nothing is to be done"
                self._leave(unit, message, replace(arrival, made=read.shown.status), words)
                return None
            return _Sent(message, arrival, homeward.COMPLETED)
        return self._begin_refund(unit, message, arrival, read, (paper, read.shown), key)

    def _begin_refund(
        self, unit: Unit, message: Message, arrival: Arrival, read: _Read, both: tuple[PosPaper, Paper], key: str
    ) -> _Sent | None:
        """Write the refund down before it is made."""
        paper, shown = both
        dossier = unit.dossier(read.order)
        if dossier.filing is not None:
            self._retry(unit, message, _UNDER_WAY)
            return None
        if dossier.stirred_at != read.stirred_at:
            unit.again([message])  # something was told since it was read
            return None
        wrong = homeward.differs(paper, step_of(shown.currency))
        if wrong is None and dossier.taken.empty and dossier.filed_at is None and not dossier.alone:
            words = (
                f"Document {paper.number} of the POS is about order {shown.number}, of which we have told it nothing."
            )
            wrong = Parked(UNKNOWN, words, "Refund it in the shop by hand, or discard this.")
        found = wrong or coming_back(paper, shown, dossier.taken, read.policy, key, mail=self._rules.mail)
        if isinstance(found, Parked):
            self._park(unit, message, arrival, read, found)
            return None
        arrival = replace(arrival, coming=found)
        unit.save_arrival(arrival)
        # Whoever has read the order before this moment reads it again, and only once the refund is entered.
        if not dossier.alone:
            unit.stir_papers([read.order])
        return _Sent(message, arrival, found)

    def _park(self, unit: Unit, message: Message, arrival: Arrival, read: _Read, why: Parked) -> None:
        """A person must help. Once something of its order stirs, it is tried again."""
        unit.save_arrival(replace(arrival, coming=None))
        if read.order and unit.dossier(read.order).stirred_at != read.stirred_at:
            unit.again([message])
        else:
            unit.park(message, why.code, f"{why.sentence} — {why.fix}")

    def _leave(self, unit: Unit, message: Message, arrival: Arrival, words: str) -> None:
        """There is nothing to be kept of it, and that is how it stays."""
        unit.save_arrival(replace(arrival, made=arrival.made or "nothing"))
        unit.unpark_reason(SALE_WAITS)
        unit.done([message], words)

    # --- the call

    def _make(self, sent: _Sent) -> Made:
        match sent.task:
            case ComingBack(refund=refund):
                return self._documents.make_refund(refund)
            case FromPos(draft=draft):
                made = self._documents.make_order(draft)
                return homeward.with_fees(draft, made, self._papers.paper)
            case str(status):
                return self._documents.set_status(sent.arrival.order, status, mail=self._rules.mail)

    def _failed(self, sent: _Sent, problem: SideTrouble | Malformed) -> Outcome | None:
        """What the shop would not do waits for a person; anything else is tried again under its key."""
        with self._books.writing() as unit:
            if not unit.held_of([sent.message]):
                return None
            if isinstance(problem, CallRefused | Malformed):
                unit.save_arrival(replace(sent.arrival, coming=None))
                unit.park(sent.message, REFUSED, f"The shop says: {_nameless(sent, problem)}")
                return None
            if isinstance(problem, NotSent | Throttled | Unauthorised):
                unit.wait([sent.message], _nameless(sent, problem))
            else:
                self._retry(unit, sent.message, _nameless(sent, problem))
        return trouble.of_call(problem)

    # --- after

    def _settle(self, unit: Unit, sent: _Sent, made: Made) -> None:
        match sent.task:
            case ComingBack():
                homecoming.enter_refund(unit, sent.arrival.order, sent.task)
                unit.save_arrival(replace(sent.arrival, made=made.ref, coming=None))
            case FromPos():
                homecoming.enter_order(unit, sent.task, made)
                unit.save_arrival(replace(sent.arrival, order=made.ref, made=made.ref))
                unit.unpark_reason(SALE_WAITS)
            case str():
                unit.save_arrival(replace(sent.arrival, made=made.status))
        if sent.more:
            unit.again([sent.message])
        else:
            unit.done([sent.message])

    def _retry(self, unit: Unit, message: Message, words: str) -> None:
        put_off(unit, message, words, self._rules.give_up_after, self._chance.jitter(), backoff.SETTLING)


def _nameless(sent: _Sent, problem: SideTrouble | Malformed) -> str:
    """What the shop says, in words that may be kept."""
    return without(str(problem), sent.task.draft.billing if isinstance(sent.task, FromPos) else None)
