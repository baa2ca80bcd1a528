"""What an event means for the books: which accounts it moves, and what cannot be booked and why.

A document's movements are summed per item and outlet first: a transfer between two outlets of the POS is one event,
and must not look like a sale for the moment between its two halves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from tillbridge.core import accounts
from tillbridge.core.accounts import Account, Entry
from tillbridge.core.events import Movement, StockMoved
from tillbridge.core.stock import ZERO, SideName, plain
from tillbridge.core.targets import Shelf


@dataclass(frozen=True, slots=True)
class Posted:
    """The shelves after the event, the entries that explain the change, and the refs that no link covers."""

    shelves: tuple[Shelf, ...]
    entries: tuple[tuple[Account, Entry], ...]
    unlinked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unbookable:
    """The event cannot be booked: a stable reason, what is wrong, and how to mend it. Nothing of it is posted."""

    reason: str
    sentence: str
    fix: str


def post(event: StockMoved, source: str, number: int, shelves: Mapping[str, Shelf]) -> Posted | Unbookable:
    """Book `event` under `source` (the message's key). `shelves` holds what is linked, by the telling side's ref.

    What an opening contains already (`number`, the message's id, is not above its mark) is passed over. An outlet of
    which nobody has told before is opened at the level that the event names; the link's offset takes it up, so that
    goods which were there all along do not look like a delivery.
    """
    if event.ours:
        return Posted((), (), ())
    changed: dict[str, Shelf] = {}
    entries: list[tuple[Account, Entry]] = []
    unlinked: list[str] = []
    for (ref, outlet), (delta, before) in _summed(event.movements).items():
        shelf = changed.get(ref) or shelves.get(ref)
        if shelf is None:
            unlinked.append(ref)
            continue
        account = _account(shelf, event.side, outlet)
        if account is None:
            if before is None:
                return Unbookable(
                    "unknown_outlet",
                    f"stock of {shelf.link.sku!r} moved at the outlet {outlet!r}, whose level nobody has told us",
                    "name the outlet in [pos] outlets, or leave it out of them; then run `tillbridge sync`",
                )
            account, opening = accounts.opened(shelf.link.id, event.side, outlet, before, number - 1)
            entries.append((account, replace(opening, source=source)))
            shelf = replace(shelf, link=replace(shelf.link, offset=plain(shelf.link.offset - before)))
        elif number <= account.contains:
            continue
        if delta != 0:
            account, entry = accounts.bear(account, delta, source, event.cause.type, event.cause.document)
            entries.append((account, entry))
        changed[ref] = with_account(shelf, account)
    return Posted(tuple(changed.values()), tuple(entries), tuple(unlinked))


def _summed(movements: tuple[Movement, ...]) -> dict[tuple[str, str], tuple[Decimal, Decimal | None]]:
    """Delta per item and outlet, with the level before the first movement there."""
    sums: dict[tuple[str, str], tuple[Decimal, Decimal | None]] = {}
    for move in movements:
        delta, before = sums.get((move.ref, move.outlet), (ZERO, move.before))
        sums[move.ref, move.outlet] = (plain(delta + move.delta), before)
    return sums


def _account(shelf: Shelf, side: SideName, outlet: str) -> Account | None:
    if side is SideName.STORE:
        return shelf.store
    return next((account for account in shelf.pos if account.outlet == outlet), None)


def with_account(shelf: Shelf, account: Account) -> Shelf:
    """The shelf with this account in the place of the one it had for that side and outlet."""
    if account.side is SideName.STORE:
        return replace(shelf, store=account)
    others = tuple(other for other in shelf.pos if other.outlet != account.outlet)
    return replace(shelf, pos=(*others, account))
