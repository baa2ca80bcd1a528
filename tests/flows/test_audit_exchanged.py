"""What the counter exchanged of a web order stands in the audit as what it is: goods of the order that came back, and a
sale of the till's own."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.core.orders import refund
from tests.flows.audit_desk import NOON, AuditDesk
from tests.flows.test_audit import sums
from tillbridge.core.documents import Portion
from tillbridge.core.pos_papers import PosPaper, PosPaperKind, PosPaperLine

D = Decimal
CUP = PosPaperLine("3", "12", "CUP", "Cup", Portion(D(1), D(10)))
MUG = PosPaperLine("", "77", "MUG", "Mug", Portion(D(1), D(12)))
BLANK = PosPaper(PosPaperKind.RETURN, "", NOON, "main", reference="shop-1:9001")


@pytest.fixture
def desk(tmp_path: Path) -> AuditDesk:
    """Two cups were ordered for 20. One was exchanged for a mug at 12, with 2 in cash, and the shop has its refund."""
    desk = AuditDesk(tmp_path)
    desk.order("2")
    desk.record()
    rings(desk, PosPaperKind.EXCHANGE, sold=(MUG,), returned=(CUP,), payments={"cash": D(2)}, total=D(2))
    given_back = refund("10", ("3", "1", "10", None))
    desk.papers.shop["9001"] = replace(desk.papers.shop["9001"], refunds=(given_back,))
    return desk


def rings(desk: AuditDesk, kind: PosPaperKind, **more: Any) -> None:
    desk.till.papers.append(replace(BLANK, kind=kind, number=f"T{len(desk.till.papers) + 1}", **more))


def test_an_exchange_is_goods_of_the_order_that_came_back_and_a_sale_at_the_counter(desk: AuditDesk) -> None:
    said = desk.audit()
    assert said["differences"] == []
    assert (sums(said, "given_back")["pos"], sums(said, "total")["pos"]) == ("10.00", "10.00")
    assert (sums(said, "sold", "counter")["pos"], sums(said, "sales", "counter")["pos"]) == ("12.00", "1")
    paid = {(row["channel"], row["payment"]): row["pos"] for row in said["payments"]}
    assert paid == {("online", "transfer"): "10.00", ("counter", "cash"): "2.00", ("counter", "transfer"): "10.00"}


def test_an_order_that_was_exchanged_and_then_cancelled_has_no_difference(desk: AuditDesk) -> None:
    shown = desk.papers.shop["9001"]
    desk.papers.shop["9001"] = replace(shown, status="cancelled")
    rings(desk, PosPaperKind.RETURN, returned=(CUP,), payments={"transfer": D(-10)}, total=D(-10), key="ours")
    said = desk.audit()
    assert said["differences"] == []
    assert (sums(said, "total")["pos"], sums(said, "total", "counter")["pos"]) == ("0.00", "12.00")


def test_what_was_exchanged_may_come_back_with_the_rest(desk: AuditDesk) -> None:
    rings(desk, PosPaperKind.VOID, returned=(CUP, MUG), payments={"transfer": D(-20), "cash": D(-2)}, total=D(-22))
    refunds = (refund("10", ("3", "1", "10", None)), refund("10", ("3", "1", "10", None), number="901"))
    desk.papers.shop["9001"] = replace(desk.papers.shop["9001"], refunds=refunds, status="refunded")
    said = desk.audit()
    assert said["differences"] == []
    assert (sums(said, "total")["pos"], sums(said, "total", "counter")["pos"]) == ("0.00", "0.00")
