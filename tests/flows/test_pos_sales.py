"""Sales at the counter become orders of the shop where the owner wants it: complete, once, and without moving stock."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.builders import line_changed
from tests.fakes import FakeOrders
from tests.flows.paper_desk import USUAL
from tests.flows.return_desk import AT, CUP_STORE, SALES, ReturnDesk, document, piece
from tests.flows.world import POS, STORE, World
from tillbridge.backlog import Backlog
from tillbridge.comparing import Comparing
from tillbridge.core.auditing import reckoned
from tillbridge.core.drafts import OrderDraft
from tillbridge.core.homeward import Homeward
from tillbridge.core.paper import LineKind
from tillbridge.core.pos_papers import PosPaper
from tillbridge.errors import NoAnswer

D = Decimal
TWO_CUPS = piece("2", "20", line="")
BAG = piece("1", "3", line="", item="")


@pytest.fixture
def desk(tmp_path: Path) -> ReturnDesk:
    return ReturnDesk(World(tmp_path))


def sale(number: str = "S-1", **more: object) -> PosPaper:
    usual: dict[str, object] = {"sold": (TWO_CUPS, BAG), "payments": {"cash": D(23)}}
    return replace(document("sale", number, "23", order=""), **(usual | more))  # type: ignore[arg-type]


def the_order(desk: ReturnDesk) -> OrderDraft:
    (made,) = desk.made.orders.values()
    return made


def test_a_sale_becomes_an_order_with_its_lines_its_payment_and_its_date(desk: ReturnDesk) -> None:
    desk.home = replace(SALES, shipping="local_pickup", author="4")
    desk.happens(sale())
    desk.write()
    made = the_order(desk)
    assert (made.document, made.at, made.paid, made.status, made.total) == ("S-1", AT, AT, "completed", D(23))
    assert (made.method, made.method_title, made.parts, made.mail) == ("cod", "cash", (), False)
    cups, bag, shipping = made.lines
    assert (cups.ref, cups.quantity, cups.net, cups.held) == (CUP_STORE, D(2), D(20), D(2))
    assert (bag.kind, bag.ref, bag.name, bag.net, bag.held) == (LineKind.FEE, "", "Bag", D(3), D(0))
    assert (shipping.kind, shipping.method, shipping.net) == (LineKind.SHIPPING, "local_pickup", D(0))
    assert made.billing.id == "4"


def test_such_an_order_moves_no_stock_and_is_told_to_the_till_by_nobody(desk: ReturnDesk) -> None:
    desk.happens(sale())
    desk.write()
    assert (desk.levels(), desk.stock(STORE), desk.stock(POS)) == (("8", "8"), [D(-2)], [])
    line = desk.line("5000")
    assert (line.booked, line.position, line.rest) == (D(2), D(0), None)
    desk.tell(desk.stirs("5000"))
    desk.write()
    assert (desk.documents, desk.dossier("5000").alone) == ([], "from_pos")


def test_cancelled_in_the_shop_it_gives_its_goods_back_to_both_shelves(desk: ReturnDesk) -> None:
    desk.happens(sale())
    desk.write()
    desk.tell(line_changed("back", "2", 5000, 71, "restore"))
    desk.write()
    assert (desk.levels(), desk.stock(POS), desk.documents) == (("10", "10"), [D(2)], [])


def test_it_gives_them_back_to_the_till_also_where_the_till_hears_of_other_orders_only(tmp_path: Path) -> None:
    desk = ReturnDesk(World(tmp_path), send_on=frozenset({"shipped"}))
    desk.happens(sale())
    desk.write()
    desk.tell(line_changed("back", "2", 5000, 71, "restore"))
    desk.write()
    assert (desk.levels(), desk.stock(POS)) == (("10", "10"), [D(2)])


def test_no_sale_becomes_an_order_where_the_owner_does_not_want_it(tmp_path: Path) -> None:
    desk = ReturnDesk(World(tmp_path), Homeward())
    desk.happens(sale())
    desk.write()
    assert (desk.made.orders, desk.levels()) == ({}, ("8", "8"))


@pytest.mark.parametrize("point", ["return.attempted", "return.answered"])
def test_a_daemon_that_died_while_an_order_was_made_makes_it_once(desk: ReturnDesk, point: str) -> None:
    desk.happens(sale())
    desk.dies_at = point
    with pytest.raises(KeyboardInterrupt):
        desk.keep()
    desk.world.restart()
    desk.wake(life="second")
    desk.write()
    assert (len(desk.made.orders), desk.line("5000").booked) == (1, D(2))


def test_an_order_without_an_answer_is_asked_for_under_the_same_key(desk: ReturnDesk) -> None:
    desk.happens(sale())
    desk.made.lost = NoAnswer("timed out")
    desk.write()
    desk.world.clock.advance(60)
    desk.write()
    assert (desk.made.calls, len(desk.made.orders), desk.line("5000").booked) == (2, 1, D(2))


@pytest.mark.parametrize(
    ("paper", "reason"),
    [
        (sale(total=D(24)), "totals_differ"),
        (sale(sold=(piece("2", "20", line="", VAT="2", GST="1"),)), "unmapped_tax"),
        (sale(sold=(), total=D(0)), "empty"),
    ],
)
def test_what_cannot_be_an_order_to_the_cent_waits_for_a_person(desk: ReturnDesk, paper: PosPaper, reason: str) -> None:
    desk.happens(paper)
    desk.write()
    assert ([one for one, _ in desk.parked()], desk.made.calls) == ([reason], 0)


def test_taxes_go_back_to_the_shops_own_rates(desk: ReturnDesk) -> None:
    desk.happens(sale(sold=(piece("2", "21.50", line="", VAT="1.50"),)))
    desk.write()
    made = the_order(desk)
    assert made.total == D(23)
    assert [(tax.rate, tax.amount) for tax in made.lines[0].taxes] == [("7", D("1.50"))]


def test_what_the_shop_has_of_a_sale_with_two_taxes_is_at_both_sides_the_same_tax_to_the_cent(desk: ReturnDesk) -> None:
    """The bag is a fee in the shop: it has the tax class of its rate, and so goes back to the till as the same tax."""
    desk.home = replace(SALES, taxes={"V19": "1", "V7": "3"}, classes={"1": "standard", "3": "reduced-rate"})
    bag = piece("1", "0.42", line="", item="", V7="0.03")
    desk.happens(sale(sold=(piece("3", "25.19", line="", V19="4.78"), bag), total=D("30.42"), payments={}))
    desk.write()
    made = the_order(desk)
    assert [(line.tax_class, line.taxes[0].rate, line.taxes[0].amount) for line in made.lines] == [
        ("standard", "1", D("4.78")),
        ("reduced-rate", "3", D("0.03")),
    ]
    policy = replace(USUAL, taxes={"standard": "V19", "reduced-rate": "V7"})
    shown = desk.papers.shop["5000"]
    classes = [line.tax_class for line in made.lines]
    shown = replace(shown, lines=tuple(replace(a, tax_class=b) for a, b in zip(shown.lines, classes, strict=True)))
    told = reckoned(shown, {}, policy, desk.dossier("5000").taken)
    assert told.sale.taxes == desk.till.papers["S-1"].taxes == {"V19": D("4.78"), "V7": D("0.03")}


def test_two_payments_are_two_parts_and_one_that_nobody_mapped_has_its_name(desk: ReturnDesk) -> None:
    desk.happens(sale(payments={"cash": D(3), "card": D(20)}))
    desk.write()
    made = the_order(desk)
    assert [(part.method, part.amount) for part in made.parts] == [("", D(20)), ("cod", D(3))]
    assert (made.method_title, made.paid) == ("card, cash", AT)


def test_what_comes_back_of_such_a_sale_is_refunded_in_its_order(desk: ReturnDesk) -> None:
    desk.happens(sale())
    desk.write()
    back = piece("1", "10", line="")
    desk.happens(document("return", "R-2", "-10", order="", sale="S-1", returned=(back,)))
    desk.write()
    (made,) = desk.made.refunds.values()
    assert (made.order, made.amount) == ("5000", D(10))
    assert [(line.line, line.quantity, line.restocked) for line in made.lines] == [("71", D(1), D(1))]
    assert (desk.line("5000").booked, desk.line("5000").position, desk.levels()) == (D(1), D(0), ("9", "9"))
    assert desk.documents == []


def test_what_comes_back_while_the_sale_is_still_on_its_way_to_the_shop_waits_for_it(desk: ReturnDesk) -> None:
    """Another worker has the sale, and has not begun to write it down."""
    desk.happens(sale())
    with desk.world.sql.writing() as unit:
        (claimed,) = unit.claim_arrivals(1, 60.0)
    back = piece("1", "10", line="")
    desk.happens(document("return", "R-2", "-10", order="", sale="S-1", returned=(back,)))
    desk.keep()
    assert (desk.notes(), desk.made.calls) == ([], 0)
    with desk.world.sql.writing() as unit:
        unit.again([claimed])
    desk.write()
    desk.world.clock.advance(60)
    desk.write()
    assert [one.amount for one in desk.made.refunds.values()] == [D(10)]


def test_what_comes_back_on_a_sale_that_waits_for_a_person_waits_with_it_and_follows_it(desk: ReturnDesk) -> None:
    desk.happens(sale(total=D(24)))
    desk.happens(document("return", "R-2", "-10", order="", sale="S-1", returned=(piece(line=""),)))
    desk.write()
    assert [reason for reason, _ in desk.parked()] == ["totals_differ", "sale_waits"]
    desk.happens(sale(), again="2")
    desk.write()
    assert (desk.parked(), [made.amount for made in desk.made.refunds.values()]) == ([], [D(10)])


def test_what_comes_back_on_a_sale_that_a_person_discarded_is_nobodys_refund(desk: ReturnDesk) -> None:
    desk.happens(sale(total=D(24)))
    desk.write()
    (row,) = desk.world.waiting()
    Backlog(desk.world.sql, desk.world.sql, lambda: None).discard(row.id, "rung by mistake")
    desk.happens(document("return", "R-2", "-10", order="", sale="S-1", returned=(piece(line=""),)))
    desk.write()
    assert ("the sale that it came back on is no order of the shop",) in desk.notes()


def test_what_the_shop_put_back_before_the_order_was_entered_crosses_and_is_not_forgotten(desk: ReturnDesk) -> None:
    desk.happens(sale())
    desk.made.lost = NoAnswer("timed out")
    desk.keep()
    desk.tell(line_changed("back", "1", 5000, 71, "restock"))
    desk.world.clock.advance(60)
    desk.write()
    line = desk.line("5000")
    assert (line.booked, line.position, desk.levels()) == (D(2), D(-1), ("9", "9"))
    desk.happens(document("return", "R-2", "-10", order="", sale="S-1", returned=(piece(line=""),)))
    desk.write()
    line = desk.line("5000")
    assert (line.booked, line.position, desk.levels()) == (D(1), D(-1), ("10", "10"))


def test_half_a_piece_is_a_fee_of_a_shop_that_counts_in_pieces_and_holds_no_stock_there(desk: ReturnDesk) -> None:
    desk.happens(sale(sold=(piece("2.5", "20", line=""), piece("1", "3", line=""))))
    desk.write()
    with desk.world.sql.writing() as unit:
        lines = unit.lines_of_orders(["5000"])
    assert [(line.line, line.booked) for line in lines] == [("72", D(1))]


def test_an_exchange_at_the_counter_is_an_order_and_a_refund(desk: ReturnDesk) -> None:
    desk.happens(sale())
    desk.write()
    back, new = piece("1", "10", line=""), piece("1", "12", line="")
    paper = document("exchange", "X-2", "2", order="", sale="S-1", returned=(back,), sold=(new,))
    desk.happens(replace(paper, payments={"cash": D(2)}))
    desk.write()
    assert [(one.document, one.total, one.paid) for one in desk.made.orders.values()] == [
        ("S-1", D(23), AT),
        ("X-2", D(12), AT),
    ]
    assert [(one.order, one.amount) for one in desk.made.refunds.values()] == [("5000", D(10))]
    assert desk.levels() == ("8", "8")


def test_what_comes_back_of_a_sale_that_is_no_order_is_nobodys_refund(desk: ReturnDesk) -> None:
    desk.happens(document("return", "R-2", "-10", order="", sale="S-0", returned=(piece(line=""),)))
    desk.write()
    assert desk.notes() == [("the sale that it came back on is no order of the shop",)]
    assert desk.levels() == ("11", "11")


def compare(desk: ReturnDesk, orders: FakeOrders, order: str = "5000") -> None:
    """An order stirred, and its lines are compared with ours until nothing is left to be done."""
    hear = lambda: desk.world.work.drain()[STORE]  # noqa: E731
    comparing = Comparing(desk.world.sql, orders, desk.world.store, hear, desk.rules, 60.0)
    with desk.world.sql.writing() as unit:
        unit.stir([order], unit.now)
    for _ in range(4):
        comparing()
        desk.world.clock.advance(61)


def test_what_was_compared_before_the_order_was_entered_is_not_entered_twice(desk: ReturnDesk) -> None:
    desk.happens(sale())
    desk.made.lost = NoAnswer("timed out")
    desk.keep()
    for side in (STORE, POS):
        while desk.world.work.write(side):
            pass
    orders = FakeOrders()
    orders.hold("2", "completed", "5000", "71")
    desk.world.store.stock(CUP_STORE, "CUP-BLUE", "8", "")
    compare(desk, orders)
    assert (desk.line("5000").booked, desk.dossier("5000").alone) == (D(2), "")
    desk.tell(line_changed("back", "2", 5000, 71, "restore"))
    desk.write()
    line = desk.line("5000")
    assert (line.booked, line.position, desk.dossier("5000").alone) == (D(2), D(-2), "from_pos")


@pytest.mark.parametrize(("from_pos", "booked", "level"), [(True, D(2), "10"), (False, D(0), "10")])
def test_lines_of_an_open_order_from_the_till_are_in_no_target(
    desk: ReturnDesk, from_pos: bool, booked: Decimal, level: str
) -> None:
    orders = FakeOrders()
    orders.hold("2", "processing", "5000", "71")
    orders.shop["5000"] = replace(orders.shop["5000"], from_pos=from_pos)
    desk.world.store.stock(CUP_STORE, "CUP-BLUE", "10", "")
    compare(desk, orders)
    assert (desk.line("5000").booked, desk.line("5000").holds, desk.world.known(STORE)) == (booked, D(2), level)


def test_a_refund_under_way_is_left_alone_by_whoever_compares(tmp_path: Path) -> None:
    desk = ReturnDesk(World(tmp_path))
    desk.order("2")
    desk.write()
    desk.happens(document("return", "R-1", "-10", returned=(piece(),)))
    desk.made.lost = NoAnswer("timed out")
    desk.keep()
    orders = FakeOrders()
    orders.hold("1")
    desk.world.store.stock(CUP_STORE, "CUP-BLUE", "8", "")
    hear = lambda: desk.world.work.drain()[STORE]  # noqa: E731
    comparing = Comparing(desk.world.sql, orders, desk.world.store, hear, desk.rules, 60.0)
    for _ in range(4):
        desk.world.clock.advance(61)
        comparing()
    assert (desk.line().position, desk.line().booked) == (D(2), D(0))
    desk.write()
    for _ in range(2):
        desk.world.clock.advance(61)
        comparing()
    assert (desk.line().position, desk.line().booked, desk.line().holds) == (D(2), D(-1), D(1))
