"""Exact amounts become whole cents that add up to what was charged, or the order is told to differ."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.core.orders import fee, goods, order, recorded, recorded_bodies, refund, shipping
from tillbridge.core.paper import Paper, Part
from tillbridge.core.reckoning import Amounts, Mismatch, Reckoned, reckon
from tillbridge.core.remaining import Remains, remains

D = Decimal
ORDERS = [name for name, _ in recorded_bodies("orders")]


def fits(paper: Paper, places: int | None = None) -> Reckoned:
    found = reckon(paper, places)
    assert isinstance(found, Reckoned), found
    return found


def differs(paper: Paper) -> str:
    found = reckon(paper)
    assert isinstance(found, Mismatch), found
    assert found.code == "totals_differ"
    return found.sentence


def shown(found: Reckoned) -> list[str]:
    """Each line: net, then taxes."""
    return [
        " ".join([str(line.net), *(f"{rate}:{tax}" for rate, tax in line.taxes.items())])
        for line in found.lines.values()
    ]


def left(paper: Paper) -> Remains:
    return remains(paper, fits(paper))


@pytest.mark.parametrize("name", ORDERS)
def test_every_recorded_order_adds_up_per_rate_and_to_its_total(name: str) -> None:
    paper = recorded(name)
    found = fits(paper)
    assert sum(line.gross for line in found.lines.values()) == found.total == paper.total
    for rate in paper.rates:
        assert sum(line.taxes.get(rate.id, D(0)) for line in found.lines.values()) == rate.total


@pytest.mark.parametrize("name", ORDERS)
def test_what_is_left_of_a_recorded_order_is_its_total_less_its_refunds(name: str) -> None:
    paper = recorded(name)
    found = left(paper)
    total = sum((line.amounts.gross for line in found.lines), found.amount)
    assert total == paper.total - sum(each.amount for each in paper.refunds)


def test_three_pieces_on_three_lines_share_the_tax_that_was_rounded_per_line() -> None:
    lines = [goods(str(line), "9.336449", {"2": "0.653551"}) for line in (1, 2, 3)]
    assert shown(fits(order("29.97", *lines, rates={"2": "1.95"}))) == ["9.34 2:0.65"] * 3


def test_tax_rounded_at_the_subtotal_is_shared_so_that_each_line_keeps_its_price() -> None:
    lines = [goods(str(line), "9.336449", {"2": "0.653551"}) for line in (1, 2, 3)]
    found = fits(order("29.97", *lines))
    assert shown(found) == ["9.33 2:0.66", "9.34 2:0.65", "9.34 2:0.65"]
    assert [line.gross for line in found.lines.values()] == [D("9.99")] * 3


def test_a_half_cent_that_was_charged_down_is_taken_down_where_it_is_told_exactly() -> None:
    paper = order("17.89", goods("1", "12.56", {"1": "2.3864"}), fee("2", "2.50", {"1": "0.475"}), rates={"1": "2.86"})
    assert differs(paper).startswith("Order 94: lines 12.56 + shipping 0.00 + fees 2.50 + taxes 2.86 = 17.92;")
    paper = order("17.92", goods("1", "12.56", {"1": "2.3864"}), fee("2", "2.50", {"1": "0.475"}), rates={"1": "2.86"})
    assert shown(fits(paper)) == ["12.56 1:2.39", "2.50 1:0.47"]


def test_a_half_cent_that_is_told_as_a_whole_one_gives_way_to_the_total_of_its_rate() -> None:
    paper = order("2.97", fee("1", "2.50", {"1": "0.48"}), rates={"1": "0.47"})
    assert shown(fits(paper)) == ["2.50 1:0.47"]


def test_a_line_in_whole_cents_is_not_moved_by_two() -> None:
    assert differs(order("2.96", fee("1", "2.50", {"1": "0.48"}), rates={"1": "0.46"})) == (
        "Order 94: the lines' taxes at “VAT 1” come to 0.48; the order says 0.46; differs by 0.02."
    )


def test_two_rates_that_are_rounded_together_come_to_what_was_charged() -> None:
    """Each rate alone would round up to 0.02; the store rounded 0.03 once."""
    found = fits(order("1.03", goods("1", "1.00", {"5": "0.015", "9": "0.015"})))
    assert shown(found) == ["1.00 5:0.01 9:0.02"]


def test_goods_and_shipping_rounded_apart_may_take_their_rate_a_cent_up() -> None:
    found = fits(order("15.17", goods("1", "10.05", {"1": "1.005"}), shipping("2", "4.05", {"1": "0.055"})))
    assert shown(found) == ["10.05 1:1.01", "4.05 1:0.06"]


def test_a_compound_rate_is_shared_like_any_other() -> None:
    found = fits(order("114.98", goods("1", "100.00", {"5": "5.00", "9": "9.975"}), rates={"9": "9.98"}))
    assert shown(found) == ["100.00 5:5.00 9:9.98"]


def test_a_discount_of_a_third_adds_up() -> None:
    lines = [goods(str(line), "6.224611", {"2": "0.435723"}) for line in (1, 2, 3)]
    found = fits(order("19.98", *lines, rates={"2": "1.31"}))
    assert sum(line.gross for line in found.lines.values()) == D("19.98")


def test_a_negative_fee_keeps_its_sign() -> None:
    assert shown(fits(recorded("orders-create-custom-totals-116")))[-1] == "-2.00 2:-0.14"


def test_an_order_of_nothing_adds_up() -> None:
    assert fits(order("0", goods("1", "0", {"1": "0"}))).total == 0


@pytest.mark.parametrize(
    ("currency", "total", "net", "tax", "expected"),
    [
        ("JPY", "1080", "999.6", "80.4", "1000 1:80"),
        ("EUR", "10.80", "9.996", "0.804", "10.00 1:0.80"),
        ("KWD", "10.802", "9.9976", "0.8044", "9.998 1:0.804"),
    ],
)
def test_a_currency_has_its_own_decimals(currency: str, total: str, net: str, tax: str, expected: str) -> None:
    assert shown(fits(order(total, goods("1", net, {"1": tax}), currency=currency))) == [expected]


def test_a_shop_may_reckon_in_fewer_decimals_than_its_currency_has() -> None:
    paper = order("121", goods("1", "99.6", {"1": "20.916"}), rates={"1": "21"}, currency="CZK")
    assert shown(fits(paper, places=0)) == ["100 1:21"]


def test_a_total_changed_by_hand_is_told_with_both_computations() -> None:
    paper = order("20.00", goods("1", "9.99", {"1": "1.90"}), shipping("2", "4.12"), fee("3", "-2.00"))
    assert differs(paper) == (
        "Order 94: lines 9.99 + shipping 4.12 + fees -2.00 + taxes 1.90 = 14.01; the order says 20.00; differs by 5.99."
    )


def test_a_total_that_is_no_amount_of_the_currency_differs() -> None:
    assert "the order says 9.995" in differs(order("9.995", goods("1", "9.995")))


def test_what_a_gift_card_paid_is_in_the_lines_though_not_in_the_total() -> None:
    paper = order("70.00", goods("1", "100.00"), parts=(Part("gift_card", D("30.00")), Part("bacs", D("70.00"))))
    assert fits(paper).total == D("100.00")


def test_a_gift_card_that_is_in_the_total_is_not_added_again() -> None:
    paper = order("100.00", goods("1", "100.00"), parts=(Part("gift_card", D("30.00")), Part("bacs", D("70.00"))))
    assert fits(paper).total == D("100.00")


def test_a_refund_by_lines_is_shared_to_its_amount() -> None:
    paper = order(
        "29.97",
        goods("1", "28.009346", {"2": "1.960654"}, quantity="3"),
        rates={"2": "1.96"},
        refunds=(refund("9.99", ("1", "1", "9.336449", {"2": "0.653551"})),),
    )
    assert fits(paper).refunds[0].lines == {"1": Amounts(D("9.34"), {"2": D("0.65")})}
    assert left(paper).lines[0].quantity == 2
    assert left(paper).amount == 0


def test_a_cent_that_single_refunds_leave_on_a_line_is_of_no_line() -> None:
    """28.02 of net were given back in three refunds, the line had 28.01; and 1.95 of the tax of 1.96."""
    paper = order(
        "29.97",
        goods("1", "28.009346", {"2": "1.960654"}, quantity="3"),
        rates={"2": "1.96"},
        refunds=(refund("9.99", ("1", "1", "9.336449", {"2": "0.653551"})),) * 3,
    )
    assert left(paper) == Remains((), D(0))


def test_a_refund_of_more_than_its_lines_leaves_an_amount() -> None:
    paper = order("20.00", goods("1", "20.00"), refunds=(refund("12.50", ("1", "1", "10.00", None)),))
    assert left(paper).amount == D("-2.50")


def test_a_refund_of_less_than_its_lines_leaves_the_shop_an_amount() -> None:
    paper = order("20.00", goods("1", "20.00", quantity="2"), refunds=(refund("8.00", ("1", "1", "10.00", None)),))
    assert left(paper).amount == D("2.00")


def test_a_refund_of_a_line_that_was_removed_is_an_amount() -> None:
    paper = order("20.00", goods("1", "20.00"), refunds=(refund("5.00", ("7", "1", "5.00", None)),))
    assert left(paper).amount == D("-5.00")


def test_refunded_shipping_is_gone_though_refunds_count_no_pieces_of_it() -> None:
    paper = order(
        "14.90", goods("1", "10.00"), shipping("2", "4.90"), refunds=(refund("4.90", ("2", "0", "4.90", None)),)
    )
    assert [each.line.id for each in left(paper).lines] == ["1"]
