"""Orders of a real WooCommerce from paper to document: sold, refunded, edited, cancelled."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.core.orders import recorded, recorded_bodies
from tillbridge.core.difference import difference
from tillbridge.core.documents import AmendSale, Document, Heading, Payment, RecordReturn, RecordSale, VoidSale
from tillbridge.core.order_policy import OrderPolicy, UnlinkedLine, UnmappedPayment, UnmappedTax
from tillbridge.core.paper import Paper
from tillbridge.core.taken import Taken, after, stock_moves
from tillbridge.core.wanted import Wanted, wanted

D = Decimal
HEADING = Heading("site:1", "1", "main", "EUR")
POLICY = OrderPolicy(
    taxes={"1": "19", "2": "7"},
    unlinked_line=UnlinkedLine.CUSTOM,
    unmapped_payment=UnmappedPayment.DEFAULT,
    default_payment="Web",
    unmapped_tax=UnmappedTax.PARK,
)
ITEMS = {"32": "32", "33": "33", "36": "36", "53": "53"}


def told(paper: Paper, taken: Taken) -> Document | None:
    found = wanted(paper, ITEMS, POLICY, taken)
    assert isinstance(found, Wanted), found
    return difference(found, taken, HEADING, "k", "2026-11-22T05:00:00Z")


def sold(name: str) -> Taken:
    """What the POS has of a recorded order from before its refunds, when its lines still held what was bought."""
    paper = recorded(name)
    lines = tuple(replace(line, reduced=line.quantity) if line.refs else line for line in paper.lines)
    document = told(replace(paper, lines=lines, refunds=(), status="processing"), Taken())
    assert isinstance(document, RecordSale)
    assert document.total == paper.total
    return after(Taken(), document)


@pytest.mark.parametrize("name", [name for name, _ in recorded_bodies("orders")])
def test_every_recorded_order_ends_at_the_pos_with_the_stores_money(name: str) -> None:
    paper = recorded(name)
    taken = Taken()
    while document := told(paper, taken):
        taken = after(taken, document)
    off = paper.status in POLICY.nothing
    assert taken.total == (0 if off else paper.total - sum(refund.amount for refund in paper.refunds))


def test_a_refund_with_restock_is_a_return_to_the_shelf() -> None:
    found = told(recorded("orders-get-partial-restock-87"), sold("orders-get-partial-restock-87"))
    assert isinstance(found, RecordReturn)
    assert (found.total, found.payments, stock_moves(found)) == (D("29.4"), (Payment("Web", D("29.4")),), {"32": D(1)})


def test_a_refund_without_restock_is_a_return_that_stays_off_the_shelf() -> None:
    found = told(recorded("orders-get-partial-norestock-89"), sold("orders-get-partial-norestock-89"))
    assert isinstance(found, RecordReturn)
    assert (found.total, [line.restock for line in found.lines], stock_moves(found)) == (D("30.77"), [False], {})


def test_a_refund_by_status_is_money_alone() -> None:
    found = told(recorded("orders-get-refunded-85"), sold("orders-get-refunded-85"))
    assert isinstance(found, RecordReturn)
    assert ([line.line for line in found.lines], found.total, stock_moves(found)) == (["amount"], D("56.06"), {})


def test_pieces_added_over_rest_move_stock_and_no_money() -> None:
    found = told(recorded("orders-update-line-qty-94"), sold("orders-get-full-94"))
    assert isinstance(found, AmendSale)
    assert (found.total, found.payments, stock_moves(found)) == (D(0), (), {"36": D(-3)})


def test_a_cancelled_order_gives_back_what_the_store_gave_back() -> None:
    paper = recorded("orders-get-full-94")
    restored = tuple(replace(line, reduced=D(0)) for line in paper.lines)
    found = told(replace(paper, status="cancelled", lines=restored), sold("orders-get-full-94"))
    assert isinstance(found, VoidSale)
    assert (found.total, stock_moves(found)) == (D("122.18"), {"36": D(2)})
