"""Defects in how the shop keeps what the till tells of orders and sales."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from typing import Any

from tests.simulation.defects.planting import Defect, Planting
from tests.simulation.options import Wishes
from tillbridge import homecoming
from tillbridge.core import codec, homeward, wanted
from tillbridge.core.coming_back import ComingBack
from tillbridge.core.homeward import FromPos
from tillbridge.core.pos_papers import PosPaperKind
from tillbridge.core.stock import plain
from tillbridge.core.taken import Taken
from tillbridge.returning import ReturnRelay
from tillbridge.sides.till import mapping


def _return_moves_twice(planting: Planting) -> None:
    """The goods are born at the till, and leave the line in the shop as if the shop had put them back as well."""
    planting.put(
        homecoming, "_given_back", lambda line, quantity: replace(line, position=plain(line.position - quantity))
    )


def _refund_per_try(planting: Planting) -> None:
    _key_per_try(planting, ComingBack, "refund")


def _order_per_try(planting: Planting) -> None:
    _key_per_try(planting, FromPos, "draft")


def _key_per_try(planting: Planting, kind: type[ComingBack | FromPos], made: str) -> None:
    """What the shop is to make of such a task is sent under another key each time."""
    real = ReturnRelay._make

    def forgetful(self: Any, sent: Any) -> Any:
        if isinstance(sent.task, kind):
            anew = replace(getattr(sent.task, made), key=self._chance.new_key())
            sent = replace(sent, task=replace(sent.task, **{made: anew}))
        return real(self, sent)

    planting.put(ReturnRelay, "_make", forgetful)


def _own_return_refunded(planting: Planting) -> None:
    """What we told the till of a refund comes back from there, and is made a refund."""
    told, begin = mapping._told, ReturnRelay._begin

    def gullible(change: Any, counted: Any, tag: Any, topics: Any) -> Iterator[Any]:
        yield from told(change, counted, tag, topics)
        moved = mapping._moved(change, counted, tag)
        look = mapping._look(change, moved, topics) if moved.ours else None
        if look is not None:
            yield codec.encode_look(look)

    def believing(self: Any, unit: Any, message: Any, read: Any) -> Any:
        paper = None if read.paper is None else replace(read.paper, key="")
        return begin(self, unit, message, replace(read, paper=paper))

    planting.put(mapping, "_told", gullible)
    planting.put(ReturnRelay, "_begin", believing)


def _return_told_back(planting: Planting) -> None:
    planting.put(homecoming, "after", lambda taken, document: taken)


def _own_sale_told(planting: Planting) -> None:
    """An order that was made of the till's own sale is told to the till as a sale of the shop's."""
    enter, alone = homecoming.enter_order, wanted._alone

    def entered(unit: Any, sale: Any, made: Any) -> None:
        enter(unit, sale, made)
        (order,) = unit.orders([made.ref]).values()
        unit.save_orders([replace(order, alone=False)])
        unit.save_dossier(replace(unit.dossier(made.ref), alone="", taken=Taken()))

    planting.put(homecoming, "enter_order", entered)
    planting.put(wanted, "_alone", lambda paper, *about: alone(replace(paper, from_pos=""), *about))


def _late_is_now(planting: Planting) -> None:
    """A sale that was entered late is an order of the moment at which it was told."""
    real = ReturnRelay._make

    def today(self: Any, sent: Any) -> Any:
        if isinstance(sent.task, FromPos):
            now = self._books._clock.wall().astimezone(UTC)
            sent = replace(sent, task=replace(sent.task, draft=replace(sent.task.draft, at=now)))
        return real(self, sent)

    planting.put(ReturnRelay, "_make", today)


def _half_an_exchange(planting: Planting) -> None:
    real = homeward.parts_of

    def half(paper: Any, **about: Any) -> Any:
        parts = real(paper, **about)
        return [part for part in parts if part != "refund" or paper.kind is not PosPaperKind.EXCHANGE]

    planting.put(homeward, "parts_of", half)


def _never_handed_over(planting: Planting) -> None:
    real = homeward.parts_of
    planting.put(
        homeward, "parts_of", lambda paper, **about: [one for one in real(paper, **about) if one != "complete"]
    )


_COUNTER = Wishes(authority="both", reconcile="on", spoiling="off", restoring="off", orders="sale", counter="on")

KEEPING = (
    Defect("return-moves-twice", "what comes back at the till moves stock twice", _return_moves_twice, _COUNTER),
    Defect("refund-per-try", "a return at the till is made a refund with every try", _refund_per_try, _COUNTER),
    Defect("order-per-try", "a sale at the till is made an order with every try", _order_per_try, _COUNTER),
    Defect("own-return-refunded", "what we told the till is made a refund", _own_return_refunded, _COUNTER),
    Defect("return-told-back", "a return of the till is told to the till", _return_told_back, _COUNTER),
    Defect("own-sale-told", "a sale of the till is told to the till", _own_sale_told, _COUNTER),
    Defect("late-is-now", "a sale that was entered late is of the moment when it was told", _late_is_now, _COUNTER),
    Defect("half-an-exchange", "of an exchange the refund is left out", _half_an_exchange, _COUNTER),
    Defect("never-handed-over", "an order that left the shop is not completed", _never_handed_over, _COUNTER),
)
