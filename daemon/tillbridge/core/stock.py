"""Quantities, levels and links: the nouns of a shared shelf.

Quantities are `Decimal` everywhere. A side's own arithmetic is not trusted with them: MariaDB answers
9.799999999999999 for `_stock`, so what is read is rounded to the SKU's precision, and what is *told* as a change
must fit that precision or is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tillbridge.errors import Malformed, TooFine

PRECISION = 3
"""Decimal places of a quantity unless a side declares fewer."""

LARGEST = Decimal(10) ** 12
"""Beyond this a quantity is a mistake: it would not survive `decimal(19,4)`-like columns on either side."""

ZERO = Decimal(0)
_ONE = Decimal(1)
_GRAIN = _ONE.scaleb(-PRECISION)

_SPELLING = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
"""How a quantity is written. `Decimal` itself would also take spaces, underscores, exponents and foreign digits."""


class SideName(StrEnum):
    """The two ends of the bridge: `store` is WooCommerce, `pos` is the till system."""

    STORE = "store"
    POS = "pos"

    @property
    def other(self) -> SideName:
        return SideName.POS if self is SideName.STORE else SideName.STORE


@dataclass(frozen=True, slots=True)
class Level:
    """What one side shows for one SKU at one outlet (`outlet` is "" at the store).

    `quantity` is None where the side does not know (untracked, missing): unknown is never zero.
    `moving` means that changes of this item are still on their way to us, so the level must not be used as an
    opening or compared with an account.
    """

    ref: str
    sku: str
    name: str
    outlet: str
    quantity: Decimal | None
    moving: bool = False
    backorders: bool | None = None
    """Whether it may be sold below zero; None where the side does not say."""


@dataclass(frozen=True, slots=True)
class Item:
    """A thing as its side lists it.

    `parent` is set where another item holds the stock, `family` where it is a variant of another item, which may hold
    nothing and be for sale only in its variants.
    """

    ref: str
    sku: str
    name: str
    tracked: bool
    parent: str = ""
    family: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """The pairing of a store product or variation with a POS item, by their ids; the SKU only proposed it.

    `offset` is what the store showed beyond the POS at first contact, left standing on purpose.
    """

    id: int
    sku: str
    store_ref: str
    pos_ref: str
    offset: Decimal

    def ref(self, side: SideName) -> str:
        return self.store_ref if side is SideName.STORE else self.pos_ref


def parse_quantity(value: object, where: str, precision: int = PRECISION) -> Decimal:
    """Read a quantity that somebody told us, exactly.

    Accepts a decimal string or an integer. Raises `Malformed` (naming `where`) for anything else: floats, NaN,
    exponents beyond reason, amounts beyond `LARGEST`, and `TooFine` for more places than `precision`.
    """
    if isinstance(value, bool) or not isinstance(value, str | int) or not _SPELLING.fullmatch(text := str(value)):
        raise Malformed(f'{where}: found {value!r}, allowed is a decimal string such as "-2" or "0.250"')
    number = Decimal(text)
    if not -LARGEST <= number <= LARGEST:
        raise Malformed(f"{where}: found {value!r}, allowed is a number up to {LARGEST:f}")
    exact = round_quantity(number, precision)
    if exact != number:
        raise TooFine(f"{where}: found {value!r}, allowed are at most {precision} decimal places")
    return exact


def round_quantity(number: Decimal, precision: int = PRECISION) -> Decimal:
    """Round a level as read to the precision in which it is kept (never used on a change: those must be exact)."""
    return plain(number.quantize(_GRAIN if precision == PRECISION else _ONE.scaleb(-precision)))


def plain(number: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent: one spelling for one quantity."""
    if not number:
        return ZERO
    whole = number.quantize(_ONE)
    return whole if whole == number else number.normalize()


def spell(number: Decimal) -> str:
    """A quantity as it crosses the wire and lies in the database."""
    return format(plain(number), "f")
