"""The nouns of the tests: accounts, links, shelves and events, with only what a test is about spelled out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from tillbridge.core import accounts, codec
from tillbridge.core.accounts import Account, Attempt
from tillbridge.core.events import Cause, LevelSeen, Movement, StockMoved, Told
from tillbridge.core.links import Pair
from tillbridge.core.positions import Line
from tillbridge.core.stock import Item, Link, SideName
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Effect, Terms
from tillbridge.db.books import SqlBooks
from tillbridge.db.connect import Connection, open_database
from tillbridge.ports import Clock, Unit

STORE, POS = SideName.STORE, SideName.POS
CUP_STORE, CUP_POS, CUP = "51", "12", "CUP-BLUE"
"""The one product that most tests are about, as each side calls it."""

BY_HAND = Cause("admin")
"""Why the shop's stock moved, where no order did it."""


def account(
    side: SideName = STORE,
    opening: str = "0",
    born: str = "0",
    written: str = "0",
    *,
    outlet: str | None = None,
    unsettled: Attempt | None = None,
) -> Account:
    """An account of link 1; the outlet is the side's usual one."""
    where = outlet if outlet is not None else ("" if side is STORE else "main")
    return Account(1, side, where, Decimal(opening), Decimal(born), Decimal(written), unsettled)


def attempt(amount: str = "-2", doubt: float | None = None, key: str = "k") -> Attempt:
    """A write under way."""
    return Attempt(key, Decimal(amount), 100.0, 100.0, doubt)


def bear(
    account: Account, amount: Decimal, source: str, cause: str, document: str = ""
) -> tuple[Account, accounts.Entry]:
    """A change that was born there and counts."""
    return accounts.bear(account, amount, source, Cause(cause, document), Effect.COUNTED)


def link(offset: str = "0") -> Link:
    """Link 1: the cup."""
    return Link(1, CUP, CUP_STORE, CUP_POS, Decimal(offset))


def shelf(store: Account, *pos: Account, offset: str = "0") -> Shelf:
    """The cup's shelf with these accounts; what was born at the store belongs to no order."""
    return Shelf(link(offset), store, pos, Terms(free=store.born))


def quantities(**amounts: str) -> Terms:
    """The terms of a link, by name."""
    decimals: dict[str, Any] = {name: Decimal(amount) for name, amount in amounts.items()}
    return Terms(**decimals)


def shelf_with(terms: Terms, store: str = "10", *pos: str, offset: str = "0") -> Shelf:
    """The cup's shelf under these terms, with these opening levels: the POS's outlets are main and cellar."""
    outlets = zip(("main", "cellar"), pos or ("10",), strict=False)
    accounts_there = tuple(account(POS, level, outlet=outlet) for outlet, level in outlets)
    return Shelf(link(offset), account(STORE, store), accounts_there, terms)


def line(position: str = "0", order: str = "9001", number: str = "3", **quantities: str) -> Line:
    """A line of an order for the cup; further quantities by name."""
    return Line(order, number, 1, Decimal(position), **{name: Decimal(amount) for name, amount in quantities.items()})


def item(ref: str, sku: str, *, tracked: bool = True, parent: str = "") -> Item:
    """A sellable thing."""
    return Item(ref, sku, f"Item {sku}", tracked, parent)


def movement(delta: str, ref: str = CUP_POS, outlet: str = "main", before: str | None = None) -> Movement:
    """One level that moved at the POS."""
    return Movement(ref, outlet, Decimal(delta), None if before is None else Decimal(before))


def moved(
    *movements: Movement, event_id: str = "1", side: SideName = POS, ours: bool = False, key: str = ""
) -> StockMoved:
    """A document that moved stock."""
    return StockMoved(side, event_id, "2026-11-22T10:11:12Z", movements, Cause("sale", "S-1"), ours, key)


def store_moved(
    delta: str, cause: Cause = BY_HAND, before: str | None = None, event_id: str = "1", ref: str = CUP_STORE
) -> StockMoved:
    """A change at the store; it belongs to no order's line unless its cause says so."""
    return StockMoved(STORE, event_id, "2026-11-22T10:11:12Z", (movement(delta, ref, "", before),), cause)


