"""The count of all levels is answered before the shop is loaded, and by nobody but the daemon."""

from __future__ import annotations

import pytest

from tests.contracts.shim_caller import Caller
from tests.wordpress.rig import Site
from tests.wordpress.shim import RigShim

FROM_THE_ROUTE = "link"
"""A header that WordPress' own REST server adds to every answer."""


def test_the_count_does_not_wait_for_the_shop(shim: RigShim, caller: Caller) -> None:
    product = shim.make_product("7")
    answer = caller.get("/stock/levels", after=product - 1, limit=1)
    assert FROM_THE_ROUTE not in answer.headers
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"
    assert answer.headers["cache-control"] == "no-store"
    assert [row["level"] for row in answer.json()["levels"]] == ["7"]
    assert {"next", "counter", "incarnation"} <= answer.json().keys()


def test_the_whole_shop_in_one_page_is_the_same_as_page_by_page(shim: RigShim, caller: Caller) -> None:
    shim.make_variation("5")
    shim.make_product(None)
    whole = caller.get("/stock/levels", limit=10_000).json()
    assert whole["next"] is None
    paged: list[dict[str, object]] = []
    after: int | None = 0
    while after is not None:
        page = caller.get("/stock/levels", after=after, limit=7).json()
        paged += page["levels"]
        after = page["next"]
    assert paged == whole["levels"]


@pytest.mark.parametrize("query", [{"limit": "10001"}, {"limit": "0"}, {"after": "x"}])
def test_an_impossible_page_is_refused_in_the_words_of_the_route(caller: Caller, query: dict[str, str]) -> None:
    answer = caller.get("/stock/levels", **query)
    assert (answer.status, answer.json()["code"]) == (400, "tillbridge_invalid_page")
    assert answer.json()["data"] == {"status": 400}


def test_a_stranger_is_left_to_the_route(caller: Caller) -> None:
    for headers in ({}, caller.headers("GET", "/stock/levels", {}, b"", secret="other")):
        answer = caller.send("GET", "/stock/levels", "", headers)
        assert answer.status == 401
        assert FROM_THE_ROUTE in answer.headers


def test_a_request_that_comes_twice_is_refused_the_second_time(caller: Caller) -> None:
    headers = caller.headers("GET", "/stock/levels", {"limit": "1"}, b"")
    assert caller.send("GET", "/stock/levels", "limit=1", headers).status == 200
    again = caller.send("GET", "/stock/levels", "limit=1", headers)
    assert (again.status, again.json()["code"]) == (401, "tillbridge_replayed")


def test_another_method_is_none_of_its_business(caller: Caller) -> None:
    headers = caller.headers("GET", "/stock/levels", {"_method": "POST"}, b"")
    assert caller.send("GET", "/stock/levels", "_method=POST", headers).status == 404


def test_a_copy_is_told_what_it_is(shim: RigShim, caller: Caller) -> None:
    with shim.being_a_copy():
        answer = caller.get("/stock/levels", limit=1)
    assert (answer.status, answer.json()["code"]) == (409, "tillbridge_elsewhere")


def test_a_shop_without_woocommerce_is_no_shop(site: Site, caller: Caller) -> None:
    active = site.sql("SELECT option_value FROM wp_options WHERE option_name = 'active_plugins'")[0][0]
    statement = "UPDATE wp_options SET option_value = '{}' WHERE option_name = 'active_plugins'"
    site.sql(statement.format('a:1:{i:0;s:25:"tillbridge/tillbridge.php";}'))
    try:
        assert caller.get("/stock/levels", limit=1).status == 404
    finally:
        site.sql(statement.format(active))


def test_the_shops_own_routes_do_not_read_our_files(site: Site) -> None:
    """Carts and checkouts are REST requests, too; who asks what routes there are is told of ours."""
    assert "wc-tillbridge/v1" in site.visit("/wp-json/")[0].json()["namespaces"]
    assert site.visit("/wp-json/wc-tillbridge/v1/health")[0].status_code == 401
    for path in ("/wp-json/wp/v2/types", "/?rest_route=/wp/v2/types"):
        answer, diary = site.visit(path)
        assert answer.status_code == 200
        assert [name for name in diary["files"] if name.endswith(("/rest.php", "/apply.php"))] == []
