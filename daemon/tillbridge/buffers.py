"""What the shop keeps back of each item is the owner's setting: links that were made under another one take it over at
start, and those whose SKU has changed at once. What is set for a SKU that nothing has is told: it does nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from tillbridge.booking import make_due
from tillbridge.core.links import Held
from tillbridge.core.stock import ZERO, SideName, spell
from tillbridge.ports import Books, Stories

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


def idle(
    stories: Stories, held: Sequence[Held], named: Iterable[str], in_shop: Collection[str] | None = None
) -> tuple[list[str], list[str]]:
    """The buffers that do nothing: those of a SKU that no product has, as problems; and those of products that are only
    not linked yet, as remarks. `named`: the SKUs that have a buffer; `in_shop`: those that the shop has, None where it
    was not asked: then the books say what they met."""
    reasons = {one.sku: one.reason for one in held if one.side is SideName.STORE and one.sku}
    with stories.reading() as story:
        if in_shop is None and not reasons and not story.count_links():
            return [], []  # before first contact nobody knows
        apart = [sku for sku in named if not story.shelves_by_sku(sku)]
    problems = [_UNKNOWN.format(sku=sku) for sku in apart if sku not in reasons and sku not in (in_shop or ())]
    remarks = [
        _NOT_LINKED.format(sku=sku, reason=reasons.get(sku, "not linked yet"))
        for sku in apart
        if sku in reasons or sku in (in_shop or ())
    ]
    return problems, remarks


_WORDS = "the settings say that the shop keeps {buffer} back"
_UNKNOWN = (
    "[stock] buffers: no product with the SKU {sku!r}, so its buffer does nothing: spell it as the shop does"
)
_NOT_LINKED = "the buffer of {sku!r} counts from when its product is linked ({reason})"
