"""The register's page, driven by plain form posts as a browser without scripts would."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.till.builders import CUP, TOKEN, a_book, ids, ring
from tillbridge.till.api import About, Api
from tillbridge.till.book import Book
from tillbridge.till.catalogue import Card
from tillbridge.till.gate import Gate
from tillbridge.till.page import Page
from tillbridge.till.papers import Author, Kind
from tillbridge.till.register import Register
from tillbridge.till.server import create_app


class Forms(HTMLParser):
    """The forms of a page: by action, their fields as a browser would send them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: dict[str, list[tuple[str, str]]] = {}
        self.labelled: set[str] = set()
        self.fields: set[str] = set()
        self._fields: list[tuple[str, str]] = []
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._fields = self.forms.setdefault(have["action"], [])
        elif tag == "label":
            self.labelled.add(have["for"])
        elif tag == "input":
            self._fields.append((have["name"], have.get("value", "")))
            if have.get("type") != "hidden" and "aria-label" not in have:
                self.fields.add(have["id"])
        elif tag == "select":
            self._select = have["name"]
            self.fields.add(have["id"])
        elif tag == "option" and self._select and ("selected" in have or self._select not in dict(self._fields)):
            self._fields[:] = [pair for pair in self._fields if pair[0] != self._select]
            self._fields.append((self._select, have["value"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


class Browser:
    """A person at the register."""

    def __init__(self, book: Book) -> None:
        page = Page(About("Corner shop"), Register(book, ids(500)), Gate(b"k" * 32, ids(900)))
        self.client = create_app(Api(book, TOKEN), page).test_client()
        self.page = self.client.get("/")

    @property
    def html(self) -> str:
        return self.page.get_data(as_text=True)

    def fields(self, action: str, **typed: str) -> list[tuple[str, str]]:
        known = Forms(self.html).forms[action]
        return [(name, value) for name, value in known if name not in typed] + list(typed.items())

    def press(self, action: str, **typed: str) -> TestResponse:
        data: dict[str, list[str]] = {}
        for name, value in self.fields(action, **typed):
            data.setdefault(name, []).append(value)
        self.page = self.client.post(action, data=data)
        if self.page.status_code == 303:
            self.page = self.client.get(self.page.headers["Location"])
        return self.page

    def problem(self) -> str:
        found = re.search(r'role="alert">([^<]*)<', self.html)
        return found[1] if found else ""


@pytest.fixture
def book() -> Book:
    return a_book()


@pytest.fixture
def browser(book: Book) -> Browser:
    return Browser(book)


def test_a_sale_is_scanned_changed_and_paid(book: Book, browser: Browser) -> None:
    browser.press("/sell", do="add", find="CUP")
    browser.press("/sell", do="add", find="CUP")
    browser.press("/sell", do="add", find="wrapping")
    assert "22.30" in browser.html
    browser.press("/sell", do="pay:card")
    (sale,) = book.recent(5)
    assert (sale.kind, sale.author, sale.payment, sale.total) == (Kind.SALE, Author.TILL, "card", 2230)
    assert [(line.sku, line.quantity) for line in sale.lines] == [("CUP", 2000), ("WRAP", 1000)]
    assert book.feed.level(CUP, "main") == -2000
    assert "S-000001</strong> recorded" in browser.html
    assert "The basket is empty" in browser.html


def test_a_button_pressed_twice_rings_one_sale(book: Book, browser: Browser) -> None:
    browser.press("/sell", do="add", find="CUP")
    twice = browser.page
    browser.press("/sell", do="pay:cash")
    browser.page = twice
    browser.press("/sell", do="pay:cash")
    assert len(book.recent(5)) == 1
    browser.page = twice
    browser.press("/sell", do="pay:cash", quantity="3")
    assert "used before" in browser.problem()
    assert len(book.recent(5)) == 1


def test_a_typing_error_costs_nobody_the_basket(book: Book, browser: Browser) -> None:
    browser.press("/sell", do="add", find="CUP")
    browser.press("/sell", do="pay:cash", quantity="two")
    assert "Cup, blue: a quantity is text like" in browser.problem()
    browser.press("/sell", do="add", find="nothing like it")
    assert "Nothing here is called" in browser.problem()
    browser.press("/sell", do="update", quantity="-1")
    assert "use the return form" in browser.problem()
    assert ("item", str(CUP)) in Forms(browser.html).forms["/sell"]
    assert book.recent(5) == []


def test_a_line_is_taken_out_of_the_basket(browser: Browser) -> None:
    browser.press("/sell", do="add", find="CUP")
    browser.press("/sell", do="add", find="TEE")
    browser.press("/sell", do="remove:1")
    assert [value for name, value in Forms(browser.html).forms["/sell"] if name == "item"] == ["2"]


def test_a_scan_that_fits_several_items_asks_which(book: Book, browser: Browser) -> None:
    book.catalogue.add(Card("CUP", "Cup, chipped", 500))
    browser.press("/sell", do="add", find="CUP")
    assert "Which one?" in browser.html
    browser.press("/sell", do="choose:4", find="")
    browser.press("/sell", do="pay:cash")
    assert book.recent(1)[0].lines[0].name == "Cup, chipped"
    browser.press("/delivery", sku="CUP", quantity="1")
    assert "#1 Cup, blue, #4 Cup, chipped" in browser.problem()


def test_goods_come_back_with_their_receipt(book: Book, browser: Browser) -> None:
    number = ring(book, Kind.SALE, (CUP, "2")).number
    browser.press("/return", sku="CUP", quantity="1", sale=number.lower())
    assert (book.recent(1)[0].kind, book.recent(1)[0].sale, book.feed.level(CUP, "main")) == (
        Kind.RETURN,
        number,
        -1000,
    )
    browser.press("/return", sku="CUP", quantity="2", sale=number)
    assert "more comes back" in browser.problem()


def test_a_delivery_is_received_at_the_chosen_outlet(book: Book, browser: Browser) -> None:
    browser.press("/delivery", sku="#1", quantity="2.5", outlet="annex", reason="from <the> wholesaler")
    assert book.feed.level(CUP, "annex") == 2500
    for wrong in ("0", "-1", "many"):
        browser.press("/delivery", sku="CUP", quantity=wrong)
        assert browser.problem()
    assert book.feed.level(CUP, "annex") == 2500


def test_the_offline_switch_shows_what_waits(book: Book, browser: Browser) -> None:
    browser.press("/switch", to="offline")
    browser.press("/sell", do="add", find="CUP")
    browser.press("/sell", do="pay:cash")
    assert "Offline, 1 waiting" in browser.html
    assert "It waits until the register is online" in browser.html
    assert re.search(r"-1<span title=\"with what waits", browser.html)
    assert book.feed.level(CUP, "main") == 0
    browser.press("/switch", to="online")
    assert book.feed.level(CUP, "main") == -1000
    assert "waiting" not in browser.html


def test_names_are_shown_as_text_and_never_as_markup(book: Book) -> None:
    book.catalogue.add(Card("<b>", "<script>alert(1)</script>", 1))
    assert "<script" not in Browser(book).html


def test_every_field_has_a_label(browser: Browser) -> None:
    browser.press("/sell", do="add", find="CUP")
    page = Forms(browser.html)
    assert page.fields
    assert page.fields <= page.labelled


def test_the_page_keeps_to_itself(browser: Browser) -> None:
    for answer in (browser.client.get("/"), browser.client.get("/static/till.css")):
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        answer.close()
    cookie = browser.page.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert " style=" not in browser.html
    assert "<script" not in browser.html


def test_a_form_without_its_token_does_nothing(book: Book, browser: Browser) -> None:
    for token in ("", "wrong", "\ud800".encode("utf-8", "replace").decode()):
        assert browser.press("/delivery", sku="CUP", quantity="1", token=token).status_code == 403
        browser.page = browser.client.get("/")
    stranger = Browser(book)
    stranger.client.delete_cookie("till")
    assert stranger.press("/delivery", sku="CUP", quantity="1").status_code == 403
    assert book.recent(1) == []


@pytest.mark.parametrize(
    "environment",
    [
        {"headers": {"Origin": "http://127.0.0.1:8000"}},
        {"headers": {"Origin": "null"}},
        {"headers": {"Host": "till.example"}},
        {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}},
    ],
)
def test_a_form_from_elsewhere_does_nothing(book: Book, browser: Browser, environment: dict[str, Any]) -> None:
    answer = browser.client.post(
        "/delivery", data=dict(browser.fields("/delivery", sku="CUP", quantity="1")), **environment
    )
    assert (answer.status_code, book.recent(1)) == (403, [])


def test_another_name_of_this_computer_does_not_get_the_page(browser: Browser) -> None:
    assert browser.client.get("/", headers={"Host": "rebound.example:80"}).status_code == 403
    for host in ("localhost:8000", "127.0.0.1", "[::1]:8000"):
        assert browser.client.get("/", headers={"Host": host}).status_code == 200


def test_strange_forms_are_refused_in_words(browser: Browser) -> None:
    for action, typed in [
        ("/sell", {"do": "choose:99"}),
        ("/sell", {"do": "pay:cash"}),
        ("/sell", {"do": "add", "find": "x\x00y"}),
        ("/sell", {"do": "add", "find": "CUP", "key": "not a key"}),
        ("/return", {"sku": "CUP", "sale": "S-999999"}),
        ("/delivery", {"sku": "CUP", "quantity": "1", "outlet": "moon"}),
        ("/switch", {"to": "sideways"}),
    ]:
        answer = browser.press(action, **typed)
        assert 400 <= answer.status_code < 500, (action, typed)
        assert browser.problem()
        browser.page = browser.client.get("/")
    assert browser.client.get("/?show=%00").status_code == 400
    assert browser.client.get("/?done=%00&show=%F0").status_code == 200
