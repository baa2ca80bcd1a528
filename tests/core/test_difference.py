"""The next document of an order, and what the POS has after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

import pytest

from tillbridge.core.difference import Returns, difference
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
from tillbridge.core.taken import Taken, after, decode, encode, line_moves, stock_moves
from tillbridge.core.wanted import Wanted, WantedLine
from tillbridge.errors import Malformed

D = Decimal
HEADING = Heading("site:94", "94", "main", "EUR")
AT = "2026-11-22T05:00:00Z"
Some = TypeVar("Some", bound=Document)


def portion(quantity: str, net: str, **taxes: str) -> Portion:
    return Portion(D(quantity), D(net), {name: D(amount) for name, amount in taxes.items()})


def cups(quantity: str, net: str, line: str = "1", item: str = "12", **taxes: str) -> WantedLine:
    return WantedLine(line, item, f"Cup {line}", portion(quantity, net, **taxes))


def wants(*lines: WantedLine, held: Mapping[str, str] | None = None, paid: Mapping[str, str] | None = None) -> Wanted:
    """Wanted lines, paid by bank unless told; the store's lines hold what is sold, unless told."""
    total = sum((line.portion.gross for line in lines), D(0))
    payments = {"Bank": total} if paid is None else {name: D(amount) for name, amount in paid.items()}
    shelf = {line.line: line.portion.quantity for line in lines} | {name: D(x) for name, x in (held or {}).items()}
    return Wanted(lines, {name: amount for name, amount in payments.items() if amount}, shelf)


def step(wanted: Wanted, taken: Taken, kind: type[Some], returns: Returns = Returns.AS_TOLD) -> Some:
    found = difference(wanted, taken, HEADING, "k", AT, None, returns)
    assert isinstance(found, kind), found
    return found


def sold(*wanted: Wanted) -> Taken:
    """What the POS has after it was told of each in turn."""
    taken = Taken()
    for one in wanted:
        document = difference(one, taken, HEADING, "k", AT)
        assert document is not None
        taken = after(taken, document)
    return taken


TWO = wants(cups("2", "20.00", v="3.80"))


def test_what_the_pos_has_not_yet_is_a_sale() -> None:
    somebody = Person(first_name="Anna")
    found = difference(TWO, Taken(), HEADING, "k", AT, somebody)
    line = DocumentLine("1", "12", "Cup 1", portion("2", "20", v="3.8"))
    assert found == RecordSale("k", HEADING, AT, (line,), (Payment("Bank", D("23.8")),), D("23.8"), somebody)
    assert stock_moves(found) == {"12": D(-2)}
    assert line_moves(found) == {"1": D(2)}


def test_what_the_pos_has_already_is_not_told_again() -> None:
    assert difference(TWO, sold(TWO), HEADING, "k", AT) is None


def test_an_order_that_was_cancelled_before_it_was_sent_is_not_told() -> None:
    assert difference(Wanted(), Taken(), HEADING, "k", AT) is None


def test_an_order_that_was_refunded_before_it_was_sent_is_one_sale() -> None:
    found = step(
        wants(cups("2", "20.00"), WantedLine("amount", "", "Refund", portion("0", "-5.00"))), Taken(), RecordSale
    )
    assert (found.total, found.payments) == (D(15), (Payment("Bank", D(15)),))


def test_a_cancelled_order_is_void_and_all_is_given_back() -> None:
    found = step(Wanted(held={"1": D(0)}), sold(TWO), VoidSale)
    assert found.lines == (DocumentLine("1", "12", "Cup 1", portion("2", "20", v="3.8")),)
    assert (found.total, found.payments) == (D("23.8"), (Payment("Bank", D("23.8")),))
    assert stock_moves(found) == {"12": D(2)}
    assert after(sold(TWO), found) == Taken()


def test_what_the_pos_sold_besides_under_the_order_s_reference_stays_when_the_order_goes() -> None:
    had = replace(sold(TWO), mixed=True)
    assert decode(encode(had)) == had
    back = step(Wanted(held={"1": D(0)}), had, RecordReturn)
    assert (back.total, back.payments) == (D("23.8"), (Payment("Bank", D("23.8")),))
    nothing = after(had, back)
    assert (nothing.empty, difference(Wanted(), nothing, HEADING, "k", AT)) == (True, None)
    again = step(TWO, nothing, AmendSale)
    assert (again.total, after(nothing, again)) == (D("23.8"), had)


