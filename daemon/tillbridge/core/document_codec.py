"""Documents as text: how one that is under way is kept, so that it is repeated as it was. Who
bought it is kept by the POS's id alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from tillbridge.core.documents import (
    AmendSale,
    Document,
    DocumentLine,
    Heading,
    Payment,
    Portion,
    RecordReturn,
    RecordSale,
    VoidSale,
)
from tillbridge.core.stock import spell
from tillbridge.core.taken import sold_and_returned
from tillbridge.errors import Malformed

_KINDS: Mapping[str, type[RecordSale | RecordReturn | VoidSale]] = {
    "sale": RecordSale,
    "return": RecordReturn,
    "void": VoidSale,
}
_SALE, _AMENDMENT = "sale", "amendment"


def encode_document(document: Document) -> str:
    """A document without its customer, as text to be stored."""
    sold, returned = sold_and_returned(document)
    heading = document.heading
    body = {
        "kind": kind_of(document),
        "key": document.key,
        "heading": [heading.reference, heading.number, heading.outlet, heading.currency],
        "at": document.at,
        "sold": _lines(sold),
        "returned": _lines(returned),
        "payments": [[payment.type, spell(payment.amount)] for payment in document.payments],
        "total": spell(document.total),
        **({"buyer": document.buyer} if isinstance(document, RecordSale) and document.buyer is not None else {}),
    }
    return json.dumps(body, separators=(",", ":"))


def decode_document(text: str) -> Document:
    """What `encode_document` wrote. Raises `Malformed` for anything else."""
    try:
        body = json.loads(text)
        kind, key, heading, at = body["kind"], body["key"], Heading(*body["heading"]), body["at"]
        sold, returned = (tuple(_line(line) for line in body[side]) for side in ("sold", "returned"))
        payments = tuple(Payment(name, Decimal(amount)) for name, amount in body["payments"])
        total = Decimal(body["total"])
        if kind == _AMENDMENT:
            return AmendSale(key, heading, at, sold, returned, payments, total)
        if kind == _SALE:
            return RecordSale(key, heading, at, sold + returned, payments, total, buyer=body.get("buyer"))
        return _KINDS[kind](key, heading, at, sold + returned, payments, total)
    except (ArithmeticError, KeyError, TypeError, ValueError) as problem:
        raise Malformed(f"a document: found {text[:80]!r}, allowed is what was stored") from problem


def kind_of(document: Document) -> str:
    """`sale`, `amendment`, `return` or `void`."""
    return next((name for name, kind in _KINDS.items() if isinstance(document, kind)), _AMENDMENT)


def _lines(lines: Iterable[DocumentLine]) -> list[dict[str, Any]]:
    return [
        {
            "line": line.line,
            "item": line.item,
            "name": line.name,
            "quantity": spell(line.portion.quantity),
            "net": spell(line.portion.net),
            "taxes": {name: spell(amount) for name, amount in line.portion.taxes.items()},
            "restock": line.restock,
        }
        for line in lines
    ]


def _line(line: Mapping[str, Any]) -> DocumentLine:
    taxes = {name: Decimal(amount) for name, amount in line["taxes"].items()}
    portion = Portion(Decimal(line["quantity"]), Decimal(line["net"]), taxes)
    return DocumentLine(line["line"], line["item"], line["name"], portion, line["restock"])
