"""What `doctor` says of the way to the shop: read from what its plugin tells of itself. Pure, and never raising."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tillbridge import __version__
from tillbridge.errors import NotSent, SideTrouble, Unauthorised
from tillbridge.ports import Hop, HopState

OLDEST_WOOCOMMERCE = (7, 7)
CLOCK_OFF = 60.0
"""Seconds between the two clocks at which we say so; at 300 the plugin refuses every call."""
OUTBOX_OLD = 300
"""Seconds for which an event may wait in the shop: it is pushed at once, and pulled every minute."""

_UPDATE = "Update the older of the two: the plugin in WordPress, or Tillbridge on this host."
_NOT_TOLD = "Update the Tillbridge plugin in WordPress: this one does not say."
_MOVED = "If its permalinks or its address were changed: `wp tillbridge site moved`."
_LATER = ("shop address", "plugin", "woocommerce", "shop database", "shop outbox", "shop clock")


def why_not(error: SideTrouble) -> str:
    """Why the shop could not be asked, and what a person does about it."""
    match error:
        case NotSent():
            return f"The shop cannot be reached ({error}). Check its address, and that the plugin is active. {_MOVED}"
        case Unauthorised():
            return f"The shop refuses our signature ({error}). Set both clocks right; if they are, pair again."
        case _:
            return f"The shop does not answer as agreed ({error}). Look into its PHP error log. {_MOVED}"


def unreached(error: SideTrouble) -> tuple[Hop, ...]:
    """The shop could not be asked: everything behind that is unknown."""
    said, _, fix = why_not(error).partition("). ")
    unknown = [Hop(name, HopState.UNKNOWN, "the shop was not reached", _FIRST) for name in _LATER]
    return (Hop("daemon to shop", HopState.PROBLEM, f"{said})", fix), *unknown)


_FIRST = "Mend the way to the shop first."


def of_health(health: Mapping[str, Any], site: str, now: datetime) -> tuple[Hop, ...]:
    """Every hop that the shop's own words tell of."""
    return (
        Hop("daemon to shop", HopState.WELL, "it answers, and takes our signature"),
        _address(health, site),
        _plugin(health.get("plugin")),
        _woocommerce(health),
        _database(health),
        _outbox(health.get("outbox")),
        _clock(health.get("time"), now),
    )


def _address(health: Mapping[str, Any], site: str) -> Hop:
    name, told = "shop address", health.get("address")
    if site and health.get("site") != site:
        answers = f"another shop answers ({health.get('site')!r}, paired is {site!r})"
        return Hop(name, HopState.PROBLEM, answers, "Correct the address, or pair with this shop (`tillbridge init`).")
    if health.get("elsewhere") is True:
        return Hop(
            name,
            HopState.PROBLEM,
            f"its database was paired at another address than {told}: it sends nothing and takes nothing",
            "Say in WordPress which it is: `wp tillbridge site moved` or `wp tillbridge site copy`.",
        )
    if health.get("elsewhere") is not False:
        return Hop(name, HopState.UNKNOWN, "the shop does not say whether it is a copy", _NOT_TOLD)
    return Hop(name, HopState.WELL, f"{told}, as paired")


def _plugin(told: object) -> Hop:
    theirs, ours = version(told), version(__version__)
    if len(theirs) < 2:
        return Hop("plugin", HopState.UNKNOWN, f"its version {told!r} cannot be read", _UPDATE)
    if theirs[0] != ours[0] or abs(theirs[1] - ours[1]) > 1:
        return Hop("plugin", HopState.PROBLEM, f"it is {told}, the daemon {__version__}: too far apart", _UPDATE)
    return Hop("plugin", HopState.WELL, f"{told}, the daemon is {__version__}")


