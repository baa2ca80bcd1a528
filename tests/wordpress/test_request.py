"""The shop's own request: nothing of ours reaches it, whatever is wrong with us, and it hardly costs anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.contracts.shim_caller import Caller
from tests.wordpress.rig import Site
from tests.wordpress.shim import RigShim

TABLES = ["outbox", "keys", "nonces"]
EVERY_PAGE = {
    "all", "query", "init", "wp", "wp_loaded", "parse_request", "pre_get_posts", "template_redirect", "the_content",
    "wp_head", "wp_footer", "wp_enqueue_scripts", "option_home", "gettext", "muplugins_loaded", "setup_theme",
}  # fmt: skip
"""Hooks that fire in every page of every visitor, some of them hundreds of times."""


@contextmanager
def without(site: Site, *tables: str) -> Iterator[None]:
    """These tables of ours are gone."""
    names = [f"wp_tillbridge_{table}" for table in tables]
    site.sql("".join(f"RENAME TABLE {name} TO gone_{name};" for name in names))
    yield
    site.sql("".join(f"RENAME TABLE gone_{name} TO {name};" for name in names))
    site.forget_notes()


@contextmanager
def read_only(site: Site) -> Iterator[None]:
    """The database refuses every write into the outbox."""
    for what in ("INSERT", "UPDATE", "DELETE"):
        refuse = "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this table is read only'"
        site.sql(f"CREATE TRIGGER hand_{what} BEFORE {what} ON wp_tillbridge_outbox FOR EACH ROW {refuse}")
    yield
    for what in ("INSERT", "UPDATE", "DELETE"):
        site.sql(f"DROP TRIGGER hand_{what}")
    site.forget_notes()


# --- our trouble is not the shop's ------------------------------------------------------------------------------------


ODD = [
    "woocommerce_update_order", "woocommerce_order_refunded", "woocommerce_refund_deleted",
    "woocommerce_update_product", "trashed_post", "deleted_post", "edited_product_cat", "delete_product_cat",
    "profile_update", "deleted_user", "updated_user_meta", "updated_option", "woocommerce_can_reduce_order_stock",
    "woocommerce_order_item_quantity", "woocommerce_can_restore_order_stock",
    "woocommerce_can_restock_refunded_items", "woocommerce_prevent_adjust_line_item_product_stock",
    "woocommerce_product_before_set_stock", "woocommerce_update_product_stock_query",
    "woocommerce_updated_product_stock", "woocommerce_product_set_stock", "update_post_meta", "updated_post_meta",
]  # fmt: skip


@pytest.mark.parametrize("count", [1, 4])
def test_hooks_fired_with_odd_arguments_neither_warn_nor_throw_nor_move_stock(
    site: Site, caller: Caller, count: int
) -> None:
    since = caller.get("/health").json()["counter"]
    act = site.act(*(("Tillbridge_Hand\\fire_oddly", [hook, count]) for hook in ODD))
    site.forget_notes()
    assert [one for said in act.results for one in said] == []
    events = [event for event in caller.get("/outbox", limit=1000).json()["events"] if event["n"] > since]
    caller.post("/outbox/ack", {"ids": [event["id"] for event in events]})
    assert [event for event in events if event["topic"] == "stock.changed"] == []


@pytest.mark.parametrize("gone", [["outbox"], ["keys"], ["nonces"], TABLES], ids="-".join)
def test_a_shop_sells_where_our_tables_are_gone(site: Site, shim: RigShim, gone: list[str]) -> None:
    product = shim.make_product("9")
    with without(site, *gone):
        act = site.act(("wc_double_block_checkout", [[[product, 2]]]))
        level = site.level(product)
        noted = site.notes()
    order = act.results[0]
    assert site.sql(f"SELECT status FROM wp_wc_orders WHERE id = {order}") == [["wc-processing"]]
    assert level == 7
    assert bool(noted) is ("outbox" in gone)


def test_a_shop_sells_and_edits_where_our_table_is_read_only(site: Site, shim: RigShim, caller: Caller) -> None:
    product = shim.make_product("9")
    caller.acknowledge(product)
    with read_only(site):
        order = site.call("wc_double_block_checkout", [[product, 2]])
        site.call("Tillbridge_Hand\\cancel", order)
        shim.write_level(product, "30")
        noted = site.notes()
    assert site.level(product) == 30
    assert any("this table is read only" in note for note in noted)
    assert caller.events(product) == []


def test_a_table_that_is_lost_in_the_middle_of_an_order_stops_no_line(site: Site, shim: RigShim) -> None:
    """The first line was written down, the second cannot be: both are sold."""
    first, second = shim.make_product("9"), shim.make_product("9")
    trouble = {"query": "/^INSERT INTO wp_tillbridge_outbox/", "nth": 2, "do": "fail"}
    site.call("wc_double_block_checkout", [[first, 1], [second, 1]], trouble=[trouble])
    assert (site.level(first), site.level(second)) == (8, 8)
    site.forget_notes()


@pytest.mark.parametrize(
    "stored",
    ["{broken", 7, [], {"site": ["x"], "secret": {}}, {"site": "x", "secret": "y", "listener": [], "user_id": "z"}],
    ids=str,
)
def test_a_shop_sells_with_a_connection_that_is_none(site: Site, shim: RigShim, stored: object) -> None:
    product = shim.make_product("9")
    site.call("update_option", "tillbridge_connection", stored)
    try:
        shim.sell(product, 2)
        answer, _ = site.visit("/wp-json/wc-tillbridge/v1/health")
    finally:
        site.connect("")
    assert site.level(product) == 7
    assert answer.status_code == 401


def test_a_write_of_ours_does_not_show_in_what_wpdb_tells_the_code_around(site: Site, shim: RigShim) -> None:
    """Another plugin inserts a row, fires a hook of WooCommerce, and then reads its insert_id."""
    found = site.call("Tillbridge_Hand\\traces_around_a_hook", shim.make_product("9"))
    assert found["before"] == found["middle"]


def test_an_answer_of_the_shop_holds_nothing_of_ours(site: Site, shim: RigShim) -> None:
    product = shim.make_product("9")
    with without(site, *TABLES):
        answer, _ = site.visit(f"/?p={product}")
    assert answer.status_code == 200
    assert "tillbridge" not in answer.text.lower()
    assert not [name for name in answer.headers if "tillbridge" in name.lower()]


def test_a_shop_without_woocommerce_is_left_alone(site: Site) -> None:
    site.call("update_option", "active_plugins", ["tillbridge/tillbridge.php"])
    try:
        answer, diary = site.visit()
    finally:
        site.call("update_option", "active_plugins", ["tillbridge/tillbridge.php", "woocommerce/woocommerce.php"])
    assert answer.status_code == 200
    assert diary["ours"] == []
    assert not [hook for hook in diary["hooks"] if hook.startswith("woocommerce_")]


# --- what it costs ----------------------------------------------------------------------------------------------------


def count_queries(site: Site, path: str) -> int:
    """Of the second visit: the first one may fill caches."""
    site.visit(path)
    return int(site.visit(path)[1]["queries"])


@pytest.mark.parametrize("connected", [True, False])
@pytest.mark.parametrize("path", ["/", "/wp-json/", "/?s=cup"])
def test_a_visitors_page_costs_no_query(site: Site, path: str, connected: bool) -> None:
    plugins = site.call("get_option", "active_plugins")
    if not connected:
        site.call("update_option", "tillbridge_connection", "")
    try:
        ours = site.visit(path)[1]["ours"]
        with_us = count_queries(site, path)
        site.call("update_option", "active_plugins", ["woocommerce/woocommerce.php"])
        without_us = count_queries(site, path)
    finally:
        site.call("update_option", "active_plugins", plugins)
        site.connect("")
    assert ours == []
    assert with_us == without_us


def test_no_callback_of_ours_waits_where_every_page_passes(site: Site) -> None:
    _, diary = site.visit()
    assert set(diary["hooks"]) & EVERY_PAGE == set()
    assert diary["hooks"].count("shutdown") == 1
    assert len(diary["hooks"]) < 90


@pytest.mark.parametrize("lines", [1, 3])
def test_a_sale_costs_one_query_a_line_before_the_customer_is_answered(site: Site, shim: RigShim, lines: int) -> None:
    """It writes the row; the level was read by WooCommerce right before."""
    products = [[shim.make_product("9"), 1] for _ in range(lines)]
    act = site.act(("wc_double_block_checkout", [products]))
    assert act.diary["cost"]["queries"] == lines


def test_a_save_that_moves_nothing_costs_no_query_before_the_answer(site: Site, shim: RigShim) -> None:
    product = shim.make_product("9")
    act = site.act(("Tillbridge_Hand\\rename", [product, "Mug"]))
    assert act.diary["cost"]["queries"] == 0


def test_nothing_is_left_in_the_options_by_a_sale(site: Site, shim: RigShim) -> None:
    product = shim.make_product("9")
    before = site.sql("SELECT option_name FROM wp_options WHERE option_name LIKE '%tillbridge%' ORDER BY 1")
    site.call("wc_double_block_checkout", [[product, 2]])
    assert site.sql("SELECT option_name FROM wp_options WHERE option_name LIKE '%tillbridge%' ORDER BY 1") == before
    assert (
        site.sql("SELECT option_value FROM wp_options WHERE option_name = 'cron' AND option_value LIKE '%till%'") == []
    )
