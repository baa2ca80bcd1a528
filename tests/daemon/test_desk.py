"""What a person asks of a running daemon and of one that is down: on the command line and over the signed address."""

from __future__ import annotations

import csv
import io
import json
import os
import pwd
from collections.abc import Iterator
from contextlib import closing
from sqlite3 import connect
from typing import Any

import pytest
import yaml

from tests.daemon.programs import Program, wait_until
from tests.daemon.rig import Rig

WELL, FOUND, WRONG_USE, UNREACHABLE, REFUSED = range(5)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with Rig(tmp_path_factory.mktemp("desk")) as rig:
        rig.link()
        yield rig


@pytest.fixture
def daemon(rig: Rig) -> Iterator[Program]:
    """The daemon that runs for most of these tests."""
    daemon = rig.running[-1]
    if daemon.ended:
        daemon = rig.start()
    yield daemon
    rig.config()


@pytest.fixture
def parked(rig: Rig, daemon: Program) -> int:
    """The number of an event that nobody understands."""
    name = f"odd-{len(rows(rig, 'all'))}-{os.urandom(4).hex()}"
    assert rig.push({"id": name, "topic": "loyalty.changed", "data": {"points": 5}}).status_code == 200
    wait_until(lambda: bool(numbers(rig, name)), "it is parked")
    (number,) = numbers(rig, name)
    return number


def rows(rig: Rig, state: str) -> Any:
    return json.loads(rig.ask("queue", "list", "--state", state, "--format", "json").stdout)["rows"]


def numbers(rig: Rig, name: str) -> list[int]:
    return [row["id"] for row in rows(rig, "parked") if row["key"] == f"store:{name}"]


def settle_all(rig: Rig) -> None:
    for row in rows(rig, "all"):
        assert rig.ask("queue", "discard", str(row["id"]), "--reason", "a test is over").returncode == WELL


def test_the_doctor_finds_every_hop_well(rig: Rig, daemon: Program) -> None:
    rig.await_rest()
    told = rig.ask("doctor", "--format", "json")
    found = json.loads(told.stdout)
    assert [hop for hop in found["hops"] if hop["state"] != "well"] == []
    assert (told.returncode, told.stderr, found["well"]) == (WELL, "", True)
    assert [hop["name"] for hop in found["hops"]] == [
        "daemon", "listener", "database", "daemon to shop", "shop address", "plugin", "woocommerce", "shop database",
        "shop outbox", "shop clock", "rest key", "pos", "pos clock", "pos outlets", "pos hints", "flows",
        "shop to daemon",
    ]  # fmt: skip


def test_the_doctor_names_the_side_that_is_away_with_its_fix(rig: Rig, daemon: Program) -> None:
    rig.shop.terminate()
    try:
        told = rig.ask("doctor")
        assert told.returncode == FOUND
        assert "problem  daemon to shop:" in told.stdout
        assert "unknown  plugin: the shop was not reached" in told.stdout
        assert "-> Check its address" in told.stdout
    finally:
        rig.shop = rig.open_shop()
        rig.shop.ready()
        rig.running.append(daemon)
    wait_until(lambda: rig.status()["sides"]["store"]["reachable"], "the shop is back")


def test_a_paused_flow_is_no_well_hop(rig: Rig, daemon: Program) -> None:
    rig.ask("pause", "to-pos")
    told = rig.ask("doctor")
    assert rig.ask("resume").returncode == WELL
    assert (told.returncode, "writing to pos is paused" in told.stdout) == (FOUND, True)


def test_the_doctor_looks_for_itself_where_no_daemon_answers(rig: Rig, daemon: Program) -> None:
    assert daemon.terminate() == 0
    told = rig.ask("doctor", "--format", "csv")
    found = {row["name"]: row for row in csv.DictReader(io.StringIO(told.stdout))}
    assert told.returncode == UNREACHABLE
    assert (found["listener"]["state"], "tillbridge run" in found["listener"]["fix"]) == ("problem", True)
    assert {found[name]["state"] for name in ("database", "daemon to shop", "pos", "pos outlets")} == {"well"}


def test_the_doctor_proves_the_way_from_the_shop_when_the_shop_asks(rig: Rig, daemon: Program) -> None:
    query = [("actor", "anna"), ("capability", "manage_woocommerce")]
    (hop,) = [hop for hop in asked(rig, "doctor", query)["hops"] if hop["name"] == "shop to daemon"]
    assert (hop["state"], "this question came that way" in hop["detail"]) == ("well", True)


