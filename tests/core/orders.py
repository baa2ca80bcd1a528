"""Orders for the tests of documents: what a test is about spelled out, and those that a real WooCommerce recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tillbridge.core.paper import LineKind, Paper, PaperLine, Rate, Refund, RefundLine, TaxShare
from tillbridge.core.stock import ZERO
from tillbridge.sides.woocommerce import paper_shapes

RECORDINGS = Path(__file__).resolve().parent.parent / "recordings" / "woocommerce-11.0.1" / "papers"
CREATED = datetime(2026, 11, 22, 4, 50, tzinfo=UTC)
D = Decimal


def taxes(shares: dict[str, str] | None) -> tuple[TaxShare, ...]:
    return tuple(TaxShare(rate, D(amount)) for rate, amount in (shares or {}).items())


def goods(line: str, net: str, tax: dict[str, str] | None = None, quantity: str = "1", **more: Any) -> PaperLine:
    """A line of a product; its ref is `p<line>` unless told."""
    more.setdefault("refs", (f"p{line}",))
    more.setdefault("reduced", D(quantity))
    return PaperLine(line, LineKind.ITEM, f"Cup {line}", D(quantity), D(net), taxes(tax), **more)


def shipping(line: str, net: str, tax: dict[str, str] | None = None) -> PaperLine:
    return PaperLine(line, LineKind.SHIPPING, "Flat rate", D(1), D(net), taxes(tax))


def fee(line: str, net: str, tax: dict[str, str] | None = None, **more: Any) -> PaperLine:
    return PaperLine(line, LineKind.FEE, "Gift wrap", D(1), D(net), taxes(tax), **more)


def refund(amount: str, *lines: tuple[str, str, str, dict[str, str] | None], number: str = "900") -> Refund:
    """A refund of lines given as (line, quantity, net, taxes)."""
    found = tuple(RefundLine(line, D(quantity), D(net), taxes(tax)) for line, quantity, net, tax in lines)
    return Refund(number, CREATED, D(amount), found)


def order(total: str, *lines: PaperLine, rates: dict[str, str] | None = None, **more: Any) -> Paper:
    """A paid order by bank transfer in euro. The rates' totals are what the lines come to, unless told."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        for tax in line.taxes:
            sums[tax.rate] = sums.get(tax.rate, ZERO) + tax.amount
    sums |= {rate: D(amount) for rate, amount in (rates or {}).items()}
    usual: dict[str, Any] = {
        "ref": "94",
        "number": "94",
        "status": "processing",
        "currency": "EUR",
        "created": CREATED,
        "paid": CREATED,
        "method": "bacs",
    }
    found = tuple(Rate(rate, f"VAT {rate}", None, amount) for rate, amount in sums.items())
    return Paper(total=D(total), lines=lines, rates=found, **(usual | more))


def recorded_bodies(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Recorded answers of wc/v3, by the file's name and the id."""
    for path in sorted(RECORDINGS.glob(f"{kind}-*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))["response"]["body"]
        for body in found if isinstance(found, list) else [found]:
            yield f"{path.stem}-{body['id']}", body


def recorded(name: str) -> Paper:
    """A recorded order, with the refunds that were recorded of it."""
    body = dict(recorded_bodies("orders"))[name]
    known = {refund["id"]: refund for _, refund in recorded_bodies("refunds")}
    return paper_shapes.paper(body, [known[each["id"]] for each in body["refunds"] if each["id"] in known])
