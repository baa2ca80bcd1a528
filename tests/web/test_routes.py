"""The listener's routes, in process: who gets in, and what is answered."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.doubles import (
    CODE_KEY,
    OLD_SECRET,
    POS_SECRET,
    SITE,
    STORE_SECRET,
    TOKEN,
    Listener,
    event,
    full_disk,
    push,
)
from tillbridge.web import Keys, Limits

OPEN_ROUTES = {("GET", "/healthz")}
TILL_ROUTES = {("POST", "/v1/pos/hint")}
BEARER_ROUTES = {("GET", "/metrics")}
PAIR_ROUTES = {("POST", "/v1/pair"), ("POST", "/v1/pair/hello")}
"""Signed with the key of the code that waits."""

BODY = json.dumps(
    {
        "flow": "all", "what": "CUP", "id": 7, "reason": "because", "do": "enable", "site": SITE, "nonce": "0" * 32,
        "run": 7, "from": "2026-11-28",
        "address": "https://shop.example", "rest_url": "https://shop.example/wp-json/", "door": "d" * 32,
        "rest": {"key": "ck_" + "a" * 40, "secret": "cs_" + "b" * 40},
    }
).encode()  # fmt: skip
"""What every command understands."""

QUERY = [("id", "7"), ("actor", "anna")]


def every_route() -> list[tuple[str, str]]:
    """Method and path of everything in the route map, HEAD included."""
    rules = Listener().app().url_map.iter_rules()
    return sorted((method, rule.rule) for rule in rules for method in rule.methods or ())


SIGNED_ROUTES = [
    pair
    for pair in every_route()
    if pair not in OPEN_ROUTES | BEARER_ROUTES and pair not in {("HEAD", "/healthz"), ("HEAD", "/metrics")}
]


def secret_of(method: str, path: str) -> bytes:
    if (method, path) in PAIR_ROUTES:
        return CODE_KEY
    return POS_SECRET if (method, path) in TILL_ROUTES else STORE_SECRET


def body_of(path: str) -> bytes:
    if path == "/v1/control/decide":
        return json.dumps({"id": "held:CUP", "choice": "sold"}).encode()
    if path.startswith("/v1/control/people/"):
        return json.dumps({"customer": "4"}).encode()
    return push(event()) if path == "/v1/events" else BODY


def send(client: FlaskClient, method: str, path: str, headers: dict[str, str], body: bytes) -> TestResponse:
    return client.open(path, method=method, headers=headers, data=body, query_string=QUERY)


def refused(response: TestResponse, method: str, code: str) -> bool:
    """Whether it is 401 with this code (an answer to HEAD has no body to say it in)."""
    said = method == "HEAD" or response.get_json()["code"] == code
    return response.status_code == 401 and said and response.headers["Cache-Control"] == "no-store"


def test_the_walk_sees_every_route_there_is() -> None:
    paths = {path for _, path in every_route()}
    assert {"/v1/events", "/v1/pos/hint", "/v1/control/status", "/v1/control/pause", "/healthz", "/metrics"} <= paths
    assert len(SIGNED_ROUTES) >= 24
    assert set(SIGNED_ROUTES) >= PAIR_ROUTES


@pytest.mark.parametrize(("method", "path"), SIGNED_ROUTES)
def test_every_route_refuses_what_is_unsigned_wrongly_signed_stale_or_replayed(method: str, path: str) -> None:
    listener = Listener()
    waiting = listener.vault.waiting
    client, body, secret = listener.app().test_client(), body_of(path), secret_of(method, path)
    assert refused(send(client, method, path, {}, body), method, "unsigned")
    forged = listener.headers(method, path, body, b"guessed", query=QUERY)
    assert refused(send(client, method, path, forged, body), method, "bad_signature")
    for wrong in {STORE_SECRET, POS_SECRET, CODE_KEY} - {secret}:
        other = listener.headers(method, path, body, wrong, query=QUERY)
        assert refused(send(client, method, path, other, body), method, "bad_signature")
    elsewhere = listener.headers(method, path + "x", body, secret, query=QUERY)
    assert refused(send(client, method, path, elsewhere, body), method, "bad_signature")
    unasked = listener.headers(method, path, body, secret)
    assert refused(send(client, method, path, unasked, body), method, "bad_signature")
    changed = listener.headers(method, path, body, secret, query=QUERY)
    assert refused(send(client, method, path, changed, body + b" "), method, "bad_signature")
    stale = listener.headers(method, path, body, secret, late=301, query=QUERY)
    assert refused(send(client, method, path, stale, body), method, "stale")
    early = listener.headers(method, path, body, secret, late=-301, query=QUERY)
    assert refused(send(client, method, path, early, body), method, "stale")
    assert not listener.mailbox.told
    assert not listener.mailbox.known
    assert not listener.controls.asked
    good = listener.headers(method, path, body, secret, query=QUERY)
    assert send(client, method, path, good, body).status_code in (200, 202)
    listener.vault.waiting = waiting
    assert refused(send(client, method, path, good, body), method, "replayed")


@pytest.mark.parametrize(("method", "path"), [("GET", "/metrics"), ("HEAD", "/metrics")])
@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic metrics-token", "metrics-token", "Bearer ä"]
)
def test_metrics_are_refused_without_the_bearer_token(method: str, path: str, given: str) -> None:
    client = Listener().app().test_client()
    assert refused(send(client, method, path, {"Authorization": given}, b""), method, "no_token")


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer metrics-token"])
def test_metrics_are_refused_to_everybody_where_no_token_is_set(given: str) -> None:
    client = Listener(keys=Keys((STORE_SECRET,))).app().test_client()
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 401


def test_hints_are_refused_where_the_till_has_no_secret() -> None:
    listener = Listener(keys=Keys((STORE_SECRET,)))
    headers = listener.headers("POST", "/v1/pos/hint", b"{}")
    assert listener.app().test_client().post("/v1/pos/hint", data=b"{}", headers=headers).status_code == 401


def test_a_route_that_was_added_and_forgotten_is_closed() -> None:
    app = Listener().app()
    app.add_url_rule("/v1/new", "new", lambda: "secret")
    answer = app.test_client().get("/v1/new")
    assert answer.status_code == 401
    assert b"secret" not in answer.data
    assert app.test_client().options("/v1/new").status_code == 401


def post(listener: Listener, client: FlaskClient, path: str, body: bytes, secret: bytes = STORE_SECRET) -> TestResponse:
    return client.post(path, data=body, headers=listener.headers("POST", path, body, secret))


@pytest.mark.parametrize("secret", [STORE_SECRET, OLD_SECRET])
def test_events_are_acknowledged_once_they_are_stored(secret: bytes) -> None:
    listener = Listener()
    answer = post(listener, listener.app().test_client(), "/v1/events", push(event("a"), event("b")), secret)
    assert (answer.status_code, answer.get_json()) == (200, {"acked": ["a", "b"]})
    assert list(listener.mailbox.told) == ["store:a", "store:b"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_type == "application/json"


def test_events_sent_again_are_acknowledged_again_and_stored_once() -> None:
    listener = Listener()
    client = listener.app().test_client()
    for _ in range(2):
        assert post(listener, client, "/v1/events", push(event("a"))).get_json() == {"acked": ["a"]}
    assert len(listener.mailbox.told) == 1


def test_a_query_is_signed_with_the_request_whatever_its_order() -> None:
    listener = Listener()
    headers = listener.headers("GET", "/v1/control/status", query=[("a", "1 ü"), ("b", "")])
    answer = listener.app().test_client().get("/v1/control/status?b=&a=1%20%C3%BC", headers=headers)
    assert answer.status_code == 200


def test_a_query_of_a_thousand_pairs_is_refused_unread() -> None:
    listener = Listener()
    query = [(f"p{n}", "") for n in range(1000)]
    headers = listener.headers("GET", "/v1/control/status", query=query)
    path = "/v1/control/status?" + "&".join(f"{name}=" for name, _ in query)
    assert listener.app().test_client().get(path, headers=headers).status_code == 401


def test_events_of_another_site_are_refused_with_403() -> None:
    listener = Listener()
    answer = post(listener, listener.app().test_client(), "/v1/events", push(event(), site="other"))
    assert (answer.status_code, answer.get_json()["code"]) == (403, "wrong_site")
    assert not listener.mailbox.told


def test_bad_json_is_refused_with_400_and_where() -> None:
    listener = Listener()
    answer = post(listener, listener.app().test_client(), "/v1/events", b"{")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed")
    assert "character 1" in answer.get_json()["message"]


def test_too_many_events_are_refused_with_413() -> None:
    listener = Listener(most_events=1)
    answer = post(listener, listener.app().test_client(), "/v1/events", push(event("a"), event("b")))
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too_many_events")


@pytest.mark.parametrize("path", ["/v1/events", "/v1/control/pause", "/v1/pos/hint"])
def test_a_body_over_the_limit_is_refused_with_413(path: str) -> None:
    listener = Listener(limits=Limits(body=100))
    answer = post(listener, listener.app().test_client(), path, b" " * 101)
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too_large")


def test_a_body_at_the_limit_is_read() -> None:
    body = push(event())
    listener = Listener(limits=Limits(body=len(body)))
    assert post(listener, listener.app().test_client(), "/v1/events", body).status_code == 200


@pytest.mark.parametrize("length", ["-1", "nonsense", "１２", "9" * 30, "1e3"])
def test_an_impossible_length_is_refused(length: str) -> None:
    listener = Listener()
    body = push(event())
    headers = listener.headers("POST", "/v1/events", body)
    odd = {"CONTENT_LENGTH": length}
    answer = listener.app().test_client().post("/v1/events", data=body, headers=headers, environ_overrides=odd)
    assert answer.status_code in (400, 401, 413)
    assert not listener.mailbox.told


def test_events_without_a_stated_length_go_the_long_way_and_are_stored_all_the_same() -> None:
    listener = Listener()
    body = push(event("a"))
    headers = listener.headers("POST", "/v1/events", body)
    odd = {"CONTENT_LENGTH": "", "wsgi.input_terminated": True}
    answer = listener.app().test_client().post("/v1/events", data=body, headers=headers, environ_overrides=odd)
    assert (answer.status_code, answer.get_json()) == (200, {"acked": ["a"]})
    assert list(listener.mailbox.told) == ["store:a"]


def test_nothing_is_acknowledged_while_the_database_refuses() -> None:
    listener = Listener()
    client = listener.app().test_client()
    listener.mailbox.trouble = full_disk()
    for path in ("/v1/events", "/v1/control/pause"):
        answer = post(listener, client, path, push(event()) if path == "/v1/events" else BODY)
        assert (answer.status_code, answer.get_json()["code"]) == (503, "storage")
        assert int(answer.headers["Retry-After"]) > 0
        assert "acked" not in answer.get_json()
        assert "disk is full" not in answer.text
    assert not listener.controls.asked
    listener.mailbox.trouble = None
    assert post(listener, client, "/v1/events", push(event())).status_code == 200


def test_our_own_mistake_is_500_without_a_word_about_it() -> None:
    listener = Listener()
    client = listener.app().test_client()
    listener.mailbox.trouble = ZeroDivisionError("secret detail")
    for path in ("/v1/events", "/v1/control/pause"):
        answer = post(listener, client, path, push(event()) if path == "/v1/events" else BODY)
        assert (answer.status_code, answer.get_json()["code"]) == (500, "internal_error")
        assert "secret detail" not in answer.text


def test_a_replay_is_refused_after_a_restart_too() -> None:
    listener = Listener()
    for path, body in (("/v1/events", push(event())), ("/v1/control/pause", BODY)):
        headers = listener.headers("POST", path, body)
        assert listener.app().test_client().post(path, data=body, headers=headers).status_code == 200
        again = listener.app().test_client().post(path, data=body, headers=headers)
        assert again.get_json()["code"] == "replayed"
    assert listener.controls.asked == ["pause all"]


@pytest.mark.parametrize("verb", ["pause", "resume", "sync"])
def test_a_command_is_passed_on(verb: str) -> None:
    listener = Listener()
    answer = post(listener, listener.app().test_client(), f"/v1/control/{verb}", b'{"flow": "to-pos"}')
    assert answer.status_code == 200
    assert listener.controls.asked == [f"{verb} to-pos"]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"flow": 1}', b'{"flow": "everything"}', b'"all"'])
def test_a_command_that_names_no_flow_is_refused_and_not_obeyed(body: bytes) -> None:
    listener = Listener()
    answer = post(listener, listener.app().test_client(), "/v1/control/pause", body)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed")
    assert not listener.controls.asked


def test_a_hint_makes_the_daemon_look_at_the_till() -> None:
    listener = Listener()
    answer = post(listener, listener.app().test_client(), "/v1/pos/hint", b'{"cursor": "124"}', POS_SECRET)
    assert (answer.status_code, answer.get_json()) == (202, {})
    assert listener.controls.asked == ["hint pos"]


@pytest.mark.parametrize(("well", "status"), [(True, 200), (False, 503)])
def test_health_is_open_and_says_whether_the_daemon_works(well: bool, status: int) -> None:
    listener = Listener()
    listener.controls.well = well
    answer = listener.app().test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()["healthy"]) == (status, well)
    assert answer.headers["Cache-Control"] == "no-store"


def test_many_questions_about_health_are_one_question_a_second_to_the_daemon() -> None:
    listener = Listener()
    client = listener.app().test_client()
    for _ in range(50):
        client.get("/healthz")
    assert listener.controls.asked == ["healthy"]
    listener.clock.seconds += 1.0
    client.get("/healthz")
    assert listener.controls.asked == ["healthy"] * 2


def test_metrics_show_the_daemons_figures_and_the_listeners_own() -> None:
    listener = Listener()
    listener.controls.gauges["not a name!"] = 1.0
    client = listener.app().test_client()
    post(listener, client, "/v1/events", push(event("a"), event("b")))
    client.get("/no/such/route")
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN.decode()}"})
    lines = answer.text.splitlines()
    assert answer.content_type.startswith("text/plain")
    assert 'tillbridge_messages{state="ready"} 3.0' in lines
    assert 'tillbridge_listener_requests_total{route="/v1/events",status="200"} 1.0' in lines
    assert 'tillbridge_listener_requests_total{route="unknown",status="404"} 1.0' in lines
    assert "tillbridge_listener_events_total 2.0" in lines
    assert "not a name" not in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/events/", "/v1//events", "/V1/EVENTS", "/v1/control/destroy", "/static/x", "/healthz/x"]
)
def test_what_is_not_there_is_404_in_json(path: str) -> None:
    answer = Listener().app().test_client().get(path)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "no_such_route")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/events"), ("OPTIONS", "/v1/events"), ("DELETE", "/healthz")])
def test_another_method_is_405_in_json(method: str, path: str) -> None:
    answer = Listener().app().test_client().open(path, method=method)
    assert (answer.status_code, answer.get_json()["code"]) == (405, "method_not_allowed")
    assert "Allow" in answer.headers
