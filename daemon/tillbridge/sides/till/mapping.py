"""Between the words of tillbridge-pos/1 and ours. Pure, and never guessing: an unknown shape is said to be one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from tillbridge.core import codec, marks
from tillbridge.core.actions import AdjustStock, Outcome, Status
from tillbridge.core.events import Cause, LookAt, Movement, StockMoved, Told
from tillbridge.core.marks import Mark
from tillbridge.core.stock import Item, Level, SideName, parse_quantity, round_quantity, spell
from tillbridge.errors import BadAnswer, Malformed
from tillbridge.sides.till import shapes

PROTOCOL = "tillbridge-pos/1"

Row = TypeVar("Row")

API = "api"
"""The author that the POS writes on what other programs did there."""

KEY_MEMORY = 90 * 24 * 3600.0
"""Seconds for which the protocol obliges a POS to know a key."""

LONGEST_NAME = 64
"""Letters that the name of a POS's database may have."""

_TOPICS = {
    "sale": "pos.sold",
    "exchange": "pos.sold",
    "return": "pos.returned",
    "void": "pos.returned",
    "pickup": "pos.collected",
    "shipment": "pos.shipped",
    "customer": "pos.customer",
}
"""What a change is told as beside its stock, by its kind."""

_ROW = {
    "applied": Status.APPLIED,
    "duplicate": Status.DUPLICATE,
    "not_found": Status.NOT_FOUND,
    "refused": Status.REFUSED,
    "invalid": Status.INVALID,
}


@dataclass(frozen=True, slots=True)
class Info:
    """What a POS says about itself; `payment_types` and `taxes` by name.

    `time` is None where its clock cannot be read, `mark` where it does not say how far its database has come."""

    protocol: str
    name: str
    currency: str
    precision: int
    outlets: tuple[str, ...]
    time: datetime | None
    key_memory: float
    cursor: str
    mark: Mark | None = None
    payment_types: tuple[str, ...] = ()
    taxes: tuple[str, ...] = ()


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
    data = shapes.mapping(body, "/v1/info")
    protocol = shapes.text(data, "protocol")
    if protocol != PROTOCOL:
        return Info(protocol, str(data.get("name", "")), "", 0, (), None, 0.0, "")
    outlets = tuple(shapes.text(shapes.mapping(row, "outlets"), "id") for row in shapes.rows(data, "outlets"))
    precision, memory = shapes.whole(data, "precision"), shapes.whole(data, "key_memory_seconds")
    name, currency, cursor = (
        shapes.text(data, "name", empty=True),
        shapes.text(data, "currency"),
        shapes.text(data, "cursor"),
    )
    time, mark = shapes.time(data.get("time")), _mark(data)
    types, taxes = _names(data, "payment_types"), _names(data, "taxes")
    return Info(protocol, name, currency, precision, outlets, time, float(memory), cursor, mark, types, taxes)


def items(body: Any) -> Page[Item]:
    """Read a page of /v1/items; raises `BadAnswer`."""
    data = shapes.mapping(body, "/v1/items")
    return Page(tuple(_each(data, "items", _item)), _next(data))


def levels(body: Any, counted: Sequence[str] | None) -> Page[Level]:
    """Read a page of /v1/levels, only the counted outlets (None: all); raises `BadAnswer`."""
    data = shapes.mapping(body, "/v1/levels")
    found = _each(data, "levels", _level)
    return Page(tuple(level for level in found if counted is None or level.outlet in counted), _next(data))


def feed(body: Any, counted: Sequence[str] | None, tag: str = "", topics: frozenset[str] = frozenset()) -> Feed:
    """Read a page of /v1/changes; raises `BadAnswer` where the page itself cannot be read.

    A change that cannot be read is told as such and holds up nobody; one that moved nothing at a counted outlet is
    not told at all. What is no stock is told beside it, as far as it is one of `topics`.
    """
    data = shapes.mapping(body, "/v1/changes")
    cursor, more = shapes.text(data, "cursor", empty=True), data.get("more")
    if not isinstance(more, bool):
        raise BadAnswer("/v1/changes: more must be true or false")
    told = [one for change in shapes.rows(data, "changes") for one in _told(change, counted, tag, topics)]
    return Feed(tuple(told), cursor, more, _mark(data))


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
    data = shapes.mapping(body, "/v1/keys")
    if data.get("key") != marked(key) or data.get("status") != "applied":
        raise BadAnswer(f"/v1/keys: the POS answered about {data.get('key')!r} with {data.get('status')!r}")
    document = shapes.text(data, "document")
    return Outcome(Status.APPLIED, _maybe_level(data.get("level"), "/v1/keys"), sentence=f"document {document}")


def marked(key: str) -> str:
    """The key as the POS sees it."""
    return shapes.OUR_MARK + key


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


