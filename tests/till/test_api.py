"""The protocol tillbridge-pos/1, called in process."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.till.builders import CUP, TOKEN, Caller, a_book, ring
from tillbridge.till import storage
from tillbridge.till.api import ROUTES, Api
from tillbridge.till.papers import Kind


def adjust(call: Caller, **more: Any) -> dict[str, Any]:
    row = {"key": "k-1", "item_id": "1", "outlet": "main", "delta": "-2", "reason": "web"} | more
    status, body = call("POST", "/v1/adjustments", {"adjustments": [row]})
    assert status == 200
    result: dict[str, Any] = body["results"][0]
    return result


def test_info_names_protocol_outlets_time_and_cursor() -> None:
    book = a_book()
    status, body = Caller(book)("GET", "/v1/info")
    assert status == 200
    assert body == {
        "protocol": "tillbridge-pos/1",
        "name": "Corner shop",
        "currency": "EUR",
        "precision": 3,
        "outlets": [{"id": "main", "name": "Main street"}, {"id": "annex", "name": "Annex"}],
        "time": "2026-11-22T10:00:00.000Z",
        "key_memory_seconds": 7776000,
        "cursor": "0",
        "incarnation": book.feed.incarnation(),
        "counter": 0,
        "payment_types": ["cash", "card", "other", "transfer", "gift_card"],
        "taxes": [],
        "register_open": True,
        "strict_postcode": False,
        "open_lines": True,
        "returns_without_restock": True,
    }


@pytest.mark.parametrize(("method", "template"), sorted(ROUTES))
def test_no_route_answers_without_the_token(method: str, template: str) -> None:
    path = template.replace("{id}", "1").replace("{key}", "k").replace("{number}", "S-1")
    api = Api(a_book(), TOKEN)
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
    ):
        answer = api.handle(method, path, headers, b"{}")
        assert (answer.status, json.loads(answer.body)["code"]) == (401, "unauthorised")
    assert api.handle(method, path, {"authorization": f"bearer {TOKEN}"}, b"{}").status != 401


def test_an_adjustment_is_applied_once_and_then_a_duplicate() -> None:
    call = Caller(a_book())
    assert adjust(call) == {"key": "k-1", "status": "applied", "level": "-2", "code": "", "message": "A-000001"}
    assert adjust(call)["status"] == "duplicate"
    assert adjust(call, delta="-3") | {"message": ""} == {
        "key": "k-1", "status": "invalid", "level": None, "code": "key_reused", "message": "",
    }  # fmt: skip
    assert call("GET", "/v1/keys/k-1")[1] == {"key": "k-1", "status": "applied", "document": "A-000001", "level": "-2"}


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"item_id": "99"}, "not_found", "item_unknown"),
        ({"outlet": "moon"}, "not_found", "outlet_unknown"),
        ({"item_id": "3"}, "refused", "untracked"),
        ({"delta": "0"}, "invalid", "quantity_invalid"),
        ({"delta": "1.2345"}, "invalid", "quantity_invalid"),
        ({"delta": 1.5}, "invalid", "quantity_invalid"),
        ({"item_id": 1}, "invalid", "id_invalid"),
        ({"key": None}, "invalid", "key_invalid"),
        ({"key": "with space"}, "invalid", "key_invalid"),
        ({"reason": "\ud800"}, "invalid", "reason_invalid"),
    ],
)
def test_a_bad_adjustment_never_fails_its_neighbours(wrong: dict[str, Any], status: str, code: str) -> None:
    call = Caller(a_book())
    good = {"key": "good", "item_id": "1", "outlet": "main", "delta": "1"}
    bad = good | {"key": "bad"} | wrong
    rows = [good, bad, good | {"key": "also"}]
    _, body = call("POST", "/v1/adjustments", {"adjustments": rows})
    assert [row["status"] for row in body["results"]] == ["applied", status, "applied"]
    assert body["results"][1]["code"] == code


def test_more_than_a_hundred_adjustments_are_too_many() -> None:
    status, body = Caller(a_book())("POST", "/v1/adjustments", {"adjustments": [{}] * 101})
    assert (status, body["code"]) == (413, "too_large")


def test_items_are_added_changed_and_listed_by_pages() -> None:
    call = Caller(a_book())
    assert call("POST", "/v1/items", {"sku": "", "name": "Nameless sku", "price": "1"})[0] == 201
    status, item = call("PUT", "/v1/items/4", {"sku": "CUP", "name": "Another cup", "price": "2.5", "tracked": False})
    assert (status, item) == (200, {"id": "4", "sku": "CUP", "name": "Another cup", "price": "2.50", "tracked": False})
    first = call("GET", "/v1/items?limit=3")[1]
    assert ([one["id"] for one in first["items"]], first["next"]) == (["1", "2", "3"], "3")
    assert call("GET", "/v1/items?after=3&limit=3")[1] == {"items": [item], "next": None}
    assert call("PUT", "/v1/items/9", {"name": "x", "price": "1"})[0] == 404


def test_the_feed_starts_now_and_pages_on() -> None:
    book = a_book()
    call = Caller(book)
    ring(book, Kind.DELIVERY, (CUP, "5"))
    mark = {"incarnation": book.feed.incarnation(), "counter": 1}
    assert call("GET", "/v1/changes")[1] == {"changes": [], "cursor": "1", "more": False, **mark}
    for _ in range(3):
        ring(book, Kind.SALE, (CUP, "1"))
    page = call("GET", "/v1/changes?after=1&limit=2")[1]
    assert ([change["n"] for change in page["changes"]], page["cursor"], page["more"]) == ([2, 3], "3", True)
    assert page["changes"][0] | {"id": ""} == {
        "id": "",
        "n": 2,
        "at": "2026-11-22T10:00:00.000Z",
        "kind": "sale",
        "document": "S-000002",
        "key": None,
        "author": "till",
        "reference": None,
        "customer_id": None,
        "movements": [{"item_id": "1", "sku": "CUP", "outlet": "main", "delta": "-1", "before": "5"}],
    }
    assert call("GET", "/v1/changes?after=4")[1] == {
        "changes": [], "cursor": "4", "more": False, **mark, "counter": 4,
    }  # fmt: skip
    assert call("GET", "/v1/changes?after=5")[0] == 410
    assert call("GET", "/v1/changes?after=x")[0] == 400


@pytest.mark.parametrize(
    ("path", "body", "moved"),
    [
        ("sales", {"outlet": "main", "lines": [{"item_id": "1", "quantity": "2", "price": "8.50"}]}, ["-2"]),
        ("returns", {"outlet": "main", "lines": [{"item_id": "1", "quantity": "2"}]}, ["2"]),
        ("deliveries", {"outlet": "main", "lines": [{"item_id": "1", "quantity": "0.5"}]}, ["0.5"]),
        ("transfers", {"from": "main", "to": "annex", "lines": [{"item_id": "1", "quantity": "1"}]}, ["-1", "1"]),
        ("counts", {"outlet": "main", "lines": [{"item_id": "1", "level": "7", "expected": "0"}]}, ["7"]),
        (
            "exchanges",
            {
                "outlet": "main",
                "sold": [{"item_id": "1", "quantity": "1"}],
                "returned": [{"item_id": "2", "quantity": "1"}],
            },
            ["1", "-1"],
        ),
    ],
)
def test_each_document_is_recorded_once_per_key(path: str, body: dict[str, Any], moved: list[str]) -> None:
    call = Caller(a_book())
    status, first = call("POST", f"/v1/{path}", body | {"key": "k-1"})
    assert (status, [move["delta"] for move in first["movements"]]) == (201, moved)
    assert call("POST", f"/v1/{path}", body | {"key": "k-1"}) == (200, first)
    assert call("POST", f"/v1/{path}", body)[1]["code"] == "key_invalid"
    assert (first["author"], first["key"], first["n"]) == ("api", "k-1", 1)


def test_the_receipt_adds_up_to_the_cent() -> None:
    lines = [{"item_id": "1", "quantity": "3"}, {"item_id": "3", "quantity": "1", "price": "0.99"}]
    _, sale = Caller(a_book())("POST", "/v1/sales", {"key": "k", "outlet": "main", "lines": lines, "payment": "card"})
    assert (sale["total"], [line["amount"] for line in sale["lines"]]) == ("30.69", ["29.70", "0.99"])


def test_the_register_waits_while_it_is_offline_and_the_api_does_not() -> None:
    call = Caller(a_book())
    assert call("POST", "/v1/offline", {"offline": True}) == (200, {"offline": True, "waiting": 0, "posted": 0})
    sale = {"key": "k", "author": "till", "outlet": "main", "lines": [{"item_id": "1", "quantity": "1"}]}
    status, document = call("POST", "/v1/sales", sale)
    assert (status, document["n"], document["movements"]) == (201, None, [])
    assert call("GET", "/v1/keys/k")[1]["status"] == "waiting"
    assert adjust(call)["level"] == "-2"
    assert call("POST", "/v1/offline", {"offline": False})[1] == {"offline": False, "waiting": 0, "posted": 1}
    assert call("GET", "/v1/levels?limit=1")[1]["levels"][0]["level"] == "-3"


def test_the_webhook_is_kept_without_showing_its_secret() -> None:
    call = Caller(a_book())
    assert call("GET", "/v1/webhook")[0] == 404
    wanted = {"url": "http://127.0.0.1:9/v1/pos/hint", "secret": "s" * 32}
    assert call("PUT", "/v1/webhook", wanted) == (200, {"url": wanted["url"]})
    assert call("GET", "/v1/webhook") == (200, {"url": wanted["url"]})
    assert call("DELETE", "/v1/webhook") == (200, {})
    assert call("GET", "/v1/webhook")[0] == 404
    for url in ("ftp://x/", "http://", "http://[::1", "http://u:p@x/", "http://x:99999/", "", 7):
        assert call("PUT", "/v1/webhook", wanted | {"url": url})[0] == 400


def test_a_database_that_refuses_is_said_to_be_in_trouble() -> None:
    connection = storage.open_memory()
    call = Caller(a_book(connection))
    connection.execute("PRAGMA query_only = ON")
    row = {"key": "k", "item_id": "1", "outlet": "main", "delta": "1"}
    status, body = call("POST", "/v1/adjustments", {"adjustments": [row]})
    assert (status, body["code"]) == (503, "storage")
    connection.execute("PRAGMA query_only = OFF")
    assert adjust(call)["status"] == "applied"


@pytest.mark.parametrize(
    ("method", "target", "body", "status"),
    [
        ("GET", "/v1/nothing", b"", 404),
        ("GET", "/", b"", 404),
        ("PATCH", "/v1/info", b"", 405),
        ("GET", "/v1/items?limit=0", b"", 400),
        ("GET", "/v1/items?limit=5001", b"", 400),
        ("GET", "/v1/items?after=-1", b"", 400),
        ("GET", "/v1/items?after=" + "9" * 40, b"", 400),
        ("GET", "/v1/keys/%00", b"", 400),
        ("GET", "/v1/keys/unknown", b"", 404),
        ("POST", "/v1/items", b"", 400),
        ("POST", "/v1/items", b"\xff\xfe", 400),
        ("POST", "/v1/items", b"[]", 400),
        ("POST", "/v1/items", b"[" * 100_000, 400),
        ("POST", "/v1/items", b'{"a":' + b"9" * 5000 + b"}", 400),
        ("POST", "/v1/items", b'{"name":"x","price":"1","sku":"' + b"s" * 101 + b'"}', 400),
        ("POST", "/v1/items", b" " * (1024 * 1024 + 1), 413),
        ("POST", "/v1/offline", b'{"offline":1}', 400),
        ("POST", "/v1/sales", b'{"key":"k","outlet":"main","lines":[],"payment":{}}', 400),
        ("POST", "/v1/sales", b'{"key":"k","outlet":"main","lines":[{"item_id":"1","quantity":"-1"}]}', 400),
        ("POST", "/v1/sales", b'{"key":"k","outlet":"main","author":{},"lines":[{"item_id":"1","quantity":"1"}]}', 400),
    ],
)
def test_bad_input_is_a_clear_refusal(method: str, target: str, body: bytes, status: int) -> None:
    answer = Caller(a_book()).api.handle(method, target, {"Authorization": f"Bearer {TOKEN}"}, body)
    refusal = json.loads(answer.body)
    assert answer.status == status
    assert refusal["code"]
    assert refusal["message"]


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=12),
    st.sampled_from(["1", "2", "3", "-2", "0.25", "main", "annex", "k-1", "k-2", "9.99", "S-1", "till", "\ud800"]),
)
NAMES = st.sampled_from(
    ["key", "item_id", "outlet", "delta", "quantity", "price", "level", "expected", "lines", "sold", "returned", "from",
     "to", "sale", "adjustments", "sku", "name", "tracked", "offline", "url", "secret", "author", "payment", "reason",
     "reference", "number", "payments", "type", "amount", "net", "taxes", "tax", "percent", "customer_id", "total",
     "at", "restock", "line", "email", "phone", "address", "postcode", "external_id", "payment_types", "open"]
)  # fmt: skip
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=8), max_leaves=25
)
BODIES = st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode())
TARGETS = st.sampled_from(sorted({path for _, path in ROUTES})).flatmap(
    lambda path: st.text(max_size=10).map(
        lambda text: path.replace("{id}", text or "1").replace("{key}", text or "k").replace("{number}", text or "S-1")
    )
)
QUERIES = st.lists(
    st.tuples(st.sampled_from(["after", "limit", "from", "email", "reference", "key", "x"]), st.text(max_size=8)),
    max_size=3,
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(["GET", "POST", "PUT", "DELETE", "BREW"]), TARGETS | st.text(max_size=20), QUERIES, BODIES)
def test_nothing_that_is_sent_makes_it_fail(method: str, path: str, query: str, body: bytes) -> None:
    book = a_book()
    answer = Api(book, TOKEN).handle(method, f"{path}?{query}", {"Authorization": f"Bearer {TOKEN}"}, body)
    assert answer.status < 500
    shown = json.loads(answer.body)
    if answer.status >= 400:
        assert set(shown) - {"field"} == {"code", "message"}
    assert not book._db.in_transaction


ROWS = st.fixed_dictionaries(
    {"key": SCALARS, "item_id": SCALARS, "outlet": SCALARS, "delta": SCALARS}, optional={"reason": SCALARS}
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ROWS, max_size=6))
def test_every_adjustment_has_its_own_result_whatever_it_says(rows: list[dict[str, Any]]) -> None:
    status, body = Caller(a_book())("POST", "/v1/adjustments", {"adjustments": rows})
    assert status == 200
    assert len(body["results"]) == len(rows)
