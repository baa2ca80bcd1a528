"""What a level that differs from its account means, by whose word counts; and how it is entered, and undone.

Each side is compared with its own account, never with the other side. So a lost hook, an import by SQL, or a POS that
loses updates is found, put down to a side, explained and mended, and no side is ever set equal to the other blindly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import combinations

from tillbridge.core import accounts, routing
from tillbridge.core.accounts import Account, Entry
from tillbridge.core.actions import Loss
from tillbridge.core.events import Cause
from tillbridge.core.stock import ZERO, SideName, plain
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Authority, Effect

UNEXPLAINED = "unexplained"
"""The cause of an entry that a run made."""

MOST_TRIED = 12
"""Up to so many losses all choices of them are tried (4096 at the most) for the one that fits best."""


class Believe(StrEnum):
    """Whose word counts for what differs after a side was restored from a backup. A person says it."""

    OURS = "ours"
    """The books: what the side lost is put back there."""
    THEIRS = "theirs"
    """The side: what it shows is so, and the other side follows."""
    APART = "apart"
    """Neither: the difference is left standing, as the link's offset."""


class Verdict(StrEnum):
    """What becomes of an unexplained difference."""

    BORN = "born"
    PUT_BACK = "put_back"
    HELD = "held"
    LOST_WRITE = "lost_write"
    REPORTED = "reported"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Seen:
    """A level that differs from its account, read while nothing moved there."""

    link: int
    side: SideName
    outlet: str
    level: Decimal
    known: Decimal

    @property
    def amount(self) -> Decimal:
        """What is unexplained: the real level minus the account."""
        return plain(self.level - self.known)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is done with care. `report`: nothing unexplained is acted on without a person. `max_drop`: pieces; more than
    that on the rise is reported first. Of a run: `max_changed`, the part of all links, but at least `least_changed` of
    them; `max_zeroed`, how many may have fallen to zero."""

    report: bool = False
    max_drop: Decimal = Decimal(100)
    max_changed: Decimal = Decimal("0.2")
    least_changed: int = 25
    max_zeroed: int = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found at one account, and what it comes to. `losses` are the writes of ours that the side lost."""

    seen: Seen
    verdict: Verdict
    losses: tuple[Loss, ...] = ()


def believed(seen: Seen, word: Believe) -> Finding:
    """After a restore a person has said whose word counts."""
    verdicts = {Believe.OURS: Verdict.PUT_BACK, Believe.THEIRS: Verdict.BORN, Believe.APART: Verdict.APART}
    return Finding(seen, verdicts[word])


def judge(seen: Seen, authority: Authority, losses: Sequence[Loss], limits: Limits) -> Finding:
    """By the table of stock.md. Of the losses those count that explain most of the difference, and none that points the
    other way or is larger."""
    matched = _matched(seen.amount, losses)
    if matched and sum(loss.delta for loss in matched) == -seen.amount:
        return Finding(seen, Verdict.LOST_WRITE, matched)
    if limits.report or seen.amount > limits.max_drop:
        return Finding(seen, Verdict.REPORTED, matched)
    return Finding(seen, _verdict(seen, authority), matched)


def _matched(amount: Decimal, losses: Sequence[Loss]) -> tuple[Loss, ...]:
    """The losses that explain most of the amount; of several choices the one with the fewest, then with the earliest.
    Where there are too many to try them all, the largest that fits is taken first."""
    fitting = [loss for loss in losses if loss.delta * amount < ZERO and abs(loss.delta) <= abs(amount)]
    if sum(abs(loss.delta) for loss in fitting) <= abs(amount):
        return tuple(fitting)
    if len(fitting) > MOST_TRIED:
        return _largest_first(amount, fitting)
    best: tuple[Loss, ...] = ()
    most = ZERO
    for size in range(1, len(fitting) + 1):
        for chosen in combinations(fitting, size):
            explained = sum((abs(loss.delta) for loss in chosen), ZERO)
            if most < explained <= abs(amount):
                best, most = chosen, explained
        if most == abs(amount):
            break
    return best


def _largest_first(amount: Decimal, fitting: Sequence[Loss]) -> tuple[Loss, ...]:
    left = abs(amount)
    chosen: set[int] = set()
    for number, loss in sorted(enumerate(fitting), key=lambda one: (-abs(one[1].delta), one[0])):
        if abs(loss.delta) <= left:
            chosen.add(number)
            left -= abs(loss.delta)
    return tuple(loss for number, loss in enumerate(fitting) if number in chosen)


