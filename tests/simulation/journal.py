"""Every change that a side acknowledged is one entry of the journal or inside an opening, and every entry is such a
change or a write of ours (stock.md, invariants 2, 3, 5 and 8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.simulation import mistaken
from tests.simulation.rows import Row
from tests.simulation.spoils import LEVEL_FEEDS, amounts_of
from tests.simulation.truth import Change, Truth, opened_at
from tillbridge.core.accounts import EntryKind
from tillbridge.core.stock import ZERO, SideName
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Authority, Effect

if TYPE_CHECKING:
    from tests.simulation.world import World

ON_ITS_WAY = 30.0
"""Seconds from a reading of a level to what is entered because of it."""


def problems(world: World, shelves: Sequence[Shelf], entries: Sequence[Row], truth: Truth) -> Iterator[str]:
    """What is in the journal and should not be, and what is not and should be."""
    yield from _corrections(world, shelves, entries)
    yield from _unknown(world, shelves, entries)
    if world.troubles.restored.forgot:
        return  # who lost his memory tells and hears other things than what happened
    yield from _born_once(world, shelves, entries, truth)
    yield from _nothing_missing(world, shelves, entries, truth)
    yield from _written_once(world, shelves, entries, truth)


def _corrections(world: World, shelves: Sequence[Shelf], entries: Sequence[Row]) -> Iterator[str]:
    """8. None without a spoiling fault or a restored backup; with one, no more than its own size."""
    restored = world.troubles.restored
    for shelf in shelves:
        for account in shelf.all():
            place = account.link, account.side, account.outlet
            mine = (one for one in entries if (one.link, one.side, one.outlet) == place and one.corrects)
            corrected = sum((abs(one.amount) for one in mine), ZERO)
            spoilt = amounts_of(world, shelf, account).size
            taken = restored.taken.of(shelf, account) if restored.done else ZERO
            if corrected > spoilt + taken:
                where = f"{shelf.link.sku} at the {account.side} {account.outlet}"
                yield f"correction: {where} was corrected by {corrected}, spoilt were {spoilt}, taken away {taken}"


def _unknown(world: World, shelves: Sequence[Shelf], entries: Sequence[Row]) -> Iterator[str]:
    """Unknown is never zero: while nobody can know a level, nothing is found there, and no account is opened."""
    refs = {shelf.link.id: shelf.link.store_ref for shelf in shelves}
    for one in entries:
        if one.side is SideName.STORE and (one.corrects or one.kind == EntryKind.OPENING):
            for ref, since, until in world.troubles.unknown:
                if ref == refs.get(one.link) and since + ON_ITS_WAY < one.at < until:
                    yield f"unknown: {one.amount} at the store was found ({one.source or one.kind}) without a level"


def _born_once(world: World, shelves: Sequence[Shelf], entries: Sequence[Row], truth: Truth) -> Iterator[str]:
    """2 and 5. Each born entry is one change that a side made by itself, with its amount, and entered where it belongs.
    None is ours."""
    by_link = {shelf.link.id: shelf for shelf in shelves}
    seen: Counter[tuple[int, str, str]] = Counter()
    for one in entries:
        if one.kind != EntryKind.BORN or one.corrects:
            continue
        if one.side is SideName.POS and world.options.pos in LEVEL_FEEDS:
            continue  # a level says nothing of the changes that made it
        seen[one.link, one.source, one.outlet] += 1
        ref = by_link[one.link].link.ref(one.side)
        change = truth.born.get((one.source, ref, one.outlet))
        if change is None:
            why = "echo" if one.source in truth.ours else "invented"
            yield f"{why}: {one.amount} of {by_link[one.link].link.sku} was born at the {one.side} as {one.source}"
        elif change.delta != one.amount:
            yield f"exactly once: {one.source} moved {change.delta}, entered was {one.amount}"
        elif one.effect not in _effects(world, change):
            yield f"effect: {one.source} ({change.cause}, {change.delta}) was entered as {one.effect!r}"
    yield from (f"exactly once: {key[1]} was entered {number} times" for key, number in seen.items() if number > 1)


def _effects(world: World, change: Change) -> set[str]:
    """Where a change may have gone, by the owner's rules (written out once more)."""
    authority = world.options.authority
    if change.side is SideName.POS:
        sold = change.cause in ("sale", "return", "exchange", "void")
        return {Effect.COUNTED} if sold or authority is not Authority.STORE else {Effect.PUT_BACK}
    if change.line:
        return {Effect.LINE}
    if authority is not Authority.POS:
        return {Effect.COUNTED}
    return {Effect.HELD} if change.delta < ZERO else {Effect.PUT_BACK, Effect.DISSOLVED}


def _nothing_missing(world: World, shelves: Sequence[Shelf], entries: Sequence[Row], truth: Truth) -> Iterator[str]:
    """3. Whatever a side acknowledged after an account was opened is entered, alone or in what a run found."""
    entered = {(one.source, one.link, one.outlet) for one in entries}
    corrected = {(one.link, one.side, one.outlet) for one in entries if one.corrects}
    for shelf in shelves:
        for account in shelf.all():
            if account.side is SideName.POS and world.options.pos in LEVEL_FEEDS:
                continue
            if (shelf.link.id, account.side, account.outlet) in corrected:
                continue
            opened, ref = opened_at(world, account), shelf.link.ref(account.side)
            for (source, there, outlet), change in truth.born.items():
                if (change.side, there, outlet) != (account.side, ref, account.outlet) or change.at <= opened:
                    continue
                if (source, shelf.link.id, outlet) not in entered:
                    yield f"lost: {change.delta} of {shelf.link.sku} at the {change.side} ({source}) was never entered"


def _written_once(world: World, shelves: Sequence[Shelf], entries: Sequence[Row], truth: Truth) -> Iterator[str]:
    """2. Every confirmed write took effect once, and every effect is confirmed, or is inside an opening that restored
    books took anew."""
    for shelf in shelves:
        for side in SideName:
            if side is SideName.POS:
                found = mistaken.at_the_till(world, shelf, entries, truth)
            else:
                there = Counter(truth.written[side].get(shelf.link.ref(side), []))
                ours = Counter(one.amount for one in entries if _is_write(one, shelf, side))
                found = mistaken.Mistaken(ours - there, there - ours)
            restored = bool(world.troubles.restored.done)
            if found and side is SideName.POS and mistaken.is_a_limit(world, shelf, entries, truth, found):
                world.met["limit:same-size"] += 1
            elif found.done or (found.undone and not restored):
                told = f"{_listed(found.done)} entered without effect, {_listed(found.undone)} took effect unentered"
                yield f"written: {shelf.link.sku} at the {side}: {told}"


def _is_write(one: Row, shelf: Shelf, side: SideName) -> bool:
    return (one.link, one.side, one.kind) == (shelf.link.id, side, EntryKind.WRITTEN) and not one.corrects


def _listed(amounts: Counter[Decimal]) -> str:
    return ", ".join(map(str, amounts.elements())) or "nothing"
