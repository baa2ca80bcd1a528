"""A request that dies while it moves stock: what really moved is told, once, as soon as it is known to be dead."""

from __future__ import annotations

import pytest

from tests.contracts.shim_caller import Caller, change
from tests.wordpress.rig import Died, Site, Trouble
from tests.wordpress.shim import RigShim

BEFORE_THE_ROW = "woocommerce_product_before_set_stock"
THE_ROW_IS_THERE = "woocommerce_update_product_stock_query"
THE_LEVEL_HAS_MOVED = "woocommerce_updated_product_stock"
THE_CHANGE_IS_OVER = "woocommerce_product_set_stock"
THE_ANSWER_IS_DUE = "shutdown"


@pytest.fixture
def product(shim: RigShim, caller: Caller) -> int:
    """Nine of them, and nothing left to tell."""
    made = shim.make_product("9")
    caller.acknowledge(made)
    return made


def killed(hook: str) -> Trouble:
    """PHP is killed at a hook, before any other callback of it, but for the one right before the UPDATE."""
    return {"at": hook, "do": "kill", "first": hook != THE_ROW_IS_THERE}


def sell_and_die(site: Site, product: int, quantity: int, trouble: Trouble) -> None:
    with pytest.raises(Died):
        site.call("wc_double_make_order", [[product, quantity]], trouble=[trouble])


def five_minutes_pass(site: Site, product: int) -> None:
    """For everything that is known of this product."""
    site.sql(
        f"UPDATE wp_tillbridge_outbox SET happened_at = happened_at - INTERVAL 301 SECOND WHERE object_id = {product};"
        f"UPDATE wp_tillbridge_keys SET applied_at = applied_at - INTERVAL 301 SECOND WHERE product_id = {product}"
    )


def deltas(caller: Caller, product: int) -> list[str]:
    return [event["data"]["delta"] for event in caller.events(product)]


@pytest.mark.parametrize(
    ("hook", "moved", "expected"),
    [
        (BEFORE_THE_ROW, False, []),
        (THE_ROW_IS_THERE, False, []),
        (THE_LEVEL_HAS_MOVED, True, ["-2"]),
        (THE_CHANGE_IS_OVER, True, ["-2"]),
        (THE_ANSWER_IS_DUE, True, ["-2"]),
    ],
)
def test_what_a_killed_sale_moved_is_told_and_nothing_else(
    site: Site, caller: Caller, product: int, hook: str, moved: bool, expected: list[str]
) -> None:
    sell_and_die(site, product, 2, killed(hook))
    assert site.level(product) == (7 if moved else 9)
    assert deltas(caller, product) == []
    five_minutes_pass(site, product)
    assert deltas(caller, product) == expected
    assert deltas(caller, product) == expected
    assert caller.level(product)["moving"] is bool(expected)


@pytest.mark.parametrize(("hook", "expected"), [(THE_ROW_IS_THERE, []), (THE_LEVEL_HAS_MOVED, ["-2"])])
def test_a_fatal_error_of_another_plugin_is_settled_alike(
    site: Site, caller: Caller, product: int, hook: str, expected: list[str]
) -> None:
    """PHP ends then, but in order: our last callback still runs."""
    ended = {**killed(hook), "do": "exit"}
    with pytest.raises(RuntimeError):
        site.call("wc_double_make_order", [[product, 2]], trouble=[ended])
    five_minutes_pass(site, product)
    assert deltas(caller, product) == expected


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        ({"at": "update_post_meta", "do": "kill"}, []),
        ({"query": "/^UPDATE `wp_postmeta` SET `meta_value` = '30'/", "do": "kill"}, []),
        ({"at": "updated_post_meta", "do": "kill", "first": True}, ["21"]),
        ({"at": THE_CHANGE_IS_OVER, "do": "kill", "first": True}, ["21"]),
    ],
    ids=["before the write", "at the write", "after the write", "at the hook"],
)
def test_a_killed_edit_is_settled_by_the_level(
    site: Site, caller: Caller, product: int, trouble: Trouble, expected: list[str]
) -> None:
    with pytest.raises(Died):
        site.call("Tillbridge_Hand\\write_level", product, 30, trouble=[trouble])
    five_minutes_pass(site, product)
    assert deltas(caller, product) == expected
    assert site.level(product) == 9 + sum(int(delta) for delta in expected)


