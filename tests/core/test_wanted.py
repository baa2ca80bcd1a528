"""What the POS ought to have of an order: lines, taxes, payments; or why it is left alone or parked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.core.orders import CREATED, fee, goods, order, recorded, refund, shipping
from tillbridge.core.documents import Portion
from tillbridge.core.order_policy import OrderPolicy, UnlinkedLine, UnmappedPayment, UnmappedTax, Unpaid
from tillbridge.core.paper import Paper, Part
from tillbridge.core.taken import Taken, TakenLine
from tillbridge.core.wanted import Alone, LeftOut, Parked, Wanted, WantedLine, wanted

D = Decimal
POLICY = OrderPolicy(
    payments={"bacs": "Bank", "gift_card": "Voucher"},
    taxes={"standard": "VAT 19", "reduced-rate": "VAT 7"},
    currency="EUR",
)
CUPS = {"p1": "12", "p2": "13"}
SOLD = Taken({"1": TakenLine("12", "Cup 1", Portion(D(1), D("10.00")), D(1))}, {"Bank": D("10.00")})


def want(paper: Paper, policy: OrderPolicy = POLICY, taken: Taken | None = None) -> Wanted:
    found = wanted(paper, CUPS, policy, taken)
    assert isinstance(found, Wanted), found
    return found


def parked(paper: Paper, policy: OrderPolicy = POLICY) -> Parked:
    found = wanted(paper, CUPS, policy)
    assert isinstance(found, Parked), found
    assert found.fix.endswith(".")
    return found


def alone(paper: Paper, policy: OrderPolicy = POLICY) -> str:
    found = wanted(paper, CUPS, policy)
    assert isinstance(found, Alone), found
    assert paper.number in found.sentence
    return found.code


def ten(**more: Any) -> Paper:
    return order("10.00", goods("1", "10.00"), **more)


def test_lines_go_by_the_linked_item_with_the_taxes_of_the_pos() -> None:
    paper = order(
        "22.60", goods("1", "10.00", {"1": "1.90"}, "2"), goods("2", "10.00", {"2": "0.70"}, tax_class="reduced-rate")
    )
    assert want(paper).lines == (
        WantedLine("1", "12", "Cup 1", Portion(D(2), D(10), {"VAT 19": D("1.9")})),
        WantedLine("2", "13", "Cup 2", Portion(D(1), D(10), {"VAT 7": D("0.7")})),
    )


def test_a_variation_goes_by_its_own_item_before_its_products() -> None:
    paper = order("10.00", goods("1", "10.00", refs=("p2", "p1")))
    assert want(paper).lines[0].item == "13"


def test_two_lines_of_one_product_stay_two_lines() -> None:
    paper = order("18.00", goods("1", "10.00"), goods("5", "8.00", refs=("p1",)))
    assert [(line.line, line.item) for line in want(paper).lines] == [("1", "12"), ("5", "12")]


def test_fractions_of_a_piece_are_wanted_exactly() -> None:
    assert want(order("1.00", goods("1", "1.00", quantity="0.125"))).lines[0].portion.quantity == D("0.125")


def test_shipping_and_fees_are_open_lines_without_pieces() -> None:
    paper = order("12.90", goods("1", "10.00"), shipping("2", "4.90"), fee("3", "-2.00"), shipping("4", "0"))
    assert want(paper).lines[1:] == (
        WantedLine("2", "", "Flat rate", Portion(D(0), D("4.9"))),
        WantedLine("3", "", "Gift wrap", Portion(D(0), D(-2))),
    )


def test_refunds_are_taken_off_and_money_alone_is_a_line_of_its_own() -> None:
    paper = order("20.00", goods("1", "20.00", quantity="2"), refunds=(refund("11.00", ("1", "1", "10.00", None)),))
    found = want(paper)
    assert [line.line for line in found.lines] == ["1", "amount"]
    assert (found.lines[0].portion, found.lines[1].portion) == (Portion(D(1), D(10)), Portion(D(0), D(-1)))
    assert found.total == sum(found.payments.values()) == D("9.00")


def test_a_refund_of_a_split_payment_is_of_the_largest() -> None:
    paper = replace(ten(), parts=(Part("gift_card", D(4)), Part("bacs", D(6))), refunds=(refund("7.00"),))
    assert want(paper).payments == {"Voucher": D(3)}


def test_a_refund_of_a_deposit_leaves_what_is_outstanding() -> None:
    paper = replace(ten(), parts=(Part("bacs", D(4)), Part("outstanding", D(6))), refunds=(refund("1.00"),))
    assert (want(paper).payments, want(paper).outstanding) == ({"Bank": D(3)}, D(6))


def test_an_unpaid_order_may_be_outstanding() -> None:
    found = want(ten(paid=None), replace(POLICY, unpaid=Unpaid.OUTSTANDING))
    assert (found.payments, found.outstanding) == ({}, D(10))


def test_an_order_that_was_refunded_whole_by_its_lines_wants_nothing() -> None:
    assert want(ten(refunds=(refund("10.00", ("1", "1", "10.00", None)),))) == Wanted(held={"1": D(1)})


def test_an_order_that_was_refunded_by_its_status_keeps_its_goods() -> None:
    found = wanted(recorded("orders-get-refunded-85"), {"31": "9"}, POLICY)
    assert isinstance(found, Wanted)
    assert [line.portion.quantity for line in found.lines] == [2, 0]
    assert not found.total
    assert not found.payments


@pytest.mark.parametrize("status", ["cancelled", "failed", "pending", "checkout-draft"])
def test_an_order_that_is_off_wants_nothing_even_if_it_could_not_be_told(status: str) -> None:
    assert want(order("99.00", goods("9", "10.00"), status=status)) == Wanted(held={"9": D(1)})


def test_another_currency_is_parked() -> None:
    assert parked(ten(currency="USD")).sentence == "Order 94 is in USD; the POS takes EUR."


def test_totals_that_differ_are_parked_with_both_computations() -> None:
    found = parked(order("12.00", goods("1", "10.00")))
    assert found.code == "totals_differ"
    assert "= 10.00; the order says 12.00; differs by 2.00." in found.sentence


def test_an_unlinked_line_is_parked_by_name() -> None:
    found = parked(order("20.00", goods("1", "10.00"), goods("9", "10.00")))
    assert (found.code, found.sentence) == (
        "unlinked_line",
        "Order 94: linked to no item of the POS: line 9 “Cup 9”.",
    )


def test_an_unlinked_line_may_be_an_open_line_with_its_pieces() -> None:
    policy = replace(POLICY, unlinked_line=UnlinkedLine.CUSTOM)
    paper = order("11.90", goods("9", "10.00", {"1": "1.90"}, "2"))
    assert want(paper, policy).lines == (WantedLine("9", "", "Cup 9", Portion(D(2), D(10), {"VAT 19": D("1.9")})),)


def test_a_product_that_no_longer_exists_is_an_unlinked_line() -> None:
    assert parked(order("10.00", goods("1", "10.00", refs=()))).code == "unlinked_line"


def test_a_line_left_out_is_named_and_its_money_is_missing() -> None:
    found = want(
        order("30.00", goods("1", "10.00"), goods("9", "20.00")), replace(POLICY, unlinked_line=UnlinkedLine.LEAVE_OUT)
    )
    assert found.left_out == (LeftOut("9", "Cup 9", D(20)),)
    assert found.total == sum(found.payments.values()) == D(10)


def test_a_line_left_out_needs_no_tax_of_the_pos() -> None:
    policy = replace(POLICY, unlinked_line=UnlinkedLine.LEAVE_OUT)
    paper = order("31.00", goods("1", "10.00"), goods("9", "20.00", {"8": "1.00"}, tax_class="luxury"))
    assert want(paper, policy).total == D(10)


def test_a_pos_without_open_lines_parks_shipping() -> None:
    found = parked(order("14.90", goods("1", "10.00"), shipping("2", "4.90")), replace(POLICY, open_lines=False))
    assert (found.code, "line 2 “Flat rate”" in found.sentence) == ("no_open_lines", True)


def test_a_tax_without_a_mapping_is_parked_with_what_to_set() -> None:
    found = parked(order("11.00", goods("1", "10.00", {"8": "1.00"}, tax_class="luxury")))
    assert found.code == "unmapped_tax"
    assert found.sentence == "Order 94, line 1 “Cup 1”: no tax of the POS is set for tax class luxury, rate 8 “VAT 8”."
    assert found.fix.startswith("Set luxury = <tax of the POS> under [taxes]")


def test_a_tax_without_a_mapping_may_have_a_default() -> None:
    policy = replace(POLICY, unmapped_tax=UnmappedTax.DEFAULT, default_tax="Other")
    paper = order("11.00", goods("1", "10.00", {"8": "1.00"}, tax_class="luxury"))
    assert want(paper, policy).lines[0].portion.taxes == {"Other": D(1)}


def test_a_tax_of_nothing_needs_no_mapping() -> None:
    assert want(order("10.00", goods("1", "10.00", {"8": "0"}, tax_class="zero-rate"))).lines[0].portion.taxes == {}


def test_a_rate_of_its_own_goes_before_its_class() -> None:
    policy = replace(POLICY, taxes={**POLICY.taxes, "1": "Export"})
    assert want(order("11.90", goods("1", "10.00", {"1": "1.90"})), policy).lines[0].portion.taxes == {
        "Export": D("1.9")
    }


def test_shipping_is_taxed_as_the_goods_at_its_rate() -> None:
    lines = [goods("1", "10.00", {"2": "0.70"}, tax_class="reduced-rate"), shipping("2", "5.00", {"2": "0.35"})]
    assert want(order("16.05", *lines)).lines[1].portion.taxes == {"VAT 7": D("0.35")}


def test_shipping_is_taxed_as_goods_that_are_free_at_its_rate() -> None:
    lines = [goods("1", "0.00", {"2": "0"}, tax_class="reduced-rate"), shipping("2", "5.00", {"2": "0.35"})]
    assert want(order("5.35", *lines)).lines[1].portion.taxes == {"VAT 7": D("0.35")}


def test_shipping_at_a_rate_of_no_goods_is_not_guessed() -> None:
    lines = [goods("1", "10.00", {"2": "0.70"}, tax_class="reduced-rate"), shipping("2", "5.00", {"1": "0.95"})]
    found = parked(order("16.65", *lines))
    assert found.sentence == "Order 94, line 2 “Flat rate”: no tax of the POS is set for rate 1 “VAT 1”."
    assert found.fix.startswith("Set 1 = ")


def test_two_rates_of_one_class_are_one_tax_of_the_pos() -> None:
    paper = order("114.98", goods("1", "100.00", {"5": "5.00", "9": "9.975"}), rates={"9": "9.98"})
    assert want(paper).lines[0].portion.taxes == {"VAT 19": D("14.98")}


def test_an_unmapped_payment_is_parked_with_what_to_set() -> None:
    found = parked(ten(method="klarna"))
    assert found.code == "unmapped_payment"
    assert found.fix.startswith("Set klarna = <payment type of the POS> under [payments]")


def test_an_ignored_payment_leaves_the_order_alone_even_with_unlinked_lines() -> None:
    policy = replace(POLICY, unmapped_payment=UnmappedPayment.IGNORE)
    assert alone(order("10.00", goods("9", "10.00"), method="klarna"), policy) == "payment_ignored"


def test_an_order_from_before_the_start_is_left_alone() -> None:
    policy = replace(POLICY, start=CREATED + timedelta(seconds=1))
    assert alone(ten(), policy) == "before_start"
    assert want(ten(), replace(POLICY, start=CREATED)).total == D(10)


def test_an_order_made_from_a_document_of_the_pos_is_left_alone() -> None:
    assert alone(ten(from_pos="S-17", status="cancelled")) == "from_pos"


def test_an_order_that_was_sent_is_told_whatever_the_settings_leave_out_since() -> None:
    policy = replace(POLICY, start=CREATED + timedelta(days=1), unmapped_payment=UnmappedPayment.IGNORE)
    assert want(ten(method="klarna"), policy, SOLD).total == D(10)


def test_what_was_sent_under_an_item_keeps_it_though_the_link_is_gone() -> None:
    assert wanted(ten(), {}, POLICY, SOLD) == want(ten())


def test_more_paid_back_than_the_order_was_worth_is_parked() -> None:
    assert parked(ten(refunds=(refund("12.00"),))).code == "negative_total"


def test_the_children_of_a_bundle_are_goods_that_cost_nothing_beside_the_open_line_of_the_bundle() -> None:
    bundle = goods("9", "30.00", reduced=D(0))
    paper = order("30.00", bundle, goods("1", "0.00", quantity="2"), goods("2", "0.00"))
    found = want(paper, replace(POLICY, unlinked_line=UnlinkedLine.CUSTOM))
    assert [(line.item, line.portion.quantity, line.portion.net) for line in found.lines] == [
        ("", D(1), D(30)), ("12", D(2), D(0)), ("13", D(1), D(0)),
    ]  # fmt: skip
    assert parked(paper).code == "unlinked_line"
