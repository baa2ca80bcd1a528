"""How a shop is set up in a schedule: which till, whose word counts, what is kept back, whether anybody reconciles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from tests.simulation.homeward import Counter, counter_of, settings_of_counter
from tests.simulation.money import Money, money_of, settings_of_money
from tillbridge import arriving, settings
from tillbridge.core.routing import Travel
from tillbridge.core.terms import Authority
from tillbridge.engine import rules_of
from tillbridge.settings import Settings

RECONCILE_EVERY = 120.0
SETTLE = 20.0
POLL_EVERY = 10.0
PULL_EVERY = 60.0

TAKES_DOCUMENTS = frozenset({"keys", "repeating"})
"""The kinds of till that take sales. The others are told of orders as stock, whatever is wished."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody asked of all schedules; "mixed" leaves it to the seed."""

    pos: str = "keys"
    authority: str = "mixed"
    reconcile: str = "mixed"
    spoiling: str = "mixed"
    restoring: str = "mixed"
    orders: str = "stock"
    profile: str = "none"
    counter: str = "off"


MIXED = Wishes()


@dataclass(frozen=True, slots=True)
class Options:
    """The setup of one schedule.

    `spoiling`: faults may happen that no connector can keep right. `restoring`: a database may be put back to a backup.
    An empty `send_on` sends every order at once. `orders`: how they travel; `money` matters only where as sales, and so
    does `counter`, what is kept of what the till tells of orders and sales (None: nothing happens there).
    """

    pos: str = "keys"
    authority: Authority = Authority.BOTH
    buffer: int = 0
    send_on: frozenset[str] = frozenset()
    reconcile: bool = True
    spoiling: bool = False
    restoring: bool = False
    orders: Travel = Travel.STOCK
    profile: str = "none"
    money: Money = Money()
    counter: Counter | None = None

    @property
    def sells(self) -> bool:
        """Whether the till is told of orders as sales."""
        return self.orders is Travel.SALE

    @property
    def outlets(self) -> tuple[str, ...]:
        """Where the store's word counts, the POS may have one outlet only."""
        return ("main",) if self.authority is Authority.STORE else ("main", "annex")

    def __str__(self) -> str:
        words = [f"till {self.pos}", f"authority {self.authority}", f"buffer {self.buffer}"]
        words.append(f"send_on {','.join(sorted(self.send_on)) or 'any'}")
        words += ["reconcile" if self.reconcile else "no reconcile"]
        words += [name for name in ("spoiling", "restoring") if getattr(self, name)]
        words += [f"profile {self.profile}"] if self.profile != "none" else []
        words += [f"orders as sales ({self.money})"] if self.sells else []
        words += [str(self.counter)] if self.counter is not None else []
        return ", ".join(words)


PLAIN = Options()


def chosen(seed: int, wishes: Wishes = MIXED) -> Options:
    """The setup of a schedule: as wished, and the rest by its seed. What a profile says goes before both."""
    found = _by_the_seed(seed, wishes)
    travels = "sale" if Random(f"orders of {seed}").random() < 0.5 else "stock"
    profile = wishes.profile
    if profile != "none":
        rules = rules_of(_read({("sync", "profile"): profile}))
        store = rules.authority is Authority.STORE
        found = replace(
            found,
            authority=rules.authority,
            send_on=rules.send_on,
            profile=profile,
            buffer=0 if store else found.buffer,
        )
        travels = str(rules.orders)
    if _one("mixed" if profile != "none" else wishes.orders, travels) == "sale" and wishes.pos in TAKES_DOCUMENTS:
        found = replace(found, orders=Travel.SALE, money=money_of(seed, profile))
    return _with_counter(seed, wishes, found)


def _with_counter(seed: int, wishes: Wishes, found: Options) -> Options:
    """What is kept of what the till tells: by the profile where there is one."""
    dice = Random(f"is there a counter in {seed}")
    if not found.sells or _one(wishes.counter, dice.choice(("on", "off"))) == "off":
        return found
    counter = counter_of(seed)
    if found.profile != "none":
        counter = replace(counter, keeps=arriving.keeps_sales(_read({("sync", "profile"): found.profile})))
    return replace(found, counter=counter)


def _by_the_seed(seed: int, wishes: Wishes) -> Options:
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
    given = {
        ("stock", "buffer"): str(options.buffer),
        ("stock", "settle"): f"{SETTLE:g}s",
        ("stock", "reconcile_every"): f"{RECONCILE_EVERY:g}s",
    }
    if options.profile == "none":
        given[("stock", "authority")] = str(options.authority)
        given[("orders", "send_on")] = ",".join(sorted(options.send_on)) or "any"
        given[("orders", "as")] = str(options.orders)
    else:
        given[("sync", "profile")] = options.profile
    given |= settings_of_money(options.money) if options.sells else {}
    given |= settings_of_counter(options.counter) if options.counter is not None else {}
    return _read(given)


def _read(given: Mapping[tuple[str, str], str]) -> Settings:
    address = {("pos", "url"): "http://till.example", ("pos", "token"): "env:TOKEN"}
    return settings.read(None, {"TOKEN": "a token of the simulation"}, address | dict(given))
