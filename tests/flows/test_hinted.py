"""A webhook that came in by the shop's public address: the POS's own wakes the poll, anybody's is forgotten."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.builders import store_event, told
from tests.flows.world import POS, World
from tillbridge.core import codec
from tillbridge.core.events import Hinted

RAW = b'{"customer": "Ann Lee"}'


def webhook(**changes: Any) -> dict[str, Any]:
    body = base64.b64encode(RAW).decode()
    data = {"method": "POST", "path": "/x", "query": "a=1", "headers": {"X-Sig": "s"}, "body": body}
    return store_event("w1", "pos.webhook", **{**data, **changes})


def put(world: World, **changes: Any) -> None:
    world.put(told(codec.STORE_KIND, webhook(**changes), "store:w1"))


def test_the_adapter_is_asked_with_all_that_came(world: World) -> None:
    asked: list[Hinted] = []

    def is_from_pos(hint: Hinted) -> bool:
        asked.append(hint)
        return True

    world.put_together(world.sql, is_from_pos=is_from_pos)
    put(world)
    world.work.post()
    (hint,) = asked
    assert (hint.method, hint.query, hint.headers, hint.body) == ("POST", "a=1", {"x-sig": "s"}, RAW)


@pytest.mark.parametrize(("genuine", "looks"), [(True, [POS]), (False, [])])
def test_only_the_poss_own_webhook_makes_us_look(
    world: World, monkeypatch: pytest.MonkeyPatch, genuine: bool, looks: list[object]
) -> None:
    rung: list[object] = []
    world.put_together(world.sql, is_from_pos=lambda _: genuine)
    monkeypatch.setattr(world.work, "ring_feed", rung.append)
    put(world)
    world.work.post()
    assert rung == looks


def test_nothing_of_it_is_kept(world: World) -> None:
    put(world)
    world.work.post()
    assert world.rows("SELECT state, body FROM message") == [("done", "")]


@pytest.mark.parametrize(
    "change", [{"headers": None}, {"headers": {"a": 7}}, {"body": "not base64!"}, {"body": None}, {"method": 7}]
)
def test_what_anybody_may_send_is_no_error_of_ours(world: World, change: dict[str, Any]) -> None:
    put(world, **change)
    world.work.post()
    assert world.states() == {}
