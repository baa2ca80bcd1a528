"""WordPress' tools for a person's data reach what the daemon holds; one that is away is never taken for one that holds
nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.wordpress.rig import Site
from tests.wordpress.scripted_daemon import ScriptedDaemon

EXPORT, ERASE = "/v1/control/people/export", "/v1/control/people/erase"
ADMIN = "SELECT user_email FROM wp_users WHERE ID = 1"


@pytest.fixture
def daemon(site: Site) -> Iterator[ScriptedDaemon]:
    with ScriptedDaemon(site.secret) as daemon:
        site.connect(daemon.listener)
        yield daemon
    site.connect("")


@pytest.fixture
def email(site: Site) -> str:
    return site.sql(ADMIN)[0][0]


def about(site: Site, what: str, email: str) -> dict[str, Any]:
    found: dict[str, Any] = site.call("Tillbridge_Hand\\about_person", what, email)
    return found


def test_what_the_daemon_holds_is_exported(site: Site, daemon: ScriptedDaemon, email: str) -> None:
    daemon.say(EXPORT, {"items": [{"name": "Person at the till", "value": "4711"}]})
    found = about(site, "exporter", email)
    assert found["done"] is True
    (group,) = found["data"]
    assert group["data"] == [{"name": "Person at the till", "value": "4711"}]


def test_nothing_held_is_nothing_exported(site: Site, daemon: ScriptedDaemon, email: str) -> None:
    daemon.say(EXPORT, {"items": []})
    assert about(site, "exporter", email) == {"data": [], "done": True}


def test_an_erasure_says_what_was_removed_and_what_was_kept(site: Site, daemon: ScriptedDaemon, email: str) -> None:
    daemon.say(ERASE, {"removed": True, "retained": True, "messages": ["The till keeps its receipts."]})
    assert about(site, "eraser", email) == {
        "items_removed": True, "items_retained": True, "messages": ["The till keeps its receipts."], "done": True,
    }  # fmt: skip


def test_only_the_number_of_the_account_is_told(site: Site, daemon: ScriptedDaemon, email: str) -> None:
    daemon.say(ERASE, {"removed": False, "retained": False, "messages": []})
    assert about(site, "eraser", "nobody@nowhere.example")["items_removed"] is False
    about(site, "eraser", email)
    assert [body["customer"] for body in daemon.told(ERASE)] == ["1"]
    assert email not in repr(daemon.heard)


def test_a_guest_is_named_by_their_latest_order(site: Site, daemon: ScriptedDaemon) -> None:
    rows = ", ".join(f"({at}, 'wc-completed', 'shop_order', 0, 'guest@nowhere.example')" for at in (900001, 900002))
    site.sql(f"INSERT INTO wp_wc_orders (id, status, type, customer_id, billing_email) VALUES {rows}")
    daemon.say(ERASE, {"removed": True, "retained": False, "messages": []})
    assert about(site, "eraser", "guest@nowhere.example")["items_removed"] is True
    assert [body["customer"] for body in daemon.told(ERASE)] == ["order:900002"]
    assert "nowhere.example" not in repr(daemon.heard)
    site.sql("DELETE FROM wp_wc_orders WHERE id > 900000")


@pytest.mark.parametrize("status", [500, 404])
def test_a_daemon_that_cannot_say_is_told_as_such(site: Site, daemon: ScriptedDaemon, email: str, status: int) -> None:
    for path in (EXPORT, ERASE):
        daemon.refuse(path, status, "storage", "The disk is full.")
    (group,) = about(site, "exporter", email)["data"]
    assert "The disk is full." in group["data"][0]["value"]
    erased = about(site, "eraser", email)
    assert (erased["items_removed"], erased["items_retained"]) == (False, True)
    assert "once it answers. The disk is full." in erased["messages"][0]


def test_a_daemon_that_is_away_is_never_one_that_holds_nothing(site: Site, email: str) -> None:
    site.connect("http://127.0.0.1:9")
    (group,) = about(site, "exporter", email)["data"]
    erased = about(site, "eraser", email)
    site.connect("")
    assert "could not be asked" in group["data"][0]["value"]
    assert erased["items_retained"] is True
