"""Sales at the counter around first contact, where they become orders of the shop: none is doubled, none forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.builders import CUP_POS, CUP_STORE, POS, line_changed, moved, movement
from tests.core.orders import goods, order
from tests.fakes import FakeOrders
from tests.flows.return_desk import AT, ReturnDesk, document, piece
from tests.flows.world import STORE, World
from tillbridge.core import codec
from tillbridge.core.events import Cause, LookAt
from tillbridge.core.paper import LineKind
from tillbridge.core.pos_papers import PosPaper
from tillbridge.linking import Linked, Linking

D = Decimal
MUG_STORE, MUG_POS = "77", "30"
TWO_MUGS = piece("2", "24", line="", item=MUG_POS)


def a_desk(folder: Path, send_on: frozenset[str] = frozenset()) -> ReturnDesk:
    """The cup is linked, ten on each side; of the mugs, five on each side, nobody knows yet."""
    desk = ReturnDesk(World(folder), send_on=send_on)
    for sku, store, pos, level in (("CUP-BLUE", CUP_STORE, CUP_POS, "10"), ("MUG", MUG_STORE, MUG_POS, "5")):
        desk.world.store.stock(store, sku, level, "")
        desk.world.pos.stock(pos, sku, level, "main")
    return desk


def rings(desk: ReturnDesk, number: str = "S-1", at: datetime = AT) -> None:
    """Two mugs are sold at the counter, and the till tells of it."""
    sale: PosPaper = document("sale", number, "24", order="", sold=(TWO_MUGS,), payments={"cash": D(24)}, at=at)
    desk.till.papers[number] = sale
    desk.world.pos.stock(MUG_POS, "MUG", "3", "main")
    told = replace(moved(movement("-2", MUG_POS), event_id=f"stock-{number}"), cause=Cause("sale", number))
    desk.tell(codec.encode_moved(told), codec.encode_look(LookAt(POS, f"{number}:paper", "", "pos.sold", number, "")))


def first_contact(desk: ReturnDesk, orders: FakeOrders | None = None) -> Linked:
    world = desk.world
    set_aside = lambda: world.relay.post_events(200)  # noqa: E731
    return Linking(
        world.sql, world.sides, world.polls, set_aside, world.work.booked, world.passed.append, desk.rules, orders
    )()


def levels(desk: ReturnDesk) -> tuple[str, str]:
    return desk.world.known(STORE, 2), desk.world.known(POS, 2)


def test_a_sale_that_was_told_before_its_items_were_linked_waits_and_names_its_products(tmp_path: Path) -> None:
    desk = a_desk(tmp_path)
    rings(desk)
    desk.write()
    assert desk.made.orders == {}
    assert first_contact(desk).linked == 1
    desk.world.clock.advance(60)
    desk.write()
    (made,) = desk.made.orders.values()
    assert [(line.kind, line.ref, line.held) for line in made.lines] == [(LineKind.ITEM, MUG_STORE, D(2))]
    assert (levels(desk), desk.stock(STORE), desk.stock(POS)) == (("5", "3"), [], [])
    assert (desk.line("5000").booked, desk.line("5000").position) == (D(2), D(0))


def test_cancelled_later_it_gives_back_to_both_shelves_what_it_took_before_first_contact(tmp_path: Path) -> None:
    desk = a_desk(tmp_path)
    rings(desk)
    first_contact(desk)
    desk.world.clock.advance(60)
    desk.write()
    desk.tell(line_changed("back", "2", 5000, 71, "restore", ref=MUG_STORE))
    desk.write()
    assert (levels(desk), desk.stock(POS)) == (("7", "5"), [D(2)])


def test_what_is_held_out_or_was_looked_for_in_vain_is_a_fee_at_once(tmp_path: Path) -> None:
    desk = a_desk(tmp_path)
    desk.world.store.items.pop()
    first_contact(desk)
    rings(desk)
    desk.write()
    (made,) = desk.made.orders.values()
    assert [(line.ref, line.name, line.held) for line in made.lines] == [("", "Cup", D(0))]


def test_a_sale_at_a_register_that_was_offline_at_first_contact_is_counted_and_kept_once_on_its_day(
    tmp_path: Path,
) -> None:
    desk = a_desk(tmp_path)
    first_contact(desk)
    before = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    rings(desk, at=before)
    desk.write()
    (made,) = desk.made.orders.values()
    assert (made.at, made.paid) == (before, before)
    assert (levels(desk), desk.stock(STORE)) == (("3", "3"), [D(-2)])


@pytest.mark.parametrize("send_on", [frozenset(), frozenset({"completed"})])
def test_an_order_from_the_till_that_is_open_at_first_contact_has_left_the_shelf_whatever_its_status(
    tmp_path: Path, send_on: frozenset[str]
) -> None:
    """Laid by, not paid yet: the shop shows it as open, and the till gave its goods away."""
    desk = a_desk(tmp_path, send_on)
    orders = FakeOrders()
    orders.hold("2", "on-hold", "5000", "71", ref=MUG_STORE)
    orders.shop["5000"] = replace(orders.shop["5000"], from_pos=True)
    assert first_contact(desk, orders).linked == 1
    line = desk.line("5000")
    assert (line.booked, line.position, desk.dossier("5000").alone) == (D(2), D(0), "from_pos")
    mugs = goods("71", "24", quantity="2", refs=(MUG_STORE,))
    desk.papers.shop["5000"] = order("24", mugs, ref="5000", number="5000", status="completed", from_pos="S-1")
    desk.tell(desk.stirs("5000"))
    desk.write()
    assert (desk.documents, desk.stock(POS), desk.stock(STORE)) == ([], [], [])
    desk.tell(line_changed("back", "2", 5000, 71, "restore", ref=MUG_STORE))
    desk.write()
    assert (levels(desk), desk.stock(POS)) == (("7", "7"), [D(2)])
