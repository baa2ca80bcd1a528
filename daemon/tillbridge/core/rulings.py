"""What a person's word does to a link: it moves the terms of both targets, never an account. The one rule writes what
follows, and the opposite amounts take it back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from tillbridge.core import targets, terms
from tillbridge.core.stock import ZERO, SideName, plain
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Terms

OFFSET = "offset"

TERMS = ("free", "held", "uncounted", "positions", "admitted", "buffer")
"""The terms that have an amount."""

NEVER_BELOW_ZERO = ("held", "buffer")


def moved(shelf: Shelf, changes: Mapping[str, Decimal]) -> Shelf:
    """The shelf after these terms (the offset among them) moved by so much. What the latest fall was is no longer sure,
    so that no later rise dissolves it."""
    offset = plain(shelf.link.offset + changes.get(OFFSET, ZERO))
    free, held, uncounted, positions, admitted, buffer = (
        plain(getattr(shelf.terms, name) + changes.get(name, ZERO)) for name in TERMS
    )
    after = Terms(free, held, uncounted, positions, admitted, buffer, shelf.terms.backorders)
    return replace(shelf, link=replace(shelf.link, offset=offset), terms=after)


def opposite(changes: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What takes these changes back."""
    return {name: plain(-amount) for name, amount in changes.items()}


def fits(shelf: Shelf) -> bool:
    """Whether its terms may be so: what is kept off sale or kept back is never less than nothing."""
    return all(getattr(shelf.terms, name) >= ZERO for name in NEVER_BELOW_ZERO)


def sold(shelf: Shelf) -> Shelf:
    """All that is kept off sale was sold: the POS is told."""
    return replace(shelf, terms=terms.sold(shelf.terms, shelf.terms.held))


def put_back(shelf: Shelf) -> Shelf:
    """Nothing of what is kept off sale was sold: the store offers it again."""
    return replace(shelf, terms=terms.put_back(shelf.terms, shelf.terms.held))


def pos_is_right(shelf: Shelf) -> Shelf:
    """The difference that was left standing is given up: the store follows the POS."""
    return moved(shelf, {OFFSET: -shelf.link.offset})


def store_is_right(shelf: Shelf) -> Shelf:
    """The difference that was left standing is taken into both: the POS follows the store."""
    return moved(shelf, {OFFSET: -shelf.link.offset, "free": shelf.link.offset})


def smaller(shelf: Shelf) -> Shelf:
    """Whichever of these two makes less of it."""
    return pos_is_right(shelf) if shelf.link.offset > ZERO else store_is_right(shelf)


SETTLING: Mapping[str, Callable[[Shelf], Shelf]] = {
    "pos": pos_is_right,
    "store": store_is_right,
    "smaller": smaller,
}
"""What a person may say of a difference that was left standing, so that none is left."""


def follows(before: Shelf, after: Shelf) -> str:
    """For people: what the one rule will write because of it."""
    writes = []
    for side in SideName:
        more = plain(targets.target(side, after) - targets.target(side, before))
        if more:
            writes.append(f"the {side} gets {more:+f}")
    return ", ".join(writes) or "nothing is written"
