"""Web orders at the till: sales, changes, returns and voids under a reference, to the cent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.till.builders import CUP, TEE, WRAP, Caller, a_book, ring
from tillbridge.till.book import Book
from tillbridge.till.papers import Author, Kind

ORDER = "shop:41"

CUPS = {
    "line": "7",
    "item_id": str(CUP),
    "name": "Cup",
    "quantity": "3",
    "net": "25.19",
    "taxes": [{"tax": "VAT 19", "amount": "4.79"}],
}
POST = {"line": "8", "name": "Post", "quantity": "0", "net": "4.90", "taxes": [{"tax": "VAT 19", "amount": "0.93"}]}
REBATE = {"line": "9", "name": "Rebate", "quantity": "0", "net": "-2.00"}
SALE: dict[str, Any] = {
    "key": "k-1",
    "outlet": "main",
    "reference": ORDER,
    "number": "1041",
    "lines": [CUPS, POST, REBATE],
    "payments": [{"type": "card", "amount": "23.81"}, {"type": "gift_card", "amount": "10.00"}],
    "total": "33.81",
}


@pytest.fixture
def book() -> Book:
    return a_book()


@pytest.fixture
def call(book: Book) -> Caller:
    return Caller(book)


def sold(call: Caller, **more: Any) -> dict[str, Any]:
    status, document = call("POST", "/v1/sales", SALE | more)
    assert status == 201, document
    found: dict[str, Any] = document
    return found


def refused(call: Caller, path: str, code: str, **body: Any) -> str:
    head = call.api.book.feed.head()
    status, answer = call("POST", f"/v1/{path}", {"key": "another", "outlet": "main", "reference": ORDER} | body)
    assert (answer.get("code"), 400 <= status < 500) == (code, True), answer
    assert call.api.book.feed.head() == head, "a refusal leaves nothing behind"
    return str(answer["message"])


def test_a_web_order_keeps_the_amounts_that_it_brings(book: Book, call: Caller) -> None:
    document = sold(call)
    assert (document["total"], document["number"], document["reference"]) == ("33.81", "1041", ORDER)
    assert [(line["line"], line["amount"], line["net"], line["price"]) for line in document["lines"]] == [
        ("7", "29.98", "25.19", None),
        ("8", "5.83", "4.90", None),
        ("9", "-2.00", "-2.00", None),
    ]
    assert document["payments"] == [{"type": "card", "amount": "23.81"}, {"type": "gift_card", "amount": "10.00"}]
    assert [(move["item_id"], move["delta"]) for move in document["movements"]] == [("1", "-3")]
    assert book.order(ORDER).outstanding == 0


def test_the_same_key_is_the_same_sale_whoever_bought_and_another_content_is_refused(call: Caller) -> None:
    customer = call("POST", "/v1/customers", {"name": "A person"})[1]["id"]
    document = sold(call)
    assert call("POST", "/v1/sales", SALE | {"customer_id": customer}) == (200, document)
    changes: tuple[dict[str, Any], ...] = ({"lines": [CUPS, POST]}, {"payments": []}, {"reference": "shop:42"})
    for more in changes:
        status, answer = call("POST", "/v1/sales", SALE | {"total": None} | more)
        assert (status, answer["code"]) == (409, "key_reused")


def test_an_order_that_is_here_is_not_sold_again_under_another_key(call: Caller) -> None:
    sold(call)
    assert "order 1041 is here already: S-000001" in refused(call, "sales", "reference_taken", lines=[CUPS])


def test_another_sum_than_the_lines_come_to_is_refused(call: Caller) -> None:
    assert "33.81, not to 33.80" in refused(call, "sales", "total_differs", lines=SALE["lines"], total="33.80")


def test_what_is_outstanding_is_settled_later_and_not_more(book: Book, call: Caller) -> None:
    sold(call, payments=[{"type": "card", "amount": "20"}])
    assert book.order(ORDER).outstanding == 1381
    paid = {"key": "k-2", "outlet": "main", "reference": ORDER, "payments": [{"type": "transfer", "amount": "13.81"}]}
    status, document = call("POST", "/v1/exchanges", paid | {"total": "0"})
    assert (status, document["total"], document["movements"]) == (201, "0.00", [])
    assert book.order(ORDER).outstanding == 0
    assert book.order(ORDER).payments == {"card": 2000, "transfer": 1381}
    refused(call, "exchanges", "payments_exceed", payments=[{"type": "transfer", "amount": "0.01"}])
    refused(call, "exchanges", "lines_missing")


def test_more_than_the_total_is_never_paid(call: Caller) -> None:
    refused(call, "sales", "payments_exceed", lines=[POST], payments=[{"type": "card", "amount": "5.84"}])


def test_a_refund_without_restock_and_one_by_amount_move_nothing(book: Book, call: Caller) -> None:
    sold(call)
    broken = {"line": "7", "item_id": "1", "quantity": "1", "net": "8.40", "taxes": [], "restock": False}
    amount = {"line": "amount", "name": "Goodwill", "quantity": "0", "net": "2.50"}
    body = {"key": "k-2", "outlet": "main", "reference": ORDER, "lines": [broken, amount]}
    status, document = call("POST", "/v1/returns", body | {"payments": [{"type": "card", "amount": "10.90"}]})
    assert (status, document["total"], document["movements"]) == (201, "-10.90", [])
    assert [line["restock"] for line in document["lines"]] == [False, True]
    assert (book.feed.level(CUP, "main"), book.order(ORDER).total) == (-3000, 2291)


def test_no_more_comes_back_of_an_order_than_was_sold(call: Caller) -> None:
    sold(call)
    row = {"item_id": "1", "quantity": "2"}
    assert call("POST", "/v1/returns", {"key": "k-2", "outlet": "main", "reference": ORDER, "lines": [row]})[0] == 201
    refused(call, "returns", "returned_more", lines=[row])
    refused(call, "returns", "returned_more", lines=[row | {"net": "1.00"}])
    refused(call, "returns", "returned_more", lines=[{"item_id": str(TEE), "quantity": "1"}])
    amount = {"name": "Everything", "quantity": "0", "net": "13.84"}
    refused(call, "returns", "returned_more", lines=[amount])
    refused(call, "returns", "reference_unknown", reference="shop:99", lines=[row])


def test_no_more_is_paid_back_than_comes_back_or_was_paid(call: Caller) -> None:
    sold(call, payments=[{"type": "card", "amount": "1.00"}])
    amount = {"name": "Goodwill", "quantity": "0", "net": "2.50"}
    refused(call, "returns", "payments_exceed", lines=[amount], payments=[{"type": "cash", "amount": "1.01"}])
    paid = {"key": "p", "outlet": "main", "reference": ORDER, "payments": [{"type": "card", "amount": "30"}]}
    assert call("POST", "/v1/exchanges", paid)[0] == 201
    refused(call, "returns", "payments_exceed", lines=[amount], payments=[{"type": "cash", "amount": "2.51"}])


def test_what_comes_back_at_the_counter_is_worth_what_was_paid_for_it(book: Book, call: Caller) -> None:
    number = sold(call)["document"]
    returned = ring(book, Kind.RETURN, (CUP, "1"), sale=number, payment="cash")
    document = book.document(returned.number)
    assert (document.reference, document.order_number, document.total) == (ORDER, "1041", -998)
    assert [(line.line, line.net, line.taxes) for line in document.lines] == [("7", 839, (("VAT 19", 159),))]
    ring(book, Kind.RETURN, (CUP, "1"), (CUP, "1"), reference=ORDER)
    assert {name: line.gross for name, line in book.order(ORDER).left.items()} == {"7": 0, "8": 583, "9": -200}


def test_two_lines_of_one_item_come_back_one_after_the_other(book: Book, call: Caller) -> None:
    dear = CUPS | {"line": "10", "quantity": "1", "net": "99.00", "taxes": []}
    sold(call, lines=[CUPS, dear], payments=[], total=None)
    document = book.document(ring(book, Kind.RETURN, (CUP, "4"), reference=ORDER).number)
    assert [(line.line, line.quantity, line.amount) for line in document.lines] == [
        ("7", 3000, 2998),
        ("10", 1000, 9900),
    ]


def test_an_order_is_changed_under_one_number(book: Book, call: Caller) -> None:
    sold(call)
    wrap = {"line": "11", "item_id": str(WRAP), "quantity": "1", "net": "2.50"}
    body = {"key": "k-2", "outlet": "main", "reference": ORDER, "sold": [wrap], "returned": [CUPS], "total": "-27.48"}
    status, document = call("POST", "/v1/exchanges", body | {"payments": [{"type": "card", "amount": "23.81"}]})
    assert (status, document["total"]) == (201, "-27.48")
    assert [move["delta"] for move in document["movements"]] == ["3"]
    assert book.order(ORDER).payments == {"gift_card": 1000}


def test_what_is_exchanged_broken_stays_off_the_shelf(book: Book, call: Caller) -> None:
    sold(call)
    body = {"key": "k-2", "outlet": "main", "reference": ORDER, "returned": [CUPS | {"restock": False}]}
    assert call("POST", "/v1/exchanges", body)[1]["movements"] == []
    assert book.feed.level(CUP, "main") == -3000


def test_a_void_takes_back_everything_that_is_left(book: Book, call: Caller) -> None:
    sold(call)
    ring(book, Kind.RETURN, (CUP, "1"), reference=ORDER)
    status, document = call("POST", "/v1/voids", {"key": "k-2", "outlet": "main", "reference": ORDER})
    assert (status, document["total"], document["document"]) == (201, "-23.83", "V-000003")
    assert (book.feed.level(CUP, "main"), book.order(ORDER).empty) == (0, True)
    assert sold(call, key="k-3")["document"] == "S-000004"


def test_a_void_of_something_else_than_is_left_is_refused(book: Book, call: Caller) -> None:
    sold(call)
    refused(call, "voids", "void_differs", lines=[CUPS, POST])
    refused(call, "voids", "reference_missing", reference="")
    lines = [CUPS | {"restock": False}, POST, REBATE]
    body = {"key": "k-2", "outlet": "main", "reference": ORDER, "lines": lines, "payments": SALE["payments"]}
    assert call("POST", "/v1/voids", body)[0] == 201
    assert (book.feed.level(CUP, "main"), book.order(ORDER).empty) == (-3000, True)


def test_a_payment_type_or_a_tax_that_is_not_known_is_refused_in_words(call: Caller) -> None:
    words = refused(call, "sales", "payment_unknown", lines=[POST], payments=[{"type": "barter", "amount": "1"}])
    assert "there are: cash, card, other, transfer, gift_card" in words
    refused(call, "sales", "payment_unknown", reference="", lines=[{"item_id": "1", "quantity": "1"}], payment="barter")
    taxes = [{"name": "VAT 7", "percent": "7"}]
    assert call("PUT", "/v1/rules", {"taxes": taxes, "payment_types": ["barter"]})[1]["taxes"] == taxes
    assert "there are: VAT 7" in refused(call, "sales", "tax_unknown", lines=[POST])
    info = call("GET", "/v1/info")[1]
    assert (info["payment_types"], info["taxes"]) == (["barter"], taxes)


def test_a_closed_register_sells_nothing_and_still_knows_its_keys(book: Book, call: Caller) -> None:
    document = sold(call)
    assert call("PUT", "/v1/register", {"open": False}) == (200, {"open": False})
    refused(call, "sales", "register_closed", reference="shop:2", lines=[POST])
    refused(call, "returns", "register_closed", lines=[{"item_id": "1", "quantity": "1"}])
    refused(call, "voids", "register_closed")
    assert call("POST", "/v1/sales", SALE) == (200, document)
    ring(book, Kind.DELIVERY, (CUP, "1"))
    call("PUT", "/v1/register", {"open": True})
    assert call("GET", "/v1/info")[1]["register_open"] is True


def test_an_order_is_collected_once_and_nothing_moves(book: Book, call: Caller) -> None:
    refused(call, "pickups", "reference_unknown")
    sold(call)
    status, document = call("POST", "/v1/pickups", {"key": "p", "outlet": "main", "reference": ORDER, "author": "till"})
    assert (status, document["document"], document["number"], document["movements"]) == (201, "P-000002", "1041", [])
    refused(call, "pickups", "pickup_twice")
    assert call("POST", "/v1/shipments", {"key": "h", "outlet": "main", "reference": ORDER})[0] == 201
    told = call("GET", "/v1/changes?after=1")[1]["changes"]
    assert [(one["kind"], one["reference"], one["author"]) for one in told] == [
        ("pickup", ORDER, "till"),
        ("shipment", ORDER, "api"),
    ]
    call("POST", "/v1/voids", {"key": "v", "outlet": "main", "reference": ORDER})
    assert book.feed.level(CUP, "main") == 0
    refused(call, "shipments", "nothing_left")


def test_an_order_is_found_by_its_reference_its_key_and_its_day(call: Caller) -> None:
    sold(call, at="2026-11-21T23:30:00+01:00")
    call("POST", "/v1/returns", {"key": "r", "outlet": "main", "reference": ORDER, "lines": [POST]})
    whole = call("GET", f"/v1/documents?reference={ORDER}")[1]
    assert [one["document"] for one in whole["documents"]] == ["S-000001", "R-000002"]
    assert whole["documents"][0]["movements"]
    assert [one["document"] for one in call("GET", "/v1/documents?key=r")[1]["documents"]] == ["R-000002"]
    late = call("GET", "/v1/documents?from=2026-11-22T10:00:00Z&to=2026-11-22T10:00:00.001Z")[1]
    assert [one["document"] for one in late["documents"]] == ["R-000002"]
    assert call("GET", "/v1/documents?from=2026-11-22&to=2026-11-22T10:00:00Z")[1]["code"] == "from_invalid"
    assert call("GET", "/v1/documents?to=2026-11-21T22:30:00Z")[1]["documents"] == []
    assert call("GET", "/v1/documents?key=none")[1] == {"documents": [], "next": None}
    day = "/v1/documents?from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z"
    assert [(one["document"], one["at"]) for one in call("GET", day)[1]["documents"]] == [
        ("S-000001", "2026-11-21T22:30:00.000Z")
    ]
    first = call("GET", "/v1/documents?limit=1")[1]
    assert (first["documents"][0]["document"], first["next"]) == ("S-000001", "1")
    assert call("GET", "/v1/documents?limit=1&after=1")[1]["next"] is None
    assert call("GET", "/v1/documents/R-000002")[1]["reference"] == ORDER
    assert call("GET", "/v1/documents/R-9")[0] == 404
    assert call("GET", "/v1/documents?from=yesterday")[1]["code"] == "from_invalid"


def test_a_return_of_an_order_that_waits_offline_counts_already(book: Book, call: Caller) -> None:
    sold(call)
    book.go_offline()
    ring(book, Kind.RETURN, (CUP, "3"), reference=ORDER)
    refused(call, "returns", "returned_more", lines=[CUPS])
    book.go_online()
    change = book.feed.changes(1, 5).changes[0]
    assert (change.kind, change.reference, book.feed.level(CUP, "main")) == ("return", ORDER, 0)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"net": "x"}, "price_invalid"),
        ({"price": "1.00"}, "price_invalid"),
        ({"taxes": [{"tax": "", "amount": "1"}]}, "tax_invalid"),
        ({"taxes": [{"tax": "a", "amount": "1"}] * 2}, "taxes_invalid"),
        ({"taxes": {}}, "taxes_invalid"),
        ({"restock": 1}, "restock_invalid"),
        ({"item_id": "0"}, "item_unknown"),
        ({"item_id": None, "name": " "}, "lines_invalid"),
        ({"quantity": "-1"}, "quantity_invalid"),
        ({"line": "x" * 65}, "line_invalid"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(call: Caller, wrong: dict[str, Any], code: str) -> None:
    refused(call, "sales", code, lines=[CUPS | wrong])


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"payments": [{"type": "cash", "amount": "0"}]}, "payments_invalid"),
        ({"payments": [{"type": "cash", "amount": "1"}] * 2}, "payments_invalid"),
        ({"payments": [{"type": "cash", "amount": "1"}], "payment": "cash"}, "payments_invalid"),
        ({"at": "2026-11-22T10:00:00"}, "at_invalid"),
        ({"customer_id": "9"}, "customer_unknown"),
        ({"customer_id": 9}, "id_invalid"),
        ({"reference": "x" * 129}, "reference_invalid"),
        ({"lines": [{"item_id": "1", "quantity": "0"}]}, "quantity_invalid"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(call: Caller, wrong: dict[str, Any], code: str) -> None:
    refused(call, "sales", code, **({"lines": [POST]} | wrong))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["sales", "returns", "exchanges", "voids"]),
        st.integers(0, 3),
        st.integers(-300, 900),
        st.integers(0, 1),
        st.booleans(),
    ),
    max_size=14,
)


@settings(max_examples=80, deadline=None)
@given(STEPS)
def test_an_order_never_owes_goods_or_money_whatever_is_asked(steps: list[tuple[str, int, int, int, bool]]) -> None:
    book = a_book()
    call = Caller(book)
    for number, (path, quantity, net, line, restock) in enumerate(steps):
        money = f"{'-' if net < 0 else ''}{abs(net) // 100}.{abs(net) % 100:02d}"
        row = {"line": str(line), "item_id": "1", "quantity": str(quantity), "net": money, "restock": restock}
        lines = {"sold": [row], "returned": [row]} if path == "exchanges" else {"lines": [row]}
        body = {"key": f"k-{number}", "outlet": "main", "reference": ORDER} | (lines if path != "voids" else {})
        call("POST", f"/v1/{path}", body)
        order = book.order(ORDER)
        assert all(left >= 0 for left in order.quantities().values())
        assert order.paid >= 0
    sums = [move.delta for change in book.feed.changes(0, 100).changes for move in change.movements]
    assert book.feed.level(CUP, "main") == sum(sums)
    assert all(document.author is Author.API for document in book.recent(50))
