"""What is ruled out by what a side can do, as data: none of it is waved away, and each is counted when it is met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tillbridge.core.stock import ZERO


@dataclass(frozen=True, slots=True)
class Limit:
    """`name` is what it is counted under; `kinds` the tills that it is about, all of them where there are none."""

    name: str
    kinds: frozenset[str]
    sentence: str


KEYLESS = frozenset({"history", "lossy", "mute", "mute-levels"})

LIMITS = (
    Limit(
        "limit:same-size",
        frozenset({"mute", "mute-levels"}),
        "A till that keeps neither keys nor a history: only its level can tell what became of a write. Whatever moved"
        " it untold looks like that write where it comes to the same size (an edit of the table, a request that"
        " a network repeats; and a sale where the feed tells levels too), or like a write without effect where it is"
        " the opposite one. The till's level is right then, and the other side never hears of what moved it.",
    ),
    Limit(
        "decided:write",
        frozenset({"mute", "mute-levels"}),
        "A till without keys and history: where its level fits neither with a lost write nor without it, only a person"
        " who looks there can tell, and until then nothing more is written there for the item.",
    ),
    Limit(
        "till:twice",
        KEYLESS,
        "A till without keys takes a request that a network repeats twice; a run finds it, and takes it for a change"
        " that happened there.",
    ),
    Limit(
        "till:overwritten",
        frozenset({"lossy"}),
        "A till that reads a level, thinks, and writes a level loses one of two changes at once. Ours is in its"
        " history, and is made again; somebody else's is found as a difference.",
    ),
    Limit(
        "restored-till",
        frozenset({"levels", "mute-levels"}),
        "A till that does not say how far its database has come cannot be told from one that was restored. Nothing"
        " stops; what its feed tells under numbers that it told before is passed over, and a run finds what differs.",
    ),
    Limit(
        "restored:unnoticed",
        frozenset(),
        "A side that was restored is noticed by its counter, or by its database's name. One that counts nothing, or has"
        " gone on further than we had last heard of before we hear from it again, is not; a run finds what differs.",
    ),
)


def same_size(amounts: Iterable[Decimal], moved: Iterable[Decimal]) -> bool:
    """Whether each of these amounts has the size of something that moved meanwhile: one change, or several one after
    the other."""
    changes = list(moved)
    sums = Counter(
        sum(changes[begin:end], ZERO) for begin in range(len(changes)) for end in range(begin + 1, len(changes) + 1)
    )
    return all(amount in sums for amount in amounts)
