"""The plugin's words in ours: changes to send, results, levels, events. Pure, and strict about what it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from tillbridge.core import marks
from tillbridge.core.actions import Action, AdjustStock, Outcome, Status, VoidAdjustment
from tillbridge.core.codec import told_by_store
from tillbridge.core.events import Told
from tillbridge.core.marks import Mark
from tillbridge.core.stock import LARGEST, Item, Level, parse_quantity, round_quantity, spell
from tillbridge.errors import BadAnswer, CallRefused, Malformed, NotSent, SideTrouble, Throttled, Unauthorised

FIXES = {
    "not_found": "This product is no longer in the shop, or lies in its trash: restore it there.",
    "not_managed": "Stock management is off for this product: let it track its quantity in its inventory settings.",
    "parent_managed": "The parent product keeps this variation's stock: link the parent, or track it per variation.",
    "store_error": "The shop could not write the change and undid it; it is tried again.",
}
"""By reason code: what happened and what a person does about it."""

ADJUSTED = {
    "applied": (Status.APPLIED, ""),
    "duplicate": (Status.DUPLICATE, ""),
    "voided": (Status.VOIDED, ""),
    "not_found": (Status.NOT_FOUND, "not_found"),
    "not_managed": (Status.REFUSED, "not_managed"),
    "parent_managed": (Status.REFUSED, "parent_managed"),
    "invalid": (Status.INVALID, "invalid"),
    "error": (Status.REFUSED, "store_error"),
}
VOIDED = {
    "applied": (Status.APPLIED, ""),
    "voided": (Status.VOIDED, ""),
    "invalid": (Status.INVALID, "invalid"),
}
"""An `error` is not here: a void that was undone leaves its key as unknown as before."""


def change(action: Action) -> dict[str, Any]:
    """One change of stock/apply. Raises `Malformed` for what this side cannot be asked."""
    if isinstance(action, VoidAdjustment):
        return {"key": action.key, "void": True}
    if not isinstance(action, AdjustStock):
        raise Malformed(f"found {type(action).__name__}, the shop takes only differences")
    if action.outlet:
        raise Malformed(f"outlet: found {action.outlet!r}, the shop has none")
    if not (action.ref.isascii() and action.ref.isdigit() and int(action.ref) > 0):
        raise Malformed(f"ref: found {action.ref!r}, allowed is a product id")
    delta = parse_quantity(spell(action.delta), "delta")
    if not delta:
        raise Malformed("delta: found 0, which moves nothing")
    return {"key": action.key, "product_id": int(action.ref), "delta": spell(delta)}


def outcomes(actions: Sequence[Action], body: Mapping[str, Any]) -> list[Outcome]:
    """One outcome for each action; a row that does not answer its action says nothing about it."""
    rows = body.get("results")
    given: Sequence[Any] = rows if isinstance(rows, list) else ()
    return [outcome(action, given[at] if at < len(given) else None) for at, action in enumerate(actions)]


def outcome(action: Action, row: object) -> Outcome:
    """What one row of the answer says about one action."""
    known = ADJUSTED if isinstance(action, AdjustStock) else VOIDED
    found = known.get(str(row.get("status"))) if isinstance(row, dict) and row.get("key") == action.key else None
    if not isinstance(row, dict) or found is None:
        words = f"the shop did not say what became of it: {row!r:.200}"
        return Outcome(Status.UNCERTAIN, reason="odd_answer", sentence=words)
    status, reason = found
    said = row.get("message")
    words = " ".join(part for part in (FIXES.get(reason, ""), f"({said})" if said and reason else "") if part)
    return Outcome(status, level=quantity(row.get("level")), reason=reason, sentence=words)


def trouble(error: SideTrouble) -> Outcome:
    """What a call that failed as a whole means for each of its actions."""
    match error:
        case NotSent():
            return Outcome(Status.UNREACHABLE, sentence=str(error))
        case Unauthorised():
            return Outcome(Status.UNAUTHORISED, reason="unauthorised", sentence=str(error))
        case Throttled():
            return Outcome(Status.THROTTLED, sentence=str(error), retry_after=error.retry_after)
        case CallRefused():
            return Outcome(Status.INVALID, reason="refused_call", sentence=str(error))
        case _:
            return Outcome(Status.UNCERTAIN, reason="no_answer", sentence=str(error))


def level(row: Mapping[str, Any]) -> Level:
    """A level; unknown where the shop does not keep one for this product itself."""
    return Level(
        ref=str(row["product_id"]),
        sku=row["sku"],
        name=row["name"],
        outlet="",
        quantity=quantity(row.get("level")) if row["managed"] is True else None,
        moving=row.get("moving") is not False,
        backorders=row["backorders"] != "no" if isinstance(row.get("backorders"), str) else None,
    )


def item(row: Mapping[str, Any]) -> Item:
    """A product or variation; `parent` only where the parent keeps the stock."""
    family = str(row["parent_id"]) if row["parent_id"] else ""
    parent = family if row["managed"] == "parent" else ""
    return Item(
        str(row["product_id"]), row["sku"], row["name"], tracked=row["managed"] is True, parent=parent, family=family
    )


def level_rows(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The rows of a page of stock/levels, each checked before any is used."""
    rows = body.get("levels")
    if not isinstance(rows, list):
        raise BadAnswer("stock/levels: the answer has no list of levels")
    for row in rows:
        if not isinstance(row, dict) or not _is_level(row):
            raise BadAnswer(f"stock/levels: a row has an unknown shape: {row!r:.200}")
    return iter(rows)


