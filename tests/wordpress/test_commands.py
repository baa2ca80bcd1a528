"""What `wp tillbridge` says about shop, daemon and till, and the exit status that a script can trust."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest

from tests.browser.daemon_double import status
from tests.wordpress.command_line import CommandLine
from tests.wordpress.rig import Site
from tests.wordpress.scripted_daemon import ScriptedDaemon
from tillbridge.sides import signing

WELL, FOUND, WRONG_USE, UNREACHABLE, REFUSED = range(5)
WP_CLI_ITSELF = 1
NOBODY = "http://127.0.0.1:1"

READING = [
    ("/v1/control/status", ("status",)),
    ("/v1/control/doctor", ("doctor",)),
    ("/v1/control/check", ("check",)),
    ("/v1/control/sync", ("sync",)),
    ("/v1/control/resync", ("resync", "CUP")),
    ("/v1/control/queue", ("queue", "list")),
    ("/v1/control/queue/retry", ("queue", "retry", "all")),
    ("/v1/control/webhook", ("webhook", "status")),
    ("/v1/control/webhook", ("webhook", "enable")),
]
STRANGE: list[dict[str, object]] = [
    {},
    {"in_step": "yes", "links": None, "held_out": 3, "paused": "pos", "sides": [1, 2], "hops": "none", "well": 1},
    {"sides": {"store": None, "pos": {"reachable": None, "problems": [[]], "facts": 1}}, "rows": {"a": 1}, "policy": 7},
    {"rows": [[], {"id": []}], "held_out": [{}], "hops": [{}], "policy": [{}], "changed": "many", "enabled": 1},
]


@pytest.fixture
def wp(site: Site) -> CommandLine:
    return CommandLine(site)


@pytest.fixture
def daemon(site: Site) -> Iterator[ScriptedDaemon]:
    """The daemon to which this shop is connected, by hand."""
    with ScriptedDaemon(site.secret) as daemon:
        site.connect(daemon.listener)
        yield daemon
    site.connect("")


def test_status_says_that_shop_and_till_are_in_step(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    said = wp("status")
    assert (said.status, said.err) == (WELL, "")
    assert said.out.startswith("Shop and till are in step.\n")
    assert (said.field("products linked"), said.field("parked"), said.field("paused")) == ("12", "0", "none")
    assert said.field("pos") == "reachable, heard 1 s ago"


def test_status_finds_something_while_something_waits(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    away = {"reachable": False, "away_seconds": 600, "trouble": "connection refused", "feed_read_seconds_ago": 601}
    sides = {"store": status()["sides"], "pos": away}
    daemon.status = status(in_step=False, waiting=3, parked=1, held_out={"no_sku": 2}, paused=["pos"], sides=sides)
    said = wp("status")
    assert said.status == FOUND
    assert said.field("changes waiting") == "3"
    assert said.field("held out") == "no_sku 2"
    assert said.field("pos") == "AWAY for 10 min: connection refused"
    assert wp("status", "--format=json").json["daemon"]["paused"] == ["pos"]


def test_status_says_first_why_the_daemon_has_stopped(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    why = "the database of the store is not the one of before; say `tillbridge resume`"
    daemon.status = status(in_step=False, paused=["pos", "store"], stopped={"pos": why, "store": why})
    said = wp("status")
    assert said.status == FOUND
    assert said.out.startswith(f"Nothing is written, to be safe: {why}\n")
    assert said.field("stopped") == why
    daemon.status = status(stopped={})
    assert wp("status").field("stopped") == "no"
    assert wp("status", "--format=json").json["daemon"]["stopped"] == {}


def test_status_knows_what_this_shop_knows_while_the_daemon_is_away(wp: CommandLine, site: Site) -> None:
    site.connect(NOBODY)
    said = wp("status", "--format=json")
    assert said.status == UNREACHABLE
    assert NOBODY in said.err
    assert (said.json["state"], said.json["in_step"], said.json["daemon"]) == ("paired", None, None)
    assert said.json["shop"]["unacknowledged"] == 0
    assert said.json["trouble"]["code"] == "unreachable"


@pytest.mark.parametrize(
    "words", [("status",), ("doctor",), ("check",), ("sync",), ("outbox", "flush"), ("disconnect",)]
)
def test_a_shop_that_is_not_connected_says_how_to_connect_it(
    site: Site, wp: CommandLine, words: tuple[str, ...]
) -> None:
    site.call("update_option", "tillbridge_connection", "")
    said = wp(*words)
    site.connect("")
    assert said.status == WRONG_USE
    assert "connect CODE" in said.out + said.err


@pytest.mark.parametrize("words", [("status",), ("doctor",)])
def test_a_copy_says_so_first_and_asks_nobody(
    site: Site, wp: CommandLine, daemon: ScriptedDaemon, words: tuple[str, ...]
) -> None:
    site.connect(daemon.listener, address_hash="0" * 64)
    said = wp(*words)
    assert said.status == FOUND
    assert said.err.startswith(f"Warning: This shop answers at {site.url}, but it was paired at another address.")
    assert daemon.heard == []


def test_resync_compares_the_lines_of_an_order(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    line = {"line": "3", "sku": "CUP", "ref": "51", "holds": "2", "known": "0", "difference": "2", "note": ""}
    order = {"order": "9001", "status": "processing", "words": "its lines differ", "lines": [line]}
    daemon.say("/v1/control/resync", {"what": "9001", "in_step": False, "rows": [], "order": order})
    said = wp("resync", "9001")
    assert said.status == FOUND
    assert said.out.startswith("Order 9001: its lines differ.\n")
    assert "3\tCUP\t51\t2\t0\t2\t" in said.out


@pytest.mark.parametrize("words", [("check",), ("sync",), ("queue", "list"), ("outbox", "flush"), ("resync", "CUP")])
def test_a_copy_is_refused_everything_else(
    site: Site, wp: CommandLine, daemon: ScriptedDaemon, words: tuple[str, ...]
) -> None:
    site.connect(daemon.listener, address_hash="0" * 64)
    said = wp(*words)
    assert (said.status, daemon.heard) == (REFUSED, [])
    assert "site moved" in said.err


@pytest.mark.parametrize("words", [("status",), ("sync",), ("disconnect", "--yes")])
def test_what_somebody_else_answers_on_the_daemons_port_is_not_believed(
    site: Site, wp: CommandLine, daemon: ScriptedDaemon, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr(signing, "prove", lambda *_: "v1=" + "0" * 64)
    said = wp(*words)
    assert said.status != WELL
    assert "Something else than a Tillbridge daemon answers" in said.out + said.err
    assert site.call("get_option", "tillbridge_connection")["secret"] == site.secret


@pytest.mark.parametrize("answer", STRANGE)
@pytest.mark.parametrize(("path", "words"), READING)
def test_what_the_daemon_leaves_out_reads_unknown(
    wp: CommandLine, daemon: ScriptedDaemon, path: str, words: tuple[str, ...], answer: dict[str, object]
) -> None:
    daemon.say(path, answer)
    said = wp(*words)
    text = (said.out + said.err).lower()
    assert "unknown" in text or "does not say" in text or "named none" in text
    assert "php" not in said.err.lower()
    assert said.status in (WELL, FOUND)


def test_a_number_that_is_missing_is_not_zero(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    daemon.say("/v1/control/status", {"links": 3})
    said = wp("status")
    assert said.status == FOUND
    assert [said.field(name) for name in ("in step", "products linked", "parked", "held out", "pos")] == [
        "unknown",
        "3",
        "unknown",
        "unknown",
        "unknown",
    ]
    assert wp("status", "--format=json").json["in_step"] is None


def test_doctor_finds_no_problem_where_there_is_none(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    said = wp("doctor")
    assert (said.status, said.err) == (WELL, "")
    assert "No problem was found." in said.out
    assert "\nshop\tREST route\twell\t" in said.out
    assert "\nshop\tlistener\twell\t" in said.out
    assert "\nshop\tfastcgi_finish_request\tunknown\tnot knowable on the command line" in said.out
    assert "\ndaemon\tsignature\twell\taccepted\t" in said.out


def test_doctor_shows_what_the_daemon_finds_with_its_fix(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    hop = {"name": "pos", "state": "problem", "detail": "token refused", "fix": "put a new one into the settings"}
    daemon.say("/v1/control/doctor", {"well": False, "hops": [hop]})
    said = wp("doctor", "--format=json")
    assert said.status == FOUND
    assert said.json[-1] == {"seen_from": "daemon", "hop": "pos", **{k: hop[k] for k in ("state", "detail", "fix")}}


def test_what_the_daemon_could_not_look_at_is_not_well(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    hop = {"name": "pos", "state": "unknown", "detail": "did not answer within 8 s", "fix": ""}
    daemon.say("/v1/control/doctor", {"well": False, "hops": [hop]})
    said = wp("doctor")
    assert said.status == FOUND
    assert said.out.endswith("No problem was found, but not everything could be looked at.\n")


def test_doctor_tries_every_local_hop_also_without_a_daemon(wp: CommandLine, site: Site) -> None:
    site.connect(NOBODY)
    said = wp("doctor", "--format=json")
    assert said.status == UNREACHABLE
    states = {one["hop"]: one["state"] for one in said.json}
    assert states["listener"] == "problem"
    assert [states[name] for name in ("plugin", "tables", "REST route", "outbox", "database clock")] == ["well"] * 5
    assert all(one["fix"] for one in said.json if one["state"] == "problem")


def test_doctor_tells_another_program_from_a_daemon(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    daemon.healthy = {"hello": "world"}
    said = wp("doctor")
    assert said.status == UNREACHABLE
    assert "is not a Tillbridge daemon" in said.out
    assert daemon.heard == []


def test_doctor_says_that_the_secret_does_not_fit(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    daemon.secret = "another"
    said = wp("doctor")
    assert said.status == REFUSED
    assert "\nshop\tsignature\tproblem\t" in said.out
    assert "pair again" in said.out


def test_doctor_says_that_the_user_of_the_pairing_is_gone(wp: CommandLine, site: Site, daemon: ScriptedDaemon) -> None:
    site.connect(daemon.listener, user_id=4711)
    said = wp("doctor")
    assert said.status == FOUND
    assert "\nshop\tREST key\tproblem\tthe user made at pairing (number 4711) is gone\tpair again" in said.out


def test_a_missing_table_is_named_and_what_it_held_is_unknown(
    site: Site, wp: CommandLine, daemon: ScriptedDaemon
) -> None:
    site.sql("RENAME TABLE wp_tillbridge_outbox TO wp_elsewhere")
    try:
        doctor, standing = wp("doctor", "--format=json"), wp("status")
        listed = wp("outbox", "list", "--format=json")
    finally:
        site.sql("RENAME TABLE wp_elsewhere TO wp_tillbridge_outbox")
    hops = {one["hop"]: one for one in doctor.json if one["seen_from"] == "shop"}
    assert "wp_tillbridge_outbox is missing" in hops["tables"]["detail"]
    assert (doctor.status, hops["tables"]["state"], hops["outbox"]["state"]) == (FOUND, "problem", "unknown")
    assert standing.field("events not told") == "unknown"
    assert (listed.status, listed.out) == (REFUSED, "")
    assert listed.err.startswith("Error: Something broke in this shop: cannot read from the database: ")


def test_an_older_daemon_is_to_be_updated(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    daemon.refuse("/v1/control/check", 404, "no_such_route", "no such route")
    said = wp("check")
    assert said.status == REFUSED
    assert "update it" in said.err


def test_check_lists_problems_products_and_rules(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    held = {"side": "store", "ref": "51", "sku": "", "name": "Mug", "reason": "no_sku", "sentence": "has no SKU"}
    answer: dict[str, object] = {
        "well": False,
        "sides": {
            "store": {"problems": [], "facts": {"currency": "EUR"}},
            "pos": {"problems": ["no outlet"], "facts": {}},
        },
        "problems": ["orders.start_date lies ahead"],
        "held_out": [held],
        "policy": [{"name": "authority", "value": "both", "source": "default"}],
    }
    daemon.say("/v1/control/check", answer)
    said = wp("check", "--format=csv")
    assert said.status == FOUND
    rows = [tuple(row.values()) for row in csv.DictReader(io.StringIO(said.out))]
    assert rows == [
        ("fact", "store", "currency", "EUR"),
        ("problem", "pos", "", "no outlet"),
        ("problem", "settings", "", "orders.start_date lies ahead"),
        ("held out", "store", "without SKU Mug (51)", "has no SKU"),
        ("policy", "default", "authority", "both"),
    ]
    assert wp("check", "--format=json").json == answer
    daemon.say("/v1/control/check", {"well": True, "sides": {}, "held_out": [], "policy": []})
    assert wp("check").status == WELL


@pytest.mark.parametrize("verb", ["sync", "pause", "resume"])
def test_a_flow_is_steered_by_name_and_all_of_them_without(wp: CommandLine, daemon: ScriptedDaemon, verb: str) -> None:
    daemon.say(f"/v1/control/{verb}", status())
    assert wp(verb, "to-pos").status == WELL
    assert wp(verb, "--format=json").json["in_step"] is True
    assert [body["flow"] for body in daemon.told(f"/v1/control/{verb}")] == ["to-pos", "all"]
    assert wp(verb, "sideways").status == WP_CLI_ITSELF
    assert len(daemon.heard) == 2


def test_the_daemon_is_told_who_asks(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    wp("sync")
    ((_, said),) = daemon.heard
    assert said["actor"].startswith("cli:")
    assert said["capability"] == "shell"


def test_resync_compares_both_sides_of_one_product(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    rows = [
        {"side": "store", "outlet": None, "ref": "51", "level": "7", "known": "7", "difference": "0", "waiting": 0},
        {
            "side": "pos",
            "outlet": "main",
            "ref": "3",
            "level": None,
            "known": "7",
            "difference": None,
            "waiting": 2,
            "note": "the pos cannot be asked now",
        },
    ]
    daemon.say("/v1/control/resync", {"what": "CUP", "in_step": False, "rows": rows})
    said = wp("resync", "CUP")
    assert said.status == FOUND
    assert "pos\tmain\t3\tunknown\t7\tunknown\t2\tthe pos cannot be asked now\n" in said.out
    assert daemon.told("/v1/control/resync")[0]["what"] == "CUP"
    daemon.refuse("/v1/control/resync", 404, "unknown_sku", "no product has the SKU CAP")
    said = wp("resync", "CAP")
    assert said.status == WRONG_USE
    assert "no product has the SKU CAP" in said.err
    assert "  fix: " in said.err


def test_webhook_says_how_it_stands(wp: CommandLine, daemon: ScriptedDaemon) -> None:
    standing = {"supported": True, "enabled": False, "url": None, "detail": "asked every 5 s"}
    daemon.say("/v1/control/webhook", standing)
    said = wp("webhook", "status")
    assert (said.status, said.field("enabled"), said.field("url")) == (WELL, "no", "none")
    assert wp("webhook", "enable").status == FOUND, "it did not become enabled"
    assert wp("webhook", "disable", "--format=json").json == standing
    assert [body.get("do") for body in daemon.told("/v1/control/webhook")] == [None, "enable", "disable"]
