"""An item that was deleted for good and made anew under its SKU is linked anew; nothing ends by mistake."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.builders import CUP, CUP_POS, CUP_STORE, sale_at_pos, sale_in_store, told
from tests.fakes import FakeSide
from tests.flows.real_shelves import SETTLE, Shelves
from tests.flows.test_undo import Person
from tests.flows.world import POS, STORE, World
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.codec import STORE_KIND
from tillbridge.core.events import Told
from tillbridge.decisions import Decisions
from tillbridge.errors import NoAnswer
from tillbridge.poll import restored
from tillbridge.ports import DONE
from tillbridge.resync import UnknownSku
from tillbridge.undo import CannotUndo
from tillbridge.why import Why

NEW = "77"
MANY = 12
WORDS = "this link ended: item 51 was deleted in the shop for good; 1 in lines of orders (9001)"


@pytest.fixture
def cups(world: World) -> World:
    """The cup and a mug are linked; the shop's cup has the number 51."""
    for ref, pos_ref, sku in ((CUP_STORE, CUP_POS, CUP), ("52", "13", "MUG")):
        world.store.stock(ref, sku, "10", "")
        world.pos.stock(pos_ref, sku, "10", "main")
    assert world.linking().linked == 2
    return world


def said(topic: str, ref: str = CUP_STORE) -> Told:
    event = {"id": f"{topic}-{ref}", "at": "2026-11-22T10:11:12Z", "topic": topic, "data": {"product_id": int(ref)}}
    return told(STORE_KIND, json.dumps(event, separators=(",", ":")), f"store:{topic}-{ref}")


def take_away(side: FakeSide, ref: str) -> None:
    side.items = [item for item in side.items if item.ref != ref]
    side.shelf = [level for level in side.shelf if level.ref != ref]


def delete(world: World, ref: str = CUP_STORE) -> None:
    take_away(world.store, ref)
    world.book(said("product.deleted", ref))


def links(world: World) -> list[tuple[object, ...]]:
    return world.rows("SELECT id, store_ref, pos_ref FROM link ORDER BY id")


def test_a_product_made_anew_is_linked_with_a_fresh_opening(cups: World) -> None:
    delete(cups)
    cups.store.stock(NEW, CUP, "25", "")
    assert cups.linking().retired == 1
    assert links(cups) == [(2, "52", "13"), (3, NEW, CUP_POS)]
    with cups.sql.writing() as unit:
        assert unit.shelves_by_link([3])[3].link.offset == Decimal(15)
    assert cups.sql.held() == []


def test_a_deleted_product_is_looked_for_at_once_and_a_trashed_one_is_not(cups: World) -> None:
    cups.put(said("product.trashed"), said("product.deleted", "60"))
    assert cups.relay.post_events(10).unknown == {}
    cups.put(said("product.deleted"))
    assert cups.relay.post_events(10).unknown == {STORE: {CUP_STORE}}


def test_the_next_till_sale_goes_to_the_new_product(cups: World) -> None:
    delete(cups)
    cups.store.stock(NEW, CUP, "10", "")
    cups.linking()
    cups.book(sale_at_pos("a", "-1"))
    cups.work.write(STORE)
    assert [getattr(action, "ref", "") for (action,) in cups.store.calls] == [NEW]


def test_a_link_that_ended_counts_nowhere_and_waits_for_nothing(cups: World) -> None:
    delete(cups)
    cups.store.answers.append(Outcome(Status.INVALID, reason="not_found"))
    cups.book(sale_at_pos("a", "-1"))
    cups.work.write(STORE)
    assert cups.states() == {"parked": 1}
    cups.linking()
    assert (cups.states(), cups.sql.summary().links, cups.sql.summary().unsettled) == ({}, 1, 0)


def test_why_says_when_and_why_it_ended(cups: World) -> None:
    cups.book(sale_in_store("a", "-1"))
    cups.work.write(POS)
    delete(cups)
    cups.linking()
    assert "'this link ended: item 51 was deleted in the shop for good; 1 in lines of orders (9001)" in str(
        Why(cups.sql, cups.sql)(CUP)["ended"]
    )
    assert cups.rows("SELECT COUNT(*) FROM entry WHERE link = 1") == [(4,)]
    with pytest.raises(UnknownSku):
        Why(cups.sql, cups.sql)("NOBODY")


def test_what_is_under_way_at_the_other_side_is_written_first(cups: World) -> None:
    cups.book(sale_in_store("a", "-2"))
    delete(cups)
    assert (cups.linking().moving, len(links(cups))) == (1, 2)
    cups.work.write(POS)
    assert cups.linking().retired == 1
    assert [getattr(action, "delta", None) for (action,) in cups.pos.calls] == [Decimal(-2)]


