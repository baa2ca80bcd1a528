"""What each side ought to show, and the one rule that moves stock.

**The next write at a side is `target − known`, if it is not zero and nothing is unsettled there for this link.** The
targets are pure functions of the accounts and of the link's terms, so that lateness, order and repetition of messages
cannot change where both sides end.

    common          Σ (pos.opening + pos.born) − uncounted + free
    of the store    shown(common − positions − held + offset)
    of the POS      common − admitted
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tillbridge.core.accounts import Account
from tillbridge.core.stock import ZERO, Link, SideName, plain
from tillbridge.core.terms import Terms


@dataclass(frozen=True, slots=True)
class Shelf:
    """One link with all its accounts, the store's and the POS's per outlet, and its terms."""

    link: Link
    store: Account
    pos: tuple[Account, ...]
    terms: Terms = Terms()

    def account(self, side: SideName, sell_from: str) -> Account | None:
        """The account that writes go to: the store's, or the one of the outlet that sells for the web."""
        if side is SideName.STORE:
            return self.store
        return next((account for account in self.pos if account.outlet == sell_from), None)

    def all(self) -> tuple[Account, ...]:
        return (self.store, *self.pos)

    def of(self, side: SideName) -> Sequence[Account]:
        """The accounts of one side."""
        return (self.store,) if side is SideName.STORE else self.pos


def shelf(link: Link, accounts: Iterable[Account], terms: Terms) -> Shelf:
    """Put the accounts of one link together. There must be exactly one of the store."""
    found = list(accounts)
    (store,) = (account for account in found if account.side is SideName.STORE)
    return Shelf(link, store, tuple(account for account in found if account.side is SideName.POS), terms)


def common(shelf: Shelf) -> Decimal:
    """What both sides know to be there, before any order of the store took something."""
    base = sum((account.opening + account.born for account in shelf.pos), ZERO)
    return plain(base - shelf.terms.uncounted + shelf.terms.free)


def for_sale(shelf: Shelf) -> Decimal:
    """What is left for the store to sell, before its buffer: below zero where more was sold than there is."""
    terms = shelf.terms
    return plain(common(shelf) - terms.positions - terms.held + shelf.link.offset)


def shown(quantity: Decimal, terms: Terms) -> Decimal:
    """What the store shows of what it may sell. The buffer never hides a shortage: what is missing is shown as it is,
    so that a later cancellation fills it first."""
    kept_back = quantity - terms.buffer
    return plain(kept_back if terms.backorders else min(quantity, max(ZERO, kept_back)))


def target(side: SideName, shelf: Shelf) -> Decimal:
    """The level that `side` ought to have, summed over outlets."""
    if side is SideName.STORE:
        return shown(for_sale(shelf), shelf.terms)
    return plain(common(shelf) - shelf.terms.admitted)


def known(side: SideName, shelf: Shelf) -> Decimal:
    """The level that `side` has as far as we know, summed over outlets."""
    return plain(sum((account.known for account in shelf.of(side)), ZERO))


def next_write(side: SideName, shelf: Shelf) -> Decimal:
    """The amount that the one rule writes at `side` now; zero where there is nothing to write or something is
    unsettled."""
    if any(account.unsettled is not None for account in shelf.of(side)):
        return ZERO
    return plain(target(side, shelf) - known(side, shelf))


def writable(amount: Decimal, account: Account, *, below_zero: bool) -> Decimal:
    """What of an amount can be written to that account now. Where the side takes nothing below zero, the rest stays an
    open difference until goods come there."""
    if below_zero or amount >= ZERO:
        return amount
    return plain(max(amount, min(ZERO, -account.known)))


def busy(side: SideName, shelf: Shelf) -> bool:
    """Whether the rule has something to do at `side`: an amount to write, or an attempt to settle."""
    return any(account.unsettled is not None for account in shelf.of(side)) or target(side, shelf) != known(side, shelf)


def oversold(shelf: Shelf) -> Decimal:
    """How many pieces were sold that are not there; zero where that is allowed."""
    return ZERO if shelf.terms.backorders else max(ZERO, -for_sale(shelf))
