"""The two accounts of a shared shelf: what each side had, what was born there, and what we wrote there.

    known = opening + born + written

One attempt at most is under way for each account: its amount and key are fixed when it is first made, and nothing
else is written there until it is known what became of it. See stock.md; the functions here are the only ones that
change an account.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from tillbridge.core.actions import Loss, Outcome, Status
from tillbridge.core.events import Cause
from tillbridge.core.stock import ZERO, SideName, plain
from tillbridge.core.terms import Effect

LONGEST_FLIGHT = 600.0
"""Seconds after which a request that was given up cannot arrive any more (proxies and kernels give up long before)."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A write under way: its amount and its key, committed before it was first sent. Times are steady seconds.

    `since` is when it was first sent; `tried` when its latest request was, None once that was answered for certain.
    `doubt` is when the latest request *before* that was sent of which nobody knows what became: None while there is
    none, and then a request that certainly had no effect ends the attempt.
    """

    key: str
    amount: Decimal
    since: float
    tried: float | None
    doubt: float | None = None
    mark: str = ""
    """Where the side's own history stood before it was first sent, where it keeps one and knows no keys."""
    order: str = ""
    """The order whose document this is, "" where stock is written by itself."""

    @property
    def latest(self) -> float:
        """When the latest request was sent that may still be on its way."""
        return max(one for one in (self.since, self.tried, self.doubt) if one is not None)


@dataclass(frozen=True, slots=True)
class Account:
    """What we know of one side's level for one link (at the POS: for one outlet; "" at the store).

    `contains` is the highest message id whose event the opening contains for certain, so that it is never booked again.
    `touched` is when the account last changed in any way (steady seconds), `read_at` when the latest read began that
    posted a change: a level read before either says nothing.
    """

    link: int
    side: SideName
    outlet: str
    opening: Decimal
    born: Decimal = ZERO
    written: Decimal = ZERO
    unsettled: Attempt | None = None
    contains: int = 0
    touched: float = 0.0
    read_at: float = 0.0

    @property
    def known(self) -> Decimal:
        return self.opening + self.born + self.written


class EntryKind(StrEnum):
    """Which sum of the account an entry belongs to."""

    OPENING = "opening"
    BORN = "born"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal: it explains a part of `known`. `source` is the event's key, or the key of our write."""

    kind: EntryKind
    amount: Decimal
    source: str
    cause: str
    document: str = ""
    line: str = ""
    effect: Effect = Effect.NONE
    run: int = 0
    """The run that made it, 0 where it was told by a side."""


