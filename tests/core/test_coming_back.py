"""What came back at the POS as a refund of the shop: its taxes by rate, its payments, and as text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.core.orders import fee, goods, order
from tillbridge.core.coming_back import ComingBack, coming_back, decode, encode
from tillbridge.core.documents import Payment, Portion
from tillbridge.core.order_policy import OrderPolicy
from tillbridge.core.paper import Paper, Refund, RefundLine, TaxShare
from tillbridge.core.pos_papers import PosPaper, PosPaperKind, PosPaperLine
from tillbridge.core.taken import Taken, TakenLine, after
from tillbridge.core.wanted import Wanted, wanted
from tillbridge.errors import Malformed

D = Decimal
AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
POLICY = OrderPolicy(payments={"bacs": "transfer"}, taxes={"1": "VAT", "2": "VAT", "3": "ECO"}, currency="EUR")
THREE = order(
    "35.67", goods("3", "29.97", {"1": "2.10", "2": "1.00", "3": "0.60"}, quantity="3"), fee("5", "2.00"), ref="94"
)


def taken(paper: Paper = THREE) -> Taken:
    """What the POS has of an order that was told it as it is."""
    found = wanted(paper, {"p3": "12"}, POLICY)
    assert isinstance(found, Wanted)
    lines = {one.line: TakenLine(one.item, one.name, one.portion, one.portion.quantity) for one in found.lines}
    return Taken(lines, found.payments)


def back(*lines: PosPaperLine, **more: Any) -> PosPaper:
    total = -sum((line.portion.gross for line in lines), D(0))
    paper = PosPaper(PosPaperKind.RETURN, "R-1", AT, "main", returned=lines, total=total, reference="shop-1:94")
    return replace(paper, **more)


def cups(quantity: str = "1", net: str = "9.99", line: str = "3", item: str = "12", **taxes: str) -> PosPaperLine:
    shares = {name: D(amount) for name, amount in (taxes or {"VAT": "1.03", "ECO": "0.20"}).items()}
    return PosPaperLine(line, item, "", "Cup 3", Portion(D(quantity), D(net), shares))


def found(paper: PosPaper, had: Taken | None = None) -> ComingBack:
    made = coming_back(paper, THREE, had or taken(), POLICY, "k" * 32)
    assert isinstance(made, ComingBack), made
    return made


def test_a_tax_of_the_pos_that_is_two_rates_of_the_shop_is_shared_among_them_to_the_cent() -> None:
    (line,) = found(back(cups())).refund.lines
    assert line.taxes == (TaxShare("1", D("0.70")), TaxShare("2", D("0.33")), TaxShare("3", D("0.20")))


def test_once_the_shop_shows_the_refund_the_order_wants_nothing_more_of_the_pos() -> None:
    made = found(back(cups()))
    shown = replace(THREE, refunds=(refund_of(made),), lines=(replace(THREE.lines[0], reduced=D(2)), *THREE.lines[1:]))
    left, now = wanted(shown, {"p3": "12"}, POLICY, taken()), after(taken(), made.document)
    assert isinstance(left, Wanted)
    assert {line.line: line.portion for line in left.lines} == now.portions
    assert left.payments == now.payments


def refund_of(made: ComingBack) -> Refund:
    draft = made.refund
    lines = tuple(RefundLine(line.line, line.quantity, line.net, line.taxes) for line in draft.lines)
    return Refund("900", draft.at, draft.amount, lines)


def test_a_line_that_the_document_does_not_name_is_known_by_its_item() -> None:
    (line,) = found(back(cups(line=""))).refund.lines
    assert line.line == "3"


def test_a_fee_that_came_back_is_an_amount_and_no_goods() -> None:
    open_line = PosPaperLine("5", "", "", "Gift wrap", Portion(D(1), D("2.00")))
    (line,) = found(back(open_line)).refund.lines
    assert (line.quantity, line.net, line.restocked) == (D(0), D("2.00"), D(0))


def test_money_goes_back_by_the_types_that_the_pos_paid_out_by_as_far_as_the_order_had_them() -> None:
    had = replace(taken(), payments={"transfer": D("30.67"), "card": D("5.00")})
    paid_out = back(cups(), payments={"card": D("-2.00"), "cash": D("-9.22")})
    assert found(paid_out, had).document.payments == (
        Payment("card", D("2.00")),
        Payment("transfer", D("9.22")),
    )


def test_a_refund_under_way_is_read_as_it_was_written() -> None:
    made = found(back(cups()))
    assert decode(encode(made)) == made


def test_a_refund_that_was_written_down_before_part_of_a_line_could_be_restocked_is_still_read() -> None:
    made = found(back(cups()))
    for stored, many in (("true", D(1)), ("false", D(0))):
        assert decode(encode(made).replace('"1"]]', f"{stored}]]")).refund.lines[0].restocked == many


@pytest.mark.parametrize("text", ["", "{}", '{"return": "nonsense"}'])
def test_what_is_no_refund_under_way_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Malformed):
        decode(text)
