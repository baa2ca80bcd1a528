"""A till that loses one of two updates at once: which one, what its history shows, and what is ours of it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random

import pytest

from tests.simulation.tills.chain import overwritten
from tests.simulation.tills.floor import Row
from tests.simulation.tills.rig import Loaded, Rig, nothing
from tillbridge.core.actions import Loss, Status
from tillbridge.core.stock import ZERO
from tillbridge.till.papers import Kind

OURS_STANDS, THEIRS_STANDS = 0.0, 0.9


def played(dice: float) -> Rig:
    """Two fewer by us, while somebody sells three: of ten."""
    rig = Rig("lossy", Loaded(dice))
    rig.meanwhile.extend([nothing, rig.sell("1", 3)])
    assert rig.adjust("1", "-2").status is Status.APPLIED
    return rig


def test_the_sale_is_lost_where_our_level_stands() -> None:
    rig = played(OURS_STANDS)
    assert rig.level("1") == 8
    assert [(one.how, one.row.delta, one.row.ours) for one in rig.pos.spoilt.values()] == [
        ("overwritten", Decimal(-3), False)
    ]
    assert rig.side.lost("1", "main") == ()


def test_our_write_is_lost_where_the_sales_level_stands_and_the_history_shows_it() -> None:
    rig = played(THEIRS_STANDS)
    assert rig.level("1") == 7
    (spoilt,) = rig.pos.spoilt.values()
    assert (spoilt.how, spoilt.row.delta, spoilt.row.ours) == ("overwritten", Decimal(-2), True)
    assert rig.side.lost("1", "main") == (Loss(spoilt.row.id, Decimal(-2)),)
    assert rig.side.lost("1", "annex") == rig.side.lost("2", "main") == ()


@pytest.mark.parametrize("dice", [OURS_STANDS, THEIRS_STANDS])
def test_both_stay_in_the_history_and_in_the_feed(dice: float) -> None:
    rig = played(dice)
    events, _ = rig.heard("3")
    assert sorted(event.movements[0].delta for event in events) == [-3, -2]
    assert {event.movements[0].before for event in events} == {Decimal(10)}
    assert rig.side.find(rig.trace("1", "-2", "3", "key-0")).status is Status.APPLIED


@pytest.mark.parametrize("dice", [OURS_STANDS, THEIRS_STANDS])
def test_nothing_is_lost_where_nobody_else_moved_that_level(dice: float) -> None:
    rig = Rig("lossy", Loaded(dice))
    rig.meanwhile.extend([rig.sell("1", 1), rig.sell("2", 1), rig.sell("1", 1)])
    rig.adjust("1", "-2")
    assert (rig.level("1"), rig.level("2")) == (6, 9)
    assert not rig.pos.spoilt


@pytest.mark.parametrize(("dice", "level", "spoilt"), [(THEIRS_STANDS, 4, False), (OURS_STANDS, 8, True)])
def test_a_count_at_the_till_stands_as_it_was_counted_or_is_lost(dice: float, level: int, spoilt: bool) -> None:
    rig = Rig("lossy", Loaded(dice))
    rig.meanwhile.extend([nothing, lambda: rig.ring(Kind.COUNT, "1", 4)])
    rig.adjust("1", "-2")
    assert rig.level("1") == level
    assert bool(rig.pos.spoilt) is spoilt


@pytest.mark.parametrize("dice", [OURS_STANDS, THEIRS_STANDS])
def test_a_lost_write_that_is_made_again_is_there_and_the_loss_is_told_no_more_than_once(dice: float) -> None:
    rig = played(dice)
    before = rig.side.lost("1", "main")
    rig.ring(Kind.DELIVERY, "1", 5)
    held = rig.level("1")
    rig.adjust("1", "-2")
    assert rig.level("1") == held - 2
    assert rig.side.lost("1", "main") == before


@pytest.mark.parametrize(("dice", "level"), [(OURS_STANDS, 8), (THEIRS_STANDS, 7)])
def test_the_pos_goes_on_when_the_one_who_asked_is_gone(dice: float, level: int) -> None:
    rig = Rig("lossy", Loaded(dice))

    def die() -> None:
        rig.ring(Kind.SALE, "1", 3)
        raise KeyboardInterrupt

    rig.meanwhile.extend([nothing, die])
    with pytest.raises(KeyboardInterrupt):
        rig.adjust("1", "-2")
    assert rig.level("1") == level
    assert len(rig.pos.spoilt) == 1


def test_a_level_is_what_the_history_says_less_what_was_lost() -> None:
    """A long random day: level = first level + Σ rows − Σ spoilt, and what is lost of ours is exactly what is shown."""
    for seed in range(60):
        dice = Random(seed)
        rig = Rig("lossy", dice)
        for _ in range(40):
            rig.meanwhile.extend(_anything(rig, dice) for _ in range(3))
            if dice.random() < 0.6:
                rig.adjust("1", str(dice.choice((-2, -1, 1, 2, 3))))
            rig.meanwhile.clear()
            _anything(rig, dice)()
        events, _ = rig.heard("3")
        moved = sum((move.delta for event in events for move in event.movements if move.ref == "1"), ZERO)
        spoilt = [one.row for one in rig.pos.spoilt.values()]
        lost = sum((row.delta for row in spoilt), ZERO)
        assert rig.level("1") == 10 + moved - lost, seed
        assert {one.id for one in rig.side.lost("1", "main")} == {row.id for row in spoilt if row.ours}, seed


def _anything(rig: Rig, dice: Random) -> Callable[[], None]:
    deliver = lambda: rig.ring(Kind.DELIVERY, "1", 2)  # noqa: E731
    choices: list[Callable[[], None]] = [nothing, rig.sell("1", dice.randint(1, 3)), deliver]
    return dice.choice(choices)


def rows(*pairs: tuple[int, int]) -> list[Row]:
    """Rows of one level from pairs of before and delta."""
    return [
        Row(n, 0, "1", "main", Decimal(before), Decimal(delta), False, "sale")
        for n, (before, delta) in enumerate(pairs, 1)
    ]


@pytest.mark.parametrize(
    ("history", "lost"),
    [
        ([], []),
        ([(5, 1)], []),
        ([(5, 1), (6, -2), (4, 1)], []),
        ([(5, 1), (5, -1)], [1]),
        ([(5, 1), (6, -1), (5, 3)], []),
        ([(5, 1), (6, 2), (8, 1), (6, -1)], [2, 3]),
        ([(5, 1), (6, 2), (5, -1)], [1, 2]),
        ([(5, 1), (9, 2), (11, -1)], []),
        ([(5, 1), (5, 2), (7, 1), (7, 4)], [1, 3]),
    ],
)
def test_what_a_newer_row_is_not_built_on_was_overwritten(history: list[tuple[int, int]], lost: list[int]) -> None:
    assert [row.n for row in overwritten(rows(*history))] == lost
