"""Every way in which stock moves is told once, with the right amount, by whoever holds the stock, and why."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contracts.shim_caller import Caller
from tests.wordpress.rig import Died, Site, Trouble
from tests.wordpress.shim import RigShim

Told = tuple[str, str, str]
"""Amount, path and cause of one event."""


@pytest.fixture
def product(shim: RigShim, caller: Caller) -> int:
    """Nine of them, and nothing left to tell."""
    made = shim.make_product("9")
    caller.acknowledge(made)
    return made


def told(caller: Caller, product: int) -> list[Told]:
    data = [event["data"] for event in caller.events(product)]
    return [(row["delta"], row["path"], row["cause"]["type"]) for row in data]


def lines(caller: Caller, product: int) -> list[tuple[int, int]]:
    """Order and line of each event."""
    causes = [event["data"]["cause"] for event in caller.events(product)]
    return [(cause["order_id"], cause["line_id"]) for cause in causes]


def lines_of(site: Site, order: int) -> list[int]:
    found: list[int] = site.call("Tillbridge_Hand\\lines_of", order)
    return found


# --- orders -----------------------------------------------------------------------------------------------------------


def test_the_level_before_is_the_one_that_woocommerce_just_read(site: Site, caller: Caller, product: int) -> None:
    site.call("wc_double_block_checkout", [[product, 2]])
    site.call("wc_double_block_checkout", [[product, 3]])
    assert [event["data"]["before"] for event in caller.events(product)] == ["9", "7"]


def test_a_plugin_that_asks_the_database_in_between_costs_us_a_question_of_our_own(
    site: Site, shim: RigShim, caller: Caller, product: int
) -> None:
    """What it read (another product's level, in the very same words) is not taken for the level of this one."""
    other = shim.make_product("5")
    caller.acknowledge(other)
    asking = other_plugin("woocommerce_update_product_stock_query", "Tillbridge_Hand\\ask_level", other)
    act = site.act(("wc_double_block_checkout", [[[product, 2]]]), trouble=[{**asking, "first": True}])
    assert [event["data"]["before"] for event in caller.events(product)] == ["9"]
    assert act.diary["cost"]["queries"] == 2


@pytest.mark.parametrize(
    ("function", "more"),
    [
        ("wc_double_block_checkout", []),
        ("wc_double_block_checkout", ["on-hold"]),
        ("wc_double_classic_checkout", []),
        ("wc_double_make_order", []),
        ("wc_double_make_order", ["completed"]),
    ],
    ids=["block checkout", "bank transfer", "classic checkout", "by a program", "completed at once"],
)
def test_an_order_is_told_line_by_line(
    site: Site, caller: Caller, product: int, function: str, more: list[str]
) -> None:
    other = RigShim(site).make_product("5")
    caller.acknowledge(other)
    order = site.call(function, [[product, 2], [other, 1]], *more)
    first, second = lines_of(site, order)
    assert told(caller, product) == [("-2", "relative", "order_line")]
    assert lines(caller, product) == [(order, first)]
    assert told(caller, other) == [("-1", "relative", "order_line")]
    assert lines(caller, other) == [(order, second)]


def test_a_later_status_takes_nothing_again(site: Site, shim: RigShim, caller: Caller, product: int) -> None:
    order = shim.sell(product, 2)
    caller.acknowledge(product)
    shim.complete(order)
    assert told(caller, product) == []
    assert site.level(product) == 7


def test_two_lines_of_one_product_are_two_events(site: Site, caller: Caller, product: int) -> None:
    order = site.call("wc_double_block_checkout", [[product, 2], [product, 3]])
    assert [delta for delta, _, _ in told(caller, product)] == ["-2", "-3"]
    assert lines(caller, product) == [(order, line) for line in lines_of(site, order)]


def test_a_variation_is_told_by_itself_and_a_parents_stock_by_the_parent(site: Site, caller: Caller) -> None:
    parent, held = site.call("Tillbridge_Hand\\make_variation", 70)
    other_parent, own = site.call("Tillbridge_Hand\\make_variation", None, 47)
    for made in (parent, held, other_parent, own):
        caller.acknowledge(made)
    order = site.call("wc_double_block_checkout", [[own, 1], [held, 3]])
    assert told(caller, own) == [("-1", "relative", "order_line")]
    assert told(caller, parent) == [("-3", "relative", "order_line")]
    assert lines(caller, own) + lines(caller, parent) == [(order, line) for line in lines_of(site, order)]
    assert told(caller, held) == told(caller, other_parent) == []
    caller.acknowledge(parent)
    site.call("Tillbridge_Hand\\cancel", order)
    assert told(caller, parent) == [("3", "relative", "restore")]


def test_a_restock_is_told_and_a_refund_without_goods_is_not(shim: RigShim, caller: Caller, product: int) -> None:
    order = shim.sell(product, 4)
    caller.acknowledge(product)
    shim.refund(order, 1, False)
    assert told(caller, product) == []
    shim.refund(order, 2, True)
    assert told(caller, product) == [("2", "relative", "restock")]


def test_an_edited_line_is_told_as_that_line(site: Site, shim: RigShim, caller: Caller, product: int) -> None:
    order = shim.sell(product, 2)
    (line,) = lines_of(site, order)
    caller.acknowledge(product)
    site.call("wc_double_edit_line", order, line, 5)
    site.call("wc_double_edit_line", order, line, 1)
    assert told(caller, product) == [("-3", "relative", "order_line"), ("4", "relative", "order_line")]
    assert lines(caller, product) == [(order, line)] * 2


def test_a_line_that_takes_its_stock_before_it_is_saved_is_told_with_its_number(
    site: Site, shim: RigShim, caller: Caller, product: int
) -> None:
    other = shim.make_product("5")
    order = shim.sell(product, 2)
    caller.acknowledge(product)
    caller.acknowledge(other)
    line: int = site.call("wc_double_add_line", order, other, 3)
    assert line == max(lines_of(site, order))
    assert (told(caller, other), lines(caller, other)) == ([("-3", "relative", "order_line")], [(order, line)])


def test_a_fee_and_shipping_of_an_order_take_nothing_and_give_nothing_back(
    site: Site, shim: RigShim, caller: Caller, product: int
) -> None:
    order = shim.sell(product, 2)
    caller.acknowledge(product)
    site.call("wc_double_add_costs", order)
    assert caller.events(product) == []
    site.call("Tillbridge_Hand\\cancel", order)
    assert told(caller, product) == [("2", "relative", "restore")]


@pytest.mark.parametrize("for_good", [False, True])
def test_an_order_that_is_thrown_away_moves_nothing(
    site: Site, shim: RigShim, caller: Caller, product: int, for_good: bool
) -> None:
    order = shim.sell(product, 2)
    caller.acknowledge(product)
    site.call("Tillbridge_Hand\\remove_order", order, for_good)
    assert told(caller, product) == []


def test_a_checkout_that_only_reserves_leaves_no_cause_behind(site: Site, caller: Caller, product: int) -> None:
    """The filter with the line fires for a reservation too; what moves the product next has another reason."""
    order = site.call("wc_double_make_order", [[product, 1]], "pending")
    site.act(
        ("Tillbridge_Hand\\reserve", [order]),
        ("wc_update_product_stock", [product, 4, "decrease"]),
    )
    assert told(caller, product) == [("-4", "relative", "other")]


# --- people and programs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["rest", "cli", "import"])
def test_a_typed_level_is_told_with_the_kind_of_its_request(
    site: Site, caller: Caller, product: int, kind: str
) -> None:
    site.call("Tillbridge_Hand\\write_level", product, 42, trouble=[{"is": kind}])
    assert told(caller, product) == [("33", "absolute", kind)]


@pytest.mark.parametrize(("level", "delta"), [("8.3645", "-1.364"), ("8.3655", "-1.366"), ("7.0004", None)])
def test_a_level_with_more_places_than_are_told_is_replaced_by_what_adds_up(
    site: Site, caller: Caller, product: int, level: str, delta: str | None
) -> None:
    """Left behind by a plugin that counts finer. The daemon rounds such a level, a half to the even neighbour."""
    site.sql(f"UPDATE wp_postmeta SET meta_value = '{level}' WHERE post_id = {product} AND meta_key = '_stock'")
    site.call("Tillbridge_Hand\\write_level", product, 7)
    assert told(caller, product) == ([] if delta is None else [(delta, "absolute", "other")])


def test_the_form_of_wp_admin_saves_twice_and_is_told_once(site: Site, caller: Caller, product: int) -> None:
    site.call("wc_double_admin_form", product, 7, trouble=[{"is": "admin"}, {"user": 1}])
    assert told(caller, product) == [("-2", "absolute", "admin")]


@pytest.mark.parametrize(
    ("operation", "amount", "expected"),
    [
        ("increase", 3, ("3", "relative", "other")),
        ("decrease", 3, ("-3", "relative", "other")),
        ("set", 20, ("11", "absolute", "other")),
        ("set", 0, ("-9", "absolute", "other")),
    ],
)
def test_another_plugin_moves_stock_by_woocommerces_function(
    site: Site, caller: Caller, product: int, operation: str, amount: int, expected: Told
) -> None:
    site.call("wc_update_product_stock", product, amount, operation)
    assert told(caller, product) == [expected]


def test_a_level_written_straight_into_the_meta_row_is_told(site: Site, caller: Caller, product: int) -> None:
    site.call("update_post_meta", product, "_stock", "5")
    assert told(caller, product) == [("-4", "absolute", "other")]


def test_a_level_of_something_else_than_a_product_is_nobodys_business(site: Site, caller: Caller) -> None:
    post = site.call("wp_insert_post", {"post_title": "News", "post_status": "publish"})
    site.act(("add_post_meta", [post, "_stock", "5"]), ("update_post_meta", [post, "_stock", "3"]))
    assert told(caller, post) == []


def test_a_save_that_changes_nothing_is_not_told(site: Site, caller: Caller, product: int) -> None:
    site.call("Tillbridge_Hand\\write_level", product, 9)
    site.call("update_post_meta", product, "_stock", "9")
    assert told(caller, product) == []


def test_switching_stock_on_is_no_movement(site: Site, caller: Caller) -> None:
    """Unknown is never zero."""
    product = site.call("Tillbridge_Hand\\make_product", None)
    site.call("Tillbridge_Hand\\manage", product, 12)
    assert site.level(product) == 12
    assert told(caller, product) == []


def test_a_batch_of_many_products_is_told_product_by_product(site: Site, shim: RigShim, caller: Caller) -> None:
    made = [shim.make_product("1") for _ in range(3)]
    for product in made:
        caller.acknowledge(product)
    site.call("Tillbridge_Hand\\write_levels", made, 8, trouble=[{"is": "rest"}])
    assert [told(caller, product) for product in made] == [[("7", "absolute", "rest")]] * 3


def test_a_level_written_by_sql_is_not_seen(site: Site, caller: Caller, product: int) -> None:
    """Named as such: no hook tells of it. It is reconcile that finds it."""
    site.sql(f"UPDATE wp_postmeta SET meta_value = '3' WHERE post_id = {product} AND meta_key = '_stock'")
    assert told(caller, product) == []
    assert caller.level(product)["level"] == "3"


# --- other plugins in the same request --------------------------------------------------------------------------------


def other_plugin(hook: str, function: str, *arguments: Any) -> Trouble:
    return {"at": hook, "do": "call", "calls": [[function, arguments]]}


def test_a_bundle_takes_its_part_in_the_same_request(site: Site, shim: RigShim, caller: Caller, product: int) -> None:
    """A plugin of bundles lowers a second product when the first is sold: the part has no line of its own."""
    part = shim.make_product("30")
    caller.acknowledge(part)
    bundle = other_plugin("woocommerce_reduce_order_item_stock", "wc_update_product_stock", part, 6, "decrease")
    site.call("wc_double_block_checkout", [[product, 2]], trouble=[bundle])
    assert told(caller, product) == [("-2", "relative", "order_line")]
    assert told(caller, part) == [("-6", "relative", "other")]


@pytest.mark.parametrize(
    "hook",
    [
        "woocommerce_product_before_set_stock",
        "woocommerce_updated_product_stock",
        "woocommerce_update_product",
        "woocommerce_product_set_stock",
    ],
)
def test_a_write_inside_a_write_of_the_same_product_is_told_by_itself(
    site: Site, caller: Caller, product: int, hook: str
) -> None:
    nested = other_plugin(hook, "wc_update_product_stock", product, 5, "increase")
    site.call("wc_double_make_order", [[product, 2]], trouble=[nested])
    assert sorted(delta for delta, _, _ in told(caller, product)) == ["-2", "5"]
    assert site.level(product) == 12


def test_a_typed_level_inside_a_sale_is_told_by_itself(site: Site, caller: Caller, product: int) -> None:
    nested = other_plugin("woocommerce_updated_product_stock", "Tillbridge_Hand\\write_level", product, 100)
    site.call("wc_double_make_order", [[product, 2]], trouble=[nested])
    assert sum(int(delta) for delta, _, _ in told(caller, product)) == site.level(product) - 9


def test_a_rewritten_update_is_measured(site: Site, caller: Caller, product: int) -> None:
    """A plugin that never lets a level fall below zero."""
    clamp = {"rewrite": [r"/meta_value = meta_value (\S+)/", "meta_value = GREATEST(0, meta_value $1)"]}
    site.call("wc_double_make_order", [[product, 12]], trouble=[clamp])
    assert told(caller, product) == [("-9", "unknown", "order_line")]
    assert site.level(product) == 0


def test_an_update_that_another_plugin_took_out_moved_nothing(site: Site, caller: Caller, product: int) -> None:
    empty = {"rewrite": ["/^UPDATE .*/", "SELECT 1"]}
    site.call("wc_double_make_order", [[product, 2]], trouble=[empty])
    assert [delta for delta, _, _ in told(caller, product) if delta != "0"] == []


def test_a_rewritten_amount_is_told_as_it_was_written(site: Site, caller: Caller, product: int) -> None:
    """A product that is sold by the dozen."""
    dozen = {"rewrite": [r"/meta_value -2\.0+/", "meta_value -24.000000"]}
    site.call("wc_double_make_order", [[product, 2]], trouble=[dozen])
    assert told(caller, product) == [("-24", "relative", "order_line")]


def test_a_reduction_that_another_plugin_forbids_moves_nothing(site: Site, caller: Caller, product: int) -> None:
    forbid = other_plugin("wp_loaded", "add_filter", "woocommerce_can_reduce_order_stock", "__return_false")
    site.call("wc_double_make_order", [[product, 2]], trouble=[{**forbid, "first": True}])
    assert told(caller, product) == []


def test_a_long_import_is_told_while_it_still_runs(site: Site, caller: Caller, product: int) -> None:
    """PHP dies in it at last: what was finished two hundred rows at a time had been told."""
    writes = [("Tillbridge_Hand\\write_level", [product, 10 + number]) for number in range(205)]
    with pytest.raises(Died):
        site.act(*writes, ("Tillbridge_Hand\\happen", ["kill", {}]))
    assert len(caller.events(product)) == 200
