"""Between the words of tillbridge-pos/1 and ours. Pure, and never guessing: an unknown shape is said to be one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from tillbridge.core import codec, marks
from tillbridge.core.actions import AdjustStock, Outcome, Status
from tillbridge.core.events import Cause, Movement, StockMoved, Told
from tillbridge.core.marks import Mark
from tillbridge.core.stock import Item, Level, SideName, parse_quantity, round_quantity, spell
from tillbridge.errors import BadAnswer, Malformed

PROTOCOL = "tillbridge-pos/1"

Row = TypeVar("Row")

API = "api"
"""The author that the POS writes on what other programs did there."""

KEY_MEMORY = 90 * 24 * 3600.0
"""Seconds for which the protocol obliges a POS to know a key."""

LONGEST_NAME = 64
"""Letters that the name of a POS's database may have."""

OUR_MARK = "tillbridge-"
"""What our keys begin with on the wire. Other programs ring sales and book deliveries over the same API, under keys of
their own: only a change under a key of ours is an echo."""

_ROW = {
    "applied": Status.APPLIED,
    "duplicate": Status.DUPLICATE,
    "not_found": Status.NOT_FOUND,
    "refused": Status.REFUSED,
    "invalid": Status.INVALID,
}


@dataclass(frozen=True, slots=True)
class Info:
    """What a POS says about itself. `time` is None where its clock cannot be read, `mark` where it does not say how far
    its database has come."""

    protocol: str
    name: str
    currency: str
    precision: int
    outlets: tuple[str, ...]
    time: datetime | None
    key_memory: float
    cursor: str
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Part of a list, and where to go on (None: that was all)."""

    rows: tuple[Row, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of the change feed, ready to be stored."""

    told: tuple[Told, ...]
    cursor: str
    more: bool
    mark: Mark | None = None


def info(body: Any) -> Info:
    """Read /v1/info; raises `BadAnswer`."""
    data = _object(body, "/v1/info")
    protocol = _text(data, "protocol")
    if protocol != PROTOCOL:
        return Info(protocol, str(data.get("name", "")), "", 0, (), None, 0.0, "")
    outlets = tuple(_text(_object(row, "outlets"), "id") for row in _rows(data, "outlets"))
    precision, memory = _whole(data, "precision"), _whole(data, "key_memory_seconds")
    name, currency, cursor = _text(data, "name", empty=True), _text(data, "currency"), _text(data, "cursor")
    time, mark = _time(data.get("time")), _mark(data)
    return Info(protocol, name, currency, precision, outlets, time, float(memory), cursor, mark)


def items(body: Any) -> Page[Item]:
    """Read a page of /v1/items; raises `BadAnswer`."""
    data = _object(body, "/v1/items")
    return Page(tuple(_each(data, "items", _item)), _next(data))


def levels(body: Any, counted: Sequence[str] | None) -> Page[Level]:
    """Read a page of /v1/levels, only the counted outlets (None: all); raises `BadAnswer`."""
    data = _object(body, "/v1/levels")
    found = _each(data, "levels", _level)
    return Page(tuple(level for level in found if counted is None or level.outlet in counted), _next(data))


def feed(body: Any, counted: Sequence[str] | None, tag: str = "") -> Feed:
    """Read a page of /v1/changes; raises `BadAnswer` where the page itself cannot be read.

    A change that cannot be read is told as such and holds up nobody; one that moved nothing at a counted outlet is
    not told at all.
    """
    data = _object(body, "/v1/changes")
    cursor, more = _text(data, "cursor", empty=True), data.get("more")
    if not isinstance(more, bool):
        raise BadAnswer("/v1/changes: more must be true or false")
    told = (_told(change, counted, tag) for change in _rows(data, "changes"))
    return Feed(tuple(one for one in told if one is not None), cursor, more, _mark(data))


def adjustment(action: AdjustStock, outlet: str) -> dict[str, str]:
    """An action as a row of /v1/adjustments."""
    return {
        "key": marked(action.key),
        "item_id": action.ref,
        "outlet": outlet,
        "delta": spell(action.delta),
        "reason": action.reason,
    }


def outcomes(body: Any, actions: Sequence[AdjustStock]) -> list[Outcome]:
    """Read the answer to /v1/adjustments: what a row does not say clearly and under the right key is uncertain."""
    rows = body.get("results") if isinstance(body, dict) else None
    if not isinstance(rows, list) or len(rows) != len(actions):
        return [uncertain("the POS did not answer every adjustment")] * len(actions)
    return [_outcome(row, action) for row, action in zip(rows, actions, strict=True)]


def found(body: Any, key: str) -> Outcome:
    """Read /v1/keys/{key}; raises `BadAnswer`."""
    data = _object(body, "/v1/keys")
    if data.get("key") != marked(key) or data.get("status") != "applied":
        raise BadAnswer(f"/v1/keys: the POS answered about {data.get('key')!r} with {data.get('status')!r}")
    document = _text(data, "document")
    return Outcome(Status.APPLIED, _maybe_level(data.get("level"), "/v1/keys"), sentence=f"document {document}")


def marked(key: str) -> str:
    """The key as the POS sees it."""
    return OUR_MARK + key


