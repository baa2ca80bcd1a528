"""Who removes the plugin finds a shop as it was before: no table, no option, no user, no key, nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wordpress.pairing import PairingDaemon, connection, pair, traces
from tests.wordpress.rig import Site
from tests.wordpress.shim import RigShim

NOTHING: dict[str, list[list[str]]] = {
    name: [] for name in ("tables", "options", "values", "users", "user meta", "keys", "posts")
}
PLUGIN = "tillbridge/tillbridge.php"


@pytest.fixture
def used(site: Site) -> Iterator[None]:
    """A shop that was paired, has sold, and is broken off; installed again afterwards."""
    with PairingDaemon() as daemon:
        site.act(("update_option", ["tillbridge_connection", ""]), ("delete_option", ["tillbridge_site"]))
        assert pair(site, daemon.print_code()) is True
        shim = RigShim(site)
        shim.sell(shim.make_product("9"), 2)
    shim.sell(shim.make_product("9"), 2)
    assert site.call("get_option", "tillbridge_breaker") is not False
    site.call("update_option", "tillbridge_books", {"books-1": 5})
    yield
    site.call("Tillbridge_Hand\\install_again")
    site.connect("")


def uninstall(site: Site, *active: str) -> None:
    """Deactivate and delete, as wp-admin does; only these other plugins are active."""
    site.call("update_option", "active_plugins", list(active))
    site.call("Tillbridge_Hand\\uninstall", PLUGIN)
    site.call("update_option", "recently_activated", [])
    site.call("update_option", "uninstall_plugins", [])


def test_nothing_is_left_of_a_plugin_that_was_removed(site: Site, used: None) -> None:
    uninstall(site, "woocommerce/woocommerce.php")
    site.call("update_option", "active_plugins", ["woocommerce/woocommerce.php"])
    assert traces(site) == NOTHING


def test_nothing_is_left_where_woocommerce_was_removed_first(site: Site, used: None) -> None:
    keys = site.sql("SELECT COUNT(*) FROM wp_woocommerce_api_keys")
    assert keys == [["1"]]
    site.sql("RENAME TABLE wp_woocommerce_api_keys TO gone")
    uninstall(site)
    site.sql("RENAME TABLE gone TO wp_woocommerce_api_keys; DELETE FROM wp_woocommerce_api_keys")
    assert traces(site) == NOTHING


def test_what_the_daemon_made_in_the_shop_stays(site: Site, used: None) -> None:
    """Products that came from the till belong to the shop: they pass to an administrator."""
    user = connection(site)["user_id"]
    post = site.call("wp_insert_post", {"post_title": "Cup", "post_type": "product", "post_author": user})
    uninstall(site, "woocommerce/woocommerce.php")
    assert site.sql(f"SELECT post_author FROM wp_posts WHERE ID = {post}") == [["1"]]


def test_switching_it_off_and_on_keeps_everything(site: Site, used: None) -> None:
    before, stored = traces(site), connection(site)
    site.call("Tillbridge_Hand\\switch_off_and_on", PLUGIN)
    assert (traces(site), connection(site)) == (before, stored)
