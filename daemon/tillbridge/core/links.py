"""Which store product is which POS item: proposed by SKU, held out where that would be a guess."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tillbridge.core.stock import Item, Link, SideName


@dataclass(frozen=True, slots=True)
class Held:
    """An item that is kept out of the sync rather than guessed at; `reason` is a stable code, `sentence` for people."""

    side: SideName
    ref: str
    sku: str
    name: str
    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A proposed link."""

    sku: str
    store_ref: str
    pos_ref: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A link whose item one side has no more: when it ended (steady seconds), and why."""

    link: Link
    at: float
    words: str


def is_too_much(gone: int, linked: int, allowed: int, *, is_empty: bool) -> bool:
    """Whether so many items vanished from a side at once that a person must say so: more than `allowed`, all of
    several, or out of a catalogue that lists nothing at all."""
    return is_empty or gone > allowed or (gone == linked and linked > 1)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What linking by SKU yields: the pairs that are certain, and everything else with its reason."""

    pairs: tuple[Pair, ...]
    held: tuple[Held, ...]


def propose(store: Iterable[Item], pos: Iterable[Item], linked: Mapping[SideName, Sequence[str]]) -> Proposal:
    """Pair the items of both sides whose trimmed SKU is equal, filled and unique on both sides.

    `linked` holds the refs that already belong to a link: they keep their SKU occupied but are not paired again. What
    is for sale only in its variants, and keeps no stock, is nothing to link and nothing to complain about.
    """
    known = {side: set(refs) for side, refs in linked.items()}
    items = {SideName.STORE: list(store), SideName.POS: list(pos)}
    counts = {side: Counter(item.sku.strip() for item in found) for side, found in items.items()}
    by_sku = {side: {item.sku.strip(): item for item in found} for side, found in items.items()}
    pairs: list[Pair] = []
    held: list[Held] = []
    for side, found in items.items():
        families = {item.family for item in found if item.family}
        for item in found:
            if item.ref in known.get(side, ()) or (item.ref in families and not item.tracked):
                continue
            reason = _held_reason(item, side, counts, by_sku[side.other])
            if reason is not None:
                held.append(Held(side, item.ref, item.sku.strip(), item.name, reason, _SENTENCES[reason]))
                continue
            sku = item.sku.strip()
            other = by_sku[side.other][sku]
            if other.ref in known.get(side.other, ()):
                held.append(Held(side, item.ref, sku, item.name, "taken", _SENTENCES["taken"]))
            elif side is SideName.STORE:
                pairs.append(Pair(sku, item.ref, other.ref))
    return Proposal(tuple(pairs), tuple(held))


def _held_reason(
    item: Item, side: SideName, counts: Mapping[SideName, Counter[str]], opposite: Mapping[str, Item]
) -> str | None:
    sku = item.sku.strip()
    if item.parent:
        return "parent_holds_stock"
    if not sku:
        return "blank_sku"
    if counts[side][sku] > 1 or counts[side.other][sku] > 1:
        return "duplicate_sku"
    if sku not in opposite:
        return "only_here"
    if not item.tracked or not opposite[sku].tracked:
        return "untracked"
    if opposite[sku].parent:
        return "parent_holds_stock"
    return None


_SENTENCES = {
    "blank_sku": "It has no SKU. Give it the SKU that the same thing has on the other side.",
    "duplicate_sku": "Its SKU is used more than once. Give every item a SKU of its own on both sides.",
    "only_here": "The other side has no item with this SKU.",
    "untracked": "Stock is not tracked for it on both sides. Switch stock tracking on if it should be kept in step.",
    "parent_holds_stock": "Its parent product holds the stock. Track stock per variation to keep it in step.",
    "taken": "The item with this SKU on the other side is already linked to another one.",
}
