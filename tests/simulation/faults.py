"""What may go wrong in a schedule: by weight, with what it is about, and whether it spoils anything."""

from __future__ import annotations

from random import Random
from typing import Any

ON_THE_WIRE = (
    "drop", "time-out-before", "time-out-after", "delay", "duplicate", "error-after", "lying", "throttled",
)  # fmt: skip
"""They lie in wait for the next calls to a side."""

IN_THE_PUSH = ("push-lost", "push-delayed", "push-twice", "ack-lost", "reorder")
"""They lie in wait for the next pushes of the shop."""

HARMLESS = {
    "drop": 3, "time-out-before": 3, "time-out-after": 5, "delay": 4, "duplicate": 3, "error-after": 3, "lying": 2,
    "throttled": 2,
    "push-lost": 3, "push-delayed": 3, "push-twice": 2, "ack-lost": 3, "reorder": 2,
    "crash": 6, "restart": 2, "down": 3, "outage-store": 2, "outage-pos": 3, "offline-till": 3,
    "pause": 1, "blocked": 3, "cut-off": 3, "clock-jump": 2, "second-daemon": 2, "php-dies": 4, "overlap": 3, "hint": 2,
}  # fmt: skip
"""None of these may spoil anything: no correction is ever needed after them."""

SELLING = {"register-closed": 3}
"""Besides, where orders travel as sales: the register takes no document for a while."""

SPOILING = {"sql-store": 3, "sql-till": 3, "overlap-absolute": 4, "untracked": 2}
"""After these a side's level is not what its own news say. Each is as large as the pieces that it moves."""

RESTORING = {"restored-store": 1, "restored-till": 1, "restored-books": 1}
"""A database is put back to what it was some time before."""

RESTORED_WITH_SALES = {"restored-books": 1}
"""What may be put back where orders travel as sales. Of a shop or till that lost orders or sales nobody can say which
of them are still to be told; a person has to."""

REMEMBERS_OURS = frozenset({"keys", "repeating"})
"""Tills that tell again what we wrote, under its key, so that restored books of ours need not find it."""

NEVER_NOTICED = frozenset({"levels", "mute-levels"})
"""Tills that do not say how far their database has come: one that was restored is found only by its levels."""


FAULTS = HARMLESS | SPOILING | RESTORING
"""Those of every schedule; `SELLING` come on top."""

LIE_IN_WAIT = frozenset(
    {*ON_THE_WIRE, *IN_THE_PUSH, "crash", "outage-store", "outage-pos", "blocked", "cut-off", "php-dies", "overlap",
     "overlap-absolute", "untracked"}
)  # fmt: skip
"""They count when something runs into them, not when they are laid."""

CUTS_A_LINE = frozenset({"outage-store", "outage-pos", "cut-off"})

CRASH_POINTS = (
    "intake.received",
    "intake.stored",
    "poll.read",
    "poll.stored",
    "relay.posted",
    "write.attempted",
    "write.answered",
    "write.settled",
    "link.stored",
)
"""Where the daemon may die: between any two of its durable steps."""

PAPER_POINTS = ("paper.attempted", "paper.answered", "paper.settled")
"""The same, where orders travel as sales."""

RETURN_POINTS = ("return.attempted", "return.answered", "return.settled")
"""The same, where the shop keeps what the till tells."""

JUMPS = (-86400.0, -3600.0, -400.0, -30.0, 30.0, 400.0, 3600.0, 86400.0)
JUMPS_OF_THE_SHOP = tuple(jump for jump in JUMPS if jump <= 400.0)
"""Seconds by which a wall clock is set wrong. A row of a dead request that was opened while the shop's clock was ahead
is told when it is that late again, so a shop is not set a day ahead here."""

PHP_POINTS = (
    "order.created", "order.status", "stock.opened", "stock.written", "stock.closed", "line.saved", "refund.created",
    "request.ending", "levels.read", "apply.begun", "apply.locked", "apply.committed",
)  # fmt: skip
"""Where a request of the shop may die, see `sandbox/site.py`."""

DOCUMENT_POINTS = ("document.begun", "document.made", "order.status", "refund.created", "request.ending")
"""The same, while it makes what the till told."""


def details_of(what: str, dice: Random) -> tuple[Any, ...]:
    """What the fault is about, as plain data."""
    side = dice.choice(("store", "pos"))
    if what in ON_THE_WIRE:
        return (side, dice.randint(1, 3), _seconds(dice, 0.5, 120.0))
    if what in IN_THE_PUSH:
        return (dice.randint(1, 3), _seconds(dice, 0.5, 120.0))
    if what in SPOILING:
        return _spoiling(what, dice)
    if what in RESTORING:
        return (_seconds(dice, 1.0, 300.0),)
    match what:
        case "crash":
            return (dice.choice(CRASH_POINTS), dice.randint(1, 3), _seconds(dice, 0.1, 60.0))
        case "php-dies":
            return (dice.choice(PHP_POINTS), dice.randint(1, 3))
        case "overlap":
            return (dice.randint(1, 2), dice.randint(1, 3))
        case "blocked":
            # Now and then longer than a given-up request can still be under way.
            return (side, _seconds(dice, 650.0, 900.0) if dice.random() < 0.2 else _seconds(dice, 5.0, 200.0))
        case "clock-jump":
            machine = dice.choice(("daemon", "daemon", "store", "pos"))
            jump = dice.choice(JUMPS_OF_THE_SHOP if machine == "store" else JUMPS)
            return (machine, jump, _seconds(dice, 5.0, 300.0))
        case "hint" | "cut-off":
            return (side, _seconds(dice, 5.0, 200.0))
        case "restart":
            return (0.5,)
        case _:
            return (_seconds(dice, 5.0, 400.0),)


def _spoiling(what: str, dice: Random) -> tuple[Any, ...]:
    if what == "overlap-absolute":
        return (dice.randint(1, 2), dice.randint(1, 3))
    number = dice.randint(0, 10**6)
    if what == "untracked":
        return (number, _seconds(dice, 1.0, 300.0))
    return (number, dice.choice((-7, -3, -2, -1, 1, 2, 5, 8)))


def _seconds(dice: Random, least: float, most: float) -> float:
    return round(dice.uniform(least, most), 2)
