"""What only the simulation found, each as the shortest story that shows it."""

from __future__ import annotations

from tests.builders import line_changed
from tests.flows.world import World


def test_an_order_is_compared_also_where_only_its_stock_was_told(world: World) -> None:
    """A request that died is told by its level minutes later, and nothing else is told of its order then."""
    world.link_cup()
    world.book(line_changed("late", "-1"))
    with world.sql.writing() as unit:
        assert unit.are_stirred()
