"""With plain permalinks WooCommerce knows its own routes only when it is told, and looks at no REST key before."""

from __future__ import annotations

import pytest

from tests.wordpress.rig import Call, Site
from tests.wordpress.shim import RigShim


def looks(site: Site, query: str) -> bool:
    """Whether the key is looked at in a request with this query."""
    asked: Call = ("Tillbridge_Hand\\looks_at_key", [query])
    return bool(site.act(asked).results[0])


@pytest.mark.parametrize(
    ("query", "is_ours"),
    [
        ("rest_route=/wc/v3/products&per_page=1", True),
        ("rest_route=/wp/v2/posts", False),
        ("rest_route[]=/wc/v3/products", False),
        ("q=/wc/v3/products", False),
        ("", False),
    ],
)
def test_a_key_opens_what_woocommerce_has_and_nothing_else(
    site: Site, shim: RigShim, query: str, is_ours: bool
) -> None:
    site.connect("")
    assert looks(site, query) is is_ours


def test_without_a_connection_all_is_as_woocommerce_has_it(site: Site, shim: RigShim) -> None:
    site.sql("DELETE FROM wp_options WHERE option_name = 'tillbridge_connection'")
    assert looks(site, "rest_route=/wc/v3/products") is False
    site.connect("")
