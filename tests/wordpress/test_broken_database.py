"""What the database did not say is not said: an empty answer to the daemon means that there is nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts.shim_caller import Caller, change, key
from tests.wordpress.rig import Site
from tests.wordpress.shim import RigShim
from tillbridge.sides.http import Answer


@pytest.fixture(autouse=True)
def expected(site: Site, silence: None) -> Iterator[None]:
    """WordPress notes each failed statement in PHP's log, and we note that we gave up: nothing else."""
    yield
    said = "\n".join(site.complaints())
    assert "PHP " not in said
    site.forget_complaints()
    site.forget_notes()


def get(site: Site, caller: Caller, route: str, query: dict[str, str], fails: str) -> Answer:
    """A request in which one statement fails."""
    trouble = {"query": fails, "do": "fail"}
    headers = {**caller.headers("GET", route, query, b""), **site.trouble(trouble)}
    return caller.send("GET", route, "&".join(f"{name}={value}" for name, value in query.items()), headers)


def test_a_lookup_table_that_cannot_be_read_keeps_no_level_from_being_told(site: Site, caller: Caller) -> None:
    product = RigShim(site).make_product("5")
    query = {"after": str(product - 1), "limit": "1"}
    answer = get(site, caller, "/stock/levels", query, "/wc_product_meta_lookup WHERE product_id >/")
    (row,) = answer.json()["levels"]
    assert (answer.status, row["level"], "lookup" in row) == (200, "5", False)


@pytest.mark.parametrize(
    ("route", "query", "fails"),
    [
        ("/outbox", {}, r"/^SELECT \* FROM wp_tillbridge_outbox/"),
        ("/outbox", {}, "/^SELECT post_id, meta_value FROM wp_postmeta WHERE meta_key = '_sku'/"),
        ("/stock/levels", {}, "/^SELECT p.ID, p.post_parent/"),
        ("/stock/levels", {}, "/^SELECT m.post_id, m.meta_key/"),
        ("/stock/levels", {}, "/^SELECT DISTINCT object_id FROM wp_tillbridge_outbox WHERE topic/"),
        ("/stock/levels", {}, "/^SELECT post_id FROM wp_postmeta WHERE meta_key = '_manage_stock'/"),
        ("/orders/positions", {"open": "1"}, "/^SELECT DISTINCT i.order_id/"),
    ],
    ids=["events", "their SKUs", "products", "their levels", "what moves", "who holds the stock", "orders that hold"],
)
def test_a_page_that_could_not_be_read_is_not_told_as_empty(
    site: Site, shim: RigShim, caller: Caller, route: str, query: dict[str, str], fails: str
) -> None:
    shim.make_variation("5")
    shim.sell(shim.make_product("9"), 1)
    answer = get(site, caller, route, query, fails)
    assert (answer.status, answer.json()["code"]) == (503, "tillbridge_storage")
    assert caller.get(route, **query).status == 200


def test_a_product_that_could_not_be_read_is_not_told_as_missing(site: Site, shim: RigShim, caller: Caller) -> None:
    """ "Not found" would be a reason to let the product go."""
    product, own = shim.make_product("9"), key()
    body = f'{{"changes": [{{"key": "{own}", "product_id": {product}, "delta": "-1"}}]}}'.encode()
    for fails in ("/^SELECT p.ID, p.post_parent/", "/^SELECT m.post_id, m.meta_key/"):
        headers = {**caller.headers("POST", "/stock/apply", {}, body), **site.trouble({"query": fails, "do": "fail"})}
        assert caller.send("POST", "/stock/apply", "", headers, body).status == 500
    assert caller.apply({"key": own, "void": True})[0]["status"] == "voided"
    assert site.level(product) == 9


@pytest.mark.parametrize("gone", ["outbox", "keys", "nonces"])
def test_a_table_that_is_gone_is_said_by_every_route_that_needs_it(
    site: Site, shim: RigShim, caller: Caller, gone: str
) -> None:
    product = shim.make_product("9")
    site.sql(f"RENAME TABLE wp_tillbridge_{gone} TO gone")
    try:
        answers = {
            "health": caller.get("/health").status,
            "outbox": caller.get("/outbox").status,
            "levels": caller.get("/stock/levels").status,
            "ack": caller.post("/outbox/ack", {"ids": ["0" * 32]}).status,
            "apply": caller.post("/stock/apply", {"changes": [change(product, "-1")]}).status,
        }
    finally:
        site.sql(f"RENAME TABLE gone TO wp_tillbridge_{gone}")
    broken = {
        "outbox": {"health": 200, "outbox": 503, "levels": 503, "ack": 500, "apply": 200},
        "keys": {"health": 200, "outbox": 200, "levels": 200, "ack": 200, "apply": 500},
        "nonces": {"health": 503, "outbox": 503, "levels": 503, "ack": 503, "apply": 503},
    }
    assert answers == broken[gone]
    assert site.level(product) == (8 if gone == "outbox" else 9)
