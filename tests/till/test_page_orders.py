"""Web orders on the register's page: looked at, handed over, taken back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.till.builders import CUP, Caller, a_book
from tests.till.test_page import Browser, Forms
from tillbridge.till.book import Book
from tillbridge.till.papers import Author, Kind

REFERENCE = "shop:41"
CUPS = {
    "line": "7",
    "item_id": str(CUP),
    "quantity": "3",
    "net": "25.19",
    "taxes": [{"tax": "VAT 19", "amount": "4.79"}],
}
BOX = {"line": "8", "name": "Wooden box", "quantity": "2", "net": "10.01"}
POST = {"line": "9", "name": "Post", "quantity": "0", "net": "4.90"}


@pytest.fixture
def book() -> Book:
    return a_book()


@pytest.fixture
def browser(book: Book) -> Browser:
    order(book)
    return Browser(book)


def order(book: Book, **more: Any) -> None:
    body = {"key": "k", "outlet": "main", "reference": REFERENCE, "number": "1041", "lines": [CUPS, BOX, POST]}
    paid = [{"type": "card", "amount": "44.89"}]
    status, answer = Caller(book)("POST", "/v1/sales", body | {"payments": paid} | more)
    assert status == 201, answer


def look(browser: Browser, number: str = "1041") -> None:
    browser.page = browser.client.get(f"/?order={number}")


def test_an_order_is_found_by_its_number_and_shown_with_what_was_paid(browser: Browser) -> None:
    assert "1041" in browser.html
    look(browser)
    for words in ("Order 1041", "Wooden box", "29.98", "Paid by card: 44.89", "here"):
        assert words in browser.html, words
    look(browser, "9999")
    assert "No web order here is called" in browser.problem()


def test_a_customer_collects_an_order_once(book: Book, browser: Browser) -> None:
    look(browser)
    twice = browser.page
    browser.press("/order/collect")
    assert "P-000002</strong> recorded" in browser.html
    assert "Collected, " in browser.html
    assert "/order/collect" not in Forms(browser.html).forms
    browser.page = twice
    browser.press("/order/collect")
    assert (len(book.recent(9)), browser.problem()) == (2, "")
    (note, _) = book.recent(9)
    assert (note.kind, note.author, note.reference) == (Kind.PICKUP, Author.TILL, REFERENCE)
    assert book.feed.level(CUP, "main") == -3000


def fields(browser: Browser, *pieces: str) -> dict[str, list[str]]:
    data: dict[str, list[str]] = {}
    for name, value in browser.fields("/order/return"):
        data.setdefault(name, []).append(value)
    return data | {"pieces": list(pieces)}


def test_pieces_of_an_order_come_back_for_what_was_paid(book: Book, browser: Browser) -> None:
    look(browser)
    data = fields(browser, "1", "1")
    for _ in range(2):
        answer = browser.client.post("/order/return", data=data)
        assert answer.status_code == 303
    assert len(book.recent(9)) == 2
    document = book.recent(1)[0]
    assert [(line.line, line.amount) for line in document.lines] == [("7", 998), ("8", 500)]
    assert (document.total, document.paid, document.author) == (-1498, -1498, Author.TILL)
    assert book.feed.level(CUP, "main") == -2000
    browser.page = browser.client.get(answer.headers["Location"])
    assert "Return R-000002: -14.98" in browser.html
    assert "of 2" in browser.html


def test_broken_goods_stay_off_the_shelf(book: Book, browser: Browser) -> None:
    look(browser)
    browser.client.post("/order/return", data=fields(browser, "3", "0") | {"shelf": ["no"], "payment": [""]})
    assert (book.recent(1)[0].paid, book.feed.level(CUP, "main")) == (0, -3000)


def test_what_cannot_come_back_is_said_in_words(book: Book, browser: Browser) -> None:
    look(browser)
    for pieces, words in (
        (("4", "0"), "more comes back than was sold with order 1041"),
        (("0", "3"), "Wooden box: more comes back"),
        (("0", "0"), "How many"),
        (("-1", "0"), "more than nothing"),
        (("x", "0"), "Pieces: a quantity is text"),
    ):
        look(browser)
        browser.page = browser.client.post("/order/return", data=fields(browser, *pieces))
        assert words in browser.problem(), pieces
        assert "Order 1041" in browser.html
    assert len(book.recent(9)) == 1


def test_an_unpaid_order_says_what_is_to_be_paid(book: Book) -> None:
    order(book, payments=[])
    browser = Browser(book)
    look(browser)
    assert "Still to be paid: 44.89" in browser.html


def test_a_closed_register_says_so_and_sells_nothing(book: Book, browser: Browser) -> None:
    browser.press("/switch", to="closed")
    assert 'id="closed">Closed<' in browser.html
    browser.press("/sell", do="add", find="CUP")
    browser.press("/sell", do="pay:cash")
    assert "the register is closed" in browser.problem()
    browser.press("/switch", to="open")
    browser.press("/sell", do="add", find="CUP")
    browser.press("/sell", do="pay:cash")
    assert book.recent(1)[0].kind is Kind.SALE


def test_every_field_of_an_order_has_a_label_and_nothing_is_markup(book: Book) -> None:
    order(book, lines=[BOX | {"name": "<script>alert(1)</script>"}], payments=[], number="<b>7</b>")
    browser = Browser(book)
    look(browser, "<b>7</b>")
    page = Forms(browser.html)
    assert page.fields <= page.labelled
    assert "back-1" in page.fields
    assert "<script" not in browser.html
    assert "<b>" not in browser.html
