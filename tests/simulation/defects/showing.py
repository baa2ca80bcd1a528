"""Defects in the formulas themselves, which the books agree with and the shelf does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from tests.simulation.defects.planting import Defect, Planting
from tests.simulation.options import Wishes
from tillbridge.core import findings, targets, terms
from tillbridge.core.stock import ZERO, plain
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Authority, Effect, Terms


def _for_sale(more: Callable[[Shelf], Decimal]) -> Callable[[Planting], None]:
    """The shop may sell so much more than it should."""

    def plant(planting: Planting) -> None:
        real = targets.for_sale
        planting.put(targets, "for_sale", lambda shelf: plain(real(shelf) + more(shelf)))

    return plant


def _no_buffer(planting: Planting) -> None:
    planting.put(targets, "shown", lambda quantity, terms: quantity)


def _put_back_counts(planting: Planting) -> None:
    real = targets.common
    planting.put(targets, "common", lambda shelf: plain(real(shelf) + shelf.terms.uncounted))


def _any_rise_ends_a_fall(planting: Planting) -> None:
    real = terms.store_change

    def change(before: Terms, delta: Decimal, level: Decimal | None, authority: Authority) -> tuple[Terms, Effect]:
        if delta > ZERO and authority is Authority.POS:
            return replace(before, held=plain(max(ZERO, before.held - delta))), Effect.DISSOLVED
        return real(before, delta, level, authority)

    planting.put(terms, "store_change", change)


def _sold_twice(planting: Planting) -> None:
    """An order that the till was told of is taken off there twice."""
    real = targets.target

    def target(side: str, shelf: Shelf) -> Decimal:
        more = -shelf.terms.admitted if side == "pos" else ZERO
        return plain(real(side, shelf) + more)  # type: ignore[arg-type]

    planting.put(targets, "target", target)


def _corrected_double(planting: Planting) -> None:
    """After a restore a difference is entered with twice its size, and found again with the opposite sign."""
    real = findings.enter

    def enter(shelf: Shelf, finding: findings.Finding, run: int, contains: int) -> object:
        seen = replace(finding.seen, level=plain(finding.seen.level + finding.seen.amount))
        return real(shelf, replace(finding, seen=seen), run, contains)

    planting.put(findings, "enter", enter)


_BOTH = Wishes(authority="both", reconcile="on", spoiling="off", restoring="off")
_POS = Wishes(authority="pos", reconcile="on", spoiling="off", restoring="off")
_STORE = Wishes(authority="store", reconcile="on", spoiling="off", restoring="off")
_RESTORED = Wishes(authority="mixed", reconcile="on", spoiling="off", restoring="on")

SHOWING = (
    Defect("promised-on-sale", "what orders hold is offered again", _for_sale(lambda one: one.terms.positions), _BOTH),
    Defect("held-on-sale", "what is kept off sale is offered", _for_sale(lambda one: one.terms.held), _POS),
    Defect("no-buffer", "what the owner keeps back is offered", _no_buffer, _BOTH),
    Defect("put-back-counts", "what is put back at the till counts at the shop", _put_back_counts, _STORE),
    Defect("any-rise-ends-a-fall", "any rise is taken for the end of a held fall", _any_rise_ends_a_fall, _POS),
    Defect("taken-off-twice", "what an order holds is taken off the till twice", _sold_twice, _BOTH),
    Defect("corrected-double", "after a restore a difference is entered twice over", _corrected_double, _RESTORED),
)
