"""What the make-believe shop keeps for a daemon that was restored from a backup: how far its books had come, the events
that it once acknowledged, and its own writes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tillbridge.sandbox.records import Key, Row, State
from tillbridge.sandbox.rest import RestError, stamp
from tillbridge.sandbox.wire import quantity

TOLD_FOR = timedelta(days=7)
"""For so long every key is kept, so only those are told that are no older."""
WEBHOOK = "pos.webhook"
LAST_BOOKS = "books"


@dataclass(frozen=True, slots=True)
class Books:
    """What a call says of the daemon's own books: their name ("" where it says nothing), and how far they have come."""

    name: str = ""
    counter: int = 0

    @classmethod
    def told(cls, name: object, counter: object) -> Books:
        """From a query, where the counter is a text, or a body. Raises `RestError` 400."""
        if name is None and counter is None:
            return cls()
        text = str(counter) if isinstance(counter, int) and not isinstance(counter, bool) else counter
        fits = isinstance(name, str) and re.fullmatch("[!-~]{1,64}", name)
        if not fits or not isinstance(text, str) or not re.fullmatch("[0-9]{1,18}", text):
            message = "books: expected a text without spaces, and with it books_counter, a whole number from 0."
            raise RestError(400, "tillbridge_invalid_books", message)
        return cls(str(name), int(text))

    def known(self, state: State) -> dict[str, Any]:
        """How far they are known to have come; those heard of last where the call names none."""
        name = self.name or state.texts.get(LAST_BOOKS) or ""
        return {"books": name or None, "books_counter": state.numbers.get(_place(name))}

    def keep(self, state: State) -> None:
        """Remember it where they have come further."""
        known = state.numbers.get(_place(self.name))
        if self.name and (known is None or known < self.counter):
            state.numbers.put(_place(self.name), self.counter)
            state.texts.put(LAST_BOOKS, self.name)


def retained(state: State, after: int, limit: int) -> tuple[list[Row], int | None]:
    """Every row that was told or may be, by its number, and where the next page begins. Of webhooks nothing is left."""
    rows = [*(kept.row for kept in state.acked), *(row for row in state.rows if row.state == "sealed")]
    wanted = sorted((row for row in rows if row.n > after and row.topic != WEBHOOK), key=lambda row: row.n)
    page = wanted[:limit]
    return page, page[-1].n if len(wanted) > limit else None


def taken_keys(state: State, now: datetime, after: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Keys that were taken lately, in their order, and where the next page begins."""
    wanted = sorted((k for k in state.keys if k.key > after and now - k.at <= TOLD_FOR), key=lambda k: k.key)
    page = wanted[:limit]
    return [_taken(key) for key in page], page[-1].key if len(wanted) > limit else None


def _taken(key: Key) -> dict[str, Any]:
    is_write = key.delta is not None
    return {
        "key": key.key, "product_id": key.product_id if is_write else None, "delta": quantity(key.delta),
        "at": stamp(key.at),
    }  # fmt: skip


def _place(name: str) -> str:
    return f"books:{name}"
