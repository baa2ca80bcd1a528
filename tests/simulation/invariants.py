"""What must be true when everything has come to rest (stock.md, "Invariants")."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from tests.simulation import arrivals, documents, explained, journal, news, tender
from tests.simulation import shelf as goods
from tests.simulation.rows import entries_of
from tests.simulation.spoils import amounts_of, spoils_of
from tests.simulation.tills.floor import pieces
from tests.simulation.truth import truth_of
from tests.simulation.world import World
from tillbridge.core import targets
from tillbridge.core.accounts import Account
from tillbridge.core.stock import SideName
from tillbridge.core.targets import Shelf

SHOWN = frozenset({"unmapped_payment", "unmapped_tax", "unlinked_line", "negative_total"})
"""Why an order may be kept back, by the policies of the simulation's owners."""


def violations(world: World) -> list[str]:
    """Every invariant that does not hold, in words; empty where all do."""
    with world.daemon.books.writing() as unit:
        refs = unit.linked_refs()[SideName.STORE]
        shelves = list(unit.shelves(SideName.STORE, refs).values())
    found = [*world.watch.problems, *world.troubles.restored.problems]
    for shelf in shelves:
        found += _conserved(world, shelf)
        found += _on_target(world, shelf)
    entries, truth = entries_of(world), truth_of(world)
    found += explained.problems(world, shelves, entries)
    found += journal.problems(world, shelves, entries, truth)
    found += goods.problems(world, shelves, entries, truth)
    found += news.problems(world, shelves, entries, truth)
    found += documents.problems(world)
    found += arrivals.problems(world)
    found += tender.problems(world)
    found += _nothing_waits(world)
    return found


def _conserved(world: World, shelf: Shelf) -> Iterator[str]:
    """1. Each side's real level is what we know of it. Where something spoilt it and nobody reconciles, it is known to
    differ by exactly that."""
    for account in shelf.all():
        level = real_level(world, shelf, account)
        if level is None:
            yield f"conservation: {_name(shelf, account)} has no level"
            continue
        off = level - account.known
        spoilt = amounts_of(world, shelf, account)
        if off and (world.options.reconcile or not spoilt.may_be(off)):
            yield (
                f"conservation: {_name(shelf, account)} shows {level}, known {account.known}"
                + (f", spoilt {spoilt}" if spoilt else "")
            )


def _on_target(world: World, shelf: Shelf) -> Iterator[str]:
    """1. What we know is the target, or what is missing cannot be written there."""
    below_zero = world.daemon.sides[SideName.POS].abilities.below_zero
    for side in SideName:
        missing = targets.target(side, shelf) - targets.known(side, shelf)
        account = shelf.account(side, "main")
        able = account is None or bool(targets.writable(missing, account, below_zero=below_zero or side == "store"))
        if missing and able and not (account is not None and _is_refused(world, shelf, account)):
            wanted, known = targets.target(side, shelf), targets.known(side, shelf)
            yield f"target: {shelf.link.sku} at the {side} should show {wanted}, known {known}"


def _is_refused(world: World, shelf: Shelf, account: Account) -> bool:
    """Whether the till cannot take it by what spoilt it, and nobody looks for that."""
    return not world.options.reconcile and bool(amounts_of(world, shelf, account)) and account.side is SideName.POS


def _nothing_waits(world: World) -> Iterator[str]:
    """2. Every message is settled; whatever waits for a person was ruled out by an ability."""
    with world.connection.read() as db:
        rows = db.rows("SELECT key, state, reason, error FROM message WHERE state <> 'done'")
    waiting = arrivals.kept_back(world)
    for key, state, reason, error in rows:
        if state == "ready" and not world.options.reconcile and key.startswith("due:pos:") and any(spoils_of(world)):
            continue
        order = key.removeprefix("paper:")
        if key.startswith("paper:") and state == "parked" and (reason in SHOWN or order in waiting):
            continue
        if key.startswith("paper:") and documents.is_refused_as_known(world, order, reason):
            continue
        if key.startswith("pos-paper:") and state == "parked" and reason in arrivals.SHOWN:
            continue
        yield f"settled: {key} is {state} ({reason}: {error})"


def real_level(world: World, shelf: Shelf, account: Account) -> Decimal | None:
    """What the side really holds."""
    if account.side is SideName.STORE:
        return world.shop.state.products[int(shelf.link.store_ref)].stock
    level = world.book.feed.level(int(shelf.link.pos_ref), account.outlet)
    return None if level is None else pieces(level)


def _name(shelf: Shelf, account: Account) -> str:
    return f"{shelf.link.sku} at the {account.side}{f' ({account.outlet})' if account.outlet else ''}"