def asked(rig: Rig, what: str, query: list[tuple[str, str]]) -> Any:
    target = "&".join(f"{name}={value}" for name, value in sorted(query))
    answer = rig.call("GET", f"/v1/control/{what}" + (f"?{target}" if target else ""))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_orders_are_logged_with_the_user_of_this_system(rig: Rig, daemon: Program) -> None:
    assert rig.ask("sync", "to-pos").returncode == WELL
    user = pwd.getpwuid(os.geteuid()).pw_name
    wait_until(lambda: f"sync to-pos by '{user}', on this host" in daemon.said(), "it is logged")


def test_check_tells_the_policy_and_where_it_comes_from_and_no_secret(rig: Rig, daemon: Program) -> None:
    told = rig.ask("check", "--format", "yaml")
    found = yaml.safe_load(told.stdout)
    policy = {row["name"]: (row["value"], row["source"]) for row in found["policy"]}
    value, source = policy["pos.poll_every"]
    assert (value, source.rstrip("0123456789")) == ("1s", "settings file, line ")
    assert policy["pos.sell_from"] == ("main", "first contact")
    assert policy["store.secret"][0] == "file:store"
    assert policy["queue.lease"] == ("60s", "default")
    secrets = (rig.keys.store, rig.keys.till, rig.keys.hints, rig.keys.metrics)
    assert [secret for secret in secrets if secret in told.stdout] == []
    assert asked(rig, "check", [])["policy"] == found["policy"]


def test_check_says_what_keeps_orders_from_becoming_sales(rig: Rig, daemon: Program) -> None:
    config = rig.config({("sync", "profile"): "nexopos", ("stock", "authority"): "pos", ("payments", "cod"): "Casch"})
    told = rig.ask("check", "--format", "json", config=config)
    rig.config()
    found = json.loads(told.stdout)
    policy = {row["name"]: (row["value"], row["source"].rstrip("0123456789")) for row in found["policy"]}
    assert policy["orders.as"] == ("sale", "profile nexopos")
    assert policy["stock.authority"] == ("pos", "settings file, line ")
    assert policy["payments.cod"] == ("Casch", "settings file, line ")
    assert told.returncode == FOUND
    assert [line.partition(":")[0] for line in found["problems"]] == ["orders.default_tax", "people.default_group"]
    (misfit,) = found["sides"]["pos"]["problems"]
    assert misfit.startswith("[payments] cod = Casch names no payment type of the POS, which has: cash, ")


def test_resync_compares_both_sides_of_one_item(rig: Rig, daemon: Program) -> None:
    rig.await_rest()
    told = rig.ask("resync", "CUP", "--format", "json")
    found = json.loads(told.stdout)
    level = str(rig.expected["CUP"])
    assert [(row["side"], row["outlet"], row["level"], row["difference"], row["waiting"]) for row in found["rows"]] == [
        ("store", "", level, "0", 0), ("pos", "main", level, "0", 0),
    ]  # fmt: skip
    assert (told.returncode, found["in_step"]) == (WELL, True)


def test_resync_sees_a_sale_that_nobody_has_told_yet_as_news_and_not_as_a_difference(rig: Rig, daemon: Program) -> None:
    rig.await_rest()
    assert daemon.terminate() == 0
    rig.start({("pos", "poll_every"): "1h", ("pos", "hints"): "no"})
    rig.await_rest()
    rig.ask("pause", "to-store")
    rig.ring("CUP")
    found = json.loads(rig.ask("resync", "CUP", "--format", "json").stdout)
    rig.ask("resume")
    assert [(row["side"], row["difference"], row["waiting"]) for row in found["rows"]] == [
        ("store", "0", 1), ("pos", "0", 0),
    ]  # fmt: skip
    assert found["in_step"] is False
    rig.await_rest()
    assert rig.running[-1].terminate() == 0


def test_resync_of_an_unknown_sku_is_wrong_use(rig: Rig, daemon: Program) -> None:
    told = rig.ask("resync", "NOPE")
    assert (told.returncode, told.stdout) == (WRONG_USE, "")
    assert "no item is linked" in told.stderr
    answer = rig.call("POST", "/v1/control/resync", b'{"what": "NOPE"}')
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_sku")


def test_what_waits_is_listed_in_every_format(rig: Rig, daemon: Program, parked: int) -> None:
    table, sheet, number = (rig.ask("queue", *words) for words in ((), ("--format", "csv"), ("--format", "count")))
    assert {one.returncode for one in (table, sheet, number)} == {FOUND}
    (row,) = [row for row in csv.DictReader(io.StringIO(sheet.stdout)) if row["id"] == str(parked)]
    assert (row["state"], row["reason"]) == ("parked", "unknown_topic")
    assert (str(parked) in table.stdout, int(number.stdout) >= 1) == (True, True)
    listed = yaml.safe_load(rig.ask("queue", "list", "--state", "parked", "--format", "yaml").stdout)
    assert parked in [row["id"] for row in listed["rows"]]
    assert asked(rig, "queue", [("limit", "1"), ("state", "parked")])["total"] == listed["total"]
    settle_all(rig)


