"""The description for vendors and the router name the same routes."""

from __future__ import annotations

from importlib import resources
from typing import Any

import yaml

from tests.till.builders import Caller, a_book
from tillbridge.till import reading
from tillbridge.till.api import LARGEST_PAGE, PROTOCOL, ROUTES


def description() -> dict[str, Any]:
    text = resources.files("tillbridge.till").joinpath("openapi.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def test_neither_the_router_nor_the_description_forgets_a_route() -> None:
    described = {(verb.upper(), path) for path, verbs in description()["paths"].items() for verb in verbs}
    assert described == set(ROUTES)


def test_every_reference_in_the_description_leads_somewhere() -> None:
    whole = description()

    def follow(part: Any) -> None:
        if isinstance(part, dict):
            if "$ref" in part:
                found: Any = whole
                for step in part["$ref"].removeprefix("#/").split("/"):
                    found = found[step]
            for inner in part.values():
                follow(inner)
        elif isinstance(part, list):
            for inner in part:
                follow(inner)

    follow(whole)


def test_the_description_states_the_limits_that_are_enforced() -> None:
    whole = description()
    assert whole["info"]["title"] == PROTOCOL
    assert whole["components"]["parameters"]["limit"]["schema"]["maximum"] == LARGEST_PAGE
    assert whole["components"]["schemas"]["Lines"]["maxItems"] == reading.LARGEST_DOCUMENT
    rows = whole["paths"]["/v1/adjustments"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert rows["properties"]["adjustments"]["maxItems"] == reading.LARGEST_BATCH


def test_a_page_of_changes_has_exactly_the_fields_that_are_described_and_needs_no_mark() -> None:
    answers = description()["paths"]["/v1/changes"]["get"]["responses"]
    schema = answers["200"]["content"]["application/json"]["schema"]
    call = Caller(a_book())
    for target in ("/v1/changes", "/v1/changes?after=0"):
        assert set(call("GET", target)[1]) == set(schema["properties"])
    assert set(schema["properties"]) - set(schema["required"]) == {"incarnation", "counter"}


def test_answers_have_exactly_the_fields_that_are_described() -> None:
    schemas = description()["components"]["schemas"]
    call = Caller(a_book())
    sale = {"key": "k", "outlet": "main", "lines": [{"item_id": "1", "quantity": "1"}]}
    document = call("POST", "/v1/sales", sale)[1]
    change = call("GET", "/v1/changes?after=0")[1]["changes"][0]
    customer = call("POST", "/v1/customers", {"name": "A person"})[1]
    row = {"key": "a", "item_id": "1", "outlet": "main", "delta": "1"}
    found = {
        "Info": call("GET", "/v1/info")[1],
        "Item": call("GET", "/v1/items")[1]["items"][0],
        "Level": call("GET", "/v1/levels")[1]["levels"][0],
        "Document": document,
        "Entry": document["lines"][0],
        "Customer": customer,
        "Address": customer["address"],
        "Rules": call("PUT", "/v1/rules", {})[1],
        "Change": change,
        "Movement": change["movements"][0],
        "Result": call("POST", "/v1/adjustments", {"adjustments": [row]})[1]["results"][0],
    }
    assert {name: set(shown) for name, shown in found.items()} == {
        name: set(schemas[name]["properties"]) for name in found
    }
