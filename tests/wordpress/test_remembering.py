"""What the shop keeps for a daemon whose books were restored: for how long, and what keeping it costs."""

from __future__ import annotations

from typing import Any

from tests.contracts.shim_caller import Caller, change, key
from tests.wordpress.rig import Site
from tests.wordpress.shim import RigShim

OPTION = "option_name = 'tillbridge_books'"


def pull(site: Site, caller: Caller, name: str, counter: int) -> dict[str, Any]:
    """The diary of a pull that says how far the books have come."""
    query = {"books": name, "books_counter": str(counter)}
    headers = {**caller.headers("GET", "/outbox", query, b""), **site.trouble()}
    assert caller.send("GET", "/outbox", f"books={name}&books_counter={counter}", headers).status == 200
    return site.diary(headers)


def writes_of(diary: dict[str, Any]) -> list[str]:
    """Statements that wrote the option."""
    return [sql for sql in diary["ours"] if "tillbridge_books" in sql and not sql.lstrip().startswith("SELECT")]


# --- the daemon's books -----------------------------------------------------------------------------------------------


def test_a_pull_writes_only_where_the_books_have_come_further(site: Site, caller: Caller) -> None:
    name = key()
    counts = [len(writes_of(pull(site, caller, name, counter))) for counter in (5, 5, 3, 6)]
    assert counts == [1, 0, 0, 1]


def test_no_visitor_loads_what_is_known_of_the_books(site: Site, caller: Caller) -> None:
    caller.books(key(), 5)
    assert site.sql(f"SELECT autoload IN ('yes', 'on', 'auto', 'auto-on') FROM wp_options WHERE {OPTION}") == [["0"]]


def test_only_the_last_books_are_remembered(site: Site, caller: Caller) -> None:
    names = [key() for _ in range(6)]
    for name in names:
        caller.books(name, 7)
    assert [caller.books(name, 1)[1] for name in names[1:]] == [7] * 5
    assert caller.books(names[0], 1) == (names[0], None)


def test_books_whose_name_is_a_number_are_books_too(caller: Caller) -> None:
    caller.books("20261122", 7)
    assert caller.books("20261122", 3) == ("20261122", 7)
    assert caller.books() == ("20261122", 7)


def test_an_option_that_somebody_broke_is_as_good_as_none(site: Site, caller: Caller) -> None:
    name = key()
    for broken in ("", "x", [1, "2"], {name: "3"}):
        site.call("update_option", "tillbridge_books", broken)
        assert caller.books(name, 4) == (name, None)


def test_a_copy_of_the_shop_knows_nothing_of_the_books(site: Site, caller: Caller) -> None:
    name = key()
    caller.books(name, 7)
    site.call("Tillbridge\\Schema::begin_anew")
    assert caller.books(name, 1) == (name, None)


# --- how long it is kept ----------------------------------------------------------------------------------------------


def test_events_are_told_again_for_seven_days(site: Site, shim: RigShim, caller: Caller) -> None:
    product = shim.make_product("9")
    shim.sell(product, 1)
    shim.sell(product, 2)
    caller.acknowledge(product)
    first = caller.replay(product)[0]
    aged = "UPDATE wp_tillbridge_outbox SET acked_at = acked_at - INTERVAL {} HOUR WHERE id = {}"
    site.sql(aged.format(7 * 24 - 1, first["n"]))
    caller.post("/outbox/ack", {"ids": []})
    assert caller.replay(product)[0] == first
    site.sql(aged.format(2, first["n"]))
    caller.post("/outbox/ack", {"ids": []})
    assert first not in caller.replay(product)


def test_an_open_row_is_not_told(site: Site, shim: RigShim, caller: Caller) -> None:
    product = shim.make_product("9")
    before = caller.replay(product)
    site.sql(
        "INSERT INTO wp_tillbridge_outbox (uid, topic, object_id, state, delta, happened_at)"
        f" VALUES ('{key()}', 'stock.changed', {product}, 0, '-1', UTC_TIMESTAMP(6))"
    )
    assert caller.replay(product) == before
    site.sql("DELETE FROM wp_tillbridge_outbox WHERE state = 0")


def test_a_settled_key_is_kept_and_listed_for_seven_days(site: Site, shim: RigShim, caller: Caller) -> None:
    product = shim.make_product("9")
    own, void = change(product, "-1"), key()
    caller.apply(own, {"key": void, "void": True})
    caller.apply(settled=(own["key"], void))
    aged = "UPDATE wp_tillbridge_keys SET settled_at = settled_at - INTERVAL {0} HOUR, created_at = created_at -"
    aged += " INTERVAL {0} HOUR, applied_at = applied_at - INTERVAL {0} HOUR"
    site.sql(aged.format(7 * 24 - 1))
    caller.post("/outbox/ack", {"ids": []})
    assert {own["key"], void} <= caller.taken_keys().keys()
    site.sql(aged.format(2))
    caller.post("/outbox/ack", {"ids": []})
    assert not {own["key"], void} & caller.taken_keys().keys()
    assert site.sql(f"SELECT COUNT(*) FROM wp_tillbridge_keys WHERE id IN ('{own['key']}', '{void}')") == [["0"]]


def test_a_key_that_nobody_settled_is_kept_but_no_longer_listed(site: Site, shim: RigShim, caller: Caller) -> None:
    """Else a shop that keeps it for years would tell a daemon of writes that its books have long summed up."""
    own = change(shim.make_product("9"), "-1")
    caller.apply(own)
    site.sql(f"UPDATE wp_tillbridge_keys SET applied_at = applied_at - INTERVAL 8 DAY WHERE id = '{own['key']}'")
    caller.post("/outbox/ack", {"ids": []})
    assert own["key"] not in caller.taken_keys()
    assert caller.apply(own)[0]["status"] == "duplicate"


def test_a_key_without_its_write_is_not_listed(site: Site, caller: Caller) -> None:
    pending = key()
    site.sql(
        "INSERT INTO wp_tillbridge_keys (id, state, product_id, delta, finished, created_at)"
        f" VALUES ('{pending}', 0, 5, -1, 0, UTC_TIMESTAMP(6))"
    )
    assert pending not in caller.taken_keys()
