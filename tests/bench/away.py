"""A shop and a till that went on selling while the daemon was away: real processes, filled behind their backs, and an
own count of what was sold."""

from __future__ import annotations

import random
import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.daemon.programs import Program
from tests.daemon.rig import SITE, Rig
from tillbridge.core import codec
from tillbridge.core.stock import SideName
from tillbridge.sandbox import wire
from tillbridge.sandbox.server import now
from tillbridge.sandbox.shop import Shop
from tillbridge.sandbox.site import Facts
from tillbridge.sandbox.snapshot import Snapshot
from tillbridge.till import storage
from tillbridge.till.book import Book
from tillbridge.till.papers import Draft, Kind, Line

TYPED = 10
"""Items whose level somebody types now and then. More at once, and a brake would ask a person about them."""

Change = tuple[str, str]
"""Under which name a change is in the journal (the event's key at the shop, the document's number at the till), and the
SKU that moved."""


class Away(Rig):
    """Its shop does not push: everything waits until the daemon comes and fetches it.

    `sold_in_shop` and `sold_at_till` are the changes there, in their order; `expected` is kept as in every rig.
    """

    def __init__(self, folder: Path, skus: int, seed: int) -> None:
        super().__init__(folder, goods=[f"SKU-{number:04}" for number in range(1, skus + 1)])
        self._dice = random.Random(seed)
        self.sold_in_shop: dict[Change, Decimal] = {}
        self.sold_at_till: dict[Change, Decimal] = {}

    def __enter__(self) -> Away:
        super().__enter__()
        return self

    def open_shop(self) -> Program:
        arguments = ["--port", str(self.shop_port), "--secret-file", "store", "--site", SITE]
        arguments += ["--rest-key-file", "rest", "--database", "shop.sqlite3"]
        return self._program("shop-program", "tillbridge.sandbox", arguments)

    # --- the shop ---------------------------------------------------------------------------------------------------

    def sell_in_shop(self, events: int) -> None:
        """Orders, cancellations, refunds and what else happens, until so many events wait in the outbox."""
        self.shop.terminate()
        with self._shop_in_hand() as shop:
            month = _Month(shop, self._dice, self._products)
            while shop.shim.unacked() < events:
                month.go_on()
            for sku, delta in month.moved.items():
                self.expected[sku] += delta
            for row in shop.state.rows:
                if row.delta is not None:
                    self.sold_in_shop[codec.told_by_store(wire.event(row)).key, row.sku] = row.delta
        self.shop = self.open_shop()
        self.shop.ready()

    @contextmanager
    def _shop_in_hand(self) -> Iterator[Shop]:
        snapshot = Snapshot(self.folder / "shop.sqlite3")
        with closing(snapshot):
            shop = Shop(now, lambda: secrets.token_hex(16), Facts(site=SITE, address=self.shop_address))
            snapshot.load(shop.state)
            yield shop
            snapshot.save(shop.state)

    # --- the till ---------------------------------------------------------------------------------------------------

    def sell_at_till(self, sales: int) -> None:
        """So many sales, of one or two items each."""
        connection = storage.open_file(str(self.folder / "till.sqlite3"))
        connection.execute("PRAGMA synchronous = OFF")
        skus = sorted(self._items)
        with closing(connection):
            book = Book(connection, now, lambda: secrets.token_hex(16))
            for _ in range(sales):
                bought = {sku: self._dice.randint(1, 2) for sku in self._dice.sample(skus, self._dice.randint(1, 2))}
                lines = tuple(Line(int(self._items[sku]), 1000 * quantity) for sku, quantity in bought.items())
                number = book.record(Draft(Kind.SALE, "main", lines)).number
                for sku, quantity in bought.items():
                    self.sold_at_till[number, sku] = Decimal(-quantity)
                    self.expected[sku] -= quantity

    # --- afterwards -------------------------------------------------------------------------------------------------

    def waiting_in_shop(self) -> int:
        """Events that the shop still keeps for the daemon; asked of its database, so that it is not disturbed."""
        with closing(sqlite3.connect(f"file:{self.folder}/shop.sqlite3?mode=ro", uri=True, timeout=10)) as shop:
            found: int = shop.execute("SELECT COUNT(*) FROM records WHERE kind = 'rows'").fetchone()[0]
        return found

    def pieces_off(self) -> Decimal:
        """By how many pieces the two sides together differ from what must lie there."""
        levels = self.levels()
        return sum((abs(one - self.expected[sku]) for sku, pair in levels.items() for one in pair), Decimal(0))

    def booked(self, side: SideName) -> list[tuple[Change, Decimal]]:
        """What the journal says was born there, in the order in which it was booked."""
        name = "source" if side is SideName.STORE else "document"
        rows = self._journal(
            f"SELECT {name}, sku, amount FROM entry JOIN link ON link.id = entry.link"
            " WHERE kind = 'born' AND side = ? ORDER BY entry.rowid",
            side,
        )
        return [((name, sku), Decimal(amount)) for name, sku, amount in rows]

    def writes(self, side: SideName) -> tuple[int, int]:
        """How many changes were written there, and in how many calls: what one call brought is settled together."""
        ((writes, calls),) = self._journal(
            "SELECT COUNT(*), COUNT(DISTINCT at) FROM entry WHERE kind = 'written' AND side = ?", side
        )
        return writes, calls

    def orders_to_compare(self) -> int:
        """Orders that stirred, and whose lines are still to be compared with the shop's."""
        ((found,),) = self._journal("SELECT COUNT(*) FROM stirred")
        return int(found)

    def _journal(self, question: str, *values: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as books:
            return books.execute(question, values).fetchall()


class _Month:
    """What happens in a shop, one request after the other. `moved` counts by SKU what went and what came back."""

    def __init__(self, shop: Shop, dice: random.Random, products: dict[str, int]) -> None:
        self._shop = shop
        self._dice = dice
        self._products = products
        self._skus = sorted(products)
        self._open: list[int] = []
        self.moved: defaultdict[str, Decimal] = defaultdict(Decimal)

    def go_on(self) -> None:
        """The next thing that happens."""
        what = self._dice.random()
        if what < 0.80 or not self._open:
            self._buy()
        elif what < 0.90:
            self._shop.set_status(self._take(), "completed")
        elif what < 0.94:
            self._give_back(cancel=True)
        elif what < 0.98:
            self._give_back(cancel=False)
        else:
            self._receive()

    def _buy(self) -> None:
        bought = {sku: self._dice.randint(1, 2) for sku in self._dice.sample(self._skus, self._dice.randint(1, 4))}
        order = self._shop.checkout(*((self._products[sku], quantity) for sku, quantity in bought.items()))
        self._open.append(order.id)
        for sku, quantity in bought.items():
            self.moved[sku] -= quantity

    def _give_back(self, *, cancel: bool) -> None:
        order = self._shop.state.orders[self._take()]
        if cancel:
            self._shop.set_status(order.id, "cancelled")
        else:
            self._shop.refund(order.id)
        for line in order.lines:
            self.moved[line.sku] += line.quantity

    def _receive(self) -> None:
        """Somebody types a higher level."""
        sku = self._dice.choice(self._skus[:TYPED])
        level = self._shop.level(self._products[sku]) or Decimal(0)
        self._shop.write_level(self._products[sku], level + 12)
        self.moved[sku] += 12

    def _take(self) -> int:
        """An order of which nothing more will be heard."""
        at = self._dice.randrange(len(self._open))
        self._open[at], self._open[-1] = self._open[-1], self._open[at]
        return self._open.pop()