class Next(StrEnum):
    """What happens to the message after its attempt."""

    AGAIN = "again"
    """Compute anew at once: the rule may have more to write."""
    LATER = "later"
    """The same attempt must be settled first, after a pause."""
    REFUSED = "refused"
    """The side said no, for a reason that may pass: again on backoff, or when something changes."""
    PARKED = "parked"
    """The side said no, for a reason that a person must mend."""
    CLOSED = "closed"
    """The side cannot be reached, refuses us or asks for patience: nothing more is sent there for a while."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """The account after an outcome, the journal entry that goes with it, and what happens next."""

    account: Account
    entry: Entry | None
    next: Next


def opened(link: int, side: SideName, outlet: str, level: Decimal, contains: int = 0) -> tuple[Account, Entry]:
    """First contact: the account starts at the level that was counted, after every event up to message `contains`."""
    return Account(link, side, outlet, level, contains=contains), Entry(EntryKind.OPENING, level, "", "opening")


def contained(key: str) -> Entry:
    """First contact: a write of ours by that key is in the opening level, and must not count again when it is told."""
    return Entry(EntryKind.OPENING, ZERO, key, "contained")


def bear(account: Account, amount: Decimal, source: str, cause: Cause, effect: Effect) -> tuple[Account, Entry]:
    """A change that happened on the side by itself."""
    return (
        replace(account, born=plain(account.born + amount)),
        Entry(EntryKind.BORN, amount, source, cause.type, cause.document, cause.line, effect),
    )


def lose(account: Account, loss: Loss) -> tuple[Account, Entry]:
    """The side recorded a write of ours and lost its effect: it is not written, and the rule makes it again."""
    return (
        replace(account, written=plain(account.written - loss.delta)),
        Entry(EntryKind.WRITTEN, plain(-loss.delta), f"lost:{loss.id}", "lost", effect=Effect.LOST),
    )


def recognise(account: Account, amount: Decimal, key: str, cause: str) -> tuple[Account, Entry]:
    """A write of ours that the side shows and our books forgot, because they were restored from a backup."""
    return replace(account, written=plain(account.written + amount)), Entry(EntryKind.WRITTEN, amount, key, cause)


def is_quiet(account: Account, read_begun: float) -> bool:
    """Whether a level that was read since `read_begun` can be compared with what is known: nothing was under way, and
    nothing moved, from then until now."""
    return account.unsettled is None and account.touched < read_begun


def attempt(account: Account, amount: Decimal, key: str, now: float, mark: str = "") -> Account:
    """Fix amount and key of the next write. There must be none under way."""
    if account.unsettled is not None:
        raise AssertionError(f"link {account.link} already has {account.unsettled} under way at {account.side}")
    return replace(account, unsettled=Attempt(key, amount, now, now, mark=mark))


def attempt_again(account: Account, now: float) -> Account:
    """One more request under the key of the attempt under way. The one before it is in doubt unless it was answered for
    certain."""
    under_way = account.unsettled
    if under_way is None:
        raise AssertionError(f"link {account.link} has nothing under way at {account.side}")
    doubt = under_way.doubt if under_way.tried is None else under_way.tried
    return replace(account, unsettled=replace(under_way, tried=now, doubt=doubt))


def settle(account: Account, outcome: Outcome, now: float) -> Settlement:
    """What an answer to the attempt under way means for the account.

    Only an answer that says so moves the amount to `written`; only one that rules the effect out dissolves it. A
    refusal says that the key has had no effect *so far*: while an earlier request may still arrive, the attempt stays.
    A call refused as a whole says nothing about an earlier one, and what asks for patience or another key may be a
    gateway that let the request through: only a request that never left ends an attempt without a word about it.
    """
    under_way = account.unsettled
    if under_way is None:
        return Settlement(account, None, Next.AGAIN)
    match outcome.status:
        case Status.APPLIED | Status.DUPLICATE:
            entry = Entry(EntryKind.WRITTEN, under_way.amount, under_way.key, "write")
            written = plain(account.written + under_way.amount)
            return Settlement(replace(account, unsettled=None, written=written), entry, Next.AGAIN)
        case Status.VOIDED:
            return Settlement(_free(account), None, Next.AGAIN)
        case Status.INVALID if under_way.doubt is not None:
            return Settlement(_answered(account, under_way), None, Next.LATER)
        case Status.NOT_FOUND | Status.INVALID | Status.REFUSED:
            if under_way.doubt is not None and now - under_way.doubt < LONGEST_FLIGHT:
                return Settlement(_answered(account, under_way), None, Next.LATER)
            refused = outcome.status is Status.REFUSED
            return Settlement(_free(account), None, Next.REFUSED if refused else Next.PARKED)
        case Status.UNREACHABLE:
            after = _free(account) if under_way.doubt is None else _answered(account, under_way)
            return Settlement(after, None, Next.CLOSED)
        case Status.UNAUTHORISED | Status.THROTTLED:
            return Settlement(account, None, Next.CLOSED)
        case Status.UNCERTAIN:
            return Settlement(account, None, Next.LATER)


def _free(account: Account) -> Account:
    """With nothing under way any more."""
    return replace(account, unsettled=None)


def _answered(account: Account, under_way: Attempt) -> Account:
    """With no request out; an earlier one may still arrive."""
    return replace(account, unsettled=replace(under_way, tried=None))


def settle_by_trace(account: Account, found: Outcome, now: float) -> Settlement:
    """What a side without keys shows of the attempt under way.

    Its own record of the write settles it at once. That there is none proves something only after every request has
    either arrived or never will.
    """
    under_way = account.unsettled
    if under_way is None:
        return Settlement(account, None, Next.AGAIN)
    if found.status in (Status.APPLIED, Status.DUPLICATE):
        return settle(account, found, now)
    if found.status is Status.NOT_FOUND and now - under_way.latest >= LONGEST_FLIGHT:
        return Settlement(replace(account, unsettled=None), None, Next.AGAIN)
    return Settlement(account, None, Next.LATER)


def settle_by_level(account: Account, level: Decimal, now: float) -> Settlement | None:
    """What the level says of the attempt under way, where nothing else does; read while nothing else moved. None where
    it fits neither with the write nor without it: then a person must look.

    A till sale of the same size in the meantime would look the same: that is the limit of such a POS.
    """
    under_way = account.unsettled
    if under_way is None:
        return Settlement(account, None, Next.AGAIN)
    if level == account.known + under_way.amount:
        return settle(account, Outcome(Status.APPLIED, level), now)
    if level != account.known:
        return None
    if now - under_way.latest < LONGEST_FLIGHT:
        return Settlement(account, None, Next.LATER)
    return Settlement(replace(account, unsettled=None), None, Next.AGAIN)
