"""What `doctor` says of the way to the POS: read from what the POS tells of itself. Pure, and never raising."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tillbridge.errors import BadAnswer, NotSent, SideTrouble, Unauthorised
from tillbridge.ports import Hop, HopState
from tillbridge.sides.till import mapping
from tillbridge.sides.till.mapping import Info

CLOCK_TOLERANCE = 60.0
"""Seconds by which the POS's clock may be off before a person is told."""

_FIRST = "Mend the way to the POS first."


def why_not(error: SideTrouble) -> str:
    """Why the POS could not be asked, and what a person does about it."""
    match error:
        case Unauthorised():
            return f"{error}. Put the token of this till into [pos] token"
        case NotSent():
            return f"the POS cannot be reached: {error}. Start it, or correct [pos] url"
        case BadAnswer():
            return f"what answers at [pos] url is not a POS that we know: {error}. Correct [pos] url"
        case _:
            return f"the POS does not answer well: {error}. Look at the POS, then run check again"


def unreached(error: SideTrouble) -> tuple[Hop, ...]:
    """The POS could not be asked: everything behind that is unknown."""
    detail, _, fix = why_not(error).rpartition(". ")
    unknown = [Hop(name, HopState.UNKNOWN, "the POS was not reached", _FIRST) for name in ("pos clock", "pos outlets")]
    return (Hop("pos", HopState.PROBLEM, detail, f"{fix}."), *unknown)


def of_info(about: Info, outlets: Sequence[str], now: datetime) -> tuple[Hop, ...]:
    """Every hop that the POS's own words tell of. `outlets` is what is wrong with the outlets, if anything."""
    if about.protocol != mapping.PROTOCOL:
        detail = f"it speaks {about.protocol!r}, Tillbridge speaks {mapping.PROTOCOL!r}"
        return (Hop("pos", HopState.PROBLEM, detail, "Update the older of the two."),)
    reached = Hop("pos", HopState.WELL, f"{about.name or 'it'} answers, and takes our token")
    return (reached, _clock(about, now), *_outlets(about, outlets))


def _clock(about: Info, now: datetime) -> Hop:
    if about.time is None:
        return Hop("pos clock", HopState.UNKNOWN, "the POS does not say what time it is", "Update the POS.")
    off = (about.time - now).total_seconds()
    detail = f"{round(off):+d} s against ours"
    if abs(off) > CLOCK_TOLERANCE:
        return Hop("pos clock", HopState.PROBLEM, detail, "Let both computers set theirs by NTP.")
    return Hop("pos clock", HopState.WELL, detail)


def _outlets(about: Info, problems: Sequence[str]) -> list[Hop]:
    if not problems:
        return [Hop("pos outlets", HopState.WELL, ", ".join(about.outlets))]
    told = [problem.rpartition(". ") for problem in problems]
    return [Hop("pos outlets", HopState.PROBLEM, detail, f"{fix}.") for detail, _, fix in told]
