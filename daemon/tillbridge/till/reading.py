"""Reading what a program sent: JSON becomes drafts, cards and settings, or a refusal that says what is wrong where."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from unicodedata import category
from urllib.parse import urlsplit

from tillbridge.till.amounts import cents, signed_cents, thousandths
from tillbridge.till.catalogue import Card
from tillbridge.till.papers import AT_THE_COUNTER, HANDED_OVER, Amounts, Author, Draft, Kind, Line, Payment
from tillbridge.till.refusal import Refusal
from tillbridge.till.rules import Rules, Tax
from tillbridge.till.webhook import Webhook

LARGEST_BODY = 1024 * 1024
"""Bytes."""

LARGEST_BATCH = 100
"""Adjustments a call."""

LARGEST_DOCUMENT = 500
"""Lines a document."""

_KEY = re.compile(r"[A-Za-z0-9._:~-]{1,128}")
_NUMBER = re.compile(r"[0-9]{1,15}")
_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")
LARGEST_LIST = 50
"""Payments of a document, taxes of a line."""

LONGEST_NAME = 64
LONGEST_REFERENCE = 128


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
    return Draft(
        kind,
        _outlet(body, "from" if kind is Kind.TRANSFER else "outlet"),
        _sold(kind, body),
        key_of(body),
        _author(body),
        _lines(body, "returned", kind, least=_least(kind, body)) if kind is Kind.EXCHANGE else (),
        _outlet(body, "to") if kind is Kind.TRANSFER else "",
        text(body, "sale", 40) if kind in (Kind.RETURN, Kind.EXCHANGE) else "",
        text(body, "reason", 200),
        text(body, "payment", LONGEST_NAME),
        **(_of_an_order(kind, body) if kind in AT_THE_COUNTER | HANDED_OVER else {}),
    )


def _of_an_order(kind: Kind, body: dict[str, Any]) -> dict[str, Any]:
    """What only web orders and their customers bring."""
    customer = body.get("customer_id")
    told = body.get("total")
    return {
        "reference": text(body, "reference", LONGEST_REFERENCE),
        "order_number": text(body, "number", LONGEST_NAME),
        "payments": _payments(body) if kind in AT_THE_COUNTER else (),
        "customer": None if customer is None else number(customer, "customer_id"),
        "at": _time(body, "at"),
        "total": None if told is None else signed_cents(told, "total"),
    }


def _sold(kind: Kind, body: dict[str, Any]) -> tuple[Line, ...]:
    if kind in HANDED_OVER:
        return ()
    name = "sold" if kind is Kind.EXCHANGE else "lines"
    return _lines(body, name, kind, least=_least(kind, body))


def _least(kind: Kind, body: dict[str, Any]) -> int:
    """How many lines a list must have: a void has everything that is left, and a web order may be changed in one
    direction only, or in none where it is only paid."""
    return 0 if kind is Kind.VOID or (kind is Kind.EXCHANGE and body.get("reference")) else 1


def rules(body: dict[str, Any], before: Rules) -> Rules:
    """What the till takes; what is not named stays as it was."""
    payments, taxes = body.get("payment_types", list(before.payment_types)), body.get("taxes")
    strict = body.get("strict_postcode", before.strict_postcode)
    if not isinstance(payments, list) or not 0 < len(payments) <= LARGEST_LIST:
        raise Refusal("payment_types_invalid", "payment_types: a list of names, one at least")
    if taxes is not None and not (isinstance(taxes, list) and all(isinstance(tax, dict) for tax in taxes)):
        raise Refusal("taxes_invalid", "taxes: a list of objects with name and percent; empty: any name is taken")
    if not isinstance(strict, bool):
        raise Refusal("strict_postcode_invalid", "strict_postcode: true or false")
    kinds = tuple(name_of({"payment_types": name}, "payment_types") for name in payments)
    known = before.taxes if taxes is None else tuple(_tax(tax) for tax in taxes)
    return replace(before, payment_types=kinds, taxes=known, strict_postcode=strict)


def _tax(row: dict[str, Any]) -> Tax:
    percent = row.get("percent")
    if not isinstance(percent, str) or not _PERCENT.fullmatch(percent):
        raise Refusal("percent_invalid", 'percent: text such as "19" or "9.975"')
    return Tax(name_of(row, "name"), percent)


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


def _lines(body: dict[str, Any], name: str, kind: Kind, *, least: int = 1) -> tuple[Line, ...]:
    rows = body.get(name, [] if least == 0 else None)
    if not isinstance(rows, list) or len(rows) < least:
        raise Refusal("lines_missing", f"{name}: a list with at least one line")
    if len(rows) > LARGEST_DOCUMENT:
        raise Refusal("too_large", f"{name}: at most {LARGEST_DOCUMENT} lines", 413)
    return tuple(_line(row, f"{name}[{at}]", kind) for at, row in enumerate(rows))


def _line(row: object, where: str, kind: Kind) -> Line:
    if not isinstance(row, dict):
        raise Refusal("lines_invalid", f"{where}: a line is a JSON object")
    if kind is Kind.COUNT:
        expected = row.get("expected")
        believed = None if expected is None else thousandths(expected, f"{where}.expected")
        item = number(row.get("item_id"), f"{where}.item_id")
        return Line(item, thousandths(row.get("level"), f"{where}.level"), expected=believed)
    if kind in AT_THE_COUNTER:
        return _line_with_money(row, where)
    return Line(number(row.get("item_id"), f"{where}.item_id"), _quantity(row, where))


def _line_with_money(row: dict[str, Any], where: str) -> Line:
    """A line of a sale or return: at a price, or with amounts of its own, and then it may be an amount alone."""
    price, item = row.get("price"), row.get("item_id")
    amounts = _amounts(row, where) if "net" in row else None
    quantity = _quantity(row, where, least=1 if amounts is None else 0)
    name = text(row, "name", 200)
    if item is None and (amounts is None or not name.strip()):
        raise Refusal("lines_invalid", f"{where}: a line without an item_id needs a name and its own amounts (net)")
    if amounts is not None and price is not None:
        raise Refusal("price_invalid", f"{where}: either a price or amounts of its own (net), not both")
    restock = row.get("restock", True)
    if not isinstance(restock, bool):
        raise Refusal("restock_invalid", f"{where}.restock: true or false")
    return Line(
        0 if item is None else _item(item, where),
        quantity,
        None if price is None else cents(price, f"{where}.price"),
        name=name,
        line=text(row, "line", LONGEST_NAME),
        amounts=amounts,
        restock=restock,
    )


def _item(value: object, where: str) -> int:
    found = number(value, f"{where}.item_id")
    if not found:
        raise Refusal("item_unknown", f"{where}: there is no item 0", 404)
    return found


def _quantity(row: dict[str, Any], where: str, *, least: int = 1) -> int:
    quantity = thousandths(row.get("quantity"), f"{where}.quantity")
    if quantity < least:
        raise Refusal("quantity_invalid", f"{where}.quantity: more than nothing; the kind of document says which way")
    return quantity


def _amounts(row: dict[str, Any], where: str) -> Amounts:
    rows = row.get("taxes", [])
    if not isinstance(rows, list) or len(rows) > LARGEST_LIST or not all(isinstance(tax, dict) for tax in rows):
        raise Refusal("taxes_invalid", f"{where}.taxes: a list of objects with tax and amount, {LARGEST_LIST} at most")
    taxes = [(name_of(tax, "tax"), signed_cents(tax.get("amount"), f"{where}.taxes.amount")) for tax in rows]
    if len({name for name, _ in taxes}) < len(taxes):
        raise Refusal("taxes_invalid", f"{where}.taxes: each tax once")
    return Amounts(signed_cents(row.get("net"), f"{where}.net"), tuple(taxes))


def _payments(body: dict[str, Any]) -> tuple[Payment, ...]:
    rows = body.get("payments", [])
    if not isinstance(rows, list) or len(rows) > LARGEST_LIST or not all(isinstance(row, dict) for row in rows):
        raise Refusal("payments_invalid", f"payments: a list of objects with type and amount, {LARGEST_LIST} at most")
    if rows and body.get("payment"):
        raise Refusal("payments_invalid", "either one payment or a list of payments, not both")
    payments = tuple(Payment(name_of(row, "type"), cents(row.get("amount"), "payments.amount")) for row in rows)
    if any(not payment.amount for payment in payments) or len({one.type for one in payments}) < len(payments):
        raise Refusal("payments_invalid", "payments: each type once, with more than nothing")
    return payments


def name_of(body: dict[str, Any], name: str) -> str:
    """A name that must be there."""
    found = text(body, name, LONGEST_NAME).strip()
    if not found:
        raise Refusal(f"{name}_invalid", f"{name}: a name")
    return found


def _time(body: dict[str, Any], name: str) -> str:
    return moment(body[name], name) if body.get(name) is not None else ""


def moment(value: object, where: str) -> str:
    """A time with its offset, RFC 3339, as documents have it."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        utc = None if found is None or found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        utc = None
    if utc is None:
        raise Refusal(f"{where}_invalid", f'{where}: a time such as "2026-11-22T10:00:00Z"')
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")
