"""Orders as sales and links that come later: what was left out is told once it can be, and what lay at the POS all
along is taken off there once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.builders import CUP, CUP_POS, CUP_STORE
from tests.core.orders import CREATED, goods, order
from tests.fakes import FakeOrders
from tests.flows.paper_desk import USUAL, PaperDesk
from tests.flows.world import POS, STORE, World
from tillbridge.core.documents import RecordSale
from tillbridge.core.order_policy import UnlinkedLine
from tillbridge.core.targets import Shelf, target
from tillbridge.linking import Linking

MUG_STORE, MUG_POS = "77", "5"


class Desk(PaperDesk):
    """Both sides have a mug that nobody has linked: an order took two of the ten, of which the POS knows nothing."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.holding = FakeOrders()
        world.store.stock(CUP_STORE, CUP, "10", "")
        world.pos.stock(CUP_POS, CUP, "10", "main")
        world.store.stock(MUG_STORE, "MUG", "8", "")
        world.pos.stock(MUG_POS, "MUG", "10", "main")

    def buy_mugs(self) -> None:
        line = goods("3", "20", quantity="2", refs=(MUG_STORE,))
        self.papers.shop["9001"] = order("20", line, ref="9001", number="9001")
        self.holding.hold("2", ref=MUG_STORE)
        self.tell(self.stirs())

    def link(self) -> None:
        world = self.world
        world.clock.advance(1)
        set_aside: Callable[[], object] = lambda: world.relay.post_events(200)  # noqa: E731
        posted = world.work.booked
        Linking(world.sql, world.sides, world.polls, set_aside, posted, print, self.rules, self.holding)()

    def mug(self) -> Shelf:
        with self.world.sql.writing() as unit:
            return unit.shelves(STORE, [MUG_STORE])[MUG_STORE]

    def sides(self) -> tuple[str, str, str]:
        """What both sides have of the mug by the books, and the difference that is left standing."""
        shelf = self.mug()
        assert (shelf.store.known, shelf.pos[0].known) == (target(STORE, shelf), target(POS, shelf))
        return str(shelf.store.known), str(shelf.pos[0].known), str(shelf.link.offset)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(World(tmp_path))


def test_what_was_left_out_is_told_once_its_product_is_linked(desk: Desk) -> None:
    desk.wake(replace(USUAL, unlinked_line=UnlinkedLine.LEAVE_OUT))
    desk.buy_mugs()
    desk.write()
    assert desk.documents == []
    desk.link()
    desk.write()
    (sale,) = desk.documents
    assert isinstance(sale, RecordSale)
    assert (sale.total, sale.lines[0].item, desk.dossier().left_out) == (Decimal(20), MUG_POS, frozenset())


def test_what_an_order_took_before_its_link_is_taken_off_at_the_pos_by_its_sale_alone(desk: Desk) -> None:
    desk.buy_mugs()
    desk.write()
    assert [reason for reason, _ in desk.parked()] == ["unlinked_line"]
    desk.link()
    assert str(desk.mug().link.offset) == "-2"
    desk.write()
    assert (desk.kinds, desk.sides()) == (["RecordSale"], ("8", "8", "0"))
    assert (desk.stock(STORE), desk.stock(POS)) == ([], [])


def test_an_order_that_is_left_alone_leaves_the_difference_that_first_contact_found(desk: Desk) -> None:
    desk.wake(replace(USUAL, start=CREATED + timedelta(days=1)))
    desk.buy_mugs()
    desk.link()
    desk.write()
    assert (desk.kinds, desk.sides()) == ([], ("8", "10", "-2"))
    assert (desk.stock(STORE), desk.stock(POS)) == ([], [])


def test_what_is_promised_when_a_link_is_made_crosses_with_the_sale_and_not_before(tmp_path: Path) -> None:
    desk = Desk(World(tmp_path))
    desk.rules = replace(desk.rules, send_on=frozenset({"completed"}))
    desk.wake()
    desk.buy_mugs()
    desk.link()
    assert desk.sides() == ("8", "10", "0")
    desk.change("sent", status="completed")
    assert desk.sides() == ("8", "10", "0")
    desk.write()
    assert (desk.kinds, desk.sides()) == (["RecordSale"], ("8", "8", "0"))
    assert desk.stock(POS) == []
