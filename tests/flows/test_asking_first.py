"""A POS without keys is told of each document once all the same: what it has is found before it is told again."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.core.orders import refund
from tests.fakes import POS_ABILITIES, Answer, FakeSide
from tests.flows.paper_desk import DOCUMENTS, PaperDesk
from tests.flows.return_desk import FakeTill
from tests.flows.world import POS, World
from tillbridge.asking_first import AskingFirst, by_its_memory
from tillbridge.core.actions import Action, AdjustStock, Outcome, Status
from tillbridge.core.difference import Returns
from tillbridge.errors import NoAnswer, SideTrouble
from tillbridge.ports import Abilities

KEYLESS = replace(POS_ABILITIES, returns=Returns.AS_TOLD, key_memory=None)


class KeylessTill(FakeTill):
    """It records whatever it is sent, as often as it is sent, and finds it by what it noted with it."""

    def __init__(self, side: FakeSide, lost: list[Answer]) -> None:
        super().__init__()
        self.side = side
        self.lost = lost
        self.recorded: list[tuple[str, str]] = []
        self.away: SideTrouble | None = None

    @property
    def abilities(self) -> Abilities:
        return KEYLESS

    def apply(self, actions: list[Action]) -> list[Outcome]:
        for action in actions:
            assert isinstance(action, DOCUMENTS)
            self.recorded.append((action.key, action.heading.reference))
        found = self.side.apply(actions)
        return [self.lost.pop(0)] if self.lost else found  # type: ignore[list-item]

    def find_document(self, key: str, reference: str) -> Outcome:
        if self.away is not None:
            raise self.away
        if (key, reference) in self.recorded:
            return Outcome(Status.APPLIED, document="S-1")
        return Outcome(Status.NOT_FOUND)


class Desk(PaperDesk):
    """The paper desk at such a till, which loses the answers that stand in `lost`."""

    def __init__(self, world: World) -> None:
        self.lost: list[Answer] = []
        super().__init__(world)
        self.till = KeylessTill(world.pos, self.lost)
        self.relay._pos = by_its_memory(self.till, self.till)  # type: ignore[arg-type]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(World(tmp_path))


def test_a_document_whose_answer_was_lost_is_found_and_not_recorded_again(desk: Desk) -> None:
    desk.order("2")
    desk.lost.append(Outcome(Status.UNCERTAIN))
    desk.send()
    desk.world.clock.advance(60)
    desk.write()
    assert [kind for kind in desk.kinds if kind == "RecordSale"] == ["RecordSale"]
    assert (desk.dossier().taken.total, desk.world.known(POS)) == (Decimal(20), "8")


def test_every_document_is_told_that_is_not_there_yet(desk: Desk) -> None:
    desk.order("2")
    desk.write()
    desk.refund(refund("10", ("3", "1", "10", None)), event="r1", moved="1")
    desk.write()
    assert desk.kinds == ["RecordSale", "RecordReturn"]


def test_a_till_that_cannot_be_asked_is_told_nothing(desk: Desk) -> None:
    desk.till.away = NoAnswer("the till is away")
    desk.order("2")
    assert desk.send().trouble is not None
    assert desk.kinds == []
    desk.till.away = None
    desk.world.clock.advance(60)
    desk.write()
    assert desk.kinds == ["RecordSale"]


def test_a_till_that_knows_keys_is_told_at_once(tmp_path: Path) -> None:
    desk = PaperDesk(World(tmp_path))
    assert by_its_memory(desk.world.pos, FakeTill()) is desk.world.pos
    assert by_its_memory(desk.world.pos, None) is desk.world.pos


def test_what_is_no_document_is_not_asked_for(tmp_path: Path) -> None:
    side, till = FakeSide(POS, KEYLESS), FakeTill()
    told = AskingFirst(side, till)
    (outcome,) = told.apply([AdjustStock("k", "12", "main", Decimal(-1), "")])
    assert (outcome.status, told.abilities) == (Status.APPLIED, KEYLESS)
