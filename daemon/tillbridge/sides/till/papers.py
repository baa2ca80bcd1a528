"""Between our documents and those of tillbridge-pos/1. Pure, and never guessing: an unknown shape is said to be one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from unicodedata import category

from tillbridge.core.actions import Outcome, Status
from tillbridge.core.difference import Returns
from tillbridge.core.documents import AmendSale, Document, DocumentLine, Portion, RecordReturn, RecordSale, VoidSale
from tillbridge.core.pos_papers import PosPaper, PosPaperKind, PosPaperLine, PosTax, PosTerms
from tillbridge.core.stock import ZERO, parse_quantity, plain, spell
from tillbridge.errors import BadAnswer, Malformed
from tillbridge.sides.till import shapes
from tillbridge.sides.till.client import Declined

LONGEST_TEXT = 200
"""Letters of a name; what is longer is cut."""

_ADDRESSES: dict[type[Document], str] = {
    RecordSale: "/v1/sales",
    AmendSale: "/v1/exchanges",
    RecordReturn: "/v1/returns",
    VoidSale: "/v1/voids",
}
DOCUMENTS = frozenset(_ADDRESSES)

_NOTHING_THERE = frozenset(
    {"item_unknown", "outlet_unknown", "reference_unknown", "customer_unknown", "document_unknown"}
)


def request(document: Document, key: str, outlet: str, customer: str = "") -> tuple[str, dict[str, Any]]:
    """The address and the body that record a document; `key` and `outlet` as the POS knows them, `customer` its id."""
    heading = document.heading
    body: dict[str, Any] = {
        "key": key,
        "outlet": outlet,
        "reference": heading.reference,
        "number": one_line(heading.number, 64),
        "at": document.at,
        "payments": [{"type": payment.type, "amount": spell(payment.amount)} for payment in document.payments],
        "total": spell(document.total),
    }
    if isinstance(document, AmendSale):
        body |= {"sold": _lines(document.sold), "returned": _lines(document.returned)}
    else:
        body["lines"] = _lines(document.lines)
    if customer:
        body["customer_id"] = customer
    return _ADDRESSES[type(document)], body


def recorded(status: int, body: Any, key: str) -> Outcome:
    """What the POS's good answer to a document says; `key` as the POS knows it."""
    number = body.get("document") if isinstance(body, dict) and body.get("key") == key else None
    if not isinstance(number, str) or not number or not shapes.storable(number):
        return Outcome(Status.UNCERTAIN, reason="uncertain", sentence="the POS answered about another document")
    return Outcome(Status.APPLIED if status == 201 else Status.DUPLICATE, document=number)


def refused(no: Declined) -> Outcome:
    """What the POS's refusal means, in its own words."""
    status = Status.INVALID
    if no.status == 404 and no.code in _NOTHING_THERE:
        status = Status.NOT_FOUND
    elif no.status == 409 and no.code != "key_reused":
        status = Status.REFUSED
    return Outcome(status, reason=no.code or f"http_{no.status}", sentence=no.words)


def papers(body: Any, tag: str) -> tuple[list[PosPaper], str | None]:
    """Read a page of /v1/documents, and where the next one begins; raises `BadAnswer`. What has nothing to do with
    orders, and what waits at a register that is offline, is left out."""
    data = shapes.mapping(body, "/v1/documents")
    found = [paper(row, tag) for row in shapes.rows(data, "documents") if _concerns_us(row)]
    return found, None if data.get("next") is None else shapes.text(data, "next")


def paper(body: Any, tag: str) -> PosPaper:
    """Read one document; `tag` is what our own keys begin with. Raises `BadAnswer`."""
    data = shapes.mapping(body, "document")
    at = shapes.time(data.get("at"))
    if at is None:
        raise BadAnswer(f"at: found {str(data.get('at'))[:80]!r}, expected a time with its offset")
    kind = _kind(data)
    lines, returned = (_paper_lines(data, name) for name in ("lines", "returned"))
    if kind in (PosPaperKind.RETURN, PosPaperKind.VOID):
        lines, returned = (), lines
    total = _money(data.get("total") or "0", "total")
    out = kind in (PosPaperKind.RETURN, PosPaperKind.VOID) or total < 0
    key = data.get("key")
    return PosPaper(
        kind,
        shapes.text(data, "document"),
        at,
        shapes.text(data, "outlet"),
        lines,
        returned,
        _payments(data, -1 if out else 1),
        total,
        str(data.get("reference") or ""),
        str(data.get("number") or ""),
        str(data.get("sale") or ""),
        str(data.get("customer_id") or ""),
        key.removeprefix(shapes.OUR_MARK) if isinstance(key, str) and key.startswith(shapes.OUR_MARK + tag) else "",
    )


