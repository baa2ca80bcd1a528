"""The double of WooCommerce fires what was recorded on a real one, in that order: else the other tests show nothing."""

from __future__ import annotations

import pytest

from tests.wordpress.rig import Call, Site
from tests.wordpress.shim import RigShim

RELATIVE = [
    "product_before_set_stock", "update_product_stock_query", "updated_product_stock", "update_product",
    "product_set_stock",
]  # fmt: skip
ABSOLUTE = ["product_before_set_stock", "product_set_stock", "update_product"]
WATCHED = {
    *RELATIVE, *(name.replace("product", "variation", 1) for name in RELATIVE), "update_product_variation",
    "new_product",
    "new_order", "update_order", "order_status_changed", "reduce_order_item_stock", "reduce_order_stock",
    "restore_order_item_stock", "restore_order_stock", "restock_refunded_item", "order_partially_refunded",
    "refund_created", "order_refunded", "create_refund", "trash_order", "delete_order", "can_reduce_order_stock",
    "can_restore_order_stock", "can_restock_refunded_items", "prevent_adjust_line_item_product_stock",
    "new_product_variation", "checkout_order_processed", "store_api_checkout_order_processed",
}  # fmt: skip


def fired(site: Site, *calls: Call) -> list[str]:
    return [name for name in site.act(*calls).diary["fired"] if name in WATCHED]


@pytest.fixture
def product(shim: RigShim) -> int:
    return shim.make_product("99")


def test_a_relative_update_is_flow_f(site: Site, product: int) -> None:
    assert fired(site, ("wc_update_product_stock", [product, 3, "decrease"])) == RELATIVE


def test_an_absolute_write_is_flow_e_and_says_nothing_of_stock_where_it_is_the_same(site: Site, product: int) -> None:
    assert fired(site, ("Tillbridge_Hand\\write_level", [product, 42])) == ABSOLUTE
    assert fired(site, ("Tillbridge_Hand\\write_level", [product, 42])) == ["update_product"]


def test_a_variation_is_flow_f2_and_g(site: Site) -> None:
    _parent, variation = site.call("Tillbridge_Hand\\make_variation", None, 19)
    assert fired(site, ("wc_update_product_stock", [variation, 3, "increase"])) == [
        "variation_before_set_stock", "update_product_stock_query", "updated_product_stock", "update_product_variation",
        "variation_set_stock", "update_product",
    ]  # fmt: skip
    assert fired(site, ("Tillbridge_Hand\\write_level", [variation, 5])) == [
        "variation_before_set_stock", "variation_set_stock", "update_product_variation", "update_product",
    ]  # fmt: skip


def test_stock_of_the_parent_is_flow_f3(site: Site) -> None:
    _parent, variation = site.call("Tillbridge_Hand\\make_variation", 70)
    assert fired(site, ("wc_update_product_stock", [variation, 3, "decrease"])) == RELATIVE


def test_the_form_of_wp_admin_is_flow_h2_and_a_new_product_h4(site: Site, product: int) -> None:
    assert fired(site, ("wc_double_admin_form", [product, 7])) == [*ABSOLUTE, "update_product"]
    made = fired(site, ("Tillbridge_Hand\\make_product", [4]))
    assert made == ["product_before_set_stock", "product_set_stock", "new_product"]


def test_a_block_checkout_is_flow_a(site: Site, product: int) -> None:
    assert fired(site, ("wc_double_block_checkout", [[[product, 2]]])) == [
        *["update_order"] * 8, "new_order", "order_status_changed",
        "store_api_checkout_order_processed", "update_order", "can_reduce_order_stock", *RELATIVE,
        "reduce_order_item_stock", "reduce_order_stock", "order_status_changed", *["update_order"] * 2,
    ]  # fmt: skip


def test_an_order_of_a_program_is_flow_b_and_its_cancellation_c(site: Site, product: int) -> None:
    act = site.act(("wc_double_make_order", [[[product, 2]]]))
    assert [name for name in act.diary["fired"] if name in WATCHED] == [
        "new_order", "update_order", "update_order", "can_reduce_order_stock", *RELATIVE, "reduce_order_item_stock",
        "reduce_order_stock", "order_status_changed",
    ]  # fmt: skip
    assert fired(site, ("Tillbridge_Hand\\cancel", [act.results[0]])) == [
        "update_order", "can_restore_order_stock", *RELATIVE, "restore_order_item_stock", "restore_order_stock",
        "order_status_changed",
    ]  # fmt: skip


def test_an_edited_line_is_flow_b4_without_the_hooks_of_orders(site: Site, shim: RigShim, product: int) -> None:
    order = shim.sell(product, 2)
    (line,) = site.call("Tillbridge_Hand\\lines_of", order)
    assert fired(site, ("wc_double_edit_line", [order, line, 5])) == [
        "prevent_adjust_line_item_product_stock", *RELATIVE, *["update_order"] * 3,
    ]  # fmt: skip


def test_a_refund_is_flow_d_and_a_discarded_order_c3_and_c4(site: Site, shim: RigShim, product: int) -> None:
    order = shim.sell(product, 2)
    assert fired(site, ("Tillbridge_Hand\\refund", [order, 1, True])) == [
        "create_refund", "can_restock_refunded_items", *RELATIVE, "restock_refunded_item", "order_partially_refunded",
        "update_order", "refund_created", "order_refunded",
    ]  # fmt: skip
    assert fired(site, ("Tillbridge_Hand\\remove_order", [order, False])) == ["trash_order"]
    assert fired(site, ("Tillbridge_Hand\\remove_order", [order, True])) == ["delete_order"]


def test_each_line_of_an_order_is_told_of_once_when_it_is_first_saved(site: Site, shim: RigShim, product: int) -> None:
    order = shim.sell(product, 1)
    for flow, new in (("wc_double_add_costs", 2), ("wc_double_edit_line", 0)):
        line = site.call("Tillbridge_Hand\\lines_of", order)[0]
        act = site.act((flow, [order] if new else [order, line, 3]))
        assert act.diary["fired"].count("new_order_item") == new
