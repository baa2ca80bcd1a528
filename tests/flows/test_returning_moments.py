"""A return at the till meets a crash, an outage, or what happens at the same moment: one refund, entered once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.builders import line_changed
from tests.core.orders import refund
from tests.flows.return_desk import ReturnDesk, come_back, document, piece, sold_two, targets_of
from tests.flows.world import STORE, World
from tillbridge.core.actions import Outcome, Status
from tillbridge.errors import NoAnswer, NotSent

D = Decimal


@pytest.fixture
def desk(tmp_path: Path) -> ReturnDesk:
    return sold_two(tmp_path)


def test_a_refund_without_an_answer_is_repeated_under_its_key_and_entered_once(desk: ReturnDesk) -> None:
    come_back(desk)
    desk.made.lost = NoAnswer("timed out")
    written = desk.keep()
    assert written.trouble is not None
    assert written.trouble.status is Status.UNCERTAIN
    desk.write()
    assert desk.kinds == ["RecordSale"]  # the refund shows already, and the books do not know it
    desk.world.clock.advance(60)
    desk.write()
    assert (len(desk.made.refunds), desk.made.calls) == (1, 2)
    assert (desk.line().booked, desk.dossier().taken.total) == (D(-1), D(10))
    assert desk.kinds == ["RecordSale"]


@pytest.mark.parametrize("point", ["return.attempted", "return.answered"])
def test_a_daemon_that_died_while_a_refund_was_made_makes_it_once(desk: ReturnDesk, point: str) -> None:
    come_back(desk)
    desk.dies_at = point
    with pytest.raises(KeyboardInterrupt):
        desk.keep()
    desk.world.restart()
    desk.wake(life="second")
    desk.change("stirred")
    while desk.relay.write().messages:
        pass
    assert desk.kinds == ["RecordSale"]
    desk.world.clock.advance(60)
    desk.write()
    assert len(desk.made.refunds) == 1
    assert (desk.line().booked, desk.dossier().taken.total) == (D(-1), D(10))
    assert (desk.kinds, desk.levels()) == (["RecordSale"], ("9", "9"))


def test_a_refund_of_everything_that_is_made_again_is_not_taken_for_the_shops_own(desk: ReturnDesk) -> None:
    desk.happens(document("void", "V-1", "-20", returned=(piece("2", "20"),)))
    desk.made.lost = NoAnswer("timed out")
    desk.write()
    desk.world.clock.advance(60)
    desk.write()
    assert (len(desk.made.refunds), desk.parked(), desk.dossier().taken.empty) == (1, [], True)


def test_while_a_refund_is_under_way_the_till_is_told_nothing_of_its_order(desk: ReturnDesk) -> None:
    desk.happens(document("return", "R-1", "-10", returned=(piece(restock=False),)))
    desk.made.lost = NoAnswer("timed out")
    desk.keep()
    desk.change("stirred")
    desk.send()
    assert (len(desk.made.refunds), desk.kinds) == (1, ["RecordSale"])
    desk.world.clock.advance(60)
    desk.write()
    assert (desk.dossier().taken.total, desk.kinds) == (D(10), ["RecordSale"])


def test_once_a_refund_is_entered_its_order_is_looked_at_again_also_where_the_hook_was_lost(desk: ReturnDesk) -> None:
    come_back(desk)
    desk.made.dead = True
    desk.made.lost = NoAnswer("timed out")
    desk.keep()
    desk.world.clock.advance(60)
    desk.keep()
    assert desk.dossier().stirred_at == desk.world.clock.now()


def test_an_order_that_was_being_read_for_the_till_while_its_refund_began_is_read_again(desk: ReturnDesk) -> None:
    desk.happens(document("return", "R-1", "-10", returned=(piece(restock=False),)))
    desk.made.dead = True
    desk.change("stirred")

    def refunded() -> None:
        desk.world.clock.advance(1)
        desk.made.lost = NoAnswer("timed out")
        desk.keep()

    desk.papers.before = refunded
    desk.send()
    assert (len(desk.made.refunds), desk.kinds) == (1, ["RecordSale"])


def test_a_return_whose_order_stirred_while_it_was_read_is_read_again(tmp_path: Path) -> None:
    desk = ReturnDesk(World(tmp_path))
    desk.order("1", "10")
    desk.write()
    come_back(desk)

    def refunded() -> None:
        desk.world.clock.advance(1)
        desk.refund(refund("10", ("3", "1", "10", None)), event="r1")

    desk.papers.after = refunded
    desk.keep()
    desk.keep()
    assert [reason for reason, _ in desk.parked()] == ["returned_twice"]


def test_an_order_that_is_cancelled_while_a_refund_of_it_is_made_gives_its_goods_back_once(desk: ReturnDesk) -> None:
    come_back(desk)

    def cancelled() -> None:
        desk.made.before = lambda: None
        paper = desk.papers.shop["9001"]
        lines = tuple(replace(line, reduced=D(0)) for line in paper.lines)
        desk.papers.shop["9001"] = replace(paper, lines=lines, status="cancelled")
        desk.world.store.tell(line_changed("restored", "2", 9001, type_="restore"))

    desk.made.before = cancelled
    desk.write()
    assert desk.line().holds == desk.papers.shop["9001"].lines[0].reduced == D(0)
    assert (desk.kinds, desk.levels(), targets_of(desk)) == (["RecordSale", "VoidSale"], ("10", "10"), ("10", "10"))


def test_while_the_shop_is_away_a_refund_waits_for_it(desk: ReturnDesk) -> None:
    come_back(desk)
    desk.made.trouble = NotSent("refused")
    assert desk.keep().trouble is not None
    desk.made.trouble = None
    desk.write()
    assert len(desk.made.refunds) == 1


def test_a_till_that_cannot_be_asked_is_asked_again(desk: ReturnDesk) -> None:
    come_back(desk)
    desk.till.trouble = NoAnswer("the till is away")
    desk.write()
    assert desk.made.refunds == {}
    desk.till.trouble = None
    desk.world.clock.advance(60)
    desk.write()
    assert len(desk.made.refunds) == 1


def test_what_the_till_did_with_one_order_is_kept_in_its_order(desk: ReturnDesk) -> None:
    desk.happens(document("return", "R-2", "-10", returned=(piece(),)))
    desk.happens(document("return", "R-1", "-10", returned=(piece(),)))
    desk.till.trouble = NoAnswer("the till is away")
    desk.keep()
    desk.till.trouble = None
    assert (desk.keep().messages, desk.made.refunds) == (0, {})  # the second waits for the first
    desk.world.clock.advance(60)
    desk.write()
    assert [made.document for made in desk.made.refunds.values()] == ["R-2", "R-1"]


def test_a_return_waits_while_a_document_of_its_order_is_on_its_way(desk: ReturnDesk) -> None:
    desk.refund(refund("10", ("3", "1", "10", None)), event="r1", moved="1")
    desk.world.pos.answer(Outcome(Status.UNCERTAIN))
    desk.send()
    come_back(desk)
    desk.keep()
    assert desk.made.refunds == {}
    for _ in range(2):
        desk.world.clock.advance(60)
        desk.write()
    assert (len(desk.made.refunds), desk.kinds[1:]) == (1, ["RecordReturn", "RecordReturn"])
    assert desk.levels() == ("10", "10")


def test_what_is_stopped_while_a_document_is_read_is_not_kept_any_more(tmp_path: Path) -> None:
    desk = sold_two(tmp_path)

    def stop() -> None:
        with desk.world.sql.writing() as unit:
            unit.pause([STORE])

    come_back(desk)
    desk.papers.before = stop
    desk.keep()
    assert desk.made.calls == 0
    with desk.world.sql.writing() as unit:
        unit.resume([STORE])
    desk.write()
    assert (desk.made.calls, desk.levels()) == (1, ("9", "9"))