def terms(body: Any) -> PosTerms:
    """Read from /v1/info what documents may name; raises `BadAnswer`."""
    data = shapes.mapping(body, "/v1/info")
    types = tuple(name for name in shapes.rows(data, "payment_types") if isinstance(name, str))
    taxes = [shapes.mapping(row, "taxes") for row in shapes.rows(data, "taxes")]
    known = tuple(PosTax(shapes.text(row, "name"), _money(row.get("percent"), "percent")) for row in taxes)
    returns = Returns.AS_TOLD if data.get("returns_without_restock") is True else Returns.ALL_BACK
    told = data.get("register_open")
    is_open = told if isinstance(told, bool) else None
    return PosTerms(shapes.text(data, "currency"), types, known, data.get("open_lines") is True, returns, is_open)


def one_line(name: str, longest: int = LONGEST_TEXT) -> str:
    """A name as a POS takes it: one line, not too long."""
    plain_text = "".join(" " if category(letter) in ("Cc", "Cs") else letter for letter in name)
    return " ".join(plain_text.split())[:longest].strip()


def _lines(lines: Iterable[DocumentLine]) -> list[dict[str, Any]]:
    return [_line(line) for line in lines]


def _line(line: DocumentLine) -> dict[str, Any]:
    portion = line.portion
    item = {"item_id": line.item} if line.item and portion.quantity else {}
    return {
        "line": line.line,
        **item,
        "name": one_line(line.name) or line.line,
        "quantity": spell(portion.quantity),
        "net": spell(portion.net),
        "taxes": [{"tax": tax, "amount": spell(amount)} for tax, amount in portion.taxes.items() if amount],
        "restock": line.restock,
    }


def _concerns_us(row: Any) -> bool:
    return isinstance(row, dict) and row.get("n") is not None and row.get("kind") in set(PosPaperKind)


def _kind(data: dict[str, Any]) -> PosPaperKind:
    try:
        return PosPaperKind(shapes.text(data, "kind"))
    except ValueError:
        raise BadAnswer(f"kind: found {data.get('kind')!r}, which is no document of an order") from None


def _paper_lines(data: dict[str, Any], name: str) -> tuple[PosPaperLine, ...]:
    return tuple(_paper_line(shapes.mapping(row, name)) for row in shapes.rows(data, name))


def _paper_line(row: dict[str, Any]) -> PosPaperLine:
    rows: Sequence[Any] = row.get("taxes") or ()
    taxes = {shapes.text(tax, "tax"): _money(tax.get("amount"), "amount") for tax in rows if isinstance(tax, dict)}
    return PosPaperLine(
        str(row.get("line") or ""),
        str(row.get("item_id") or ""),
        shapes.text(row, "sku", empty=True),
        shapes.text(row, "name", empty=True),
        Portion(_quantity(row.get("quantity")), _money(row.get("net", "0"), "net"), taxes),
        row.get("restock") is not False,
    )


def _payments(data: dict[str, Any], sign: int) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for row in (shapes.mapping(row, "payments") for row in shapes.rows(data, "payments")):
        name = shapes.text(row, "type")
        found[name] = plain(found.get(name, ZERO) + sign * _money(row.get("amount"), "amount"))
    return found


def _quantity(value: Any) -> Decimal:
    try:
        return parse_quantity(value, "quantity")
    except Malformed as error:
        raise BadAnswer(str(error)) from None


def _money(value: Any, where: str) -> Decimal:
    """An amount, or a percentage: decimal text."""
    try:
        found = Decimal(value) if isinstance(value, str) and len(value) < 40 else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite():
        raise BadAnswer(f"{where}: found {str(value)[:80]!r}, expected decimal text")
    return plain(found)