@pytest.mark.parametrize("topic", ["product.trashed", "product.changed"])
def test_a_product_that_is_only_not_listed_keeps_its_link(cups: World, topic: str) -> None:
    take_away(cups.store, CUP_STORE)
    cups.book(said(topic))
    assert cups.linking().retired == 0
    assert len(links(cups)) == 2


def test_a_short_page_ends_nothing(cups: World) -> None:
    cups.book(said("product.deleted"))
    cups.store.items = [item for item in cups.store.items if item.ref != CUP_STORE]
    cups.pos.items = [item for item in cups.pos.items if item.ref != "13"]
    assert cups.linking().retired == 0


def test_an_empty_catalogue_is_asked_about_first(cups: World) -> None:
    for ref in ("12", "13"):
        take_away(cups.pos, ref)
    cups.linking()
    decisions = Decisions(cups.sql, cups.sql, lambda: None)
    assert [row["id"] for row in decisions.listed()["rows"]] == ["vanished:pos"]  # type: ignore[attr-defined]
    assert (decisions.listed()["total"], len(links(cups))) == (1, 2)


def test_an_item_made_anew_at_the_pos_is_linked_anew(cups: World) -> None:
    take_away(cups.pos, CUP_POS)
    cups.pos.stock("99", CUP, "4", "main")
    assert cups.linking().retired == 1
    assert links(cups)[-1] == (3, CUP_STORE, "99")


def many_gone(world: World) -> Decisions:
    for number in range(MANY):
        world.store.stock(str(100 + number), f"S{number}", "5", "")
        world.pos.stock(str(200 + number), f"S{number}", "5", "main")
    world.linking()
    for number in range(MANY):
        delete(world, str(100 + number))
    assert world.linking().retired == 0
    return Decisions(world.sql, world.sql, lambda: None)


def test_many_at_once_end_when_a_person_says_so(cups: World) -> None:
    decisions = many_gone(cups)
    assert len(links(cups)) == MANY + 2
    decisions.decide("vanished:store", "go-on")
    assert cups.linking().retired == MANY
    assert decisions.listed()["total"] == 0


def test_many_at_once_stay_when_a_person_says_so_and_nobody_asks_again(cups: World) -> None:
    decisions = many_gone(cups)
    decisions.decide("vanished:store", "keep")
    assert (cups.linking().retired, decisions.listed()["total"]) == (0, 0)


def test_nothing_ends_while_nobody_has_said_what_a_restored_backup_means(cups: World) -> None:
    with cups.sql.writing() as unit:
        unit.note(restored("pos"), "its database was put back")
    take_away(cups.pos, CUP_POS)
    assert cups.linking().retired == 0


def test_a_side_that_does_not_answer_ends_nothing(cups: World) -> None:
    delete(cups)
    cups.pos.feed_trouble = NoAnswer("time-out")
    with pytest.raises(NoAnswer):
        cups.linking()
    assert len(links(cups)) == 2


def test_of_a_run_at_a_link_that_ended_there_is_nothing_to_undo(world: World) -> None:
    person = Person(world)
    number = person.finds(store="9")
    person.writes()
    world.store.stock("52", "MUG", "10", "")
    world.pos.stock("13", "MUG", "10", "main")
    delete(world)
    assert world.linking().retired == 1
    with pytest.raises(CannotUndo, match="nothing to undo"):
        person.takes_back(number)
    assert links(world) == [(2, "52", "13")]
    assert world.states() == {}


def test_a_link_that_ends_between_two_looks_of_a_run_stops_nobody(world: World) -> None:
    shelves = Shelves(world)
    for side, ref in ((world.store, "52"), (world.pos, "13")):
        side.stock(ref, "MUG", "10", "" if side is world.store else "main")
    assert world.linking().linked == 1
    shelves.store.move(CUP_STORE, "-2", "")
    shelves.store.move("52", "-3", "")
    world.clock.advance(1)
    run = shelves.reconcile.begin().id
    shelves.reconcile.advance()
    delete(world)
    assert world.linking().retired == 1
    for _ in range(8):
        world.clock.advance(SETTLE)
        shelves.reconcile.advance()
    with world.sql.writing() as unit:
        found = unit.run(run)
    assert found is not None
    assert found.state == DONE
    assert world.rows("SELECT link, amount FROM finding") == [(2, "-3")]
