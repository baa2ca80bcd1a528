"""What weighs on a link besides its two accounts, and how a change on either side enters there.

The authority decides only how a *change* is entered; both targets are one formula for all authorities (`targets`). So a
shop may change its authority, and no number jumps.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from tillbridge.core.stock import ZERO, plain


class Authority(StrEnum):
    """Whose word on stock counts."""

    BOTH = "both"
    POS = "pos"
    STORE = "store"


class Effect(StrEnum):
    """Where an entry of the journal went, besides the sum of its account."""

    NONE = ""
    """Nowhere else: an opening, or a write of ours."""
    COUNTED = "counted"
    """Into both targets: the other side is to follow."""
    LINE = "line"
    """Into the position of an order's line."""
    HELD = "held"
    """A fall that nobody explained: kept off sale until a person says what it was."""
    DISSOLVED = "dissolved"
    """A rise that restored exactly what a held fall had taken."""
    PUT_BACK = "put_back"
    """Into no target: the rule undoes it on its own side."""
    APART = "apart"
    """Into the link's offset: both sides keep what they show."""
    LOST = "lost"
    """A write of ours whose effect the side lost: the rule makes it again."""


SALES = frozenset({"sale", "return", "exchange", "void", "level"})
"""What the POS did with its customers, and what a feed tells that cannot say what it was. Where the store's word
counts, these cross all the same."""


@dataclass(frozen=True, slots=True)
class Fall:
    """The latest fall at the store that is held: the level before it, and by how much it fell (more than zero)."""

    before: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of both targets that no account holds. Quantities.

    `free`: store-born changes that belong to no order's line and count. `held`: falls at the store kept off sale.
    `uncounted`: POS-born changes that are put back. `positions`: what the lines of orders hold, all of them and
    (`admitted`) what of it crosses to the POS. `buffer`: what the store keeps back; `backorders`: whether it may sell
    what is not there.
    """

    free: Decimal = ZERO
    held: Decimal = ZERO
    uncounted: Decimal = ZERO
    positions: Decimal = ZERO
    admitted: Decimal = ZERO
    buffer: Decimal = ZERO
    backorders: bool = False
    last_fall: Fall | None = None


def store_change(terms: Terms, delta: Decimal, before: Decimal | None, authority: Authority) -> tuple[Terms, Effect]:
    """A change at the store that belongs to no order's line.

    Where the POS's word counts, a rise is put back, and a fall is held: somebody may have sold the piece. Only the next
    such change can dissolve a held fall, and only by restoring exactly the level before it; also after the owner gave
    the word to somebody else.
    """
    fall = terms.last_fall
    if fall is not None and before is not None and delta == fall.amount and before + delta == fall.before:
        return replace(terms, held=plain(max(ZERO, terms.held - delta)), last_fall=None), Effect.DISSOLVED
    forgotten = replace(terms, last_fall=None)
    if authority is not Authority.POS:
        return replace(forgotten, free=plain(terms.free + delta)), Effect.COUNTED
    if delta > ZERO:
        return forgotten, Effect.PUT_BACK
    fall = None if before is None else Fall(before, -delta)
    return replace(terms, held=plain(terms.held - delta), last_fall=fall), Effect.HELD


def pos_change(terms: Terms, delta: Decimal, cause: str, authority: Authority) -> tuple[Terms, Effect]:
    """A change at the POS. Where the store's word counts, only what customers did there crosses."""
    if authority is not Authority.STORE or cause in SALES:
        return terms, Effect.COUNTED
    return replace(terms, uncounted=plain(terms.uncounted + delta)), Effect.PUT_BACK


def explained(terms: Terms, amount: Decimal, authority: Authority) -> Terms:
    """What is free at the store turns out to be `amount` more than it was entered as, because lines of orders hold so
    much more. A held fall that they explain is held no more."""
    if authority is not Authority.POS:
        return replace(terms, free=plain(terms.free + amount))
    if amount < ZERO:
        return replace(terms, held=plain(terms.held - amount), last_fall=None)
    return replace(terms, held=plain(max(ZERO, terms.held - amount)), last_fall=None)


def sold(terms: Terms, amount: Decimal) -> Terms:
    """A person says that a held fall was a sale: the POS is told."""
    return replace(terms, held=plain(terms.held - amount), free=plain(terms.free - amount), last_fall=None)


def put_back(terms: Terms, amount: Decimal) -> Terms:
    """A person says that nothing was sold: the store offers it again."""
    return replace(terms, held=plain(terms.held - amount), last_fall=None)


def moved(terms: Terms, positions: Decimal, admitted: Decimal) -> Terms:
    """Lines of orders hold so much more than before, and so much more of it crosses."""
    return replace(terms, positions=plain(terms.positions + positions), admitted=plain(terms.admitted + admitted))


def words(effects: Collection[Effect]) -> str:
    """For people: what became of a change."""
    return ", ".join(_WORDS[effect] for effect in effects if effect in _WORDS)


_WORDS = {
    Effect.COUNTED: "it counts on both sides",
    Effect.LINE: "it belongs to an order",
    Effect.HELD: "kept off sale until a person says whether it was sold",
    Effect.DISSOLVED: "it restored what had fallen before",
    Effect.PUT_BACK: "put back on its own side",
    Effect.APART: "left standing as the link's offset",
    Effect.LOST: "the side lost a write of ours, which is made again",
}
