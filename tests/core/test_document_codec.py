"""A document that is under way is kept as it was, but for the person in it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tillbridge.core.document_codec import decode_document, encode_document, kind_of
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
from tillbridge.core.paper import Person
from tillbridge.errors import Malformed

D = Decimal
HEADING = Heading("site:94", "94", "main", "EUR")
AT = "2026-11-22T05:00:00Z"
CUP = DocumentLine("1", "12", "Tasse ☕", Portion(D("0.125"), D("10.1"), {"VAT 19": D("1.92")}))
BROKEN = DocumentLine("2", "13", "Mug", Portion(D(1), D(5)), restock=False)
PAID = (Payment("Bank", D("12.02")),)
SALE = RecordSale("k1", HEADING, AT, (CUP,), PAID, D("12.02"))


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("sale", SALE),
        ("amendment", AmendSale("k2", HEADING, AT, (CUP,), (BROKEN,), PAID, D("7.02"))),
        ("amendment", AmendSale("k3", HEADING, AT, (), (), PAID, D(0))),
        ("return", RecordReturn("k4", HEADING, AT, (CUP, BROKEN), PAID, D("17.02"))),
        ("void", VoidSale("k5", HEADING, AT, (BROKEN,), (), D(5))),
    ],
)
def test_a_document_is_read_as_it_was_written(kind: str, document: Document) -> None:
    assert kind_of(document) == kind
    assert decode_document(encode_document(document)) == document


def test_the_customer_of_a_sale_is_not_written() -> None:
    text = encode_document(replace(SALE, customer=Person(email="anna@kunden.example", last_name="Müller")))
    assert text == encode_document(SALE)


@pytest.mark.parametrize("text", ["", "[]", "{}", encode_document(SALE).replace('"sale"', '"gift"')])
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        decode_document(text)


@pytest.mark.parametrize("buyer", [None, "", "7"])
def test_whose_sale_it_is_is_kept_by_the_id_alone(buyer: str | None) -> None:
    sale = RecordSale("k", Heading("shop:1", "1", "main", "EUR"), "", (), (), Decimal(0), Person("4", "a@b.c"), buyer)
    text = encode_document(sale)
    assert decode_document(text) == replace(sale, customer=None)
    assert "a@b.c" not in text
