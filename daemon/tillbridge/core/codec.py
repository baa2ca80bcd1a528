"""Events as text: how what a side told us lies in the queue, by versioned kind, and how it is read again.

Two kinds hold events. `store.1` is the shim's wire form (wire.md), kept exactly as it came. `pos.1` is our own form,
written by a POS adapter's mapping. Reading never raises: what cannot be understood becomes `Unreadable`, which is
parked where a person sees it, so that one strange event blocks no other.
"""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

from tillbridge.core.events import Cause, Event, Hinted, LevelSeen, LookAt, Movement, StockMoved, Told, Unreadable
from tillbridge.core.stock import SideName, parse_quantity, round_quantity, spell
from tillbridge.errors import Malformed, TooFine

LEVEL_SEEN = "level.seen"
PRODUCT_DELETED = "product.deleted"
STORE_KIND = "store.1"
POS_KIND = "pos.1"

LOOK_TOPICS = frozenset(
    {
        "order.changed", "order.trashed", "order.restored", "order.deleted",
        "refund.created", "refund.deleted",
        "product.changed", "product.trashed", "product.restored", "product.deleted",
        "category.changed", "category.deleted",
        "customer.changed", "customer.deleted",
        "settings.changed", "site.paired", "site.moved",
    }
)  # fmt: skip
"""Topics that only say *look at this*; the object's id is in `data` under `<object>_id`."""

POS_DOCUMENT_TOPICS = frozenset({"pos.sold", "pos.returned", "pos.collected", "pos.shipped"})
POS_LOOK_TOPICS = POS_DOCUMENT_TOPICS | {"pos.customer"}
"""The same of a POS: a document of its own (`ref` is its number, `order` the reference of the web order that it is
about), or a customer (`ref` is the POS's id)."""


def told_by_store(event: dict[str, Any]) -> Told:
    """A shim event, to be stored as it came, in ASCII: surrogates and NUL stay escapes, which every database can hold.

    Its `id` must be a text (checked at intake). Raises `ValueError` for a number beyond a double, `RecursionError`.
    """
    return Told(_key(SideName.STORE, str(event["id"])), STORE_KIND, _compact(event))


def number_in(told: Told) -> int:
    """The shop's own number of an event that it told, which only rises; 0 where it tells none."""
    try:
        number = json.loads(told.body).get("n") if told.kind == STORE_KIND else None
    except (ValueError, RecursionError, AttributeError):
        return 0
    return number if isinstance(number, int) and not isinstance(number, bool) else 0


def encode_moved(event: StockMoved) -> Told:
    """An adapter's `StockMoved`, to be stored."""
    body = {
        "id": event.id,
        "topic": "stock.moved",
        "at": event.at,
        "ours": event.ours,
        "key": event.key,
        "cause": {"type": event.cause.type, "document": event.cause.document, "line": event.cause.line},
        "movements": [
            {
                "ref": move.ref,
                "outlet": move.outlet,
                "delta": spell(move.delta),
                "before": None if move.before is None else spell(move.before),
                "sku": move.sku,
            }
            for move in event.movements
        ],
    }
    return Told(_key(event.side, event.id), POS_KIND, _compact(body))


def encode_look(event: LookAt) -> Told:
    """What an adapter says of a document or a customer at the POS, to be stored: no content, and nobody's data."""
    body = {"id": event.id, "topic": event.topic, "at": event.at, "ref": event.ref, "order": event.order}
    return Told(_key(event.side, event.id), POS_KIND, _compact(body))


def encode_level(seen: LevelSeen) -> Told:
    """A level that a feed of levels told, to be stored."""
    body = {
        "id": seen.id,
        "topic": LEVEL_SEEN,
        "at": seen.at,
        "ref": seen.ref,
        "outlet": seen.outlet,
        "level": spell(seen.level),
        "begun": seen.begun,
        "confirmed": seen.confirmed,
    }
    return Told(_key(seen.side, seen.id), POS_KIND, _compact(body))


def encode_unreadable(side: SideName, event_id: str, raw: str, sentence: str) -> Told:
    """A change that an adapter's mapping could not read: told all the same, so that it is parked and not lost."""
    return Told(
        f"{side}:{event_id}",
        POS_KIND,
        _compact({"id": event_id, "topic": "unreadable", "raw": raw, "sentence": sentence}),
    )


def decode(kind: str, body: str) -> Event:
    """Read a stored event. Never raises."""
    side = SideName.POS if kind == POS_KIND else SideName.STORE
    try:
        event = json.loads(body)
        if not isinstance(event, dict):
            raise Malformed("the event is not a JSON object")
        if kind == STORE_KIND:
            return _store_event(event)
        if kind == POS_KIND:
            return _pos_event(event)
        return Unreadable(side, "", "unknown_kind", f"a message of kind {kind!r} was found", "update Tillbridge")
    except (ValueError, RecursionError) as error:
        return Unreadable(side, "", "malformed", f"the event is not JSON: {error}", _RESEND)
    except TooFine as error:
        return Unreadable(side, "", "too_fine", str(error), _TOO_FINE)
    except Malformed as error:
        return Unreadable(side, "", "malformed", str(error), _RESEND)


_PLACES_READ = 9
"""Decimal places that a level may come with: more than any shop keeps, so that none blocks the change it came with."""

_UPDATE = "update Tillbridge, then run `tillbridge sync`"
_RESEND = "update the plugin and Tillbridge to the same version, then run `tillbridge sync`"
_TOO_FINE = "count it in larger steps; `tillbridge reconcile` enters what it came to, then discard this"


