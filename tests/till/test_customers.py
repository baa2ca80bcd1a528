"""The till's customers: found, changed, told by number only, and forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from tests.till.builders import Caller, a_book

PERSON: dict[str, Any] = {
    "name": "Ada Example",
    "email": "Ada@Example.org",
    "phone": "+49 30 123-456",
    "external_id": "shop:7",
    "address": {"street": "Long road 1", "postcode": "10115", "city": "Berlin", "country": "DE"},
}


@pytest.fixture
def call() -> Caller:
    return Caller(a_book())


def ids(call: Caller, query: str) -> list[str]:
    status, body = call("GET", f"/v1/customers?{query}")
    assert status == 200
    return [one["id"] for one in body["customers"]]


def test_a_customer_is_found_by_e_mail_phone_and_external_id(call: Caller) -> None:
    status, customer = call("POST", "/v1/customers", PERSON)
    assert (status, customer["id"], customer["address"]["city"]) == (201, "1", "Berlin")
    call("POST", "/v1/customers", {"name": "Somebody else"})
    for query in ("email=ada%40EXAMPLE.ORG", "phone=004930123456", "external_id=shop:7"):
        assert ids(call, query) == ["1"], query
    assert ids(call, "email=ada@example.org&phone=1") == ["1"]
    assert ids(call, "email=nobody@example.org") == []
    assert ids(call, "phone=-") == []
    assert ids(call, "") == ["1", "2"]
    assert call("GET", "/v1/customers?limit=1")[1]["next"] == "1"


def test_an_external_id_stands_for_one_customer(call: Caller) -> None:
    call("POST", "/v1/customers", PERSON)
    status, customer = call("POST", "/v1/customers", PERSON | {"name": "Ada Newname"})
    assert (status, customer["id"], customer["name"]) == (200, "1", "Ada Newname")
    call("POST", "/v1/customers", {"name": "Other"})
    status, answer = call("PUT", "/v1/customers/2", PERSON)
    assert (status, answer["code"]) == (409, "external_id_taken")


def test_a_change_of_a_customer_is_told_by_number_only(call: Caller) -> None:
    call("POST", "/v1/customers", PERSON)
    call("PUT", "/v1/customers/1", PERSON | {"phone": ""})
    changes = call("GET", "/v1/changes?after=0")[1]["changes"]
    assert [(one["kind"], one["customer_id"], one["movements"]) for one in changes] == [("customer", "1", [])] * 2
    assert "Ada" not in str(changes)
    assert call("GET", "/v1/documents")[1]["documents"] == []


def test_an_erased_customer_leaves_a_number_and_the_documents(call: Caller) -> None:
    call("POST", "/v1/customers", PERSON)
    sale = {"key": "k", "outlet": "main", "customer_id": "1", "lines": [{"item_id": "1", "quantity": "1"}]}
    document = call("POST", "/v1/sales", sale)[1]
    assert document["customer_id"] == "1"
    status, customer = call("DELETE", "/v1/customers/1")
    assert (status, customer["erased"], customer["name"], customer["email"]) == (200, True, "", "")
    assert not any(customer["address"].values())
    assert call("DELETE", "/v1/customers/1") == (200, customer)
    assert [ids(call, query) for query in ("email=ada@example.org", "external_id=shop:7", "")] == [[], [], []]
    assert call("GET", f"/v1/documents/{document['document']}") == (200, document)
    for method, target, body in (
        ("PUT", "/v1/customers/1", PERSON),
        ("POST", "/v1/sales", sale | {"key": "k-2"}),
    ):
        assert call(method, target, body)[1]["code"] == "customer_erased"
    assert len(call("GET", "/v1/changes?after=0")[1]["changes"]) == 3


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ({"postcode": "1011", "country": "DE"}, False),
        ({"postcode": "", "country": "FR", "city": "Lyon"}, False),
        ({"postcode": "", "city": "Nowhere"}, False),
        ({"postcode": "sw1a 1aa", "country": "GB"}, True),
        ({"postcode": "anything", "country": "NZ"}, True),
        ({}, True),
    ],
)
def test_a_strict_till_refuses_an_address_without_a_proper_postcode(
    call: Caller, address: dict[str, str], *, good: bool
) -> None:
    assert call("POST", "/v1/customers", PERSON | {"address": address, "external_id": "a"})[0] == 201
    assert call("PUT", "/v1/rules", {"strict_postcode": True})[1]["strict_postcode"] is True
    status, answer = call("POST", "/v1/customers", PERSON | {"address": address})
    assert (status == 201) is good
    if not good:
        assert (status, answer["code"], answer["field"]) == (409, "postcode_invalid", "postcode")


def test_strange_customers_are_refused(call: Caller) -> None:
    for body, code in (
        ({}, "name_invalid"),
        ({"name": "x\ny"}, "name_invalid"),
        ({"name": "x", "address": []}, "address_invalid"),
        ({"name": "x", "address": {"city": 5}}, "city_invalid"),
        ({"name": "x", "external_id": "e" * 129}, "external_id_invalid"),
    ):
        status, answer = call("POST", "/v1/customers", body)
        assert (status, answer["code"]) == (400, code)
    assert call("GET", "/v1/customers/9")[0] == 404
    assert call("PUT", "/v1/rules", {"payment_types": []})[1]["code"] == "payment_types_invalid"
    assert call("PUT", "/v1/rules", {"taxes": [{"name": "x", "percent": 19}]})[1]["code"] == "percent_invalid"
