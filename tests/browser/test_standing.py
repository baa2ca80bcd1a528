"""The page says how things stand, in one sentence first, and what needs a person; what nobody knows is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from socket import create_server

import pytest

from tests.browser.daemon_double import DaemonDouble, status
from tests.browser.person import Person
from tests.browser.shop_page import ShopPage
from tests.wordpress.rig import Site

AWAY = {"reachable": False, "away_seconds": 700, "trouble": "connection refused"}
HERE = {"reachable": True, "away_seconds": None, "trouble": ""}
LONGEST_WAIT = 2.0
"""Seconds that a daemon which hangs may add to the page."""

SENTENCES: dict[str, tuple[dict[str, object], str]] = {
    "in step": ({}, "Shop and till are in step."),
    "on its way": ({"in_step": False, "waiting": 1}, "1 change is on its way."),
    "till away": (
        {"in_step": False, "waiting": 3, "sides": {"store": HERE, "pos": AWAY}},
        "3 changes wait for the till, which does not answer since",
    ),
    "shop away": ({"in_step": False, "sides": {"store": AWAY, "pos": HERE}}, "Tillbridge cannot reach this shop"),
    "paused": ({"paused": ["pos"]}, "Paused: somebody has stopped the sync."),
    "stopped": ({"stopped": {"pos": "A backup was put back."}, "in_step": False}, "Tillbridge has stopped writing"),
    "needs a person": ({"in_step": False, "dead": 2}, "2 changes need you"),
    "no links": ({"links": 0}, "Connected, but no product"),
    "not yet": ({"in_step": False}, "Connected. Shop and till are being brought in step."),
    "nothing said": ({"in_step": None, "waiting": None, "parked": None}, "Connected. Shop and till are being"),
}


@pytest.mark.parametrize("case", SENTENCES)
def test_how_things_stand_is_one_sentence(case: str, connected: ShopPage, daemon: DaemonDouble, person: Person) -> None:
    said, sentence = SENTENCES[case]
    daemon.status = status(**said)
    connected.open()
    assert connected.says().startswith(sentence)
    if case == "stopped":
        assert "A backup was put back." in person.reads(".tillbridge-standing")


def test_the_list_says_what_is_known_and_calls_the_rest_unknown(connected: ShopPage, daemon: DaemonDouble) -> None:
    daemon.status = status(waiting=4, oldest_waiting_seconds=150.0, links=None, sides={"store": HERE, "pos": AWAY})
    connected.open()
    assert connected.fact("Connected since").startswith("November 1")
    assert connected.fact("Last contact") == "just now"
    assert connected.fact("Waiting here") == "0"
    assert connected.fact("Waiting there") == "4, the oldest for 3 mins"
    assert connected.fact("Linked products") == "unknown"
    assert connected.fact("It reaches this shop") == "Yes"
    assert connected.fact("It reaches the till").endswith(": connection refused")
    connected.assert_usable()


@pytest.fixture
def mute_port() -> Iterator[int]:
    """Somebody who takes calls and never answers."""
    with create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def test_a_daemon_that_hangs_does_not_keep_the_page(page: ShopPage, person: Person, mute_port: int) -> None:
    usual = page.open()
    page.connect_to(f"http://127.0.0.1:{mute_port}")
    assert page.open() < usual + LONGEST_WAIT
    assert page.says().startswith("The Tillbridge program on the server does not answer")
    assert "Start it on the server" in person.reads(".tillbridge-standing")
    assert page.fact("Program on the server") == f"Does not answer at http://127.0.0.1:{mute_port}"
    assert [page.fact(name) for name in ("It reaches the till", "Waiting there", "Linked products")] == ["unknown"] * 3
    assert page.fact("Waiting here") == "0"
    page.assert_usable()


def test_what_a_daemon_refuses_is_told_in_its_words(page: ShopPage, site: Site) -> None:
    with DaemonDouble("another secret") as stranger:
        page.connect_to(stranger.listener)
        page.open()
        assert page.says().endswith("did not say how things stand: the signature does not fit")


def test_what_needs_a_person_is_listed_with_its_fix_and_tried_again_when_told(
    connected: ShopPage, daemon: DaemonDouble, person: Person, site: Site
) -> None:
    product = site.call("Tillbridge_Hand\\make_product", 5.0)
    daemon.status = status(in_step=False, parked=1, held_out={"blank_sku": 1, "only_here": 41})
    stuck = {"id": 5, "key": "due:pos:3", "side": "pos", "state": "dead", "sku": "TEA", "store_ref": str(product)}
    daemon.rows = [{**stuck, "sentence": "The till says: unknown item. Add it."}, {**stuck, "state": "retrying"}]
    daemon.held_out = [
        {"side": "store", "ref": str(product), "sku": "", "name": "Mug", "sentence": "It has no SKU. Give it one."},
        {"side": "pos", "ref": "77", "sku": "CUP BLUE&1", "name": "Cup", "sentence": "Only at the till."},
    ]
    connected.open()
    dead, blank, alone = (person.line(need) for need in person.all(".tillbridge-needs li"))
    assert dead == "TEA The till says: unknown item. Add it. Edit product (TEA)"
    assert blank == "Mug (in the shop) It has no SKU. Give it one. Edit product (Mug (in the shop))"
    assert alone.startswith("CUP BLUE&1 – Cup (at the till) Only at the till. Find in the shop")
    assert "And 40 more" in person.reads()
    assert f"post={product}&action=edit" in person.links()["Edit product (Mug (in the shop))"]
    assert "s=CUP%20BLUE%261" in person.links()["Find in the shop (CUP BLUE&1 – Cup (at the till))"]
    connected.assert_usable()
    person.press("Try again")
    assert "2 changes are tried again now." in person.reads("[role=status]")
    assert [body["id"] for body in daemon.told("/v1/control/queue/retry")] == ["all"]


def test_look_now_and_test_every_step_are_done_for_who_presses_them(
    connected: ShopPage, daemon: DaemonDouble, person: Person
) -> None:
    connected.open()
    person.press("Look now")
    assert "is looking at shop and till now" in person.reads("[role=status]")
    (told,) = daemon.told("/v1/control/sync")
    assert (told["flow"], told["actor"], told["capability"]) == ("all", "admin", "manage_woocommerce")
    person.press("Test every step")
    assert "Every step from here to the till works." in person.reads("[role=status]")
    assert person.count(".tillbridge-hop") == 1
    daemon.go_away()
    person.press("Look now")
    assert "That did not work: The Tillbridge daemon did not answer" in person.reads("[role=alert]")


def test_script_in_names_and_in_others_words_is_only_text(
    connected: ShopPage, daemon: DaemonDouble, person: Person
) -> None:
    evil = "\"><img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    row = dict.fromkeys(("key", "side", "sku", "name", "reason", "sentence", "state", "ref", "detail", "fix"), evil)
    away = {**AWAY, "trouble": evil}
    daemon.rows, daemon.held_out, daemon.hops = [{**row, "state": "parked"}], [{**row}], [{**row}]
    daemon.status = status(version=evil, parked=1, held_out={evil: 1}, sides={"store": away, "pos": away})
    connected.open()
    person.press("Test every step")
    assert person.count(".wrap.tillbridge img, .wrap.tillbridge script") == 0
    assert person.reads().count("<script>") >= 6
    assert person.run("return document.title") != "owned"
    connected.assert_usable()
