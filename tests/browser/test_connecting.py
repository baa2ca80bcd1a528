"""A person connects the shop with a code, is told what is wrong with one, and parts from the daemon."""

from __future__ import annotations

from selenium.webdriver.common.by import By

from tests.browser.daemon_double import DaemonDouble
from tests.browser.person import Person
from tests.browser.shop_page import ShopPage
from tests.wordpress.rig import Site

FIELD = "#tillbridge-code"


def test_a_person_connects_with_a_code_and_sees_every_step_of_the_way(
    page: ShopPage, person: Person, daemon: DaemonDouble
) -> None:
    daemon.hops += [{"name": "REST key", "state": "problem", "detail": "401", "fix": "Connect <b>again</b>."}]
    page.open()
    assert page.says() == "Not connected yet."
    page.assert_usable()
    person.type(FIELD, "  " + daemon.print_code().lower().replace("-", " "))
    person.press("Connect")
    assert page.state() == "paired"
    assert "This shop is connected. Not every step" in person.reads(".notice-warning[role=alert]")
    assert page.says() == "Shop and till are in step."
    hops = [person.line(hop) for hop in person.all(".tillbridge-hop")]
    assert hops == ["signature Works accepted", "REST key Needs you 401 Connect <b>again</b>."]
    assert page.fact("Site id") == daemon.told("/v1/pair")[0]["site"]
    assert page.fact("Program on the server") == f"Answers at {daemon.listener}, version 9.8.7"
    page.assert_usable()
    page.open()
    assert (person.count(".notice-warning"), person.count(".tillbridge-hop")) == (0, 0), "what is told is told once"


def test_it_all_works_without_javascript(page: ShopPage, person: Person, daemon: DaemonDouble) -> None:
    with person.without_javascript():
        page.open()
        person.type(FIELD, daemon.print_code())
        person.press("Connect")
        person.press("Disconnect this shop …")
        person.press("Yes, disconnect")
        assert page.says() == "Not connected yet."
    assert len(daemon.told("/v1/control/disconnect")) == 1


def test_a_wrong_code_is_explained_beside_its_field(page: ShopPage, person: Person, daemon: DaemonDouble) -> None:
    daemon.print_code()
    page.open()
    person.type(FIELD, f"AAAAA-BBBBB-CCCCC-DDDDD-EEEEE@127.0.0.1:{daemon.port}")
    person.press("Connect")
    complaint = person.find("#tillbridge-code-error")
    assert "typed wrong, has run out, or was used" in complaint.text
    field = person.find(FIELD)
    assert field.get_attribute("aria-invalid") == "true"
    assert "tillbridge-code-error" in str(field.get_attribute("aria-describedby"))
    assert person.run("return document.activeElement.id") == "tillbridge-code", "one can type at once"
    assert field.find_element(By.XPATH, "..").get_attribute("outerHTML") == complaint.find_element(
        By.XPATH, ".."
    ).get_attribute("outerHTML")
    assert page.state() == "unpaired"
    page.assert_usable()


def test_a_code_that_is_none_is_explained_as_well(page: ShopPage, person: Person) -> None:
    page.open()
    person.type(FIELD, "<script>alert(1)</script>")
    person.press("Connect")
    assert person.find("#tillbridge-code-error").text != ""
    assert person.find(FIELD).get_attribute("value") == "", "a code is not written down"


def test_disconnecting_says_what_waits_and_is_only_done_when_confirmed(
    connected: ShopPage, person: Person, daemon: DaemonDouble, site: Site
) -> None:
    daemon.takes_events = False
    site.call("wc_double_make_order", [[site.call("Tillbridge_Hand\\make_product", 5.0), 2]])
    waiting = connected.waiting()
    assert waiting > 1
    connected.open()
    person.press("Disconnect this shop …")
    assert f"{waiting} changes still wait here" in person.reads()
    connected.assert_usable()
    person.press("No, go back")
    assert connected.state() == "paired"
    person.press("Disconnect this shop …")
    person.press("Yes, disconnect")
    assert connected.state() == "unpaired"
    assert "This shop is disconnected." in person.reads("[role=status]")
    assert len(daemon.told("/v1/control/disconnect")) == 1


def test_where_the_daemon_is_gone_one_can_disconnect_here_alone(
    connected: ShopPage, person: Person, daemon: DaemonDouble
) -> None:
    daemon.go_away()
    connected.open()
    person.press("Disconnect this shop …")
    assert person.buttons() == ["Yes, disconnect"], "the hard way is offered only where the other failed"
    person.press("Yes, disconnect")
    assert connected.state() == "paired"
    assert "did not answer" in person.reads("[role=alert]")
    connected.assert_usable()
    person.press("Disconnect here alone")
    assert connected.state() == "unpaired"
