"""How a shop is set up in a schedule: which till, whose word counts, what is kept back, whether anybody reconciles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

from tillbridge import settings
from tillbridge.core.terms import Authority
from tillbridge.settings import Settings

RECONCILE_EVERY = 120.0
SETTLE = 20.0
POLL_EVERY = 10.0
PULL_EVERY = 60.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody asked of all schedules; "mixed" leaves it to the seed."""

    pos: str = "keys"
    authority: str = "mixed"
    reconcile: str = "mixed"
    spoiling: str = "mixed"
    restoring: str = "mixed"


MIXED = Wishes()


@dataclass(frozen=True, slots=True)
class Options:
    """The setup of one schedule.

    `spoiling`: faults may happen that no connector can keep right. `restoring`: a database may be put back to a backup.
    An empty `send_on` sends every order at once.
    """

    pos: str = "keys"
    authority: Authority = Authority.BOTH
    buffer: int = 0
    send_on: frozenset[str] = frozenset()
    reconcile: bool = True
    spoiling: bool = False
    restoring: bool = False

    @property
    def outlets(self) -> tuple[str, ...]:
        """Where the store's word counts, the POS may have one outlet only."""
        return ("main",) if self.authority is Authority.STORE else ("main", "annex")

    def __str__(self) -> str:
        words = [f"till {self.pos}", f"authority {self.authority}", f"buffer {self.buffer}"]
        words.append(f"send_on {','.join(sorted(self.send_on)) or 'any'}")
        words += ["reconcile" if self.reconcile else "no reconcile"]
        words += [name for name in ("spoiling", "restoring") if getattr(self, name)]
        return ", ".join(words)


PLAIN = Options()


def chosen(seed: int, wishes: Wishes = MIXED) -> Options:
    """The setup of a schedule: as wished, and the rest by its seed."""
    dice = Random(f"options of {seed}")
    authority = _one(wishes.authority, dice.choice(("both", "both", "pos", "store")))
    buffer = dice.choice((0, 0, 0, 1, 3))
    send_on = dice.choice(("", "", "", "completed", "completed,processing", "on-hold,completed"))
    reconcile = _one(wishes.reconcile, dice.choice(("on", "on", "on", "off"))) == "on"
    spoiling = _one(wishes.spoiling, dice.choice(("on", "off", "off", "off"))) == "on"
    restoring = _one(wishes.restoring, "on" if dice.random() < 0.1 else "off") == "on"
    return Options(
        wishes.pos,
        Authority(authority),
        0 if authority == "store" else buffer,
        frozenset(send_on.split(",")) if send_on else frozenset(),
        reconcile or restoring,
        spoiling,
        restoring,
    )


def _one(wish: str, by_the_dice: str) -> str:
    return by_the_dice if wish == "mixed" else wish


@cache
def settings_of(options: Options) -> Settings:
    """What the owner wrote into the settings file."""
    given: Mapping[tuple[str, str], str] = {
        ("pos", "url"): "http://till.example",
        ("pos", "token"): "env:TOKEN",
        ("stock", "authority"): str(options.authority),
        ("stock", "buffer"): str(options.buffer),
        ("stock", "settle"): f"{SETTLE:g}s",
        ("stock", "reconcile_every"): f"{RECONCILE_EVERY:g}s",
        ("orders", "send_on"): ",".join(sorted(options.send_on)) or "any",
    }
    return settings.read(None, {"TOKEN": "a token of the simulation"}, given)
