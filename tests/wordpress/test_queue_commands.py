"""What a person does about changes that wait: in `wp tillbridge queue` and `wp tillbridge outbox`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wordpress.command_line import CommandLine
from tests.wordpress.rig import Site
from tests.wordpress.scripted_daemon import ScriptedDaemon

WELL, FOUND, WRONG_USE, UNREACHABLE, REFUSED = range(5)

HOSTILE = "CUP\x1b[2J\r\n\u202eevil"
PARKED: dict[str, object] = {
    "id": 17,
    "key": "stock:pos:CUP",
    "side": "pos",
    "state": "parked",
    "reason": "refused",
    "sentence": "the till says no",
    "attempts": 4,
    "due_at": None,
    "created_at": "2026-11-22T10:11:12Z",
}
HELD = {
    "side": "store",
    "ref": "51",
    "sku": HOSTILE,
    "name": "Cup",
    "reason": "duplicate_sku",
    "sentence": "two have it",
}


@pytest.fixture
def wp(site: Site) -> CommandLine:
    return CommandLine(site)


@pytest.fixture
def daemon(site: Site) -> Iterator[ScriptedDaemon]:
    """The daemon to which this shop is connected, by hand; nothing waits in the outbox."""
    site.sql("DELETE FROM wp_tillbridge_outbox")
    with ScriptedDaemon(site.secret) as daemon:
        site.connect(daemon.listener)
        daemon.say("/v1/control/queue", {"rows": [PARKED], "held_out": [HELD], "total": 1})
        yield daemon
    site.sql("DELETE FROM wp_tillbridge_outbox")
    site.connect("")


def add_rows(site: Site, number: int, state: int = 1) -> None:
    """Put rows into the outbox, as if so many products had been edited while the daemon was away."""
    site.sql(
        "INSERT INTO wp_tillbridge_outbox (uid, topic, object_id, state, data, happened_at)"
        f" SELECT MD5(UUID()), 'product.changed', seq, {state}, JSON_OBJECT('product_id', seq), UTC_TIMESTAMP(6)"
        f" FROM seq_1_to_{number}"
    )


def test_queue_lists_changes_and_held_out_products_together(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    said = wp("queue", "list", "--format=json")
    assert said.status == FOUND
    assert [(one["id"], one["state"], one["what"]) for one in said.json] == [
        ("17", "parked", "stock:pos:CUP"),
        ("", "held out", HOSTILE),
    ]
    assert said.json[0]["due_at"] is None
    assert wp("queue", "list", "--format=count").out == "2"
    assert wp("queue", "list", "--state=held-out", "--format=count").out == "1"


def test_queue_asks_only_for_what_is_wanted(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    said = wp("queue", "list", "--state=parked", "--limit=5", "--format=count")
    assert said.out == "1"
    asked = daemon.told("/v1/control/queue")[0]
    assert (asked["state"], asked["limit"]) == ("parked", "5")


@pytest.mark.parametrize("format", ["table", "csv", "yaml"])
def test_what_others_wrote_does_not_steer_the_terminal(wp: CommandLine, daemon: ScriptedDaemon, format: str) -> None:
    daemon.refuse("/v1/control/resync", 404, "unknown_sku", HOSTILE)
    said = wp("queue", "list", f"--format={format}").out + wp("resync", HOSTILE).err
    assert not {"\x1b", "\r", "\u202e"} & set(said)
    assert r"CUP\x1b[2J\r\n\u202eevil" in said.replace("\\\\", "\\")


def test_queue_says_that_it_shows_not_all(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    daemon.say("/v1/control/queue", {"rows": [PARKED], "held_out": [], "total": 250})
    assert "1 of 250" in wp("queue", "list").err


def test_an_empty_queue_is_well(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    daemon.say("/v1/control/queue", {"rows": [], "held_out": [], "total": 0})
    said = wp("queue", "list", "--format=json")
    assert (said.status, said.json) == (WELL, [])


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "many", "1e3"])
def test_a_limit_is_a_number_within_bounds(wp: CommandLine, daemon: ScriptedDaemon, limit: str) -> None:
    assert wp("queue", "list", f"--limit={limit}").status == WRONG_USE
    assert daemon.heard == []


def test_queue_shows_one_change_whole(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    row = {**PARKED, "kind": "move", "lane": "stock:pos:CUP", "body": {"sku": HOSTILE}}
    daemon.say("/v1/control/queue/item", {"row": row})
    assert wp("queue", "show", "17", "--format=json").json == row
    said = wp("queue", "show", "17")
    assert (said.status, said.field("sentence"), said.field("due_at")) == (WELL, "the till says no", "unknown")
    daemon.refuse("/v1/control/queue/item", 404, "unknown_message", "there is no change 18")
    assert wp("queue", "show", "18").status == WRONG_USE
    assert [body["id"] for body in daemon.told("/v1/control/queue/item")] == ["17", "17", "18"]


def test_changes_are_tried_again_and_released(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    daemon.say("/v1/control/queue/retry", {"changed": 3})
    daemon.say("/v1/control/queue/release", {"changed": 1})
    assert wp("queue", "retry", "all").out == "Success: 3 changes were tried again.\n"
    assert wp("queue", "release", "17").out == "Success: 1 change was released.\n"
    assert daemon.told("/v1/control/queue/retry")[0]["id"] == "all"
    assert daemon.told("/v1/control/queue/release")[0]["id"] == 17
    assert wp("queue", "retry", "seventeen").status == WRONG_USE


def test_a_change_is_given_up_only_with_a_reason_and_a_yes(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    daemon.say("/v1/control/queue/discard", {"changed": 1})
    assert wp("queue", "discard", "17").status != WELL
    assert wp("queue", "discard", "17", "--reason= ", "--yes").status == WRONG_USE
    assert wp("queue", "discard", "17", "--reason=counted by hand").status == WRONG_USE, "nobody there to answer"
    assert wp("queue", "discard", "17", "--reason=counted by hand", answer="n\n").status == WRONG_USE
    assert daemon.heard == []
    assert wp("queue", "discard", "17", "--reason=counted by hand", answer="y\n").status == WELL
    ((_, body),) = daemon.heard
    assert (body["id"], body["reason"]) == (17, "counted by hand")


def test_outbox_lists_what_nobody_acknowledged(site: Site, wp: CommandLine, daemon: ScriptedDaemon) -> None:
    add_rows(site, 3)
    add_rows(site, 1, state=0)
    add_rows(site, 1, state=2)
    rows = wp("outbox", "list", "--format=json").json
    assert [(one["topic"], one["object"], one["state"]) for one in rows] == [
        ("product.changed", 1, "sealed"),
        ("product.changed", 2, "sealed"),
        ("product.changed", 3, "sealed"),
        ("product.changed", 1, "open"),
    ]
    assert rows[0]["at"].endswith("Z")
    assert wp("outbox", "list", "--state=open", "--format=count").out == "1"
    said = wp("outbox", "list", "--limit=2")
    assert (said.status, said.err) == (WELL, "Warning: These are the oldest 2 of 4; --limit shows more.\n")


def test_outbox_lists_a_movement_of_stock_with_its_cause(site: Site, wp: CommandLine, daemon: ScriptedDaemon) -> None:
    site.connect("")
    product = site.call("Tillbridge_Hand\\make_product", 7.0)
    site.call("wc_double_make_order", [[product, 2]])
    rows = wp("outbox", "list", "--format=json").json
    assert [(one["object"], one["delta"], one["cause"]) for one in rows if one["topic"] == "stock.changed"] == [
        (product, "-2", "order_line")
    ]


def test_flush_tells_all_in_pages_whatever_the_breaker_says(
    site: Site, wp: CommandLine, daemon: ScriptedDaemon
) -> None:
    add_rows(site, 1203)
    site.call("update_option", "tillbridge_breaker", {"until": 9999999999, "failures": 5})
    said = wp("outbox", "flush")
    assert said.status == WELL
    assert said.out == "Success: 1203 events were acknowledged, none remains.\n"
    assert said.err == "Telling the daemon: 1203 of 1203\n"
    assert daemon.pages == [500, 500, 203]
    assert site.call("get_option", "tillbridge_breaker") is False


def test_flush_ends_where_the_daemon_acknowledges_nothing(site: Site, wp: CommandLine, daemon: ScriptedDaemon) -> None:
    add_rows(site, 2)
    answers: list[dict[str, object]] = [{}, {"acked": []}, {"acked": "all"}, {"acked": [1, None, {}]}]
    for answer in answers:
        daemon.say("/v1/events", answer)
        said = wp("outbox", "flush")
        assert (said.status, said.out) == (FOUND, "")
        assert "0 events were acknowledged, 2 remain." in said.err


def test_flush_sends_halves_where_a_page_is_too_much(site: Site, wp: CommandLine, daemon: ScriptedDaemon) -> None:
    add_rows(site, 5)
    daemon.refuse("/v1/events", 413, "too_large", "too much at once")
    said = wp("outbox", "flush")
    assert said.status == WRONG_USE
    assert "too much at once" in said.err
    assert (daemon.pages[0], min(daemon.pages)) == (5, 1)


def test_flush_says_what_remains_where_the_daemon_is_away(site: Site, wp: CommandLine, daemon: ScriptedDaemon) -> None:
    add_rows(site, 2)
    daemon.go_away()
    said = wp("outbox", "flush")
    assert said.status == UNREACHABLE
    assert "0 events were acknowledged, 2 remain." in said.err
    add_rows(site, 1, state=0)
    assert "(1 more of requests that have not ended)" in wp("outbox", "flush").err
