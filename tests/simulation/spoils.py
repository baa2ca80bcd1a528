"""What no connector could have kept right, piece by piece: the measure of what may be corrected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.simulation.rows import entries_of
from tests.simulation.truth import opened_at
from tillbridge.core.accounts import Account
from tillbridge.core.stock import ZERO, SideName
from tillbridge.core.targets import Shelf
from tillbridge.core.terms import Effect

if TYPE_CHECKING:
    from tests.simulation.world import World

IN_DOUBT = 60.0
"""Seconds before a link's opening in which a spoilt piece may be in the opening or not."""


@dataclass(frozen=True, slots=True)
class Spoil:
    """At `at` (steady seconds) the level of `ref` came to differ by `delta` from what its side tells. `how` names the
    fault."""

    side: SideName
    ref: str
    outlet: str
    delta: Decimal
    at: float
    how: str


@dataclass(frozen=True, slots=True)
class Spoilt:
    """What was spoilt of one account: by how much in all, and with its signs. `exact`: the account must be off by that
    where nobody mends it; else by no more than its size."""

    size: Decimal
    signed: Decimal
    exact: bool

    def __bool__(self) -> bool:
        return self.size > ZERO

    def may_be(self, off: Decimal) -> bool:
        """Whether an account may be off by so much."""
        return off == self.signed if self.exact else abs(off) <= self.size

    def __str__(self) -> str:
        return f"{self.signed} of {self.size}"


def spoils_of(world: World) -> Iterator[Spoil]:
    """Everything: what the faults did, and what the till by itself lost or did twice."""
    yield from world.spoilt
    for one in world.pos.spoilt.values():
        row = one.row
        delta = row.delta if one.how == "twice" else -row.delta
        yield Spoil(SideName.POS, row.ref, row.outlet, delta, world.posted_at.get(row.n, 0.0), one.how)


def amounts_of(world: World, shelf: Shelf, account: Account) -> Spoilt:
    """What was spoilt of this account since its opening."""
    ref, opened = shelf.link.ref(account.side), opened_at(world, account)
    here = [one for one in spoils_of(world) if (one.side, one.ref, one.outlet) == (account.side, ref, account.outlet)]
    counted = [one.delta for one in here if one.at > opened - IN_DOUBT]
    doubtful = any(opened - IN_DOUBT < one.at <= opened for one in here)
    exact = not doubtful and not _may_be_mended(world, account)
    left = sum(counted, ZERO) - _put_down_to_orders(world, account)
    return Spoilt(sum(map(abs, counted), ZERO), left, exact)


def _put_down_to_orders(world: World, account: Account) -> Decimal:
    """What of it was taken for that of orders' lines, which hold as much, of which nobody had told: those that were
    settled before first contact are met only when something of them stirs."""
    here = [one for one in entries_of(world) if (one.link, one.side) == (account.link, account.side)]
    return sum((one.amount for one in here if one.corrects and one.effect == Effect.LINE), ZERO)


def size_of(world: World, shelf: Shelf) -> Decimal:
    """How many pieces of a link were spoilt in all."""
    return sum((amounts_of(world, shelf, account).size for account in shelf.all()), ZERO)


def _may_be_mended(world: World, account: Account) -> bool:
    """Whether somebody else may have noticed: a feed of levels tells everything, a dead request of the shop is settled
    by its level, and so is a line of an order that somebody edited without a word."""
    if account.side is SideName.POS:
        return world.options.pos in LEVEL_FEEDS
    return any(name.startswith("php-dies") or name == "edit-line-silently" for name in world.met)


LEVEL_FEEDS = frozenset({"levels", "mute-levels"})