def _woocommerce(health: Mapping[str, Any]) -> Hop:
    told = health.get("woocommerce")
    if version(told) < OLDEST_WOOCOMMERCE:
        detail = f"WooCommerce is {told!r}, needed is 7.7 or later"
        return Hop("woocommerce", HopState.PROBLEM, detail, "Update WooCommerce, or activate it.")
    around = (("WordPress", health.get("wordpress")), ("PHP", health.get("php")))
    about = ", ".join(f"{name} {found}" for name, found in around if found)
    return Hop("woocommerce", HopState.WELL, f"{told}" + (f" ({about})" if about else ""))


def _database(health: Mapping[str, Any]) -> Hop:
    name, sizes = "shop database", "; ".join(_tables(health.get("tables")))
    if health.get("innodb") is not True:
        detail = "not every table is InnoDB, where a change may happen twice" + (f" ({sizes})" if sizes else "")
        return Hop(name, HopState.PROBLEM, detail, "Convert them: ALTER TABLE … ENGINE=InnoDB.")
    if not sizes:
        return Hop(name, HopState.UNKNOWN, "InnoDB; the sizes of the plugin's tables are not told", _NOT_TOLD)
    return Hop(name, HopState.WELL, f"InnoDB; {sizes}")


def _tables(told: object) -> Iterator[str]:
    for name, about in sorted(told.items()) if isinstance(told, dict) else ():
        if isinstance(about, dict):
            rows, size = (_number(about.get(key)) for key in ("rows", "bytes"))
            yield f"{name} {rows} rows, {size} bytes"


def _number(value: object) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else "unknown"


def _outbox(told: object) -> Hop:
    name = "shop outbox"
    waiting = told.get("unacked") if isinstance(told, dict) else None
    oldest = told.get("oldest_seconds") if isinstance(told, dict) else None
    if not isinstance(waiting, int) or (waiting and not isinstance(oldest, int | float)):
        return Hop(name, HopState.UNKNOWN, "the shop does not say how much waits there, and for how long", _NOT_TOLD)
    if not waiting:
        return Hop(name, HopState.WELL, "nothing waits")
    detail = f"{waiting} waiting, the oldest for {oldest:.0f} s"
    if isinstance(oldest, int | float) and oldest > OUTBOX_OLD:
        return Hop(name, HopState.PROBLEM, detail, "See why it is not fetched: `tillbridge status`, then its log.")
    return Hop(name, HopState.WELL, detail)


def _clock(told: object, now: datetime) -> Hop:
    off = seconds_off(told, now)
    fix = "Set both clocks by NTP: at 300 s every call is refused."
    if off is None:
        return Hop("shop clock", HopState.UNKNOWN, "it cannot be read", fix)
    state = HopState.PROBLEM if abs(off) > CLOCK_OFF else HopState.WELL
    return Hop("shop clock", state, f"{round(off):+d} s against ours", fix if state is HopState.PROBLEM else "")


def no_key() -> Hop:
    """The shop stands in the settings, and they hold no key: nothing that is done there needs one."""
    return Hop(KEY, HopState.WELL, "none was given; it comes with pairing, and stock does not need it")


def key_taken(currency: str) -> Hop:
    """The public API answered."""
    return Hop(KEY, HopState.WELL, f"WooCommerce's REST API lets us in (prices in {currency})")


def key_refused(error: SideTrouble) -> Hop:
    """It did not, or not as agreed."""
    fix = "Pair again (`tillbridge init`); where a firewall answers, let this host through to /wp-json/wc/v3."
    return Hop(KEY, HopState.PROBLEM, f"WooCommerce's REST API does not let us in ({error})", fix)


KEY = "rest key"


def version(value: object) -> tuple[int, ...]:
    """Major and minor; (-1,) for what is no version, which is older than any."""
    parts = value.split(".")[:2] if isinstance(value, str) else []
    return tuple(int(part) for part in parts) if len(parts) == 2 and all(p.isdigit() for p in parts) else (-1,)


def seconds_off(value: object, now: datetime) -> float | None:
    """How far a clock is ahead of ours; None where it cannot be read."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (moment - now).total_seconds() if moment.tzinfo else None