def test_a_refunded_piece_comes_back_with_its_money() -> None:
    found = step(wants(cups("1", "10.00", v="1.90"), held={"1": "1"}), sold(TWO), RecordReturn)
    assert found.lines == (DocumentLine("1", "12", "Cup 1", portion("1", "10", v="1.9")),)
    assert (found.total, found.payments) == (D("11.9"), (Payment("Bank", D("11.9")),))


def test_a_piece_that_came_back_broken_stays_off_the_shelf() -> None:
    found = step(wants(cups("1", "10.00", v="1.90"), held={"1": "2"}), sold(TWO), RecordReturn)
    assert [line.restock for line in found.lines] == [False]
    assert stock_moves(found) == {}
    assert after(sold(TWO), found).lines["1"].stock == 2


def test_of_two_pieces_one_may_come_back_broken() -> None:
    found = step(Wanted(held={"1": D(1)}), sold(wants(cups("2", "20.01", v="3.81"))), VoidSale)
    assert [(line.portion, line.restock) for line in found.lines] == [
        (portion("1", "10", v="1.9"), True),
        (portion("1", "10.01", v="1.91"), False),
    ]
    assert stock_moves(found) == {"12": D(1)}


def test_a_pos_that_puts_everything_back_is_told_so() -> None:
    found = step(Wanted(held={"1": D(2)}), sold(TWO), VoidSale, Returns.ALL_BACK)
    assert stock_moves(found) == {"12": D(2)}


def test_broken_pieces_are_not_put_back_by_a_later_return() -> None:
    broken = wants(cups("2", "20.00"), held={"1": "3"})
    taken = sold(wants(cups("3", "30.00")), broken)
    found = step(wants(cups("1", "10.00"), held={"1": "2"}), taken, RecordReturn)
    assert stock_moves(found) == {"12": D(1)}


def test_a_refund_by_amount_is_an_open_line_of_a_return() -> None:
    found = step(
        wants(cups("2", "20.00", v="3.80"), WantedLine("amount", "", "Refund", portion("0", "-5"))),
        sold(TWO),
        RecordReturn,
    )
    assert found.lines == (DocumentLine("amount", "", "Refund", portion("0", "5"), restock=False),)
    assert (found.total, stock_moves(found)) == (D(5), {})


def test_a_deleted_refund_is_sold_again() -> None:
    refunded = wants(cups("2", "20.00", v="3.80"), WantedLine("amount", "", "Refund", portion("0", "-5")))
    found = step(TWO, sold(TWO, refunded), AmendSale)
    assert (found.sold[0].line, found.returned, found.total) == ("amount", (), D(5))


def test_a_piece_added_later_amends_the_sale() -> None:
    found = step(wants(cups("3", "30.00", v="5.70")), sold(TWO), AmendSale)
    assert found.sold == (DocumentLine("1", "12", "Cup 1", portion("1", "10", v="1.9")),)
    assert (found.total, found.payments) == (D("11.9"), (Payment("Bank", D("11.9")),))


def test_pieces_added_without_money_are_sold_for_nothing() -> None:
    found = step(wants(cups("5", "20.00", v="3.80")), sold(TWO), AmendSale)
    assert found.sold == (DocumentLine("1", "12", "Cup 1", portion("3", "0")),)
    assert (found.total, found.payments) == (D(0), ())


def test_a_price_that_fell_is_an_amount_that_is_paid_back() -> None:
    found = step(wants(cups("2", "18.00", v="3.42")), sold(TWO), RecordReturn)
    assert found.lines == (DocumentLine("1", "", "Cup 1", portion("0", "2", v="0.38"), restock=False),)
    assert found.total == D("2.38")


def test_one_line_for_another_is_one_document_with_the_difference() -> None:
    found = step(wants(cups("1", "30.00", line="2", item="13"), held={"1": "0"}), sold(TWO), AmendSale)
    assert [line.item for line in found.sold + found.returned] == ["13", "12"]
    assert (found.total, found.payments) == (D("6.2"), (Payment("Bank", D("6.2")),))
    assert stock_moves(found) == {"13": D(-1), "12": D(2)}


