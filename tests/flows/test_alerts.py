"""What a person is told about many items is asked of the books for all of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import line_changed
from tests.flows.world import STORE, World
from tillbridge import alerts
from tillbridge.alerts import OVERSOLD, Telling
from tillbridge.core.findings import Finding, Limits, Seen, Verdict
from tillbridge.core.terms import Authority
from tillbridge.counting import Reading
from tillbridge.db.connect import Connection
from tillbridge.mending import Judged, Mending
from tillbridge.ports import DONE, RECONCILE


@contextmanager
def questions(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []
    real = Connection.rows

    def rows(self: Connection, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        asked.append(sql)
        return real(self, sql, values)

    with monkeypatch.context() as patch:
        patch.setattr(Connection, "rows", rows)
        yield asked


@pytest.mark.parametrize("verdict", [Verdict.BORN, Verdict.REPORTED])
def test_a_run_asks_as_often_for_many_items_as_for_few(
    world: World, monkeypatch: pytest.MonkeyPatch, verdict: Verdict
) -> None:
    world.link_many(100)
    world.clock.advance(60)
    mending = Mending(world.sql, world.sides, Authority.BOTH, Limits())
    counts = []
    for links in (range(1, 6), range(6, 101)):
        with world.sql.writing() as unit:
            run = unit.start_run(RECONCILE, "", DONE, {})
        seen = [Seen(link, STORE, "", Decimal(-5), Decimal(1000)) for link in links]
        judged = [Judged(Finding(one, verdict), Reading(one, "", world.clock.now(), moving=False)) for one in seen]
        with questions(monkeypatch) as asked:
            mending.enter(run, judged)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_orders_of_each_oversold_item_are_named(world: World) -> None:
    world.link_cup("1", "1")
    world.book(line_changed("a", "-2"))
    (told,) = world.sql.alerts(10)
    assert (told.amount, "the latest orders that hold it: 9001" in told.words) == (Decimal(1), True)


def test_of_many_tellings_each_is_told_ended_or_left_for_itself(world: World) -> None:
    world.link_many(3)
    with world.sql.writing() as unit:
        alerts.tell_all(unit, OVERSOLD, {1: Telling(Decimal(1), "one"), 2: Telling(Decimal(2), "two")})
        alerts.tell_all(unit, OVERSOLD, {1: Telling(Decimal(0)), 3: Telling(Decimal(3), "three")})
        assert unit.alerts(OVERSOLD, [1, 2, 3]) == {2: Decimal(2), 3: Decimal(3)}
