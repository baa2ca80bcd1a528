"""Reading what a program sent: JSON becomes drafts, cards and settings, or a refusal that says what is wrong where."""

from __future__ import annotations

import json
import re
from typing import Any
from unicodedata import category
from urllib.parse import urlsplit

from tillbridge.till.amounts import cents, thousandths
from tillbridge.till.catalogue import Card
from tillbridge.till.papers import Author, Draft, Kind, Line
from tillbridge.till.refusal import Refusal
from tillbridge.till.webhook import Webhook

LARGEST_BODY = 1024 * 1024
"""Bytes."""

LARGEST_BATCH = 100
"""Adjustments a call."""

LARGEST_DOCUMENT = 500
"""Lines a document."""

_KEY = re.compile(r"[A-Za-z0-9._:~-]{1,128}")
_NUMBER = re.compile(r"[0-9]{1,15}")
_PAYMENTS = ("", "cash", "card", "other")


def document_of(body: bytes) -> dict[str, Any]:
    """The JSON object in a request body."""
    if len(body) > LARGEST_BODY:
        raise Refusal("too_large", f"a request is at most {LARGEST_BODY} bytes", 413)
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal("json_invalid", f"the body is not JSON: {str(error)[:100]}") from None
    if not isinstance(found, dict):
        raise Refusal("json_invalid", "the body must be a JSON object")
    return found


def key_of(body: dict[str, Any]) -> str:
    """The idempotency key, which every document needs."""
    return key(body.get("key"))


def key(value: object) -> str:
    """A key as programs may choose it."""
    if isinstance(value, str) and _KEY.fullmatch(value):
        return value
    raise Refusal("key_invalid", "key: 1 to 128 letters, digits and . _ : ~ -")


def number(value: object, where: str) -> int:
    """An id or a cursor, which are text on the wire."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value)
    raise Refusal("id_invalid", f'{where}: an id is text made of digits, such as "12"')


def text(body: dict[str, Any], name: str, longest: int) -> str:
    """A text that may be missing, then empty."""
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > longest or not _one_line(value):
        raise Refusal(f"{name}_invalid", f"{name}: text of at most {longest} characters, on one line")
    return value


def card(body: dict[str, Any]) -> Card:
    """An item's card."""
    tracked = body.get("tracked", True)
    if not isinstance(tracked, bool):
        raise Refusal("tracked_invalid", "tracked: true or false")
    name = text(body, "name", 200)
    if not name.strip():
        raise Refusal("name_invalid", "name: an item needs a name")
    return Card(text(body, "sku", 100).strip(), name.strip(), cents(body.get("price"), "price"), tracked)


def adjustment(body: object) -> Draft:
    """One row of a call to /v1/adjustments."""
    if not isinstance(body, dict):
        raise Refusal("json_invalid", "an adjustment must be a JSON object")
    delta = thousandths(body.get("delta"), "delta")
    if delta == 0:
        raise Refusal("quantity_invalid", "delta: an adjustment moves something")
    line = Line(number(body.get("item_id"), "item_id"), delta)
    reason = text(body, "reason", 200)
    return Draft(Kind.ADJUSTMENT, _outlet(body, "outlet"), (line,), key_of(body), Author.API, reason=reason)


def draft(kind: Kind, body: dict[str, Any]) -> Draft:
    """A document of any other kind."""
    taken_back: tuple[Line, ...] = ()
    to = ""
    if kind is Kind.EXCHANGE:
        lines, taken_back = _lines(body, "sold", kind), _lines(body, "returned", kind)
    else:
        lines = _lines(body, "lines", kind)
    outlet = _outlet(body, "from" if kind is Kind.TRANSFER else "outlet")
    if kind is Kind.TRANSFER:
        to = _outlet(body, "to")
    sale = text(body, "sale", 40) if kind in (Kind.RETURN, Kind.EXCHANGE) else ""
    payment = body.get("payment", "")
    if payment not in _PAYMENTS:
        raise Refusal("payment_invalid", "payment: cash, card or other")
    reason = text(body, "reason", 200)
    return Draft(kind, outlet, lines, key_of(body), _author(body), taken_back, to, sale, reason, payment)


def webhook(body: dict[str, Any]) -> Webhook:
    """Where hints are wanted."""
    url, secret = text(body, "url", 500), text(body, "secret", 200)
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        good = good and parts.port != 0 and url.isascii() and " " not in url
    except ValueError:
        good = False
    if not good:
        raise Refusal("url_invalid", "url: an http or https address without a user name in it")
    if len(secret) < 8:
        raise Refusal("secret_invalid", "secret: text of 8 to 200 characters")
    return Webhook(url, secret)


def _one_line(value: str) -> bool:
    """No control characters, and no half of a surrogate pair, which no database could store."""
    return not any(category(letter) in ("Cc", "Cs") for letter in value)


def _author(body: dict[str, Any]) -> Author:
    try:
        return Author(body.get("author", "api"))
    except ValueError:
        raise Refusal("author_invalid", "author: api (another program) or till (the register itself)") from None


def _outlet(body: dict[str, Any], name: str) -> str:
    found = text(body, name, 40)
    if not found:
        raise Refusal("outlet_missing", f"{name}: which outlet?")
    return found


def _lines(body: dict[str, Any], name: str, kind: Kind) -> tuple[Line, ...]:
    rows = body.get(name)
    if not isinstance(rows, list) or not rows:
        raise Refusal("lines_missing", f"{name}: a list with at least one line")
    if len(rows) > LARGEST_DOCUMENT:
        raise Refusal("too_large", f"{name}: at most {LARGEST_DOCUMENT} lines", 413)
    return tuple(_line(row, f"{name}[{at}]", kind) for at, row in enumerate(rows))


def _line(row: object, where: str, kind: Kind) -> Line:
    if not isinstance(row, dict):
        raise Refusal("lines_invalid", f"{where}: a line is a JSON object")
    item = number(row.get("item_id"), f"{where}.item_id")
    if kind is Kind.COUNT:
        expected = row.get("expected")
        believed = None if expected is None else thousandths(expected, f"{where}.expected")
        return Line(item, thousandths(row.get("level"), f"{where}.level"), expected=believed)
    quantity = thousandths(row.get("quantity"), f"{where}.quantity")
    if quantity <= 0:
        raise Refusal("quantity_invalid", f"{where}.quantity: more than nothing; the kind of document says which way")
    price = row.get("price")
    return Line(item, quantity, None if price is None else cents(price, f"{where}.price"))
