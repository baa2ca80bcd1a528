"""What somebody should look at is told once for each object and request, and nothing of the object with it."""

from __future__ import annotations

import pytest

from tests.contracts.shim_caller import Caller
from tests.wordpress.rig import Call, Site, Trouble
from tests.wordpress.shim import RigShim

Told = tuple[str, dict[str, object]]


def look(site: Site, caller: Caller, *calls: Call, trouble: tuple[Trouble, ...] = ()) -> list[Told]:
    """What one request says to look at."""
    since = caller.get("/health").json()["counter"]
    site.act(*calls, trouble=trouble)
    events = caller.get("/outbox", limit=1000).json()["events"]
    new = [event for event in events if event["n"] > since and event["topic"] != "stock.changed"]
    caller.post("/outbox/ack", {"ids": [event["id"] for event in events]})
    return sorted((event["topic"], event["data"]) for event in new)


@pytest.fixture
def product(site: Site, shim: RigShim) -> int:
    """Nine of them, and nothing left to tell of anything."""
    made = shim.make_product("9")
    site.sql("UPDATE wp_tillbridge_outbox SET state = 2, acked_at = UTC_TIMESTAMP(6) WHERE state < 2")
    return made


def test_a_checkout_that_says_eleven_times_that_its_order_changed_is_told_once(
    site: Site, caller: Caller, product: int
) -> None:
    ((topic, data),) = look(site, caller, ("wc_double_block_checkout", [[[product, 2]]]))
    assert (topic, data["status"]) == ("order.changed", "processing")
    assert set(data) == {"order_id", "status"}


def test_a_draft_of_a_checkout_is_no_order(site: Site, caller: Caller, product: int) -> None:
    assert look(site, caller, ("Tillbridge_Hand\\draft", [[[product, 2]]])) == []


def test_an_order_is_told_when_it_changes_goes_and_is_gone(
    site: Site, shim: RigShim, caller: Caller, product: int
) -> None:
    order = shim.sell(product, 2)
    look(site, caller)
    changed: Told = ("order.changed", {"order_id": order, "status": "completed"})
    assert look(site, caller, ("Tillbridge_Hand\\complete", [order])) == [changed]
    trashed = look(site, caller, ("Tillbridge_Hand\\remove_order", [order, False]))
    assert trashed == [("order.trashed", {"order_id": order})]
    deleted = look(site, caller, ("Tillbridge_Hand\\remove_order", [order, True]))
    assert deleted == [("order.deleted", {"order_id": order})]


def test_a_refund_is_told_with_its_order(site: Site, shim: RigShim, caller: Caller, product: int) -> None:
    order = shim.sell(product, 2)
    look(site, caller)
    told = dict(look(site, caller, ("Tillbridge_Hand\\refund", [order, 1, True])))
    assert set(told) == {"order.changed", "refund.created"}
    assert told["refund.created"]["order_id"] == order
    assert isinstance(told["refund.created"]["refund_id"], int)


def test_a_product_is_told_when_more_than_its_level_changes(site: Site, caller: Caller, product: int) -> None:
    changed: Told = ("product.changed", {"product_id": product})
    assert look(site, caller, ("Tillbridge_Hand\\rename", [product, "Mug"])) == [changed]
    twice: list[Call] = [("Tillbridge_Hand\\rename", [product, name]) for name in ("Jug", "Pot")]
    assert look(site, caller, *twice) == [changed]
    assert look(site, caller, ("wc_update_product_stock", [product, 1, "decrease"])) == []


def test_a_product_that_wp_admin_throws_away_is_told(site: Site, caller: Caller, product: int) -> None:
    """wp-admin fires only the hooks of WordPress' posts, none of WooCommerce's."""
    named = {"product_id": product}
    assert look(site, caller, ("wp_trash_post", [product])) == [("product.trashed", named)]
    assert ("product.restored", named) in look(site, caller, ("wp_untrash_post", [product]))
    assert look(site, caller, ("wp_delete_post", [product, True])) == [("product.deleted", named)]


def test_a_post_that_is_no_product_is_nobodys_business(site: Site, caller: Caller) -> None:
    post = site.call("wp_insert_post", {"post_title": "News", "post_status": "publish"})
    assert look(site, caller, ("wp_trash_post", [post]), ("wp_delete_post", [post, True])) == []


def test_a_category_is_told_when_it_changes_and_goes(site: Site, caller: Caller) -> None:
    category = site.call("wp_insert_term", "Cups", "product_cat")["term_id"]
    look(site, caller)
    named = {"category_id": category}
    renamed = look(site, caller, ("wp_update_term", [category, "product_cat", {"name": "Mugs"}]))
    assert renamed == [("category.changed", named)]
    assert look(site, caller, ("wp_delete_term", [category, "product_cat"])) == [("category.deleted", named)]


def test_a_customer_is_told_by_a_number_and_nothing_else(site: Site, caller: Caller) -> None:
    """No name, no address of anybody is ever in a row."""
    person = {"user_login": "ann", "user_pass": "x", "user_email": "ann@example.com", "role": "customer"}
    told = look(site, caller, ("wp_insert_user", [person]))
    ((topic, data),) = told
    assert topic == "customer.changed"
    assert set(data) == {"customer_id"}
    gone = look(site, caller, ("Tillbridge_Hand\\delete_user", [data["customer_id"]]))
    assert gone == [("customer.deleted", data)]
    assert "ann" not in str(site.sql("SELECT data FROM wp_tillbridge_outbox WHERE topic LIKE 'customer%'")).lower()


def test_a_setting_that_the_till_depends_on_is_told(site: Site, caller: Caller) -> None:
    told = look(site, caller, ("update_option", ["woocommerce_currency", "CHF"]))
    site.call("update_option", "woocommerce_currency", "EUR")
    assert told == [("settings.changed", {"what": "currency"})]


def test_what_is_done_as_the_daemons_own_user_over_rest_is_marked_but_stock_never(
    site: Site, caller: Caller, product: int
) -> None:
    site.connect("", user_id=1)
    own: tuple[Trouble, ...] = ({"is": "rest"}, {"user": 1})
    site.act(("Tillbridge_Hand\\rename", [product, "Mug"]), ("Tillbridge_Hand\\write_level", [product, 5]), trouble=own)
    site.connect("")
    page = caller.get("/outbox", limit=1000).json()["events"]
    origins = {event["topic"]: event["origin"] for event in page if event["data"].get("product_id") == product}
    assert origins == {"stock.changed": "store", "product.changed": "tillbridge"}


def test_a_hook_that_brings_the_thing_itself_tells_of_that_thing(
    site: Site, shim: RigShim, caller: Caller, product: int
) -> None:
    told = look(site, caller, ("Tillbridge_Hand\\tell_with_objects", [product]))
    assert told == [("product.changed", {"product_id": product})]
