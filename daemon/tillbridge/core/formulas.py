"""Both targets with their numbers put in, so that a person can add them up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tillbridge.core import targets
from tillbridge.core.stock import SideName, spell
from tillbridge.core.targets import Shelf


@dataclass(frozen=True, slots=True)
class Formula:
    """A number: what it is called, how it comes about in words, and in figures."""

    name: str
    words: str
    figures: str
    result: Decimal


def formulas(shelf: Shelf) -> tuple[Formula, ...]:
    """From the accounts to both targets, each step resting on the ones before."""
    terms, offset = shelf.terms, shelf.link.offset
    common, for_sale = targets.common(shelf), targets.for_sale(shelf)
    there = [amount for account in shelf.pos for amount in (account.opening, account.born)]
    return (
        Formula(
            "common",
            "POS openings + born at the POS - put back at the POS + free changes at the store",
            f"{_sum(there)} - {_term(terms.uncounted)} + {_term(terms.free)}",
            common,
        ),
        Formula(
            "for sale",
            "common - held by orders - kept off sale + offset",
            f"{_term(common)} - {_term(terms.positions)} - {_term(terms.held)} + {_term(offset)}",
            for_sale,
        ),
        _shown(shelf, for_sale),
        Formula(
            "pos target",
            "common - what of the orders has crossed",
            f"{_term(common)} - {_term(terms.admitted)}",
            targets.target(SideName.POS, shelf),
        ),
    )


def _shown(shelf: Shelf, for_sale: Decimal) -> Formula:
    sale, buffer = _term(for_sale), _term(shelf.terms.buffer)
    target = targets.target(SideName.STORE, shelf)
    if shelf.terms.backorders:
        return Formula("store target", "for sale - buffer; it may be sold below zero", f"{sale} - {buffer}", target)
    words = "for sale, the buffer kept back; what is missing is shown as it is"
    return Formula("store target", words, f"min({sale}, max(0, {sale} - {buffer}))", target)


def _sum(amounts: Iterable[Decimal]) -> str:
    return " + ".join(map(_term, amounts)) or "0"


def _term(amount: Decimal) -> str:
    return f"({spell(amount)})" if amount < 0 else spell(amount)
