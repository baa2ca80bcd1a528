"""The shop's customers as a real WooCommerce 11.0.1 shows them; what it refuses is told without its message."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tillbridge.core.paper import Person
from tillbridge.errors import BadAnswer, CallRefused, SideTrouble
from tillbridge.ports.persons import StorePeople, StorePerson
from tillbridge.sides.http import Answer
from tillbridge.sides.woocommerce import customers
from tillbridge.sides.woocommerce.customers import Customers
from tillbridge.sides.woocommerce.standard import StandardApi

RECORDINGS = Path(__file__).resolve().parent.parent / "recordings" / "woocommerce-11.0.1" / "customers"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANNA = Person(
    "4", "anna@kunden.example", "+49 221 123456", "Anna", "Müller", "", "Musterweg 5", "", "50667", "Köln", "", "DE"
)


class Shop:
    """Answers every call with what was recorded, or with a body of the test's own."""

    def __init__(self, name: str = "", body: object = None) -> None:
        self.asked: list[tuple[str, str, dict[str, list[str]], Any]] = []
        self._answer = recorded(name) if name else Answer(200, {}, json.dumps(body).encode())
        standard = StandardApi(self._exchange, "https://shop.example", "/wp-json", "ck_1", "cs_1", lambda: NOON)
        self.customers: StorePeople = Customers(standard)

    def _exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        parts = urlsplit(target)
        self.asked.append((method, parts.path, parse_qs(parts.query), json.loads(body) if body else None))
        return self._answer


def recorded(name: str) -> Answer:
    found = json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))["response"]
    return Answer(found["status"], {}, json.dumps(found["body"]).encode())


def test_a_customer_is_read_as_the_shop_shows_them() -> None:
    shop = Shop("get")
    assert shop.customers.person("4") == StorePerson("4", ANNA)
    assert shop.asked == [("GET", "/wp-json/wc/v3/customers/4", {}, None)]


def test_a_customer_whom_the_shop_does_not_have_is_none() -> None:
    assert Shop("get-unknown").customers.person("999999") is None
    shop = Shop("get")
    assert [shop.customers.person(ref) for ref in ("", "0", "../1", "x")] == [None] * 4
    assert shop.asked == []


def test_another_customer_than_was_asked_for_is_not_taken() -> None:
    with pytest.raises(BadAnswer, match="answered 4"):
        Shop("get").customers.person("5")


def test_every_recorded_customer_is_read() -> None:
    rows = json.loads(recorded("list").body)
    assert [customers.read(row).ref for row in rows] == [str(row["id"]) for row in rows]


def test_an_address_finds_its_account_whatever_its_case_and_staff_too() -> None:
    shop = Shop("list-by-email")
    assert shop.customers.find(" ANNA@kunden.example ") == (StorePerson("4", ANNA),)
    asked = {"email": ["ANNA@kunden.example"], "role": ["all"], "per_page": ["100"]}
    assert shop.asked == [("GET", "/wp-json/wc/v3/customers", asked, None)]
    assert shop.customers.find("somebody@else.example") == ()
    assert shop.customers.find("none") == ()


@pytest.mark.parametrize(
    ("role", "staff"), [("administrator", True), ("shop_manager", True), ("customer", False), ("wholesale", False)]
)
def test_who_looks_after_the_shop_is_staff(role: str, staff: bool) -> None:
    assert customers.read({"id": 1, "role": role, "email": "a@b.example", "billing": {}}).staff is staff


def test_an_account_says_what_its_bills_do_not() -> None:
    body = {"id": 1, "email": "a@b.example", "first_name": "Ann", "billing": {"first_name": "", "city": "Bonn"}}
    assert customers.read(body).person == Person("1", "a@b.example", first_name="Ann", city="Bonn")


def test_only_the_fields_that_changed_are_written_and_never_the_login() -> None:
    shop = Shop("update")
    written = shop.customers.change("9", {"first_name": "Geändert", "city": "Hamburg", "email": "x@y.example"})
    assert (written.person.first_name, written.person.city) == ("Geändert", "Hamburg")
    billing = {"first_name": "Geändert", "city": "Hamburg", "email": "x@y.example"}
    body = {"first_name": "Geändert", "billing": billing}
    assert shop.asked == [("PUT", "/wp-json/wc/v3/customers/9", {}, body)]


def test_a_new_account_is_made_with_all_that_is_known() -> None:
    shop = Shop("create")
    made = shop.customers.create(Person(email="neu@kunden.example", first_name="Neu", last_name="Kunde", city="Berlin"))
    assert (made.ref, made.person.email) == ("9", "neu@kunden.example")
    ((method, path, _, body),) = shop.asked
    assert (method, path) == ("POST", "/wp-json/wc/v3/customers")
    assert (body["email"], body["first_name"], body["billing"]["city"]) == ("neu@kunden.example", "Neu", "Berlin")


def test_what_the_shop_refuses_is_told_by_its_code_alone() -> None:
    with pytest.raises(CallRefused) as refused:
        Shop("create-existing-email").customers.create(Person(email="anna@kunden.example"))
    assert str(refused.value).endswith("(HTTP 400 [registration-error-email-exists])")
    for name in ("update-email-existing", "update-unknown"):
        with pytest.raises(CallRefused, match=r"\[w"):
            Shop(name).customers.change("9", {"email": "anna@kunden.example"})


@pytest.mark.parametrize(
    "body",
    [
        [], "zzmark", {"id": 4, "zzmark": 1}, {"id": "zzmark", "billing": {}},
        {"id": 4, "billing": {"city": ["zzmark"]}}, {"id": 4, "billing": "zzmark"}, {"id": True, "billing": {}},
    ],
)  # fmt: skip
def test_an_odd_answer_is_said_to_be_odd_without_its_values(body: object) -> None:
    with pytest.raises(SideTrouble) as trouble:
        Shop(body=body).customers.person("4")
    assert "zzmark" not in str(trouble.value)


def test_a_customers_orders_are_the_newest_of_any_status() -> None:
    shop = Shop(body=[{"id": 12}, {"id": 11}])
    assert shop.customers.orders_of("4", 500) == ("12", "11")
    ((_, path, asked, _),) = shop.asked
    assert path == "/wp-json/wc/v3/orders"
    assert (asked["customer"], asked["status"], asked["per_page"]) == (["4"], ["any"], ["100"])
    assert shop.customers.orders_of("x", 5) == ()


def test_a_guest_is_read_off_their_order_and_an_account_is_no_guest() -> None:
    billing = {"first_name": "Ann", "email": "ann@nowhere.example"}
    shop = Shop(body={"id": 9, "customer_id": 0, "billing": billing})
    assert shop.customers.guest("9") == Person(first_name="Ann", email="ann@nowhere.example")
    assert shop.asked == [("GET", "/wp-json/wc/v3/orders/9", {"_fields": ["id,customer_id,billing"]}, None)]
    assert Shop(body={"id": 9, "customer_id": 4, "billing": billing}).customers.guest("9") is None
    assert shop.customers.guest("../9") is None
