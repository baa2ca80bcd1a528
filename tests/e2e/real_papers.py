"""Papers read from a real WooCommerce, whose clock is not ours: one order, none, and those of a span of time. Run
through `python -m tests.e2e contract`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.contracts.order_figures import Counter, Json
from tests.e2e.real_money import RealDesk, handed_down
from tests.e2e.rest import KEY, SECRET
from tests.e2e.wordpress import RealShop
from tillbridge.sides.http import HttpExchange
from tillbridge.sides.woocommerce import papers
from tillbridge.sides.woocommerce.papers import StorePapers
from tillbridge.sides.woocommerce.standard import StandardApi

ZONES = ("Pacific/Auckland", "America/Los_Angeles")
"""Far to the east and to the west of us."""


class Reader:
    """A real shop, and its papers."""

    def __init__(self, shop: RealShop) -> None:
        self.shop = shop
        self.desk = RealDesk(shop)
        exchange = HttpExchange(shop.url, total_seconds=60.0)
        self.papers = StorePapers(StandardApi(exchange, shop.url, "/wp-json", KEY, SECRET, lambda: datetime.now(UTC)))

    def sell(self, **fields: object) -> Json:
        return Counter(self.desk).order(("cup", 1), **fields)

    def between(self, begin: datetime, end: datetime) -> list[str]:
        return [paper.ref for paper in self.papers.papers_between(begin, end)]


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader(handed_down())
    reader.desk.mode(included=True, at_subtotal=False)
    yield reader
    reader.shop.option("timezone_string", "")
    reader.desk.clear()


def moment() -> datetime:
    """Now; dates of orders are whole seconds, so that nothing else happens in this one."""
    time.sleep(1.1)
    now = datetime.now(UTC).replace(microsecond=0)
    time.sleep(1.1)
    return now


@pytest.mark.parametrize("zone", ZONES)
def test_an_order_is_of_the_time_in_which_it_was_made_paid_or_refunded(reader: Reader, zone: str) -> None:
    reader.shop.option("timezone_string", zone)
    first = moment()
    order, other = reader.sell(status="on-hold"), reader.sell()
    second = moment()
    reader.desk.call("PUT", f"orders/{order['id']}", {"status": "processing"})
    third = moment()
    Counter(reader.desk).refund(order, amount="1.00")
    fourth = moment()
    gone = reader.sell()
    reader.desk.call("DELETE", f"orders/{gone['id']}")
    fifth = moment()
    assert reader.between(first, second) == [str(order["id"]), str(other["id"])]
    assert reader.between(second, third) == [str(order["id"])]
    assert reader.between(third, fourth) == [str(order["id"])]
    assert reader.between(fourth, fifth) == [str(gone["id"])]
    assert reader.between(fifth, fifth + timedelta(days=1)) == []
    paper = reader.papers.paper(str(order["id"]))
    assert paper is not None
    assert paper.paid is not None
    moments = [paper.created, paper.paid, paper.refunds[0].at]
    assert first <= moments[0] < second <= moments[1] < third <= moments[2] < fourth


def test_pages_that_overlap_give_each_order_once(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "PAGE", 4)
    monkeypatch.setattr(papers, "OVERLAP", 2)
    begin = moment()
    made = [str(reader.sell()["id"]) for _ in range(9)]
    assert reader.between(begin, begin + timedelta(hours=1)) == made


def test_what_is_no_order_is_none(reader: Reader) -> None:
    order = reader.sell()
    Counter(reader.desk).refund(order, amount="1.00")
    (refund,) = reader.desk.call("GET", f"orders/{order['id']}/refunds?dp=6")
    assert [reader.papers.paper(ref) for ref in ("999999999", str(refund["id"]), str(reader.desk.goods["cup"]))] == [
        None, None, None,
    ]  # fmt: skip
