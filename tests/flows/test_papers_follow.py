"""What follows a document, or a status that nobody told: the next one, as long as something is lacking."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.builders import line_changed
from tests.core.orders import CREATED
from tests.fakes import FakeOrders
from tests.flows.paper_desk import USUAL, PaperDesk
from tests.flows.world import STORE, World
from tillbridge.attempts import SELL_FROM
from tillbridge.comparing import Comparing
from tillbridge.core.order_policy import Unpaid


@pytest.fixture
def desk(tmp_path: Path) -> PaperDesk:
    return PaperDesk(World(tmp_path))


def test_what_is_paid_while_goods_are_added_for_nothing_is_told_after_them(desk: PaperDesk) -> None:
    desk.wake(replace(USUAL, unpaid=Unpaid.OUTSTANDING))
    desk.order("2", paid=None)
    desk.write()
    (line,) = desk.papers.shop["9001"].lines
    more = replace(line, quantity=Decimal(3), reduced=Decimal(3))
    desk.papers.shop["9001"] = replace(desk.papers.shop["9001"], lines=(more,))
    desk.tell(line_changed("more", "-1"))
    desk.change("paid", paid=CREATED)
    desk.write()
    assert desk.kinds == ["RecordSale", "AmendSale", "AmendSale"]
    assert desk.dossier().taken.payments == {"transfer": Decimal(20)}


@pytest.mark.parametrize(
    ("status", "kinds"), [("completed", ["RecordSale"]), ("cancelled", ["RecordSale", "VoidSale"])]
)
def test_a_status_that_only_a_look_at_the_order_shows_is_told(desk: PaperDesk, status: str, kinds: list[str]) -> None:
    """Its hook was lost, or died with its request. The lines hold what we know."""
    if status == "completed":
        desk.rules = replace(desk.rules, send_on=frozenset({status}))
        desk.wake()
    desk.order("2")
    desk.write()
    desk.papers.shop["9001"] = replace(desk.papers.shop["9001"], status=status)
    orders, world = FakeOrders(), desk.world
    orders.hold("2", status)
    compare = Comparing(world.sql, orders, world.store, lambda: world.work.drain()[STORE], desk.rules, 60.0)
    world.clock.advance(60)
    assert compare()
    desk.write()
    assert desk.kinds == kinds


def test_until_first_contact_has_found_an_outlet_nothing_is_told(desk: PaperDesk) -> None:
    with desk.world.sql.writing() as unit:
        unit.note(SELL_FROM, "")
    desk.order("2")
    desk.write()
    assert (desk.kinds, desk.parked()) == ([], [])
    with desk.world.sql.writing() as unit:
        unit.note(SELL_FROM, "main")
    desk.world.clock.advance(60)
    desk.write()
    assert [one.heading.outlet for one in desk.documents] == ["main"]