def of_line(order: str = "9001", number: str = "3", type_: str = "order_line") -> Cause:
    """Why the shop moved stock for a line of an order."""
    return Cause(type_, order, number)


def level_seen(level: str, begun: float, outlet: str = "main", ref: str = CUP_POS) -> LevelSeen:
    """A level that the POS's feed told, read since `begun`."""
    return LevelSeen(POS, f"{ref}@{begun}", "2026-11-22T10:11:12Z", ref, outlet, Decimal(level), begun)


def sale_at_pos(event_id: str, delta: str = "-1", ref: str = CUP_POS, outlet: str = "main") -> Told:
    """A till sale as it lies in the queue."""
    return codec.encode_moved(moved(movement(delta, ref, outlet), event_id=event_id))


def store_event(event_id: str, topic: str = "stock.changed", **data: Any) -> dict[str, Any]:
    """An event as the shim pushes it."""
    return {"id": event_id, "n": 1, "topic": topic, "at": "2026-11-22T10:11:12Z", "origin": "store", "data": data}


def sale_in_store(event_id: str, delta: str = "-1", ref: str = CUP_STORE) -> Told:
    """A web order's stock change as it lies in the queue."""
    cause = {"type": "order_line", "order_id": 9001, "line_id": 3}
    return codec.told_by_store(store_event(event_id, product_id=int(ref), sku=CUP, delta=delta, cause=cause))


def line_changed(
    event_id: str, delta: str, order: int = 9001, number: int = 3, type_: str = "order_line", ref: str = CUP_STORE
) -> Told:
    """A stock change for a line of an order, as it lies in the queue."""
    cause = {"type": type_, "order_id": order, "line_id": number}
    return codec.told_by_store(store_event(event_id, product_id=int(ref), sku=CUP, delta=delta, cause=cause))


def free_change(event_id: str, delta: str, before: str | None = None, ref: str = CUP_STORE) -> Told:
    """A stock change at the store that belongs to no order, as it lies in the queue."""
    cause = {"type": "admin"}
    data = store_event(event_id, product_id=int(ref), sku=CUP, delta=delta, before=before, cause=cause)
    return codec.told_by_store(data)


def order_told(event_id: str, status: str = "", order: int = 9001, topic: str = "order.changed") -> Told:
    """Something about an order stirred, as it lies in the queue."""
    return codec.told_by_store(store_event(event_id, topic, order_id=order, status=status))


def told(kind: str, body: object, key: str = "store:x") -> Told:
    """Anything at all, as a message of that kind."""
    return Told(key, kind, body if isinstance(body, str) else json.dumps(body))


def database(folder: Path, extra: Mapping[str, int | str] | None = None) -> Connection:
    """The file books.sqlite3 in that folder, with its schema; without waiting for the disk, which tests need not."""
    return open_database(f"sqlite:///{folder}/books.sqlite3", {"synchronous": 0, **(extra or {})})


def books(connection: Connection, clock: Clock, boot: str = "boot-1") -> SqlBooks:
    """The books of one life of the daemon."""
    return SqlBooks(connection, clock, boot)


def open_cup(unit: Unit, store: str = "10", pos: str = "10", offset: str = "0", **outlets: str) -> Link:
    """Link the cup with these opening levels, counted before any event; further outlets of the POS by name."""
    openings = {(STORE, ""): Decimal(store), (POS, "main"): Decimal(pos)}
    openings |= {(POS, outlet): Decimal(level) for outlet, level in outlets.items()}
    return unit.open_link(Pair(CUP, CUP_STORE, CUP_POS), Decimal(offset), openings, 0)


def open_links(unit: Unit, count: int, level: str = "1000") -> None:
    """Links 1 … count: store ref and POS ref are the number."""
    for number in range(1, count + 1):
        openings = {(STORE, ""): Decimal(level), (POS, "main"): Decimal(level)}
        unit.open_link(Pair(f"SKU-{number}", str(number), str(number)), Decimal(0), openings, 0)
