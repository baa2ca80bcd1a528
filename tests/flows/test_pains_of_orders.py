"""What users of such systems suffer with orders, and what makes it impossible here: one test, or several, for each."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.core.orders import goods, order, refund, shipping
from tests.flows.paper_desk import USUAL, PaperDesk
from tests.flows.return_desk import COUNTER_SALE, ReturnDesk
from tests.flows.world import POS, STORE, World
from tillbridge import settings
from tillbridge.arriving import topics
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.documents import RecordSale
from tillbridge.core.order_policy import OrderPolicy
from tillbridge.engine import are_sold

D = Decimal


@pytest.fixture
def desk(tmp_path: Path) -> PaperDesk:
    return PaperDesk(World(tmp_path))


def test_pain_09_a_sale_whose_answer_was_lost_is_repeated_under_its_key_and_counts_once(desk: PaperDesk) -> None:
    desk.order("2")
    desk.world.pos.answer(Outcome(Status.UNCERTAIN))
    desk.send()
    desk.world.clock.advance(60)
    desk.world.pos.answer(Outcome(Status.DUPLICATE, document="S-1"))
    desk.write()
    assert len({one.key for one in desk.documents}) == 1
    assert (desk.dossier().taken.total, desk.world.known(POS)) == (D(20), "8")


@pytest.mark.parametrize("first", ["refund", "cancel"])
def test_pain_12_refund_and_cancellation_end_the_same_whichever_is_told_first(desk: PaperDesk, first: str) -> None:
    desk.order("2")
    desk.write()
    given_back = refund("10", ("3", "1", "10", None))
    if first == "refund":
        desk.refund(given_back, event="r", moved="1")
        desk.write()
        desk.change("c", moved="1", status="cancelled")
    else:
        desk.change("c", moved="2", status="cancelled")
        desk.write()
        desk.refund(given_back, event="r")
    desk.write()
    assert desk.dossier().taken.total == 0
    assert (desk.world.known(STORE), desk.world.known(POS), desk.stock(POS)) == ("10", "10", [])


@pytest.mark.parametrize(
    ("policy", "more"),
    [
        (OrderPolicy(currency="EUR"), {}),
        (USUAL, {"currency": "USD"}),
        (USUAL, {"total": D("21.37")}),
        (USUAL, {"lines": (goods("9", "20", refs=("77",)),)}),
        (USUAL, {"lines": (goods("3", "19", {"8": "1"}, tax_class="luxury"),)}),
    ],
    ids=["payment", "currency", "total", "link", "tax"],
)
def test_pain_15_an_order_that_cannot_be_told_stands_in_the_queue_with_a_reason_and_the_fix(
    tmp_path: Path, policy: OrderPolicy, more: dict[str, Any]
) -> None:
    desk = PaperDesk(World(tmp_path), policy)
    desk.order("2")
    desk.papers.shop["9001"] = replace(desk.papers.shop["9001"], **more)
    desk.write()
    ((reason, words),) = desk.parked()
    assert (bool(reason), " — " in words, desk.documents) == (True, True, [])


def test_pain_20_lines_and_taxes_come_to_what_the_shop_charged_to_the_cent(tmp_path: Path) -> None:
    policy = replace(USUAL, taxes={"standard": "VAT 19", "reduced-rate": "VAT 7"})
    desk = PaperDesk(World(tmp_path), policy)
    desk.order("3")
    refs = desk.papers.shop["9001"].lines[0].refs
    lines = (
        goods("3", "19.9800", {"1": "3.7962"}, quantity="3", refs=refs),
        goods("4", "9.3364", {"2": "0.6535"}, refs=refs, tax_class="reduced-rate", reduced=D(0)),
        shipping("5", "4.1176", {"1": "0.7823"}),
    )
    rates = {"1": "4.58", "2": "0.65"}
    desk.papers.shop["9001"] = order("38.67", *lines, rates=rates, ref="9001", number="9001")
    desk.write()
    (sale,) = desk.documents
    assert isinstance(sale, RecordSale)
    assert sale.total == sum(line.portion.gross for line in sale.lines) == D("38.67")
    assert sum(line.portion.taxes.get("VAT 19", D(0)) for line in sale.lines) == D("4.58")


def test_pain_21_a_till_sale_mails_nobody(tmp_path: Path) -> None:
    desk = ReturnDesk(World(tmp_path))
    desk.happens(COUNTER_SALE)
    desk.write()
    assert [draft.mail for draft in desk.made.orders.values()] == [False]


def test_pain_22_what_an_order_is_when_its_turn_comes_is_told_and_not_what_the_event_said(desk: PaperDesk) -> None:
    desk.order("2")
    paper = desk.papers.shop["9001"]
    desk.papers.shop["9001"] = replace(paper, total=D(18), lines=(replace(paper.lines[0], net=D(18)),))
    desk.write()
    assert [getattr(one, "total", None) for one in desk.documents] == [D(18)]


def test_pain_24_a_till_sale_that_comes_days_late_is_an_order_of_its_own_day(tmp_path: Path) -> None:
    desk = ReturnDesk(World(tmp_path))
    desk.world.clock.advance(3 * 86400)
    desk.happens(COUNTER_SALE)
    desk.write()
    assert [draft.at for draft in desk.made.orders.values()] == [COUNTER_SALE.at]
    assert desk.levels() == ("8", "8")


@pytest.mark.parametrize(
    ("way", "sold", "told"),
    [
        ("off", False, set()),
        ("to-pos", True, set()),
        ("to-store", False, {"pos.sold"}),
        ("both", True, {"pos.sold", "pos.returned", "pos.collected", "pos.shipped"}),
    ],
)
def test_pain_25_orders_travel_the_ways_that_the_owner_opened_and_no_other(
    way: str, sold: bool, told: set[str]
) -> None:
    places = {
        ("pos", "url"): "http://127.0.0.1:9000", ("pos", "token"): "env:TILL", ("orders", "as"): "sale",
        ("orders", "pos_sales"): "orders", ("sync", "orders"): way,
    }  # fmt: skip
    chosen = settings.read(None, {"TILL": "till-token-value"}, places)
    assert (are_sold(chosen), set(topics(chosen))) == (sold, told)