def _verdict(seen: Seen, authority: Authority) -> Verdict:
    if seen.side is SideName.POS:
        return Verdict.PUT_BACK if authority is Authority.STORE else Verdict.BORN
    if authority is not Authority.POS:
        return Verdict.BORN
    return Verdict.HELD if seen.amount < ZERO else Verdict.PUT_BACK


def enter(shelf: Shelf, finding: Finding, run: int, contains: int) -> tuple[Shelf, list[tuple[Account, Entry]]]:
    """Enter a finding, so that the account says what the level says. The level contains every event up to message
    `contains`, also one that nobody could read: none of them is booked on top."""
    seen = finding.seen
    account = next(one for one in shelf.of(seen.side) if one.outlet == seen.outlet)
    entries: list[tuple[Account, Entry]] = []
    for loss in finding.losses:
        account, entry = accounts.lose(account, loss)
        entries.append((account, replace(entry, run=run)))
    left = plain(seen.level - account.known)
    after = shelf
    if left:
        after, effect = _entered(shelf, finding, left)
        account, entry = accounts.bear(account, left, f"run:{run}", Cause(UNEXPLAINED), effect)
        entries.append((account, replace(entry, run=run)))
    account = replace(account, contains=max(account.contains, contains))
    if entries:
        entries[-1] = (account, entries[-1][1])
    return routing.with_account(after, account), entries


def _entered(shelf: Shelf, finding: Finding, amount: Decimal) -> tuple[Shelf, Effect]:
    """The shelf with the amount where the verdict wants it; the account is not touched here."""
    side, before = finding.seen.side, shelf.terms
    match finding.verdict:
        case Verdict.HELD:
            held = replace(before, held=plain(before.held - amount), last_fall=None)
            return replace(shelf, terms=held), Effect.HELD
        case Verdict.PUT_BACK | Verdict.LOST_WRITE:
            more = amount if side is SideName.POS else ZERO
            return replace(shelf, terms=replace(before, uncounted=plain(before.uncounted + more))), Effect.PUT_BACK
        case Verdict.APART:
            offset = shelf.link.offset + (amount if side is SideName.STORE else -amount)
            return replace(shelf, link=replace(shelf.link, offset=plain(offset))), Effect.APART
        case _:
            more = amount if side is SideName.STORE else ZERO
            return replace(shelf, terms=replace(before, free=plain(before.free + more))), Effect.COUNTED


def undo(shelf: Shelf, entry: Entry, side: SideName) -> Shelf:
    """Move an entry's amount out of the targets: the side on which it happened keeps it, what was carried over is taken
    back, and no later run finds it again."""
    offset, before, amount = shelf.link.offset, shelf.terms, entry.amount
    if entry.effect is Effect.APART:  # it is kept there already; undone, it is put back
        uncounted = before.uncounted + (amount if side is SideName.POS else ZERO)
        back = offset - (amount if side is SideName.STORE else -amount)
        kept = replace(before, uncounted=plain(uncounted))
        return replace(shelf, link=replace(shelf.link, offset=plain(back)), terms=kept)
    if side is SideName.POS:
        uncounted = before.uncounted - (amount if entry.effect in (Effect.PUT_BACK, Effect.LOST) else ZERO)
        after = replace(before, uncounted=plain(uncounted))
        return replace(shelf, link=replace(shelf.link, offset=plain(offset - amount)), terms=after)
    free = before.free - (amount if entry.effect is Effect.COUNTED else ZERO)
    held = before.held + (amount if entry.effect is Effect.HELD else ZERO)
    after = replace(before, free=plain(free), held=plain(max(ZERO, held)), last_fall=None)
    return replace(shelf, link=replace(shelf.link, offset=plain(offset + amount)), terms=after)


def too_many(seen: Sequence[Seen], links: int, limits: Limits) -> str:
    """Why a run must be held that acts on all of this, in a sentence; "" where it may go on. A run is weighed as a
    whole: what it has entered already counts."""
    changed = len({one.link for one in seen})
    most = max(Decimal(limits.least_changed), limits.max_changed * links)
    if changed > most:
        return f"{changed} of {links} linked items differ from what is known, more than [safety] max_changed allows"
    zeroed = len({(one.link, one.side, one.outlet) for one in seen if one.level == ZERO and one.known > ZERO})
    if zeroed > limits.max_zeroed:
        return f"{zeroed} items fell to zero at once, more than [safety] max_zeroed allows"
    return ""
