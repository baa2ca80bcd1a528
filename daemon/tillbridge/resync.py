"""One thing looked at now, on both sides: what is there, what the books say, and what is still on its way.

Both feeds are read to their end, the levels are read, the feeds again. A level of which something was told in between,
or that has a write under way, is moving: it is said to be, and not called a difference. Nothing is written but what the
one rule writes anyway for what the feeds brought.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tillbridge.core import targets
from tillbridge.core.accounts import Account
from tillbridge.core.stock import Level, SideName, spell
from tillbridge.core.targets import Shelf
from tillbridge.errors import Malformed, SideTrouble
from tillbridge.ports import Books, Listing, Said, Side
from tillbridge.work import Work


class UnknownSku(Malformed):
    """No link was made for this SKU."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one side shows for one item, by outlet; `trouble` where it could not be asked."""

    levels: Mapping[str, Level]
    trouble: str = ""


class Resync:
    """Looks when called."""

    def __init__(self, books: Books, listing: Listing, sides: Mapping[SideName, Side], work: Work) -> None:
        self._books = books
        self._listing = listing
        self._sides = sides
        self._work = work

    def __call__(self, what: str) -> Said:
        """Raises `UnknownSku`, `StorageTrouble`."""
        sku = what.strip()
        heard = self._work.drain()
        before = self._shelves(sku)
        if not before:
            raise UnknownSku(self._why_unknown(sku))
        seen = {
            (link, side): self._look(side, shelf.link.ref(side)) if heard[side] else self._away(side)
            for link, shelf in before.items()
            for side in SideName
        }
        self._work.drain()
        with self._books.writing() as unit:
            after = unit.shelves_by_link(list(before))
            waiting = unit.writes_waiting(list(before))
        rows: list[dict[str, object]] = []
        for link, shelf in after.items():
            for side in SideName:
                rows += _rows(side, before[link], shelf, seen[link, side], waiting[link, side])
        calm = not any(targets.busy(side, shelf) for shelf in after.values() for side in SideName)
        return {"what": sku, "in_step": calm and all(one["difference"] == "0" for one in rows), "rows": rows}

    def _shelves(self, sku: str) -> dict[int, Shelf]:
        with self._books.writing() as unit:
            return {shelf.link.id: shelf for shelf in unit.shelves_by_sku(sku)}

    def _look(self, side: SideName, ref: str) -> Seen:
        try:
            return Seen({level.outlet: level for level in self._sides[side].levels_of(ref)})
        except SideTrouble as trouble:
            return Seen({}, str(trouble))

    def _away(self, side: SideName) -> Seen:
        reason = self._work.gates[side].breaker.reason
        return Seen({}, f"the {side} cannot be asked now" + (f": {reason}" if reason else ""))

    def _why_unknown(self, sku: str) -> str:
        held = next((one for one in self._listing.held() if one.sku == sku), None)
        if held is not None:
            return f"{sku!r} is held out of the sync ({held.reason}): {held.sentence}"
        return f"no item is linked under the SKU {sku!r}; `tillbridge sync` looks for new ones"


def _rows(side: SideName, before: Shelf, after: Shelf, seen: Seen, waiting: int) -> list[dict[str, object]]:
    """A row for each account, and for each outlet that the side shows and nobody has an account of."""
    old, new = (_accounts(side, shelf) for shelf in (before, after))
    rows: list[dict[str, object]] = []
    for outlet in [*new, *(name for name in seen.levels if name not in new)]:
        account, level = new.get(outlet), seen.levels.get(outlet)
        note = _note(account, old.get(outlet), level, seen.trouble)
        quantity = None if level is None else level.quantity
        sure = account is not None and quantity is not None and not note
        rows.append(
            {
                "side": str(side),
                "outlet": outlet,
                "ref": after.link.ref(side),
                "level": _spelled(quantity),
                "known": None if account is None else spell(account.known),
                "difference": spell(quantity - account.known) if sure and quantity is not None and account else None,
                "waiting": waiting,
                "note": note,
            }
        )
    return rows


def _note(account: Account | None, before: Account | None, level: Level | None, trouble: str) -> str:
    """Why the level cannot be compared with the account; nothing where it can."""
    if trouble:
        return trouble
    if level is None:
        return "it is not there any more"
    if level.quantity is None:
        return "its level is unknown there"
    if account is None:
        return "this outlet has no account yet: it is opened when something moves there"
    if account.unsettled is not None:
        return f"moving: a write of {spell(account.unsettled.amount)} is under way"
    return "moving: news of it are on their way" if level.moving or account != before else ""


def _accounts(side: SideName, shelf: Shelf) -> dict[str, Account]:
    return {account.outlet: account for account in shelf.all() if account.side is side}


def _spelled(quantity: Decimal | None) -> str | None:
    return None if quantity is None else spell(quantity)