def _told(change: Any, counted: Sequence[str] | None, tag: str, topics: frozenset[str]) -> Iterator[Told]:
    try:
        moved = _moved(change, counted, tag)
        look = None if moved.ours else _look(change, moved, topics)
    except (BadAnswer, Malformed) as error:
        raw = json.dumps(change, separators=(",", ":"))
        sentence = f"the POS sent a change that we cannot read: {error}"
        yield codec.encode_unreadable(SideName.POS, _identity(change, raw), raw, sentence)
        return
    if moved.movements:
        yield codec.encode_moved(moved)
    if look is not None:
        yield codec.encode_look(look)


def _look(change: dict[str, Any], moved: StockMoved, topics: frozenset[str]) -> LookAt | None:
    """What a change is about beside stock: a web order that left or came back, a sale, a customer. A return of
    something that no web order sold belongs to the sales of the register."""
    kind, reference = moved.cause.type, str(change.get("reference") or "")
    topic = _TOPICS.get(kind, "")
    if kind == "exchange" and reference:
        topic = "pos.returned"
    wanted = "pos.sold" if topic == "pos.returned" and not reference else topic
    ref = shapes.text(change, "customer_id") if topic == "pos.customer" else moved.cause.document
    if not topic or wanted not in topics or not ref:
        return None
    return LookAt(SideName.POS, f"{moved.id}:paper", moved.at, topic, ref, reference)


def _moved(change: Any, counted: Sequence[str] | None, tag: str) -> StockMoved:
    data = shapes.mapping(change, "change")
    moves = [_movement(shapes.mapping(row, "movement")) for row in shapes.rows(data, "movements")]
    key, author = data.get("key"), shapes.text(data, "author")
    if key is not None and not isinstance(key, str):
        raise BadAnswer(f"key: found {key!r}, allowed is a text or null")
    ours = author == API and key is not None and key.startswith(marked(tag))
    return StockMoved(
        SideName.POS,
        shapes.text(data, "id"),
        shapes.text(data, "at"),
        tuple(move for move in moves if move.delta and (counted is None or move.outlet in counted)),
        Cause(shapes.text(data, "kind"), shapes.text(data, "document", empty=True)),
        ours,
        key.removeprefix(shapes.OUR_MARK) if ours and key is not None else "",
    )


def _movement(row: dict[str, Any]) -> Movement:
    before = row.get("before")
    return Movement(
        shapes.text(row, "item_id"),
        shapes.text(row, "outlet"),
        parse_quantity(row.get("delta"), "delta"),
        None if before is None else parse_quantity(before, "before"),
        shapes.text(row, "sku", empty=True),
    )


def _identity(change: Any, raw: str) -> str:
    """An id under which an unreadable change is told once, however often it is read."""
    given = change.get("id") if isinstance(change, dict) else None
    if isinstance(given, str) and given and shapes.storable(given):
        return given[:200]
    return hashlib.sha256(raw.encode()).hexdigest()[:32]


def _item(row: dict[str, Any]) -> Item:
    sku, name = shapes.text(row, "sku", empty=True), shapes.text(row, "name", empty=True)
    return Item(shapes.text(row, "id"), sku, name, row.get("tracked") is True)


def _level(row: dict[str, Any]) -> Level:
    sku, name = shapes.text(row, "sku", empty=True), shapes.text(row, "name", empty=True)
    quantity = _maybe_level(row.get("level"), "level")
    return Level(shapes.text(row, "item_id"), sku, name, shapes.text(row, "outlet"), quantity)


def _maybe_level(value: Any, where: str) -> Decimal | None:
    """A level, which is rounded as every level that is read; unknown stays unknown."""
    if value is None:
        return None
    try:
        return round_quantity(parse_quantity(value, where, 9))
    except Malformed as error:
        raise BadAnswer(str(error)) from None


def _each(data: dict[str, Any], name: str, read: Callable[[dict[str, Any]], Row]) -> list[Row]:
    return [read(shapes.mapping(row, name)) for row in shapes.rows(data, name)]


def _next(data: dict[str, Any]) -> str | None:
    return None if data.get("next") is None else shapes.text(data, "next")


def _names(data: dict[str, Any], name: str) -> tuple[str, ...]:
    """Names for people; a POS of before knows none."""
    found = data.get(name)
    rows = found if isinstance(found, list) else []
    return tuple(str(row.get("name", "") if isinstance(row, dict) else row) for row in rows)


def _mark(data: dict[str, Any]) -> Mark | None:
    """How far the POS's database has come; None where it does not say so in words that can be kept."""
    mark = marks.read(data)
    if mark is None or len(mark.incarnation) > LONGEST_NAME or not shapes.storable(mark.incarnation):
        return None
    return mark
