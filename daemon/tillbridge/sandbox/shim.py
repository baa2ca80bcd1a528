"""The make-believe shop's side of Tillbridge: what it writes down about stock, and the door for our changes.

Rows are opened before the shop writes and closed after it, so that a request which dies in between still leaves the
level from before; keys make a change that arrives twice take effect once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import takewhile
from typing import Any

from tillbridge.sandbox.records import Acked, Cause, Key, Product, Row
from tillbridge.sandbox.site import Request, Site

RIPE = timedelta(minutes=5)
"""A row this old belongs to a request that is dead."""
WEBHOOK = "pos.webhook"
KEEP_WEBHOOK = timedelta(minutes=15)
KEEP_ACKED = timedelta(days=7)
KEEP_SETTLED = timedelta(days=7)
KEEP_KEYS = timedelta(days=90)
SWEEP_EVERY = timedelta(hours=1)
ZERO = Decimal(0)
TOLD = Decimal("0.001")
"""What is told is exact to this; a level may have more places."""


def told_between(before: Decimal, after: Decimal) -> Decimal:
    """By how much a level moved, between both as they are kept, so that what is told adds up to the kept level."""
    return after.quantize(TOLD) - before.quantize(TOLD)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one change of stock/apply."""

    key: str
    status: str
    level: Decimal | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of stock/levels."""

    product: Product
    level: Decimal | None
    managed: bool | str
    moving: bool


class Shim:
    """Outbox, applied keys and levels, over the shop's own tables."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._state = site.state
        self._swept: datetime | None = None

    @property
    def counter(self) -> int:
        return self._state.numbers.get("n") or 0

    @property
    def incarnation(self) -> str:
        return self._state.texts["incarnation"]

    # --- the outbox ---------------------------------------------------------------------------------------------------

    def open(self, request: Request, product: Product, path: str, cause: Cause) -> str:
        """Write down the level in the database just before the shop changes it; returns the row's id."""
        row = Row(
            id=self._site.new_id(), n=self._state.next("n"), topic="stock.changed", at=self._site.clock(),
            state="open", request=request.number, product_id=product.id, sku=product.sku, before=product.stock,
            path=path, cause=cause,
        )  # fmt: skip
        self._state.rows.put(row.id, row)
        request.rows.append(row.id)
        return row.id

    def close(self, row_id: str, delta: Decimal) -> None:
        """Write down what the change was. A row may be gone: settled as a dead request's while this one slept."""
        row = self._state.rows.get(row_id)
        if row is None or row.state != "open":
            return
        if delta == 0:
            self._state.rows.drop(row_id)
            return
        self._state.rows.put(row_id, replace(row, state="closed", delta=delta, closed_n=self.counter))

    def look_at(self, request: Request, topic: str, ref: int, about: dict[str, Any]) -> None:
        """Say once per request and object that something about it changed."""
        if topic not in self._site.tells or (topic, ref) in request.seen:
            return
        request.seen.add((topic, ref))
        row = Row(
            id=self._site.new_id(), n=self._state.next("n"), topic=topic, at=self._site.clock(), state="closed",
            request=request.number, about=about,
        )  # fmt: skip
        self._state.rows.put(row.id, row)
        request.rows.append(row.id)

    def seal(self, request: Request) -> bool:
        """The very end of a request: its rows may travel now. Says whether there are any."""
        sealed = False
        for row in map(self._state.rows.get, request.rows):
            if row is not None and row.state == "closed":
                self._state.rows.put(row.id, replace(row, state="sealed", about=self._fresh(row)))
                sealed = True
        return sealed

    def _fresh(self, row: Row) -> dict[str, Any]:
        """What a row says of an order is what the order is at the end of the request, not when its hook fired."""
        order = self._state.orders.get(row.about.get("order_id", 0)) if row.topic == "order.changed" else None
        return {**row.about, "status": order.status} if order is not None else row.about

    def page(self, limit: int) -> tuple[list[Row], bool]:
        """Unacknowledged rows that may travel, oldest first, and whether there are more."""
        self._ripen()
        sealed = [row for row in self._state.rows if row.state == "sealed"]
        return sealed[:limit], len(sealed) > limit

    def ack(self, ids: Iterable[str]) -> int:
        """The daemon has these on disk. Ids that are unknown, or not sealed yet, are passed over."""
        now = self._site.clock()
        done = 0
        for row_id in ids:
            row = self._state.rows.get(row_id)
            if row is not None and row.state == "sealed":
                self._state.acked.put(row_id, Acked(_erased(row), now))
                self._state.rows.drop(row_id)
                done += 1
        for old in list(takewhile(lambda kept: now - kept.acked_at > KEEP_ACKED, self._state.acked)):
            self._state.acked.drop(old.row.id)
        return done

    def unacked(self) -> int:
        return len(self._state.rows)

    def oldest(self) -> int | None:
        """For how many seconds the oldest row waits."""
        oldest = min((row.at for row in self._state.rows), default=None)
        return None if oldest is None else int((self._site.clock() - oldest).total_seconds())

    def keep_webhook(self, about: dict[str, Any]) -> None:
        """A webhook of the till, which may travel at once."""
        now = self._site.clock()
        row = Row(self._site.new_id(), self._state.next("n"), WEBHOOK, now, "sealed", 0, about=about)
        self._state.rows.put(row.id, row)

    def webhooks(self) -> int:
        return sum(row.topic == WEBHOOK for row in self._state.rows)

    def has_sealed(self) -> bool:
        return any(row.state == "sealed" for row in self._state.rows)

    def _ripen(self) -> None:
        """Settle the open rows of dead requests by the level, and seal what is old enough.

        A younger open row of the same product means that its request may still be writing: then the older one waits.
        """
        limit = self._site.clock() - RIPE
        for row in list(self._state.rows):
            if row.state == "open" and row.at <= limit:
                self._settle(row)
            elif row.state == "closed" and row.at <= limit:
                self._state.rows.put(row.id, replace(row, state="sealed"))
            elif row.topic == WEBHOOK and row.at <= self._site.clock() - KEEP_WEBHOOK:
                self._state.rows.put(row.id, _erased(row))

    def _settle(self, row: Row) -> None:
        product = self._state.products.get(row.product_id)
        later = [r for r in self._state.rows if r.state == "open" and r.product_id == row.product_id and r.n > row.n]
        if any(other.at > self._site.clock() - RIPE for other in later):
            return
        until = later[0].n if later else self.counter + 1
        level = later[0].before if later else product.stock if product else None
        if level is None:
            self._state.rows.drop(row.id)
            return
        delta = told_between(row.before or ZERO, level) - self._told_between(row, until)
        if delta == 0:
            self._state.rows.drop(row.id)
        else:
            # Its time is its opening: what a later open row found as its `before` has this change in it already.
            settled = replace(row, state="sealed", delta=delta, path="unknown", closed_n=row.n)
            self._state.rows.put(row.id, settled)

    def _told_between(self, row: Row, until: int) -> Decimal:
        """What others moved on this product after `row` was opened: other rows, and changes of ours."""
        rows = [*self._state.rows, *(kept.row for kept in self._state.acked)]
        told = (r.delta for r in rows if r.product_id == row.product_id and row.n <= r.closed_n < until)
        ours = (k.delta for k in self._state.keys if k.product_id == row.product_id and row.n <= k.at_n < until)
        return sum((delta for delta in (*told, *ours) if delta is not None), ZERO)

    # --- changes of ours ----------------------------------------------------------------------------------------------

    def apply(self, key: str, product_id: int, delta: Decimal) -> Result:
        """One change: key and level in one transaction, so that PHP dying leaves both or neither."""
        self._site.fuse("apply.begun")
        taken = self._state.keys.get(key)
        if taken is not None:
            status = "voided" if taken.delta is None else "duplicate"
            return Result(key, status, self._level(taken.product_id or product_id))
        product = self._state.products.get(product_id)
        refused = self._refused(key, product)
        if product is None or refused is not None:
            return refused or Result(key, "not_found")
        level = (product.stock or ZERO) + delta
        now = self._site.clock()
        self._site.fuse("apply.locked")
        self._state.keys.put(key, Key(key, product_id, delta, now, self.counter))
        status = stock_status(level, product.backorders)
        self._state.products.put(product_id, replace(product, stock=level, stock_status=status, modified=now))
        self._site.fuse("apply.committed")
        return Result(key, "applied", level)

    def void(self, key: str) -> Result:
        """Take the key, so that the change it belonged to never takes effect, unless it already has."""
        self._site.fuse("apply.begun")
        taken = self._state.keys.get(key)
        if taken is not None and taken.delta is not None:
            return Result(key, "applied", self._level(taken.product_id))
        if taken is None:
            self._state.keys.put(key, Key(key, 0, None, self._site.clock(), self.counter))
        self._site.fuse("apply.committed")
        return Result(key, "voided")

    def settled(self, keys: Iterable[str]) -> None:
        """The daemon will never ask about these again; they still keep out a very late duplicate for a week."""
        now = self._site.clock()
        for key in keys:
            row = self._state.keys.get(key)
            if row is not None and row.settled_at is None:
                self._state.keys.put(key, replace(row, settled_at=now))
        if self._swept is not None and now - self._swept < SWEEP_EVERY:
            return
        self._swept = now
        for row in list(self._state.keys):
            if now - row.at > KEEP_KEYS or (row.settled_at is not None and now - row.settled_at > KEEP_SETTLED):
                self._state.keys.drop(row.key)

    def _refused(self, key: str, product: Product | None) -> Result | None:
        if product is None or product.status == "trash":
            return Result(key, "not_found", message="No product has this id, or it lies in the trash.")
        if product.manage_stock:
            return None
        parent = self._state.products.get(product.parent_id)
        if parent is not None and parent.manage_stock:
            return Result(key, "parent_managed", message=f"The stock of this variation is kept at product {parent.id}.")
        return Result(key, "not_managed", message="Stock management is switched off for this product.")

    def _level(self, product_id: int) -> Decimal | None:
        product = self._state.products.get(product_id)
        return product.stock if product is not None else None

    # --- levels -------------------------------------------------------------------------------------------------------

    def levels(self, after: int, limit: int) -> tuple[list[Shown], int | None]:
        """A keyset page by id. Levels are read before the moving flags: a change in between is then flagged."""
        ids = sorted(p.id for p in self._state.products if p.id > after and self._listed(p))
        page = [self._state.products[i] for i in ids[:limit]]
        self._site.fuse("levels.read")
        moving = {row.product_id for row in self._state.rows if row.product_id}
        shown = [Shown(p, self._kept(p), self._managed(p), p.id in moving) for p in page]
        return shown, page[-1].id if len(ids) > limit else None

    def _listed(self, product: Product) -> bool:
        parent = self._state.products.get(product.parent_id)
        return product.status != "trash" and (parent is None or parent.status != "trash")

    def _kept(self, product: Product) -> Decimal | None:
        return product.stock if product.manage_stock else None

    def _managed(self, product: Product) -> bool | str:
        if product.manage_stock:
            return True
        parent = self._state.products.get(product.parent_id)
        return "parent" if parent is not None and parent.manage_stock else False


def _erased(row: Row) -> Row:
    """What is kept of a row that nobody needs the data of: a webhook's is somebody else's."""
    return replace(row, about={"erased": True}) if row.topic == WEBHOOK else row


def stock_status(level: Decimal | None, backorders: str) -> str:
    """What WooCommerce derives from a managed level."""
    if level is not None and level > 0:
        return "instock"
    return "outofstock" if backorders == "no" else "onbackorder"
