"""How the till's values look on the wire: ids, cursors, quantities and prices are text. Pure."""

from __future__ import annotations

from typing import Any

from tillbridge.till.amounts import line_total, money, spell
from tillbridge.till.catalogue import Item
from tillbridge.till.feed import Change, LevelRow, Movement
from tillbridge.till.papers import AT_THE_COUNTER, Document, Entry, Kind


def item(found: Item) -> dict[str, Any]:
    """An item's card."""
    card = found.card
    price = money(card.price)
    return {"id": str(found.id), "sku": card.sku, "name": card.name, "price": price, "tracked": card.tracked}


def level(row: LevelRow) -> dict[str, Any]:
    """One item at one outlet; null where the till does not know."""
    return {
        "item_id": str(row.item),
        "sku": row.sku,
        "name": row.name,
        "outlet": row.outlet,
        "level": maybe(row.level),
    }


def change(found: Change) -> dict[str, Any]:
    """One change of the feed with all its movements."""
    return {
        "id": found.id,
        "n": found.n,
        "at": found.at,
        "kind": found.kind,
        "document": found.document,
        "key": found.key,
        "author": found.author,
        "movements": [movement(one) for one in found.movements],
    }


def movement(found: Movement) -> dict[str, Any]:
    """One level that moved."""
    return {
        "item_id": str(found.item),
        "sku": found.sku,
        "outlet": found.outlet,
        "delta": spell(found.delta),
        "before": spell(found.before),
    }


def document(found: Document, movements: tuple[Movement, ...]) -> dict[str, Any]:
    """A document as it was recorded. `n` is null while it waits for the register to come online."""
    return {
        "document": found.number,
        "n": found.n,
        "kind": found.kind,
        "key": found.key,
        "author": found.author,
        "at": found.at,
        "outlet": found.outlet,
        "to": found.to or None,
        "sale": found.sale or None,
        "reason": found.reason,
        "payment": found.payment or None,
        "total": money(found.total) if found.kind in AT_THE_COUNTER else None,
        "lines": [_entry(entry, found.kind) for entry in found.lines],
        "returned": [_entry(entry, found.kind) for entry in found.taken_back],
        "movements": [movement(one) for one in movements],
    }


def maybe(quantity: int | None) -> str | None:
    """A level that may be unknown."""
    return None if quantity is None else spell(quantity)


def _entry(entry: Entry, kind: Kind) -> dict[str, Any]:
    shown = {"item_id": str(entry.item), "sku": entry.sku, "name": entry.name, "quantity": spell(entry.quantity)}
    if kind in AT_THE_COUNTER:
        shown |= {"price": money(entry.price), "amount": money(line_total(entry.quantity, entry.price))}
    return shown