def next_page(body: Mapping[str, Any], after: int, route: str = "stock/levels") -> int | None:
    """Where the next page begins. One that does not lead forward would be asked for ever."""
    following = body.get("next")
    if following is None:
        return None
    if isinstance(following, bool) or not isinstance(following, int) or following <= after:
        raise BadAnswer(f"{route}: the next page begins at {following!r}, after {after}")
    return following


def told(body: Mapping[str, Any]) -> tuple[Told, ...]:
    """The events of a page of the outbox, kept as they came: understanding them comes after storing them."""
    return tuple(told_by_store(event) for event in events(body))


def ids(body: Mapping[str, Any]) -> list[str]:
    """The ids to acknowledge, once the page is stored."""
    return [event["id"] for event in events(body)]


def has_more(body: Mapping[str, Any]) -> bool:
    """Whether the outbox holds more than this page."""
    if not isinstance(body.get("more"), bool):
        raise BadAnswer("outbox: the answer does not say whether there are more events")
    return bool(body["more"])


def remembered(body: Mapping[str, Any]) -> Mark | None:
    """How far the shop has heard that our own books had come; None where it does not say."""
    return marks.read({"incarnation": body.get("books"), "counter": body.get("books_counter")})


def events(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The events of a page, each with its id."""
    found = body.get("events")
    if not isinstance(found, list):
        raise BadAnswer("outbox: the answer has no list of events")
    for event in found:
        if not isinstance(event, dict) or not isinstance(event.get("id"), str) or not event["id"]:
            raise BadAnswer(f"outbox: an event has no id: {event!r:.200}")
    return found


def _is_level(row: Mapping[str, Any]) -> bool:
    numbers = all(isinstance(row.get(n), int) and not isinstance(row[n], bool) for n in ("product_id", "parent_id"))
    texts = isinstance(row.get("sku"), str) and isinstance(row.get("name"), str)
    return numbers and texts and row.get("managed") in (True, False, "parent")


def quantity(value: object) -> Decimal | None:
    """A level as read, rounded to our precision; what is no number is unknown, and never zero."""
    if not isinstance(value, str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return round_quantity(number) if number.is_finite() and abs(number) <= LARGEST else None
