"""Jobs that run every second or two, for ever, take no write lock while there is nothing for them to do."""

from __future__ import annotations

import pytest

from tests.fakes import FakeOrders, keys
from tests.flows.world import OF_BOTH, STORE, USUAL, World
from tillbridge.comparing import Comparing
from tillbridge.looking import LookAgain
from tillbridge.reconcile import Care, Reconcile


def test_an_idle_pass_takes_no_write_transaction(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.link_cup()
    care = Care(OF_BOTH, USUAL, settle=60.0)
    drained = world.work.drain
    compare = Comparing(world.sql, FakeOrders(), world.store, lambda: drained()[STORE], OF_BOTH, 60.0)
    look = LookAgain(world.sql, world.sides, world.clock, keys())
    runs = Reconcile(world.sql, world.sides, drained, care, world.clock, lambda _: None)
    monkeypatch.setattr(world.connection, "write", lambda: pytest.fail("nobody may write now"))
    for _ in range(3):
        world.clock.advance(3600)
        world.when_stirred.run_if_wanted()
        assert (compare(), look(), runs.advance()) == (False, 0, False)


def test_nor_while_a_run_waits_and_an_order_is_not_due(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.link_cup()
    care = Care(OF_BOTH, USUAL, settle=60.0)
    runs = Reconcile(world.sql, world.sides, world.work.drain, care, world.clock, lambda _: None)
    world.store.stock("51", "CUP-BLUE", "9", "")
    runs.begin()
    assert runs.advance()
    with world.sql.writing() as unit:
        unit.stir(["9001"], unit.now + 10)
        unit.look_again(STORE, {"51"})
    orders = FakeOrders()
    compare = Comparing(world.sql, orders, world.store, lambda: True, OF_BOTH, 60.0)
    monkeypatch.setattr(world.connection, "write", lambda: pytest.fail("nobody may write now"))
    assert (compare(), runs.advance(), orders.asked) == (False, False, [])
