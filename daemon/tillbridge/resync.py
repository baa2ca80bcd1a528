"""One thing looked at now, on both sides: what is there, what the books say, and what is still on its way.

Both feeds are read to their end, the levels are read, the feeds again. A level of which something was told in between,
or that has a write under way, is moving: it is said to be, and not called a difference. Nothing is written but what the
one rule writes anyway for what the feeds brought.

Of an order the lines are read and compared with ours; it is also put down for the comparison of orders, which acts by
the rule where a difference stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tillbridge.core import positions, targets
from tillbridge.core.accounts import Account
from tillbridge.core.positions import Line, LineKey, OrderSeen
from tillbridge.core.stock import ZERO, Level, SideName, spell
from tillbridge.core.targets import Shelf
from tillbridge.errors import Malformed, NoAnswer, SideTrouble
from tillbridge.ports import Books, Listing, Orders, Said, Side, Unit
from tillbridge.work import Work


class UnknownSku(Malformed):
    """No link was made for this SKU, and no order has that number."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one side shows for one item, by outlet; `trouble` where it could not be asked."""

    levels: Mapping[str, Level]
    trouble: str = ""


class Resync:
    """Looks when called."""

    def __init__(
        self, books: Books, listing: Listing, sides: Mapping[SideName, Side], work: Work, orders: Orders
    ) -> None:
        self._books = books
        self._listing = listing
        self._sides = sides
        self._work = work
        self._orders = orders

    def __call__(self, what: str) -> Said:
        """Of an SKU, or of the number of an order. Raises `UnknownSku`, `StorageTrouble`; of an order `SideTrouble`."""
        sku = what.strip()
        heard = self._work.drain()
        before = self._shelves(sku)
        if not before:
            return self._order(sku, heard)
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
        in_step = calm and all(one["difference"] == "0" for one in rows)
        return {"what": sku, "in_step": in_step, "rows": rows, "order": None}

    def _order(self, what: str, heard: Mapping[SideName, bool]) -> Said:
        """The lines of an order, as the shop shows them and as the books have them."""
        number = what.removeprefix("#")
        found = self._orders.positions([number])
        if not (heard[SideName.STORE] and self._work.drain()[SideName.STORE]):
            raise NoAnswer("the news of the shop cannot be read now, so its orders cannot be compared with the books")
        with self._books.writing() as unit:
            ours = unit.lines_of_orders([number])
            if not found and not ours and number not in unit.orders([number]):
                raise UnknownSku(self._why_unknown(what))
            seen = next(iter(found), OrderSeen(number, "", ()))
            lines = _lines(unit, seen, ours)
            agrees = all(line["difference"] == "0" for line in lines)
            if not agrees:
                unit.stir([number], unit.now)
        words = _order_words(is_there=bool(found), agrees=agrees)
        order = {"order": number, "status": seen.status, "words": words, "lines": lines}
        return {"what": what, "in_step": agrees, "rows": [], "order": order}

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
        return (
            f"no item is linked under the SKU {sku!r}, and the shop has no order of that number; `tillbridge sync`"
            " looks for new items"
        )


def _lines(unit: Unit, seen: OrderSeen, ours: list[Line]) -> list[dict[str, object]]:
    """A row for each line that the shop shows or the books know, linked or not."""
    refs = sorted({ref for line in seen.lines for ref in line.refs})
    shelves = unit.shelves(SideName.STORE, refs)
    links = {ref: shelf.link.id for ref, shelf in shelves.items()}
    shown: dict[LineKey, Decimal | None] = {}
    rows: list[dict[str, object]] = []
    for line in seen.lines:
        ref = next((ref for ref in line.refs if ref in links), None)
        if ref is None:
            note = "its product is not linked, so nothing of it crosses"
            rows.append(_line(line.line, "", ",".join(line.refs), line.reduced, None, ZERO, note))
        else:
            shown[seen.order, line.line, links[ref]] = line.reduced
    known = {positions.key(line): line.holds for line in ours}
    names = unit.shelves_by_link(sorted({link for _, _, link in {*shown, *known}}))
    for key in sorted({*shown, *known}):
        _, line_id, link = key
        item, holds, booked = names[link].link, shown.get(key, ZERO), known.get(key, ZERO)
        note = (
            "its _reduced_stock is no number" if holds is None else "" if key in shown else "the shop does not show it"
        )
        differs = None if holds is None else holds - booked
        rows.append(_line(line_id, item.sku, item.store_ref, holds, booked, differs, note))
    return rows


def _line(
    line: str, sku: str, ref: str, holds: Decimal | None, known: Decimal | None, differs: Decimal | None, note: str
) -> dict[str, object]:
    return {
        "line": line, "sku": sku, "ref": ref, "holds": _spelled(holds), "known": _spelled(known),
        "difference": _spelled(differs), "note": note,
    }  # fmt: skip


def _order_words(*, is_there: bool, agrees: bool) -> str:
    gone = "" if is_there else "the shop has no such order any more; "
    if agrees:
        return "its lines hold what the books say" if is_there else f"{gone}the books hold nothing for it"
    return f"{gone}its lines differ from the books: it is compared again now, and what stays is put down to it"


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
