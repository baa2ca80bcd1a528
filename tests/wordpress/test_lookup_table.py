"""WooCommerce's lookup table shows another level than there is, after a write by SQL: the page of levels says so."""

from __future__ import annotations

from tests.contracts.shim_caller import Caller, change, key
from tests.wordpress.rig import Site
from tests.wordpress.shim import RigShim


def test_a_level_that_the_lookup_table_has_otherwise_is_told_beside_the_true_one(site: Site, caller: Caller) -> None:
    product = RigShim(site).make_product("5")
    assert "lookup" not in caller.level(product)
    site.sql(f"UPDATE wp_postmeta SET meta_value = '3.000000' WHERE post_id = {product} AND meta_key = '_stock'")
    row = caller.level(product)
    assert (row["level"], row["lookup"]) == ("3", "5")
    site.sql(f"DELETE FROM wp_wc_product_meta_lookup WHERE product_id = {product}")
    assert caller.level(product)["lookup"] is None
    site.sql(f"DELETE FROM wp_postmeta WHERE post_id = {product} AND meta_key = '_stock'")
    assert "lookup" not in caller.level(product), "of a level that nobody knows nothing is said"


def test_our_own_changes_keep_the_lookup_table_in_step(site: Site, caller: Caller) -> None:
    product = RigShim(site).make_product("5")
    caller.apply(change(product, "-2", key()))
    row = caller.level(product)
    assert (row["level"], "lookup" in row) == ("3", False)