def test_what_waits_is_listed_and_shown_with_the_daemon_down(rig: Rig, daemon: Program, parked: int) -> None:
    assert daemon.terminate() == 0
    assert rig.ask("queue").returncode == FOUND
    told = rig.ask("queue", "show", str(parked))
    assert (told.returncode, "loyalty.changed" in told.stdout) == (WELL, True)
    retried = rig.ask("queue", "retry", str(parked))
    assert (retried.returncode, "no daemon answers" in retried.stderr) == (UNREACHABLE, True)
    rig.start()
    wait_until(lambda: bool(rows(rig, "parked")), "the next daemon parked it again")
    settle_all(rig)


def test_a_message_is_tried_again_released_and_given_up(rig: Rig, daemon: Program, parked: int) -> None:
    for verb in ("retry", "release"):
        assert rig.ask("queue", verb, str(parked)).returncode == WELL
        wait_until(lambda: parked in [row["id"] for row in rows(rig, "parked")], f"it is parked again after {verb}")
    told = rig.ask("queue", "discard", str(parked), "--reason", "we have no points")
    assert (told.returncode, "is not booked" in told.stdout) == (WELL, True)
    shown = json.loads(rig.ask("queue", "show", str(parked), "--format", "json").stdout)["row"]
    assert (shown["state"], shown["reason"], shown["sentence"]) == ("done", "discarded", "we have no points")
    assert rig.ask("queue", "discard", str(parked), "--reason", "again").returncode == FOUND
    assert rig.ask("queue", "retry", "all").returncode == WELL
    assert rig.ask("queue").returncode == WELL


def test_nothing_is_given_up_without_a_reason_or_a_number(rig: Rig, daemon: Program, parked: int) -> None:
    unfit = [
        ["discard", str(parked)], ["discard", str(parked), "--reason", " "], ["discard", "all", "--reason", "x"],
        ["retry", "0"], ["retry", "some"], ["show", "-1"], ["show", "999999"], ["retry", "999999"],
    ]  # fmt: skip
    for words in unfit:
        assert rig.ask("queue", *words).returncode == WRONG_USE, words
    assert parked in [row["id"] for row in rows(rig, "parked")]
    settle_all(rig)


def test_what_others_wrote_does_not_steer_the_terminal(rig: Rig, daemon: Program) -> None:
    evil = "\x1b[2Jgone\r\n=cmd|'/c calc'!A0"
    assert rig.push({"id": "evil", "topic": evil, "data": {}}).status_code == 200
    wait_until(lambda: bool(numbers(rig, "evil")), "it is parked")
    (number,) = numbers(rig, "evil")
    for words in (["queue"], ["queue", "--format", "csv"], ["queue", "list", "--format", "yaml"],
                  ["queue", "list", "--format", "json"], ["queue", "show", str(number)]):  # fmt: skip
        said = rig.ask(*words).stdout
        assert all(line.isprintable() for line in said.splitlines()), words
        assert "gone" in said, words
    settle_all(rig)


def test_hints_are_switched_off_and_stay_off_over_a_restart(rig: Rig, daemon: Program) -> None:
    wait_until(lambda: rig.ask("webhook").stdout.startswith("on"), "the till tells us")
    assert rig.ask("webhook", "disable").returncode == WELL
    assert daemon.terminate() == 0
    rig.start()
    rig.await_rest()
    told = json.loads(rig.ask("webhook", "--format", "json").stdout)
    assert (told["supported"], told["enabled"], told["url"]) == (True, False, None)
    assert rig.ask("webhook", "enable").stdout.startswith("on")
    assert rig.ask("doctor").returncode == WELL


def test_a_webhooks_content_is_in_no_answer(rig: Rig, daemon: Program) -> None:
    data = {"method": "POST", "path": "/x", "query": "", "headers": {"from": "anna@example.org"}, "body": "c2VjcmV0"}
    with closing(connect(rig.database)) as books:
        books.execute(
            "INSERT INTO message (key, kind, lane, side, priority, body, state, due_at, attempts, failing_for, cause,"
            " reason, error, created_at) VALUES ('store:w', 'store.1', '', '', 0, ?, 'parked', 0, 0, 0, '', 'odd',"
            " 'x', 0)",
            (json.dumps({"id": "w", "topic": "pos.webhook", "data": data}),),
        )
        books.commit()
    (number,) = numbers(rig, "w")
    said = rig.ask("queue", "show", str(number)).stdout + json.dumps(asked(rig, "queue/item", [("id", str(number))]))
    assert ("c2VjcmV0" in said, "anna@example.org" in said, "body: not shown" in said) == (False, False, True)
    settle_all(rig)
