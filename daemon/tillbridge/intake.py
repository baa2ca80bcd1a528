"""What the shop tells us is put on disk before it is understood, so that no parser can lose a sale.

The body of `POST /v1/events` is taken apart just far enough to give every event its key. Topics and data are not looked
at: what nobody understands is stored like the rest, and the relay parks it where a person sees it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from tillbridge.core import marks
from tillbridge.core.codec import told_by_store
from tillbridge.core.events import Told
from tillbridge.core.marks import Mark
from tillbridge.core.pairing import same_place
from tillbridge.errors import Malformed
from tillbridge.ports import Mailbox, Parcel

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_SHOWN = 60


class WrongSite(Malformed):
    """The events belong to a shop that this daemon is not paired with."""


class WrongAddress(Malformed):
    """The events come from another address than the paired shop's: a copy of it, or it has moved."""


class TooManyEvents(Malformed):
    """More events in one request than are taken at once; the sender should send fewer."""


class Intake:
    """The door of the queue for one paired shop.

    `address` is what it must call itself ("": any will do). `behind` is called where a push says that older rows wait
    in the shop, which never came by themselves.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        site: str,
        most_events: int = 1000,
        address: str = "",
        behind: Callable[[], None] = lambda: None,
    ) -> None:
        self._behind = behind
        self._mailbox = mailbox
        self._site = site
        self._address = address
        self._most = most_events

    def receive(self, body: bytes, nonce: str, nonce_until: float) -> list[str]:
        """Store the events of one push; the ids returned are on disk and may be acknowledged.

        Raises what `open` and `store` raise; then nothing of this push is stored.
        """
        acked, told, mark = self.open(body)
        self.store([Parcel(told, nonce, nonce_until, mark)])
        return acked

    def open(self, body: bytes) -> tuple[list[str], list[Told], Mark | None]:
        """The events of one push: their ids, to be acknowledged once they are stored, what is to be stored, and how
        far the shop's database had come.

        Raises `Malformed` for what cannot be read (`WrongSite`, `WrongAddress`, `TooManyEvents` among it).
        """
        pushed = read_object(body)
        site = pushed.get("site")
        if not isinstance(site, str):
            raise Malformed(f"site: found {show(site)}, allowed is the id of the paired shop as text")
        if site != self._site:
            raise WrongSite("site: these events belong to another shop than the one this daemon is paired with")
        address = pushed.get("address")
        if self._address and not (isinstance(address, str) and same_place(address, self._address)):
            raise WrongAddress(
                f"address: found {show(address)}, paired is {self._address}: this is a copy, or the shop has moved;"
                " say which (`wp tillbridge site copy` or `wp tillbridge site moved`)"
            )
        told = self._read_events(pushed.get("events"))
        if pushed.get("behind") is True:
            self._behind()
        return list(told), list(told.values()), marks.read(pushed)

    def store(self, parcels: Sequence[Parcel]) -> None:
        """Make them durable together. Raises `StorageTrouble`; then none of them is stored."""
        self._mailbox.deliver(parcels)

    def remember(self, nonce: str, nonce_until: float) -> None:
        """Make a nonce durable whose request brought no events but has an effect. Raises `StorageTrouble`."""
        self.store([Parcel((), nonce, nonce_until)])

    def nonces(self) -> dict[str, float]:
        """The nonces that must still be refused after a restart."""
        return self._mailbox.nonces()

    def _read_events(self, events: object) -> dict[str, Told]:
        if not isinstance(events, list):
            raise Malformed(f"events: found {show(events)}, allowed is a list of events")
        if len(events) > self._most:
            raise TooManyEvents(f"events: found {len(events)}, allowed are at most {self._most} in one request")
        told: dict[str, Told] = {}
        for index, event in enumerate(events):
            name = _identity(event, index)
            if name not in told:
                told[name] = _told(event, index)
        return told


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`, read strictly: UTF-8 only, no NaN, no number beyond reason, no bottomless nesting.

    Raises `Malformed` for everything else.
    """
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise Malformed(f"body: byte {error.start} is not UTF-8, allowed is JSON in UTF-8") from None
    except RecursionError:
        raise Malformed("body: nested too deeply") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"body: not JSON: {error.msg} at character {error.pos}") from None
    except ValueError as error:
        raise Malformed(f"body: a number that cannot be used: {str(error)[:_SHOWN]}") from None
    if not isinstance(value, dict):
        raise Malformed(f"body: found {show(value)}, allowed is a JSON object")
    return value


def show(value: object) -> str:
    """A value as an error message may carry it: its kind, and a short text or number itself."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return ascii(value if len(value) <= _SHOWN else value[:_SHOWN] + "…")
        case int() | float():
            return f"{value:.6g}" if abs(value) < 1e15 else "a huge number"
        case list():
            return f"a list of {len(value)}"
        case _:
            return "an object"


def _identity(event: object, index: int) -> str:
    if not isinstance(event, dict):
        raise Malformed(f"events[{index}]: found {show(event)}, allowed is an object")
    name = event.get("id")
    if not isinstance(name, str) or _ID.fullmatch(name) is None:
        raise Malformed(
            f"events[{index}].id: found {show(name)}, allowed are 1 to 64 characters of 0-9, A-Z, a-z, _ and -"
        )
    return name


def _told(event: dict[str, Any], index: int) -> Told:
    """The event as it is stored, the same whether it is pushed or pulled."""
    try:
        return told_by_store(event)
    except RecursionError:
        raise Malformed(f"events[{index}]: nested too deeply") from None
    except ValueError:
        raise Malformed(f"events[{index}]: holds a number beyond the range of a double") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
