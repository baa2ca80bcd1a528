"""What waits for a person or failed: listed, looked into, tried again, given up, one by one or all together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Protocol

from tillbridge.audit import documents
from tillbridge.core.links import Held
from tillbridge.core.moments import moment
from tillbridge.errors import Malformed
from tillbridge.ports import NEEDS_LOOKING, Books, Detail, Listing, Said, Stories, Waiting

STATES: Mapping[str, Sequence[str]] = {"all": NEEDS_LOOKING, **{state: (state,) for state in NEEDS_LOOKING}}
"""What may be asked for, and which states that means."""

MOST = 1000
"""Rows in one list."""

LONGEST_REASON = 300
"""Characters of a person's reason for giving a message up."""

PRIVATE = "pos.webhook"
"""The one topic whose body is somebody's raw request."""


ORDER = "paper:"
"""What the key of an order's message begins with."""


class LookedAt(Listing, Stories, Protocol):
    """Books that can be looked at, message by message and as a whole."""


class UnknownMessage(Malformed):
    """No message has this number."""


def state_of(word: str) -> Sequence[str]:
    """The states that a word asks for. Raises `Malformed`."""
    if word not in STATES:
        raise Malformed(f"state: found {ascii(word[:40])}, allowed is one of {', '.join(STATES)}")
    return STATES[word]


def listed(listing: Listing, state: str, limit: int) -> Said:
    """A page of it and of the items held out of the sync, and how many there are of each in all."""
    states = state_of(state)
    rows = [row(one) for one in listing.waiting(limit, states)]
    held_out = listing.held()
    return {
        "rows": rows,
        "held_out": [held(one) for one in held_out[:limit]],
        "total": listing.waiting_in_all(states),
        "held_out_total": len(held_out),
    }


def shown(listing: LookedAt, number: int) -> Said:
    """One message with its content; of an order with what the POS has of it. Raises `UnknownMessage`."""
    found = listing.message(number)
    if found is None:
        raise UnknownMessage(f"no message has the number {number}; `tillbridge queue` lists those that wait")
    said: Said = {**row(found.row), "kind": found.kind, "lane": found.lane, "body": _body(found)}
    if said["order"]:
        with listing.reading() as story:
            said["documents"] = documents(story, str(said["order"]))
    return {"row": said}


def retry_refused(books: Books) -> int:
    """Orders that the POS refused are tried again now, since what it refused them for may be over; how many."""
    with books.writing() as unit:
        return unit.retry_refused()


def row(waiting: Waiting) -> dict[str, object]:
    """A message as JSON; times as the world writes them."""
    order = waiting.key.removeprefix(ORDER) if waiting.key.startswith(ORDER) else ""
    return {
        **asdict(waiting),
        "order": order,
        "due_at": moment(waiting.due_at),
        "created_at": moment(waiting.created_at),
    }


def held(one: Held) -> dict[str, object]:
    """An item that is held out, as JSON."""
    return {**asdict(one), "side": str(one.side)}


def _body(found: Detail) -> object:
    """What the message carries; left out where that is what a stranger sent: nobody needs it to mend anything."""
    try:
        body = json.loads(found.body)
    except ValueError:
        return None
    return None if isinstance(body, dict) and body.get("topic") == PRIVATE else body


class Backlog:
    """The same for a running daemon, which can be told to act. `ring` wakes the workers."""

    def __init__(self, books: Books, listing: LookedAt, ring: Callable[[], None]) -> None:
        self._books = books
        self._listing = listing
        self._ring = ring

    def listed(self, state: str, limit: int) -> Said:
        return listed(self._listing, state, limit)

    def shown(self, number: int) -> Said:
        return shown(self._listing, number)

    def retry(self, only: int | None) -> Said:
        """Try now what failed, was parked or given up."""
        self._known(only)
        with self._books.writing() as unit:
            changed = unit.retry_now(only)
        return self._changed(changed, "Tried again now.")

    def release(self, only: int | None) -> Said:
        """Try now what was parked, because it was mended."""
        self._known(only)
        with self._books.writing() as unit:
            changed = unit.unpark(only)
        return self._changed(changed, "Tried again now.")

    def discard(self, number: int, reason: str) -> Said:
        """Give a message up, for a reason that is kept with it. The journal stays as it is."""
        words = reason.strip()
        if not 1 <= len(words) <= LONGEST_REASON:
            raise Malformed(f"reason: found {len(words)} characters, allowed are 1 to {LONGEST_REASON} that say why")
        found = self._known(number)
        order = "" if found is None or not found.row.key.startswith(ORDER) else found.row.key.removeprefix(ORDER)
        with self._books.writing() as unit:
            if order and unit.dossier(order).filing is not None:
                raise Malformed(f"{number}: found a document that was sent and is in doubt, allowed is to wait for it")
            changed = unit.discard(number, words)
        return self._changed(changed, _ORDER if order else _WRITE if found is not None and found.row.side else _EVENT)

    def _known(self, number: int | None) -> Detail | None:
        if number is None:
            return None
        found = self._listing.message(number)
        if found is None:
            raise UnknownMessage(f"no message has the number {number}; `tillbridge queue` lists those that wait")
        return found

    def _changed(self, changed: int, sentence: str) -> Said:
        if not changed:
            return {"changed": 0, "sentence": "Nothing to do: it does not wait for a person (any more)."}
        self._ring()
        return {"changed": changed, "sentence": sentence}


_WRITE = (
    "Given up. No stock is lost by it: the accounts stay as they are, and the next change of this item makes the write"
    " due again."
)
_ORDER = (
    "Given up. The POS is not told of it, and the audit lists it as a difference; whatever changes about the order"
    " makes it due again."
)
_EVENT = (
    "Given up. What it told is not booked: if stock moved, the account of that side does not know, and"
    " `tillbridge resync SKU` shows the difference."
)
