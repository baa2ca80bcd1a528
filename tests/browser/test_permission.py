"""Only who manages the shop sees the page and presses its buttons, and only on the page itself."""

from __future__ import annotations

import pytest

from tests.browser.daemon_double import DaemonDouble
from tests.browser.shop_page import ShopPage, Visitor
from tests.wordpress.rig import Site

ACTIONS = ("connect", "disconnect", "forget", "moved", "copy", "retry", "sync", "check")


def test_a_shop_manager_may(connected: ShopPage, site: Site, daemon: DaemonDouble) -> None:
    with Visitor(site, "manager", "shop_manager") as manager:
        assert "Shop and till are in step." in manager.open().text
        answer = manager.press("sync", manager.nonce("sync"))
    assert (answer.status_code, answer.headers["Location"]) == (303, connected.url)
    assert [body["actor"] for body in daemon.told("/v1/control/sync")] == ["manager"]


@pytest.mark.parametrize("role", ["customer", "subscriber"])
def test_others_may_not(role: str, connected: ShopPage, site: Site, daemon: DaemonDouble) -> None:
    with Visitor(site, f"some-{role}", role) as visitor:
        assert "Tillbridge" not in visitor.open("/wp-admin/").text
        assert visitor.open().status_code == 403
        answers = [visitor.press(action, visitor.forged_nonce(action)) for action in ACTIONS]
    assert {answer.status_code for answer in answers} == {403}
    assert all("it takes the right to manage the shop" in answer.text for answer in answers)
    assert daemon.commands() == []
    assert connected.state() == "paired"


def test_a_button_needs_the_nonce_of_its_own_form(connected: ShopPage, site: Site, daemon: DaemonDouble) -> None:
    with Visitor(site, "manager", "shop_manager") as manager:
        others = manager.nonce("check")
        daemon.heard.clear()
        answers = [manager.press(action, nonce).status_code for action in ACTIONS[:-1] for nonce in ("", others)]
    assert set(answers) == {403}
    assert daemon.commands() == []
    assert connected.state() == "paired"


def test_a_link_changes_nothing(connected: ShopPage, site: Site, daemon: DaemonDouble) -> None:
    with Visitor(site, "manager", "shop_manager") as manager:
        nonce = manager.nonce("sync")
        assert manager.press("sync", nonce, method="GET").status_code == 405
    assert daemon.told("/v1/control/sync") == []


def test_nobody_puts_words_on_the_page_by_its_address(connected: ShopPage, site: Site) -> None:
    with Visitor(site, "manager", "shop_manager") as manager:
        text = manager.open("/wp-admin/admin.php?page=tillbridge&ask=%22%3Eevil&said=evil&message=evil").text
    body = text[text.index('<div class="wrap tillbridge">') : text.index('<div id="wpfooter"')]
    assert "evil" not in body
    assert "Shop and till are in step." in body
