"""How the till's values look on the wire: ids, cursors, quantities and prices are text. Pure."""

from __future__ import annotations

from typing import Any

from tillbridge.till.amounts import money, spell
from tillbridge.till.catalogue import Item
from tillbridge.till.customers import ADDRESS, Customer
from tillbridge.till.feed import Change, LevelRow, Movement
from tillbridge.till.papers import AT_THE_COUNTER, Document, Entry, Kind
from tillbridge.till.rules import Rules


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
        "reference": found.reference or None,
        "customer_id": None if found.customer is None else str(found.customer),
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
        "reference": found.reference or None,
        "number": found.order_number or None,
        "customer_id": None if found.customer is None else str(found.customer),
        "payments": [{"type": payment.type, "amount": money(payment.amount)} for payment in found.payments],
        "total": money(found.total) if found.kind in AT_THE_COUNTER else None,
        "lines": [_entry(entry, found.kind) for entry in found.lines],
        "returned": [_entry(entry, found.kind) for entry in found.taken_back],
        "movements": [movement(one) for one in movements],
    }


def maybe(quantity: int | None) -> str | None:
    """A level that may be unknown."""
    return None if quantity is None else spell(quantity)


def customer(found: Customer) -> dict[str, Any]:
    """Somebody whom the till knows; of whom was erased, only the number."""
    contact = found.contact
    return {
        "id": str(found.id),
        "external_id": contact.external_id or None,
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        "address": {part: contact.address.get(part, "") for part in ADDRESS},
        "erased": found.erased,
    }


def rules(found: Rules) -> dict[str, Any]:
    """What the till takes. No taxes: any name."""
    return {
        "payment_types": list(found.payment_types),
        "taxes": [{"name": tax.name, "percent": tax.percent} for tax in found.taxes],
        "register_open": found.register_open,
        "strict_postcode": found.strict_postcode,
    }


def _entry(entry: Entry, kind: Kind) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "item_id": str(entry.item) if entry.item else None,
        "sku": entry.sku,
        "name": entry.name,
        "quantity": spell(entry.quantity),
    }
    if kind in AT_THE_COUNTER:
        shown |= {
            "line": entry.line or None,
            "price": None if entry.amounts is not None else money(entry.price),
            "amount": money(entry.amount),
            "net": money(entry.net),
            "taxes": [{"tax": tax, "amount": money(amount)} for tax, amount in entry.taxes],
            "restock": entry.restock,
        }
    return shown