@pytest.mark.parametrize(("hook", "moved"), [(THE_ROW_IS_THERE, False), (THE_LEVEL_HAS_MOVED, True)])
def test_others_that_moved_the_product_meanwhile_are_not_taken_for_the_dead_one(
    site: Site, shim: RigShim, caller: Caller, product: int, hook: str, moved: bool
) -> None:
    sell_and_die(site, product, 2, killed(hook))
    shim.sell(product, 3)
    assert caller.apply(change(product, "1"))[0]["status"] == "applied"
    shim.write_level(product, "40")
    told_before = sum(int(delta) for delta in deltas(caller, product))
    five_minutes_pass(site, product)
    expected = told_before + (-2 if moved else 0)
    assert sum(int(delta) for delta in deltas(caller, product)) == expected


def test_several_dead_sales_are_told_apart(site: Site, caller: Caller, product: int) -> None:
    sell_and_die(site, product, 1, killed(THE_LEVEL_HAS_MOVED))
    sell_and_die(site, product, 2, killed(THE_ROW_IS_THERE))
    sell_and_die(site, product, 4, killed(THE_CHANGE_IS_OVER))
    five_minutes_pass(site, product)
    assert deltas(caller, product) == ["-1", "-4"]
    assert site.level(product) == 4


def test_a_rewritten_update_whose_request_died_is_measured(site: Site, caller: Caller, product: int) -> None:
    clamp = {"rewrite": [r"/meta_value = meta_value (\S+)/", "meta_value = GREATEST(0, meta_value $1)"]}
    with pytest.raises(Died):
        site.call("wc_double_make_order", [[product, 12]], trouble=[clamp, killed(THE_LEVEL_HAS_MOVED)])
    five_minutes_pass(site, product)
    assert deltas(caller, product) == ["-9"]


def test_the_first_line_of_an_order_is_told_where_the_second_died(
    site: Site, shim: RigShim, caller: Caller, product: int
) -> None:
    other = shim.make_product("5")
    caller.acknowledge(other)
    killer = {"at": "woocommerce_reduce_order_item_stock", "do": "call", "calls": [
        ["add_action", [THE_LEVEL_HAS_MOVED, "Tillbridge_Hand\\be_killed", -9999999]],
    ]}  # fmt: skip
    with pytest.raises(Died):
        site.call("wc_double_make_order", [[product, 2], [other, 1]], trouble=[killer])
    five_minutes_pass(site, product)
    five_minutes_pass(site, other)
    assert deltas(caller, product) == ["-2"]
    assert deltas(caller, other) == ["-1"]


def test_a_request_that_is_still_at_work_is_left_alone(site: Site, caller: Caller, product: int) -> None:
    """A young open row of the same product: somebody may be writing it right now."""
    sell_and_die(site, product, 1, killed(THE_LEVEL_HAS_MOVED))
    five_minutes_pass(site, product)
    sell_and_die(site, product, 2, killed(THE_LEVEL_HAS_MOVED))
    assert deltas(caller, product) == []
    five_minutes_pass(site, product)
    assert deltas(caller, product) == ["-1", "-2"]


def test_a_dead_sale_is_not_settled_by_half_a_reading(site: Site, shim: RigShim, caller: Caller, product: int) -> None:
    """Without the sales of others that it could not read, the dead one would seem to have moved their amounts."""
    sell_and_die(site, product, 2, killed(THE_ROW_IS_THERE))
    shim.sell(product, 3)
    five_minutes_pass(site, product)
    fails = {"query": "/^SELECT happened_at, delta FROM wp_tillbridge_outbox/", "do": "fail"}
    headers = {**caller.headers("GET", "/outbox", {}, b""), **site.trouble(fails)}
    assert caller.send("GET", "/outbox", "", headers).status == 200
    site.forget_notes()
    assert deltas(caller, product) == ["-3"]
