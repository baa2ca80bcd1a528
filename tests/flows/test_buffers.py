"""What the shop keeps back follows the settings, also for what was linked under others."""

from __future__ import annotations

from decimal import Decimal

from tests.flows.world import POS, STORE, World
from tillbridge.buffers import no_buffer, take_buffers


def buffers(sku: str) -> Decimal:
    return {"SKU-2": Decimal(3), "SKU-700": Decimal(1)}.get(sku, Decimal(0))


def test_a_buffer_that_changed_is_taken_over_and_written(world: World) -> None:
    world.link_many(3)
    assert take_buffers(world.sql, buffers) == {STORE}
    world.work.write(STORE)
    assert (world.known(STORE, 2), world.known(STORE, 1), world.store.deltas) == ("997", "1000", [Decimal(-3)])
    take_buffers(world.sql, no_buffer)
    world.work.write(STORE)
    assert (world.known(STORE, 2), world.pos.deltas) == ("1000", [])


def test_why_the_shop_shows_less_can_be_looked_up(world: World) -> None:
    world.link_many(2)
    take_buffers(world.sql, buffers)
    with world.sql.writing() as unit:
        (ruling,) = unit.rulings_of_link(2, 10)
    assert (ruling.kind, ruling.changes) == ("buffer_changed", {"buffer": Decimal(3)})


def test_the_same_settings_change_nothing(world: World) -> None:
    world.link_many(2)
    take_buffers(world.sql, buffers)
    world.work.write(STORE)
    assert take_buffers(world.sql, buffers) == frozenset()
    assert world.states() == {}
    assert len(world.rows("SELECT * FROM ruling")) == 1


def test_links_beyond_the_first_page_are_looked_at_as_well(world: World) -> None:
    world.link_many(1100)
    assert take_buffers(world.sql, buffers) == {STORE}
    assert world.rows("SELECT sku FROM link WHERE buffer <> '0' ORDER BY id") == [("SKU-2",), ("SKU-700",)]
    assert POS not in take_buffers(world.sql, buffers)
