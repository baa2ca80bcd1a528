"""The roads news can take: pushed, hinted or pulled. Each alone suffices, and what nobody understands blocks none."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.programs import wait_until
from tests.daemon.rig import Rig
from tests.ports import free_port


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with Rig(tmp_path_factory.mktemp("roads")) as rig:
        yield rig


@pytest.fixture(autouse=True)
def nobody_left(rig: Rig) -> Iterator[None]:
    rig.new_books()
    yield
    rig.end_daemons()


def stranger() -> dict[str, object]:
    """An event of a plugin newer than this daemon."""
    return {"id": secrets.token_hex(16), "n": 5, "topic": "weather.changed", "at": "2026-11-22T10:11:12Z", "data": {}}


def test_a_topic_that_nobody_knows_is_kept_and_listed_and_blocks_nothing(rig: Rig) -> None:
    rig.link()
    event = stranger()
    answer = rig.push(event)
    assert (answer.status_code, answer.json()) == (200, {"acked": [event["id"]]})
    wait_until(lambda: rig.status()["parked"] == 1, "it is parked")
    rig.buy("CUP")
    rig.ring("PLATE")
    wait_until(rig.crossed, "sales go on crossing")
    listed = rig.ask("queue")
    assert listed.returncode == 1
    assert "unknown_topic" in listed.stdout
    assert "weather.changed" in listed.stdout
    assert "1 waiting" in listed.stdout
    assert rig.push(event).json() == {"acked": [event["id"]]}
    waiting = json.loads(rig.ask("queue", "--format", "json").stdout)["rows"]
    assert [(one["key"], one["state"]) for one in waiting] == [(f"store:{event['id']}", "parked")]


def test_an_event_that_cannot_be_read_is_kept_beside_good_ones(rig: Rig) -> None:
    """One malformed event among good ones is parked; its neighbours are booked."""
    rig.link()
    bad = {**stranger(), "topic": "stock.changed", "data": {"product_id": "fifty-one", "delta": "much"}}
    good = {**stranger(), "topic": "customer.changed"}
    assert rig.push(bad, good).json() == {"acked": [bad["id"], good["id"]]}
    wait_until(lambda: rig.status()["parked"] == 1, "the bad one is parked")
    rig.buy("PLATE")
    wait_until(rig.crossed, "sales go on crossing")
    wait_until(lambda: rig.status()["waiting"] == 0, "nothing else waits")


def test_a_hint_of_the_till_makes_its_sale_cross_at_once(rig: Rig) -> None:
    rig.link({("pos", "poll_every"): "1h"})
    for _ in range(3):
        rig.ring("CUP")
        wait_until(rig.crossed, "the sale crossed", 5)
    rig.await_rest()


def test_a_hint_that_nobody_signed_moves_nothing(rig: Rig) -> None:
    rig.link({("pos", "poll_every"): "1h", ("pos", "hints"): "no"})
    refused = rig.call("POST", "/v1/pos/hint", b'{"cursor": "9"}', secret="not the hint secret")
    assert (refused.status_code, sorted(refused.json())) == (401, ["code", "message"])
    shops = rig.call("POST", "/v1/pos/hint", b'{"cursor": "9"}', secret=rig.keys.store)
    assert shops.status_code == 401
    assert rig.call("POST", "/v1/pos/hint", b'{"cursor": "9"}', secret=rig.keys.hints).status_code == 202


def test_without_hints_the_till_is_read_by_the_clock(rig: Rig) -> None:
    rig.link({("pos", "poll_every"): "1s", ("pos", "hints"): "no"})
    rig.ring("PLATE", 2)
    wait_until(rig.crossed, "the sale crossed", 10)
    rig.await_rest()


def test_a_shop_whose_pushes_all_go_astray_is_pulled(tmp_path: Path) -> None:
    with Rig(tmp_path, told=f"http://127.0.0.1:{free_port()}") as astray:
        daemon = astray.link()
        astray.buy("CUP", 2)
        astray.ring("CUP")
        astray.await_rest()
        figures = astray.call("GET", "/metrics", Authorization=f"Bearer {astray.keys.metrics}").text
        assert "tillbridge_listener_events_total 0.0" in figures
        assert daemon.terminate() == 0
