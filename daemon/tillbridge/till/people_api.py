"""The API's routes about customers."""

from __future__ import annotations

from typing import Any

from tillbridge.till import reading, shapes
from tillbridge.till.book import Book
from tillbridge.till.customers import ADDRESS, Contact
from tillbridge.till.refusal import Refusal
from tillbridge.till.wire import Request, Result


def list_customers(book: Book, request: Request) -> Result:
    """All customers by pages, or those of an e-mail address or a phone number."""
    limit = request.limit(500)
    sought = {name: reading.text(dict(request.query), name, 320) for name in ("email", "phone", "external_id")}
    if sought["external_id"]:
        known = book.customers.of_external(sought["external_id"])
        return 200, {"customers": [] if known is None else [shapes.customer(known)], "next": None}
    found = book.customers.listed(request.after(), limit + 1, sought["email"], sought["phone"])
    after = str(found[limit - 1].id) if len(found) > limit else None
    return 200, {"customers": [shapes.customer(one) for one in found[:limit]], "next": after}


def show_customer(book: Book, request: Request) -> Result:
    """One customer."""
    return 200, shapes.customer(book.customers.customer(_number(request)))


def add_customer(book: Book, request: Request) -> Result:
    """A new customer; one whose external id is known is rewritten."""
    written, new = book.keep_customer(None, _contact(reading.document_of(request.body)))
    return (201 if new else 200), shapes.customer(written)


def change_customer(book: Book, request: Request) -> Result:
    """Rewrite a customer."""
    written, _ = book.keep_customer(_number(request), _contact(reading.document_of(request.body)))
    return 200, shapes.customer(written)


def erase_customer(book: Book, request: Request) -> Result:
    """Forget who a customer was; the documents stay."""
    return 200, shapes.customer(book.erase_customer(_number(request)))


def _number(request: Request) -> int:
    return reading.number(request.parts["id"], "id")


def _contact(body: dict[str, Any]) -> Contact:
    address = body.get("address", {})
    if not isinstance(address, dict):
        raise Refusal("address_invalid", "address: an object")
    parts = {part: reading.text(address, part, 200).strip() for part in ADDRESS}
    name, email, phone = (reading.text(body, field, 320).strip() for field in ("name", "email", "phone"))
    if not (name or email or phone):
        raise Refusal("name_invalid", "name: a customer needs a name, an e-mail address or a phone number")
    external_id = reading.text({"external_id": body.get("external_id") or ""}, "external_id", 128)
    return Contact(name, email, phone, {part: text for part, text in parts.items() if text}, external_id)
