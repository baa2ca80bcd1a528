"""What the shop keeps back follows the settings, also for what was linked under others."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tests.builders import CUP, CUP_POS, CUP_STORE
from tests.flows.world import POS, STORE, World
from tillbridge.buffers import idle, no_buffer, take_buffers
from tillbridge.core.links import Held
from tillbridge.core.stock import SideName
from tillbridge.linking import Linking


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


def test_a_buffer_of_a_sku_that_nothing_has_is_told(world: World) -> None:
    world.link_many(2)
    lone = Held(STORE, "60", "MUG", "Mug", "only_here", "x")
    problems, remarks = idle(world.sql, [lone], ["SKU-2", "SKU-20", "MUG", "NEW"], {"SKU-1", "SKU-2", "MUG", "NEW"})
    assert [one for one in problems if "'SKU-20'" in one] == problems != []
    assert remarks == [
        "the buffer of 'MUG' counts from when its product is linked (only_here)",
        "the buffer of 'NEW' counts from when its product is linked (not linked yet)",
    ]


def test_before_first_contact_no_buffer_is_called_wrong(world: World) -> None:
    assert idle(world.sql, [], ["CUP"]) == ([], [])
    world.link_many(1)
    assert len(idle(world.sql, [], ["CUP"])[0]) == 1


def test_a_product_that_gets_another_sku_takes_the_buffer_of_that_at_once(world: World) -> None:
    world.link_cup()
    world.pos.stock(CUP_POS, CUP, "10", "main")
    world.store.stock(CUP_STORE, "SKU-2", "10", "")
    polls: dict[SideName, Callable[[], int]] = dict.fromkeys((STORE, POS), lambda: 0)
    Linking(world.sql, world.sides, polls, lambda: 0, lambda _: None, lambda _: None, buffers=buffers)()
    assert world.rows("SELECT sku, buffer FROM link") == [("SKU-2", "3")]
