"""A shop that answers at another address asks what it is, everywhere in the shop, and does nothing until told."""

from __future__ import annotations

from tests.browser.daemon_double import DaemonDouble
from tests.browser.person import Person
from tests.browser.shop_page import ShopPage
from tests.wordpress.rig import Site

QUESTION = "has it moved, or is this a copy?"


def test_a_copy_asks_what_it_is_and_asks_nobody_else(
    connected: ShopPage, daemon: DaemonDouble, person: Person, site: Site
) -> None:
    connected.answer_at_another_address()
    connected.open()
    assert f"http://localhost:{site.port}" in connected.says()
    assert connected.says().endswith(QUESTION)
    assert "Nothing is sent and no stock is changed until you say which it is." in person.reads()
    assert person.buttons() == []
    assert daemon.heard == []
    connected.assert_usable()


def test_a_copy_that_is_told_so_is_disconnected_and_the_shop_never_hears_of_it(
    connected: ShopPage, daemon: DaemonDouble, person: Person
) -> None:
    connected.answer_at_another_address()
    connected.open()
    person.press("This is a copy")
    assert "The real shop goes on at its own address" in person.reads()
    connected.assert_usable()
    person.press("No, go back")
    assert connected.state() == "elsewhere"
    person.press("This is a copy")
    person.press("Yes, this is a copy")
    assert connected.state() == "unpaired"
    assert "This is a copy now" in person.reads("[role=status]")
    assert daemon.heard == []


def test_a_shop_that_has_moved_tells_the_daemon_and_goes_on(
    connected: ShopPage, daemon: DaemonDouble, person: Person, site: Site
) -> None:
    connected.answer_at_another_address()
    connected.open()
    person.press("The shop has moved here")
    assert "two shops would sell the same shelf" in person.reads()
    person.press("Yes, the shop has moved here")
    assert connected.state() == "paired"
    assert [body["address"] for body in daemon.told("/v1/control/site")] == [f"http://localhost:{site.port}"]
    assert "This shop has moved here." in person.reads("[role=status]")


def test_a_move_that_the_daemon_did_not_hear_of_is_asked_again(
    connected: ShopPage, daemon: DaemonDouble, person: Person
) -> None:
    connected.answer_at_another_address()
    connected.open()
    daemon.go_away()
    person.press("The shop has moved here")
    person.press("Yes, the shop has moved here")
    assert "That did not work" in person.reads("[role=alert]")
    assert person.buttons() == ["Yes, the shop has moved here"]
    assert connected.state() == "elsewhere"


def test_the_question_stands_on_the_screens_of_the_shop_and_nowhere_else(
    connected: ShopPage, person: Person, site: Site
) -> None:
    products, posts = (f"{site.url}/wp-admin/edit.php{query}" for query in ("?post_type=product", ""))
    person.open(products)
    assert QUESTION not in person.reads("body")
    connected.answer_at_another_address()
    person.open(posts)
    assert QUESTION not in person.reads("body")
    person.open(products)
    assert QUESTION in person.reads(".notice-warning")
    assert person.links()["Say which it is"] == connected.url
    person.turn_away()
