"""Whether the POS says by itself that it has news, and to whom: wanted by the settings, until a person switches it off.

A hint only makes the daemon look sooner. Without it the POS is asked every `poll_every`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from tillbridge.errors import Malformed, SideTrouble, Unsupported
from tillbridge.ports import Books, Hinting, Hop, HopState, Said

NOTE = "hints"
OFF = "off"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the settings want. `secret` "": none was agreed, so no hint could be told from a stranger's. `url` is where
    the POS is to call, "" where it cannot reach us; `door` the part of it that nobody else must know."""

    wanted: bool
    secret: str
    url: Callable[[], str]
    poll_every: float
    door: str = ""


class Hints:
    """Keeps the POS telling us, and says how that stands."""

    def __init__(self, pos: Hinting, books: Books, wish: Wish) -> None:
        self._pos = pos
        self._books = books
        self._wish = wish

    def keep(self) -> None:
        """For the schedule: a POS that was restored or set up anew has forgotten whom to tell. Raises `SideTrouble`."""
        if self._wish.wanted and not self._why_not() and not self._is_off():
            self._pos.enable_hints(self._wish.url(), self._wish.secret)

    def status(self) -> Said:
        """`enabled` is None where the POS could not be asked."""
        why_not = self._why_not()
        if why_not:
            return {"supported": False, "enabled": False, "url": None, "detail": why_not}
        try:
            told = self._pos.hints()
        except SideTrouble as trouble:
            return {"supported": True, "enabled": None, "url": None, "detail": f"the POS cannot be asked: {trouble}"}
        door = self._wish.door
        url = told.replace(door, "…") if told and door else told
        return {"supported": True, "enabled": told == self._wish.url(), "url": url, "detail": self._detail(told)}

    def set(self, verb: str) -> Said:
        """Raises `Malformed` for another word than `enable` and `disable`, `Unsupported`, `SideTrouble`."""
        match verb:
            case "enable":
                why_not = self._why_not()
                if why_not:
                    raise Unsupported(why_not)
                self._pos.enable_hints(self._wish.url(), self._wish.secret)
                self._note("")
            case "disable":
                self._note(OFF)
                self._pos.disable_hints()
            case _:
                raise Malformed(f"do: found {ascii(verb[:40])}, allowed is enable or disable")
        return self.status()

    def hops(self) -> list[Hop]:
        """For the doctor: off by choice is well, off against the settings is not."""
        every = f"its news are seen every {self._wish.poll_every:g} s"
        if not self._wish.wanted or not self._wish.secret:
            return [Hop(NAME, HopState.WELL, f"off by the settings; {every}")]
        if self._is_off():
            return [Hop(NAME, HopState.WELL, f"switched off (`tillbridge webhook enable`); {every}")]
        status = self.status()
        detail = str(status["detail"])
        if status["enabled"] is None:
            return [Hop(NAME, HopState.UNKNOWN, detail, "Mend the way to the POS first.")]
        if not status["enabled"]:
            return [Hop(NAME, HopState.PROBLEM, f"{detail}; {every}", _FIX)]
        return [Hop(NAME, HopState.WELL, detail)]

    def _why_not(self) -> str:
        if not self._wish.secret:
            return "no secret was agreed with the POS: set [pos] webhook_secret"
        if not self._wish.url():
            return "the POS cannot reach this daemon: it runs on another computer, and the shop has no public address"
        return ""

    def _detail(self, told: str | None) -> str:
        if told is None:
            return "the POS tells nobody"
        return "the POS tells us" if told == self._wish.url() else "the POS tells another address than ours"

    def _is_off(self) -> bool:
        with self._books.writing() as unit:
            return unit.noted(NOTE) == OFF

    def _note(self, value: str) -> None:
        with self._books.writing() as unit:
            unit.note(NOTE, value)


NAME = "pos hints"
_FIX = "`tillbridge webhook enable`; where the POS runs elsewhere, pair the shop, whose address passes hints on."
