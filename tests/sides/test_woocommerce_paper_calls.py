"""Papers over the wire: an order and its refunds as both are at one moment, and the orders of a span of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.sandbox.builders import HOME, KEYS, Store
from tillbridge.core.paper import TaxShare
from tillbridge.errors import BadAnswer, CallRefused, NoAnswer, SideTrouble
from tillbridge.sandbox.records import Order
from tillbridge.sides.http import Answer
from tillbridge.sides.woocommerce import papers
from tillbridge.sides.woocommerce.papers import StorePapers
from tillbridge.sides.woocommerce.standard import StandardApi


class Office:
    """A sandbox shop with a tax of 19 %, and the papers of it. `meanwhile` happens before each call that fits."""

    def __init__(self) -> None:
        self.store = Store()
        self.store.shop.add_rate("19", "VAT 19")
        self.cup = self.store.shop.add_product("Cup & saucer", "CUP", Decimal(100), regular_price="9.99").id
        self.calls: list[str] = []
        self.meanwhile: dict[str, Callable[[], object]] = {}
        standard = StandardApi(self._exchange, HOME, "/wp-json", KEYS.key, KEYS.secret, self.store.time)
        self.papers = StorePapers(standard)

    def _exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.calls.append(target)
        for part, act in list(self.meanwhile.items()):
            if part in target:
                act()
        return self.store.exchange(method, target, headers, body)

    def sell(self, quantity: int = 3, status: str = "processing") -> Order:
        return self.store.shop.checkout((self.cup, quantity), status=status)

    def refund(self, order: Order, quantity: int = 1) -> None:
        self.store.shop.refund(order.id, [(order.lines[0].id, quantity)])

    def between(self, begin: datetime, **span: float) -> list[str]:
        return [paper.ref for paper in self.papers.papers_between(begin, begin + timedelta(**span))]


def test_an_order_comes_with_its_refunds_and_more_decimals_than_it_shows() -> None:
    office = Office()
    order = office.sell()
    office.refund(order)
    paper = office.papers.paper(str(order.id))
    assert paper is not None
    (line,), (refund,) = paper.lines, paper.refunds
    assert (line.name, line.refs, line.reduced) == ("Cup & saucer", (str(office.cup),), Decimal(2))
    assert (line.net, line.taxes) == (Decimal("25.184874"), (TaxShare("1", Decimal("4.785126")),))
    assert (paper.total, paper.rates[0].total) == (Decimal("29.97"), Decimal("4.79"))
    assert (refund.amount, refund.lines[0].line, refund.lines[0].quantity) == (Decimal("9.99"), line.id, Decimal(1))


@pytest.mark.parametrize("ref", ["999999", "0", "x", "", "1/refunds", "-1"])
def test_an_order_that_there_is_not_is_none(ref: str) -> None:
    assert Office().papers.paper(ref) is None


def test_another_404_is_trouble_and_no_missing_order() -> None:
    office = Office()
    answer = Answer(404, {}, b'{"code": "rest_no_route", "message": "No route"}')
    standard = StandardApi(lambda *_: answer, HOME, "/wp-json", KEYS.key, KEYS.secret, office.store.time)
    with pytest.raises(CallRefused):
        StorePapers(standard).paper("7")


def test_an_order_in_the_trash_is_still_read() -> None:
    office = Office()
    order = office.sell()
    office.store.shop.trash_order(order.id)
    paper = office.papers.paper(str(order.id))
    assert paper is not None
    assert paper.status == "trash"


def test_a_refund_that_comes_between_the_two_calls_is_read_with_its_order() -> None:
    office = Office()
    order = office.sell()
    office.refund(order)

    def refunded() -> None:
        office.meanwhile.clear()
        office.refund(order, 2)

    office.meanwhile["/refunds"] = refunded
    paper = office.papers.paper(str(order.id))
    assert paper is not None
    assert (paper.status, len(paper.refunds)) == ("refunded", 2)


def test_refunds_that_never_fit_their_order_are_not_guessed_at() -> None:
    office = Office()
    order = office.sell(9)
    office.refund(order)
    office.meanwhile["/refunds"] = lambda: office.refund(order)
    with pytest.raises(BadAnswer, match=f"order {order.id}: refunds"):
        office.papers.paper(str(order.id))


def test_more_refunds_than_a_page_holds_are_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "PAGE", 2)
    office = Office()
    order = office.sell(5)
    for _ in range(4):
        office.refund(order)
    paper = office.papers.paper(str(order.id))
    assert paper is not None
    assert [refund.id for refund in paper.refunds] == sorted({refund.id for refund in paper.refunds})
    assert len(paper.refunds) == 4


def test_an_order_is_of_the_time_when_it_was_created_paid_or_refunded() -> None:
    office, day = Office(), {"days": 1}
    monday = office.store.time.at
    created, untouched = office.sell(status="on-hold"), office.sell()
    office.store.time.passes(**day)
    office.store.shop.set_status(created.id, "processing")
    office.store.time.passes(**day)
    office.refund(created)
    last = office.sell()
    office.store.shop.edit_line(untouched.id, untouched.lines[0].id, 4)
    refs = [str(order.id) for order in (created, untouched, last)]
    assert office.between(monday, **day) == refs[:2]
    assert office.between(monday + timedelta(days=1), **day) == refs[:1]
    assert office.between(monday + timedelta(days=2), **day) == [refs[0], refs[2]]
    assert office.between(monday + timedelta(days=3), **day) == []


def test_the_end_of_the_time_is_not_in_it() -> None:
    office = Office()
    at = office.store.time.at
    order = office.sell()
    assert office.between(at, seconds=1) == [str(order.id)]
    assert office.between(at - timedelta(hours=1), hours=1) == []


def test_orders_in_the_trash_are_of_their_time_too() -> None:
    office = Office()
    at = office.store.time.at
    order = office.sell()
    office.store.shop.trash_order(order.id)
    assert office.between(at, hours=1) == [str(order.id)]


def test_an_order_that_leaves_the_list_while_it_is_paged_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "PAGE", 4)
    monkeypatch.setattr(papers, "OVERLAP", 2)
    office = Office()
    at = office.store.time.at
    orders = [office.sell(1) for _ in range(9)]

    def first_goes() -> None:
        office.meanwhile.clear()
        office.store.shop.trash_order(orders[0].id)

    office.meanwhile["offset=2"] = first_goes
    assert office.between(at, hours=1) == [str(order.id) for order in orders]


def test_trouble_is_told_as_such() -> None:
    office = Office()

    def down() -> None:
        raise NoAnswer("the shop is away")

    office.meanwhile["orders"] = down
    with pytest.raises(SideTrouble, match="away"):
        office.papers.paper("7")
    with pytest.raises(SideTrouble, match="away"):
        list(office.papers.papers_between(office.store.time.at, office.store.time.at))
