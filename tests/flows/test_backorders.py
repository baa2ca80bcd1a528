"""The shop may change its mind on which items may be sold before they are there; a count takes it over."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.builders import CUP_STORE
from tests.flows.real_shelves import Shelves
from tests.flows.world import STORE, World
from tillbridge.core.actions import AdjustStock
from tillbridge.core.terms import Terms


@pytest.fixture
def shelves(world: World) -> Shelves:
    """A shop that sold twelve of ten cups."""
    found = Shelves(world)
    found.book(found.web("a", "-12"))
    return found


def allow(shelves: Shelves, word: bool | None) -> None:  # the shop's own three words: yes, no, not told
    shelves.store.shelf = [replace(level, backorders=word) for level in shelves.store.shelf]


def terms(world: World) -> Terms:
    with world.sql.writing() as unit:
        return unit.shelves_by_link([1])[1].terms


def test_what_may_be_sold_below_zero_by_now_is_no_oversell_any_more(shelves: Shelves) -> None:
    assert [one.kind for one in shelves.world.sql.alerts(10)] == ["oversold"]
    allow(shelves, True)
    shelves.look()
    assert (terms(shelves.world).backorders, shelves.world.sql.alerts(10)) == (True, [])
    allow(shelves, False)
    shelves.look()
    assert [one.kind for one in shelves.world.sql.alerts(10)] == ["oversold"]


def test_a_shop_that_does_not_say_changes_nothing(shelves: Shelves) -> None:
    allow(shelves, True)
    shelves.look()
    allow(shelves, None)
    shelves.look()
    assert terms(shelves.world).backorders


def test_what_the_buffer_keeps_back_is_written_anew(shelves: Shelves) -> None:
    with shelves.world.sql.writing() as unit:
        (shelf,) = unit.shelves_by_link([1]).values()
        unit.save_links([replace(shelf, terms=replace(shelf.terms, buffer=Decimal(3)))])
    allow(shelves, True)
    shelves.look()
    assert (shelves.levels()[0], shelves.world.known(STORE)) == ("-5", "-5")
    last = shelves.store.actions[-1]
    assert isinstance(last, AdjustStock)
    assert last.ref == CUP_STORE
