"""A person, a daemon that says what a test wants, and a shop that is left as it was found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.daemon_double import DaemonDouble
from tests.browser.person import Person
from tests.browser.shop_page import ShopPage
from tests.e2e import servers
from tests.wordpress.rig import Site


@pytest.fixture(scope="session")
def browser(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """One browser for all tests, in which the shop's owner is logged in."""
    folder: Path = tmp_path_factory.mktemp("chromium")
    try:
        person = Person(folder)
    except servers.Missing as error:
        pytest.fail(f"{error}; on Debian: sudo apt-get install chromium chromium-driver")
    with person:
        person.log_in(site.url, "admin", site.password)
        yield person


@pytest.fixture
def person(browser: Person, site: Site) -> Iterator[Person]:
    """That person; nothing of ours may complain in the browser's console, nor in PHP's logs."""
    browser.widen()
    browser.turn_away()
    before = len(site.complaints())
    yield browser
    assert browser.complaints() == []
    assert site.complaints()[before:] == []
    assert site.notes() == []


@pytest.fixture
def daemon(site: Site) -> Iterator[DaemonDouble]:
    with DaemonDouble(site.secret) as daemon:
        yield daemon


@pytest.fixture
def page(site: Site, person: Person) -> Iterator[ShopPage]:
    """Our page of a shop that is not connected."""
    home = site.call("get_option", "home")
    site.call("update_option", "tillbridge_connection", "")
    _take_all(site)
    yield ShopPage(site, person)
    site.call("update_option", "home", home)
    site.call("delete_option", "tillbridge_site")
    site.connect("")
    _take_all(site)


def _take_all(site: Site) -> None:
    """As if a daemon had taken all that other tests left."""
    site.sql("UPDATE wp_tillbridge_outbox SET state = 2, acked_at = UTC_TIMESTAMP(6) WHERE state < 2")


@pytest.fixture
def connected(page: ShopPage, daemon: DaemonDouble) -> ShopPage:
    """Our page of a shop that is connected to the daemon at the address where it is."""
    page.connect_to(daemon.listener)
    return page
