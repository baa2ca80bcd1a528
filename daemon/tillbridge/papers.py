"""Telling the POS of orders: each order's next document is what the POS ought to have less what it has.

A document goes the way of every write: it is fixed and committed, sent, and its outcome is committed. It occupies the
POS accounts of the items that it moves, so no stock is written there meanwhile, and what it moved is `written`, never
born. The order is read when its turn comes: the newest version is what is told, and nothing about a person waits in the
queue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tillbridge import crossing, homecoming
from tillbridge.attempts import SELL_FROM, put_off
from tillbridge.booking import make_due
from tillbridge.core import accounts, backoff, positions
from tillbridge.core.accounts import Account, Attempt, Next, Settlement
from tillbridge.core.actions import VOID_DIFFERS, Outcome, Status
from tillbridge.core.backoff import Verdict
from tillbridge.core.difference import difference
from tillbridge.core.documents import AmendSale, Document, Heading, RecordReturn, VoidSale, in_words
from tillbridge.core.filing import Filing, carrier, sent_to
from tillbridge.core.order_policy import OrderPolicy
from tillbridge.core.paper import Paper, Person
from tillbridge.core.positions import Order
from tillbridge.core.stock import SideName
from tillbridge.core.taken import after, stock_moves
from tillbridge.core.trouble import UNWELL
from tillbridge.core.wanted import Alone, Parked, wanted
from tillbridge.crossing import Plan
from tillbridge.errors import SideTrouble
from tillbridge.people import SHOP_AWAY
from tillbridge.ports import Books, Checkpoint, Message, Taking, Unit
from tillbridge.ports.papers import Papers
from tillbridge.ports.paperwork import Dossier, send_anyway, void_wanted
from tillbridge.relay import Chance, Written
from tillbridge.sheets import GONE, PaperRules, Sheets, buyer, gone, left_out, read_sheets, seen

TELLING = "order"
"""The cause of the journal entries that documents make."""

REFUSED = "pos_refused"
"""The reason of an order that the POS would not take: its words stand with it."""

TRASH = "trash"

FIXED_LONG_AGO = -1.0
"""When the order was read that a repeated document was fixed from: what was told since is still to be looked at."""

AT_ONCE = 10
"""Orders that are read and told one after the other by one worker."""

NOT_YET = "what its lines hold is not known for certain yet"
NO_CONTACT = "which outlet of the POS sells for the shop is known once products are linked"
OCCUPIED = "stock of its items is being written at the POS"
OCCUPIED_FOR = 0.3
"""Seconds after which it is tried again: another order of the same item is told in less. No failure."""


@dataclass(frozen=True, slots=True)
class _Read:
    """An order as it was read, its dossier as it was before, and the policy of that moment."""

    dossier: Dossier
    paper: Paper | None
    policy: OrderPolicy


@dataclass(frozen=True, slots=True)
class _Sent:
    """A document that is to be sent for a message."""

    message: Message
    order: str
    filing: Filing
    stirred_at: float
    customer: Person | None = None


class PaperRelay:
    """Sends documents. Several threads may use one; the books keep them apart."""

    def __init__(
        self,
        books: Books,
        papers: Papers,
        pos: Taking,
        rules: PaperRules,
        chance: Chance,
        wall: Callable[[], datetime],
        checkpoint: Checkpoint,
        drain: Callable[[], bool],
    ) -> None:
        """`drain` reads the shop's feed to its end and books what it brought; whether it could be read. `wall` is the
        date and time that documents bear."""
        self._books = books
        self._papers = papers
        self._pos = pos
        self._rules = rules
        self._chance = chance
        self._wall = wall
        self._checkpoint = checkpoint
        self._drain = drain

    def write(self) -> Written:
        """Tell the POS of the orders that are due, a few at once: their feed is read once for all of them."""
        with self._books.writing() as unit:
            if SideName.POS in unit.paused():
                return Written(0)
            claimed, claimed_at = unit.claim_papers(AT_ONCE, self._rules.lease_seconds), unit.now
            before = {message.id: unit.dossier(message.body) for message in claimed}
        if not claimed:
            return Written(0)
        calls = 0
        trouble: Outcome | None = None
        for message, read in self._read(claimed, before):
            with self._books.writing() as unit:
                if not unit.held_of([message]):
                    continue
                if trouble is not None:
                    unit.wait([message], "the POS is away")
                    continue
                if SideName.POS in unit.paused() or unit.now - claimed_at > self._rules.lease_seconds / 2:
                    unit.again([message])  # stopped meanwhile, or the rest of the lease may be too short for a call
                    continue
                sent = self._begin(unit, message, read)
            if sent is not None:
                calls += 1
                trouble = self._tell(sent)
        return Written(len(claimed), calls, trouble)

    def _tell(self, sent: _Sent) -> Outcome | None:
        """Send one document; what says that the POS is not well."""
        self._checkpoint("paper.attempted")
        outcome = self._send(sent)
        self._checkpoint("paper.answered")
        with self._books.writing() as unit:
            self._settle(unit, sent, outcome)
        self._checkpoint("paper.settled")
        return outcome if outcome.status in UNWELL and outcome.reason != SHOP_AWAY else None

    # --- before

    def _read(self, messages: Sequence[Message], before: Mapping[int, Dossier]) -> list[tuple[Message, _Read]]:
        """The orders as the shop shows them now. One that cannot be read is tried again, and keeps no other waiting."""
        try:
            policy = self._rules.policy()
        except SideTrouble as trouble:
            read = Sheets(unread={message.body: str(trouble) for message in messages})
        else:
            read = read_sheets(self._papers, self._drain, [message.body for message in messages])
        with self._books.writing() as unit:
            for message in messages:
                if message.body in read.unread and unit.held_of([message]):
                    words = f"the order cannot be read in the shop: {read.unread[message.body]}"
                    self._retry(unit, message, words)
        return [
            (message, _Read(before[message.id], read.found[message.body], policy))
            for message in messages
            if message.body in read.found
        ]

    def _begin(self, unit: Unit, message: Message, read: _Read) -> _Sent | None:
        """Fix what is to be sent; None where nothing is, and then the message is settled here."""
        dossier = unit.dossier(message.body)
        paper = read.paper
        if paper is None and unit.noted(void_wanted(message.body)):
            paper = gone(message.body, read.policy, self._wall())
        customer = buyer(unit, read.paper, guests=self._rules.guests)
        if dossier.filing is not None:
            return self._begin_again(unit, message, dossier, dossier.filing, customer)
        if dossier.alone or paper is None:
            # An order that the shop has no more is left as it is: a person says what became of it (`decide`).
            unit.done([message])
            return None
        if dossier.stirred_at != read.dossier.stirred_at:
            unit.again([message])  # something was told since it was read
            return None
        return self._begin_new(unit, message, dossier, paper, read.policy, customer)

    def _begin_again(
        self, unit: Unit, message: Message, dossier: Dossier, filing: Filing, customer: Person | None
    ) -> _Sent:
        """The same document once more, under its key: nobody knows what became of it."""
        unit.save([accounts.attempt_again(account, unit.now) for account in self._moved(unit, filing)])
        doubt = filing.doubt if filing.tried is None else filing.tried
        filing = replace(filing, tried=unit.now, doubt=doubt)
        unit.save_dossier(replace(dossier, filing=filing))
        return _Sent(message, message.body, filing, FIXED_LONG_AGO, customer)

    def _begin_new(
        self,
        unit: Unit,
        message: Message,
        dossier: Dossier,
        paper: Paper,
        policy: OrderPolicy,
        customer: Person | None,
    ) -> _Sent | None:
        if paper.status == TRASH:
            unit.done([message])  # it may come back, and nothing moved
            return None
        order = unit.orders([paper.ref]).get(paper.ref, Order(paper.ref))
        lines = {positions.key(line): line for line in unit.lines_of_orders([paper.ref])}
        shelves = unit.shelves(SideName.STORE, sorted({ref for line in paper.lines for ref in line.refs}))
        items = {ref: shelf.link.pos_ref for ref, shelf in shelves.items()}
        policy = replace(policy, nothing=policy.nothing | {GONE})
        if unit.noted(send_anyway(paper.ref)):
            policy = policy.leaving_nothing_out()
        found = wanted(paper, items, policy, dossier.taken)
        if isinstance(found, Alone):
            crossing.leave_alone(unit, dossier, order, lines.values(), found.code)
            unit.done([message], found.sentence)
            return None
        if isinstance(found, Parked):
            unit.park(message, found.code, f"{found.sentence} — {found.fix}")
            return None
        outlet = self._rules.sell_from or unit.noted(SELL_FROM)
        if not outlet or paper.status != GONE and positions.differences(
            seen(paper), lines.values(), {ref: s.link.id for ref, s in shelves.items()}
        ):
            unit.stir([paper.ref], unit.now)
            self._retry(unit, message, NOT_YET if outlet else NO_CONTACT)
            return None
        heading = Heading(f"{self._rules.site}:{paper.ref}", paper.number, outlet, paper.currency)
        document = difference(
            found, dossier.taken, heading, self._chance.new_key(), self._now(), customer, self._pos.abilities.returns
        )
        if document is not None and homecoming.done_by_hand(unit, dossier, document):
            unit.again([message])
            return None
        lines, shelves = crossing.promise(unit, lines, document, shelves)
        plan = crossing.plan(paper, lines, document, shelves)
        dossier = replace(dossier, left_out=left_out(paper, found))
        if document is None:
            unit.save_dossier(dossier)
            crossing.turn(unit, order, lines, plan)
            unit.done([message])
            return None
        return self._attempt(unit, message, dossier, document, plan, outlet, customer)

    def _attempt(
        self,
        unit: Unit,
        message: Message,
        dossier: Dossier,
        document: Document,
        plan: Plan,
        outlet: str,
        customer: Person | None,
    ) -> _Sent | None:
        """Occupy the accounts of what it moves. An item that is linked no more is moved all the same: nobody counts
        it."""
        moves = stock_moves(document)
        moved: dict[int, Account] = {}
        for item, shelf in unit.shelves(SideName.POS, sorted(moves)).items():
            account = shelf.account(SideName.POS, outlet)
            if account is None:
                continue
            if any(one.unsettled is not None for one in shelf.pos):
                unit.retry(message, Verdict(unit.now + OCCUPIED_FOR, message.failing_for), OCCUPIED)
                return None
            attempt = Attempt(document.key, moves[item], unit.now, unit.now, order=dossier.order)
            moved[shelf.link.id] = replace(account, unsettled=attempt)
        amounts = {link: account.unsettled.amount for link, account in moved.items() if account.unsettled is not None}
        filing = Filing(document, unit.now, unit.now, None, amounts, plan.takes, plan.rests)
        unit.save(list(moved.values()))
        unit.save_dossier(replace(dossier, filing=filing))
        return _Sent(message, dossier.order, filing, dossier.stirred_at, customer)

    # --- the call

    def _send(self, sent: _Sent) -> Outcome:
        (outcome,) = self._pos.apply([sent_to(sent.filing.document, sent.customer)])
        return outcome

    # --- after

    def _settle(self, unit: Unit, sent: _Sent, outcome: Outcome) -> None:
        dossier = unit.dossier(sent.order)
        filing = dossier.filing
        if not unit.held_of([sent.message]) or filing is None or filing.key != sent.filing.key:
            return  # another worker has taken over: it settles this by the key
        stirred = dossier.stirred_at != sent.stirred_at  # something of the order was told since it was read
        carried = accounts.settle(carrier(filing), outcome, unit.now)
        settled = [accounts.settle(one, outcome, unit.now) for one in self._moved(unit, filing)]
        if outcome.status in (Status.APPLIED, Status.DUPLICATE):
            self._applied(unit, dossier, filing, settled)
            more = stirred or isinstance(filing.document, AmendSale | RecordReturn)  # what is paid now may follow it
            self._next(unit, sent, Next.AGAIN if more else None, outcome)
            return
        unit.save([one.account for one in settled])
        attempt = carried.account.unsettled
        under_way = None if attempt is None else replace(filing, tried=attempt.tried, doubt=attempt.doubt)
        mixes = under_way is None and outcome.reason == VOID_DIFFERS and isinstance(filing.document, VoidSale)
        taken = replace(dossier.taken, mixed=dossier.taken.mixed or mixes)
        unit.save_dossier(replace(dossier, taken=taken, filing=under_way))
        if under_way is None:
            make_due(unit, unit.shelves_by_link(list(filing.moves)).values())
        then = Next.LATER if outcome.reason == SHOP_AWAY else carried.next
        refused = then in (Next.REFUSED, Next.PARKED)
        self._next(unit, sent, Next.AGAIN if refused and (mixes or stirred) else then, outcome)

    def _applied(self, unit: Unit, dossier: Dossier, filing: Filing, settled: Sequence[Settlement]) -> None:
        unit.post(
            [
                (one.account, replace(one.entry, cause=TELLING, document=dossier.order))
                for one in settled
                if one.entry is not None
            ]
        )
        unit.save_dossier(replace(dossier, taken=after(dossier.taken, filing.document), filing=None, filed_at=unit.now))
        order = unit.orders([dossier.order]).get(dossier.order, Order(dossier.order))
        lines = {positions.key(line): line for line in unit.lines_of_orders([dossier.order])}
        crossing.turn(unit, order, lines, crossing.Plan(filing.takes, filing.rests))
        make_due(unit, unit.shelves_by_link(list(filing.moves)).values())

    def _next(self, unit: Unit, sent: _Sent, then: Next | None, outcome: Outcome) -> None:
        message = sent.message
        words = outcome.sentence or outcome.reason or str(outcome.status)
        match then:
            case None:
                unit.done([message])
            case Next.AGAIN:
                unit.again([message])
            case Next.CLOSED:
                unit.wait([message], words)
            case Next.LATER:
                self._retry(unit, message, words)
            case Next.REFUSED | Next.PARKED:
                words += f" — it was told: {in_words(sent.filing.document)}"
                unit.park(message, outcome.reason or REFUSED, f"The POS says: {words}")

    def _retry(self, unit: Unit, message: Message, words: str) -> None:
        put_off(unit, message, words, self._rules.give_up_after, self._chance.jitter(), backoff.SETTLING)

    def _moved(self, unit: Unit, filing: Filing) -> list[Account]:
        """The accounts that the document occupies."""
        shelves = unit.shelves_by_link(list(filing.moves))
        return [
            account
            for shelf in shelves.values()
            for account in shelf.pos
            if account.unsettled is not None and account.unsettled.key == filing.key
        ]

    def _now(self) -> str:
        return self._wall().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