def uncertain(sentence: str) -> Outcome:
    """It was sent and nobody knows: settled by its key before anything else is."""
    return Outcome(Status.UNCERTAIN, reason="uncertain", sentence=sentence)


def _outcome(row: Any, action: AdjustStock) -> Outcome:
    if not isinstance(row, dict) or row.get("key") != marked(action.key):
        return uncertain("the POS answered about another adjustment")
    word = str(row.get("status"))
    status = _ROW.get(word)
    if status is None:
        return uncertain(f"the POS answered {word[:40]!r}, which the protocol does not know")
    try:
        level = _maybe_level(row.get("level"), "results")
    except BadAnswer as error:
        return uncertain(str(error))
    code, words = row.get("code"), row.get("message")
    reason = code if isinstance(code, str) and code else status.value
    sentence = words if isinstance(words, str) else ""
    settled = status in (Status.APPLIED, Status.DUPLICATE)
    return Outcome(status, level, "" if settled else reason[:60], sentence[:300])


def _told(change: Any, counted: Sequence[str] | None, tag: str) -> Told | None:
    try:
        moved = _moved(change, counted, tag)
    except (BadAnswer, Malformed) as error:
        raw = json.dumps(change, separators=(",", ":"))
        sentence = f"the POS sent a change that we cannot read: {error}"
        return codec.encode_unreadable(SideName.POS, _identity(change, raw), raw, sentence)
    return codec.encode_moved(moved) if moved.movements else None


def _moved(change: Any, counted: Sequence[str] | None, tag: str) -> StockMoved:
    data = _object(change, "change")
    moves = [_movement(_object(row, "movement")) for row in _rows(data, "movements")]
    key, author = data.get("key"), _text(data, "author")
    if key is not None and not isinstance(key, str):
        raise BadAnswer(f"key: found {key!r}, allowed is a text or null")
    ours = author == API and key is not None and key.startswith(marked(tag))
    return StockMoved(
        SideName.POS,
        _text(data, "id"),
        _text(data, "at"),
        tuple(move for move in moves if move.delta and (counted is None or move.outlet in counted)),
        Cause(_text(data, "kind"), _text(data, "document", empty=True)),
        ours,
        key.removeprefix(OUR_MARK) if ours and key is not None else "",
    )


def _movement(row: dict[str, Any]) -> Movement:
    before = row.get("before")
    return Movement(
        _text(row, "item_id"),
        _text(row, "outlet"),
        parse_quantity(row.get("delta"), "delta"),
        None if before is None else parse_quantity(before, "before"),
        _text(row, "sku", empty=True),
    )


def _identity(change: Any, raw: str) -> str:
    """An id under which an unreadable change is told once, however often it is read."""
    given = change.get("id") if isinstance(change, dict) else None
    if isinstance(given, str) and given and _storable(given):
        return given[:200]
    return hashlib.sha256(raw.encode()).hexdigest()[:32]


def _item(row: dict[str, Any]) -> Item:
    sku, name = _text(row, "sku", empty=True), _text(row, "name", empty=True)
    return Item(_text(row, "id"), sku, name, row.get("tracked") is True)


def _level(row: dict[str, Any]) -> Level:
    sku, name = _text(row, "sku", empty=True), _text(row, "name", empty=True)
    quantity = _maybe_level(row.get("level"), "level")
    return Level(_text(row, "item_id"), sku, name, _text(row, "outlet"), quantity)


def _maybe_level(value: Any, where: str) -> Decimal | None:
    """A level, which is rounded as every level that is read; unknown stays unknown."""
    if value is None:
        return None
    try:
        return round_quantity(parse_quantity(value, where, 9))
    except Malformed as error:
        raise BadAnswer(str(error)) from None


def _each(data: dict[str, Any], name: str, read: Callable[[dict[str, Any]], Row]) -> list[Row]:
    return [read(_object(row, name)) for row in _rows(data, name)]


def _next(data: dict[str, Any]) -> str | None:
    return None if data.get("next") is None else _text(data, "next")


def _object(value: Any, where: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise BadAnswer(f"{where}: found {str(value)[:80]!r}, expected an object")


def _rows(data: dict[str, Any], name: str) -> list[Any]:
    rows = data.get(name)
    if isinstance(rows, list):
        return rows
    raise BadAnswer(f"{name}: found {str(rows)[:80]!r}, expected a list")


def _text(data: dict[str, Any], name: str, *, empty: bool = False) -> str:
    value = data.get(name)
    if isinstance(value, str) and (value or empty) and _storable(value):
        return value
    raise BadAnswer(f"{name}: found {str(value)[:80]!r}, expected a text")


def _storable(value: str) -> bool:
    """Half of a surrogate pair is valid JSON, and yet no database takes it."""
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def _whole(data: dict[str, Any], name: str) -> int:
    value = data.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12:
        return value
    raise BadAnswer(f"{name}: found {str(value)[:80]!r}, expected a whole number")


def _mark(data: dict[str, Any]) -> Mark | None:
    """How far the POS's database has come; None where it does not say so in words that can be kept."""
    mark = marks.read(data)
    if mark is None or len(mark.incarnation) > LONGEST_NAME or not _storable(mark.incarnation):
        return None
    return mark


def _time(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
