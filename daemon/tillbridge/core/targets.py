"""What each side ought to show, and the one rule that moves stock.

**The next write at a side is `target − known`, if it is not zero and nothing is unsettled there for this link.** The
target is a pure function of the accounts, so that lateness, order and repetition of messages cannot change where both
sides end.

This version knows the authority `both` with orders travelling as stock as soon as the shop takes it: a line's
position is admitted at once, so `base + free − p⁺` of stock.md is `base + store.born`. Positions, buffers and the
other authorities change only the functions of this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tillbridge.core.accounts import Account
from tillbridge.core.stock import ZERO, Link, SideName, plain


@dataclass(frozen=True, slots=True)
class Shelf:
    """One link with all its accounts: the store's, and the POS's per outlet."""

    link: Link
    store: Account
    pos: tuple[Account, ...]

    def account(self, side: SideName, sell_from: str) -> Account | None:
        """The account that writes go to: the store's, or the one of the outlet that sells for the web."""
        if side is SideName.STORE:
            return self.store
        return next((account for account in self.pos if account.outlet == sell_from), None)

    def all(self) -> tuple[Account, ...]:
        return (self.store, *self.pos)


def shelf(link: Link, accounts: Iterable[Account]) -> Shelf:
    """Put the accounts of one link together. There must be exactly one of the store."""
    found = list(accounts)
    (store,) = (account for account in found if account.side is SideName.STORE)
    return Shelf(link, store, tuple(account for account in found if account.side is SideName.POS))


def target(side: SideName, shelf: Shelf) -> Decimal:
    """The level that `side` ought to have, summed over outlets, under the authority `both`."""
    base = sum((account.opening + account.born for account in shelf.pos), ZERO)
    common = base + shelf.store.born
    return plain(common + shelf.link.offset) if side is SideName.STORE else plain(common)


def known(side: SideName, shelf: Shelf) -> Decimal:
    """The level that `side` has as far as we know, summed over outlets."""
    accounts: Sequence[Account] = (shelf.store,) if side is SideName.STORE else shelf.pos
    return plain(sum((account.known for account in accounts), ZERO))


def next_write(side: SideName, shelf: Shelf) -> Decimal:
    """The amount that the one rule writes at `side` now; zero where there is nothing to write or something is
    unsettled."""
    accounts = (shelf.store,) if side is SideName.STORE else shelf.pos
    if any(account.unsettled is not None for account in accounts):
        return ZERO
    return plain(target(side, shelf) - known(side, shelf))


def busy(side: SideName, shelf: Shelf) -> bool:
    """Whether the rule has something to do at `side`: an amount to write, or an attempt to settle."""
    accounts = (shelf.store,) if side is SideName.STORE else shelf.pos
    return any(account.unsettled is not None for account in accounts) or target(side, shelf) != known(side, shelf)
