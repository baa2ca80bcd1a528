"""The OpenAPI document and the route map say the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

import tillbridge.web
from tests.web.test_routes import BEARER_ROUTES, OPEN_ROUTES, PAIR_ROUTES, TILL_ROUTES, every_route


def document() -> dict[str, Any]:
    text = (Path(tillbridge.web.__file__).parent / "openapi.yaml").read_text("utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def test_the_openapi_document_has_exactly_the_routes_of_the_map() -> None:
    written = {(method.upper(), path) for path, methods in document()["paths"].items() for method in methods}
    assert written == {pair for pair in every_route() if pair[0] != "HEAD"}


def test_the_openapi_document_says_how_each_route_is_guarded() -> None:
    written = document()
    names = {"OPEN": [], "TILL": ["nonce", "tillSignature", "timestamp"], "BEARER": ["bearer"]}
    names["PAIR"] = ["codeSignature", "nonce", "timestamp"]
    store = ["nonce", "storeSignature", "timestamp"]
    for path, methods in written["paths"].items():
        for method, operation in methods.items():
            pair = (method.upper(), path)
            kinds = {"OPEN": OPEN_ROUTES, "TILL": TILL_ROUTES, "BEARER": BEARER_ROUTES, "PAIR": PAIR_ROUTES}
            expected = next((names[kind] for kind, pairs in kinds.items() if pair in pairs), store)
            security = operation.get("security", written["security"])
            assert sorted(name for need in security for name in need) == expected, pair
            assert ("401" in operation["responses"]) is (pair not in OPEN_ROUTES), pair


def test_every_reference_in_the_openapi_document_leads_somewhere() -> None:
    written = document()
    for reference in json.dumps(written).split('"$ref": "#/')[1:]:
        place: Any = written
        for step in reference.partition('"')[0].split("/"):
            place = place[step]
