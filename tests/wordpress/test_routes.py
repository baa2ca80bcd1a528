"""The map of the plugin's routes: every one asks for the daemon's signature, but for the door of webhooks."""

from __future__ import annotations

import re

from tests.contracts.shim_caller import NAMESPACE, Caller
from tests.wordpress.rig import Site

OPEN = {NAMESPACE}
"""WordPress' own index of a namespace, which says what routes there are."""
DOOR = NAMESPACE + "/pos/(?P<token>[^/?\\#]+)"
EXPECTED = {
    "/health", "/outbox", "/outbox/ack", "/stock/apply", "/stock/levels", "/stock/keys", "/orders/positions", "/orders",
    "/refunds", "/orders/(?P<order_id>[1-9][0-9]{0,17})/status",
}  # fmt: skip


def test_no_route_answers_who_does_not_sign(site: Site, caller: Caller) -> None:
    routes = site.call("Tillbridge_Hand\\routes")
    assert set(routes) - OPEN - {DOOR} == {NAMESPACE + route for route in EXPECTED}
    for route, methods in routes.items():
        path = re.sub(r"\(\?P<[a-z_]+>(?:\[[^\]]+\]|\{[^}]+\})+\+?\)", "7", route).removeprefix(NAMESPACE)
        if route in OPEN:
            continue
        for method in methods:
            answer = caller.send(method, path, "", {"Content-Type": "application/json"}, b"")
            assert answer.status == (404 if route == DOOR else 401), (method, path, answer.body)


def test_a_draft_that_is_none_is_refused_before_anything_is_made(caller: Caller) -> None:
    for route in ("/orders", "/refunds"):
        answer = caller.post(route, {"key": "x"})
        assert (answer.status, answer.json()["code"]) == (400, "tillbridge_invalid_draft")
    answer = caller.post("/orders/999999999/status", {"status": "completed"})
    assert (answer.status, answer.json()["code"]) == (409, "tillbridge_no_order")
    assert caller.post("/orders/999999999/status", {"status": "sold"}).status == 400
