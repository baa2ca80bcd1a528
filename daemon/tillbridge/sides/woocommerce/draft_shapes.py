"""Drafts of orders and refunds in the plugin's words, and its answers in ours. Pure, and strict about what it reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from tillbridge.core.drafts import DraftLine, Made, OrderDraft, RefundDraft, ReturnedLine
from tillbridge.core.paper import Person, TaxShare
from tillbridge.core.stock import spell
from tillbridge.errors import BadAnswer, Malformed
from tillbridge.sides.woocommerce.fields import Fields
from tillbridge.sides.woocommerce.holdings import is_order

ADDRESS = {
    "first_name": "first_name", "last_name": "last_name", "company": "company", "address_1": "street",
    "address_2": "street_2", "city": "city", "state": "state", "postcode": "postcode", "country": "country",
    "email": "email", "phone": "phone",
}  # fmt: skip


def order(draft: OrderDraft) -> dict[str, Any]:
    """The body of POST /orders. Raises `Malformed`."""
    return {
        "key": draft.key, "document": draft.document, "at": _time(draft.at),
        "paid": _time(draft.paid) if draft.paid else None, "status": draft.status, "currency": draft.currency,
        "total": spell(draft.total), "method": draft.method, "method_title": draft.method_title,
        "payments": [{"method": part.method, "amount": spell(part.amount)} for part in draft.parts],
        "customer_id": number(draft.billing.id, "customer") if draft.billing.id else 0,
        "billing": _person(draft.billing), "shipping": _person(draft.shipping), "note": draft.note,
        "mail": draft.mail, "lines": [_line(line) for line in draft.lines],
    }  # fmt: skip


def refund(draft: RefundDraft) -> dict[str, Any]:
    """The body of POST /refunds. Raises `Malformed`."""
    return {
        "key": draft.key, "document": draft.document, "order_id": number(draft.order, "order"),
        "at": _time(draft.at), "amount": spell(draft.amount), "reason": draft.reason, "mail": draft.mail,
        "lines": [_returned(line) for line in draft.lines],
    }  # fmt: skip


def number(ref: str, what: str) -> int:
    """An id of the store. Raises `Malformed` for what is none."""
    if not is_order(ref):
        raise Malformed(f"{what}: found {ref!r}, allowed is an id of the store")
    return int(ref)


def made(body: Mapping[str, Any], ref: str) -> Made:
    """What the plugin says that it made; `ref` is the field that names it."""
    answer = Fields(body, "the plugin's answer")
    lines = answer.raw("lines") or {}
    again = answer.raw("again")
    if not isinstance(lines, dict) or not isinstance(again, bool):
        raise BadAnswer(f"the plugin's answer has an unknown shape: {body!r:.200}")
    return Made(answer.known(ref), answer.text("status"), again, {str(line): _id(item) for line, item in lines.items()})


def _line(line: DraftLine) -> dict[str, Any]:
    return {
        "line": line.line, "kind": str(line.kind), "product_id": number(line.ref, "product") if line.ref else 0,
        "name": line.name, "quantity": spell(line.quantity), "net": spell(line.net), "taxes": _taxes(line.taxes),
        "tax_class": line.tax_class, "method": line.method, "held": spell(line.held),
    }  # fmt: skip


def _returned(line: ReturnedLine) -> dict[str, Any]:
    return {
        "line_id": number(line.line, "line"), "quantity": spell(line.quantity), "net": spell(line.net),
        "taxes": _taxes(line.taxes), "restocked": spell(line.restocked),
    }  # fmt: skip


def _taxes(taxes: Iterable[TaxShare]) -> list[dict[str, Any]]:
    return [{"rate_id": number(tax.rate, "tax rate"), "amount": spell(tax.amount)} for tax in taxes]


def _person(person: Person) -> dict[str, str]:
    return {name: getattr(person, field) for name, field in ADDRESS.items()}


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _id(value: object) -> str:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise BadAnswer(f"the plugin's answer: lines: expected ids, found {value!r:.80}")
    return str(value)
