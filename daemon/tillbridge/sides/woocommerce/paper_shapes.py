"""WooCommerce's orders and refunds (wc/v3) as papers. Pure, and strict about what it reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from tillbridge.core.paper import LineKind, Paper, PaperLine, Person, Rate, Refund, RefundLine, TaxShare
from tillbridge.core.stock import ZERO, plain
from tillbridge.errors import BadAnswer
from tillbridge.sides.woocommerce.fields import Fields
from tillbridge.sides.woocommerce.payment_parts import parts

MADE_FROM = "_tillbridge_pos_document"
"""Metadata of an order or refund that we made: the document of the POS that it was made from."""
LISTS = {LineKind.ITEM: "line_items", LineKind.SHIPPING: "shipping_lines", LineKind.FEE: "fee_lines"}
NAMES = {LineKind.ITEM: "name", LineKind.SHIPPING: "method_title", LineKind.FEE: "name"}
ONE = Decimal(1)


def paper(body: object, refunds: Sequence[object]) -> Paper:
    """An order with its refunds, both as wc/v3 shows them with six decimals."""
    order = Fields(body, "an order")
    order.where = f"order {order.known('id')}"
    created = order.moment("date_created_gmt")
    if created is None:
        raise order.bad("date_created_gmt", "a time")
    customer = order.id("customer_id")
    return Paper(
        ref=order.known("id"),
        number=order.text("number"),
        status=order.text("status"),
        currency=order.text("currency"),
        created=created,
        paid=order.moment("date_paid_gmt"),
        total=order.number("total"),
        lines=tuple(line for kind in LISTS for line in _lines(order, kind)),
        rates=tuple(_rate(row) for row in order.objects("tax_lines")),
        refunds=tuple(sorted((refund(one, order.where) for one in refunds), key=lambda one: int(one.id))),
        method=order.text("payment_method", ""),
        method_title=order.name("payment_method_title"),
        parts=parts(order),
        billing=_person(order.part("billing"), customer),
        shipping=_person(order.part("shipping"), customer),
        coupons=tuple(row.text("code") for row in order.objects("coupon_lines")),
        created_via=order.text("created_via", ""),
        from_pos=_made_from(order),
    )


def refund_ids(body: object) -> list[str]:
    """The refunds that an order names, and no more of it."""
    order = Fields(body, "an order")
    order.where = f"order {order.known('id')}"
    return sorted(row.known("id") for row in order.objects("refunds"))


def refund(body: object, order: str) -> Refund:
    """A refund. WooCommerce writes its lines below zero; a fee that was a discount comes back above it."""
    row = Fields(body, f"a refund of {order}")
    row.where = f"refund {row.known('id')} of {order}"
    at = row.moment("date_created_gmt")
    if at is None:
        raise row.bad("date_created_gmt", "a time")
    lines = (_refund_line(line, kind) for kind, name in LISTS.items() for line in row.objects(name))
    return Refund(row.known("id"), at, row.number("amount"), tuple(line for line in lines if _says_something(line)))


def ref(body: object) -> str:
    """The id of an order or refund."""
    return Fields(body, "an order or refund").known("id")


def _lines(order: Fields, kind: LineKind) -> Iterator[PaperLine]:
    for line in order.objects(LISTS[kind]):
        yield _item(line) if kind is LineKind.ITEM else _other(line, kind)


def _item(line: Fields) -> PaperLine:
    refs = tuple(ref for ref in (line.id("variation_id"), line.id("product_id")) if ref)
    return PaperLine(
        id=line.known("id"),
        kind=LineKind.ITEM,
        name=line.name("name"),
        quantity=line.number("quantity"),
        net=line.number("total"),
        taxes=_taxes(line, free=True),
        tax_class=line.text("tax_class", ""),
        refs=refs,
        sku=line.text("sku", ""),
        reduced=line.meta_number("_reduced_stock") or ZERO,
    )


def _other(line: Fields, kind: LineKind) -> PaperLine:
    return PaperLine(
        id=line.known("id"),
        kind=kind,
        name=line.name(NAMES[kind]),
        quantity=ONE,
        net=line.number("total"),
        taxes=_taxes(line),
        tax_class=line.text("tax_class", ""),
    )


def _refund_line(line: Fields, kind: LineKind) -> RefundLine:
    """What it takes off which line; without that name nobody could say whose money or goods they are."""
    refunded = line.meta_number("_refunded_item_id")
    if refunded is None or refunded <= 0:
        raise BadAnswer(f"{line.where}: meta_data _refunded_item_id: expected a line of the order, found {refunded}")
    quantity = line.number("quantity") if kind is LineKind.ITEM else ZERO
    taxes = tuple(TaxShare(tax.rate, -tax.amount) for tax in _taxes(line))
    return RefundLine(str(refunded), plain(-quantity), plain(-line.number("total")), taxes)


def _says_something(line: RefundLine) -> bool:
    return bool(line.quantity or line.net or line.taxes)


def _taxes(line: Fields, *, free: bool = False) -> tuple[TaxShare, ...]:
    """What each rate adds. WooCommerce also names rates that do not concern the line, with nothing or with zero.
    `free`: a rate that would concern it, had no coupon made it free, stays with zero: by it one knows of which class
    the rate is that shipping bears."""
    rows = [row for row in line.objects("taxes", []) if row.has("total")]
    concerns = [bool(free and row.has("subtotal") and row.number("subtotal")) for row in rows]
    shares = [TaxShare(row.id("id"), row.number("total")) for row in rows]
    return tuple(share for share, would in zip(shares, concerns, strict=True) if share.amount or would)


def _rate(row: Fields) -> Rate:
    return Rate(
        id=row.id("rate_id"),
        label=row.name("label"),
        percent=row.number("rate_percent") if row.has("rate_percent") else None,
        total=plain(row.number("tax_total") + row.number("shipping_tax_total")),
    )


def _person(row: Fields, customer: str) -> Person:
    return Person(
        id=customer,
        email=row.text("email", ""),
        phone=row.text("phone", ""),
        first_name=row.text("first_name", ""),
        last_name=row.text("last_name", ""),
        company=row.text("company", ""),
        street=row.text("address_1", ""),
        street_2=row.text("address_2", ""),
        postcode=row.text("postcode", ""),
        city=row.text("city", ""),
        state=row.text("state", ""),
        country=row.text("country", ""),
    )


def _made_from(row: Fields) -> str:
    found = row.meta(MADE_FROM)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise BadAnswer(f"{row.where}: meta_data {MADE_FROM}: expected a text, found {found!r:.80}")
    return found