def _key(side: SideName, event_id: str) -> str:
    """The message's key. A lone surrogate, which JSON may carry and no database takes, is spelled out."""
    return f"{side}:{_storable(event_id)}"


def _storable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


_compact = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def _store_event(event: dict[str, Any]) -> Event:
    event_id, at = _text(event, "id"), _text(event, "at", optional=True)
    topic = _text(event, "topic")
    data = event.get("data", {})
    if not isinstance(data, dict):
        raise Malformed(f"data: found {data!r}, allowed is an object")
    if topic == "stock.changed":
        return StockMoved(
            SideName.STORE,
            event_id,
            at,
            (
                Movement(
                    ref=_ref(data, "product_id"),
                    outlet="",
                    delta=parse_quantity(data.get("delta"), "data.delta"),
                    before=_maybe_level(data.get("before"), "data.before"),
                    sku=_text(data, "sku", optional=True),
                ),
            ),
            _store_cause(data.get("cause")),
            ours=event.get("origin") == "tillbridge",
        )
    if topic == "pos.webhook":
        return _hinted(event_id, data)
    if topic in LOOK_TOPICS:
        subject = topic.split(".")[0]
        name = f"{subject}_id"
        ref = _ref(data, name) if name in data else ""
        order = _ref(data, "order_id") if "order_id" in data else ""
        return LookAt(SideName.STORE, event_id, at, topic, ref, order, _text(data, "status", optional=True))
    return Unreadable(
        SideName.STORE,
        event_id,
        "unknown_topic",
        f"the shop sent the topic {topic!r}, which this version does not know",
        _UPDATE,
    )


def _hinted(event_id: str, data: dict[str, Any]) -> Hinted:
    """Anybody may call that address, so nothing of it is an error: what cannot be read is no POS's."""
    headers = data.get("headers")
    pairs = headers.items() if isinstance(headers, dict) else ()
    try:
        body = base64.b64decode(str(data.get("body") or ""), validate=True)
    except ValueError:
        body = b""
    return Hinted(
        SideName.STORE,
        event_id,
        str(data.get("method") or ""),
        str(data.get("query") or ""),
        {str(name).lower(): value for name, value in pairs if isinstance(value, str)},
        body,
    )


def _store_cause(cause: Any) -> Cause:
    if not isinstance(cause, dict):
        return Cause("other")
    order = cause.get("order_id")
    line = cause.get("line_id")
    type_, document, line_ = (_storable(str(one)) for one in (cause.get("type", "other"), order or "", line or ""))
    return Cause(type_, document, line_)


def _pos_event(event: dict[str, Any]) -> Event:
    event_id, topic = _text(event, "id"), _text(event, "topic")
    if topic == "unreadable":
        sentence = _text(event, "sentence", optional=True)
        return Unreadable(SideName.POS, event_id, "malformed", sentence or "the POS sent a change that cannot be read",
                          "look at the document at the POS; correct the level there by hand")  # fmt: skip
    if topic == LEVEL_SEEN:
        return LevelSeen(
            SideName.POS,
            event_id,
            _text(event, "at", optional=True),
            _text(event, "ref"),
            _text(event, "outlet", optional=True),
            parse_quantity(event.get("level"), "level"),
            _seconds(event, "begun"),
            event.get("confirmed") is True,
        )
    if topic in POS_LOOK_TOPICS:
        at, order = (_text(event, name, optional=True) for name in ("at", "order"))
        return LookAt(SideName.POS, event_id, at, topic, _text(event, "ref"), order)
    if topic != "stock.moved":
        return Unreadable(SideName.POS, event_id, "unknown_topic", f"unknown topic {topic!r}", _UPDATE)
    cause = event.get("cause")
    moves = event.get("movements")
    if not isinstance(cause, dict) or not isinstance(moves, list):
        raise Malformed("cause must be an object and movements a list")
    return StockMoved(
        SideName.POS,
        event_id,
        _text(event, "at", optional=True),
        tuple(_movement(move, f"movements[{at}]") for at, move in enumerate(moves)),
        Cause(_text(cause, "type"), _text(cause, "document", optional=True), _text(cause, "line", optional=True)),
        ours=event.get("ours") is True,
        key=_text(event, "key", optional=True),
    )


def _movement(move: Any, where: str) -> Movement:
    if not isinstance(move, dict):
        raise Malformed(f"{where}: found {move!r}, allowed is an object")
    return Movement(
        _text(move, "ref"),
        _text(move, "outlet", optional=True),
        parse_quantity(move.get("delta"), f"{where}.delta"),
        _maybe_level(move.get("before"), f"{where}.before"),
        _text(move, "sku", optional=True),
    )


def _maybe_level(value: Any, where: str) -> Decimal | None:
    """A level as it was read, so rounded: a shop that once moved by less than we count has more places ever after."""
    return None if value is None else round_quantity(parse_quantity(value, where, _PLACES_READ))


def _text(data: dict[str, Any], name: str, *, optional: bool = False) -> str:
    value = data.get(name)
    if isinstance(value, str) and (value or optional):
        return _storable(value)
    if value is None and optional:
        return ""
    raise Malformed(f"{name}: found {value!r}, allowed is a text")


def _seconds(event: dict[str, Any], name: str) -> float:
    value = event.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise Malformed(f"{name}: found {value!r}, allowed is a number of seconds")


def _ref(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return str(value)
    raise Malformed(f"data.{name}: found {value!r}, allowed is the object's id, a positive whole number")
