"""The till's register with a web order, as a cashier sees and uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest

from tests.browser.person import Person
from tests.till.process import Running, running_till

CUPS = {"line": "7", "item_id": "1", "quantity": "3", "net": "25.19", "taxes": [{"tax": "VAT 19", "amount": "4.79"}]}
POST = {"line": "8", "name": "Parcel", "quantity": "0", "net": "4.90"}
ORDER = {
    "key": "k",
    "outlet": "main",
    "reference": "shop:41",
    "number": "1041",
    "lines": [CUPS, POST],
    "payments": [{"type": "card", "amount": "34.88"}],
}


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_till(tmp_path_factory.mktemp("till"), "--seed-demo") as till:
        headers = {"Authorization": f"Bearer {till.token}", "Content-Type": "application/json"}
        with urlopen(Request(f"{till.address}/v1/sales", json.dumps(ORDER).encode(), headers), timeout=20) as answer:  # noqa: S310
            assert answer.status == 201
        yield till


@pytest.fixture(scope="module")
def cashier(till: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    with Person(tmp_path_factory.mktemp("chromium")) as person:
        yield person


def test_a_cashier_finds_an_order_takes_a_piece_back_and_hands_over_the_rest(till: Running, cashier: Person) -> None:
    cashier.open(till.address)
    cashier.press("1041")
    assert "Paid by card: 34.88" in cashier.reads("article")
    cashier.type("#back-1", "1")
    cashier.press("Take these back")
    assert "Return R-000003: -9.98" in cashier.reads("article")
    cashier.press("Customer collected it")
    assert "collected" in cashier.reads("#h-order")
    assert cashier.complaints() == []


def test_the_page_can_be_used_on_a_phone_and_with_a_screen_reader(till: Running, cashier: Person) -> None:
    cashier.open(f"{till.address}/?order=1041")
    assert cashier.findings() == []
    cashier.narrow(360)
    try:
        assert cashier.overhang() <= 0
    finally:
        cashier.widen()
    assert cashier.complaints() == []