def test_more_pieces_for_less_money_are_sold_and_money_comes_back() -> None:
    found = step(wants(cups("3", "15.00", v="2.85")), sold(TWO), AmendSale)
    assert [line.portion for line in found.sold] == [portion("1", "0")]
    assert [(line.item, line.portion) for line in found.returned] == [("", portion("0", "5", v="0.95"))]
    assert (found.total, found.payments) == (D("-5.95"), (Payment("Bank", D("5.95")),))


def test_two_lines_of_one_product_come_back_line_by_line() -> None:
    taken = sold(wants(cups("1", "10.00"), cups("1", "8.00", line="5")))
    found = step(wants(cups("1", "10.00"), held={"5": "0"}), taken, RecordReturn)
    assert [(line.line, line.item, line.portion) for line in found.lines] == [("5", "12", portion("1", "8"))]


def test_goods_come_back_as_the_item_under_which_they_were_sold() -> None:
    found = step(wants(cups("1", "10.00", v="1.90", item="77"), held={"1": "1"}), sold(TWO), RecordReturn)
    assert found.lines[0].item == "12"


def test_fractions_of_a_piece_move_exactly() -> None:
    taken = sold(wants(cups("0.3", "3.00")))
    found = step(wants(cups("0.1", "1.00"), held={"1": "0.1"}), taken, RecordReturn)
    assert stock_moves(found) == {"12": D("0.2")}
    assert after(taken, found).portions == {"1": portion("0.1", "1")}


def test_what_was_outstanding_follows_as_a_payment_without_lines() -> None:
    lines = cups("1", "100.00")
    taken = sold(wants(lines, paid={"Bank": "40"}))
    found = step(wants(lines, paid={"Bank": "40", "Card": "60"}), taken, AmendSale)
    assert (found.sold, found.returned, found.total, found.payments) == ((), (), D(0), (Payment("Card", D(60)),))
    assert after(taken, found).payments == {"Bank": D(40), "Card": D(60)}


def test_a_return_of_what_was_never_paid_pays_nothing_out() -> None:
    taken = sold(wants(cups("2", "100.00"), paid={}))
    found = step(wants(cups("1", "50.00"), paid={}, held={"1": "1"}), taken, RecordReturn)
    assert (found.total, found.payments) == (D(50), ())


def test_a_piece_added_on_account_is_paid_only_as_far_as_it_was_paid() -> None:
    taken = sold(wants(cups("1", "50.00")))
    found = step(wants(cups("2", "100.00"), paid={"Card": "70"}), taken, AmendSale)
    assert (found.total, found.payments) == (D(50), (Payment("Card", D(20)),))


def test_of_a_return_only_what_was_paid_back_is_paid_out() -> None:
    taken = sold(wants(cups("2", "100.00"), paid={"Bank": "80"}))
    found = step(wants(cups("1", "50.00"), paid={"Card": "50"}, held={"1": "1"}), taken, RecordReturn)
    assert (found.total, found.payments) == (D(50), (Payment("Bank", D(30)),))


def test_a_payment_type_that_changes_alone_is_not_told() -> None:
    assert difference(wants(cups("2", "20.00", v="3.80"), paid={"Card": "23.80"}), sold(TWO), HEADING, "k", AT) is None


def test_money_goes_back_by_the_types_that_are_too_much() -> None:
    taken = sold(wants(cups("2", "20.00"), paid={"Voucher": "8", "Card": "12"}))
    found = step(wants(cups("1", "10.00"), paid={"Voucher": "8", "Card": "2"}, held={"1": "1"}), taken, RecordReturn)
    assert found.payments == (Payment("Card", D(10)),)


def test_a_negative_fee_that_goes_is_sold_back() -> None:
    discount = WantedLine("3", "", "Rebate", portion("0", "-2.00"))
    taken = sold(wants(cups("2", "20.00"), discount))
    found = step(wants(cups("2", "20.00")), taken, AmendSale)
    assert [(line.line, line.portion.net) for line in found.sold] == [("3", D(2))]


def test_what_the_pos_has_is_stored_and_read_again() -> None:
    taken = sold(wants(cups("0.5", "20.00", v="3.80"), WantedLine("3", "", "Versand ☕", portion("0", "4.12"))))
    assert decode(encode(taken)) == taken
    assert decode("") == Taken()


@pytest.mark.parametrize(
    "text", ["nonsense", "{}", "[]", '{"lines":{"1":{}},"payments":{}}', '{"lines":{},"payments":{"a":"x"}}']
)
def test_what_was_not_stored_by_us_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        decode(text)
