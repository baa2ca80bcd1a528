"""What the shop keeps back of each item is the owner's setting: links that were made under another one take it over at
start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from tillbridge.booking import make_due
from tillbridge.core.stock import ZERO, SideName, spell
from tillbridge.ports import Books

BUFFER_CHANGED = "buffer_changed"

_LINKS_A_TRANSACTION = 500


def no_buffer(_: str) -> Decimal:
    """Nothing is kept back, whatever the SKU."""
    return ZERO


def take_buffers(books: Books, buffers: Callable[[str], Decimal]) -> frozenset[SideName]:
    """Give each link the buffer of its SKU; where something is to be written for that."""
    due: frozenset[SideName] = frozenset()
    last = 0
    while True:
        with books.writing() as unit:
            page = unit.shelves_after(last, _LINKS_A_TRANSACTION)
            changed = []
            for shelf in page:
                buffer = buffers(shelf.link.sku)
                if buffer == shelf.terms.buffer:
                    continue
                after = replace(shelf, terms=replace(shelf.terms, buffer=buffer))
                unit.rule(shelf, after, 0, BUFFER_CHANGED, "", _WORDS.format(buffer=spell(buffer)))
                changed.append(after)
            due |= make_due(unit, changed)
        if not page:
            return due
        last = page[-1].link.id


_WORDS = "the settings say that the shop keeps {buffer} back"
