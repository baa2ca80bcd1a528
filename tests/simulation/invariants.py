"""What must be true when everything has come to rest (stock.md, "Invariants")."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from tests.simulation.world import World
from tillbridge.core import targets
from tillbridge.core.accounts import Account
from tillbridge.core.stock import ZERO, SideName
from tillbridge.core.targets import Shelf
from tillbridge.db.connect import Connection


def violations(world: World, connection: Connection) -> list[str]:
    """Every invariant that does not hold, in words; empty where all do."""
    assert world.daemon is not None
    with world.daemon.books.writing() as unit:
        refs = unit.linked_refs()[SideName.STORE]
        shelves = unit.shelves(SideName.STORE, refs)
    found = [problem for shelf in shelves.values() for problem in _conserved(world, shelf)]
    with connection.read() as db:
        entries = db.rows("SELECT link, side, outlet, kind, amount, source FROM entry")
        messages = db.rows("SELECT key, state, error FROM message WHERE state <> 'done'")
    found += _explained(shelves, entries)
    found += [f"exactly once: {key} is {state} ({error})" for key, state, error in messages]
    found += _no_echo(world, entries)
    found += [f"correction: {entry}" for entry in entries if str(entry[5]).startswith(("run:", "lost:"))]
    return found


def _conserved(world: World, shelf: Shelf) -> list[str]:
    """1. Each side's real level is what we know of it, and what we know is the target."""
    found = []
    store = world.shop.state.products[int(shelf.link.store_ref)].stock
    if store != shelf.store.known:
        found.append(f"conservation: {shelf.link.sku} shows {store} in the shop, known {shelf.store.known}")
    for account in shelf.pos:
        level = Decimal(world.book.feed.level(int(shelf.link.pos_ref), account.outlet) or 0) / 1000
        if level != account.known:
            found.append(f"conservation: {shelf.link.sku} shows {level} at {account.outlet}, known {account.known}")
    for side in SideName:
        if targets.target(side, shelf) != targets.known(side, shelf):
            found.append(
                f"target: {shelf.link.sku} at the {side}: {targets.target(side, shelf)} ≠ {targets.known(side, shelf)}"
            )
    real = sum((Decimal(world.book.feed.level(int(shelf.link.pos_ref), a.outlet) or 0) / 1000 for a in shelf.pos), ZERO)
    if store is not None and store != real + shelf.link.offset:
        found.append(
            f"agreement: {shelf.link.sku} shows {store} in the shop, {real} at the till, offset {shelf.link.offset}"
        )
    return found


def _explained(shelves: dict[str, Shelf], entries: list[tuple[Any, ...]]) -> list[str]:
    """7. The journal's entries of an account sum to what is known, kind by kind."""
    sums: defaultdict[tuple[int, str, str, str], Decimal] = defaultdict(lambda: ZERO)
    for link, side, outlet, kind, amount, _ in entries:
        sums[link, side, outlet, kind] += Decimal(amount)
    accounts: list[Account] = [account for shelf in shelves.values() for account in shelf.all()]
    return [
        f"explained: {account} but the journal says {kind}"
        f" {sums[account.link, str(account.side), account.outlet, kind]}"
        for account in accounts
        for kind, value in (("opening", account.opening), ("born", account.born), ("written", account.written))
        if sums[account.link, str(account.side), account.outlet, kind] != value
    ]


def _no_echo(world: World, entries: list[tuple[Any, ...]]) -> list[str]:
    """5. A change that we wrote never becomes a born change: every born entry is one that the side itself made."""
    ours = {key.key for key in world.shop.state.keys}
    return [f"echo: {source} was born" for _, _, _, kind, _, source in entries if kind == "born" and source in ours]
