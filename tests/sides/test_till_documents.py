"""Orders at the till through its adapter: documents, what became of them, and how they are read back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sides.till_orders import AT, CUPS, HEADING, POST, REBATE, REFERENCE, SALE, D, World
from tests.till.builders import CUP, TEE, TOKEN, Hands, ring
from tillbridge.core import codec, taken
from tillbridge.core.actions import VOID_DIFFERS, AdjustStock, Outcome, Status, VoidAdjustment
from tillbridge.core.difference import Returns, difference
from tillbridge.core.documents import (
    AmendSale,
    DocumentLine,
    Payment,
    Portion,
    RecordReturn,
    RecordSale,
    VoidSale,
)
from tillbridge.core.events import LookAt, StockMoved
from tillbridge.core.pos_papers import PosPaperKind
from tillbridge.core.wanted import Wanted, WantedLine
from tillbridge.errors import BadAnswer, NoAnswer, NotSent
from tillbridge.ports import PosPapers
from tillbridge.sides.http import Answer
from tillbridge.sides.till.side import TillSide
from tillbridge.till.papers import Author, Kind


@pytest.fixture
def world() -> World:
    return World()


def test_a_sale_is_recorded_once_with_its_number(world: World) -> None:
    assert world.act(SALE) == [Outcome(Status.APPLIED, document="S-000001")]
    assert world.act(SALE) == [Outcome(Status.DUPLICATE, document="S-000001")]
    document = world.book.document("S-000001")
    assert (document.total, document.reference, document.order_number, document.outlet) == (
        3381, REFERENCE, "1041", "main",
    )  # fmt: skip
    assert [(line.line, line.item, line.name, line.amount) for line in document.lines] == [
        ("7", CUP, "Cup", 2998),
        ("8", 0, "Post with a break", 583),
        ("9", 0, "Rebate", -200),
    ]
    assert document.at == "2026-11-22T09:30:00.000Z"
    assert world.book.feed.level(CUP, "main") == -3000


def test_an_order_is_amended_returned_and_voided(world: World) -> None:
    world.act(SALE)
    tee = DocumentLine("10", str(TEE), "T-shirt", Portion(D(1), D("24.5")))
    fewer = DocumentLine("7", str(CUP), "Cup", Portion(D(1), D("8.4"), {"VAT 19": D("1.6")}))
    (amended,) = world.act(AmendSale("a1-k2", HEADING, AT, (tee,), (fewer,), (Payment("card", D("14.5")),), D("14.5")))
    back = (DocumentLine("7", str(CUP), "Cup", Portion(D(1), D("8.4"), {"VAT 19": D("1.6")}), restock=False),)
    (returned,) = world.act(RecordReturn("a1-k3", HEADING, AT, back, (Payment("card", D(10)),), D(10)))
    left = (
        DocumentLine("7", str(CUP), "Cup", Portion(D(1), D("8.39"), {"VAT 19": D("1.59")})),
        POST, REBATE, tee,
    )  # fmt: skip
    (voided,) = world.act(VoidSale("a1-k4", HEADING, AT, left, (Payment("card", D("38.31")),), D("38.31")))
    assert [one.document for one in (amended, returned, voided)] == ["X-000002", "R-000003", "V-000004"]
    assert (world.book.feed.level(CUP, "main"), world.book.feed.level(TEE, "main")) == (-1000, 0)
    assert world.book.order(REFERENCE).empty


def test_an_order_that_the_counter_exchanged_goods_of_is_not_void_and_comes_back_line_by_line(world: World) -> None:
    world.act(SALE)
    one = Portion(D(1), D("8.4"), {"VAT 19": D("1.6")})
    body = {
        "key": "counter", "outlet": "main", "reference": REFERENCE, "sold": [{"item_id": str(TEE), "quantity": "1"}],
        "returned": [{"line": "7", "item_id": str(CUP), "quantity": "1", "net": "8.40",
                      "taxes": [{"tax": "VAT 19", "amount": "1.60"}]}],
    }  # fmt: skip
    assert world.call("POST", "/v1/exchanges", body)[0] == 201
    had = taken.after(taken.Taken(), SALE)
    void = difference(Wanted(), had, HEADING, "a1-k2", AT)
    (refused,) = world.act(void)
    assert refused.reason == VOID_DIFFERS
    assert "2 × Cup 19.98" in refused.sentence
    assert "1 × T-shirt 24.50" in refused.sentence
    exchanged = RecordReturn(
        "", HEADING, AT, (DocumentLine("7", str(CUP), "Cup", one),), (Payment("card", D(10)),), D(10)
    )
    had = replace(taken.after(had, exchanged), mixed=True)
    (back,) = world.act(difference(Wanted(), had, HEADING, "a1-k3", AT))
    assert back.status is Status.APPLIED
    order = world.book.order(REFERENCE)
    assert {left.entry.item: left.quantity for left in order.left.values() if not left.empty} == {TEE: 1000}
    assert order.total == 2450
    assert (world.book.feed.level(CUP, "main"), world.book.feed.level(TEE, "main")) == (0, -1000)


def test_what_was_outstanding_is_settled_by_an_amendment_without_lines(world: World) -> None:
    world.act(RecordSale("a1-k1", HEADING, AT, (POST,), (), D("5.83")))
    paid = AmendSale("a1-k2", HEADING, AT, (), (), (Payment("transfer", D("5.83")),), D(0))
    assert world.act(paid)[0].status is Status.APPLIED
    assert world.book.order(REFERENCE).outstanding == 0
    assert world.act(AmendSale("a1-k3", HEADING, AT, (), (), paid.payments, D(0)))[0].reason == "payments_exceed"


def test_whatever_the_difference_of_an_order_says_the_till_takes(world: World) -> None:
    """From nothing to an order, through edits and refunds, and back to nothing."""

    def cups(quantity: int, net: str) -> WantedLine:
        return WantedLine("7", str(CUP), "Cup", Portion(D(quantity), D(net)))

    post = WantedLine("8", "", "Post", POST.portion)
    states = [
        Wanted((WantedLine("7", str(CUP), "Cup", CUPS.portion), post), {"card": D(20)}),
        Wanted((cups(3, "20.19"), post), {"card": D("26.02")}),
        Wanted((cups(5, "30"), WantedLine("9", "", "Off", REBATE.portion)), {"card": D(10), "cash": D(18)}),
        Wanted((cups(1, "6"),), {"card": D(6)}),
        Wanted((), {}),
        Wanted((cups(1, "6"),), {"card": D(6)}),
    ]
    had = taken.Taken()
    for number, wanted in enumerate(states):
        for again in range(3):
            document = difference(wanted, had, HEADING, f"a1-{number}-{again}", AT)
            if document is None:
                break
            assert world.act(document)[0].status is Status.APPLIED, document
            had = taken.after(had, document)
        order = world.book.order(REFERENCE)
        assert D(order.total) / 100 == had.total
        assert {name: D(amount) / 100 for name, amount in order.payments.items()} == dict(had.payments)
    assert world.book.feed.level(CUP, "main") == -1000


@pytest.mark.parametrize(
    ("prepare", "action", "status", "reason"),
    [
        (("PUT", "/v1/register", {"open": False}), SALE, Status.REFUSED, "register_closed"),
        (("PUT", "/v1/rules", {"payment_types": ["cash"]}), SALE, Status.REFUSED, "payment_unknown"),
        (("PUT", "/v1/rules", {"taxes": [{"name": "x", "percent": "1"}]}), SALE, Status.REFUSED, "tax_unknown"),
        (None, RecordReturn("a1-k", HEADING, AT, (CUPS,), (), D("29.98")), Status.NOT_FOUND, "reference_unknown"),
        (None, RecordSale("a1-k", HEADING, AT, (CUPS,), (), D("29.99")), Status.REFUSED, "total_differs"),
        (None, RecordSale("with space", HEADING, AT, (CUPS,), (), D("29.98")), Status.INVALID, "key_invalid"),
        (None, VoidAdjustment("a1-k", "1"), Status.INVALID, "unsupported"),
    ],
)
def test_a_refusal_has_the_tills_own_code_and_words(
    world: World, prepare: tuple[str, str, Any] | None, action: Any, status: Status, reason: str
) -> None:
    if prepare is not None:
        assert world.call(*prepare)[0] == 200
    (outcome,) = world.act(action)
    assert (outcome.status, outcome.reason) == (status, reason)
    assert outcome.sentence


def test_a_key_with_another_content_is_invalid(world: World) -> None:
    world.act(SALE)
    (outcome,) = world.act(RecordSale(SALE.key, HEADING, AT, (CUPS,), (), D("29.98")))
    assert (outcome.status, outcome.reason) == (Status.INVALID, "key_reused")


def test_a_lost_answer_is_uncertain_and_found_by_its_key(world: World) -> None:
    world.trouble = [("after", NoAnswer("timed out"))]
    stock = AdjustStock("a1-s", str(CUP), "", D(1), "x")
    first, behind = world.act(SALE, stock)
    assert (first.status, behind.status) == (Status.UNCERTAIN, Status.UNREACHABLE)
    assert world.side.find_document(SALE.key, REFERENCE) == Outcome(Status.APPLIED, document="S-000001")
    assert world.side.find_document("a1-other", REFERENCE).status is Status.NOT_FOUND
    assert world.side.find_document(SALE.key, "shop:42").status is Status.NOT_FOUND
    moved, again = world.act(stock, SALE)
    assert (moved.status, moved.level) == (Status.APPLIED, D(-2))
    assert again == Outcome(Status.DUPLICATE, document="S-000001")


def test_what_never_left_is_unreachable_and_so_is_what_was_behind_it(world: World) -> None:
    world.trouble = [("before", NotSent("refused"))]
    later = RecordReturn("a1-k2", HEADING, AT, (POST,), (), D("5.83"))
    assert [one.status for one in world.act(SALE, later)] == [Status.UNREACHABLE, Status.UNREACHABLE]
    assert len(world.asked) == 1


def test_something_else_that_answers_in_the_tills_place_says_nothing() -> None:
    answers = [Answer(404, {}, b"<html>"), Answer(201, {}, json.dumps({"key": "tillbridge-other"}).encode())]
    side = TillSide(lambda *_: answers.pop(0), TOKEN, Hands(), sell_from="main")
    assert [side.apply([SALE])[0].status for _ in range(2)] == [Status.UNCERTAIN, Status.UNCERTAIN]


def told(world: World, after: str = "0") -> list[Any]:
    return [codec.decode(one.kind, one.body) for one in world.side.changes_since(after).told]


def test_our_document_is_one_echo_with_all_its_movements_and_nothing_else(world: World) -> None:
    tee = DocumentLine("10", str(TEE), "T-shirt", Portion(D(1), D("24.5")))
    world.act(RecordSale("a1-k1", HEADING, AT, (CUPS, tee), (), D("54.48")))
    (event,) = told(world)
    assert isinstance(event, StockMoved)
    assert (event.ours, event.key, [move.delta for move in event.movements]) == (True, "a1-k1", [D(-3), D(-1)])


def test_what_the_counter_does_with_an_order_is_told_beside_the_stock(world: World) -> None:
    world.act(SALE)
    ring(world.book, Kind.RETURN, (CUP, "1"), sale="S-000001")
    world.call("POST", "/v1/pickups", {"key": "p", "outlet": "main", "reference": REFERENCE, "author": "till"})
    world.call("POST", "/v1/shipments", {"key": "h", "outlet": "main", "reference": REFERENCE})
    world.call("POST", "/v1/customers", {"name": "Somebody"})
    ring(world.book, Kind.SALE, (CUP, "1"))
    ring(world.book, Kind.RETURN, (CUP, "1"), sale="S-000006")
    events = told(world)
    world.act(RecordReturn("a1-k9", HEADING, AT, (POST,), (), D("5.83")))
    looks = [event for event in [*events, *told(world, "7")] if isinstance(event, LookAt)]
    assert [(look.topic, look.ref, look.order) for look in looks] == [
        ("pos.returned", "R-000002", REFERENCE),
        ("pos.collected", "P-000003", REFERENCE),
        ("pos.shipped", "H-000004", REFERENCE),
        ("pos.customer", "1", ""),
    ]
    assert [event.ours for event in events if isinstance(event, StockMoved)] == [True, False, False, False]
    keys = [one.key for one in world.side.changes_since("0").told]
    assert len(set(keys)) == len(keys)


def test_sales_of_the_register_are_told_where_they_are_wanted() -> None:
    world = World(frozenset({"pos.sold"}))
    number = ring(world.book, Kind.SALE, (CUP, "1")).number
    ring(world.book, Kind.RETURN, (CUP, "1"), sale=number)
    looks = [(event.topic, event.ref) for event in told(world) if isinstance(event, LookAt)]
    assert looks == [("pos.sold", "S-000001"), ("pos.returned", "R-000002")]


def test_documents_are_read_back_with_signs_that_add_up(world: World) -> None:
    side: PosPapers = world.side
    world.act(SALE)
    ring(world.book, Kind.RETURN, (CUP, "1"), sale="S-000001", payment="cash")
    ring(world.book, Kind.DELIVERY, (CUP, "9"))
    sale, returned = side.documents_of(REFERENCE)
    assert (sale.kind, sale.key, sale.total, sale.order) == (PosPaperKind.SALE, "a1-k1", D("33.81"), "1041")
    assert sale.sold[0].portion == CUPS.portion
    assert (sale.payments, sale.taxes) == ({"card": D("33.81")}, {"VAT 19": D("5.72")})
    assert (returned.kind, returned.total, returned.payments) == (PosPaperKind.RETURN, D("-9.98"), {"cash": D("-9.98")})
    assert (returned.taxes, returned.sold, returned.key) == ({"VAT 19": D("-1.59")}, (), "")
    assert returned.returned[0].portion == Portion(D(1), D("8.39"), {"VAT 19": D("1.59")})
    assert side.document("R-000002") == returned
    assert side.document("R-9") is None
    day = datetime(2026, 11, 22, tzinfo=UTC)
    assert list(side.documents_between(day, day.replace(day=23))) == [sale, returned]
    assert list(side.documents_between(day.replace(day=23), day.replace(day=24))) == []


def test_a_day_is_read_over_many_pages(world: World) -> None:
    for _ in range(1005):
        ring(world.book, Kind.SALE, (CUP, "1"), author=Author.API)
    day = datetime(2026, 11, 22, tzinfo=UTC)
    numbers = [paper.number for paper in world.side.documents_between(day, day.replace(day=23))]
    assert (len(numbers), len(set(numbers))) == (1005, 1005)


def test_terms_name_what_documents_may_name(world: World) -> None:
    world.call("PUT", "/v1/rules", {"taxes": [{"name": "VAT 19", "percent": "19"}]})
    terms = world.side.terms()
    assert (terms.currency, terms.payment_types[0], terms.returns) == ("EUR", "cash", Returns.AS_TOLD)
    assert [(tax.name, tax.percent) for tax in terms.taxes] == [("VAT 19", D(19))]
    assert world.side.abilities.open_lines
    assert terms.is_open is True
    world.call("PUT", "/v1/register", {"open": False})
    assert world.side.terms().is_open is False
    facts = world.side.check().facts
    assert (facts["taxes"], facts["payment types"].split(", ")[0]) == ("VAT 19", "cash")


@pytest.mark.parametrize(
    "wrong",
    [{"at": "2026-11-22T10:00:00"}, {"kind": "delivery"}, {"total": "1e5x"}, {"lines": None}, {"payments": [5]}],
)
def test_a_document_of_another_shape_is_said_to_be_one(world: World, wrong: dict[str, Any]) -> None:
    world.act(SALE)
    shown = world.call("GET", "/v1/documents/S-000001")[1] | wrong
    side = TillSide(lambda *_: Answer(200, {}, json.dumps(shown).encode()), TOKEN, Hands())
    with pytest.raises(BadAnswer):
        side.document("S-000001")
