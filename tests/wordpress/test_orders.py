"""What the shop says that its orders and products hold, where the database holds something odd."""

from __future__ import annotations

import pytest

from tests.contracts.shim_caller import Caller
from tests.wordpress.rig import Site
from tests.wordpress.shim import RigShim


def hold(site: Site, order: int, stored: str) -> None:
    """Have the order's lines hold this much, whatever it is."""
    site.sql(
        "UPDATE wp_woocommerce_order_itemmeta m INNER JOIN wp_woocommerce_order_items i USING (order_item_id)"
        f" SET m.meta_value = '{stored}' WHERE m.meta_key = '_reduced_stock' AND i.order_id = {order}"
    )


@pytest.mark.parametrize(
    ("stored", "told"), [("1.5000", "1.5"), ("-1", "-1"), ("", "0"), ("a few", None), ("1,5", None)]
)
def test_what_a_line_holds_is_told_or_unknown_and_never_guessed(
    site: Site, shim: RigShim, caller: Caller, stored: str, told: str | None
) -> None:
    order = shim.sell(shim.make_product("9"), 2)
    hold(site, order, stored)
    (row,) = caller.positions(orders=order)["orders"]
    assert row["lines"][0]["reduced_stock"] == told


@pytest.mark.parametrize(
    ("stored", "listed"), [("1.5000", True), ("a few", True), ("1,5", True), ("abc", True), ("0", False), ("", False)]
)
def test_an_order_of_which_nobody_knows_what_it_holds_is_among_the_open_ones(
    site: Site, shim: RigShim, caller: Caller, stored: str, listed: bool
) -> None:
    order = shim.sell(shim.make_product("9"), 2)
    hold(site, order, stored)
    rows = caller.positions(open=1, after=order - 1)["orders"]
    assert [row["order_id"] for row in rows if row["order_id"] == order] == ([order] if listed else [])


def test_an_order_with_a_status_that_no_plugin_knows_any_more_is_still_there(
    site: Site, shim: RigShim, caller: Caller
) -> None:
    product = shim.make_product("9")
    order, other = shim.sell(product, 2), shim.sell(product, 1)
    site.sql(f"UPDATE wp_wc_orders SET status = 'wc-at-the-tailor' WHERE id = {order}")
    rows = caller.positions(orders=f"{other},{order}")["orders"]
    assert [(row["order_id"], row["status"]) for row in rows] == [(other, "processing"), (order, "at-the-tailor")]


def test_an_order_in_the_trash_is_still_there_and_a_deleted_one_is_not(
    site: Site, shim: RigShim, caller: Caller
) -> None:
    product = shim.make_product("9")
    trashed, deleted = shim.sell(product, 2), shim.sell(product, 1)
    site.call("Tillbridge_Hand\\remove_order", trashed, False)
    site.call("Tillbridge_Hand\\remove_order", deleted, True)
    rows = caller.positions(orders=f"{deleted},{trashed}")["orders"]
    assert [(row["order_id"], row["status"]) for row in rows] == [(trashed, "trash")]


def test_a_fee_and_shipping_are_lines_of_the_order_that_hold_nothing(site: Site, shim: RigShim, caller: Caller) -> None:
    order = shim.sell(shim.make_product("9"), 2)
    before = caller.positions(orders=order)["orders"]
    costs: list[int] = site.call("wc_double_add_costs", order)
    assert (len(costs), caller.positions(orders=order)["orders"]) == (2, before)


def test_a_refund_is_no_order(site: Site, shim: RigShim, caller: Caller) -> None:
    order = shim.sell(shim.make_product("9"), 2)
    shim.refund(order, 1, True)
    ((refund,),) = site.sql(f"SELECT id FROM wp_wc_orders WHERE parent_order_id = {order}")
    assert caller.positions(orders=refund)["orders"] == []


@pytest.mark.parametrize(
    ("stored", "told"), [("no", "no"), ("notify", "notify"), ("yes", "yes"), ("", "no"), ("maybe", "no")]
)
def test_whether_a_product_may_be_sold_below_zero_is_told_in_three_words(
    site: Site, shim: RigShim, caller: Caller, stored: str, told: str
) -> None:
    product = shim.make_product("9")
    site.call("update_post_meta", product, "_backorders", stored)
    assert caller.level(product)["backorders"] == told
