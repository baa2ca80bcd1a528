"""Books that went back to a backup take over from the POS what they had told it since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from tests.core.orders import refund
from tests.flows.paper_desk import PaperDesk
from tests.flows.world import POS, STORE, World
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.documents import AmendSale, Document, DocumentLine, RecordReturn, RecordSale
from tillbridge.core.pos_papers import PosPaper, PosPaperKind, PosPaperLine
from tillbridge.core.taken import Taken, sold_and_returned
from tillbridge.crossing import cross
from tillbridge.ports import PosPapers
from tillbridge.ports.paperwork import Dossier
from tillbridge.refiling import Refiling


class Till:
    """What a till shows of the documents that it took. `refused` are the keys of those that it did not take."""

    def __init__(self, desk: PaperDesk) -> None:
        self.desk = desk
        self.refused: set[str] = set()
        self.counter: list[PosPaper] = []
        self.asked: list[str] = []

    def documents_of(self, reference: str) -> tuple[PosPaper, ...]:
        self.asked.append(reference)
        ours = {one.key: _paper(one) for one in self.desk.documents if one.key not in self.refused}
        return (*ours.values(), *self.counter)


def _paper(document: Document) -> PosPaper:
    sold, returned = (tuple(map(_line, lines)) for lines in sold_and_returned(document))
    way = 1 if isinstance(document, RecordSale | AmendSale) else -1
    paid = {one.type: way * one.amount for one in document.payments}
    at = datetime(2026, 11, 28, tzinfo=UTC)
    return PosPaper(PosPaperKind.SALE, document.key, at, "main", sold, returned, paid, key=document.key)


def _line(line: DocumentLine) -> PosPaperLine:
    return PosPaperLine(line.line, line.item, "", line.name, line.portion, line.restock)


@pytest.fixture
def desk(tmp_path: Path) -> PaperDesk:
    return PaperDesk(World(tmp_path))


@pytest.fixture
def till(desk: PaperDesk) -> Till:
    return Till(desk)


def refile(desk: PaperDesk, till: Till, *, reads: bool = True) -> bool:
    return Refiling(desk.world.sql, cast(PosPapers, till), "shop-1", desk.rules, lambda: reads)()


def go_back(desk: PaperDesk, to: Dossier) -> None:
    """The books have the dossier of then. What the POS's feed and the shop tell again is in them."""
    with desk.world.sql.writing() as unit:
        taken = to.taken.lines["3"].stock if to.taken.lines else Decimal(0)
        (line,) = unit.lines_of_orders(["9001"])
        cross(unit, unit.orders(["9001"])["9001"], [line], [replace(line, taken=taken)])
        unit.save_dossier(to)
        unit.stir_papers(["9001"])


def numbers(desk: PaperDesk) -> tuple[str, str, Sequence[Decimal], Sequence[Decimal]]:
    return desk.world.known(STORE), desk.world.known(POS), desk.stock(STORE), desk.stock(POS)


def test_a_sale_that_was_forgotten_is_not_told_again(desk: PaperDesk, till: Till) -> None:
    desk.order("2")
    before = desk.dossier()
    desk.write()
    told = desk.dossier().taken
    go_back(desk, before)
    assert refile(desk, till)
    assert (till.asked, desk.dossier().taken) == (["shop-1:9001"], told)
    desk.write()
    assert (desk.kinds, numbers(desk)) == (["RecordSale"], ("8", "8", [], []))


def test_money_that_was_paid_back_is_not_paid_back_again(desk: PaperDesk, till: Till) -> None:
    desk.order("2")
    desk.write()
    before = desk.dossier()
    desk.refund(refund("10", ("3", "1", "10", None)), event="back", moved="1")
    desk.write()
    go_back(desk, before)
    assert refile(desk, till)
    desk.write()
    assert (desk.kinds, numbers(desk)) == (["RecordSale", "RecordReturn"], ("9", "9", [], []))


def test_what_was_under_way_then_is_repeated_and_counts_once(desk: PaperDesk, till: Till) -> None:
    desk.order("2")
    desk.world.pos.answer(Outcome(Status.UNCERTAIN))
    desk.send()
    with desk.world.sql.writing() as unit:
        unit.stir_papers(["9001"])
    assert refile(desk, till)
    assert desk.dossier().taken == Taken()
    desk.world.clock.advance(60)
    desk.world.pos.answer(Outcome(Status.DUPLICATE))
    desk.write()
    assert (len({one.key for one in desk.documents}), numbers(desk)) == (1, ("8", "8", [], []))


def test_what_was_under_way_then_and_came_to_nothing_is_not_repeated(desk: PaperDesk, till: Till) -> None:
    desk.order("2")
    desk.world.pos.answer(Outcome(Status.REFUSED, reason="register_closed"))
    under_way: list[Dossier] = []
    desk.world.pos.during_apply = lambda: under_way.append(desk.dossier())
    desk.send()
    desk.world.pos.during_apply = lambda: None
    desk.change("again")
    desk.write()
    till.refused = {desk.documents[0].key}
    go_back(desk, under_way[0])
    assert refile(desk, till)
    assert desk.dossier().filing is None
    desk.write()
    assert (len(desk.documents), numbers(desk)) == (2, ("8", "8", [], []))


def test_what_the_counter_took_back_stays_its_own(desk: PaperDesk, till: Till) -> None:
    """Nobody knows whether the shop has it: that is told by the POS and found out there."""
    desk.order("2")
    desk.write()
    before = desk.dossier()
    desk.refund(refund("10", ("3", "1", "10", None)), event="back", moved="1")
    desk.write()
    back = desk.documents[1]
    assert isinstance(back, RecordReturn)
    till.counter = [replace(_paper(back), key="", number="R-7")]
    till.refused = {back.key}
    go_back(desk, before)
    assert refile(desk, till)
    assert desk.dossier().taken == before.taken


def test_while_the_till_cannot_be_read_nothing_is_taken_over(desk: PaperDesk, till: Till) -> None:
    desk.order("2")
    assert not refile(desk, till, reads=False)
    assert till.asked == []
