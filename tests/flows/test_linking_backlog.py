"""First contact while the queue is long: what waits is booked page by page, and who tells us more gets in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.builders import CUP, CUP_POS, CUP_STORE, sale_in_store
from tests.flows.world import POS, STORE, World
from tillbridge.db.connect import Connection
from tillbridge.linking import EVENTS_A_TRANSACTION, Linked

PAGES = 5


@pytest.fixture
def busy(world: World) -> World:
    """A linked cup of which a long queue tells, and a mug that nobody has linked."""
    world.link_cup(store="100000", pos="100000")
    world.store.stock(CUP_STORE, CUP, "100000", "")
    world.pos.stock(CUP_POS, CUP, "100000", "main")
    world.store.stock("52", "MUG", "5", "")
    world.pos.stock("13", "MUG", "5", "main")
    world.put(*(sale_in_store(f"e{number}", "-1") for number in range(PAGES * EVENTS_A_TRANSACTION)))
    return world


class Between:
    """What happens whenever a transaction ended, and how many events waited then."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.waiting: list[int] = []
        self.tells: list[str] = []
        self._real = world.connection.write
        monkeypatch.setattr(world.connection, "write", self._write)

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._real() as db:
            yield db
        with self._real() as db:
            ((waiting,),) = db.rows("SELECT COUNT(*) FROM message WHERE state = 'ready' AND side = ''")
        self.waiting.append(int(waiting))
        if self.tells and int(waiting) < PAGES * EVENTS_A_TRANSACTION:
            ref = self.tells.pop()
            with self.world.sql.writing() as unit:
                unit.add([sale_in_store(f"pushed{ref}", "-1", ref)])


def test_what_is_told_meanwhile_is_stored_after_a_bounded_number_of_events(
    busy: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    between = Between(busy, monkeypatch)
    between.tells = [CUP_STORE]
    assert busy.linking() == Linked(linked=1, moving=0, held=0)
    booked = [before - after for before, after in zip(between.waiting, between.waiting[1:], strict=False)]
    assert max(booked) <= EVENTS_A_TRANSACTION
    assert busy.known(STORE) == str(100_000 - PAGES * EVENTS_A_TRANSACTION - 1)


def test_what_is_told_of_the_item_between_two_pages_keeps_its_opening_waiting(
    busy: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    between = Between(busy, monkeypatch)
    between.tells = ["52"]
    assert busy.linking() == Linked(linked=0, moving=1, held=0)
    busy.store.stock("52", "MUG", "4", "")
    assert busy.linking() == Linked(linked=1, moving=0, held=0)
    assert (busy.known(STORE, 2), busy.known(POS, 2)) == ("4", "5")


def test_events_are_booked_in_their_order(busy: World) -> None:
    busy.linking()
    sources = [row[0] for row in busy.rows("SELECT source FROM entry WHERE kind = 'born' ORDER BY id")]
    assert sources == [f"store:e{number}" for number in range(PAGES * EVENTS_A_TRANSACTION)]
