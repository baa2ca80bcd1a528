"""How lines come to stand on the paper: with their own amounts, at the item's price, or as the order had them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from tillbridge.till.catalogue import Card
from tillbridge.till.orders import Left, Standing, entry_of, share
from tillbridge.till.papers import Entry, Line, Payment
from tillbridge.till.refusal import Refusal


def sold(lines: Iterable[Line], cards: Mapping[int, Card]) -> tuple[Entry, ...]:
    """Lines that leave the shop, or have no customer."""
    return tuple(_entry(line, cards) for line in lines)


def taken_back(lines: Iterable[Line], cards: Mapping[int, Card], found: Standing | None) -> tuple[Entry, ...]:
    """Lines that come back. Without an amount of its own what comes back of a web order is worth what its customer paid
    for it: the same share of the line, taxes too."""
    if found is None:
        return sold(lines, cards)
    left = dict(found.left)
    entries: list[Entry] = []
    for line in lines:
        if line.amounts is not None or line.price is not None:
            entries.append(_entry(line, cards))
        else:
            entries += _shares(line, left, found)
    return tuple(entries)


def everything(found: Standing) -> tuple[Entry, ...]:
    """All that is left of an order, to be taken back."""
    return tuple(entry_of(line) for line in found.left.values() if not line.empty)


def paid_back(found: Standing) -> tuple[Payment, ...]:
    """All that was paid for an order, by the types with which it was."""
    return tuple(Payment(name, amount) for name, amount in sorted(found.payments.items()) if amount > 0)


def _entry(line: Line, cards: Mapping[int, Card]) -> Entry:
    if not line.item:
        return Entry(0, "", line.name, line.quantity, 0, line.line, line.amounts, line.restock)
    card = cards[line.item]
    price = card.price if line.price is None else line.price
    name = line.name or card.name
    return Entry(line.item, card.sku, name, line.quantity, price, line.line, line.amounts, line.restock)


def _shares(line: Line, left: dict[str, Left], found: Standing) -> Iterator[Entry]:
    """So many pieces, from the order's lines of that item or name, the first one first."""
    wanted = line.quantity
    for name, had in list(left.items()):
        if wanted and had.quantity > 0 and _fits(line, had.entry):
            some = share(had, min(wanted, had.quantity))
            wanted -= some.quantity
            taxes = {tax: amount - some.taxes.get(tax, 0) for tax, amount in had.taxes.items()}
            left[name] = Left(had.entry, had.quantity - some.quantity, had.net - some.net, taxes)
            yield replace(entry_of(some), restock=line.restock)
    if wanted:
        name, what = found.order_number or found.reference, f"item {line.item}" if line.item else line.name
        raise Refusal("returned_more", f"{what}: more comes back than was sold with order {name}", 409)


def _fits(line: Line, entry: Entry) -> bool:
    if line.line and line.line != entry.line:
        return False
    return entry.item == line.item and bool(line.item or line.line or line.name == entry.name)
