"""Beside the usual ways: alerts that end, a part that is refused, marks of a history, a change of authority."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.builders import free_change, line_changed, sale_in_store
from tests.fakes import POS_ABILITIES, outcomes
from tests.flows.world import POS, World
from tillbridge.core.actions import Outcome, Status
from tillbridge.core.routing import Rules
from tillbridge.core.stock import SideName
from tillbridge.core.terms import Authority
from tillbridge.db.books import SqlBooks

NEVER_BELOW_ZERO = replace(POS_ABILITIES, below_zero=False)
REMEMBERING = replace(POS_ABILITIES, key_memory=None, history=True)


def test_an_open_difference_is_over_when_the_order_is_cancelled(world: World) -> None:
    world.pos.abilities = NEVER_BELOW_ZERO
    world.link_cup("10", "0", "10")
    world.book(line_changed("a", "-2"))
    world.relay.write(POS)
    assert [one.kind for one in world.sql.alerts(10) if one.kind != "oversold"] == ["open_difference"]
    world.book(line_changed("b", "2", type_="restore"))
    world.relay.write(POS)
    assert world.sql.alerts(10) == []


@pytest.mark.parametrize("status", [Status.REFUSED, Status.NOT_FOUND])
def test_a_refusal_of_what_was_cut_at_zero_is_not_repeated_at_once(world: World, status: Status) -> None:
    world.pos.abilities = NEVER_BELOW_ZERO
    world.link_cup("10", "1", "9")
    world.book(line_changed("a", "-3"))
    world.pos.answer(*[Outcome(status, sentence="no")] * 20)
    for _ in range(10):
        world.relay.write(POS)
    assert len(world.pos.calls) == 1


def test_a_write_that_falls_due_while_nothing_was_is_not_sent_without_a_mark(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.pos.abilities, world.pos.history = REMEMBERING, "4711"
    world.link_cup()
    real = SqlBooks.next_due

    def due_a_moment_later(books: SqlBooks, side: SideName | None) -> float | None:
        due = real(books, side)
        monkeypatch.setattr(SqlBooks, "next_due", real)
        world.book(sale_in_store("a", "-2"))
        return due

    monkeypatch.setattr(SqlBooks, "next_due", due_a_moment_later)
    world.pos.answer(*outcomes(Status.UNCERTAIN))
    world.relay.write(POS)
    unsettled = world.account(POS).unsettled
    assert unsettled is None or unsettled.mark == "4711"


def test_a_held_fall_that_is_restored_after_a_change_of_authority_counts_once(world: World) -> None:
    world.link_cup()
    world.put_together(world.sql, rules=Rules(Authority.POS))
    world.book(free_change("a", "-3", before="10"))
    world.put_together(world.sql, rules=Rules(Authority.BOTH))
    world.book(free_change("b", "3", before="7"))
    world.relay.write(POS)
    assert world.known(POS) == "10"
