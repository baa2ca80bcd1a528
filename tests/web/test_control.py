"""What a person asks over the listener: passed on as meant, refused in words, and written down with who asked."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.web.doubles import Listener, full_disk
from tests.web.test_openapi import document
from tillbridge.backlog import UnknownMessage
from tillbridge.decisions import UnknownDecision
from tillbridge.errors import NoAnswer, Unsupported
from tillbridge.resync import UnknownSku
from tillbridge.undo import CannotUndo, UnknownRun

ANNA = [("actor", "anna"), ("capability", "manage_woocommerce")]
HERE = [("actor", "root"), ("capability", "host")]
ORDERS = (
    "pause", "resume", "sync", "resync", "queue/retry", "queue/release", "queue/discard", "webhook", "reconcile",
    "undo", "decide", "audit", "people/export", "people/erase",
)  # fmt: skip
PARTING = ("site", "disconnect")
QUESTIONS = ("status", "doctor", "check", "queue", "queue/item", "webhook", "run", "runs", "why", "decisions", "audit")


def ask(
    listener: Listener, what: str, *query: tuple[str, str], person: Sequence[tuple[str, str]] = ANNA
) -> TestResponse:
    path, pairs = f"/v1/control/{what}", [*query, *person]
    headers = listener.headers("GET", path, query=pairs)
    return listener.app().test_client().get(path, headers=headers, query_string=pairs)


def order(
    listener: Listener, what: str, body: object, person: Sequence[tuple[str, str]] = ANNA
) -> TestResponse:
    path, raw = f"/v1/control/{what}", body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = listener.headers("POST", path, raw, query=person)
    return listener.app().test_client().post(path, data=raw, headers=headers, query_string=person)


@pytest.mark.parametrize(
    ("what", "query", "asked"),
    [
        ("doctor", [], "doctor anna"), ("check", [], "check"), ("webhook", [], "webhook"),
        ("queue", [], "queue all 100"), ("queue", [("state", "parked"), ("limit", "5")], "queue parked 5"),
        ("queue", [("limit", "99999")], "queue all 1000"), ("queue/item", [("id", "7")], "message 7"),
        ("run", [("id", "7")], "run 7 1000"), ("run", [("id", "7"), ("rows", "0")], "run 7 0"),
        ("run", [("id", "7"), ("rows", "9999999")], "run 7 100000"), ("runs", [], "runs"),
        ("why", [("what", "CUP-BLUE")], "why CUP-BLUE 50"), ("why", [("what", "#9001"), ("lines", "7")], "why #9001 7"),
        ("why", [("what", "CUP"), ("lines", "99999")], "why CUP 1000"), ("decisions", [], "decisions"),
        ("audit", [("id", "7")], "audited 7"),
    ],
)  # fmt: skip
def test_a_question_is_passed_on(what: str, query: list[tuple[str, str]], asked: str) -> None:
    listener = Listener()
    answer = ask(listener, what, *query)
    assert (answer.status_code, listener.controls.asked) == (200, [asked])
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("what", "body", "asked"),
    [
        ("resync", {"what": "CUP"}, "resync CUP"), ("queue/retry", {"id": "all"}, "retry None"),
        ("queue/retry", {"id": 7}, "retry 7"), ("queue/release", {"id": "7"}, "release 7"),
        ("queue/discard", {"id": 7, "reason": "sold by hand"}, "discard 7 sold by hand"),
        ("webhook", {"do": "disable"}, "webhook disable"),
        ("reconcile", {}, "reconcile"), ("reconcile", {"what": "CUP", "dry_run": True}, "plan CUP"),
        ("reconcile", {"what": "", "dry_run": False}, "reconcile"), ("undo", {"run": 7}, "undo 7"),
        ("decide", {"id": "held:CUP", "choice": "sold"}, "decide held:CUP sold"),
        ("decide", {"id": "run:7", "choice": "drop", "words": "no"}, "decide run:7 drop no"),
        ("people/export", {"customer": "4"}, "export person 4"), ("people/erase", {"customer": "4"}, "erase person 4"),
    ],
)  # fmt: skip
def test_an_order_is_passed_on_and_its_nonce_is_on_disk_first(what: str, body: dict[str, Any], asked: str) -> None:
    listener = Listener()
    assert order(listener, what, body).status_code == 200
    assert (listener.controls.asked, len(listener.mailbox.known)) == ([asked], 1)


@pytest.mark.parametrize("what", ORDERS + PARTING)
def test_an_order_is_not_obeyed_while_its_nonce_cannot_be_stored(what: str) -> None:
    listener = Listener()
    listener.mailbox.trouble = full_disk()
    body: dict[str, object] = {"flow": "all", "what": "CUP", "id": 7, "reason": "because", "do": "enable", "run": 7,
                               "from": "2026-11-28", "customer": "4"}  # fmt: skip
    body |= {"id": "held:CUP", "choice": "sold"} if what == "decide" else {}
    assert order(listener, what, body).status_code == 503
    assert listener.controls.asked == []


def test_a_doctor_asked_on_this_host_is_not_told_that_the_shop_asked() -> None:
    listener = Listener()
    ask(listener, "doctor", person=HERE)
    assert listener.controls.asked == ["doctor"]


@pytest.mark.parametrize(
    ("person", "words"),
    [
        (ANNA, "pause to-pos by 'anna' (manage_woocommerce), through the shop"),
        (HERE, "pause to-pos by 'root', on this host"),
        ([("actor", "a\n\x1b[2Jb")], "by 'a\\\\n\\\\x1b[2Jb' (no capability told), through the shop"),
        ([("actor", "x" * 500), ("capability", "y" * 500)], f"by '{'x' * 60}' ({'y' * 60}), through the shop"),
        ([], "by '' (no capability told), through the shop"),
    ],
)
def test_who_gave_an_order_is_written_down_safely(
    caplog: pytest.LogCaptureFixture, person: list[tuple[str, str]], words: str
) -> None:
    with caplog.at_level(logging.INFO, "tillbridge.web.control"):
        assert order(Listener(), "pause", {"flow": "to-pos"}, person).status_code == 200
    (said,) = caplog.messages
    assert words in said
    assert said.isprintable()


def test_an_order_that_was_not_obeyed_is_not_written_down_as_if_it_were(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "tillbridge.web.control"):
        assert order(Listener(), "pause", {"flow": "sideways"}).status_code == 400
    assert caplog.messages == []


def test_a_name_that_was_not_signed_is_refused() -> None:
    listener = Listener()
    headers = listener.headers("GET", "/v1/control/status", query=ANNA)
    forged = [("actor", "admin"), ANNA[1]]
    answer = listener.app().test_client().get("/v1/control/status", headers=headers, query_string=forged)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("trouble", "status", "code"),
    [
        (UnknownSku("no"), 404, "unknown_sku"), (UnknownMessage("no"), 404, "unknown_message"),
        (UnknownRun("no"), 404, "unknown_run"), (UnknownDecision("no"), 404, "unknown_decision"),
        (CannotUndo("no"), 409, "cannot_undo"),
        (Unsupported("no"), 409, "unsupported"), (NoAnswer("no"), 502, "side_trouble"), (full_disk(), 503, "storage"),
    ],
)  # fmt: skip
def test_what_the_desk_refuses_has_a_code(trouble: Exception, status: int, code: str) -> None:
    listener = Listener()
    listener.desk.trouble = trouble
    answer = order(listener, "resync", {"what": "CUP"})
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("resync", {}), ("resync", {"what": 7}), ("queue/retry", {}), ("queue/retry", {"id": 0}),
        ("queue/retry", {"id": "some"}), ("queue/retry", {"id": True}), ("queue/retry", {"id": 1.5}),
        ("queue/release", {"id": -1}), ("queue/discard", {"id": "all", "reason": "x"}), ("queue/discard", {"id": 7}),
        ("queue/retry", {"id": 10**30}), ("queue/retry", {"id": "٣"}), ("webhook", {"do": None}), ("webhook", []),
        ("reconcile", {"what": 7}), ("reconcile", {"dry_run": "yes"}), ("reconcile", {"dry_run": 1}), ("undo", {}),
        ("undo", {"run": 0}), ("undo", {"run": "last"}), ("decide", {}), ("decide", {"id": "held:CUP"}),
        ("decide", {"id": 7, "choice": "sold"}), ("decide", {"id": "held:CUP", "choice": "sold", "words": []}),
    ],
)  # fmt: skip
def test_an_order_that_cannot_be_read_is_refused_in_words(what: str, body: object) -> None:
    listener = Listener()
    answer = order(listener, what, body)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed")
    assert "allowed" in answer.get_json()["message"]
    assert (listener.controls.asked, listener.mailbox.known) == ([], {})


@pytest.mark.parametrize("query", [("limit", "0"), ("limit", "many"), ("limit", "-1"), ("limit", "")])
def test_a_list_of_no_length_is_refused(query: tuple[str, str]) -> None:
    assert ask(Listener(), "queue", query).status_code == 400


@pytest.mark.parametrize(
    ("what", "query"),
    [("run", []), ("run", [("id", "x")]), ("run", [("id", "7"), ("rows", "-1")]), ("run", [("id", "7"), ("rows", "")]),
     ("why", [("what", "CUP"), ("lines", "0")]), ("why", [("what", "CUP"), ("lines", "many")])],
)  # fmt: skip
def test_a_question_with_a_number_that_is_none_is_refused(what: str, query: list[tuple[str, str]]) -> None:
    assert ask(Listener(), what, *query).status_code == 400


@pytest.mark.parametrize("query", [[], [("id", "")], [("id", "x")], [("id", "1 or 1=1")]])
def test_a_message_without_a_number_is_refused(query: list[tuple[str, str]]) -> None:
    assert ask(Listener(), "queue/item", *query).status_code == 400


# --- every operation of the document, with every kind of nonsense -----------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ("flow", "what", "id", "reason", "do", "address", "rest_url", "run", "choice", "words", "dry_run", "customer")
BODIES = (
    st.binary(max_size=60)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5).map(lambda value: json.dumps(value).encode())
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ASKED = ("actor", "capability", "state", "limit", "id", "what", "rows", "lines", "x")
QUERIES = st.lists(st.tuples(st.sampled_from(ASKED), TEXT), max_size=6)


def operations() -> list[tuple[str, str]]:
    """Every control operation that the OpenAPI document describes."""
    paths = document()["paths"]
    return [(method.upper(), path) for path in paths if "/control/" in path for method in paths[path]]


def test_the_nonsense_reaches_every_operation_of_the_document() -> None:
    told = {path.removeprefix("/v1/control/") for _, path in operations()}
    assert told == {*ORDERS, *PARTING, *QUESTIONS}


def described(method: str, path: str) -> Callable[[int], bool]:
    statuses = document()["paths"][path][method.lower()]["responses"]
    return lambda status: str(status) in statuses


@pytest.mark.parametrize(("method", "path"), operations())
def test_nonsense_is_answered_as_the_document_says(method: str, path: str) -> None:
    listener = Listener()
    client, may_be = listener.app().test_client(), described(method, path)

    @given(BODIES, QUERIES)
    def try_it(body: bytes, query: list[tuple[str, str]]) -> None:
        sent = b"" if method == "GET" else body
        headers = listener.headers(method, path, sent, query=query)
        answer = client.open(path, method=method, data=sent, headers=headers, query_string=query)
        assert may_be(answer.status_code), (answer.status_code, answer.text)
        assert isinstance(answer.get_json(), dict)
        assert answer.headers["Cache-Control"] == "no-store"

    try_it()
