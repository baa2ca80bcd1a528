"""Before a whole shop is looked at: which of its open orders hold something else than the books say?

Most orders stir when something about them changes. One that was changed where no hook fires is found here, and is
compared like the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from tillbridge.core import positions
from tillbridge.core.positions import Order, OrderSeen
from tillbridge.core.stock import SideName
from tillbridge.ports import Books, Orders, Unit

_AT_ONCE = 200


class OpenOrders:
    """Looks when called, and stirs what differs."""

    def __init__(self, books: Books, orders: Orders) -> None:
        self._books = books
        self._orders = orders

    def __call__(self) -> int:
        """How many orders differ, or are not there any more though their lines hold something. Raises `SideTrouble`."""
        met: set[str] = set()
        differ = 0
        pages = iter(self._orders.open_positions())
        while page := list(islice(pages, _AT_ONCE)):
            met.update(seen.order for seen in page)
            with self._books.writing() as unit:
                odd = [seen.order for seen in page if _differs(unit, seen)]
                unit.stir(odd, unit.now)
            differ += len(odd)
        return differ + sum(self._missing(orders, met) for orders in self._promised())

    def _promised(self) -> Iterator[list[Order]]:
        """Orders whose pieces are promised and not sent, by pages."""
        after = ""
        while True:
            with self._books.writing() as unit:
                page = unit.not_admitted(_AT_ONCE, after)
            if not page:
                return
            yield [order for order in page if not order.gone]
            after = page[-1].ref

    def _missing(self, orders: Sequence[Order], met: set[str]) -> int:
        """The shop does not show them among its open ones, and yet they hold something."""
        gone = [order.ref for order in orders if order.ref not in met]
        with self._books.writing() as unit:
            holding = {line.order for line in unit.lines_of_orders(gone) if line.holds}
            unit.stir(holding, unit.now)
        return len(holding)


def _differs(unit: Unit, seen: OrderSeen) -> bool:
    refs = sorted({ref for line in seen.lines for ref in line.refs})
    links = {ref: shelf.link.id for ref, shelf in unit.shelves(SideName.STORE, refs).items()}
    return bool(positions.differences(seen, unit.lines_of_orders([seen.order]), links))
