"""The public address for the till's webhooks: whatever comes is kept for a moment, and then forgotten."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from tests.contracts.shim_caller import Caller
from tests.wordpress.rig import Site
from tests.wordpress.shim import RigShim

BODY = b"name=J\xf6rg&card=4111"
WAITING = "FROM wp_tillbridge_outbox WHERE topic = 'pos.webhook'"


@pytest.fixture(autouse=True)
def empty(site: Site) -> Iterator[None]:
    """No webhook waits, before and after."""
    site.sql(f"DELETE {WAITING}")
    yield
    site.sql(f"DELETE {WAITING}")


def kept(site: Site) -> str:
    """Everything that the database still holds of webhooks."""
    return str(site.sql(f"SELECT data {WAITING}"))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_any_method_is_passed_on(shim: RigShim, caller: Caller, method: str) -> None:
    answer = caller.send(method, f"/pos/{shim.door}", "a=1", {}, b"" if method == "GET" else BODY)
    assert (answer.status, answer.json()) == (200, {"kept": True})
    (event,) = caller.webhooks(0)
    assert (event["data"]["method"], event["data"]["query"]) == (method, "a=1")


def test_bytes_that_are_no_text_arrive_as_they_were(shim: RigShim, caller: Caller) -> None:
    caller.knock(shim.door, bytes(range(256)), "name=%F6&x=a%2Bb+c", Content_Type="application/octet-stream")
    (event,) = caller.webhooks(0)
    assert base64.b64decode(event["data"]["body"]) == bytes(range(256))
    assert event["data"]["query"] == "name=%F6&x=a%2Bb+c"


def test_what_was_acknowledged_is_erased(site: Site, shim: RigShim, caller: Caller) -> None:
    caller.knock(shim.door, BODY, X_Secret="very secret")
    (event,) = caller.webhooks(0)
    assert "very secret" in kept(site)
    caller.post("/outbox/ack", {"ids": [event["id"]]})
    left = kept(site)
    assert "very secret" not in left
    assert base64.b64encode(BODY).decode() not in left


def test_what_nobody_fetched_is_erased_after_a_quarter_of_an_hour(site: Site, shim: RigShim, caller: Caller) -> None:
    caller.knock(shim.door, BODY, X_Secret="very secret")
    site.sql(
        "UPDATE wp_tillbridge_outbox SET happened_at = happened_at - INTERVAL 16 MINUTE WHERE topic = 'pos.webhook'"
    )
    told = caller.webhooks(0)
    left = kept(site)
    assert "very secret" not in left + str(told)
    assert base64.b64encode(BODY).decode() not in left + str(told)


def test_more_than_five_hundred_are_refused_until_some_were_fetched(site: Site, shim: RigShim, caller: Caller) -> None:
    site.sql(
        "INSERT INTO wp_tillbridge_outbox (uid, topic, object_id, state, data, happened_at)"
        " SELECT MD5(UUID()), 'pos.webhook', 0, 1, '{}', UTC_TIMESTAMP(6) FROM seq_1_to_499"
    )
    assert caller.knock(shim.door, BODY).status == 200
    assert caller.knock(shim.door, BODY).status == 429
    page = caller.get("/outbox", limit=1000).json()["events"]
    caller.post("/outbox/ack", {"ids": [event["id"] for event in page]})
    assert caller.knock(shim.door, BODY).status == 200


def test_more_than_a_page_can_carry_is_refused_until_some_were_fetched(
    site: Site, shim: RigShim, caller: Caller
) -> None:
    site.sql(
        "INSERT INTO wp_tillbridge_outbox (uid, topic, object_id, state, data, happened_at)"
        " SELECT MD5(UUID()), 'pos.webhook', 0, 1, CONCAT('[\"', REPEAT('x', 90000), '\"]'), UTC_TIMESTAMP(6)"
        " FROM seq_1_to_47"
    )
    assert caller.knock(shim.door, BODY).status == 429
    page = caller.get("/outbox", limit=1000)
    assert len(page.body) < 5_000_000
    caller.post("/outbox/ack", {"ids": [event["id"] for event in page.json()["events"]]})
    assert caller.knock(shim.door, BODY).status == 200


def test_what_comes_around_the_body_is_bounded_too(site: Site, shim: RigShim, caller: Caller) -> None:
    padding = {f"X-{number}": "\xe9" * 2000 for number in range(15)}
    assert caller.send("POST", f"/pos/{shim.door}", "", padding, b"x" * 65536).status == 413
    assert kept(site) == "[]"


@pytest.mark.parametrize("body", [b"{}", b"5", b'"text"', b"[1]", b""])
@pytest.mark.parametrize("query", ["", "_fields=a", "_envelope=1&_fields=a", "_method=PATCH", "_embed=1"])
def test_words_that_wordpress_knows_do_not_break_the_answer(
    shim: RigShim, caller: Caller, query: str, body: bytes
) -> None:
    assert caller.knock(shim.door, body, query, Content_Type="application/json").status == 200
    (event,) = caller.webhooks(0)
    assert base64.b64decode(event["data"]["body"]) == body


def test_a_shop_without_a_door_has_none(site: Site, shim: RigShim, caller: Caller) -> None:
    site.connect("", door="")
    answers = [caller.knock("", BODY).status, caller.knock("0", BODY).status, caller.knock(shim.door, BODY).status]
    site.connect("")
    assert answers == [404, 404, 404]
    assert kept(site) == "[]"


def test_the_door_opens_nothing_else(shim: RigShim, caller: Caller) -> None:
    assert caller.send("GET", f"/pos/{shim.door}/health", "", {}).status == 404
    assert caller.send("GET", "/health", f"token={shim.door}", {}).status == 401
